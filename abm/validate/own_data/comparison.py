"""How far a curve of the model is from one's own data, in log10, with one free factor where only the shape counts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from abm.reporting.measured import Measured
from abm.reporting.statistics import resampled_interval, resampling
from abm.validate.own_data.measurements import OwnCurve

ROOM = 0.5  # decades that the best factor may lie outside of those that bring a single time into line
RESAMPLES = 1000  # a factor is sought for each
TINY = 1e-30  # stands for nothing where there is no detection limit, in resampled means


class OwnScore(NamedTuple):
    """How far the model is from the data.

    Attributes:
        error: root mean square of the residuals, in log10, with its interval over sections.
        in_spreads: the same in standard deviations between replicates; None without replicates.
        factor: what the model was multiplied with; 1 where the unit counts.
        model: float[times], after the factor and the floor. residuals: float[times], log10; above 0: model too high.
    """

    error: Measured
    in_spreads: Measured | None
    factor: float
    model: np.ndarray
    residuals: np.ndarray


def own_score(curve: OwnCurve, sections: np.ndarray, is_shape: bool) -> OwnScore:
    """Compare the mean of sections with the data.

    Args:
        curve: the data.
        sections: float[replicates, times], of the model at the times of the data.
        is_shape: whether one factor is free.
    """
    means = resampling(len(sections))[: 1 + RESAMPLES] @ sections
    factor = best_factor(means[0], curve) if is_shape else 1.0
    model = _seen(means[0] * factor, curve)
    residuals = np.log10(model) - np.log10(curve.center)
    errors = np.array([_error(mean, curve, is_shape) for mean in means])
    ends = resampled_interval(errors[1:], len(sections))
    error = _measured("error, in decades (root mean square of log10)", errors[0], ends, 1.0)
    in_spreads = None
    if np.isfinite(curve.spread):
        in_spreads = _measured("error, in SDs between replicates", errors[0], ends, curve.spread)
    return OwnScore(error, in_spreads, factor, model, residuals)


def _measured(name: str, error: float, ends: tuple[np.ndarray, np.ndarray] | None, unit: float) -> Measured:
    """An error and its interval, if there is one, in a unit."""
    low, high = (None, None) if ends is None else (float(end / unit) for end in ends)
    return Measured(name, float(error / unit), 0.0, np.inf, low, high)


def best_factor(model: np.ndarray, curve: OwnCurve) -> float:
    """The factor with the least squares in log10; 1 where the model has nothing."""
    there = model > 0.0
    if not there.any():
        return 1.0
    gaps = np.log10(curve.center[there]) - np.log10(model[there])
    if not curve.floor and there.all():
        return float(10.0 ** gaps.mean())
    found = minimize_scalar(
        lambda shift: _squares(model * 10.0**shift, curve), bounds=(gaps.min() - ROOM, gaps.max() + ROOM),
        method="bounded", options={"xatol": 1e-4},
    )  # fmt: skip
    return float(10.0**found.x)


def _error(mean: np.ndarray, curve: OwnCurve, is_shape: bool) -> float:
    factor = best_factor(mean, curve) if is_shape else 1.0
    return float(np.sqrt(_squares(mean * factor, curve) / curve.days.size))


def _squares(amounts: np.ndarray, curve: OwnCurve) -> float:
    return float(np.sum((np.log10(_seen(amounts, curve)) - np.log10(curve.center)) ** 2))


def _seen(amounts: np.ndarray, curve: OwnCurve) -> np.ndarray:
    """What an assay with this detection limit shows."""
    return np.maximum(amounts, curve.floor or TINY)
