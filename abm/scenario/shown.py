"""How a scenario presents itself: a short tree of what it is, and of what differs from the defaults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from abm.core.own_laws import OwnLaw
from abm.core.quantity import declared, quantities
from abm.core.tree import Tree, tree
from abm.rules.infection import Virus
from abm.rules.parameters import Parameters
from abm.scenario.change import Change
from abm.scenario.hypothesis.declared import Rule
from abm.treatments.times import ALWAYS

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario

MOST_SHOWN = 12  # entries of a list
HOURS_PER_DAY = 24.0


def tree_of(scenario: Scenario) -> Tree:
    """The tree of a scenario; of one that is not valid too, as it says."""
    every, step = time_text(scenario.record_every), time_text(scenario.step)
    return tree(
        f'Scenario "{scenario.name}"' + (f": {scenario.title}" if scenario.title else ""),
        f"virus and host: {scenario.virus}, {scenario.host}",
        f"section: {section_line(scenario)}",
        f"duration: {time_text(scenario.duration)}, in steps of {step}, recorded every {every}",
        f"snapshots: {_listed(scenario.snapshots)}",
        entries_tree("infections", scenario.infections),
        entries_tree("treatments", scenario.treatments),
        *([entries_tree("changes", scenario.changes)] if scenario.changes else []),
        *_own(scenario),
        _parameters(scenario),
    )


def _own(scenario: Scenario) -> Iterator[Tree]:
    """What a scenario declares of its own; also of one that is not valid."""
    for name in ("substances", "cells"):
        titles = [str(getattr(one, "title", one)) for one in getattr(scenario, name)]
        if titles:
            yield tree(f"{name} of its own: {', '.join(titles)}")
    if scenario.rules:
        yield tree("rules", *_first([_rule(rule) for rule in scenario.rules]))
    if scenario.laws:
        yield tree("laws of its own", *_first([_law(law) for law in scenario.laws]))


def _law(law: Any) -> str:
    """A function in the place of a law in a line."""
    return f"{law.name}: function {law.function.name}" if isinstance(law, OwnLaw) else repr(law)


def _rule(rule: Any) -> str:
    """A rule in a line."""
    if not isinstance(rule, Rule):
        return repr(rule)
    both = f" and {rule.second}" if rule.second else ""
    ends = [f"{value:g}-fold" if rule.is_factor else f"{value:g}" for value in (rule.without, rule.to)]
    off = "" if rule.on else " (off)"
    return (
        f"{rule.name}: {rule.cell}: {rule.signal}{both} {rule.direction} {rule.rate} from {ends[0]} to {ends[1]}{off}"
    )


def section_line(scenario: Scenario) -> str:
    """The section in one line."""
    sides = [f"{side / 1000.0:g} mm" if _is_number(side) else repr(side) for side in (scenario.width, scenario.height)]
    return f"{scenario.layout}, {' x '.join(sides)}, layout seed {scenario.layout_seed}"


def time_text(hours: Any) -> str:
    """A time [h] for people: in days where these are whole or halves, in minutes below an hour."""
    if not _is_number(hours):
        return repr(hours)
    if 0.0 < hours < 1.0:
        return f"{60.0 * hours:g} min"
    in_days = hours == 0.0 or (hours >= HOURS_PER_DAY and hours % 12.0 == 0.0)
    return f"{hours / HOURS_PER_DAY:g} d" if in_days else f"{hours:g} h"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _listed(times: Any) -> str:
    if not isinstance(times, tuple):
        return repr(times)
    return ", ".join(time_text(time) for time in times) or "none"


def entries_tree(name: str, entries: Any) -> Tree:
    """A list of infections, treatments or changes."""
    if not isinstance(entries, tuple) or not entries:
        return tree(f"{name}: none" if entries == () else f"{name}: {entries!r}")
    return tree(name, *_first([_entry(entry) for entry in entries]))


def _entry(entry: Any) -> str:
    """An infection, a treatment or a change by its fields, in the words of a scenario file."""
    if not hasattr(entry, "__dataclass_fields__"):
        return repr(entry)
    if isinstance(entry, Change):
        units = {item.name: item.quantity.unit for item in declared(Parameters(second_virus=Virus()))}
        value = _in_unit(entry.value, units.get(entry.parameter, ""))
        return f"{entry.parameter} = {value} from {time_text(entry.time)} on"
    own, parts = quantities(type(entry)), []
    for item in fields(entry):
        value = getattr(entry, item.name)
        if (item.name == "stop" and value == ALWAYS) or (item.name == "virus" and not value):
            continue
        parts.append(f"{item.name} {_with_unit(value, own[item.name].unit if item.name in own else '')}")
    kind = getattr(entry, "type", "")
    return ": ".join(part for part in (kind, ", ".join(parts)) if part)


def _parameters(scenario: Scenario) -> Tree:
    """The parameters that are not those of the virus in the host."""
    if not isinstance(scenario.parameters, Parameters):
        return tree(f"parameters: {scenario.parameters!r}")
    usual = {item.name: item.value for item in declared(scenario.usual_parameters())}
    changed = [
        f"{item.name} = {_in_unit(item.value, item.quantity.unit)} (default {usual[item.name]:g})"
        for item in declared(scenario.parameters)
        if item.value != usual[item.name]
    ]
    return tree("parameters", *_first(changed)) if changed else tree("parameters: all at their defaults")


def _with_unit(value: Any, unit: str) -> str:
    return time_text(value) if unit == "h" and _is_number(value) else _in_unit(value, unit)


def _in_unit(value: Any, unit: str) -> str:
    return f"{value:g} {unit.removeprefix('1') if '1/' in unit else unit}".rstrip() if _is_number(value) else str(value)


def _first(lines: Sequence[str]) -> Iterator[str]:
    """The first of many lines, and how many more there are."""
    yield from lines[:MOST_SHOWN]
    if len(lines) > MOST_SHOWN:
        yield f"and {len(lines) - MOST_SHOWN} more"
