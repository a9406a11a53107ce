"""What is done to an arm, as bars on its time axis, and what differs from the defaults, as lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from abm.plots.palette import capitalized
from abm.scenario.scenario import Scenario
from abm.scenario.shown import entries_tree, time_text, tree_of
from abm.treatments.times import ALWAYS
from abm.treatments.treatments import Infection, Treatment

HOURS_PER_DAY = 24.0
UNSEEN = ("snapshots:",)  # lines of a scenario that a film does not show


class Bar(NamedTuple):
    """Something that is done from `start` to `stop` [h]; both are the same for what happens at one time."""

    start: float
    stop: float
    text: str


def bars(scenario: Scenario) -> list[Bar]:
    """Infections, treatments and changes of parameters of a scenario, clipped to its length, by start."""
    found = [*_infections(scenario), *map(_treatment, scenario.treatments)]
    found += [Bar(one.time, one.time, f"{one.parameter} = {one.value:g}") for one in scenario.changes]
    end = scenario.duration
    return sorted(bar._replace(stop=min(bar.stop, end)) for bar in found if bar.start <= end)


def deed(bar: Bar, end: float) -> str:
    """What was done, and when, in words; end: of the run [h]."""
    first, last = (f"{hour / HOURS_PER_DAY:.3g}" for hour in (bar.start, bar.stop))
    if bar.stop == bar.start:
        return f"{bar.text} on day {first}"
    return f"{bar.text} from day {first}" + ("" if bar.stop >= end else f" to {last}")


def differences(scenario: Scenario) -> list[list[str]]:
    """What was run and what differs from the defaults: groups of lines, the first of each is its heading."""
    title, *lines = tree_of(scenario).branches
    plain = [title, *(one for one in lines if not one.branches and not one.line.startswith(UNSEEN))]
    groups = [
        [
            "Set-up",
            *(capitalized(one.line.partition(", recorded")[0]) for one in plain if not one.line.endswith(": none")),
        ]
    ]
    for one in (*lines, entries_tree("changes during the run", scenario.changes)):
        if one.branches:
            groups.append([capitalized(one.line), *(branch.line for branch in one.branches)])
    return groups


def _infections(scenario: Scenario) -> Iterator[Bar]:
    for one in scenario.infections:
        yield Bar(one.time, one.time, _infection_text(one, scenario.virus))


def _infection_text(infection: Infection, virus: str) -> str:
    dose = "" if infection.dose == 1.0 else f", {infection.dose:g} x the usual dose"
    return f"{infection.virus or virus}{dose}"


def _treatment(treatment: Treatment) -> Bar:
    """A treatment; one without a start, such as a knockout or a vaccine, acts over the whole run."""
    drug = getattr(treatment, "drug", "") or getattr(treatment, "cells", "")
    text = f"{treatment.type} ({drug})" if drug else treatment.type
    before = getattr(treatment, "before", None)
    if before is not None:
        text += f", {time_text(before)} before"
    start = float(getattr(treatment, "start", 0.0))
    at_once = hasattr(treatment, "start") and not hasattr(treatment, "stop")
    return Bar(start, start if at_once else float(getattr(treatment, "stop", ALWAYS)), text)
