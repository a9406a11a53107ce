"""Numbers of a lesson, read from the arms of a run, and how they are written."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from abm.dashboard.lessons.lesson import Lesson, LessonNumber
from abm.dashboard.live.stage import ArmRun
from abm.rules.states import EventKind

NUMBER_IN_TEXT = re.compile(r"\{(\w+)\}")
KINDS = {
    "killed cells": EventKind.KILLED, "dead cells": EventKind.DEATH, "born cells": EventKind.BIRTH,
    "returned cells": EventKind.RETURN_TO_DORMANCY,
}  # fmt: skip
Runs = Mapping[str, ArmRun]


def numbers_of(lesson: Lesson, runs: Runs) -> dict[str, float]:
    """Every number of a lesson whose arms are among these runs; not a number where a ratio has none."""
    return {
        name: number_of(one, runs)
        for name, one in lesson.numbers.items()
        if one.arm in runs and (not one.over or one.over in runs)
    }


def number_of(number: LessonNumber, runs: Runs) -> float:
    """One number of a run."""
    own = _read(number, runs[number.arm])
    if not number.over:
        return own
    other = _read(number, runs[number.over])
    return own / other if other else math.nan


def series_of(run: ArmRun, measure: str) -> list[float]:
    """A curve, one value per hour from day 0."""
    at = run.measures.index(measure)
    return [point[at] for point in run.points]


def day_of_highest(values: Sequence[float], hours: Sequence[float]) -> float:
    """The day on which a curve is highest, the first one where there are several."""
    return float(hours[int(np.argmax(values))]) / 24.0


def _read(number: LessonNumber, run: ArmRun) -> float:
    last = round(number.hour)
    if number.count:
        return _counted(number.count, run, number.hour)
    values = series_of(run, number.measure)[: last + 1]
    if number.read == "on day":
        return float(values[-1])
    if number.read == "day of highest":
        return day_of_highest(values, range(len(values)))
    return float(max(values) if number.read == "highest" else min(values))


def _counted(count: str, run: ArmRun, hour: float) -> float:
    """Events of an arm until an hour."""
    if count == "awakened clones":
        return float(np.count_nonzero(run.awoke <= hour))
    tissue = run.model.tissue
    log = tissue.log[: int(tissue.status[0].events)]
    return float(np.count_nonzero((log.kind == KINDS[count]) & (log.hour <= hour)))


def written(value: float, form: str) -> str:
    """A number for people, in the form that the lesson gives it."""
    if not math.isfinite(value):
        return "not defined"
    if form == "percent":
        return f"{_digits(100.0 * value)} %"
    if form == "day":
        return f"day {value:.1f}".removesuffix(".0")
    return f"{_digits(value)} times" if form == "times" else _digits(value)


def _digits(value: float) -> str:
    if abs(value) >= 9.95 or value == round(value):
        return f"{value:,.0f}"  # as the page rounds
    return f"{value:.2g}" if abs(value) < 1 else f"{value:.1f}"


def filled(text: str, lesson: Lesson, numbers: Mapping[str, float]) -> str:
    """A text with the numbers of a run in the place of their names in braces."""

    def of(found: re.Match[str]) -> str:
        return written(numbers.get(found[1], math.nan), lesson.numbers[found[1]].form)

    return NUMBER_IN_TEXT.sub(of, text)
