"""Widening of a posterior where the numbers that the likelihood treats as independent are not.

Few animals, or few replicates of the model, do not determine the correlations of a dozen numbers, so the likelihood
treats numbers as independent. They do determine the effect of their dependence on the fitted axes: each animal shifts
the axes in its own direction, and the covariance of these shifts is that of the axes (the sandwich of Liang & Zeger
1986, doi:10.1093/biomet/73.1.13). The posterior is stretched around its mode until its spread is no less (curvature
adjustment, Ribatet et al. 2012, doi:10.5705/ss.2009.249), with Student's t for the few animals (degrees of freedom as
Welch and Satterthwaite).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import norm, t

PRIOR = 12.0  # 1 / variance of an axis that is uniform over the unit interval
CENTRAL = 0.975
FEWEST = 1.0  # degrees of freedom


class CovariancePart(NamedTuple):
    """Of the covariance of what is compared: float64[data, data], with its degrees of freedom."""

    covariance: np.ndarray
    freedom: float


class Widening(NamedTuple):
    """Stretches a posterior around its mode.

    Attributes:
        mode: float64[axes]. inverse: float64[axes, axes], of the stretching.
    """

    mode: np.ndarray
    inverse: np.ndarray

    def inward(self, rows: np.ndarray) -> np.ndarray:
        """Where the likelihood of these rows is read: float64[rows, axes] in the unit cube."""
        return np.clip(self.mode + (rows - self.mode) @ self.inverse.T, 0.0, 1.0)

    @property
    def factors(self) -> np.ndarray:
        """How many times wider each main direction becomes: float64[axes], 1 or more."""
        return 1.0 / np.linalg.svd(self.inverse, compute_uv=False)


def widening(mode: np.ndarray, slopes: np.ndarray, working: np.ndarray, parts: Sequence[CovariancePart]) -> Widening:
    """How far to stretch.

    Args:
        mode: float64[axes], best point in the unit cube.
        slopes: float64[data, axes], of what the model gives, there.
        working: float64[data, data], the covariance that the likelihood takes.
        parts: of which the covariance really consists.
    """
    weighted = np.linalg.solve(working, slopes)
    precision = slopes.T @ weighted + PRIOR * np.eye(len(mode))
    pull = np.linalg.solve(precision, weighted.T)  # float64[axes, data], how far each datum pulls each axis
    lower = np.linalg.cholesky(np.linalg.inv(precision))
    whitened = np.linalg.solve(lower, pull)
    told = [(whitened @ part.covariance @ whitened.T, part.freedom) for part in parts]
    _, directions = np.linalg.eigh(np.sum([one for one, _ in told], axis=0))
    spread = np.array([_spread([(float(way @ one @ way), freedom) for one, freedom in told]) for way in directions.T])
    inverse = lower @ directions @ np.diag(1.0 / np.maximum(1.0, spread)) @ directions.T @ np.linalg.inv(lower)
    return Widening(mode, inverse)


def _spread(variances: Sequence[tuple[float, float]]) -> float:
    """Standard deviation that gives a normal distribution the central 95 % of this sum's Student's t."""
    total = sum(variance for variance, _ in variances)
    if total <= 0.0:
        return 0.0
    unsure = sum(variance**2 / max(freedom, FEWEST) for variance, freedom in variances)
    freedom = total**2 / unsure if unsure > 0.0 else np.inf
    return float(np.sqrt(total) * t.ppf(CENTRAL, freedom) / norm.ppf(CENTRAL))
