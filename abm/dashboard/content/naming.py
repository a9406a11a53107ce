"""Names of the views: what a view is, and what was done to it, so that no two of them are called the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from abm.core.quantity import declared
from abm.scenario.scenario import Scenario
from abm.scenario.toml.source import name_problem
from abm.treatments.times import ALWAYS
from abm.treatments.treatments import Infection, Treatment

LETTERS = "ABCD"  # of the views, in their order
LONGEST_TITLE = 80  # characters
SPELLED_OUT = 3  # changes in a title; of more, their number
LONGEST_NAME = 60  # characters of a file name
FORMULA = "=+-@"  # with which a cell of a table would be a formula


def plain_title(text: str) -> str:
    """A title that somebody typed, as one line: no control characters, and nothing that a spreadsheet would run."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line.lstrip(FORMULA + " ")[:LONGEST_TITLE].rstrip()


def named(scenario: Scenario, base: Scenario, title: str = "") -> Scenario:
    """The scenario of a view with a title, story and file name that say how it differs from the one it began as.

    Args:
        scenario: what is run.
        base: the same view before any change.
        title: one that somebody chose instead; "" for none.
    """
    changes = changes_of(scenario, base)
    begun = plain_title(base.title or base.name)
    chosen = plain_title(title)
    if not (changes or chosen):
        return replace(scenario, title=begun)
    own = chosen or f"{begun} {_together(changes)}"
    name = _file_name(base.name, chosen or _together(changes))
    if not changes:
        return replace(scenario, title=own, name=name)
    listed = "; ".join(one.removeprefix("+ ") for one in changes)
    return replace(
        scenario, title=own, name=name, story=f"Changed from {begun}: {listed}.",
        expect="" if _differs_by_treatments(scenario, base) else "A prediction.",
    )  # fmt: skip


def distinct(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The same scenarios; titles and file names that occur twice are numbered."""
    titles = _numbered([one.title for one in scenarios], " ({})")
    names = _numbered([one.name for one in scenarios], "_{}")
    return [replace(one, title=title, name=name) for one, title, name in zip(scenarios, titles, names, strict=True)]


def changes_of(scenario: Scenario, base: Scenario) -> list[str]:
    """What was done to a scenario, each change in a few words that continue its title: "+ anti-IL-6, days 3-12"."""
    return [
        *([f"in the {scenario.host}"] if scenario.host != base.host else []),
        *([f"with {scenario.virus} instead of {base.virus}"] if scenario.virus != base.virus else []),
        *_infections(scenario, base),
        *_treatments(scenario, base),
        *_parameters(scenario, base),
        *_changes(scenario, base),
        *_rules(scenario, base),
        *([f"in steps of {60 * scenario.step:g} min"] if scenario.step != base.step else []),
    ]  # fmt: skip


def days_of(start: float, stop: float) -> str:
    """A span of time in words; `start`, `stop`: h."""
    if stop >= ALWAYS:
        return f"from day {_day(start)}"
    return f"days {_day(start)}-{_day(stop)}"


def _infections(scenario: Scenario, base: Scenario) -> Iterable[str]:
    left = list(base.infections)
    for one in scenario.infections:
        if one in left:
            left.remove(one)
        elif same := next((other for other in left if other.time == one.time), None):
            left.remove(same)
            yield f"+ dose × {one.dose:g}" if one.virus == same.virus else f"+ {_infection(one, scenario)}"
        else:
            yield f"+ {_infection(one, scenario)}"
    if left:
        yield "without infection" if not scenario.infections else "without some infections"


def _infection(one: Infection, scenario: Scenario) -> str:
    dose = "" if one.dose == 1 else f", dose × {one.dose:g}"
    return f"{one.virus or scenario.virus} on day {_day(one.time)}{dose}"


def _treatments(scenario: Scenario, base: Scenario) -> Iterable[str]:
    left = [one for one in base.treatments if one not in scenario.treatments]
    for one in scenario.treatments:
        if one in base.treatments:
            continue
        same = next((other for other in left if _what(other) == _what(one)), None)
        if same is not None:
            left.remove(same)
        yield f"{'with' if same is not None else '+'} {_treatment(one)}"
    for one in left:
        yield f"without {_what(one)}"


def _what(one: Treatment) -> str:
    cells = getattr(one, "cells", "")
    own = getattr(one, "drug", "") if one.type == "drug" else ""
    return " ".join(part for part in (cells, own or one.type) if part)


def _treatment(one: Treatment) -> str:
    start, stop, before = (getattr(one, name, None) for name in ("start", "stop", "before"))
    if start is not None:
        return f"{_what(one)} on day {_day(start)}" if stop is None else f"{_what(one)}, {days_of(start, stop)}"
    if before is not None:
        return f"{_what(one)} {_day(before)} days before"
    return _what(one)


def _parameters(scenario: Scenario, base: Scenario) -> Iterable[str]:
    usual = {item.name: item.value for item in declared(scenario.usual_parameters())}
    before = {item.name: item.value for item in declared(base.parameters)}
    base_usual = {item.name: item.value for item in declared(base.usual_parameters())}
    for item in declared(scenario.parameters):
        was = before.get(item.name)
        follows = item.value == usual.get(item.name) and was == base_usual.get(item.name)  # of virus and host
        if was is not None and item.value != was and not follows and not item.name.startswith("rules."):
            yield f"+ {item.name} {_with_unit(item.value, item.quantity.unit)}"


def _changes(scenario: Scenario, base: Scenario) -> Iterable[str]:
    units = {item.name: item.quantity.unit for item in declared(scenario.parameters)}
    for one in scenario.changes:
        if one not in base.changes:
            yield f"+ {one.parameter} {_with_unit(one.value, units[one.parameter])} from day {_day(one.time)}"
    if set(base.changes) - set(scenario.changes):
        yield "without some changes of parameters"


def _with_unit(value: float, unit: str) -> str:
    return f"{value:g} {unit[1:] if unit.startswith('1/') else unit}".rstrip()


def _rules(scenario: Scenario, base: Scenario) -> Iterable[str]:
    own, before = ((one.substances, one.cells, one.rules) for one in (scenario, base))
    if own != before:
        yield "+ own rules" if not any(before) else "with changed rules" if any(own) else "without its rules"


def _differs_by_treatments(scenario: Scenario, base: Scenario) -> bool:
    """Whether only treatments differ, each of which itself shows whether it was ever tested."""
    return replace(scenario, name=base.name, treatments=base.treatments) == base


def _together(changes: Sequence[str]) -> str:
    if len(changes) <= SPELLED_OUT:
        return " ".join(changes)
    return " ".join([*changes[: SPELLED_OUT - 1], f"+ {len(changes) - SPELLED_OUT + 1} more changes"])


def _day(hour: float) -> str:
    return f"{round(hour / 24, 2):g}"


def _file_name(stem: str, what: str) -> str:
    """A name for files: that of the base, then what was done, in letters, digits and underscores."""
    short = re.sub(r"((from|on) day|days) (?=\d)", "d", what.lower().replace("il-6", "il6"))
    slug = re.sub(r"[^a-z0-9]+", "_", short).strip("_")
    name = slug if slug.startswith(stem.lower()) else f"{stem}_{slug}".strip("_")
    name = name[:LONGEST_NAME].rstrip("_")
    return stem if name_problem(name) else name


def _numbered(texts: Sequence[str], form: str) -> list[str]:
    found: list[str] = []
    count: Counter[str] = Counter()
    for text in texts:
        own = text
        while own in found or (own != text and own in texts):
            count[text] += 1
            own = text + form.format(count[text] + 1)
        found.append(own)
    return found
