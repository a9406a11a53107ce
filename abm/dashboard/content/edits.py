"""Edits of an arm: each works on the nested table that a scenario file is, which is checked as a file afterwards."""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from abm.core.quantity import declared
from abm.rules.infection import Virus
from abm.rules.parameters import Parameters
from abm.scenario.errors import Fault, ScenarioError, label
from abm.scenario.hypothesis.declared import key_of
from abm.scenario.toml.source import ScenarioSource, read_source

LISTS = ("infection", "treatment", "change", "rule")
SETTABLE = ("virus", "host", "step", "record_every")  # keys that an edit may set, beside the parameters
OWN = ("substance", "cell", "rule")  # tables that the text of an edit may hold
OWN_NAME = Path("rules")  # what a fault calls this text
LARGEST_OWN = 20_000  # bytes of this text
Edit = Mapping[str, Any]


class RecipeError(ValueError):
    """A request that the page cannot carry out; the message explains why."""


def with_edits(before: Sequence[Edit], edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Edits with more of them. A text takes the place of all rules, so earlier edits of rules are left out."""
    for edit in edits:
        if edit.get("op") == "own":
            before = [one for one in before if one.get("op") != "own" and one.get("list") != "rule"]
        before = (*before, edit)
    return tuple(before)


def apply(source: ScenarioSource, edit: Edit) -> None:
    """Carry out one edit: add an entry, set a key of one, drop one, set a dotted key, or replace what is declared.

    Raises:
        RecipeError: the edit does not fit the table. ScenarioError: its text has faults.
    """
    try:
        if edit["op"] == "own":
            _declare(source, edit["text"])
        elif edit["op"] == "set":
            _set(source.table, str(edit["key"]), edit["value"])
        else:
            _change_list(source, edit)
    except ScenarioError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise RecipeError("the requested change does not fit the current scenario") from error


def _set(table: dict[str, Any], key: str, value: Any) -> None:
    if not _settable(key):
        raise KeyError(key)
    *path, last = key.split(".")
    for part in path:
        table = table.setdefault(part, {})
    table[last] = copy.deepcopy(value)


def _change_list(source: ScenarioSource, edit: Edit) -> None:
    if edit["list"] not in LISTS:
        raise KeyError(edit["list"])
    if edit["list"] == "rule":
        source.places.clear()  # lines of a text that rules have not come from since
    entries = source.table.setdefault(edit["list"], [])
    if edit["op"] == "add":
        entries.append(copy.deepcopy(dict(edit["entry"])))
    elif edit["op"] == "put":
        entries[int(edit["at"])][str(edit["key"])] = copy.deepcopy(edit["value"])
    elif edit["op"] == "drop":
        del entries[int(edit["at"])]
    else:
        raise KeyError(edit["op"])


def _settable(key: str) -> bool:
    first, _, rest = key.partition(".")
    return key in SETTABLE or (first == "parameters" and (rest.count(".") == 1 or rest in _parameters()))


@functools.cache
def _parameters() -> frozenset[str]:
    """Dotted names of all parameters that are built in."""
    return frozenset(item.name for item in declared(Parameters(second_virus=Virus())))


def _declare(source: ScenarioSource, text: str) -> None:
    """Replace the substances, cells and rules of a table by those in a text, which can hold nothing else."""
    if len(text.encode()) > LARGEST_OWN:
        raise ScenarioError([Fault(str(OWN_NAME), 0, "", "", f"the text is larger than {LARGEST_OWN:,} bytes")])
    faults: list[Fault] = []
    own = read_source(OWN_NAME, text, faults, uploaded=True)
    allowed = ", ".join(("[substance.NAME]", "[cell.NAME]", "[[rule]]"))
    faults += [
        Fault(label(place.file), place.line, str(key[0]), "", "is not allowed here", allowed=allowed)
        for key, place in own.places.items()
        if len(key) == 1 and key[0] not in OWN and place.file == OWN_NAME
    ]
    if faults:
        raise ScenarioError(faults)
    _forget_numbers(source.table)
    for name in OWN:
        source.table.pop(name, None)
        if name in own.table:
            source.table[name] = own.table[name]
    source.places = own.places


def _forget_numbers(table: dict[str, Any]) -> None:
    """Drop numbers of what is declared from the parameters, where they would win over those of a new declaration."""
    parameters = table.get("parameters")
    if not isinstance(parameters, dict):
        return
    parameters.pop("rules", None)
    for name in ("substance", "cell"):
        group, titles = parameters.get(f"{name}s"), table.get(name)
        if isinstance(group, dict) and isinstance(titles, dict):
            for title in titles:
                group.pop(key_of(title), None)
