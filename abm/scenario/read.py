"""Scenario files: read, checked and written.

A file is TOML. Every quantity carries its unit (`step = "10 min"`), pure numbers stand bare, what is absent
has its default. `extends = "influenza"` takes over another scenario, of the package or (`"mine.toml"`) beside
the file: own keys win, own `[[infection]]`, `[[treatment]]` and `[[change]]` entries are added to those taken over
(to have fewer, extend a scenario that has fewer). All faults of a file and of all it extends are found before
anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from abm.core.quantity import declared, quantities
from abm.scenario.catalog import is_path, packaged_path, scenario_names, scenario_story
from abm.scenario.check import HOSTS, SNAPSHOT, VIRUS_NAMES, conflicts
from abm.scenario.conflict import Conflict
from abm.scenario.edits import snapshots_until
from abm.scenario.entries import change_of, infection_of, section_of, treatment_of
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.hypothesis.entries import own_of
from abm.scenario.scenario import Scenario, usual_snapshots
from abm.scenario.toml.lines import Key
from abm.scenario.toml.source import Place, ScenarioSource, read_source
from abm.scenario.toml.table import Table, TableReading, dotted
from abm.scenario.toml.units import UnitError, allowed_range, to_number
from abm.scenario.write import write_scenario

__all__ = [
    "ScenarioError",
    "load_arms",
    "load_scenario",
    "read_scenario",
    "scenario_names",
    "scenario_of",
    "scenario_story",
    "with_overrides",
    "write_scenario",
]

TOP = (
    *("extends", "title", "story", "expect", "host", "virus", "duration", "step", "record_every"),
    *("snapshots", "section", "infection", "treatment", "change", "parameters", "substance", "cell", "rule", "law"),
)


def load_scenario(name_or_path: str | Path) -> Scenario:
    """The packaged scenario of this name, or the one in this .toml file.

    Raises:
        ScenarioError: unknown name, or a faulty file.
    """
    if is_path(name_or_path):
        return read_scenario(name_or_path)
    return read_scenario(packaged_path(str(name_or_path)))


def read_scenario(path: str | Path, text: str | None = None) -> Scenario:
    """The scenario in a file, or in `text` as if it stood in this file.

    Raises:
        ScenarioError: with all faults of the file and of those it extends.
    """
    file = Path(path)
    faults: list[Fault] = []
    return _checked(read_source(file, text, faults), faults)


def scenario_of(name: str, table: dict[str, Any], places: Mapping[Key, Place] | None = None) -> Scenario:
    """The scenario of this name that a nested table describes, as TOML would have it; nothing is extended.

    Args:
        name: of the scenario.
        table: what it says.
        places: where keys of the table stand, which a fault then names.

    Raises:
        ScenarioError: with all faults of the table.
    """
    return _checked(ScenarioSource(Path(name), table, dict(places or {})), [])


def _checked(source: ScenarioSource, faults: list[Fault]) -> Scenario:
    reading = TableReading(source, faults)
    scenario = _scenario(source.file.stem, Table(reading, source.table, ()))
    if reading.faults:
        raise ScenarioError(sorted(reading.faults, key=lambda fault: (fault.file, fault.line)))
    return scenario


def with_overrides(
    scenario: Scenario, days: float | None = None, size: str | None = None, step: str | None = None
) -> Scenario:
    """The scenario with options of the command line put in.

    Args:
        scenario: as read.
        days: length of the run; snapshots after its end are dropped, one at its end is added.
        size: side of a square section ("1000um"), or width and height ("2 mm x 1 mm").
        step: time step, with its unit.

    Raises:
        ScenarioError: what the options say is no quantity, out of range, or does not go with the scenario.
    """
    faults: list[Fault] = []
    changes: dict[str, Any] = {}
    for option, name, text in _asked(days, size, step):
        quantity = quantities(Scenario)[name]
        try:
            changes[name] = to_number(text, quantity)
        except UnitError as error:
            known = (quantity.unit, allowed_range(quantity), error.hint)
            faults.append(Fault("command line", 0, option, text, error.problem, *known))
    if "duration" in changes:
        changes["snapshots"] = snapshots_until(scenario.snapshots, changes["duration"])
    if not faults:
        scenario = replace(scenario, **changes)
        faults = [_fault_of_options(scenario, conflict) for conflict in conflicts(scenario)]
    if faults:
        raise ScenarioError(faults)
    return scenario


def load_arms(
    names: Sequence[str], days: float | None = None, size: str | None = None, step: str | None = None
) -> tuple[Scenario, ...]:
    """The scenarios of these names or files, with the options of the command line put in.

    Raises:
        ScenarioError: all faults of all of them; or two that have the same name.
    """
    arms: list[Scenario] = []
    faults: list[Fault] = []
    for name in names:
        try:
            arms.append(with_overrides(load_scenario(name), days, size, step))
        except ScenarioError as error:
            faults += error.faults
    for arm in arms:
        if [other.name for other in arms].count(arm.name) > 1:
            hint = "give each once; files of the same name in two folders: rename one"
            faults.append(Fault("command line", 0, "scenario", f'"{arm.name}"', "stands there twice", hint=hint))
    if faults:
        raise ScenarioError(list(dict.fromkeys(faults)))
    return tuple(arms)


def _asked(days: float | None, size: str | None, step: str | None) -> Iterator[tuple[str, str, str]]:
    """What options say: option, field of the scenario, quantity."""
    if days is not None:
        yield "--days", "duration", f"{float(days)!r} d"
    if size is not None:
        width, cross, height = size.replace("×", "x").partition("x")
        yield "--size", "width", width.strip()
        yield "--size", "height", (height if cross else width).strip()
    if step is not None:
        yield "--step", "step", step


def _fault_of_options(scenario: Scenario, conflict: Conflict) -> Fault:
    where = f'scenario "{scenario.name}" with the options given'
    key = dotted(conflict.key)
    return Fault(where, 0, key, conflict.value, conflict.problem, "", conflict.allowed, conflict.hint)


def _scenario(name: str, top: Table) -> Scenario:
    """The scenario that this table describes, with defaults wherever a fault was noted."""
    hours = {key: quantity for key, quantity in quantities(Scenario).items() if quantity.unit == "h"}
    values: dict[str, Any] = {key: top.text(key) for key in ("title", "story", "expect")}
    values["host"] = top.choice("host", HOSTS, Scenario.host)
    values["virus"] = top.choice("virus", VIRUS_NAMES, Scenario.virus)
    values |= {key: top.number(key, quantity, getattr(Scenario, key)) for key, quantity in hours.items()}
    values["snapshots"] = _snapshots(top, values["duration"])
    values |= section_of(top.table("section"), Scenario())
    values["infections"] = tuple(infection_of(row) for row in top.rows("infection"))
    treatments = [treatment_of(row) for row in top.rows("treatment")]
    values["treatments"] = tuple(treatment for treatment in treatments if treatment)
    for row in top.rows("law"):
        hint = 'give it in Python: abm.load_scenario(...).with_law("NAME", function)'
        row.refuse("name", row.text("name"), "is a function in the place of a law, which a file cannot hold", hint=hint)
    own = own_of(top)
    values |= {"substances": own.substances, "cells": own.cells, "rules": own.rules}
    start = Scenario(name, **values).parameters
    values["parameters"] = top.table("parameters").group(start)
    changes = [change_of(row, start) for row in top.rows("change")]
    values["changes"] = tuple(change for change in changes if change)
    top.finish(TOP, [f"parameters.{item.name}" for item in declared(start)])
    scenario = Scenario(name, **values)
    kept = {"treatment": [at for at, treatment in enumerate(treatments) if treatment], "rule": list(own.rows)}
    note_conflicts(scenario, top.reading, kept)
    return scenario


def _snapshots(top: Table, duration: float) -> tuple[float, ...]:
    """Times of snapshots [h]: the usual ones if there are none; of those of another file, only what the run reaches."""
    told = top.times("snapshots", SNAPSHOT)
    if told is None:
        return usual_snapshots(duration)
    source = top.reading.source
    taken_over = source.place(("snapshots",)).file != source.file
    return snapshots_until(told, duration) if taken_over and any(time > duration for time in told) else told


def note_conflicts(scenario: Scenario, reading: TableReading, kept: Mapping[str, Sequence[int]]) -> None:
    """Refuse what does not go together, unless a part of it is refused already (`kept`: entries used, by list)."""

    def in_file(key: Key) -> Key:
        own = kept.get(str(key[0]), ())
        return (key[0], own[int(key[1])], *key[2:]) if len(key) > 1 and own and int(key[1]) < len(own) else key

    for conflict in conflicts(scenario):
        key = in_file(conflict.key)
        if not reading.faulty.intersection((key, *map(in_file, conflict.others))):
            value = reading.written.get(key, conflict.value)
            reading.refuse(key, value, conflict.problem, allowed=conflict.allowed, hint=conflict.hint)
