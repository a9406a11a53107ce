"""The text of a scenario and of all it extends: one nested table, and the place of each key."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from abm.scenario.catalog import is_path, name_hint, packaged_path, scenario_names
from abm.scenario.errors import Fault, label
from abm.scenario.toml.lines import Key, TooDeepError, lines_of_keys, read_toml
from abm.scenario.toml.older_names import update_names

LARGEST = 1_000_000  # bytes
WORDS = {"title", "story", "expect", "extends"}  # keys that change no run
DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}
ADDED = (
    "infection",
    "treatment",
    "change",
    "rule",
)  # lists that grow by `extends`; of everything else the own value wins


class Place(NamedTuple):
    """Where a key stands."""

    file: Path
    line: int


@dataclass
class ScenarioSource:
    """What a scenario says: `table` as TOML has it, and the place of every key in it."""

    file: Path
    table: dict[str, Any] = field(default_factory=dict)
    places: dict[Key, Place] = field(default_factory=dict)

    def place(self, key: Key) -> Place:
        """The place of a key, or of the nearest table around it where the key itself is absent."""
        while key and key not in self.places:
            key = key[:-1]
        return self.places.get(key, Place(self.file, 0))


def read_source(
    file: Path, text: str | None, faults: list[Fault], users: tuple[Path, ...] = (), uploaded: bool = False
) -> ScenarioSource:
    """Read a file (or its `text`, if given) and all it extends; `users` are the files that led here.

    What was `uploaded` can extend packaged scenarios only: it must not make a server read its files.
    What is wrong is added to `faults`; the source then holds what could be read.
    """
    try:
        if problem := name_problem(file.stem):
            raise _Unreadable(problem, hint="rename the file: results are named after it")
        if text is None:
            text = _text(file)
        text = text.replace("\r\n", "\n")
        table, lines = _parsed(text)
    except _Unreadable as error:
        faults.append(Fault(label(file), error.line, "", "", error.problem, hint=error.hint))
        return ScenarioSource(file)
    source = ScenarioSource(file, table, {key: Place(file, line) for key, line in lines.items()})
    update_names(source, faults)
    if "extends" not in table:
        return source
    base = _base_file(source, faults, (*users, file), uploaded)
    return _merged(read_source(base, None, faults, (*users, file)), source) if base else source


def name_problem(name: str) -> str:
    """Why a name cannot be that of files and folders on every system; empty where it can."""
    if name.partition(".")[0].strip().upper() in DEVICES:
        return f'has the name "{name}", which Windows keeps for a device'
    if name != name.strip() or name.endswith("."):
        return f'has the name "{name}", with a blank or a point at its end, which Windows leaves out'
    if not name.isprintable():
        return f"has the name {name!r}, with a character that cannot be printed"
    if any(mark in name for mark in '<>:"|?*\\/'):
        return f'has the name "{name}", with one of < > : " | ? * \\ /, which Windows does not take'
    return ""


class _Unreadable(Exception):  # noqa: N818 - said of a file
    def __init__(self, problem: str, line: int = 0, hint: str = "") -> None:
        self.problem, self.line, self.hint = problem, line, hint


def _text(file: Path) -> str:
    try:
        if not file.exists():
            raise _Unreadable("no such file", hint=name_hint(file.stem))
        if not file.is_file():
            raise _Unreadable("is not a file")
        with file.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise _Unreadable(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(raw) > LARGEST:
        raise _Unreadable(f"is larger than {LARGEST:,} bytes", hint="a scenario is some hundred lines")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _Unreadable("is not text in UTF-8", line, "save it as UTF-8 in your editor") from error


def _parsed(text: str) -> tuple[dict[str, Any], dict[Key, int]]:
    try:
        return read_toml(text), lines_of_keys(text)
    except TooDeepError as error:
        raise _Unreadable(str(error), error.line) from error
    except ValueError as error:  # a TOML error, or a whole number too long for Python
        message = str(error)
        at = re.search(r" \(at line (\d+), column \d+\)$", message)
        line = int(at[1]) if at else text.rstrip().count("\n") + 1 if "end of document" in message else 0
        problem = f"is not valid TOML: {message[: at.start()] if at else message}"
        hint = 'text stands in quotes: title = "..."; a quantity too: step = "10 min"'
        raise _Unreadable(problem, line, hint) from error


def _base_file(source: ScenarioSource, faults: list[Fault], chain: tuple[Path, ...], uploaded: bool) -> Path | None:
    """The file that this source extends; None, and a fault, where there is none."""
    name, place = source.table.pop("extends"), source.places["extends",]

    def refuse(problem: str, hint: str) -> None:
        value = f'"{name}"' if isinstance(name, str) else str(name)
        faults.append(Fault(label(place.file), place.line, "extends", value[:60], problem, hint=hint))

    if not isinstance(name, str):
        refuse("is not text", 'name one scenario, such as "influenza", or a .toml file beside this one')
        return None
    if is_path(name) and uploaded:
        refuse("names another file, which an upload cannot bring", "extend a packaged scenario, such as influenza")
        return None
    if not is_path(name) and name not in scenario_names():
        refuse("there is no scenario of this name", name_hint(name))
        return None
    base = source.file.parent / name if is_path(name) else packaged_path(name)
    if base.resolve() in [file.resolve() for file in chain]:
        refuse("goes round in a circle", " extends ".join(label(file) for file in (*chain, base)))
        return None
    if not base.is_file():
        refuse("there is no such file", f"looked for {label(base)}, beside the file that names it")
        return None
    return base


def _merged(base: ScenarioSource, own: ScenarioSource) -> ScenarioSource:
    table = _overlaid(base.table, own.table)
    if set(own.table) - WORDS and "expect" not in own.table and isinstance(expected := table.get("expect"), str):
        table["expect"] = still_expected(expected)
    shift: dict[str, int] = {}
    for name in ADDED:
        before, after = base.table.get(name), own.table.get(name)
        if isinstance(before, list) and isinstance(after, list):
            table[name] = before + after
            shift[name] = len(before)
    places = dict(base.places)
    for key, place in own.places.items():
        moved = len(key) > 1 and key[0] in shift
        places[(key[0], key[1] + shift[key[0]], *key[2:]) if moved else key] = place  # type: ignore[operator, index]
    return ScenarioSource(own.file, table, places)


def still_expected(expected: str) -> str:
    """What is left of an expectation in a scenario that changes another: only that it is a prediction."""
    return "A prediction." if "prediction" in expected.lower() else ""


def _overlaid(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    both = base | own
    for name in base.keys() & own.keys():
        if isinstance(base[name], dict) and isinstance(own[name], dict):
            both[name] = _overlaid(base[name], own[name])
    return both
