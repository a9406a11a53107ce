"""The step of the whole model: ten minutes against five, two and a half and one, twin by twin, with stated power.

Sections are large enough that the infection establishes in each; the draws do not know the step (`abm.core.chance`), so
the same cells meet the same chance at every step, and a few sections tell a difference of some percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

from abm.core.quantity import replaced
from abm.model.establishment import is_established
from abm.model.lung_model import LungModel
from abm.reporting.measured import Measured
from abm.reporting.statistics import Estimate, ratio_of_means
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario
from abm.treatments.drugs import AntiIL6
from abm.treatments.treatments import Depletion, Treatment
from abm.verify.check import Check, CheckPanel, Curve, Finding, Interval

TWINS = range(401, 425)  # seeds
SIDE, DAYS, FOUNDERS = 3000.0, 15.0, 45  # um; founders as dense as in the scenario
STEPS = (10, 5, 2.5, 1)  # min, of the intact arm; the others are run at the first and the last
ARMS: dict[str, tuple[Treatment, ...]] = {
    "influenza": (),
    "IL-6 blocked from day 7": (AntiIL6("MP5-20F3", start=168.0, dose=0.5, every=72.0),),
    "CD8 depleted": (Depletion("CD8"),),
    "CD4 depleted": (Depletion("CD4"),),
}
TOST = "doi:10.1007/BF01068419"
POWER = 0.8  # with which a difference of `SEEN` must be found
SEEN = 1.3


class Number(NamedTuple):
    """A number of a run.

    Attributes:
        name: in words. measure: of the model. day: on which it is read.
        least, most: where its ratio between two steps must lie. reach: factor within which the 95 % interval must lie.
    """

    name: str
    measure: str
    day: float
    least: float
    most: float
    reach: float


CELLS = Number("cells on day 15", "cells_per_seeded", 15.0, 0.9, 1.1, 1.25)
NUMBERS = (
    CELLS,
    Number("IL-6 on day 9", "il6", 9.0, 1.0 / SEEN, SEEN, 1.5),
    Number("infected cells on day 9", "infected_share", 9.0, 1.0 / SEEN, SEEN, 2.0),
    Number("virions on day 10", "virions", 10.0, 1.0 / SEEN, SEEN, 2.0),
)


class TimeStepRun(NamedTuple):
    """What a run comes to: float64[NUMBERS], whether the infection established, and its curve of cells."""

    numbers: np.ndarray
    established: bool
    days: np.ndarray
    cells: np.ndarray


def scenario_of(arm: str, step: float) -> Scenario:
    """The scenario of an arm at a step [min], on a section that stands for a lung."""
    scenario = load_scenario("influenza")
    parameters = replaced(scenario.parameters, "dormancy.founders", float(FOUNDERS))
    return replace(
        scenario, parameters=parameters, treatments=ARMS[arm], width=SIDE, height=SIDE, duration=24.0 * DAYS,
        record_every=6.0, snapshots=(), step=step / 60.0,
    )  # fmt: skip


def outcome(arm: str, step: float, seed: int) -> TimeStepRun:
    """One twin of one arm at one step [min]."""
    model = LungModel(scenario_of(arm, step), seed=seed)
    series = model.run().series
    model.close()
    days = series["hour"].to_numpy() / 24.0
    numbers = [float(np.interp(one.day, days, series[one.measure])) for one in NUMBERS]
    return TimeStepRun(
        np.array(numbers), is_established(series["infected_share"].max()), days, series["cells_per_seeded"].to_numpy()
    )


def pairs() -> list[tuple[str, float]]:
    """Which arms are run at which steps [min]."""
    first, *others = ARMS
    return [(first, step) for step in STEPS] + [(arm, step) for arm in others for step in (STEPS[0], STEPS[-1])]


def smallest_seen(estimate: Estimate) -> float:
    """The factor that this many twins tell from one with the stated power, from the width of the interval."""
    error = np.log(estimate.high / estimate.low) / 2.0 / stdtrit(estimate.n - 1, 0.975)
    return float(np.exp((stdtrit(estimate.n - 1, 0.975) + ndtri(POWER)) * error))


def measured(number: Number, label: str, ratio: Estimate) -> tuple[Measured, Measured]:
    """A ratio against its two bounds: how near to one it is, and where its interval lies."""
    name = f"{number.name}, {label}"
    return (
        Measured(f"{name}: ratio", ratio.value, number.least, number.most),
        Measured(f"{name}: interval", ratio.value, 1.0 / number.reach, number.reach, ratio.low, ratio.high),
    )


def conclude(given: Sequence[TimeStepRun]) -> Finding:
    """Ratios between steps, twin by twin, against the bounds of equivalence."""
    runs = dict(zip(pairs(), (given[at : at + len(TWINS)] for at in range(0, len(given), len(TWINS))), strict=True))
    results: list[Measured] = []
    rows: dict[str, list[Interval]] = {number.name: [] for number in NUMBERS}
    finest = STEPS[-1]
    for (arm, step), coarse in runs.items():
        if step == finest:
            continue
        fine, label = runs[arm, finest], f"{arm}, {step:g} vs {finest:g} min"
        kept = [one.established and other.established for one, other in zip(coarse, fine, strict=True)]
        for column, number in enumerate(NUMBERS):
            values = (np.array([one.numbers[column] for one in some])[kept] for some in (coarse, fine))
            ratio = ratio_of_means(*values)
            results += measured(number, label, ratio)
            rows[number.name].append(Interval(label, *ratio[:3]))
            if number is CELLS:
                told = f"{number.name}, {label}: factor detectable with power {POWER:g}"
                results.append(Measured(told, smallest_seen(ratio), most=SEEN))
    established = min(sum(one.established for one in some) for some in runs.values())
    lines = tuple(
        Curve(f"{step:g} min", some[0].days, np.log10(np.mean([one.cells for one in some], axis=0)), "line", at)
        for at, ((arm, step), some) in enumerate(runs.items()) if arm == next(iter(ARMS))
    )  # fmt: skip
    return Finding(
        claim="Steps of ten, five, two and a half and one minute give the same results, within stated bounds.",
        law="equivalence: the ratio of the means of twins, and its 95 % interval, lie within the bound",
        source=TOST,
        measured=tuple(results),
        why=f"Cells on day 15 within {CELLS.least:g} to {CELLS.most:g}, their interval within a factor of "
        f"{CELLS.reach:g}; IL-6 and infected cells on day 9 and virions on day 10, which fall by orders of magnitude "
        f"within days, within a factor of {SEEN:g}. A difference of that factor in cells must be found with power "
        f"{POWER:g}: a test without this power shows nothing.",
        note=f"{len(TWINS)} twins on {SIDE / 1000:g} mm x {SIDE / 1000:g} mm over {DAYS:g} days; the infection "
        f"established in at least {established} of them, and only these count. An interval that reaches beyond the "
        "bound is inconclusive, not passed.",
        panels=(
            CheckPanel("Influenza, mean of the twins", "day", "log10 cells per seeded cell", lines),
            *(
                CheckPanel(number.name[0].upper() + number.name[1:], "ratio", "",
                      band=(1.0 / number.reach, number.reach), intervals=tuple(rows[number.name]))
                for number in NUMBERS
            ),
        ),
    )  # fmt: skip


CHECKS: tuple[Check, ...] = (
    Check(
        "step", "whole model", "Step of 10 vs 5, 2.5 and 1 min",
        tuple(partial(outcome, arm, step, seed) for arm, step in pairs() for seed in TWINS), conclude,
    ),
)  # fmt: skip
