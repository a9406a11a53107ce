"""Ratios of expected counts: what Cox regression and a table of two by two would find in endless patients."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.cohort.expected.outlook import Outlook


class GroupedCounts(NamedTuple):
    """Events of one arm by interval of time, and patients at risk in them, float64[intervals] each."""

    events: np.ndarray
    at_risk: np.ndarray


def counts_of_found(outlook: Outlook) -> GroupedCounts:
    """Lesions found; those who die before leave halfway through an interval."""
    risk = outlook.at_risk.sum(axis=0)
    events = outlook.found.sum(axis=0)
    dead = np.maximum(risk[:-1] - risk[1:] - events, 0.0)
    return GroupedCounts(events, risk[:-1] - 0.5 * dead)


def counts_of_deaths(outlook: Outlook, deaths: np.ndarray) -> GroupedCounts:
    """Deaths, float64[patients, intervals], among those alive."""
    alive = outlook.alive.sum(axis=0)
    return GroupedCounts(deaths.sum(axis=0), 0.5 * (alive[:-1] + alive[1:]))


def log_hazard_ratio(one: GroupedCounts, other: GroupedCounts) -> float:
    """Where the score of the partial likelihood is zero on these counts (Breslow); NaN without events in both arms.

    The score sum(d1 - d n1 e^B / (n1 e^B + n0)) falls in B, so Newton's steps, of at most 2, reach its only zero.
    Cox 1972, doi:10.1111/j.2517-6161.1972.tb00899.x.
    """
    if one.events.sum() <= 0.0 or other.events.sum() <= 0.0:
        return math.nan
    both, value = one.events + other.events, 0.0
    for _ in range(60):
        share = one.at_risk * math.exp(value)
        share /= np.maximum(share + other.at_risk, 1e-300)
        score = float((one.events - both * share).sum())
        information = float((both * share * (1.0 - share)).sum())
        if information <= 0.0:
            return math.nan
        step = float(np.clip(score / information, -2.0, 2.0))
        value += step
        if abs(step) < 1e-10:
            break
    return value


def log_odds_ratio(one: float, other: float) -> float:
    """Of two probabilities; NaN where one is 0 or 1."""
    if not (0.0 < one < 1.0 and 0.0 < other < 1.0):
        return math.nan
    return math.log(one / (1.0 - one)) - math.log(other / (1.0 - other))
