"""A fit: stage after stage, parameter sets are run on all cores, and an emulator says which to run next.

Several ensembles begin from the ranges alone, each with its own draws and seeds, and must agree. All sets of an
ensemble are run with the same seeds, so that they differ by their parameters and not by luck. All their runs together
give the posterior sample. The best point is judged with seeds that nothing else has seen. A round that is on disk is
not done again: the same command goes on where it was interrupted, and gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from scipy.stats import norm, qmc

from abm.inference.fit.emulator import GapEmulator, learn, mean_relevances
from abm.inference.fit.evaluation import Work, at_point, gaps_of, points_of
from abm.inference.fit.plan import FitStage
from abm.inference.fit.sampling import drawn, log_likelihood
from abm.runs import provenance
from abm.runs.progress import Show
from abm.runs.status import has_status
from abm.runs.store.folder import recorded
from abm.scenario.scenario import Scenario
from abm.validate.suite import load_arm

FIRST_SEED = 1
DRAWS = 120  # steps of a chain
ITERATIONS = 10  # of learning relevances again
SHARE_NEAR = 0.2  # of the points of a round that are drawn near the best point
COUNTED = 4.0  # how often the data count for these
BEST_CHAINS = 128  # of the search for the best point
LEAST_JUDGED = 6  # points of a search, whatever the number of emulators
BEST_OF_EACH = 3  # points of each emulator that are judged
SAMPLE_SEED = 301  # of the runs of the posterior sample
JUDGING_SEED = 501  # of the runs that tell how good a point is
FRESH_SEED = 1001  # of the runs that judge the result: none that the fit has seen


@dataclass(frozen=True)
class FittedEnsemble:
    """What one ensemble gave.

    Attributes:
        seed: of its draws. z: float[points, parameters], all that were run, on the normal scale.
        gaps: float[points, data]. history: float[rounds + 1], median over sets of the mean square gap, by round.
        emulator: of the gaps. sample: float[sets, parameters], its last draws from the posterior.
    """

    seed: int
    z: np.ndarray
    gaps: np.ndarray
    history: np.ndarray
    emulator: GapEmulator
    sample: np.ndarray


@dataclass(frozen=True)
class FittedStage:
    """What a stage gave.

    Attributes:
        stage: it. ensembles: that it was found from. emulator: of all their runs.
        z: float[sets, parameters], the posterior sample on the normal scale.
        gaps: float[checked sets, data], of the first of them, which were run.
        values: float[parameters], the result: the best point.
        judged: float[data], gaps of the result with seeds that the fit has not seen.
    """

    stage: FitStage
    ensembles: tuple[FittedEnsemble, ...]
    emulator: GapEmulator
    z: np.ndarray
    gaps: np.ndarray
    values: np.ndarray
    judged: np.ndarray

    @property
    def z_of_result(self) -> np.ndarray:
        """The result on the normal scale: float[parameters]."""
        return np.array([one.z(value) for one, value in zip(self.stage.free, self.values, strict=True)])


def fit(stages: Sequence[FitStage], out: Path, workers: int, show: Show, seed: int) -> list[FittedStage]:
    """Fit these stages one after the other; each begins from the results of those before.

    Args:
        stages: of the plan.
        out: folder; the rounds are kept in it.
        workers: processes.
        show: reporter of progress.
        seed: of the first ensemble; the others have the next ones.

    Raises:
        StorageError: no room, no right to write; finished rounds are kept.
        ValidationError: a run ended with an error.
        KeyboardInterrupt: finished rounds are kept.
    """
    found: list[FittedStage] = []
    with recorded(out, {"stages": [stage.name for stage in stages], "seed": seed}, workers):
        for stage in stages:
            arms, demanded = _arms_of(stage, found), _arms_of(stage.of_demands, found)
            found.append(_fit_stage(stage, Work(arms, out, workers, show, demanded), seed))
    return found


def _arms_of(stage: FitStage, found: Sequence[FittedStage]) -> dict[str, Scenario]:
    """The arms of a stage by name, with the results of the stages before."""
    arms = {arm: replace(load_arm(arm), duration=stage.hours(arm)) for arm in stage.arms}
    for before in found:
        arms = {arm: at_point(scenario, before.stage.free, before.z_of_result) for arm, scenario in arms.items()}
    return arms


def is_fit(folder: Path) -> bool:
    """Whether the model has been fitted in this folder."""
    return "stages" in provenance.read(folder) and has_status(folder)


def _fit_stage(stage: FitStage, work: Work, seed: int) -> FittedStage:
    ensembles = [_ensemble(stage, work, seed + number, number) for number in range(stage.ensembles)]
    z, gaps = (np.concatenate(parts) for parts in zip(*((one.z, one.gaps) for one in ensembles), strict=True))
    emulator = learn(z, gaps, mean_relevances([one.emulator.relevances for one in ensembles]), iterations=0)
    begin = np.concatenate([one.sample for one in ensembles])
    draw = partial(_sampled, emulator, begin, stage.sets, np.random.default_rng([seed, SAMPLE_SEED]))
    sample = points_of(stage, work, f"sample {seed}", draw)
    what = f"{stage.name}: {stage.checked} sets of the posterior sample"
    checked = gaps_of(stage, work, sample[: stage.checked], _seeds(SAMPLE_SEED, stage.replicates), what)
    best = _best(stage, work, [*(one.emulator for one in ensembles), emulator], gaps, sample, seed)
    values = np.array([rounded(one.value(float(at))) for one, at in zip(stage.free, best, strict=True)])
    fitted = FittedStage(stage, tuple(ensembles), emulator, sample, checked, values, np.empty(0))
    fresh = _seeds(FRESH_SEED, stage.fresh)
    judged = gaps_of(stage, work, fitted.z_of_result[None, :], fresh, f"{stage.name}: the result, fresh seeds")
    return replace(fitted, judged=judged[0])


def _ensemble(stage: FitStage, work: Work, seed: int, number: int) -> FittedEnsemble:
    """Rounds from the ranges alone: what was run teaches an emulator, which says where to run next.

    Points of a round are draws from the posterior as the emulator knows it; where it is unsure, the data say less, so
    early rounds are wide. A share of them is drawn with the data counted several times: near the best point.
    """
    chance = np.random.default_rng(seed)
    named = f"{stage.name}, ensemble {number + 1} of {stage.ensembles}"
    seeds = _seeds(FIRST_SEED + number * stage.replicates, stage.replicates)
    z = norm.ppf(qmc.LatinHypercube(len(stage.free), rng=chance).random(stage.members))
    gaps = gaps_of(stage, work, z, seeds, f"{named}: the ranges")
    history, near = [_told(work, f"{named}: the ranges", gaps)], max(1, round(SHARE_NEAR * stage.points))
    emulator = learn(z, gaps)
    sample = z[np.argsort(np.mean(gaps**2, axis=1), kind="stable")[: stage.points]]
    for turn in range(1, stage.rounds + 1):
        what = f"{named}: round {turn} of {stage.rounds}"
        draw = partial(_next_points, emulator, sample, stage.points, near, np.random.default_rng([seed, turn]))
        points = points_of(stage, work, f"ensemble {seed} round {turn}", draw)
        found = gaps_of(stage, work, points, seeds, what)
        history.append(_told(work, what, found[near:]))
        z, gaps = np.concatenate([z, points]), np.concatenate([gaps, found])
        emulator = learn(z, gaps, emulator.relevances, ITERATIONS)
        sample = points[near:]
    return FittedEnsemble(seed, z, gaps, np.array(history), emulator, sample)


def _next_points(
    emulator: GapEmulator, sample: np.ndarray, count: int, near: int, chance: np.random.Generator
) -> np.ndarray:
    """Draws from the posterior as the emulator knows it, the first of them near the best point."""
    points = _sampled(emulator, sample, count, chance)
    often = np.full(emulator.center.size, COUNTED)
    points[:near] = drawn(log_likelihood(emulator, often), points[:near], DRAWS, chance)
    return points


def _sampled(emulator: GapEmulator, begin: np.ndarray, count: int, chance: np.random.Generator) -> np.ndarray:
    """Draws from the posterior; chains begin at some of these points."""
    return drawn(log_likelihood(emulator), begin[chance.integers(0, len(begin), count)], DRAWS, chance)


def _told(work: Work, what: str, gaps: np.ndarray) -> float:
    found = float(np.median(np.mean(gaps**2, axis=1)))
    work.show.say(f"{what}: mean square gap {found:.3g} errors of the data (median of {len(gaps)} sets)")
    return found


def _seeds(first: int, count: int) -> range:
    return range(first, first + count)


def _best(
    stage: FitStage, work: Work, emulators: Sequence[GapEmulator], given: np.ndarray, sample: np.ndarray, seed: int
) -> np.ndarray:
    """The best of the points that emulators take for it, as many sections say, the same for all points.

    Emulators are wrong where they promise most, so the search is repeated: what was judged teaches the last of them.
    Points that do not meet a demand of the stage are passed over; the best of all stands where none meets them.

    Args:
        stage: what is fitted.
        work: with what.
        emulators: of the ensembles, then of all their runs.
        given: float[points, data], what the last one has learned.
        sample: float[sets, parameters], of the posterior, from which the searches begin.
        seed: of the searches.
    """
    groups, last = stage.groups(), emulators[-1]
    judges = _seeds(JUDGING_SEED, stage.judges)
    tried, gaps = np.empty((0, len(stage.free))), np.empty((0, given.shape[1]))
    for turn in range(1, stage.searches + 1):
        what = f"{stage.name}: search {turn} of {stage.searches} for the best point"
        draw = partial(_likely_best, emulators, groups, sample, np.random.default_rng([seed, JUDGING_SEED, turn]))
        points = points_of(stage, work, f"best {seed} search {turn}", draw)
        tried = np.concatenate([tried, points])
        gaps = np.concatenate([gaps, gaps_of(stage, work, points, judges, what)])
        at = int(np.argmin(unevenness(gaps, groups)))
        even = unevenness(gaps[at], groups)
        work.show.say(f"{what}: mean square gap {np.mean(gaps[at] ** 2):.3g}, even over the data {even:.3g}")
        if turn < stage.searches:
            z, known = np.concatenate([last.z, tried]), np.concatenate([given, gaps])
            emulators = [learn(z, known, last.relevances, iterations=0)]
    return _best_that_meets_demands(stage, work, tried[np.argsort(unevenness(gaps, groups), kind="stable")])


def _best_that_meets_demands(stage: FitStage, work: Work, tried: np.ndarray) -> np.ndarray:
    """The first of these points, float[points, parameters], that meets the demands of a stage."""
    asked, own, judges = stage.of_demands, replace(work, arms=work.demanded), _seeds(JUDGING_SEED, stage.judges)
    for place, point in enumerate(tried if stage.demands else tried[:1], start=1):
        what = f"{stage.name}: demands of point {place} of {len(tried)}"
        if not stage.demands or not gaps_of(asked, own, point[None, :], judges, what).any():
            return point
    work.show.say(f"{stage.name}: no point meets all demands; the best one stands")
    return tried[0]


def _likely_best(
    emulators: Sequence[GapEmulator], groups: Sequence[slice], sample: np.ndarray, chance: np.random.Generator
) -> np.ndarray:
    """Points that emulators take for the best, and the mean of the posterior sample: float[points, parameters]."""
    begin = sample[chance.integers(0, len(sample), BEST_CHAINS)]
    each = max(BEST_OF_EACH, LEAST_JUDGED // len(emulators))
    found = [sample.mean(axis=0, keepdims=True)]
    for emulator in emulators:
        z = drawn(_evenly(emulator, groups), begin, DRAWS, chance)
        found.append(z[np.argsort(unevenness(emulator.predict(z)[0], groups), kind="stable")[:each]])
    return np.concatenate(found)


def _evenly(emulator: GapEmulator, groups: Sequence[slice]) -> Callable[[np.ndarray], np.ndarray]:
    """A likelihood that is highest where no data pay for others."""

    def likelihood(z: np.ndarray) -> np.ndarray:
        gaps, variance = emulator.predict(z)
        return -COUNTED * gaps.shape[1] * unevenness(np.sqrt(gaps**2 + variance), groups)

    return likelihood


def unevenness(gaps: np.ndarray, groups: Sequence[slice]) -> np.ndarray:
    """Mean over groups of the squared mean square gap, float[...]: no group may pay for another.

    Args:
        gaps: float[..., data], in errors of the data.
        groups: data that belong together.
    """
    found: np.ndarray = np.mean([np.mean(gaps[..., group] ** 2, axis=-1) ** 2 for group in groups], axis=0)
    return found


def rounded(value: float) -> float:
    """A number with the three digits that stand in the code."""
    return float(f"{value:.3g}")
