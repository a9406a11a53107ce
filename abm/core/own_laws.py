"""Functions of a user in the place of built-in laws, for the models of one scenario."""

from __future__ import annotations

import functools
import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module

from abm.core.compiled import interpreted
from abm.core.kernels.in_force import NONE, InForce, put_in_force
from abm.core.kernels.replaced import ReplacedError
from abm.core.own_function import OwnFunction


@dataclass(frozen=True)
class OwnLaw:
    """A function of a user in the place of a built-in law.

    Attributes:
        name: of the law, as `embers rules` shows it, up to the first dot.
        module: of the package, in which the law is.
        function: what takes its place.
        recorded: whether this was read from a file: it can be shown and compared, but is never run.
    """

    name: str
    module: str
    function: OwnFunction
    recorded: bool = field(default=False, compare=False, repr=False)

    @property
    def digest(self) -> str:
        """Digest of its source and of the numbers that it reads (16 hex digits)."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def laws_of(laws: tuple[OwnLaw, ...]) -> AbstractContextManager[None]:
    """Let these functions, and no others, act within this block.

    Raises:
        ReplacedError: one of them was read from a file, its law was replaced in memory, or nothing is compiled.
    """
    for law in laws:
        if law.recorded:
            raise ReplacedError(
                f"the function for law {law.name} was read from a file, and what a file says is never run: pass the "
                "function again with scenario.with_law"
            )
        if _address(getattr(import_module(law.module), law.name, None)) != (law.module, law.name):
            raise ReplacedError(f"the law {law.name} was replaced in memory; a user's function cannot do so, too")
    if laws and interpreted():
        raise ReplacedError(INTERPRETED)
    return put_in_force(_in_force(laws) if laws else NONE)


def _address(law: object) -> tuple[object, object]:
    """Where a law was defined."""
    return getattr(law, "__module__", None), getattr(law, "__qualname__", None)


@functools.cache
def _in_force(laws: tuple[OwnLaw, ...]) -> InForce:
    mark = hashlib.sha256(" ".join(sorted(law.digest for law in laws)).encode()).hexdigest()[:16]
    return InForce(mark, {(law.module, law.name): law.function.made() for law in laws})


INTERPRETED = "a user-defined law works only in compiled code: unset NUMBA_DISABLE_JIT"
