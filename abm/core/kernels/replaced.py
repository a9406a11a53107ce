"""What was replaced in memory since the import: laws and constants of one's own.

A law may be replaced: `abm.rules.dormancy.occupancy = mine`. Such a process computes something else than its source
says, so its results have an address of their own (`mark_of`), and what it compiles is not kept on disk. What would act
in a part of the model only is refused (`check`).
"""

from __future__ import annotations

import builtins
import functools
import hashlib
import operator
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from abm.core.kernels.content import content_of, names_in
from abm.core.kernels.imported import NAME, PACKAGE, held, parts, source

GONE = object()
MACHINERY = (f"{NAME}.core.compiled", f"{NAME}.core.kernels.")  # keeps notes of its own, and is no law
BUILTINS = frozenset(dir(builtins))


class ReplacedError(RuntimeError):
    """A law or a constant was replaced in a way that the model cannot follow as a whole."""


class ReplacedPart(NamedTuple):
    """A part of a module that is not what it was when the module was imported."""

    module: str
    part: str
    was: Any
    now: Any

    @property
    def name(self) -> str:
        """The name in the module that it belongs to."""
        return self.part.partition(".")[0]

    def __str__(self) -> str:
        """Where it is."""
        return f"{self.module}.{self.part}"


def changes(within: Callable[[str], bool]) -> list[ReplacedPart]:
    """Everything that differs from what was imported, by module.

    Args:
        within: which modules are looked at, told their full names.
    """
    found = []
    for name, before in list(held().items()):
        module = sys.modules.get(name)
        if module is None or name.startswith(MACHINERY) or not within(name) or _is_untouched(name, before, module):
            continue
        found += _compared(name, before, dict(parts(module)))
    return found


def mark_of(found: list[ReplacedPart]) -> str:
    """Digest of these changes; empty where there are none."""
    told = "\n".join(sorted(f"{change}: {_content(change.now)}" for change in found))
    return hashlib.sha256(told.encode()).hexdigest() if told else ""


def check(found: list[ReplacedPart], compiled: bool) -> None:
    """Refuse changes that would act in a part of the model only.

    Raises:
        ReplacedError: it says what to do.
    """
    for change in found:
        if change.part != change.name or not _is_home(change):
            continue
        if compiled and hasattr(change.was, "dispatcher") and isinstance(change.now, types.FunctionType):
            raise ReplacedError(
                f"{change} was replaced by a plain function, which compiled code cannot call: "
                "decorate it with `compiled` of abm.core.compiled."
            )
        others = [f"{module}.{name}" for module, name in _holders(change)]
        if others:
            raise ReplacedError(
                f"{change} was replaced, but {', '.join(others)} still holds what it was: replace that too, "
                "or edit the source and start anew."
            )


def read_by_kernel(module: types.ModuleType, name: str, kernel: Any) -> bool:
    """Whether a kernel reads this name of this module, so that its compiled code holds what that was."""
    function = kernel.__wrapped__
    if name not in names_in(function.__code__):
        return False
    outside = function.__globals__
    return outside is vars(module) or any(value is module for value in outside.values())


def values_read(function: Any) -> list[Any]:
    """What the names that a function reads stand for: of its module, of modules that it names, and closed over."""
    names, outside = names_in(function.__code__), function.__globals__
    found = [outside[name] for name in sorted(names & outside.keys())]
    of_modules = [value for value in found if isinstance(value, types.ModuleType)]
    found += [vars(module)[name] for module in of_modules for name in sorted(names & vars(module).keys())]
    return found + [cell.cell_contents for cell in function.__closure__ or ()]


class _Quick(NamedTuple):
    """What tells at once that a module is as it was: most parts are the very objects that they were.

    Attributes:
        sizes: of the names of the module, and of each class of it. parts: a mapping or function, what reads several of
            its parts, and what these were. mutable: a mapping, a name and the text of its value, which can be changed
            in place.
    """

    sizes: list[tuple[Any, int]]
    parts: list[tuple[Any, Callable[[Any], tuple[Any, ...]], tuple[Any, ...]]]
    mutable: list[tuple[Any, str, str]]


