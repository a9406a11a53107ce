"""What numba asks for compiled code before it compiles, and hands it to afterwards: our own cache in place of its own.

numba's cache sees only edits of the file a function stands in, fails on a damaged file, needs a folder it can write
to, and two processes that compile one function for two types at once can exchange their files.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import types
from collections.abc import Callable
from typing import Any

import numba
from numba.core import config
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from abm.core.kernels.floors import is_of_floor
from abm.core.kernels.imported import PACKAGE, source
from abm.core.kernels.kernel_cache import folders, keep, load, say_compiling

LONGEST = "schedule.advance"  # a step: what calls all the others
SETTINGS = ("OPT", "BOUNDSCHECK", "DEBUGINFO_DEFAULT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "ENABLE_AVX")


class DiskCache(_Cache):
    """Compiled code of one function of the package.

    Args:
        function: the function.
        options: how it is compiled.
        may_use: whether what it reads is as imported; told its module.
    """

    def __init__(self, function: types.FunctionType, options: str, may_use: Callable[[str], bool]) -> None:
        """Know the function by its place, its source as imported and its options."""
        relative = os.path.relpath(function.__code__.co_filename, PACKAGE).replace(os.sep, "/")
        module = function.__module__.rpartition(".")[2]
        self._name = f"{module}.{function.__qualname__}"
        self._is_longest = f"{module}.{function.__name__}" == LONGEST  # also under a name of its own, for a user's law
        self._is_above = not is_of_floor(function.__module__)
        self._module, self._may_use = function.__module__, may_use
        settings = [getattr(config, name, None) for name in SETTINGS]
        code = hashlib.sha256(function.__code__.co_code).hexdigest()
        of_file = hashlib.sha256(source(relative)).hexdigest()
        self._address = (numba.__version__, relative, of_file, function.__qualname__, code, options, repr(settings))

    @property
    def cache_path(self) -> str:
        """The folder that comes first."""
        return str(next(iter(folders()), ""))

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled code for these types, or None: then numba compiles."""
        target_context.refresh()
        name, key = self._place(sig, target_context.codegen())
        content = load(name)
        if content is None and self._is_longest:
            say_compiling()
        if content is None or (self._is_above and not self._may_use(self._module)):
            return None
        try:
            of, reduced = pickle.loads(content)
            return CompileResult._rebuild(target_context, *reduced) if of == key else None
        except Exception:  # numba and LLVM raise anything at what they do not know; compiling anew is always right
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep compiled code for these types."""
        if data.lifted or data.library.has_dynamic_globals or not self._may_use(self._module):
            return
        name, key = self._place(sig, data.codegen)
        keep(name, dumps((key, data._reduce())))

    def enable(self) -> None:
        """Do nothing: it always is."""

    def disable(self) -> None:
        """Do nothing: it never is."""

    def flush(self) -> None:
        """Do nothing: what is kept is right."""

    def _place(self, sig: Any, codegen: Any) -> tuple[str, str]:
        """The name of the file, and what it must be of: function, types, processor."""
        key = repr((self._address, sig, codegen.magic_tuple()))
        return f"{self._name}-{hashlib.sha256(key.encode()).hexdigest()[:24]}.kernel", key
