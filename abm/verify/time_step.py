"""The step: ten minutes against five and two and a half, twin by twin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from abm.interventions import Infection
from abm.model import LungModel
from abm.scenario import Scenario
from abm.study.measured import Measured
from abm.study.statistics import without_zeros
from abm.verify.check import Check, Curve, Finding, Interval, Panel

STEPS = (1 / 6, 1 / 12, 1 / 24)  # h
TWINS = 48
INFECTED = Scenario(
    name="verify-step", width=1000.0, height=1000.0, duration=360.0, record_every=2.0, snapshots=(),
    infections=(Infection(dose=6.0),),  # so that no twin escapes infection on so small a section
)  # fmt: skip
TOST = "doi:10.1007/BF01068419"
BOUNDS = (
    ("expansion, log10", 0.3, "a factor of two in an expansion of about a hundredfold"),
    ("peak of IL-6, log10", 0.1, "a quarter"),
    ("day of the virus peak", 0.5, "half the interval at which mice are sampled"),
)


class Outcome(NamedTuple):
    """What a run comes to: numbers in the order of BOUNDS, and its curve (hours and log10 cells per seeded cell)."""

    numbers: tuple[float, float, float]
    hours: np.ndarray
    cells: np.ndarray


def outcome(step: float, seed: int, scenario: Scenario = INFECTED) -> Outcome:
    """One twin at one step [h]."""
    model = LungModel(replace(scenario, step=step), seed=seed)
    series = model.run().series
    cells = np.log10(without_zeros(series["cells_per_seeded"], model.tissue.clones.size))
    hours = series["hour"].to_numpy()
    peak = hours[int(series["virions"].to_numpy().argmax())] / 24.0
    model.close()
    return Outcome((float(cells[-1]), float(np.log10(series["il6"].max())), float(peak)), hours, cells)


def mean_with_interval(differences: np.ndarray) -> tuple[float, float, float]:
    """Mean of differences between twins and its 95 % interval (Student's t)."""
    mean = float(differences.mean())
    error = float(differences.std(ddof=1)) / np.sqrt(differences.size)
    reach = float(stdtrit(differences.size - 1, 0.975)) * error
    return mean, mean - reach, mean + reach


def _lines(given: Sequence[Outcome]) -> tuple[Curve, ...]:
    """Mean curves, one a step."""
    by_step = [given[at : at + TWINS] for at in range(0, len(given), TWINS)]
    return tuple(
        Curve(f"{60 * step:g} min", some[0].hours / 24, np.mean([one.cells for one in some], axis=0), "line", number)
        for number, (step, some) in enumerate(zip(STEPS, by_step, strict=True))
    )


def _distinguishable(measured: Sequence[Measured]) -> str:
    """Names of the differences whose interval does not hold zero."""
    return "; ".join(one.name for one in measured if (one.low or 0.0) * (one.high or 0.0) > 0.0) or "none"


def conclude(given: Sequence[Outcome]) -> Finding:
    """Differences between steps, twin by twin, against the bounds of equivalence."""
    numbers = np.array([one.numbers for one in given]).reshape(len(STEPS), TWINS, len(BOUNDS))
    measured, panels = [], [Panel("Mean of the twins", "day", "log10 cells per seeded cell", _lines(given))]
    for column, (name, bound, _) in enumerate(BOUNDS):
        lines = []
        for row, other in enumerate(STEPS[1:], start=1):
            mean, low, high = mean_with_interval(numbers[0, :, column] - numbers[row, :, column])
            label = f"10 against {60 * other:g} min"
            measured.append(Measured(f"{name}: {label}", mean, -bound, bound, low, high))
            lines.append(Interval(label, mean, low, high))
        panels.append(Panel(name[0].upper() + name[1:], "difference", "", band=(-bound, bound), intervals=tuple(lines)))
    return Finding(
        claim="Steps of ten minutes give what steps of five and of two and a half give, within the stated bounds.",
        law="equivalence: the 95 % interval of the mean difference between twins lies within the bound",
        source=TOST,
        measured=tuple(measured),
        why="; ".join(f"{name} within {bound:g}: {reason}" for name, bound, reason in BOUNDS) + ".",
        note=f"{TWINS} twins with influenza over {INFECTED.duration / 24:g} days on 1 mm2. An interval that reaches "
        "beyond the bound is inconclusive, not passed. Twins at different steps meet partly different chance, which "
        f"sets the width. Distinguishable from no difference: {_distinguishable(measured)}.",
        panels=tuple(panels),
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "step", "whole model", "Step of 10 against 5 and 2.5 min",
        tuple(partial(outcome, step, seed) for step in STEPS for seed in range(1, TWINS + 1)), conclude,
    ),
)  # fmt: skip
