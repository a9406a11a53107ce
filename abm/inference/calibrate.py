"""Fit axes of a study to data: a search for the best point, then the posterior around it, both checked with real runs.

1. A Sobol sample of the whole range. 2. CMA-ES (cmaes), from its best point, with common random numbers. 3. An
emulator learns all points run so far, emcee samples the posterior on it (prior: uniform over the range of each axis,
on its scale), the model is run at some of these samples, and the emulator learns from them in turn, until what it said
agrees with what the runs gave. The last samples that were run are the answer, so its bands are made of runs, not of
guesses.

Everything is drawn from fixed seeds: started again it asks for the same points and finds them run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from abm.inference.emulator import Emulator, learn
from abm.inference.objective import Evaluation, Objective
from abm.runs.errors import SweepError
from abm.studies.design.sample import SOBOL, Sample
from abm.studies.design.widening import CovariancePart, Widening, widening

SIGMA = 0.2  # first step of the search, in the unit cube
SMALL = 0.01  # a search whose steps are shorter has ended
FEWEST = 8  # points that tell what chance does
WAVES = 4  # rounds of posterior and runs, at most
AGREES = 1.0  # median error of the emulator, in errors of the data, that is good enough
BURN_IN, STEPS = 200, 500
STRIDE = 0.02  # over which slopes are measured, in the unit cube


@dataclass(frozen=True)
class CalibratedAxes:
    """What was found.

    Attributes:
        axes: names. best: float64[axes], best point that was run, in the unit cube; misfit: minus its log likelihood.
        samples: float64[samples, axes] of the posterior, in the unit cube. drawn: those of them that were run.
        agreement: median error of the emulator there, in errors of the data. rounds: of posterior and runs.
        best_run: what the best point gave. points: run in all.
    """

    axes: tuple[str, ...]
    best: np.ndarray
    misfit: float
    samples: np.ndarray
    drawn: Evaluation
    agreement: float
    rounds: int
    best_run: Evaluation
    points: int

    @property
    def known(self) -> np.ndarray:
        """How much narrower the posterior of each axis is than its prior: 0 nothing learned, near 1 pinned down."""
        return 1.0 - np.minimum(1.0, self.samples.std(axis=0) * np.sqrt(12.0))

    @property
    def together(self) -> np.ndarray:
        """Correlation of the axes in the posterior: float64[axes, axes]."""
        return np.atleast_2d(np.corrcoef(self.samples, rowvar=False))


def calibrate(objective: Objective) -> CalibratedAxes:
    """Fit the sampled axes of a study to its data.

    Raises:
        SweepError: there is nothing to fit, or a run fails.
        KeyboardInterrupt: Ctrl-C; the same call goes on.
    """
    study, wanted = objective.study, objective.calibration
    names = tuple(axis.name for axis in study.sampled)
    if not names or len(names) < len(study.axes):
        raise SweepError("what is fitted are axes with low and high alone: no values, no steps")
    show = objective.show
    show.say(f"1. {wanted.first} points over the whole range")
    first = objective.evaluate(Sample(SOBOL, wanted.first, study.seed).shares(len(names)), "first")
    known = [first, *search(objective, first)]
    show.say("3. posterior")
    samples, drawn, agreement, rounds = _posterior(objective, known)
    known = [*known, drawn]
    rows, means = gathered(known)
    misfits = objective.misfit(means, objective.alone(typical(objective, known)))
    best = int(misfits.argmin())
    best_run = objective.evaluate(rows[best : best + 1], "best")
    points = len(rows) + len(drawn.rows) * (rounds - 1)
    return CalibratedAxes(names, rows[best], float(misfits[best]), samples, drawn, agreement, rounds, best_run, points)


def search(objective: Objective, first: Evaluation) -> list[Evaluation]:
    """Look for the best point from the best of these, generation by generation."""
    from cmaes import CMA

    wanted = objective.calibration
    noise = objective.alone(typical(objective, [first]))
    start = first.rows[int(objective.misfit(first.means, noise).argmin())]
    axes = start.size
    optimizer = CMA(
        mean=start, sigma=SIGMA, bounds=np.tile([0.0, 1.0], (axes, 1)), seed=objective.study.seed,
        population_size=wanted.population,
    )  # fmt: skip
    found: list[Evaluation] = []
    for number in range(1, wanted.generations + 1):
        asked = np.array([optimizer.ask() for _ in range(wanted.population)])
        objective.show.say(f"2. search, generation {number} of at most {wanted.generations}")
        told = objective.evaluate(asked, f"generation-{number:02d}")
        misfits = objective.misfit(told.means, noise)
        optimizer.tell([(row, float(misfit)) for row, misfit in zip(asked, misfits, strict=True)])
        found.append(told)
        if optimizer.should_stop() or float(asked.std(axis=0).max()) < SMALL:
            break
    return found


def gathered(evaluations: Sequence[Evaluation]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and means of several evaluations, one below the other."""
    return np.concatenate([one.rows for one in evaluations]), np.concatenate([one.means for one in evaluations])


