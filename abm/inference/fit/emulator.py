"""A stand-in for the model between the parameter sets that were run: Gaussian processes that share a covariance.

What the model gives bends with its parameters, so that a linear law, as in an ensemble Kalman smoother, explains less
than a third of it over the whole prior. A Gaussian process with a linear and a curved part explains half of the same
runs, keeps what every round has told, and says how unsure it is (calibrate, emulate, sample: Cleary et al. 2021,
doi:10.1016/j.jcp.2020.109716). All data share the covariance (one relevance of each parameter), so one decomposition
serves them all; each has its own height and noise. Written here, as maintained implementations learn each datum alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

CURVED = (0.005, 3.0)  # range of the relevance of a parameter in the curved part: the inverse of a length
LINEAR = (0.003, 5.0)  # the same in the linear part: standard deviation of a slope
HEIGHT = (0.05, 150.0)  # range of the variance of the curved part
FIRST = (0.1, 0.2, 1.0)  # where learning begins: curved, linear, height
NOISE = np.logspace(-2.0, 2.0, 41)  # variances of chance that are tried, over the variance of the datum
ALTERNATIONS = 2  # of learning relevances and noise
TINY = 1e-10
BEND = 3.0  # data larger than this are compressed while they are learned: it matters less how far off a set is


class Relevances(NamedTuple):
    """What the data share: curved and linear part by parameter, float[parameters] each, height of the curved part."""

    curved: np.ndarray
    linear: np.ndarray
    height: float


@dataclass(frozen=True)
class GapEmulator:
    """What the model gives, guessed.

    Attributes:
        z: float[points, parameters], that were run, on the scale on which the prior is a standard normal.
        center, scale: of the compressed data, float[data]; scale is 0 for data that never varied.
        relevances: the covariance of two points.
        basis, values: its decomposition over `z`. noise, heights: variances, float[data]. weights: float[points, data].
    """

    z: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    relevances: Relevances
    basis: np.ndarray
    values: np.ndarray
    noise: np.ndarray
    heights: np.ndarray
    weights: np.ndarray

    def predict(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean of the guess and its variance, without that of chance: float[points, data] each."""
        near = sum(_covariance(self.relevances, z, self.z))
        alone = self.relevances.height + ((z * self.relevances.linear) ** 2).sum(axis=1)
        told = (near @ self.basis) ** 2 @ (1.0 / (self.values[:, None] + self.noise))
        variance = self.scale**2 * self.heights * np.maximum(alone[:, None] - told, 0.0)
        bent = (self.center + self.scale * (near @ self.weights)) / BEND
        return BEND * np.sinh(bent), variance * np.cosh(bent) ** 2


def learn(z: np.ndarray, data: np.ndarray, begin: Relevances | None = None, iterations: int = 40) -> GapEmulator:
    """An emulator of what the model gave, by maximum likelihood.

    Args:
        z: float[points, parameters].
        data: float[points, data].
        begin: relevances to start from.
        iterations: of the search for better ones; 0: these are taken.
    """
    bent = BEND * np.arcsinh(data / BEND)
    center, scale = bent.mean(axis=0), bent.std(axis=0)
    scale = np.where(scale > TINY, scale, 0.0)
    standard = (bent - center) / np.where(scale > 0.0, scale, 1.0)
    varying = standard[:, scale > 0.0]
    size = z.shape[1]
    shared = begin or Relevances(np.full(size, FIRST[0]), np.full(size, FIRST[1]), FIRST[2])
    noise = np.ones(varying.shape[1])
    for _ in range(ALTERNATIONS if iterations and varying.size else 0):
        shared = _improved(shared, z, varying, noise, iterations // ALTERNATIONS)
        noise = _best_noise(shared, z, varying)
    if not iterations:
        noise = _best_noise(shared, z, varying)
    whole = np.ones(scale.size)
    whole[scale > 0.0] = noise
    values, basis = _decomposed(shared, z)
    turned = basis.T @ standard
    left = values[:, None] + whole
    return GapEmulator(
        z, center, scale, shared, basis, values, whole, (turned**2 / left).mean(axis=0), basis @ (turned / left)
    )  # fmt: skip


def mean_relevances(several: Sequence[Relevances]) -> Relevances:
    """The geometric means of relevances."""
    curved, linear, height = (np.exp(np.mean(np.log(parts), axis=0)) for parts in zip(*several, strict=True))
    return Relevances(curved, linear, float(height))


def _covariance(shared: Relevances, one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Curved and linear part of the covariance of points: float[points, other points] each."""
    a, b = one * shared.curved, other * shared.curved
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2.0 * a @ b.T
    curved = shared.height * np.exp(-0.5 * np.maximum(squares, 0.0))
    return curved, (one * shared.linear**2) @ other.T


def _decomposed(shared: Relevances, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, basis = np.linalg.eigh(sum(_covariance(shared, z, z)))
    return np.maximum(values, TINY), basis


def _best_noise(shared: Relevances, z: np.ndarray, data: np.ndarray) -> np.ndarray:
    """The noise of each datum with the highest likelihood: float[data]."""
    values, basis = _decomposed(shared, z)
    squares = (basis.T @ data) ** 2
    losses = [
        np.log(values + one).sum() + len(z) * np.log((squares / (values + one)[:, None]).mean(axis=0)) for one in NOISE
    ]
    best: np.ndarray = NOISE[np.argmin(losses, axis=0)]
    return best


def _improved(shared: Relevances, z: np.ndarray, data: np.ndarray, noise: np.ndarray, iterations: int) -> Relevances:
    """Relevances of a higher likelihood, summed over the data; heights are the best for each."""
    size = z.shape[1]

    def unpacked(logs: np.ndarray) -> Relevances:
        return Relevances(np.exp(logs[:size]), np.exp(logs[size : 2 * size]), float(np.exp(logs[-1])))

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        one = unpacked(logs)
        curved, linear = _covariance(one, z, z)
        values, basis = np.linalg.eigh(curved + linear)
        left = np.maximum(values, TINY)[:, None] + noise
        turned = basis.T @ data
        heights = (turned**2 / left).mean(axis=0)
        weights = basis @ (turned / left) / np.sqrt(heights)
        slope = 0.5 * ((basis * (1.0 / left).sum(axis=1)) @ basis.T - weights @ weights.T)
        bent = slope * curved
        moments = (bent.sum(axis=1)[:, None] * z**2).sum(axis=0) - np.einsum("ik,ik->k", z, bent @ z)
        slopes = np.concatenate([
            -2.0 * one.curved**2 * moments, 2.0 * one.linear**2 * np.einsum("ik,ik->k", z, slope @ z), [bent.sum()],
        ])  # fmt: skip
        return float(0.5 * (np.log(left).sum() + len(z) * np.log(heights).sum()) / data.shape[1]), slopes / data.shape[
            1
        ]

    bounds = np.log([*[CURVED] * size, *[LINEAR] * size, HEIGHT])
    begin = np.log(np.concatenate([shared.curved, shared.linear, [shared.height]])).clip(*bounds.T)
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": iterations})
    return unpacked(found.x)
