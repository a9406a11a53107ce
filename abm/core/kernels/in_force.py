"""The user functions that currently replace built-in laws, per thread.

No module is changed: a kernel asks here, when it is called and when it is compiled, and keeps what it compiles by the
mark of what is in force. So models with laws of their own and others can alternate in one process, and threads do not
interfere. (Changing the attribute of a module would act in every model of the process, and compile all of them again.)
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class InForce(NamedTuple):
    """Functions in the place of laws.

    Attributes:
        mark: digest of them all; empty where there are none.
        functions: by the module and name of the law.
    """

    mark: str
    functions: Mapping[tuple[str, str], types.FunctionType]


NONE = InForce("", {})
_now: ContextVar[InForce] = ContextVar("laws", default=NONE)

in_force = _now.get


@contextmanager
def put_in_force(laws: InForce) -> Iterator[None]:
    """Let these functions, and no others, take the place of laws within this block."""
    before = _now.set(laws)
    try:
        yield
    finally:
        _now.reset(before)
