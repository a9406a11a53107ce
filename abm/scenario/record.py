"""Record of the scenario of a run: its file, and the text of functions that replace laws.

A record with such functions is refused where scenario files are read: what a file says is never run. Embers reads it to
show what was run, and to compare it with a scenario that is given.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from abm.core.own_function import OwnFunction, lines
from abm.core.own_laws import OwnLaw
from abm.scenario.read import read_scenario
from abm.scenario.scenario import Scenario
from abm.scenario.toml.text import quoted
from abm.scenario.write import write_scenario

BEGIN = "\n[[law]]\n"  # of what follows the scenario; text within it is quoted, and has no line of its own


def record_of(scenario: Scenario) -> str:
    """The text of a scenario file, and behind it the functions in the place of laws."""
    parts = [BEGIN + "".join(f"{line}\n" for line in _lines(law)) for law in scenario.laws]
    return write_scenario(replace(scenario, laws=())) + "".join(parts)


def read_record(path: Path, text: str | None = None) -> Scenario:
    """The scenario of a record; functions in the place of laws are read as text and can never act.

    Args:
        path: of the file.
        text: of the file, where this has been read.

    Raises:
        ScenarioError: with all faults of the file.
    """
    if text is None and path.is_file():
        text = path.read_text(encoding="utf-8")
    head, begin, rest = (text or "").partition(BEGIN)
    if not begin:
        return read_scenario(path, text)
    laws = tomllib.loads(begin + rest)["law"]
    return replace(read_scenario(path, head + "\n"), laws=tuple(_law(law) for law in laws))


def _lines(law: OwnLaw) -> Iterator[str]:
    yield f"name = {quoted(law.name)}"
    yield f"module = {quoted(law.module)}"
    yield f"function = {quoted(json.dumps(law.function))}"
    yield from (f"# {line}".rstrip() for line in lines(law.function))


def _law(told: dict[str, Any]) -> OwnLaw:
    return OwnLaw(told["name"], told["module"], _function(json.loads(told["function"])), recorded=True)


def _function(told: list[Any]) -> OwnFunction:
    name, source, reads, closed_over = told
    values = [(one, tuple(read)) for one, read in reads]
    made = [(one, ("function", _function(read[1])) if read[0] == "function" else read) for one, read in values]
    return OwnFunction(name, source, tuple(made), tuple(closed_over))
