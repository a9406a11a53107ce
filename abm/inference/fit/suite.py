"""A fit: stage after stage, an ensemble of parameter sets is run on all cores and moved towards the data.

All sets of a round or step are run with the same seeds, so that they differ by their parameters and not by luck. Steps
to the best point have seeds of their own, and it is judged with seeds that no round or step has seen. A round that is
on disk is not done again: the same command goes on where it was interrupted, and gives the same bits.
"""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.stats import norm, qmc

from abm.inference.fit.free import with_values
from abm.inference.fit.plan import FitStage
from abm.inference.fit.smoother import assimilated, moved
from abm.runs import provenance
from abm.runs.identity import calculation, every_field, run_ids, source_digest
from abm.runs.job import RunJob
from abm.runs.progress import Show
from abm.runs.run_one import KeptOfRun
from abm.runs.status import has_status
from abm.runs.store.files import atomic
from abm.runs.store.folder import ROUNDS, recorded
from abm.runs.store.sealed import ZIP_DAMAGE
from abm.scenario.scenario import Scenario
from abm.validate.curves import read_curves
from abm.validate.suite import load_arm, run_needed

FIRST_SEED = 1
KEPT = KeptOfRun(section=False)  # of a run
WEIGHTS = 0.5, 2.0  # least and largest weight of data that belong together, on the way to the best point
STEP_SEED = 101  # of the ensemble on that way
JUDGING_SEED = 501  # of the runs that tell how good a point on it is
PARTS = 0.5, 1.0  # of a step that are tried
BEST_MEMBERS = 8  # of the ensemble, from which the way to the best point may begin
FRESH_SEED = 1001  # of the runs that judge the result: none that the fit has seen
FRESH_REPLICATES = 96
WORST = 10.0  # errors; a set further off is as far off as this, so that the wildest do not steer


@dataclass(frozen=True)
class Work:
    """With what a stage is worked out: scenarios by name of their arm, the folder that keeps its rounds, processes."""

    arms: dict[str, Scenario]
    out: Path
    workers: int
    show: Show


