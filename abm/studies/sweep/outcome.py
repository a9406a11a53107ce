"""Scalar endpoint of a run: one measure at one time, linear or logarithmic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from abm.model.measures import MEASURES, Measure
from abm.reporting.statistics import Estimate
from abm.reporting.uncertainty import OverSets, over_sets
from abm.runs.errors import SweepError
from abm.studies.design.study import Point, Study
from abm.studies.sweep.results import StudyFolder

HOURS_PER_DAY = 24.0
ROUNDING = 1e-9
NO_SETS = over_sets([])
MULTIPLYING = ("cells_per_seeded", "awake_per_seeded", "virions", "il6_lavage")  # differ by factors: seen as logarithms


@dataclass(frozen=True)
class MeasureAtTime:
    """A measure at a time.

    Attributes:
        measure: name. hour: of the recorded time. logarithmic: whether log10 of it is looked at. known: measures of the
            study.
    """

    measure: str
    hour: float
    logarithmic: bool
    known: Mapping[str, Measure] = field(default_factory=lambda: MEASURES, repr=False, compare=False)

    @property
    def meaning(self) -> str:
        """What is measured and when, for people."""
        unit = self.known[self.measure].unit
        return f"{self.known[self.measure].meaning}{f' [{unit}]' if unit else ''} on day {self.hour / HOURS_PER_DAY:g}"

    @property
    def label(self) -> str:
        """What its values are, for people."""
        return f"log10 of {self.meaning}" if self.logarithmic else self.meaning


@dataclass(frozen=True)
class PointRow:
    """The outcome at one point.

    Attributes:
        point: arm and axes. found: mean, smallest, largest. established: runs that count as infected.
        ratio: to the twins in the first arm, at the same values of the axes that are in it; nothing for that arm
            itself, or where the outcome does not multiply.
        sets, ratio_sets: mean and ratio over the parameter sets of the study, if it has any.
    """

    point: Point
    found: Estimate
    established: int
    ratio: Estimate
    sets: OverSets = NO_SETS
    ratio_sets: OverSets = NO_SETS


def outcome_of(study: Study, measure: str | None, day: float | None) -> MeasureAtTime:
    """The outcome that is asked for, by default the first measure of the study at the last time it is recorded.

    Raises:
        SweepError: the study keeps no such measure, or nothing at this time.
    """
    measure = measure or study.measures[0]
    if measure not in study.measures:
        raise SweepError(f'this study does not keep "{measure}", but {", ".join(study.measures)}')
    arm = study.arms[0]
    last = math.floor(arm.duration / arm.record_every + ROUNDING) * arm.record_every
    hour = last if day is None else day * HOURS_PER_DAY
    nearest = round(hour / arm.record_every) * arm.record_every
    if not 0.0 <= hour <= arm.duration or abs(nearest - hour) > arm.step:
        every, at = arm.record_every / HOURS_PER_DAY, hour / HOURS_PER_DAY
        raise SweepError(
            f"nothing is recorded on day {at:g}: every {every:g} d up to {arm.duration / HOURS_PER_DAY:g} d"
        )
    return MeasureAtTime(measure, nearest, measure in MULTIPLYING, study.known_measures)


def measured(folder: StudyFolder, study: Study, outcome: MeasureAtTime) -> np.ndarray:
    """What each run gave, as it is: float64[points, replicates]; not a number where a run is missing."""
    hours = {round(outcome.hour / arm.step) * arm.step for arm in study.arms}  # as they are recorded, bit for bit
    table = folder.series(outcome.measure, hour=sorted(hours))
    found = np.full((len(study.points), study.replicates), np.nan)
    inside = table["run"].to_numpy() < study.total
    table = table[inside]
    found[table["point"].to_numpy(), table["replicate"].to_numpy() - 1] = table[outcome.measure].to_numpy()
    return found


def values(folder: StudyFolder, study: Study, outcome: MeasureAtTime) -> np.ndarray:
    """The same on the scale of the outcome; on a logarithmic one nothing counts as half of the least there is."""
    found = measured(folder, study, outcome)
    if not outcome.logarithmic:
        return found
    positive = found[found > 0.0]
    least = positive.min() / 2.0 if positive.size else 1.0
    return np.log10(np.where(found > 0.0, found, np.where(np.isnan(found), np.nan, least)))
