"""Intervals of what patients are on average, by likelihood: right also where few patients decide, or only one.

Each patient contributes a number: the mean, over turns, of the difference from their twin. The likelihood of a mean is
the largest that any distribution of patients with this mean has (Owen 2001, Empirical likelihood, chapter 2). The
distribution may also hold patients at the ends of what is possible whom nobody has seen: an interval has a width
although all patients are the same. Twice the loss of log likelihood is compared with chi-squared with one degree of
freedom. With one turn, this is the likelihood of the four kinds of pairs.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

CHI_SQUARED = 3.841459  # 95 %, one degree of freedom
CLOSE = 1e-9
FEW, MANY = 10, 30  # patients beyond 0 on a side: up to FEW, what is conceivable is the end; from MANY on, the farthest
FARTHEST = 1e6  # a ratio beyond is reported as this


def mean_interval(values: np.ndarray, least: float, most: float) -> tuple[float, float]:
    """The 95 % interval of a mean over patients, of numbers that lie between two ends.

    Args:
        values: one per patient.
        least: end of what is possible below, never reached by the mean itself.
        most: the same above.
    """
    seen, counts = np.unique(np.round(values, 12), return_counts=True)

    middle, edge = float(np.mean(values)), CLOSE * (most - least)
    ends = _possible(seen, counts, least, most)

    def loss(mean: float) -> float:
        mean = min(max(mean, least + edge), most - edge)
        return _loss(seen - mean, counts, ends[0] - mean, ends[1] - mean)

    return min(_end(loss, middle, least + edge), middle), max(_end(loss, middle, most - edge), middle)


def difference_interval(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of the share in the first less that in the second.

    Args:
        one: share of each patient's turns with the event.
        other: the same, of their twin.
    """
    return mean_interval(one - other, -1.0, 1.0)


def ratio_interval(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of the share in the first over that in the second; both have events.

    Args:
        one: share of each patient's turns with the event.
        other: the same, of their twin.
    """
    seen, counts = np.unique(np.round(np.column_stack([one, other]), 12), axis=0, return_counts=True)

    def loss(log_value: float) -> float:
        value = math.exp(log_value)
        scale = 1.0 + value
        values = (seen[:, 0] - value * seen[:, 1]) / scale
        return _loss(values, counts, *_possible(values, counts, -value / scale, 1.0 / scale))

    middle, far = math.log(one.mean() / other.mean()), math.log(FARTHEST)
    return math.exp(_end(loss, middle, -far)), math.exp(_end(loss, middle, far))


def _possible(values: np.ndarray, counts: np.ndarray, least: float, most: float) -> tuple[float, float]:
    """Ends of what patients may be: where many lie on that side of 0, what was seen; else what is conceivable."""
    low, high = float(values.min()), float(values.max())
    told_low, told_high = (
        min(max((float(counts[side].sum()) - FEW) / (MANY - FEW), 0.0), 1.0)
        for side in (values < -CLOSE, values > CLOSE)
    )
    return least + told_low * (low - least), most + told_high * (high - most)


def _loss(values: np.ndarray, counts: np.ndarray, least: float, most: float) -> float:
    """Twice the loss of log likelihood where the mean is 0: the largest of 2 sum(counts log(1 + m values)).

    `m` may be as large as keeps 1 + m v positive for every possible v between `least` (< 0) and `most` (> 0).
    """
    if most <= 0.0 or least >= 0.0:
        return math.inf
    low, high = -1.0 / most, -1.0 / least

    def slope(m: float) -> float:
        return float((counts * values / np.maximum(1.0 + m * values, 1e-15)).sum())

    if slope(low) <= 0.0:
        best = low
    elif slope(high) >= 0.0:
        best = high
    else:
        best = float(brentq(slope, low, high, xtol=1e-14, rtol=1e-12))
    return 2.0 * float((counts * np.log(np.maximum(1.0 + best * values, 1e-300))).sum())


def _end(loss: Callable[[float], float], middle: float, far: float) -> float:
    """Where the loss reaches its limit between the estimate and the far end; the far end where it does not."""
    if abs(far - middle) < CLOSE or loss(far) <= CHI_SQUARED:
        return far
    return float(brentq(lambda value: loss(value) - CHI_SQUARED, middle, far, xtol=1e-9))
