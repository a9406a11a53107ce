"""Ratios of two arms of a cohort, with 95 % intervals: of hazards, risks and odds.

Arms hold the same patients, each in several random draws: a patient is a cluster, and intervals are those of
patients. Where events differ in fewer than MANY patients, a variance between patients is not to be trusted: intervals
then come from a likelihood in which all turns of a patient together count as one observation, and which leaves out that
arms are twins. They are wide, and never a point.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from abm.cohort.analysis import Followed
from abm.cohort.statistics.pairs import CHI_SQUARED, ratio_interval
from abm.cohort.statistics.shares import NORMAL

FEW = 5  # events, counted in patients, in an arm below which a ratio is reported with a warning
MANY = 10  # patients whose events differ from which on a variance between patients is trusted
FARTHEST_LOG = 15.0  # of a ratio, from its estimate


class Ratio(NamedTuple):
    """A ratio or a difference with its 95 % interval; NaN where there are no events."""

    value: float
    low: float
    high: float

    @property
    def text(self) -> str:
        """In words."""
        if not math.isfinite(self.value):
            return "not defined (an arm without events)"
        return f"{self.value:.3g} ({self.low:.3g} to {self.high:.3g})"


UNDEFINED = Ratio(math.nan, math.nan, math.nan)


def hazard_ratio(one: Followed, other: Followed) -> Ratio:
    """Cause-specific hazard ratio of `one` over `other`: Cox, ties as Efron, patients as clusters.

    The estimate is that of statsmodels, its variance that of Lin and Wei 1989, J Am Stat Assoc 84:1074. Statsmodels has
    the same, but 20 times slower, and NaN where a patient dies before the first event (tested to agree elsewhere).
    """
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    rows = _Rows.of(one, other)
    if not rows.event[rows.exposed].any() or not rows.event[~rows.exposed].any():
        return UNDEFINED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("error", ConvergenceWarning)
        exposed = rows.exposed.astype(float)[:, None]
        model = PHReg(rows.time, exposed, status=rows.event.astype(float), ties="efron")
        try:
            value = float(model.fit(start_params=[rows.log_rate_ratio]).params[0])
        except (ConvergenceWarning, np.linalg.LinAlgError):  # every patient of one arm before any of the other
            return UNDEFINED
        if differing(one, other) < MANY:
            ends = _profile(lambda at: float(model.loglike(np.array([at]))) / one.time.shape[1], value)
        else:
            information = -float(model.hessian(np.array([value]))[0, 0])
            error = math.sqrt(_score_variance(rows, value)) / information
            ends = (value - NORMAL * error, value + NORMAL * error)
    return Ratio(math.exp(value), math.exp(ends[0]), math.exp(ends[1]))


def risk_ratio(one: Followed, other: Followed) -> Ratio:
    """Ratio of the shares with an event by the end, of pairs, with the interval of `abm.cohort.statistics.pairs`."""
    first, second = one.event.mean(axis=1), other.event.mean(axis=1)
    if not first.any() or not second.any():
        return UNDEFINED
    return Ratio(float(first.mean() / second.mean()), *ratio_interval(first, second))


def odds_ratio(one: Followed, other: Followed) -> Ratio:
    """Odds ratio of an event by the end.

    The variance of its logarithm is that between patients (what a logistic regression by generalized estimating
    equations gives); where events of few differ it is Woolf's, of counts of patients, as if arms were no twins.
    """
    shares = [part.event.mean(axis=1) for part in (one, other)]
    risks = [float(part.mean()) for part in shares]
    if min(risks) == 0.0 or max(risks) == 1.0:
        return UNDEFINED
    value = math.log(risks[0] / (1.0 - risks[0])) - math.log(risks[1] / (1.0 - risks[1]))
    count = len(shares[0])
    if differing(one, other) < MANY:
        variance = sum(1.0 / (count * part) for risk in risks for part in (risk, 1.0 - risk))
    else:
        parts = [(own - risk) / (risk * (1.0 - risk)) for own, risk in zip(shares, risks, strict=True)]
        variance = float(((parts[0] - parts[1]) ** 2).sum()) / (count * (count - 1))
    width = NORMAL * math.sqrt(variance)
    return Ratio(math.exp(value), math.exp(value - width), math.exp(value + width))


def differing(one: Followed, other: Followed) -> int:
    """Patients whose events differ in any turn: one twin has none, or has it at another time.

    A patient who only leaves earlier, by another death, does not count.
    """
    events = [part.event if part.kept is None else part.event & part.kept for part in (one, other)]
    different = (events[0] != events[1]) | (events[0] & (one.time != other.time))
    return int(different.any(axis=1).sum())


class _Rows(NamedTuple):
    """Two arms below each other, one entry per patient and turn; `patient` counts from 0."""

    time: np.ndarray
    event: np.ndarray
    exposed: np.ndarray
    patient: np.ndarray

    @property
    def log_rate_ratio(self) -> float:
        """Logarithm of the ratio of events per time, near that of hazards."""
        rates = [self.event[arm].sum() / max(self.time[arm].sum(), 1e-9) for arm in (self.exposed, ~self.exposed)]
        return math.log(rates[0] / rates[1])

    @classmethod
    def of(cls, one: Followed, other: Followed) -> _Rows:
        parts = []
        for part, exposed in ((one, True), (other, False)):
            kept = np.ones(part.time.shape, dtype=bool) if part.kept is None else part.kept
            patient = np.broadcast_to(np.arange(len(part.time))[:, None], part.time.shape)[kept]
            parts.append((part.time[kept], part.event[kept], np.full(patient.size, exposed), patient))
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _score_variance(rows: _Rows, value: float) -> float:
    """Variance of the score of a logarithm of a hazard ratio: squares of what each patient adds."""
    weight = np.where(rows.exposed, math.exp(value), 1.0)
    times = np.unique(rows.time[rows.event])
    slot = np.searchsorted(times, rows.time, side="right")  # event times up to that of the row
    all_weight = _at_risk(slot, weight, times.size)
    mean = _at_risk(slot, weight * rows.exposed, times.size) / all_weight
    events = np.bincount(slot[rows.event] - 1, minlength=times.size)
    hazard = events / all_weight
    summed, summed_mean = (np.concatenate([[0.0], np.cumsum(part)]) for part in (hazard, hazard * mean))
    score = -weight * (rows.exposed * summed[slot] - summed_mean[slot])
    score[rows.event] += rows.exposed[rows.event] - mean[slot[rows.event] - 1]
    return float((np.bincount(rows.patient, score) ** 2).sum())


def _at_risk(slot: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """Summed weight of those who are followed up to each event time or longer."""
    return np.cumsum(np.bincount(slot, weight, minlength=count + 1)[::-1])[::-1][1:]


def _profile(log_likelihood: Callable[[float], float], value: float) -> tuple[float, float]:
    """Where a log likelihood has lost as much as 95 % allow."""
    from scipy.optimize import brentq

    best = log_likelihood(value)

    def loss(at: float) -> float:
        return 2.0 * (best - log_likelihood(at)) - CHI_SQUARED

    ends: list[Any] = []
    for side in (-1.0, 1.0):
        far = value + side * FARTHEST_LOG
        ends.append(float(brentq(loss, value, far)) if loss(far) > 0.0 else far)
    return ends[0], ends[1]
