"""`content_of(value)`: a text that is equal for two values only if they do the same in a calculation."""

from __future__ import annotations

import hashlib
import os
import sys
import types
from typing import Any

from abm.core.kernels.imported import held

PROCESS = os.urandom(8).hex()  # marks what only this process knows
PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))
KNOWN = frozenset({"numpy", "numba", *sys.stdlib_module_names})  # of known versions: their names say what they do


def content_of(value: Any, seen: frozenset[int] = frozenset()) -> str:
    """Text of numbers, containers, arrays and functions with all that they call; of others one of this process only."""
    if isinstance(value, PLAIN):
        return f"{type(value).__name__} {value!r}"
    if id(value) in seen:
        return "itself"
    return _of_container(value, seen | {id(value)}) or _of_object(value, seen | {id(value)})


def _of_container(value: Any, seen: frozenset[int]) -> str:
    """Text of what holds other values; empty if this is none."""
    if isinstance(value, (tuple, list)):
        return f"{type(value).__name__} [{', '.join(content_of(item, seen) for item in value)}]"
    if isinstance(value, (set, frozenset)):
        return f"set {sorted(content_of(item, seen) for item in value)}"
    if isinstance(value, dict):
        return f"dict {[(content_of(key, seen), content_of(item, seen)) for key, item in value.items()]}"
    if hasattr(type(value), "tobytes") and hasattr(type(value), "dtype"):
        return f"array {value.dtype!r} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    return ""


def _of_object(value: Any, seen: frozenset[int]) -> str:
    if isinstance(value, types.CodeType):
        return _of_code(value, seen)
    if isinstance(value, types.FunctionType):
        return _of_function(value, seen)
    wrapped = getattr(value, "__wrapped__", None) or getattr(value, "py_func", None)  # a kernel, or one of numba
    if isinstance(wrapped, types.FunctionType):
        options = [getattr(value, name, None) for name in ("_signature", "_options")]
        return f"{type(value).__name__} {content_of(options)} {_of_function(wrapped, seen)}"
    module = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    named = isinstance(value, (type, types.ModuleType, types.BuiltinFunctionType))
    if named and isinstance(module, str) and (module in held() or module.partition(".")[0] in KNOWN):
        return f"{type(value).__name__} {module} {getattr(value, '__qualname__', '')}"
    return f"of process {PROCESS}: {type(value).__name__} at {id(value)}"


def _of_code(code: types.CodeType, seen: frozenset[int]) -> str:
    shape = (code.co_argcount, code.co_kwonlyargcount, code.co_flags)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return f"code {shape} {names} {code.co_code.hex()} {content_of(code.co_consts, seen)}"


def _of_function(function: types.FunctionType, seen: frozenset[int]) -> str:
    """Its code and defaults, what it closes over, and what it reads of a module that is none of the package."""
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    inside = (function.__defaults__, function.__kwdefaults__, cells)
    used = {}
    if function.__module__ not in held():
        names = sorted(names_in(function.__code__) & function.__globals__.keys())
        used = {name: function.__globals__[name] for name in names}
    return f"{_of_code(function.__code__, seen)} {content_of(inside, seen)} {content_of(used, seen)}"


def names_in(code: types.CodeType) -> set[str]:
    """Every global name or attribute that this code reads."""
    inner = (names_in(constant) for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*inner)
