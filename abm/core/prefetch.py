"""`prefetch(array, index)`: tell the memory what a loop will need a few turns later. It changes no result.

On a large section a cell's site, block and neighbors lie anywhere in 60 MB, and a core that asks for a word only when
it needs it waits for 100 ns (measured; 17 ns where all fits in the cache of 2 mm x 2 mm). Asked for ahead, the words
come while it works on the cells before.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

LINE = 64  # bytes of a cache line


class _AskFor:
    """A hint: nothing where Python interprets it, one instruction in compiled code."""

    def __call__(self, array: np.ndarray, index: int) -> None:
        """Do nothing: only a processor has use for it."""

    @functools.cached_property
    def _numba_type_(self) -> Any:
        """What numba takes it for where it stands in code that is compiled."""
        from numba.core.registry import cpu_target

        context, made = cpu_target.typing_context, _prefetch()
        context.refresh()
        return context.resolve_value_type(made)


def _prefetch() -> Any:
    from numba.core import cgutils, types
    from numba.extending import intrinsic
    from numba.np.arrayobj import make_array

    @intrinsic
    def generate_prefetch(typing_context: Any, array: Any, index: Any) -> Any:  # noqa: ARG001
        """Bring array[index], counted flat, nearer; llvm.prefetch(address, 0 to read, 3 to keep it near, 1 as data)."""

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = make_array(signature.args[0])(context, builder, arguments[0])
            offset = builder.mul(arguments[1], data.itemsize)
            address = cgutils.pointer_add(builder, data.data, offset, cgutils.voidptr_t)
            codes = [cgutils.int32_t(code) for code in (0, 3, 1)]
            kind = cgutils.ir.FunctionType(cgutils.ir.VoidType(), [cgutils.voidptr_t, *[cgutils.int32_t] * 3])
            function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
            builder.call(function, [address, *codes])
            if isinstance(signature.args[0].dtype, types.Record):  # which mostly lies in two cache lines
                builder.call(function, [builder.gep(address, [cgutils.intp_t(LINE)]), *codes])
            return context.get_dummy_value()

        return types.void(array, types.intp), generate

    return generate_prefetch


prefetch = _AskFor()
