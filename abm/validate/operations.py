"""How a number is read from curves. A few operations serve all targets; each is a pure function of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from abm.reporting.measured import Beside, Measured
from abm.reporting.statistics import resampled_interval, resampling
from abm.validate.curves import ArmCurves
from abm.validate.scoring import PEOPLE, observables, score
from abm.validate.target import Value


class MeasureCourse(NamedTuple):
    """A curve over time: `days` float[times]; `values` float[..., times], its first row the estimate."""

    days: np.ndarray
    values: np.ndarray


Operation = Callable[[MeasureCourse, Value], np.ndarray]


def on(course: MeasureCourse, days: float | tuple[float, ...] | np.ndarray) -> np.ndarray:
    """The values on one day, float[...], or on several, float[..., days], between recorded times as on a line."""
    wanted = np.atleast_1d(np.asarray(days, dtype=float))
    if wanted.max() > course.days[-1] + 1e-9:
        raise ValueError(f"day {wanted.max():g} is asked for, the curve ends on day {course.days[-1]:g}")
    after = np.clip(np.searchsorted(course.days, wanted - 1e-9), 1, course.days.size - 1)
    share = (wanted - course.days[after - 1]) / (course.days[after] - course.days[after - 1])
    before, reached = course.values[..., after - 1], course.values[..., after]
    with np.errstate(invalid="ignore"):  # of an infinite ratio that does not count
        between = (1.0 - share) * before + share * reached
    found = np.where(share > 1.0 - 1e-9, reached, between)  # on a recorded day, the day before does not count
    return found if np.ndim(days) else found[..., 0]


def at(course: MeasureCourse, value: Value) -> np.ndarray:
    """The value on a day."""
    return on(course, value.day)


def peak_day(course: MeasureCourse, _: Value) -> np.ndarray:
    """The day of the highest value, the first if there are several."""
    return course.days[np.argmax(course.values, axis=-1)]


def peak(course: MeasureCourse, _: Value) -> np.ndarray:
    """The highest value."""
    return course.values.max(axis=-1)


def rise_day(course: MeasureCourse, value: Value) -> np.ndarray:
    """The first day on which a curve reaches a multiple of its start, between recorded times; infinite: never."""
    level = value.times * course.values[..., :1]
    above = course.values >= level
    first = np.argmax(above, axis=-1)
    return np.where(above.any(axis=-1), _crossing(course, first, level[..., 0]), np.inf)


def return_day(course: MeasureCourse, value: Value) -> np.ndarray:
    """The first day from which on a curve stays at or below a multiple of its start; infinite: never."""
    level = value.times * course.values[..., :1]
    above = course.values > level
    last = course.days.size - 1 - np.argmax(above[..., ::-1], axis=-1)
    back = _crossing(course, np.minimum(last + 1, course.days.size - 1), level[..., 0])
    return np.where(above[..., -1], np.inf, np.where(above.any(axis=-1), back, 0.0))


def clearance_day(course: MeasureCourse, value: Value) -> np.ndarray:
    """The last day on which a curve is above a share of its peak; infinite: it still is at the end."""
    level = value.share * course.values.max(axis=-1)
    above = course.values > level[..., None]
    last = course.days.size - 1 - np.argmax(above[..., ::-1], axis=-1)
    gone = _crossing(course, np.minimum(last + 1, course.days.size - 1), level)
    return np.where(above[..., -1], np.inf, np.where(above.any(axis=-1), gone, 0.0))


def _crossing(course: MeasureCourse, index: np.ndarray, level: np.ndarray) -> np.ndarray:
    """The day between recorded time `index` and the one before on which a curve passes a level."""
    before = np.maximum(index - 1, 0)
    low, high = (np.take_along_axis(course.values, i[..., None], axis=-1)[..., 0] for i in (before, index))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(high != low, (level - low) / (high - low), 1.0)
    begin, end = course.days[before], course.days[index]
    return begin + np.clip(share, 0.0, 1.0) * (end - begin)


def largest_step(course: MeasureCourse, value: Value) -> np.ndarray:
    """The largest of the steps from day to day; at most 0 where the curve falls all the way."""
    return np.diff(on(course, value.days), axis=-1).max(axis=-1)


def smallest_step(course: MeasureCourse, value: Value) -> np.ndarray:
    """The smallest of the steps from day to day; at least 0 where the curve rises all the way."""
    return np.diff(on(course, value.days), axis=-1).min(axis=-1)


def distance(course: MeasureCourse, value: Value) -> np.ndarray:
    """Root mean square over days of a ratio in log10, in SDs between mice of an observable."""
    decades = np.log10(on(course, value.days))
    return np.sqrt(np.mean(decades**2, axis=-1)) / observables()[value.observable].spread


def error(course: MeasureCourse, value: Value) -> np.ndarray:
    """How far a curve is from that of mice, in distances between experiments, see `abm.validate.scoring`."""
    one = observables(value.experiment)[value.observable]
    return score(on(course, one.days), one).error


OF_NUMBERS = "later", "fold"  # comparisons of the numbers of two arms, not of their curves
OPERATIONS: dict[str, Operation] = {
    "at": at,
    "peak_day": peak_day,
    "peak": peak,
    "rise_day": rise_day,
    "return_day": return_day,
    "clearance_day": clearance_day,
    "largest_step": largest_step,
    "smallest_step": smallest_step,
    "distance": distance,
    "error": error,
}


def measures_of(value: Value) -> tuple[str, ...]:
    """The measures that a value reads, added up."""
    return (value.measure,) if value.measure else observables(value.experiment)[value.observable].measures


def mean_curve(curves: np.ndarray, weights: np.ndarray, value: Value) -> np.ndarray:
    """Arithmetic means over replicates, as a lung is the sum of its sections: float[rows, times].

    Args:
        curves: float[replicates, times].
        weights: float[rows, replicates].
        value: its floor, on which all of a curve below lies.
    """
    mean: np.ndarray = weights @ np.maximum(curves, value.floor)
    return mean


def plain_course(value: Value, arm: str, curves: ArmCurves, weights: np.ndarray) -> MeasureCourse:
    """The mean curve of an arm, over the time that all arms of the value have."""
    days = curves.days(value.arms)
    found = curves.of(arm, measures_of(value), weights.shape[1])[:, : days.size]
    return MeasureCourse(days, mean_curve(found, weights, value))


def course_of(value: Value, curves: ArmCurves, weights: np.ndarray) -> MeasureCourse:
    """The curve that a value is read from: the mean over replicates, compared as the value says."""
    course = plain_course(value, value.arm, curves, weights)
    if value.compare in ("none", *OF_NUMBERS):
        return course
    with np.errstate(divide="ignore", invalid="ignore"):
        if value.compare == "day":
            return course._replace(values=course.values / on(course, value.base)[..., None])
        other = plain_course(value, value.against, curves, weights).values
        if value.compare == "arm":
            return course._replace(values=course.values / other)
        changed = (course.values - course.values[..., :1]) / (other - other[..., :1])
        return course._replace(values=1.0 - changed if value.compare == "less" else changed)


def samples(value: Value, curves: ArmCurves, n: int) -> np.ndarray:
    """A number from `n` replicates, then from as many drawn from them again and again: float[1 + RESAMPLES]."""
    operation, weights = OPERATIONS[value.operation], resampling(n)
    if value.compare in OF_NUMBERS:
        own, other = (operation(plain_course(value, arm, curves, weights), value) for arm in value.arms)
        with np.errstate(invalid="ignore", divide="ignore"):
            return own - other if value.compare == "later" else own / other
    found: np.ndarray = operation(course_of(value, curves, weights), value) + 0.0  # no -0
    return found


def measure(value: Value, curves: ArmCurves, most: int) -> Measured:
    """A number with its interval, against its bound.

    Args:
        value: what is read.
        curves: of the runs.
        most: replicates to be used at most.
    """
    n = min(most, curves.replicates(value.arms))
    found = samples(value, curves, n)
    low, high = map(float, interval) if (interval := resampled_interval(found[1:], n)) else (None, None)
    return Measured(value.name, float(found[0]), value.least, value.most, low, high, _beside(value, float(found[0])))


def _beside(value: Value, found: float) -> Beside | None:
    """An error in SDs between mice."""
    if value.operation != "error" or value.experiment == PEOPLE:
        return None
    one = observables(value.experiment)[value.observable]
    return Beside(found * one.distance / one.spread, "SDs between mice")
