"""Sensitivity analysis: Morris screening and Sobol indices (SALib), with the noise of chance estimated separately.

Every point is run with the same seeds, so the variance of single runs has three parts (a two-way analysis of
variance of points x seeds): the effect of the axes, the effect of a seed on all points alike, and the remainder, by
which an effect differs from seed to seed. Only the remainder, divided by the number of replicates, is noise in the
effects: Sobol indices are corrected for it, and a Morris effect is compared with the effect expected from it alone.
Intervals come from a bootstrap over replicates and rows of the sample, so they include both chance and the choice of
points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from abm.runs.errors import SweepError
from abm.studies.design.sample import INDICES, MORRIS, MORRIS_LEVELS, unit_cube
from abm.studies.design.study import Point, Study
from abm.studies.sweep.outcome import MeasureAtTime

RESAMPLES = 400
TAIL = 2.5  # percent on each side of an interval
SURE = 1.96  # standard errors
SMALL = 0.01  # index below which an axis does nothing worth the name
LEAST = 0.1  # share of the variance of results that the axes must make, else indices are ratios of noise
HOPELESS = 1000.0  # a ranking that needs so many times the runs is a tie


@dataclass(frozen=True)
class AxisEffect:
    """What one axis does.

    Attributes:
        axis: name. main, low, high: mean absolute effect over its range (Morris), or total index (Sobol), with its
            95 % interval. second: spread of the effect (Morris), or first-order index (Sobol); second_low, second_high.
        direction: mean effect with its sign (Morris; not a number for Sobol). clear: whether its interval lies above
            what chance alone would give.
    """

    axis: str
    main: float
    low: float
    high: float
    second: float
    second_low: float
    second_high: float
    direction: float
    clear: bool


@dataclass(frozen=True)
class Shares:
    """Parts of the variance of single runs: the axes, the seed alike in all points, the rest; and the rest as such."""

    axes: float
    seed: float
    rest: float
    rest_variance: float


@dataclass(frozen=True)
class AxisTie:
    """Two axes, neighbors in rank, that cannot be separated; `more`: runs that would be needed, None: not feasible."""

    first: str
    second: str
    ranks: tuple[int, int]
    more: float | None


@dataclass(frozen=True)
class Sensitivity:
    """What an outcome depends on, in one group of points.

    Attributes:
        group: the arm, and values of axes that are not sampled. method: of the sample.
        effects: strongest first. floor: effect that noise alone would give (Morris), 0 for Sobol.
        shares: parts of the variance; None for a single replicate. ties: rankings not settled.
        runs, replicates: looked at. rows, results: sample in the unit cube and means over seeds, for figures.
    """

    group: str
    outcome: MeasureAtTime
    method: str
    effects: tuple[AxisEffect, ...]
    floor: float
    shares: Shares | None
    ties: tuple[AxisTie, ...]
    runs: int
    replicates: int
    axes: tuple[str, ...]
    rows: np.ndarray
    results: np.ndarray


def analyze(study: Study, outcome: MeasureAtTime, found: np.ndarray) -> Iterator[Sensitivity]:
    """What the outcome depends on, in each arm that has all sampled axes.

    Args:
        study: with a Morris sample or one for Sobol indices.
        outcome: what is looked at.
        found: float64[points, replicates], its values, see `abm.studies.sweep.outcome`.

    Raises:
        SweepError: another sample, or not one replicate is complete.
    """
    sample = study.sample
    if sample is None or sample.method not in (MORRIS, INDICES):
        raise SweepError(
            f'"{study.name}" has no sample for this: [sample] method = "{MORRIS}" (which axes matter at all) or '
            f'"{INDICES}" (how much of the variance each makes)'
        )
    shares = sample.shares(len(study.sampled))
    for group, points in _groups(study, shares):
        own = found[points]
        complete = np.isfinite(own).all(axis=0)
        if not complete.any():
            raise SweepError(f"no replicate of {group} is complete; continue with `embers sweep {study.name}`")
        yield _analyzed(study, outcome, group, shares, own[:, complete])


def _groups(study: Study, shares: np.ndarray) -> Iterator[tuple[str, list[int]]]:
    """The points of the sample in its order, for each arm with all sampled axes and each value of the others."""
    place = {point: at for at, point in enumerate(study.points)}
    sampled = [at for at, axis in enumerate(study.axes) if axis.is_sampled]
    values = np.column_stack([study.axes[at].at(shares[:, column]) for column, at in enumerate(sampled)]).tolist()
    others: dict[tuple, None] = {}
    for point in study.points:
        if all(point.coordinates[at] is not None for at in sampled):
            listed = tuple(value for at, value in enumerate(point.coordinates) if at not in sampled)
            others[(point.arm, listed)] = None
    for arm, listed in others:
        rest = iter(listed)
        frame = [None if at in sampled else next(rest) for at in range(len(study.axes))]
        names = [f"{axis.name} {value:g} {axis.unit}".rstrip() for axis, value in zip(study.axes, frame, strict=True)
                 if value is not None]  # fmt: skip
        points = []
        for row in values:
            filled = list(frame)
            for at, value in zip(sampled, row, strict=True):
                filled[at] = value
            points.append(place[Point(arm, tuple(filled))])
        yield ", ".join([study.arms[arm].name, *names]), points


def _analyzed(study: Study, outcome: MeasureAtTime, group: str, shares: np.ndarray, found: np.ndarray) -> Sensitivity:
    assert study.sample is not None
    method, names = study.sample.method, tuple(axis.name for axis in study.sampled)
    parts = variance_shares(found)
    noise = 0.0 if parts is None else parts.rest_variance / found.shape[1]
    block = len(names) + (1 if method == MORRIS else 2)
    estimate = _estimate(method, shares, found.mean(axis=1), noise)
    resampled = np.array(list(_bootstrap(method, shares, found, block)))
    order = np.argsort(-estimate[0], kind="stable")
    low, high = np.percentile(resampled, [TAIL, 100.0 - TAIL], axis=0)
    floor = _floor(method, noise)
    clear = low[0] > (floor if method == MORRIS else SMALL)
    effects = tuple(
        AxisEffect(names[at], float(estimate[0, at]), float(low[0, at]), float(high[0, at]), float(estimate[1, at]),
               float(low[1, at]), float(high[1, at]), float(estimate[2, at]), bool(clear[at]))
        for at in order
    )  # fmt: skip
    ties = tuple(_ties(names, order, estimate[0], resampled[:, 0], found.size, floor))
    return Sensitivity(
        group, outcome, method, effects, floor, parts, ties, found.size, found.shape[1], names, shares,
        found.mean(axis=1),
    )  # fmt: skip


def variance_shares(found: np.ndarray) -> Shares | None:
    """The parts of the variance of single runs; None for a single replicate.

    Args:
        found: float64[points, replicates], the same seeds in each point.
    """
    points, replicates = found.shape
    if replicates < 2 or points < 2:
        return None
    mean, by_point, by_seed = found.mean(), found.mean(axis=1), found.mean(axis=0)
    rest = found - by_point[:, None] - by_seed[None, :] + mean
    mean_square = float((rest**2).sum() / ((points - 1) * (replicates - 1)))
    axes = max(0.0, float(by_point.var(ddof=1)) - mean_square / replicates)
    seed = max(0.0, float(by_seed.var(ddof=1)) - mean_square / points)
    total = axes + seed + mean_square
    if total == 0.0:
        return Shares(0.0, 0.0, 0.0, 0.0)
    return Shares(axes / total, seed / total, mean_square / total, mean_square)


def _floor(method: str, noise: float) -> float:
    """Mean absolute effect that chance of this variance gives where there is none; indices are corrected already."""
    return float(np.sqrt(2.0 / np.pi) * np.sqrt(2.0 * noise) / _delta()) if method == MORRIS else 0.0


def _delta() -> float:
    return MORRIS_LEVELS / (2.0 * (MORRIS_LEVELS - 1.0))


def _estimate(method: str, shares: np.ndarray, results: np.ndarray, noise: float) -> np.ndarray:
    """float64[3, axes]: main, second and direction of each axis; `noise`: variance of a result by chance alone."""
    axes = shares.shape[1]
    if not results.std() > 0.0:
        return np.zeros((3, axes))
    if method == MORRIS:
        from SALib.analyze import morris

        told = morris.analyze(unit_cube(axes), shares, results, num_resamples=2, num_levels=MORRIS_LEVELS, seed=1)
        spread = np.sqrt(np.maximum(0.0, np.asarray(told["sigma"], float) ** 2 - 2.0 * noise / _delta() ** 2))
        return np.array([np.asarray(told["mu_star"], float), spread, np.asarray(told["mu"], float)])
    from SALib.analyze import sobol

    told = sobol.analyze(unit_cube(axes), results, calc_second_order=False, num_resamples=2, seed=1)
    variance = float(results.var())
    by_axes = variance - noise
    if by_axes < LEAST * variance:
        return np.vstack([np.zeros((2, axes)), np.full((1, axes), np.nan)])
    total = np.maximum(0.0, (np.asarray(told["ST"]) * variance - noise) / by_axes)
    return np.array([total, np.asarray(told["S1"]) * variance / by_axes, np.full(axes, np.nan)])


def _bootstrap(method: str, shares: np.ndarray, found: np.ndarray, block: int) -> Iterator[np.ndarray]:
    """The estimate for resampled replicates and blocks of rows; always the same draws."""
    chance = np.random.default_rng(0)
    blocks, replicates = found.shape[0] // block, found.shape[1]
    for _ in range(RESAMPLES):
        seeds = np.asarray(chance.integers(replicates, size=replicates))
        rows = (chance.integers(blocks, size=blocks)[:, None] * block + np.arange(block)).ravel()
        own = found[rows][:, seeds]
        parts = variance_shares(found[:, np.unique(seeds)])
        noise = 0.0 if parts is None else parts.rest_variance * _repeats(seeds)
        yield _estimate(method, shares[rows], own.mean(axis=1), noise)


def _repeats(seeds: np.ndarray) -> float:
    """The variance of a mean over these seeds, some of them drawn more than once, over that of one."""
    counts = np.bincount(seeds)
    return float((counts**2).sum() / counts.sum() ** 2)


def _ties(
    names: tuple[str, ...], order: np.ndarray, main: np.ndarray, resampled: np.ndarray, runs: int, floor: float
) -> Iterator[AxisTie]:
    """Neighbors in rank whose difference is within its error, down to where effects drown in noise."""
    for rank, (one, other) in enumerate(pairwise(order), start=1):
        if main[one] <= max(floor, 1e-12):
            return
        gap = float(main[one] - main[other])
        error = float((resampled[:, one] - resampled[:, other]).std(ddof=1))
        if gap > SURE * error:
            continue
        times = (SURE * error / gap) ** 2 if gap > 0.0 else np.inf
        more = runs * (times - 1.0) if times < HOPELESS else None
        yield AxisTie(names[one], names[other], (rank, rank + 1), more)
