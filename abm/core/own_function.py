"""A user's function as text and plain values, from which it is made again: in a worker, in a later process.

What runs is always made from this text. So it is what digests, records and messages say, wherever it was written: in a
script, a module or a notebook. Nothing else of the user's process has to be there.
"""

from __future__ import annotations

import ast
import dis
import hashlib
import inspect
import math
import textwrap
import types
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple

from abm.core.compiled import Kernel
from abm.core.kernels.imported import held

ALLOWED = "numbers, functions made by def, math, numpy, and parts of the package"
LIBRARIES = ("math", "numpy")
JUMPS = frozenset((*dis.hasjrel, *dis.hasjabs))


class OwnFunctionError(ValueError):
    """A function that cannot be kept as text; `problem`, and `hint`: what to do."""

    def __init__(self, problem: str, hint: str = "") -> None:
        """Say what is wrong."""
        super().__init__(problem, hint)
        self.problem, self.hint = problem, hint


class OwnFunction(NamedTuple):
    """A function as plain data.

    Attributes:
        name: as in its `def`.
        source: its text, as it was written.
        reads: what it reads from outside, by name, in order: a number as its type and value; a part of a library or of
            the package as "import", module and name ("" for the module itself); a function as "function" and itself.
        closed_over: which of these names belong to a function around it.
    """

    name: str
    source: str
    reads: tuple[tuple[str, tuple[Any, ...]], ...]
    closed_over: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """First line of its docstring; empty where it has none."""
        text = ast.get_docstring(_definition(self.source)) or ""
        return text.partition("\n")[0].strip()

    def made(self) -> types.FunctionType:
        """Rebuild the function from its text; laws of the package that it calls are the built-in ones."""
        definition: Any = _definition(self.source)
        definition.decorator_list, definition.returns, definition.args.defaults = [], None, []
        for argument in definition.args.args:
            argument.annotation = None
        around: Any = ast.parse(f"def around({', '.join(self.closed_over)}):\n    return {self.name}").body[0]
        around.body.insert(0, definition)
        module = ast.fix_missing_locations(ast.Module([around if self.closed_over else definition], []))
        values = {name: _value(read) for name, read in self.reads}
        outside = {name: value for name, value in values.items() if name not in self.closed_over}
        exec(compile(module, f"<function {self.name}>", "exec", dont_inherit=True), outside)
        inside = [values[name] for name in self.closed_over]
        made: types.FunctionType = outside["around"](*inside) if inside else outside[self.name]
        digest = hashlib.sha256(repr(self).encode()).hexdigest()[:16]
        made.__module__, made.__qualname__ = "builtins", f"{self.name}_{digest}"  # by which compiled code is known
        return made


def plain_function(given: object) -> types.FunctionType | None:
    """The plain function that is given, also one that was compiled; None for anything else."""
    inside = given.__wrapped__ if isinstance(given, Kernel) else getattr(given, "py_func", given)
    return inside if isinstance(inside, types.FunctionType) else None


def own_function(function: types.FunctionType, within: tuple[types.FunctionType, ...] = ()) -> OwnFunction:
    """A function, and all that it reads, as plain data.

    Args:
        function: made by `def`.
        within: the functions that call it, where it is not the user's law itself.

    Raises:
        OwnFunctionError: its source is not available, or it reads what cannot be kept.
    """
    source = _source(function)
    closed_over = function.__code__.co_freevars
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    values = {name: function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__}
    values |= dict(zip(closed_over, cells, strict=True))
    reads = tuple((name, _read(name, values[name], (*within, function))) for name in sorted(values))
    made = OwnFunction(function.__name__, source, reads, closed_over)
    if _shape(made.made().__code__) != _shape(function.__code__):
        raise OwnFunctionError("no longer matches its source file", "the file was edited: import it again")
    return made


def _definition(source: str) -> ast.FunctionDef:
    """Its `def`; text that holds anything else is refused.

    Raises:
        OwnFunctionError: it is a lambda, or a part of something else.
    """
    hint = "write it as a function of its own, with def"
    try:
        first, *others = ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        raise OwnFunctionError("is not a function made by def", hint) from error
    if others or not isinstance(first, ast.FunctionDef):
        raise OwnFunctionError("is not a function made by def", hint)
    return first


