"""How well a model predicts data that it was not fitted to: a whole experiment, or all of a day.

Laws are compared by this and not by the fit, which never gets worse with one more free parameter. The emulator of all
runs gives the posterior of the data that are kept, so no run is needed; where it is unsure, the prediction is as wide.
Left-out days keep the scale factor of their curve, which was found with them: a little easier than a true prediction,
for all laws alike. A law is taken out by holding one free parameter at the value at which it does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from abm.inference.fit.plan import OptionalLaw
from abm.inference.fit.sampling import drawn, log_likelihood
from abm.inference.fit.suite import FittedStage
from abm.validate.scoring import EXPERIMENTS

CHAINS, STEPS = 100, 60  # of each score: chains, which begin at sets of the posterior sample, and steps of each
FEW = 10.0  # effective sets: with fewer, a score is that of some lucky sets
UNSURE = 1.0  # variance of the emulator, in squared errors of the data: above, it is not known what the model predicts


class HeldOut(NamedTuple):
    """How well left-out data were predicted.

    Attributes:
        name: of what was left out. size: number of these data.
        score: mean over these data of the logarithm of their predictive density, with errors of the data as unit;
            higher is better.
        error: root mean square gap of the mean prediction, in errors of the data.
        effective: sets that carry the score of a datum, in the mean. unsure: mean variance of the emulator there.
    """

    name: str
    size: int
    score: float
    error: float
    effective: float
    unsure: float

    @property
    def doubt(self) -> str:
        """Why the score is not to be trusted; empty where it is."""
        if self.unsure > UNSURE:
            return f"the emulator is unsure (variance {self.unsure:.2g})"
        return f"{self.effective:.0f} sets carry the score" if self.effective < FEW else ""


def held_out(
    fitted: FittedStage, left: np.ndarray, name: str, without: OptionalLaw | None = None, seed: int = 1
) -> HeldOut:
    """Leave data out, sample the posterior of the others, and score the prediction.

    Args:
        fitted: a stage, with the emulator of its runs.
        left: bool[data], what is left out.
        name: of that.
        without: a law that is taken out.
        seed: of the chains.
    """
    emulator, taken_out = fitted.emulator, _taken_out(fitted, without)
    likelihood = log_likelihood(emulator, ~left)
    chains = drawn(lambda z: likelihood(taken_out(z)), fitted.z[:CHAINS], STEPS, np.random.default_rng(seed))
    z = taken_out(chains)
    gaps, variance = (part[:, left] for part in emulator.predict(z))
    logs = -0.5 * (gaps**2 / (1.0 + variance) + np.log(2.0 * np.pi * (1.0 + variance)))
    whole = logsumexp(logs, axis=0)
    effective = float(np.exp(2.0 * whole - logsumexp(2.0 * logs, axis=0)).mean())
    score = float(np.mean(whole - np.log(len(z))))
    error = float(np.sqrt(np.mean(gaps.mean(axis=0) ** 2)))
    return HeldOut(name, int(left.sum()), score, error, effective, float(variance.mean()))


def _taken_out(fitted: FittedStage, law: OptionalLaw | None) -> Callable[[np.ndarray], np.ndarray]:
    """What holds the parameter of a law at the value at which it does nothing, at points float[points, parameters]."""

    def held(z: np.ndarray) -> np.ndarray:
        if law is None:
            return z
        names = [one.name for one in fitted.stage.free]
        at, found = names.index(law.name), z.copy()
        found[:, at] = fitted.stage.free[at].z(law.value)
        return found

    return held


def by_experiment(fitted: FittedStage, without: OptionalLaw | None = None) -> list[HeldOut]:
    """Each experiment predicted from the other."""
    of = np.array([datum.experiment for datum in fitted.stage.data()])
    return [held_out(fitted, of == one, f"{one} experiment", without) for one in EXPERIMENTS if (of == one).any()]


def by_day(fitted: FittedStage) -> list[HeldOut]:
    """Each day of each experiment predicted from all the rest."""
    data = fitted.stage.data()
    days = sorted({(one.experiment, one.day) for one in data if one.experiment})
    return [
        held_out(
            fitted,
            np.array([(one.experiment, one.day) == day for one in data]),
            f"{day[0]} experiment, day {day[1]:g}",
        )
        for day in days
    ]


def total(scores: Sequence[HeldOut]) -> float:
    """The score per datum of several."""
    return float(np.average([one.score for one in scores], weights=[one.size for one in scores]))
