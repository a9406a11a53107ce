"""A scenario changed in Python: what is given is read by the code that reads a file, and refused in its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.core.quantity import quantities
from abm.rules.infection import VIRUSES
from abm.rules.renamed import current_name
from abm.scenario.change import Change
from abm.scenario.check import HOSTS, VIRUS_NAMES
from abm.scenario.entries import change_of, infection_of, section_of, treatment_of
from abm.scenario.errors import ScenarioError
from abm.scenario.from_python import check
from abm.scenario.hypothesis.entries import cell_of, rule_of, substance_of
from abm.scenario.hypothesis.words import DRUG, drugs_in, words_of
from abm.scenario.toml.source import ScenarioSource, still_expected
from abm.scenario.toml.table import Table, TableReading
from abm.treatments.treatments import Infection, Treatment

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario


def with_parameters(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """The scenario with these values of parameters, by dotted name."""
    nested: dict[str, Any] = {}
    given: dict[str, str] = {}  # by current name
    twice: list[tuple[str, str, Any]] = []
    for name, value in _flat(values):
        told = name.removeprefix("parameters.")
        now = current_name(told)
        if given.setdefault(now, told) != told:
            twice.append((told, given[now], value))
        *groups, last = now.split(".")
        inner: Any = nested
        for group in groups:
            inner = inner.setdefault(group, {})
            inner = inner if isinstance(inner, dict) else {}  # a group that is given a number, which is refused below
        inner[last] = _plain(value)
    table = _table(scenario, nested, "parameters")
    for told, before, value in twice:
        hint = f'"{before}" is the same parameter: leave one of them'
        table.refuse(told, _plain(value), "is given twice", hint=hint)
    return _edited(scenario, table, parameters=table.group(scenario.parameters))


def _flat(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted names with their values, also of groups within groups."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat({f"{name}.{inner}": one for inner, one in value.items()})
        else:
            yield str(name), value


def with_entry(scenario: Scenario, name: str, given: object, values: Mapping[str, Any]) -> Scenario:
    """The scenario with one more infection, treatment or change.

    Args:
        scenario: what is changed.
        name: "infection", "treatment" or "change".
        given: an object that is added as it is; None: it is made from the values.
        values: by key, as in a file; None stands for what is not given.
    """
    field = f"{name}s"
    before = getattr(scenario, field)
    if given is not None:
        if _given(values):
            raise TypeError(f"{', '.join(_given(values))}: the {name} that is given has values of its own already")
        return _edited(scenario, None, **{field: (*before, given)})
    table = _table(scenario, _given(values), name, len(before))
    return _edited(scenario, table, **{field: (*before, _entry(scenario, name, table))})


def _entry(scenario: Scenario, name: str, table: Table) -> Infection | Treatment | Change | None:
    """What this table says; None, and a fault, where it says nothing that is known."""
    if name == "infection":
        return infection_of(table)
    return treatment_of(table) if name == "treatment" else change_of(table, scenario.parameters)


def with_own(scenario: Scenario, name: str, title: str, values: Mapping[str, Any]) -> Scenario:
    """The scenario with one more substance or type of cell of its own.

    Args:
        scenario: what is changed.
        name: "substance" or "cell".
        title: its name.
        values: by key, as in a file.
    """
    field = f"{name}s"
    table = _table(scenario, _given(values), name, title)
    made = substance_of(table, title) if name == "substance" else cell_of(table, title)
    return _edited(scenario, table, **{field: (*getattr(scenario, field), made)})


def with_rule(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """The scenario with one more rule; values: by key, as in a file, `from_` and `and_` for "from" and "and"."""
    given = {name.rstrip("_"): value for name, value in _given(values).items()}
    rules = scenario.rules
    table = _table(scenario, given, "rule", len(rules))
    heard = [given[key] for key in ("signal", "and") if isinstance(given.get(key), str)]
    known = words_of(scenario)
    words = replace(known, drugs=drugs_in([*(f"{DRUG}{name}" for name in known.drugs), *heard]))
    return _edited(scenario, table, rules=(*rules, rule_of(table, words, f"rule_{len(rules) + 1}")))


def with_law(scenario: Scenario, name: str, function: object) -> Scenario:
    """The scenario with a user's function in the place of a built-in law; one that was there before goes."""
    from abm.scenario.hypothesis.own_law import own_law  # loads numpy, for which reading a scenario does not wait

    made = own_law(scenario, name, function)
    return _edited(scenario, None, laws=(*(law for law in scenario.laws if law.name != made.name), made))


def without(scenario: Scenario, field: str) -> Scenario:
    """The scenario with an empty list of these."""
    return _edited(scenario, None, **{field: ()})


def with_section(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """The scenario on another section; None stands for what stays as it is."""
    table = _table(scenario, _given(values), "section")
    return _edited(scenario, table, **section_of(table, scenario))


def with_duration(scenario: Scenario, duration: object) -> Scenario:
    """The scenario for so long a time, with the snapshots before its end and one at it."""
    table = _table(scenario, {"duration": _plain(duration)})
    end = table.number("duration", quantities(type(scenario))["duration"], scenario.duration)
    return _edited(scenario, table, duration=end, snapshots=snapshots_until(scenario.snapshots, end))


def with_virus(scenario: Scenario, virus: str | None, host: str | None) -> Scenario:
    """The scenario with another virus or host, and the parameters of that virus in that host."""
    table = _table(scenario, _given({"virus": virus, "host": host}))
    pair = table.choice("virus", VIRUS_NAMES, scenario.virus), table.choice("host", HOSTS, scenario.host)
    own = VIRUSES.get(pair, scenario.parameters.virus)
    parameters = scenario.parameters._replace(virus=own, second_virus=None)  # which then follows from the infections
    return _edited(scenario, table, virus=pair[0], host=pair[1], parameters=parameters)


def with_name(scenario: Scenario, name: str, title: str | None) -> Scenario:
    """The same experiment under another name."""
    renamed = replace(scenario, name=name, title=str(name).replace("_", " ") if title is None else title)
    check(renamed)
    return renamed


def snapshots_until(snapshots: tuple[float, ...], end: float) -> tuple[float, ...]:
    """Times of snapshots [h] of a run of another length: those before its end, and its end."""
    return (*(time for time in snapshots if time < end), end)


def _edited(scenario: Scenario, table: Table | None, **changes: Any) -> Scenario:
    """The scenario with these fields, if the table has no fault and the whole has none.

    What was expected of the scenario is not expected of the new one.

    Raises:
        ScenarioError: with all faults.
    """
    if table is not None and table.reading.faults:
        raise ScenarioError(table.reading.faults)
    edited = replace(scenario, expect=still_expected(scenario.expect), **changes)
    check(edited)
    return edited


def _table(scenario: Scenario, content: dict[str, Any], *key: str | int) -> Table:
    """Values given in Python as a table of a file."""
    where = f'scenario "{scenario.name}"'
    return Table(TableReading(ScenarioSource(Path()), [], where), content, key)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    """A value as a file has it: numbers of numpy as plain ones, paths as text."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        return value
    return int(value) if isinstance(value, Integral) else float(value)
