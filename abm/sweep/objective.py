"""How well points of a study fit data: the model is run at them, all with the same seeds (common random numbers).

With common seeds the misfit is a fixed function of the axes, without noise of its own, so a search does not chase luck.
Points are run as sweeps of their own, addressed by what they are: a calibration that is started again asks for the same
points in the same order and finds them done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from abm.study.progress import Show
from abm.sweep.calibration_data import Calibration, DataCurve
from abm.sweep.errors import SweepError
from abm.sweep.results import open_study
from abm.sweep.sample import Sample
from abm.sweep.study import Study
from abm.sweep.sweep import How, perform

LEAST = 1e-6  # below, a value has no logarithm worth the name


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
        rows: float64[points, axes] in the unit cube. means: float64[points, data], over replicates, on the scales of
            the curves at their times. noise: float64[points, data], variance of these means by chance.
        curves: per curve of the data, hours float64[times] and whole curves float64[points, times], means on its scale.
    """

    rows: np.ndarray
    means: np.ndarray
    noise: np.ndarray
    curves: tuple[tuple[np.ndarray, np.ndarray], ...]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while points were run."""


@dataclass(frozen=True)
class Objective:
    """Runs points and compares them with data.

    Attributes:
        study: its sampled axes are what is fitted. calibration: the data. folder: in which points are run.
        how, show: how they are run, and where it is told.
    """

    study: Study
    calibration: Calibration
    folder: Path
    how: How
    show: Show

    def evaluate(self, rows: np.ndarray, name: str) -> Evaluation:
        """Run these points, or find them run.

        Args:
            rows: float64[points, axes] in the unit cube.
            name: of their folder, which also tells their digest.

        Raises:
            StorageError, SweepError: as `abm.sweep.sweep.perform`; a point that fails.
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
            calibration=None,
        )  # fmt: skip
        result = perform(study, self.folder, self.how, self.show)
        if result.interrupted:
            raise Interrupted
        if result.failures:
            raise SweepError("\n".join(["runs of the calibration failed:", *result.failures[:5]]))
        return self._read(study, result.folder, rows)

    def misfit(self, means: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Minus the logarithm of the likelihood of the data: float64[points].

        Args:
            means: float64[points, data], what the model gives.
            variance: float64[points, data], of these numbers.
        """
        total = np.zeros(len(means))
        for curve, part in self._parts():
            spread = curve.errors**2 + variance[:, part]
            apart = self.residuals(curve, means[:, part], spread)
            total += 0.5 * (apart**2 / spread + np.log(spread)).sum(axis=1)
        return total

    def residuals(self, curve: DataCurve, means: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """Data minus model: float64[points, data of the curve]; where only the shape counts, without their mean."""
        apart = curve.means - means
        if curve.relative:
            apart = apart - (apart / spread).sum(axis=1, keepdims=True) / (1.0 / spread).sum(axis=1, keepdims=True)
        return apart

    def _parts(self) -> Iterator[tuple[DataCurve, slice]]:
        """Each curve and where its data stand."""
        at = 0
        for curve in self.calibration.curves:
            yield curve, slice(at, at + curve.hours.size)
            at += curve.hours.size

    def _read(self, study: Study, folder: Path, rows: np.ndarray) -> Evaluation:
        results, replicates = open_study(folder), study.replicates
        place = {point: at for at, point in enumerate(study.points)}
        axes = study.sampled
        values = np.column_stack([axis.at(rows[:, column]) for column, axis in enumerate(axes)]).tolist()
        means, noise, curves = [], [], []
        for curve in self.calibration.curves:
            arm = [one.name for one in study.arms].index(curve.arm)
            order = [place[study.point(arm, row)] for row in values]
            table = results.series(curve.measure, arm=curve.arm).sort_values(["point", "replicate", "hour"])
            hours = np.unique(table["hour"].to_numpy())
            points = np.unique(table["point"].to_numpy())
            found = table[curve.measure].to_numpy().reshape(points.size, replicates, hours.size)
            if curve.logarithmic:
                found = np.log10(np.maximum(found, LEAST))
            found = found[np.searchsorted(points, order)]
            whole = found.mean(axis=1)
            chance = found.var(axis=1, ddof=1) / replicates if replicates > 1 else np.zeros_like(whole)
            means.append(np.array([np.interp(curve.hours, hours, one) for one in whole]))
            noise.append(np.array([np.interp(curve.hours, hours, one) for one in chance]))
            curves.append((hours, whole))
        return Evaluation(rows, np.hstack(means), np.hstack(noise), tuple(curves))
