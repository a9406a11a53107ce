"""The parts of a scenario, each read from its table: section, infections, treatments, changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from abm.core.quantity import declared, quantities
from abm.rules.parameters import Parameters
from abm.rules.renamed import current_name, nearest_current_name, why_dropped
from abm.scenario.change import READ_AT_START, Change
from abm.scenario.check import LAYOUTS, VIRUS_NAMES
from abm.scenario.toml.table import Table
from abm.tissue.section_map import read_map
from abm.treatments.drugs import Drug, OwnDrugGiven, RepeatedDoses
from abm.treatments.treatments import DEPLETABLE, TREATMENTS, Depletion, Infection, Transfer, Treatment, Vaccination

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario


def section_of(table: Table, usual: Scenario) -> dict[str, Any]:
    """The fields of a scenario that this table sets, or else as they usually are."""
    layout: str = usual.layout
    if "layout" in table.content:
        layout = _layout(table)
    sides = {name: quantities(type(usual))[name] for name in ("width", "height")}
    values: dict[str, Any] = {}
    values |= {name: table.number(name, side, getattr(usual, name)) for name, side in sides.items()}
    values |= {"layout": layout, "layout_seed": table.whole("layout_seed", usual.layout_seed)}
    table.finish(values)
    return values


def _layout(table: Table) -> str:
    """The layout that this table names: drawn, or a map, whose path starts where the table stands."""
    layout = table.text("layout", LAYOUTS[0])
    if layout.lower().endswith(".png"):
        return read_map((table.reading.source.place((*table.key, "layout")).file.parent / layout).resolve())
    if layout not in LAYOUTS:
        allowed = f"{', '.join(LAYOUTS)}, or a .png file beside this one"
        table.refuse("layout", layout, "is not known", allowed)
        return LAYOUTS[0]
    return layout


def infection_of(table: Table) -> Infection:
    """The infection in this entry."""
    values = table.numbers(Infection, Infection())
    virus = _virus(table)
    table.finish([*values, "virus"])
    return Infection(**values, virus=virus)


def _virus(table: Table) -> str:
    """The virus that this entry names; empty where it is that of the scenario."""
    return table.choice("virus", VIRUS_NAMES, "")


def treatment_of(table: Table) -> Treatment | None:
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
    if kind is OwnDrugGiven:
        names["drug"] = table.text("drug")
        if not names["drug"]:
            table.refuse("drug", "", "is missing", 'the drug of a rule: a signal "drug NAME" has the drug NAME')
    if issubclass(kind, Depletion | Transfer):
        names["cells"] = table.choice("cells", list(DEPLETABLE))
    if kind is Vaccination:
        names["virus"] = _virus(table)
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


def change_of(table: Table, parameters: Parameters) -> Change | None:
    """The change in this entry; None where its parameter is not known, as nothing else can be checked then."""
    known = {item.name: item for item in declared(parameters) if item.name not in READ_AT_START}
    fixed = dict.fromkeys(READ_AT_START, "it only acts at the start of a run: set it under [parameters]")
    given = table.content.get("parameter")
    if isinstance(given, str):
        table.content["parameter"] = current_name(given)
        if instead := why_dropped(given):
            fixed[given] = f"it belongs to a law that was dropped: {instead}"
        elif near := nearest_current_name(given):
            fixed[given] = f'did you mean "{near}"?'
    name = table.choice("parameter", list(known), hints=fixed)
    if (*table.key, "parameter") in table.reading.faulty:
        return None
    value = table.number("value", known[name].quantity, known[name].value)
    times = table.numbers(Change, Change(name, value))
    table.finish(["parameter", "value", *times])
    return Change(name, value, **times)
