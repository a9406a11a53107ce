"""A stand-in for the model between the points that were run: Gaussian processes on the main ways in which data vary.

The numbers that data are compared with hang together (a curve rises as a whole), so they are turned into a few
principal components, each learned by a Gaussian process with its own length for every axis.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

KEPT = 0.999  # of the variance
MOST = 8  # components


@dataclass(frozen=True)
class GaussianProcess:
    """A Gaussian process that has learned: float64 throughout, in the unit cube.

    Attributes:
        rows: [points, axes]. lengths: [axes]. height: variance before learning. weights: [points]. inverse: of the
            covariance of the points, [points, points]. center, scale: of what it learned.
    """

    rows: np.ndarray
    lengths: np.ndarray
    height: float
    weights: np.ndarray
    inverse: np.ndarray
    center: float
    scale: float

    def predict(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance at each of these rows."""
        near = self.height * np.exp(-0.5 * cdist(rows / self.lengths, self.rows / self.lengths, "sqeuclidean"))
        variance = self.height - np.einsum("ij,jk,ik->i", near, self.inverse, near, optimize=True)
        return self.center + self.scale * (near @ self.weights), self.scale**2 * np.maximum(variance, 0.0)


@dataclass(frozen=True)
class Emulator:
    """The model, guessed: `predict`.

    Attributes:
        center: float64[data]. components: float64[kept, data]. processes: one a component.
        left: float64[data], variance that the components leave out.
    """

    center: np.ndarray
    components: np.ndarray
    processes: tuple[GaussianProcess, ...]
    left: np.ndarray

    def predict(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Means of the guess, float64[points, data], and their covariance, float64[points, data, data].

        Args:
            rows: float64[points, axes] in the unit cube.
        """
        told = [process.predict(rows) for process in self.processes]
        scores = np.column_stack([mean for mean, _ in told])
        spread = np.column_stack([variance for _, variance in told])
        covariance = np.einsum("pk,kd,ke->pde", spread, self.components, self.components) + np.diag(self.left)
        return self.center + scores @ self.components, covariance


def learn(rows: np.ndarray, means: np.ndarray) -> Emulator:
    """An emulator of what the model gave.

    Args:
        rows: float64[points, axes] in the unit cube.
        means: float64[points, data].
    """
    center = means.mean(axis=0)
    _, weight, basis = np.linalg.svd(means - center, full_matrices=False)
    explained = np.cumsum(weight**2) / max(float((weight**2).sum()), 1e-300)
    count = min(MOST, int(np.searchsorted(explained, KEPT)) + 1, len(weight))
    components = basis[:count]
    scores = (means - center) @ components.T
    left = (means - center - scores @ components).var(axis=0)
    return Emulator(center, components, tuple(_process(rows, score) for score in scores.T), left)


def _process(rows: np.ndarray, score: np.ndarray) -> GaussianProcess:
    """Learn one component: lengths, height and noise by maximum likelihood (scikit-learn)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    center, scale = float(score.mean()), float(score.std()) or 1.0
    kernel = ConstantKernel(1.0, (1e-3, 1e3)) * RBF(np.full(rows.shape[1], 0.5), (0.05, 20.0))
    process = GaussianProcessRegressor(kernel + WhiteKernel(0.01, (1e-6, 1.0)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound: the axis does nothing here
        process.fit(rows, (score - center) / scale)
    height, lengths = process.kernel_.k1.k1.constant_value, process.kernel_.k1.k2.length_scale
    inverse = np.linalg.inv(process.L_ @ process.L_.T)
    return GaussianProcess(rows, np.asarray(lengths), float(height), process.alpha_.ravel(), inverse, center, scale)
