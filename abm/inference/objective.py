"""How well points of a study fit data: the model is run at them, all with the same seeds (common random numbers).

With common seeds the misfit is a fixed function of the axes, without noise of its own, so a search does not chase luck.
Points are run as sweeps of their own, addressed by what they are: a calibration that is started again asks for the same
points in the same order and finds them done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from abm.runs.engine import RunOptions
from abm.runs.errors import SweepError
from abm.runs.progress import Show
from abm.studies.design.calibration_data import Calibration, DataCurve
from abm.studies.design.moderation import moderated
from abm.studies.design.sample import Sample
from abm.studies.design.study import Study
from abm.studies.design.widening import CovariancePart
from abm.studies.sweep.established import carrying, peaks
from abm.studies.sweep.results import open_sweep
from abm.studies.sweep.sweep import perform

LEAST = 1e-6  # below, a value has no logarithm worth the name
LN_10 = np.log(10.0)
FREE = 1e4  # variance of the factor, or shift, of a curve of which only the shape counts


@dataclass(frozen=True)
class GivenSample(Sample):
    """Rows of the unit cube that are given."""

    rows: tuple[tuple[float, ...], ...] = ()

    def size(self, axes: int) -> int:  # noqa: ARG002 - as of every sample
        """How many."""
        return len(self.rows)

    def shares(self, axes: int) -> np.ndarray:  # noqa: ARG002
        """float64[size, axes]."""
        return np.array(self.rows)


@dataclass(frozen=True)
class Evaluation:
    """What the model gives at some points.

    Attributes:
        rows: float64[points, axes] in the unit cube. means: float64[points, data], arithmetic means over replicates,
            on the scales of the curves at their times. noise: float64[points, data, data], covariance of these means
            by chance: replicates in which the infection is ahead are ahead at every time. freedom: float64[points],
            degrees of freedom with which it is known.
        curves: per curve of the data, hours float64[times] and whole curves float64[points, times], means on its scale.
    """

    rows: np.ndarray
    means: np.ndarray
    noise: np.ndarray
    freedom: np.ndarray
    curves: tuple[tuple[np.ndarray, np.ndarray], ...]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while points were run."""