@dataclass(frozen=True)
class FittedStage:
    """What a stage gave.

    Attributes:
        stage: it.
        z: float[members, parameters], the posterior ensemble on the normal scale.
        gaps: float[members, data], of the last ensemble.
        history: float[rounds + 1], median over members of the mean square gap, round by round.
        values: float[parameters], the result: the best point.
        judged: float[data], gaps of the result with seeds that the fit has not seen.
    """

    stage: FitStage
    z: np.ndarray
    gaps: np.ndarray
    history: np.ndarray
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
        seed: of the ensemble.

    Raises:
        StorageError: no room, no right to write; finished rounds are kept.
        ValidationError: a run ended with an error.
        KeyboardInterrupt: finished rounds are kept.
    """
    found: list[FittedStage] = []
    with recorded(out, {"stages": [stage.name for stage in stages], "seed": seed}, workers):
        for stage in stages:
            arms = {arm: replace(load_arm(arm), duration=stage.hours(arm)) for arm in stage.arms}
            for before in found:
                free, z = before.stage.free, before.z_of_result
                arms = {arm: with_values(scenario, free, z) for arm, scenario in arms.items()}
            found.append(_fit_stage(stage, Work(arms, out, workers, show), seed))
    return found


def is_fit(folder: Path) -> bool:
    """Whether the model has been fitted in this folder."""
    return "stages" in provenance.read(folder) and has_status(folder)


def _fit_stage(stage: FitStage, work: Work, seed: int) -> FittedStage:
    chance = np.random.default_rng(seed)
    draws = qmc.LatinHypercube(len(stage.free), rng=chance).random(stage.members)
    z, history = norm.ppf(draws), []
    common = [range(FIRST_SEED, FIRST_SEED + stage.replicates)] * stage.members
    for number in range(stage.rounds + 1):
        what = f"{stage.name}: round {number} of {stage.rounds}"
        gaps = _gaps(stage, work, z, common, what)
        history.append(float(np.median(np.mean(gaps**2, axis=1))))
        work.show.say(f"{what}: mean square gap {history[-1]:.3g} errors of the data (median of {stage.members} sets)")
        if number < stage.rounds:
            z = assimilated(z, gaps, stage.rounds, chance)
    best = _best(stage, work, z, gaps, chance)
    values = np.array([rounded(one.value(float(at))) for one, at in zip(stage.free, best, strict=True)])
    fitted = FittedStage(stage, z, gaps, np.array(history), values, np.empty(0))
    fresh = range(FRESH_SEED, FRESH_SEED + FRESH_REPLICATES)
    judged = _gaps(stage, work, fitted.z_of_result[None, :], [fresh], f"{stage.name}: the result, fresh seeds")
    return replace(fitted, judged=judged[0])


def _best(stage: FitStage, work: Work, z: np.ndarray, seen: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """The best point, in steps of Gauss and Newton from the best of some starts; seen: gaps of the ensemble.

    The ensemble says how the data follow the parameters, as in Chen and Oliver 2013 (doi:10.1007/s10596-013-9351-5),
    but how good a point is, many sections of it say, the same for all points. Parts of a step are tried, and the best
    is taken if it is better than what there was. Then the ensemble gathers around it, narrower by what the data tell.
    Moving the ensemble alone left its middle half as far from the data again: few sections a set, curved laws between.
    """
    judges = range(JUDGING_SEED, JUDGING_SEED + stage.judges)

    def judged(points: np.ndarray, what: str) -> tuple[np.ndarray, list[float]]:
        gaps = _gaps(stage, work, points, [judges] * len(points), what)
        return gaps, [unevenness(one, stage.groups()) for one in gaps]

    starts = _starts(stage, z, seen)
    found, losses = judged(starts, f"{stage.name}: where to start")
    at = int(np.argmin(losses))
    best, gaps, least = starts[at], found[at], losses[at]
    z = z + (best - z.mean(axis=0))
    for number in range(1, stage.steps + 1):
        what, first = f"{stage.name}: step {number} of {stage.steps}", STEP_SEED + (number - 1) * stage.step_replicates
        work.show.say(f"{what}: mean square gap {np.mean(gaps**2):.3g}, even over the data {least:.3g}")
        around = _gaps(stage, work, z, [range(first, first + stage.step_replicates)] * stage.members, what)
        weights = weights_of(gaps, stage.groups())
        step = moved(z, around * weights, gaps * weights)
        tried = best + np.outer(PARTS, step)
        found, losses = judged(tried, f"{what}, parts of it")
        at = int(np.argmin(losses))
        if losses[at] < least:
            best, gaps, least = tried[at], found[at], losses[at]
        z = assimilated(z, around * weights, 1, chance)
        z += best - z.mean(axis=0)
    work.show.say(f"{stage.name}: mean square gap {np.mean(gaps**2):.3g}, even over the data {least:.3g}")
    return best


def _starts(stage: FitStage, z: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """The middle of the ensemble, its best members, and the start of the plan, if any: float[starts, parameters].

    Where laws are curved, the middle of an ensemble may be further from the data than many of its members.
    """
    middle = z.mean(axis=0)
    start = [one.z(one.start) if one.start is not None else at for one, at in zip(stage.free, middle, strict=True)]
    ranked = np.argsort([unevenness(one, stage.groups()) for one in gaps], kind="stable")
    return np.unique([start, middle, *z[ranked[:BEST_MEMBERS]]], axis=0)


def unevenness(gaps: np.ndarray, groups: Sequence[slice]) -> float:
    """Mean over groups of the squared mean square gap: no group may pay for another.

    Args:
        gaps: float[data], in errors of the data.
        groups: data that belong together.
    """
    return float(np.mean([np.mean(gaps[group] ** 2) ** 2 for group in groups]))


def weights_of(gaps: np.ndarray, groups: Sequence[slice]) -> np.ndarray:
    """By how much data count more that are further off, as a group: float[data].

    Every observable has to come within its goal: none may pay for another. Weighing the gaps of a group by their root
    mean square makes `unevenness` least (iteratively reweighted least squares).

    Args:
        gaps: float[data], in errors of the data.
        groups: data that belong together.
    """
    weights = np.ones(gaps.size)
    for group in groups:
        weights[group] = np.sqrt(np.mean(gaps[group] ** 2))
    return weights.clip(*WEIGHTS)


def rounded(value: float) -> float:
    """A number with the three digits that stand in the code."""
    return float(f"{value:.3g}")


def _gaps(stage: FitStage, work: Work, z: np.ndarray, seeds: Sequence[range], what: str) -> np.ndarray:
    """How far each parameter set is from the data: float[members, data]; from disk where it is there already.

    Args:
        stage: what is fitted.
        work: with what.
        z: float[members, parameters], on the normal scale.
        seeds: of the runs of each member.
        what: it is called while it runs.
    """
    path = gaps_file(stage, work, z, seeds)
    kept = _kept(path)
    if kept is not None:
        return kept
    runs = work.out / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    members = [_member(stage, work, z[number], seeds[number], runs) for number in range(z.shape[0])]
    jobs = {job.path: job for one in members for job in one}  # sets may be equal
    run_needed(list(jobs.values()), work.out, work.workers, work.show, what)
    gaps = np.array([stage.gaps(read_curves(one)) for one in members]).clip(-WORST, WORST)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(file, gaps=gaps)
    shutil.rmtree(runs)  # all that is needed of them is in the gaps
    return gaps


def _kept(path: Path) -> np.ndarray | None:
    """The gaps in a file; None where it is not there, or damaged: a zip has checksums."""
    try:
        with np.load(io.BytesIO(path.read_bytes())) as file:
            return np.asarray(file["gaps"])
    except ZIP_DAMAGE:
        return None


def gaps_file(stage: FitStage, work: Work, z: np.ndarray, seeds: Sequence[range]) -> Path:
    """Where `_gaps` keeps what it gives; another file for anything else that decides over it."""
    arms = {arm: every_field(scenario) for arm, scenario in work.arms.items()}
    named = f"{source_digest()} {stage.name} {stage.free} {stage.aims} {arms} {seeds}".encode()
    return work.out / ROUNDS / stage.name / f"{hashlib.sha256(named + z.tobytes()).hexdigest()[:16]}.npz"


def _member(stage: FitStage, work: Work, z: np.ndarray, seeds: Sequence[int], runs: Path) -> list[RunJob]:
    """The runs of one parameter set, arm by arm, seed by seed."""
    computed_with, jobs = calculation(), []
    for arm, scenario in work.arms.items():
        moved_one = with_values(scenario, stage.free, z)
        jobs += [
            RunJob(moved_one, seed, at + 1, runs / f"{one}.zip", computed_with, f"{arm}, seed {seed}", KEPT)
            for at, (seed, one) in enumerate(zip(seeds, run_ids(moved_one, seeds, computed_with), strict=True))
        ]
    return jobs
