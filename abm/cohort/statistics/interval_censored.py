"""Hazard ratio of visible lesions, whose months only lie between two scans.

A lesion that a scan shows became visible after the last scan that showed nothing. The dates on which lesions are found
are those of the calendar of scans, which is what a registry records; this fit takes the interval instead, so that arms
with other scans can be compared. Hazards are proportional, and that without exposure is constant between chosen months
(Friedman 1982, Ann Stat 10:101). For arms with one calendar of scans and no symptoms this is the model of Prentice and
Gloeckler 1978 (doi:10.2307/2529588); Finkelstein 1986 (doi:10.2307/2530698) and Zhang and Sun 2010
(doi:10.1177/0962280209105023) treat the general case. The variance takes patients as clusters.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.cohort.analysis import Tables
from abm.cohort.statistics.ratios import MANY, UNDEFINED, Ratio
from abm.cohort.statistics.shares import NORMAL

PIECES = 10  # of time, at most, in which the hazard is constant
FARTHEST = 12.0  # logarithm of a hazard, from the mean hazard: a piece without lesions
FARTHEST_LOG = 15.0  # of the ratio, from its estimate
LEAST_KNOWN = 1e-4  # information on the logarithm of the ratio below which there is none
STEP = 1e-5  # of the differences that give the information


class Seen(NamedTuple):
    """Between which months a lesion became visible, patients by turns.

    Attributes:
        after, until: months. The same: known to the day, by symptoms. `until` infinite: not by month `after`.
    """

    after: np.ndarray
    until: np.ndarray


def seen(tables: Tables, arm: str) -> Seen:
    """When lesions of an arm became visible.

    By scan: between the last scan without a finding and the one that found it; by symptoms: on that day. Without a
    finding it is not visible at the last scan. Where the tables do not hold the month of that scan, it is the last one
    before the patient leaves at which scans of this arm found any lesion.
    """
    found, clear, left = tables.numbers(arm, "found"), tables.numbers(arm, "last_clear"), tables.left(arm)
    by_scan = tables.column(arm, "by_scan").astype(bool)
    is_found = ~np.isnan(found)
    scans = np.concatenate([[0.0], np.unique(found[is_found & by_scan])])
    last = scans[np.searchsorted(scans, left, side="right") - 1] if scans.size > 1 else left
    free = np.where(np.isnan(clear), np.where(is_found, 0.0, last), clear)
    after = np.where(is_found & ~by_scan, found, free)
    return Seen(after, np.where(is_found, found, np.inf))


def interval_hazard_ratio(one: Seen, other: Seen) -> Ratio:
    """Hazard ratio of a lesion that becomes visible, of `one` over `other`; undefined where an arm has none."""
    if not np.isfinite(one.until).any() or not np.isfinite(other.until).any():
        return UNDEFINED
    likelihood = _Likelihood(one, other)
    theta, variance = likelihood.fit()
    width = min(NORMAL * math.sqrt(variance), FARTHEST_LOG)
    return Ratio(math.exp(theta), math.exp(theta - width), math.exp(theta + width))


class _Likelihood:
    """Log likelihood of both arms in the log hazard ratio and the log hazards of the pieces."""

    def __init__(self, one: Seen, other: Seen) -> None:
        patients, self.turns = one.after.shape
        columns = [
            np.concatenate([np.ravel(first), np.ravel(second)]) for first, second in zip(one, other, strict=True)
        ]
        exposed = np.repeat([1.0, 0.0], one.after.size)
        rows, self.slot, self.count = np.unique(
            np.column_stack([exposed, *columns]), axis=0, return_inverse=True, return_counts=True
        )
        self.slot = self.slot.ravel()
        self.patient = np.tile(np.repeat(np.arange(patients), self.turns), 2)
        found = np.isfinite(one.until)
        different = (one.until != other.until) | (found & (one.after != other.after))
        self.differing = int(different.any(axis=1).sum())
        self.exposed, after, until = rows.T
        self.is_found = np.isfinite(until)
        self.is_exact = self.is_found & (after == until)
        edges = _edges(until, self.count)
        self.before = _months_in(after, edges)
        self.width = _months_in(np.where(self.is_found, until, after), edges) - self.before
        self.piece = np.searchsorted(edges, np.where(self.is_exact, until, edges[1])).clip(1, edges.size - 1) - 1
        whole = (self.count[:, None] * (self.before + self.width / 2)).sum()
        self.mean = math.log(self.count[self.is_found].sum() / max(whole, 1e-9))
        self.size = edges.size

    def __call__(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood and its gradient, one row per distinct row of the data."""
        ratio, hazard = np.exp(x[0] * self.exposed), np.exp(x[1:])
        before, within = (ratio[:, None] * hazard * months for months in (self.before, self.width))
        passed = np.maximum(within.sum(axis=1), 1e-300)
        is_interval = self.is_found & ~self.is_exact
        value = -before.sum(axis=1)
        value += np.where(is_interval, np.log(-np.expm1(-np.where(is_interval, passed, 1.0))), 0.0)
        value += np.where(self.is_exact, x[0] * self.exposed + x[1:][self.piece], 0.0)
        factor = np.where(is_interval, 1.0 / np.expm1(np.minimum(np.where(is_interval, passed, 1.0), 700.0)), 0.0)
        slope = factor[:, None] * within - before
        slope[self.is_exact, self.piece[self.is_exact]] += 1.0
        by_ratio = self.exposed * slope.sum(axis=1)
        return value, np.column_stack([by_ratio, slope])

    def fit(self) -> tuple[float, float]:
        """The log hazard ratio and its variance."""
        from scipy.optimize import minimize

        total = float(self.count.sum())

        def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
            value, slope = self(x)
            return -float(self.count @ value) / total, -(self.count @ slope) / total

        ends = [(-15.0, 15.0), *[(self.mean - FARTHEST, self.mean + FARTHEST)] * (self.size - 1)]
        start = np.array([0.0, *[self.mean] * (self.size - 1)])
        options = {"maxiter": 2000, "maxfun": 5000, "ftol": 1e-15, "gtol": 1e-9}
        best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=ends, options=options).x
        return float(best[0]), self._variance(best)

    def _variance(self, best: np.ndarray) -> float:
        inside = np.concatenate([[True], np.abs(best[1:] - self.mean) < FARTHEST - 1e-6])
        columns = []
        for at in np.flatnonzero(inside):
            ends = [self.count @ self(best + side * STEP * np.eye(best.size)[at])[1] for side in (1.0, -1.0)]
            columns.append((ends[1] - ends[0])[inside] / (2.0 * STEP))
        information = np.array(columns)
        slope = self(best)[1][:, inside]
        score = np.column_stack([np.bincount(self.patient, column[self.slot]) for column in slope.T])
        # what is left of information and scores when the hazards of the pieces are fitted as well
        weights = np.linalg.pinv(information[1:, 1:], rcond=1e-9, hermitian=True) @ information[1:, 0]
        known = float(information[0, 0] - information[0, 1:] @ weights)
        if known <= LEAST_KNOWN:
            return math.inf
        variance = float(((score[:, 0] - score[:, 1:] @ weights) ** 2).sum()) / known**2
        return variance if self.differing >= MANY else max(variance, self.turns / known)


def _edges(until: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Months between which the hazard is constant: 0 and months of findings, so that each piece holds some."""
    is_found = np.isfinite(until)
    months = np.unique(until[is_found])
    if months.size > PIECES:
        shares = np.arange(1, PIECES + 1) / PIECES
        weights = count[is_found]
        months = np.unique(np.quantile(until[is_found], shares, weights=weights, method="inverted_cdf"))
    return np.concatenate([[0.0], months[months > 0.0]])


def _months_in(time: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Months of each piece that have passed by each time; beyond the last finding the hazard is 0."""
    return np.clip(time[:, None], edges[:-1], edges[1:]) - edges[:-1]