@dataclass(frozen=True)
class Objective:
    """Runs points and compares them with data.

    Attributes:
        study: its sampled axes are what is fitted. calibration: the data. folder: in which points are run.
        options, show: how they are run, and where it is told.
    """

    study: Study
    calibration: Calibration
    folder: Path
    options: RunOptions
    show: Show

    def evaluate(self, rows: np.ndarray, name: str) -> Evaluation:
        """Run these points, or find them run.

        Args:
            rows: float64[points, axes] in the unit cube.
            name: of their folder, which also tells their digest.

        Raises:
            StorageError, SweepError: as `abm.studies.sweep.sweep.perform`; a point that fails.
            KeyboardInterrupt: Ctrl-C; what is finished is kept.
        """
        rows = np.round(np.clip(rows, 0.0, 1.0), 9)
        digest = hashlib.sha256(rows.tobytes()).hexdigest()[:8]
        given = tuple(map(tuple, rows.tolist()))
        sample = GivenSample(f"given, {digest}", len(rows), 0, given)
        used = {curve.arm for curve in self.calibration.curves}
        measures = tuple(dict.fromkeys(curve.measure for curve in self.calibration.curves))
        arms = tuple(arm for arm in self.study.arms if arm.name in used)
        study = replace(
            self.study, name=f"{name}-{digest}", arms=arms, sample=sample, measures=measures, events=(),
            calibration=None, inputs=(),
        )  # fmt: skip
        result = perform(study, self.folder, self.options, self.show)
        if result.interrupted:
            raise Interrupted
        if result.failures:
            raise SweepError("\n".join(["runs of the calibration failed:", *result.failures[:5]]))
        return self._read(study, result.folder, rows)

    def misfit(self, means: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Minus the logarithm of the likelihood of the data, as if its numbers were independent: float64[points].

        How much wider a posterior is because they are not: `abm.studies.design.widening`.

        Args:
            means: float64[points, data], what the model gives.
            variance: float64[..., data], of these numbers; one for all points, or one for each.
        """
        apart = np.concatenate([curve.means for curve in self.calibration.curves]) - means
        lower = np.linalg.cholesky(self.working(np.broadcast_to(variance, means.shape)))
        solved = np.linalg.solve(lower, apart[:, :, None])[:, :, 0]
        told: np.ndarray = 0.5 * (solved**2).sum(axis=1) + np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
        return told

    def alone(self, noise: CovariancePart) -> np.ndarray:
        """Variance of what the model gives by chance, of each number alone, moderated curve by curve: float64[data]."""
        own = np.diag(noise.covariance)
        return np.concatenate([moderated(own[part], noise.freedom) for _, part in self._parts()])

    def working(self, variance: np.ndarray) -> np.ndarray:
        """The covariance that the likelihood takes: float64[..., data, data].

        That of the data and of the model, alone, and a factor that is free where only the shape of a curve counts.

        Args:
            variance: float64[..., data], of what the model gives.
        """
        whole = (variance + self._errors**2)[..., None] * np.eye(self._errors.size)
        for curve, part in self._parts():
            if curve.relative:
                whole[..., part, part] += FREE * curve.errors.mean() ** 2
        return whole

    @cached_property
    def _errors(self) -> np.ndarray:
        return np.concatenate([curve.errors for curve in self.calibration.curves])

    def _parts(self) -> Iterator[tuple[DataCurve, slice]]:
        """Each curve and where its data stand."""
        at = 0
        for curve in self.calibration.curves:
            yield curve, slice(at, at + curve.hours.size)
            at += curve.hours.size

    def _read(self, study: Study, folder: Path, rows: np.ndarray) -> Evaluation:
        results, replicates = open_sweep(folder), study.replicates
        place = {point: at for at, point in enumerate(study.points)}
        axes = study.sampled
        values = np.column_stack([axis.at(rows[:, column]) for column, axis in enumerate(axes)]).tolist()
        weights = self._weights(study, carrying(study, peaks(results, study)))
        means, pulls, curves = [], [], []
        for curve in self.calibration.curves:
            arm = [one.name for one in study.arms].index(curve.arm)
            order = [place[study.point(arm, row)] for row in values]
            table = results.series(curve.measure, arm=curve.arm).sort_values(["point", "replicate", "hour"])
            hours = np.unique(table["hour"].to_numpy())
            points = np.unique(table["point"].to_numpy())
            found = table[curve.measure].to_numpy().reshape(points.size, replicates, hours.size)
            found, own = found[np.searchsorted(points, order)], weights[order]
            average = (own[:, :, None] * found).sum(axis=1)
            whole = np.log10(np.maximum(average, LEAST)) if curve.logarithmic else average
            steep = 1.0 / (np.maximum(average, LEAST) * LN_10) if curve.logarithmic else np.ones_like(average)
            away = own[:, :, None] * (found - average[:, None, :]) * steep[:, None, :]
            means.append(np.array([np.interp(curve.hours, hours, one) for one in whole]))
            pulls.append(np.array([[np.interp(curve.hours, hours, one) for one in point] for point in away]))
            curves.append((hours, whole))
        pull = np.concatenate(pulls, axis=2)
        freedom = (weights[order] > 0.0).sum(axis=1) - 1.0
        few = np.where(freedom > 0.0, (freedom + 1.0) / np.maximum(freedom, 1.0), 0.0)  # Bessel's n / (n - 1)
        noise = np.einsum("prd,pre->pde", pull, pull) * few[:, None, None]
        return Evaluation(rows, np.hstack(means), noise, freedom, tuple(curves))

    def _weights(self, study: Study, carry: np.ndarray) -> np.ndarray:
        """Share of each replicate in the mean: float64[points, replicates]; of all where none carries an infection."""
        counted = carry | ~carry.any(axis=1, keepdims=True) if study.established_only else np.ones_like(carry)
        shares: np.ndarray = counted / counted.sum(axis=1, keepdims=True)
        return shares
