"""Summary of an ensemble: how much the data inform each parameter, and which they cannot separate."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np

from abm.inference.fit.free import Free
from abm.inference.fit.suite import FittedStage
from abm.validate.scoring import observables

INTERVAL = (0.025, 0.975)
TOLD = 0.5  # share of the prior variance that the data must take away to have told something
TIED = 0.5  # correlation from which two parameters are not told apart; chance gives 0.14 for 200 sets, 0.28 for 48


class ParameterEstimate(NamedTuple):
    """A parameter after the fit: the result, its 95 % interval, and the share of its prior variance that is gone."""

    free: Free
    value: float
    low: float
    high: float
    told: float


class ParameterTie(NamedTuple):
    """Two parameters that can stand in for each other, and their correlation in the ensemble."""

    one: str
    other: str
    correlation: float


def estimates(fitted: FittedStage) -> list[ParameterEstimate]:
    """Every free parameter with its uncertainty."""
    low, high = np.quantile(fitted.z, INTERVAL, axis=0)
    told = 1.0 - np.minimum(fitted.z.var(axis=0), 1.0)
    return [
        ParameterEstimate(one, float(fitted.values[at]), one.value(low[at]), one.value(high[at]), float(told[at]))
        for at, one in enumerate(fitted.stage.free)
    ]


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


class FitBand(NamedTuple):
    """Curves of the ensemble over those of mice, in the unit of the mice, on the scored days.

    Attributes:
        name: of the observable. result: float[days]. low, high: float[days], 95 % of the ensemble.
    """

    name: str
    result: np.ndarray
    low: np.ndarray
    high: np.ndarray


def bands(fitted: FittedStage) -> list[FitBand]:
    """What the ensemble predicts of the mice; gaps are differences in log10, in errors of the data."""
    found, first = [], 0
    for one in observables().values() if fitted.stage.arm else ():
        last = first + int(one.scored.sum())
        unit = one.spread * one.goal
        median = np.maximum(one.median[one.scored], one.floor)
        low, high = median * 10.0 ** (unit * np.quantile(fitted.gaps[:, first:last], INTERVAL, axis=0))
        found.append(FitBand(one.name, median * 10.0 ** (unit * fitted.judged[first:last]), low, high))
        first = last
    return found


def errors(fitted: FittedStage) -> dict[str, float]:
    """Error of the result by observable, in SDs between mice, with seeds that the fit did not use."""
    found, first = {}, 0
    for one in observables().values() if fitted.stage.arm else ():
        last = first + int(one.scored.sum())
        found[one.name] = float(one.goal * np.sqrt(np.mean(fitted.judged[first:last] ** 2)))
        first = last
    return found


def aims(fitted: FittedStage) -> list[tuple[str, float]]:
    """The aims of a stage with how far the result is from each, in errors, with fresh seeds."""
    gaps = fitted.judged[fitted.judged.size - len(fitted.stage.aims) :]
    return [(aim.label, float(gap)) for aim, gap in zip(fitted.stage.aims, gaps, strict=True)]
