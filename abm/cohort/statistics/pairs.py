"""Intervals of shares found in pairs (twins), by profile likelihood: right also where few pairs decide, or only one.

A pair has an event in both (a), only in the first (b), only in the second (c) or in neither (d). An effect fixes a
linear relation between the four probabilities; the likelihood is maximal under it where each is x / (n (1 + m k)), with
k from the relation and m chosen so (Owen 2001, Empirical likelihood, section 2.6). Twice the loss of log likelihood is
compared with chi-squared with one degree of freedom.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq, minimize_scalar

CHI_SQUARED = 3.841459  # 95 %, one degree of freedom
CLOSE = 1e-9
FARTHEST = 1e6  # a ratio beyond is told as this


def difference_interval(a: int, b: int, c: int, d: int) -> tuple[float, float]:
    """The 95 % interval of the share in the first less that in the second."""
    counts = np.array([a, b, c, d], dtype=float)

    def loss(value: float) -> float:
        return _loss(counts, np.array([-value, 1.0 - value, -1.0 - value, -value]))

    middle = (b - c) / counts.sum()
    return min(_end(loss, middle, -1.0 + CLOSE), middle), max(_end(loss, middle, 1.0 - CLOSE), middle)


def ratio_interval(a: int, b: int, c: int, d: int) -> tuple[float, float]:
    """The 95 % interval of the share in the first over that in the second; both have events."""
    counts = np.array([a, b, c, d], dtype=float)

    def loss(log_value: float) -> float:
        value = math.exp(log_value)
        scale = 1.0 + value
        return _loss(counts, np.array([(1.0 - value) / scale, 1.0 / scale, -value / scale, 0.0]))

    middle, far = math.log((a + b) / (a + c)), math.log(FARTHEST)
    return math.exp(_end(loss, middle, -far)), math.exp(_end(loss, middle, far))


def _loss(counts: np.ndarray, k: np.ndarray) -> float:
    """Twice the loss of log likelihood under sum(k p) = 0: the largest of 2 sum(x log(1 + m k)) over allowed m."""
    low = -1.0 / k.max() if k.max() > 0.0 else -1e12
    high = -1.0 / k.min() if k.min() < 0.0 else 1e12
    inside = counts > 0.0

    def negative(share: float) -> float:
        inner = 1.0 + (low + share * (high - low)) * k[inside]
        return -2.0 * float((counts[inside] * np.log(np.maximum(inner, 1e-300))).sum())

    found = minimize_scalar(negative, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-10})
    return max(-float(found.fun), -negative(0.0), -negative(1.0))


def _end(loss: Callable[[float], float], middle: float, far: float) -> float:
    """Where the loss reaches its limit between the estimate and the far end; the far end where it does not."""
    if abs(far - middle) < CLOSE or loss(far) <= CHI_SQUARED:
        return far
    return float(brentq(lambda value: loss(value) - CHI_SQUARED, middle, far, xtol=1e-6))