def _source(function: types.FunctionType) -> str:
    if function.__name__ == "<lambda>":
        raise OwnFunctionError("is a lambda", "write it as a function of its own, with def")
    try:
        if function.__code__.co_filename == "<string>":  # of exec; Python 3.13 finds another text under this name
            raise OSError("no file")
        source = textwrap.dedent(inspect.getsource(function.__code__))
    except (OSError, TypeError) as error:
        hint = "write it in a file or a cell of a notebook: its source text is part of the address of a run"
        raise OwnFunctionError("has no source that can be read", hint) from error
    if _definition(source).name != function.__name__:
        raise OwnFunctionError("no longer matches its source file", "the file was edited: import it again")
    return source


def _names(code: types.CodeType) -> set[str]:
    """Names that this code looks up outside of it."""
    found = {str(one.argval) for one in dis.get_instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return found.union(*(_names(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)))


def _shape(code: types.CodeType) -> list[tuple[str, Any]]:
    """What two codes of the same text share, wherever that stands.

    Python calls a part of a module in another way where it sees the import of this module.
    """
    found: list[tuple[str, Any]] = []
    for one in dis.get_instructions(code):
        if one.opname not in ("PUSH_NULL", "PRECALL", "CACHE", "EXTENDED_ARG"):
            name = "LOAD_ATTR" if one.opname == "LOAD_METHOD" else one.opname
            value = _shape(one.argval) if isinstance(one.argval, types.CodeType) else repr(one.argval)
            found.append((name, None if one.opcode in JUMPS else value))
    return found


def _read(name: str, value: Any, within: tuple[types.FunctionType, ...]) -> tuple[Any, ...]:
    """What a name stands for, as plain data.

    Raises:
        OwnFunctionError: it cannot be kept.
    """
    if type(value).__module__ == "numpy" and hasattr(value, "item"):  # numpy is not loaded for this
        value = value.item() if getattr(value, "ndim", 1) == 0 else value
    if type(value) in (bool, int, float):
        if not math.isfinite(value):
            raise OwnFunctionError(f"reads {name} = {value}, which is not a finite number")
        return type(value).__name__, value
    if isinstance(value, types.ModuleType) and (value.__name__ in LIBRARIES or value.__name__ in held()):
        return "import", value.__name__, ""
    for module in (*LIBRARIES, getattr(value, "__module__", None)):
        own = getattr(value, "__name__", None)
        if isinstance(own, str) and module in (*LIBRARIES, *held()) and _part(module, own) is value:
            return "import", module, own
    function = plain_function(value)
    if function is None:
        raise OwnFunctionError(f"reads {name}, a {type(value).__name__}", f"it may read {ALLOWED}")
    if function in within:
        raise OwnFunctionError(f"is recursive: it calls {name}, which leads back to it")
    return "function", own_function(function, within)


def _value(read: tuple[Any, ...]) -> Any:
    kind, value, *rest = read
    if kind == "function":
        return Kernel(value.made())
    if kind != "import":
        return value
    found = _part(value, rest[0]) if rest[0] else import_module(value)
    if isinstance(found, types.ModuleType) and value not in LIBRARIES:
        copied = types.ModuleType(value)
        vars(copied).update((name, _built_in(one)) for name, one in vars(found).items())
        return copied
    return _built_in(found)


def _built_in(value: Any) -> Any:
    """A law of the package under a name that no function of a user takes: else this would call itself in its place."""
    return value.under_another_name("_built_in") if isinstance(value, Kernel) else value


def _part(module: str, name: str) -> Any:
    return getattr(import_module(module), name, None)


def lines(function: OwnFunction) -> Iterator[str]:
    """Its text and what it reads, for people."""
    yield from function.source.rstrip("\n").splitlines()
    if function.reads:
        yield ""
    for name, (kind, *value) in function.reads:
        if kind == "function":
            yield from (f"reads {name}:", *lines(value[0]))
        else:
            yield f"reads {name} = {'.'.join(part for part in value if part) if kind == 'import' else value[0]}"
