"""`@compiled`: a plain Python function, compiled by numba and kept on disk.

numba makes constants of what a function reads of its module. Where that is replaced, all is compiled again at the next
call, and nothing of it is kept on disk (`abm.core.kernels.replaced`).

A user's function may take the place of a law within one model (`abm.core.kernels.in_force`). Then only kernels that
call this law, directly or not, are compiled for it, and kept on disk under names of their own; all others are shared.

numba is imported when a compiled function is first called: whoever only reads parameters, or checks a scenario, does
not wait for it. `NUMBA_DISABLE_JIT=1` runs the same source interpreted and gives the same bits.
"""

from __future__ import annotations

import functools
import os
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any, TypeVar, cast

from abm.core.kernels import imported, replaced
from abm.core.kernels.floors import is_of_floor
from abm.core.kernels.in_force import NONE, InForce, in_force, put_in_force

Function = TypeVar("Function", bound=Callable[..., object])

_laws = {"mark": ""}
_kernels: weakref.WeakSet[Kernel] = weakref.WeakSet()


class Kernel:
    """A function that is compiled for each new combination of argument types; another kernel may call it.

    Args:
        function: the plain function.
        signature: its only types, to which arguments are converted; by default whatever it is called with.
        inlined: whether it stands in the place of its calls, see `inlined`.
        counts: whether it counts references to arrays, see `uncounted`.
    """

    __wrapped__: Callable[..., object]  # the plain function

    def __init__(
        self, function: Callable[..., object], signature: str | None = None, inlined: bool = False, counts: bool = True
    ) -> None:
        """Keep the function, and look like it."""
        functools.update_wrapper(self, function)
        _kernels.add(self)
        self._signature = signature
        # What is not set here, numba takes from whichever kernel has this one compiled.
        self._options = {"_nrt": counts} | ({"forceinline": True} if inlined else {})
        self._made: dict[tuple[str, str], Any] = {}  # by "dispatcher" or "inner", and the mark of the laws in force

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Run it compiled."""
        return self.dispatcher(*arguments, **named)

    def __reduce__(self) -> str:
        """Pickled by its name, as a function is."""
        return self.__wrapped__.__qualname__

    @property
    def dispatcher(self) -> Any:
        """What Python calls under the laws in force; one and the same also where two threads ask for it first."""
        return self._under("dispatcher")

    @property
    def inner(self) -> Any:
        """What other kernels call: without the code that unpacks Python objects, which takes longest to compile."""
        return self._under("inner")

    def _under(self, kind: str) -> Any:
        key = kind, in_force().mark
        found = self._made.get(key)
        return self._made.setdefault(key, self._make(kind)) if found is None else found

    def _make(self, kind: str) -> Any:
        laws = in_force()
        if laws.mark and not self._follows(laws):
            with put_in_force(NONE):
                return self._under(kind)
        function = laws.functions.get(self._address, self.__wrapped__)
        suffix = ("_inner" if kind == "inner" else "") + (f"_{laws.mark}" if laws.mark else "")
        if suffix:
            function = _namesake(function, suffix)  # numba keeps what it compiles on disk by this name
        options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **self._options} if kind == "inner" else {}
        return _dispatcher(function, self._signature, **options)

    def under_another_name(self, suffix: str) -> Kernel:
        """The same kernel, whose name is longer: no user's function takes its place."""
        inlined = "forceinline" in self._options
        return Kernel(_namesake(self.__wrapped__, suffix), self._signature, inlined, self._options["_nrt"])

    @property
    def _address(self) -> tuple[str, str]:
        return self.__module__, self.__wrapped__.__qualname__

    @functools.cached_property
    def _calls(self) -> tuple[Kernel, ...]:
        """The kernels that it names."""
        return tuple(value for value in replaced.values_read(self.__wrapped__) if isinstance(value, Kernel))

    def _follows(self, laws: InForce) -> bool:
        """Whether one of these laws is this kernel, or one that it calls, directly or not."""
        found, left = set[Kernel](), {self}
        while left:
            found.add(one := left.pop())
            left |= {*one._calls} - found
        return any(kernel._address in laws.functions for kernel in found)

    def forget(self) -> None:
        """Compile or load again at the next call."""
        self._made.clear()
        self.__dict__.pop("_calls", None)

    @property
    def _numba_type_(self) -> Any:
        """What numba takes it for where it stands in code that is compiled."""
        return self.inner._numba_type_


def _namesake(function: Callable[..., Any], suffix: str) -> Callable[..., object]:
    """The same function under a longer name."""
    parts = function.__globals__, function.__name__, function.__defaults__, function.__closure__
    twin = types.FunctionType(function.__code__, *parts)
    twin.__qualname__, twin.__module__ = function.__qualname__ + suffix, function.__module__
    return twin