_quick: dict[str, _Quick] = {}


def _is_untouched(name: str, before: dict[str, Any], module: types.ModuleType) -> bool:
    """Whether no part of a module differs, as far as that is told at once, in some ten microseconds."""
    if name not in _quick:
        if _compared(name, before, dict(parts(module))):
            return False
        _quick[name] = _quick_of(before, module)
    quick = _quick[name]
    try:
        return (
            all(len(mapping) == size for mapping, size in quick.sizes)
            and all(all(map(operator.is_, several(holder), were)) for holder, several, were in quick.parts)
            and all(_content(mapping[key]) == told for mapping, key, told in quick.mutable)
        )
    except KeyError:  # a name is gone
        return False


def _quick_of(before: dict[str, Any], module: types.ModuleType) -> _Quick:
    """The parts of a module that is as it was, by where they are held."""
    names: dict[int, list[str]] = {}
    holders: dict[int, Any] = {}
    quick = _Quick([(vars(module), len(vars(module)))], [], [])
    for part in before:
        holder, name = _place_of(part, module)
        is_function = isinstance(holder, types.FunctionType)
        if not is_function and _changes_in_place(holder[name]):
            quick.mutable.append((holder, name, _content(holder[name])))
        else:
            names.setdefault(id(holder), []).append(name)
            holders[id(holder)] = holder
    for key, holder in holders.items():
        is_function = isinstance(holder, types.FunctionType)
        reads = operator.attrgetter if is_function else operator.itemgetter
        several = reads(*names[key], names[key][0])  # two at least, so that it gives a tuple
        quick.parts.append((holder, several, several(holder)))
        if not is_function and holder is not vars(module):
            quick.sizes.append((holder, len(holder)))
    return quick


def _place_of(part: str, module: types.ModuleType) -> tuple[Any, str]:
    """The mapping or function that holds a part, and its name there."""
    holder: Any = vars(module)
    first, *rest = part.split(".")
    if rest and isinstance(holder[first], type):
        holder = _names_of(holder[first])
        first, *rest = rest
    return (getattr(holder[first], "__wrapped__", holder[first]), rest[0]) if rest else (holder, first)


@functools.cache
def _names_of(kind: type) -> Any:
    """The names of a class: always the same mapping, which shows it as it is."""
    return vars(kind)


def _changes_in_place(value: Any) -> bool:
    return isinstance(value, (dict, list, set)) or (hasattr(type(value), "tobytes") and hasattr(type(value), "dtype"))


def _compared(module: str, before: dict[str, Any], now: dict[str, Any]) -> list[ReplacedPart]:
    """Parts that differ; a new name counts where it hides one that Python has of its own."""
    found = [
        ReplacedPart(module, part, was, now.get(part, GONE))
        for part, was in before.items()
        if now.get(part, GONE) is not was and _content(now.get(part, GONE)) != _content(was)
    ]
    return found + [
        ReplacedPart(module, part, GONE, value)
        for part, value in now.items()
        if part not in before and ("." in part or part in BUILTINS)
    ]


def _content(value: Any) -> str:
    return "gone" if value is GONE else content_of(value)


def _holders(change: ReplacedPart) -> list[tuple[str, str]]:
    """Where other modules hold what was replaced, because they imported it by name."""
    found = []
    for other in list(held()):
        module = sys.modules.get(other)
        if module is None or other == change.module:
            continue
        for name, value in vars(module).items():
            alike = callable(change.was) or (name == change.name and not _assigns(other, name))
            if value is change.was and alike:
                found.append((other, name))
    return found


def _is_home(change: ReplacedPart) -> bool:
    """Whether the module is where this was defined, rather than one that imports it."""
    defined = getattr(change.was, "__module__", None)
    return defined == change.module if isinstance(defined, str) else _assigns(change.module, change.name)


def _assigns(module: str, name: str) -> bool:
    file = Path(sys.modules[module].__file__ or "").relative_to(PACKAGE).as_posix()
    return re.search(rf"^{re.escape(name)}\b[^=\n(]*=", source(file).decode(), re.MULTILINE) is not None
