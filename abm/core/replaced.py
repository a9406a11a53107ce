"""What was replaced in memory since the import: laws and constants of one's own.

A law may be replaced: `abm.rules.dormancy.occupancy = mine`. Such a process computes something else than its source
says, so its results have an address of their own (`mark_of`), and what it compiles is not kept on disk. What would act
in a part of the model only is refused (`check`).
"""

from __future__ import annotations

import builtins
import hashlib
import re
import sys
import types
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from abm.core.content import content_of, names_in
from abm.imported import NAME, PACKAGE, held, parts, source

GONE = object()
MACHINERY = tuple(
    f"{NAME}.core.{name}" for name in ("compiled", "content", "disk_cache", "kernel_cache", "kernel_file", "replaced")
)  # keeps notes of its own, and is no law
BUILTINS = frozenset(dir(builtins))


class ReplacedError(RuntimeError):
    """A law or a constant was replaced in a way that the model cannot follow as a whole."""


class Change(NamedTuple):
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


def changes(above: Collection[str] = ()) -> list[Change]:
    """Everything that differs from what was imported, by module; none of what stands in `above` (files, folders)."""
    found = []
    for name, before in list(held().items()):
        module = sys.modules.get(name)
        if module is None or name in MACHINERY or _is_in(name, above) or _is_untouched(name, before, module):
            continue
        found += _compared(name, before, dict(parts(module)))
    return found


def mark_of(found: list[Change]) -> str:
    """Digest of these changes; empty where there are none."""
    told = "\n".join(sorted(f"{change}: {_content(change.now)}" for change in found))
    return hashlib.sha256(told.encode()).hexdigest() if told else ""


def check(found: list[Change], compiled: bool) -> None:
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


class _Quick(NamedTuple):
    """What tells at once that a module is as it was: most parts are the very objects that they were.

    Attributes:
        size: names in the module, and in each class of it. in_maps: (mapping, name, value). in_functions: (function,
            attribute, value). mutable: (mapping, name, text of the value), of what can be changed in place.
    """

    size: list[tuple[Any, int]]
    in_maps: list[tuple[Any, str, Any]]
    in_functions: list[tuple[Any, str, Any]]
    mutable: list[tuple[Any, str, str]]


_quick: dict[str, _Quick] = {}


def _is_untouched(name: str, before: dict[str, Any], module: types.ModuleType) -> bool:
    """Whether no part of a module differs, as far as that is told at once; it costs a microsecond or two a part."""
    if name not in _quick:
        if _compared(name, before, dict(parts(module))):
            return False
        _quick[name] = _quick_of(before, module)
    quick = _quick[name]
    return (
        all(len(mapping) == size for mapping, size in quick.size)
        and all(mapping.get(key) is value for mapping, key, value in quick.in_maps)
        and all(getattr(function, key) is value for function, key, value in quick.in_functions)
        and all(_content(mapping.get(key, GONE)) == told for mapping, key, told in quick.mutable)
    )


def _quick_of(before: dict[str, Any], module: types.ModuleType) -> _Quick:
    """The parts of a module that is as it was, by where they are held."""
    quick = _Quick([(vars(module), len(vars(module)))], [], [], [])
    for part in before:
        first, *rest = part.split(".")
        holder: Any = vars(module)
        if rest:
            owner = holder[first]
            if isinstance(owner, type):
                holder, first, rest = vars(owner), rest[0], rest[1:]
                if not rest:
                    quick.size.append((holder, len(holder)))
            owner = holder[first]
        if rest:
            function = getattr(owner, "__wrapped__", owner)
            quick.in_functions.append((function, rest[0], getattr(function, rest[0])))
        elif _changes_in_place(holder[first]):
            quick.mutable.append((holder, first, _content(holder[first])))
        else:
            quick.in_maps.append((holder, first, holder[first]))
    return quick


def _changes_in_place(value: Any) -> bool:
    return isinstance(value, (dict, list, set)) or (hasattr(type(value), "tobytes") and hasattr(type(value), "dtype"))


def _is_in(module: str, above: Collection[str]) -> bool:
    first = module.removeprefix(f"{NAME}.").partition(".")[0]
    return first in above or f"{first}.py" in above


def _compared(module: str, before: dict[str, Any], now: dict[str, Any]) -> list[Change]:
    """Parts that differ; a new name counts where it hides one that Python has of its own."""
    found = [
        Change(module, part, was, now.get(part, GONE))
        for part, was in before.items()
        if now.get(part, GONE) is not was and _content(now.get(part, GONE)) != _content(was)
    ]
    return found + [
        Change(module, part, GONE, value)
        for part, value in now.items()
        if part not in before and ("." in part or part in BUILTINS)
    ]


def _content(value: Any) -> str:
    return "gone" if value is GONE else content_of(value)


def _holders(change: Change) -> list[tuple[str, str]]:
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


def _is_home(change: Change) -> bool:
    """Whether the module is where this was defined, rather than one that imports it."""
    defined = getattr(change.was, "__module__", None)
    return defined == change.module if isinstance(defined, str) else _assigns(change.module, change.name)


def _assigns(module: str, name: str) -> bool:
    file = Path(sys.modules[module].__file__ or "").relative_to(PACKAGE).as_posix()
    return re.search(rf"^{re.escape(name)}\b[^=\n(]*=", source(file).decode(), re.MULTILINE) is not None
