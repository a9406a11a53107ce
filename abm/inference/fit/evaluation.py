"""Parameter sets that a fit has run and how far each is from the data, stored round by round."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from abm.inference.fit.plan import FitStage
from abm.runs.identity import calculation, every_field, run_ids, source_digest
from abm.runs.job import RunJob
from abm.runs.progress import Show
from abm.runs.run_one import KeptOfRun
from abm.runs.store.files import atomic
from abm.runs.store.folder import ROUNDS
from abm.runs.store.sealed import ZIP_DAMAGE
from abm.scenario.free import Free
from abm.scenario.posterior import PosteriorSample
from abm.scenario.scenario import Scenario
from abm.validate.curves import read_curves
from abm.validate.suite import run_needed

KEPT = KeptOfRun(section=False)  # of a run
WORST = 30.0  # errors; a set further off is as far off as this


@dataclass(frozen=True)
class Work:
    """With what a stage is worked out: scenarios by name of their arm, the folder that keeps its rounds, processes.

    demanded: scenarios of the arms of its demands.
    """

    arms: dict[str, Scenario]
    out: Path
    workers: int
    show: Show
    demanded: dict[str, Scenario] = field(default_factory=dict)


def at_point(scenario: Scenario, parameters: Sequence[Free], z: np.ndarray) -> Scenario:
    """A scenario at a point of the normal scale, float[parameters]; what it sets itself stays."""
    values = [[one.value(float(at)) for one, at in zip(parameters, z, strict=True)]]
    return PosteriorSample(tuple(parameters), np.array(values)).scenario(scenario, 0)


def gaps_of(stage: FitStage, work: Work, z: np.ndarray, seeds: range, what: str) -> np.ndarray:
    """How far each parameter set is from the data: float[members, data]; from disk where it is there already.

    Args:
        stage: what is fitted.
        work: with what.
        z: float[members, parameters], on the normal scale.
        seeds: of the runs of each member.
        what: it is called while it runs.
    """
    path = gaps_file(stage, work, z, seeds)
    kept = _read(path, "gaps")
    if kept is not None:
        return kept
    runs = work.out / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    members = [_member(stage, work, one, seeds, runs) for one in z]
    jobs = {job.path: job for one in members for job in one}  # sets may be equal
    run_needed(list(jobs.values()), work.out, work.workers, work.show, what)
    found = np.array([stage.gaps(read_curves(one)) for one in members])
    gaps = np.nan_to_num(found, nan=WORST).clip(-WORST, WORST)  # nan: a number that no run gives
    _keep(path, gaps=gaps)
    shutil.rmtree(runs)  # all that is needed of them is in the gaps
    return gaps


def points_of(stage: FitStage, work: Work, named: str, made: Callable[[], np.ndarray]) -> np.ndarray:
    """Points that are made once, float[members, parameters]; an interrupted fit finds them on disk."""
    arms = {arm: every_field(scenario) for arm, scenario in work.arms.items()}
    path = _file(work, stage, f"{stage} {arms} {named}".encode())
    kept = _read(path, "z")
    if kept is not None:
        return kept
    z = made()
    _keep(path, z=z)
    return z


def _read(path: Path, name: str) -> np.ndarray | None:
    """An array in a file; None where it is not there, or damaged: a zip has checksums."""
    try:
        with np.load(io.BytesIO(path.read_bytes())) as file:
            return np.asarray(file[name])
    except (*ZIP_DAMAGE, KeyError):
        return None


def _keep(path: Path, **arrays: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def gaps_file(stage: FitStage, work: Work, z: np.ndarray, seeds: range) -> Path:
    """Where `gaps_of` stores its result; the name changes with all that decides over it."""
    arms = {arm: every_field(scenario) for arm, scenario in work.arms.items()}
    return _file(work, stage, f"{stage.free} {stage.data()} {stage.aims} {arms} {seeds}".encode() + z.tobytes())


def _file(work: Work, stage: FitStage, named: bytes) -> Path:
    key = hashlib.sha256(f"{source_digest()} {stage.name} ".encode() + named).hexdigest()
    return work.out / ROUNDS / stage.name / f"{key[:16]}.npz"


def _member(stage: FitStage, work: Work, z: np.ndarray, seeds: range, runs: Path) -> list[RunJob]:
    """The runs of one parameter set, arm by arm, seed by seed."""
    computed_with, jobs = calculation(), []
    for arm, scenario in work.arms.items():
        moved_one = at_point(scenario, stage.free, z)
        jobs += [
            RunJob(moved_one, seed, at + 1, runs / f"{one}.zip", computed_with, f"{arm}, seed {seed}", KEPT)
            for at, (seed, one) in enumerate(zip(seeds, run_ids(moved_one, seeds, computed_with), strict=True))
        ]
    return jobs
