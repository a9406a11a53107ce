"""How much of the expansion a blockade prevents, against the day on which it begins: runs and their estimate."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from abm.dashboard.live.worker import EVERY, MEASURED, Series, run
from abm.dashboard.mechanism.ratios import established
from abm.reporting.statistics import reduction_of_expansion
from abm.scenario.errors import ScenarioError
from abm.scenario.scenario import Scenario

CELLS = MEASURED.index("cells_per_seeded")
MOST_DAYS, MOST_REPLICATES = 16, 12
Say = dict[str, Any]
Run = Callable[[Scenario, int], Series]


class TimingPlan(NamedTuple):
    """What is run.

    Attributes:
        scenario: without the blockade. type, drug: of the blockade, as in a scenario file.
        starts: days on which it begins, in order; it goes on to the end.
        seeds: one per replicate. day: on which cells are counted.
    """

    scenario: Scenario
    type: str
    drug: str
    starts: tuple[float, ...]
    seeds: tuple[int, ...]
    day: float


def arms_of(plan: TimingPlan) -> list[Scenario]:
    """The scenario without the blockade, then with it from each day on.

    Raises:
        ScenarioError: the blockade does not fit the scenario; ends before it begins ...
    """
    others = tuple(one for one in plan.scenario.treatments if one.type != plan.type)
    base = replace(plan.scenario, treatments=others)
    hours = max(EVERY, math.ceil(plan.day * 24 / EVERY) * EVERY)
    with contextlib.suppress(ScenarioError):  # something is planned for later: then the whole length is run
        base = base.with_duration(f"{hours} h")  # what comes after the count does not count
    return [base, *(base.with_treatment(plan.type, drug=plan.drug, start=f"{day:g} d") for day in plan.starts)]


def timing(plan: TimingPlan, perform: Run = run) -> Iterator[Say]:
    """Run all arms of one seed after another, and estimate after each seed; progress in between.

    perform: runs a scenario with a seed.
    """
    arms, found = arms_of(plan), list[list[Series]]()
    total = len(arms) * len(plan.seeds)
    for seed in plan.seeds:
        row: list[Series] = []
        for arm in arms:
            yield {"say": "timing", "done": len(found) * len(arms) + len(row), "total": total}
            row.append(perform(arm, seed))
        found.append(row)
        yield {"say": "timing", "done": len(found) * len(arms), "total": total, **estimates(plan, arms, found)}


def estimates(plan: TimingPlan, arms: Sequence[Scenario], found: Sequence[Sequence[Series]]) -> Say:
    """The share of the expansion prevented [%] by day of begin, with its 95 % interval from 5 replicates on.

    found: by replicate and arm. Replicates that the infection missed in the untreated arm are left out.
    """
    kept, missed = established(found, arms, (0,))
    at = min(round(plan.day * 24 / EVERY), found[0][0].shape[0] - 1)
    cells = np.array([[series[at, CELLS] for series in each] for each in kept]).reshape(len(kept), len(arms))
    points = []
    for number, day in enumerate(plan.starts, start=1):
        estimate = reduction_of_expansion(cells[:, number], cells[:, 0])
        points.append({"day": day, **{name: _plain(getattr(estimate, name)) for name in ("value", "low", "high")},
                       "each": [_plain(100.0 * (1.0 - (own - 1.0) / (other - 1.0))) if other > 1.1 else None
                                for own, other in cells[:, (number, 0)]]})  # fmt: skip
    return {
        "points": points, "count": len(kept), "missed": missed, "day": at * EVERY / 24.0,
        "untreated": _plain(float(cells[:, 0].mean())) if len(kept) else None,
        "title": plan.scenario.title, "treatment": f"{plan.type} ({plan.drug})",
        "seeds": list(plan.seeds[: len(found)]),
    }  # fmt: skip


def _plain(value: float) -> float | None:
    return float(f"{value:.5g}") if np.isfinite(value) else None