def _dispatcher(function: Callable[..., object], signature: str | None, **options: bool) -> Any:
    import numba

    # Measured on the whole model: level 1 compiles in two thirds of the time of numba's level 3 and runs as fast (the
    # loops are vectorized at either level).
    if "NUMBA_OPT" not in os.environ:
        numba.config.OPT = type(numba.config.OPT)(1)
    made = numba.njit(nogil=True, error_model="numpy", **options)(function)
    if _can_be_kept(function):
        from abm.core.kernels.disk_cache import DiskCache

        told = f"{signature} {sorted(options.items())}"
        made._cache = DiskCache(cast("types.FunctionType", function), told, is_as_imported)
    if signature is not None:
        made.compile(signature)
        made.disable_compile()
    return made


def _can_be_kept(function: Callable[..., object]) -> bool:
    """Whether this is a function of the package, and nothing that a kernel reads was replaced as far as is known."""
    own = function.__module__
    return own in imported.held() and "<locals>" not in function.__qualname__ and not _laws["mark"]


def is_as_imported(own: str) -> bool:
    """Whether nothing that a kernel of the module `own` reads was replaced since the import: it may be kept on disk."""
    return not _law_changes(own)


def _law_changes(own: str = "") -> list[replaced.ReplacedPart]:
    """What was replaced of what kernels read; `own`: a module above the model's floors."""
    return [change for change in _floor_changes(own) if _is_read(change.module, change.name)]


def _floor_changes(own: str = "") -> list[replaced.ReplacedPart]:
    """What was replaced since the import in modules whose kernels make up the model, and in `own`."""
    return replaced.changes(within=lambda module: is_of_floor(module) or module == own)


def _is_read(module: str, name: str) -> bool:
    return interpreted() or any(replaced.read_by_kernel(sys.modules[module], name, kernel) for kernel in list(_kernels))


def check_laws() -> None:
    """Have compiled code follow what was replaced in memory, also where no module noticed it.

    Raises:
        ReplacedError: it would act in a part of the model only.
    """
    found = _floor_changes()
    replaced.check(found, not interpreted())
    mark = replaced.mark_of([change for change in found if _is_read(change.module, change.name)])
    if mark != _laws["mark"]:
        _forget(mark)


def laws() -> str:
    """Digest of the laws and constants of one's own that compiled code follows; empty where there are none."""
    return _laws["mark"]


def _forget_changed(module: types.ModuleType, name: str) -> None:
    """Drop all compiled code if a kernel reads what was set: it holds what that was before."""
    if not is_of_floor(module.__name__):
        for kernel in list(_kernels):
            if kernel.__module__ == module.__name__:
                kernel.forget()
    elif _is_read(module.__name__, name):
        _forget(replaced.mark_of(_law_changes()))


def _forget(mark: str) -> None:
    for kernel in list(_kernels):
        kernel.forget()
    _laws["mark"] = mark


def compiled(function: Function) -> Function:
    """Compile `function` on first use, keep it on disk, release the GIL while it runs."""
    return function if interpreted() else cast("Function", Kernel(function))


def inlined(function: Function) -> Function:
    """The same for what a loop calls for every cell: compiled into the loop, and without counting references.

    A call passes ten words an array; with the counting, this took a sixth of migration and a third of phagocytosis and
    activation. The same limits apply as in `uncounted`.
    """
    return function if interpreted() else cast("Function", Kernel(function, inlined=True, counts=False))


def uncounted(function: Function) -> Function:
    """The same as `compiled`, without counting references to arrays, for what a step calls many times.

    numba counts every array of a tissue in and out again at each call, an atomic operation each time; together they
    took a third of the time of a section of 1 mm2. Such a function may not make an array (numba refuses) nor return
    one, nor call a kernel that does: it would never be freed (`tests/core/test_compiled.py` looks).
    """
    return function if interpreted() else cast("Function", Kernel(function, counts=False))


def compiled_for(signature: str) -> Callable[[Function], Function]:
    """The same, for these types only, to which arguments are converted: `@compiled_for("float64(int64, int64)")`.

    For small functions called with many kinds of integers, each of which would else be compiled for.
    """

    def of(function: Function) -> Function:
        return function if interpreted() else cast("Function", Kernel(function, signature))

    return of


def interpreted() -> bool:
    """Whether the kernels run as plain Python (`NUMBA_DISABLE_JIT=1`)."""
    try:
        return int(os.environ.get("NUMBA_DISABLE_JIT", "0")) != 0
    except ValueError:  # to numba, too, it is not set then
        return False


imported.hear(_forget_changed)

if interpreted():
    import numpy as np

    np.seterr(over="ignore")  # 64-bit hashing wraps around on purpose
