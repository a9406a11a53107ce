"""A scenario as text: every value, also each default, with its unit and what is known about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from abm.core.own_laws import OwnLaw
from abm.core.quantity import Quantity, declared, fields_of, quantities
from abm.rules.sources import references
from abm.scenario.change import Change
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.hypothesis.numbers import without_own_numbers
from abm.scenario.hypothesis.write import own_lines
from abm.scenario.scenario import Scenario
from abm.scenario.toml.text import quoted
from abm.scenario.toml.units import allowed_range, written
from abm.treatments.times import ALWAYS


def write_scenario(scenario: Scenario) -> str:
    """The text of a scenario file that reads back as an equal scenario.

    "The drug's usual" dose and interval are spelled out as numbers, as they are in a scenario that was read.

    Raises:
        ScenarioError: it has a function in the place of a law, which a file cannot hold.
    """
    if scenario.laws:
        raise ScenarioError([_no_file(scenario.name, law) for law in scenario.laws])
    return "\n".join(_lines(scenario)) + "\n"


def _no_file(scenario: str, law: OwnLaw) -> Fault:
    """What to say of a function in the place of a law."""
    hint = "write scenario.without_laws(), and give the function again in Python, with with_law"
    problem = "is a function, which a scenario file cannot hold"
    return Fault(f'scenario "{scenario}"', 0, f"law {law.name}", law.function.name, problem, hint=hint)


def _lines(scenario: Scenario) -> Iterator[str]:
    own = quantities(Scenario)
    yield f'# Scenario "{quoted(scenario.name)[1:-1]}" as used: every value, also each default.'
    yield "# Comments: meaning; allowed range; source; confidence (measured, fitted, peer or assumed)."
    for name in ("title", "story", "expect", "host", "virus"):
        yield f"{name} = {quoted(getattr(scenario, name))}"
    for name in ("duration", "step", "record_every"):
        yield _line(name, getattr(scenario, name), own[name])
    times = ", ".join(written(time, "h") for time in scenario.snapshots)
    yield f"snapshots = [{times}]  # times of the tissue maps"
    yield from ("", "[section]", f"layout = {quoted(scenario.layout)}  # lung, sheet, or a PNG mask")
    yield f"layout_seed = {scenario.layout_seed}  # which section is drawn"
    yield from (_line(name, getattr(scenario, name), own[name]) for name in ("width", "height"))
    for infection in scenario.infections:
        yield from ("", "[[infection]]", *_fields(infection))
    for treatment in scenario.treatments:
        yield from ("", "[[treatment]]", f"type = {quoted(treatment.type)}")
        yield from _fields(treatment)
    units = {item.name: item.quantity for item in declared(scenario.parameters)}
    for change in scenario.changes:
        yield from ("", "[[change]]", f"parameter = {quoted(change.parameter)}")
        yield _line("value", change.value, units[change.parameter])
        yield _line("time", change.time, quantities(Change)["time"])
    yield from own_lines(scenario)
    yield from _groups(without_own_numbers(scenario.parameters), "parameters")
    yield from ("", "# Sources")
    yield from (f"# {line}" for line in references(one.source for one in units.values()))


def _fields(entry: Any) -> Iterator[str]:
    """The lines of an infection or a treatment."""
    declared_here = quantities(type(entry))
    for item in fields(entry):
        value = getattr(entry, item.name)
        if item.name == "stop" and value == ALWAYS:
            yield "# stop: none, it goes on to the end of the run"
        elif item.name == "virus" and not value:
            yield "# virus: that of the scenario"
        elif item.name in declared_here:
            yield _line(item.name, value, declared_here[item.name])
        else:
            yield f"{item.name} = {quoted(value)}"


def _groups(group: Any, name: str, own: Mapping[str, Quantity] | None = None) -> Iterator[str]:
    members = list(fields_of(group, own))
    numbers = [_line(key, value, quantity) for key, value, quantity, _ in members if quantity is not None]
    if numbers:
        yield from ("", f"[{name}]", *numbers)
    for key, value, quantity, within in members:
        if quantity is None:
            yield from _groups(value, f"{name}.{key}", within)


def _line(name: str, value: float, quantity: Quantity) -> str:
    known = f"{quantity.meaning}; {allowed_range(quantity)}; {quantity.source}; {quantity.confidence}"
    return f"{name} = {written(float(value), quantity.unit)}  # {known}"