def typical(objective: Objective, evaluations: Sequence[Evaluation]) -> CovariancePart:
    """What chance does to the means near the data: the mean over the better part of the points.

    All points share their seeds, so more points do not add degrees of freedom.
    """
    noise, freedom = (np.concatenate([getattr(one, name) for one in evaluations]) for name in ("noise", "freedom"))
    means = gathered(evaluations)[1]
    misfits = objective.misfit(means, np.diag(noise.mean(axis=0)))
    best = np.argsort(misfits, kind="stable")[: max(FEWEST, len(misfits) // 4)]
    return CovariancePart(noise[best].mean(axis=0), float(np.median(freedom[best])))


def _posterior(objective: Objective, known: list[Evaluation]) -> tuple[np.ndarray, Evaluation, float, int]:
    """Samples of the posterior, those that were run, how far the emulator was off there, and rounds needed."""
    errors = np.concatenate([curve.errors for curve in objective.calibration.curves])
    for number in range(1, WAVES + 1):
        rows, means = gathered(known)
        emulator, noise = learn(rows, means), typical(objective, known)
        start = rows[int(objective.misfit(means, objective.alone(noise)).argmin())]
        samples = sampled(objective, emulator, noise, start)
        chance = np.random.default_rng(number)
        chosen = samples[chance.choice(len(samples), size=objective.calibration.draws, replace=False)]
        drawn = objective.evaluate(chosen, f"posterior-{number}")
        guess, _ = emulator.predict(drawn.rows)
        spread = np.sqrt(errors**2 + objective.alone(noise))
        agreement = float(np.median(np.abs(guess - drawn.means) / spread))
        objective.show.say(f"   round {number}: the emulator is off by {agreement:.2f} errors of the data")
        if agreement <= AGREES:
            break
        known = [*known, drawn]
    return samples, drawn, agreement, number


def sampled(objective: Objective, emulator: Emulator, noise: CovariancePart, start: np.ndarray) -> np.ndarray:
    """Samples of the posterior on the emulator, widened by what numbers share: float64[samples, axes], unit cube.

    Args:
        objective: the data.
        emulator: of the model.
        noise: of its means, by chance.
        start: float64[axes], near which the best point is.
    """
    import emcee

    axes = start.size
    chance, by_chance = np.random.RandomState(objective.study.seed), objective.alone(noise)

    def cost(rows: np.ndarray) -> np.ndarray:
        means, covariance = emulator.predict(rows)
        return objective.misfit(means, np.diagonal(covariance, axis1=1, axis2=2) + by_chance)

    wider = _widening(objective, emulator, noise, best_point(cost, start))

    def log_posterior(rows: np.ndarray) -> np.ndarray:
        inside = ((rows >= 0.0) & (rows <= 1.0)).all(axis=1)
        told = np.full(len(rows), -np.inf)
        if inside.any():
            told[inside] = -cost(wider.inward(rows[inside]))
        return told

    walkers = max(32, 4 * axes)
    begin = np.clip(wider.mode + 0.05 * chance.standard_normal((walkers, axes)), 0.01, 0.99)
    sampler = emcee.EnsembleSampler(walkers, axes, log_posterior, vectorize=True)
    sampler.random_state = chance.get_state()
    sampler.run_mcmc(begin, BURN_IN + STEPS)
    return np.asarray(sampler.get_chain(discard=BURN_IN, thin=10, flat=True))


def best_point(cost: Callable[[np.ndarray], np.ndarray], start: np.ndarray) -> np.ndarray:
    """Where a cost of rows is least near a start, in the unit cube: float64[axes]."""
    from scipy.optimize import minimize

    found = minimize(lambda row: float(cost(row[None])[0]), start, method="L-BFGS-B", bounds=[(0.0, 1.0)] * start.size)
    return np.asarray(found.x)


def _widening(objective: Objective, emulator: Emulator, noise: CovariancePart, mode: np.ndarray) -> Widening:
    """How far the posterior is stretched around its mode."""
    low, high = (np.clip(mode + side * STRIDE * np.eye(mode.size), 0.0, 1.0) for side in (-1.0, 1.0))
    (below, _), (above, _) = emulator.predict(low), emulator.predict(high)
    slopes = ((above - below) / np.diag(high - low)[:, None]).T
    unsure = emulator.predict(mode[None])[1][0]
    working = objective.working(np.diag(unsure) + objective.alone(noise))
    return widening(mode, slopes, working, (*objective.calibration.parts, noise, CovariancePart(unsure, np.inf)))
