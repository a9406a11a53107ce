"""Scenario files: read, checked and written.

A file is TOML. Every quantity carries its unit (`step = "10 min"`), pure numbers stand bare, what is absent
has its default. `extends = "influenza"` takes over another scenario, of the package or (`"mine.toml"`) beside
the file: own keys win, own `[[infection]]`, `[[treatment]]` and `[[change]]` entries are added to those taken over
(to have fewer, extend a scenario that has fewer). All faults of a file and of all it extends are found before
anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from abm.core.quantity import Quantity, declared, quantities
from abm.rules.infection import VIRUSES
from abm.rules.parameters import Parameters
from abm.scenario.catalog import is_path, packaged_path, scenario_names, scenario_story
from abm.scenario.check import LAYOUTS, Conflict, conflicts
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.scenario import READ_AT_START, Change, Scenario, usual_snapshots
from abm.scenario.source import Source, read_source
from abm.scenario.table import Reading, Table, dotted
from abm.scenario.toml_lines import Key
from abm.scenario.units import UnitError, allowed_range, to_number
from abm.scenario.write import write_scenario
from abm.tissue.section_map import read_map
from abm.treatments.treatments import (
    DEPLETABLE,
    TREATMENTS,
    Depletion,
    Drug,
    Infection,
    RepeatedDoses,
    Transfer,
    Treatment,
)

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

HOSTS = tuple(dict.fromkeys(host for _, host in VIRUSES))
VIRUS_NAMES = tuple(dict.fromkeys(virus for virus, _ in VIRUSES))
TOP = (
    *("extends", "title", "story", "expect", "host", "virus", "duration", "step", "record_every"),
    *("snapshots", "section", "infection", "treatment", "change", "parameters"),
)
SNAPSHOT = Quantity("time of a snapshot", "h", 0.0, 87600.0, "scenario")


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


def scenario_of(name: str, table: dict[str, Any]) -> Scenario:
    """The scenario of this name that a nested table describes, as TOML would have it; nothing is extended.

    Raises:
        ScenarioError: with all faults of the table.
    """
    return _checked(Source(Path(name), table), [])


def _checked(source: Source, faults: list[Fault]) -> Scenario:
    reading = Reading(source, faults)
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
        end = changes["duration"]
        changes["snapshots"] = (*(time for time in scenario.snapshots if time < end), end)
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
    snapshots = top.times("snapshots", SNAPSHOT)
    values["snapshots"] = usual_snapshots(values["duration"]) if snapshots is None else snapshots
    values |= _section(top.table("section"))
    values["infections"] = tuple(_infection(row) for row in top.rows("infection"))
    treatments = [_treatment(row) for row in top.rows("treatment")]
    values["treatments"] = tuple(treatment for treatment in treatments if treatment)
    start = Parameters(virus=VIRUSES[values["virus"], values["host"]])
    values["parameters"] = top.table("parameters").group(start)
    changes = [_change(row, start) for row in top.rows("change")]
    values["changes"] = tuple(change for change in changes if change)
    top.finish(TOP, [f"parameters.{item.name}" for item in declared(start)])
    scenario = Scenario(name, **values)
    _note_conflicts(scenario, top.reading, [at for at, treatment in enumerate(treatments) if treatment])
    return scenario


def _section(table: Table) -> dict[str, Any]:
    layout = table.text("layout", Scenario.layout)
    key = ("section", "layout")
    if layout.lower().endswith(".png"):
        layout = read_map((table.reading.source.place(key).file.parent / layout).resolve())
    elif layout not in LAYOUTS:
        allowed = f"{', '.join(LAYOUTS)}, or a .png file beside this one"
        table.refuse("layout", layout, "is not known", allowed)
        layout = Scenario.layout
    sides = {name: quantities(Scenario)[name] for name in ("width", "height")}
    values: dict[str, Any] = {}
    values |= {name: table.number(name, side, getattr(Scenario, name)) for name, side in sides.items()}
    values |= {"layout": layout, "layout_seed": table.whole("layout_seed", Scenario.layout_seed)}
    table.finish(values)
    return values


def _infection(table: Table) -> Infection:
    values = table.numbers(Infection, Infection())
    table.finish(values)
    return Infection(**values)


def _treatment(table: Table) -> Treatment | None:
    """The treatment in this entry; None where its type is not known, as nothing else can be checked then."""
    drugs = {name: f'it is a drug: type = "{type_}" and drug = "{name}"' for type_, name, _ in _drugs()}
    kind = TREATMENTS[table.choice("type", list(TREATMENTS), hints=drugs)]
    if (*table.key, "type") in table.reading.faulty:
        return None
    names: dict[str, Any] = {}
    if issubclass(kind, RepeatedDoses):
        others = {
            name: f'it is of the type "{type_}", for a {drug.binds} host'
            for type_, name, drug in _drugs()
            if TREATMENTS[type_] is not kind
        }
        names["drug"] = table.choice("drug", list(kind.LIBRARY), hints=others)
    if issubclass(kind, Depletion | Transfer):
        names["cells"] = table.choice("cells", list(DEPLETABLE))
    usual = kind(**names)
    values = table.numbers(kind, usual)
    table.finish(["type", *names, *values])
    return kind(**names | values)


def _drugs() -> Iterator[tuple[str, str, Drug]]:
    """Type, name and drug of all that the library holds."""
    for type_, kind in TREATMENTS.items():
        if issubclass(kind, RepeatedDoses):
            for name, drug in kind.LIBRARY.items():
                yield type_, name, drug


def _change(table: Table, parameters: Parameters) -> Change | None:
    """The change in this entry; None where its parameter is not known, as nothing else can be checked then."""
    known = {item.name: item for item in declared(parameters) if item.name not in READ_AT_START}
    name = table.choice("parameter", list(known))
    if (*table.key, "parameter") in table.reading.faulty:
        return None
    value = table.number("value", known[name].quantity, known[name].value)
    times = table.numbers(Change, Change(name, value))
    table.finish(["parameter", "value", *times])
    return Change(name, value, **times)


def _note_conflicts(scenario: Scenario, reading: Reading, kept: list[int]) -> None:
    """Refuse what does not go together, unless a part of it is refused already (`kept`: entries used)."""

    def in_file(key: Key) -> Key:
        return ("treatment", kept[int(key[1])], *key[2:]) if key[0] == "treatment" else key

    for conflict in conflicts(scenario):
        key = in_file(conflict.key)
        if not reading.faulty.intersection((key, *map(in_file, conflict.others))):
            value = reading.written.get(key, conflict.value)
            reading.refuse(key, value, conflict.problem, allowed=conflict.allowed, hint=conflict.hint)
