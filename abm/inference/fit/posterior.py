"""What a fit tells: intervals, what the data cannot separate, errors, and whether the ensembles agree."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np

from abm.inference.fit.suite import FittedStage
from abm.scenario.free import Free
from abm.validate.scoring import Observable

INTERVAL = (0.025, 0.975)
TOLD = 0.5  # share of the prior variance that the data must take away to have told something
TIED = 0.5  # correlation from which two parameters are not told apart; chance gives 0.14 for 200 sets


class ParameterEstimate(NamedTuple):
    """A parameter after the fit.

    Attributes:
        free: it. value: the result. low, high: 95 % interval. told: share of its prior variance that is gone.
        apart: largest distance between the means of two ensembles, in standard deviations of the posterior.
    """

    free: Free
    value: float
    low: float
    high: float
    told: float
    apart: float


class ParameterTie(NamedTuple):
    """Two parameters that can stand in for each other, and their correlation in the posterior sample."""

    one: str
    other: str
    correlation: float


class FitError(NamedTuple):
    """How far a curve is from the mice of an experiment.

    Attributes:
        observable: what was measured. error: of the result, in distances between experiments, with seeds that the fit
            did not use. between_mice: the same in SDs between mice.
        apart: largest distance between the mean curves of two ensembles, root mean square over days, in the unit of
            the error.
    """

    observable: Observable
    error: float
    between_mice: float
    apart: float


class FitBand(NamedTuple):
    """Curves of the posterior sample over those of mice, in the unit of the mice, on the scored days.

    Attributes:
        observable: what was measured. result: float[days]. low, high: float[days], 95 % of the sample.
    """

    observable: Observable
    result: np.ndarray
    low: np.ndarray
    high: np.ndarray


def estimates(fitted: FittedStage) -> list[ParameterEstimate]:
    """Every free parameter with its uncertainty."""
    low, high = np.quantile(fitted.z, INTERVAL, axis=0)
    told = 1.0 - np.minimum(fitted.z.var(axis=0), 1.0)
    apart = _apart(np.array([one.sample.mean(axis=0) for one in fitted.ensembles])) / fitted.z.std(axis=0)
    return [
        ParameterEstimate(
            one, float(fitted.values[at]), one.value(low[at]), one.value(high[at]), float(told[at]), float(apart[at])
        )
        for at, one in enumerate(fitted.stage.free)
    ]


def _apart(means: np.ndarray) -> np.ndarray:
    """The largest difference between means of two ensembles: float[ensembles, ...] to float[...]."""
    found: np.ndarray = np.ptp(means, axis=0)
    return found


def ties(fitted: FittedStage) -> list[ParameterTie]:
    """Pairs of parameters that the data cannot separate, the closest first."""
    correlations = np.corrcoef(fitted.z.T)
    labels = [one.label for one in fitted.stage.free]
    pairs = [
        ParameterTie(labels[one], labels[other], float(correlations[one, other]))
        for one, other in combinations(range(len(labels)), 2)
        if abs(correlations[one, other]) >= TIED
    ]
    return sorted(pairs, key=lambda tie: -abs(tie.correlation))


def bands(fitted: FittedStage) -> list[FitBand]:
    """What the posterior sample predicts of the mice; gaps are differences in log10, in errors of the data."""
    found = []
    for one, days in zip(fitted.stage.mice, fitted.stage.groups(), strict=False):
        unit, median = one.distance * one.goal, one.scored_median
        low, high = median * 10.0 ** (unit * np.quantile(fitted.gaps[:, days], INTERVAL, axis=0))
        found.append(FitBand(one, median * 10.0 ** (unit * fitted.judged[days]), low, high))
    return found


def errors(fitted: FittedStage) -> list[FitError]:
    """Error of the result by observable and experiment."""
    means = np.array([one.gaps[-len(one.sample) :].mean(axis=0) for one in fitted.ensembles])
    found = []
    for one, days in zip(fitted.stage.mice, fitted.stage.groups(), strict=False):
        error = one.goal * _size(fitted.judged[days])
        apart = max((_size(a[days] - b[days]) for a, b in combinations(means, 2)), default=0.0)
        found.append(FitError(one, error, error * one.distance / one.spread, one.goal * apart))
    return found


def emulated(fitted: FittedStage) -> float:
    """How far the emulator is from runs of the posterior sample, chance of the runs included: root mean square."""
    return _size(fitted.emulator.predict(fitted.z[: len(fitted.gaps)])[0] - fitted.gaps)


def aims(fitted: FittedStage) -> list[tuple[str, float]]:
    """The aims of a stage with how far the result is from each, in errors, with fresh seeds."""
    gaps = fitted.judged[fitted.judged.size - len(fitted.stage.aims) :]
    return [(aim.label, float(gap)) for aim, gap in zip(fitted.stage.aims, gaps, strict=True)]


def _size(gaps: np.ndarray) -> float:
    return float(np.sqrt(np.mean(gaps**2)))
