"""One run: a scenario and a seed become tables and pictures on disk. This is what a worker does."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from abm.model.establishment import INFECTED
from abm.runs.files import reason_of
from abm.scenario.scenario import Scenario

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from abm.model.snapshots import Snapshot

# abm.model.lung_model brings Mesa with it, which takes a second to import: only workers need it, so it is imported
# where it is used.
TOLD_EVERY = 24.0  # h of the model
NEEDED = ("numba", "abm.model.lung_model", "abm.runs.record")  # what a worker imports for a run


@dataclass(frozen=True)
class Fork:
    """Where a run begins and what is saved of it.

    Attributes:
        begin: a saved state to go on from; None: from day 0.
        save: where its state at `hour` is saved; None: nowhere.
    """

    begin: Path | None = None
    save: Path | None = None
    hour: float = 0.0


NO_FORK = Fork()


@dataclass(frozen=True)
class Job:
    """One run to do.

    Attributes:
        arm: name of the scenario. replicate: from 1. seed: of chance; twins have the same.
        id: address of the run, see `abm.runs.identity`. runs: folder in which it lands as `<id>/`.
        fork: where it begins and what is saved of it.
    """

    arm: str
    replicate: int
    seed: int
    id: str
    scenario: Scenario
    runs: Path
    fork: Fork = NO_FORK

    @property
    def folder(self) -> Path:
        """Where the run is, once it is done."""
        return self.runs / self.id

    @property
    def failure(self) -> Path:
        """Where it is told that the run failed."""
        return self.runs / f"{self.id}.failed.json"

    @property
    def is_done(self) -> bool:
        """Whether the run is on disk, with its state if that is asked for."""
        return self.folder.is_dir() and (self.fork.save is None or self.fork.save.exists())


@dataclass(frozen=True)
class Outcome:
    """How a run ended: "done", "failed" (`detail`: traceback), or "storage" (`detail`: why it could not be written).

    Attributes:
        recorded: measures up to the time at which a run was stopped for its cells, as CSV; empty for all others.
    """

    status: Literal["done", "failed", "storage"]
    seconds: float
    detail: str = ""
    recorded: str = ""


class StoppedError(RuntimeError):
    """A run was stopped, as it had too many cells: when and why; `recorded`: its measures until then, as CSV."""

    def __init__(self, problem: str, recorded: str) -> None:
        """Keep what was recorded."""
        super().__init__(problem)
        self.recorded = recorded


class Frames(NamedTuple):
    """What a run gives.

    Attributes:
        series: hour and every measure, one row a time.
        events: one row an event of a cancer cell.
        snapshots: the tissue at the times the scenario asks for.
        kind: uint8[rows, columns], SiteKind of the section.
        digest: hash of the state at the end. seeded: dormant cells at the start.
        peak_infected: largest share of the epithelium infected at a recorded time (see `abm.model.establishment`).
    """

    series: pd.DataFrame
    events: pd.DataFrame
    snapshots: list[Snapshot]
    kind: np.ndarray
    digest: str
    seeded: int
    peak_infected: float


def simulate(
    scenario: Scenario, seed: int, tell: Callable[[float], None] | None = None, fork: Fork = NO_FORK
) -> Frames:
    """Run a scenario to its end; `tell` hears once a day of the model which share of it is done.

    Raises:
        StoppedError: it has more cells than a run may hold.
        PastDiffersError: it cannot begin where `fork` says.
        OSError: the state cannot be read or saved.
    """
    from abm.model.lung_model import LungModel
    from abm.tissue.capacity import CrowdedError

    if fork.begin or fork.save:
        from abm.runs.checkpoint import load, resumed, save
    model = resumed(load(fork.begin), scenario) if fork.begin else LungModel(scenario, seed=seed)
    stride = max(1, round(TOLD_EVERY / scenario.step))
    last = round(fork.hour / scenario.step) if fork.save else -1
    while model.tick < model.ticks:
        ahead = min(model.tick + stride, model.ticks)
        try:
            model.run_until(last if model.tick < last < ahead else ahead)
        except CrowdedError as error:
            told = f"stopped on day {model.day:.3g}: {error}; what was recorded is kept beside this message, as .csv"
            raise StoppedError(told, model.result().series.to_csv(index=False)) from error
        if fork.save and model.tick == last:
            save(model, fork.save)
        if tell:
            tell(model.tick / model.ticks)
    run = model.result()
    tissue = model.tissue
    frames = Frames(
        run.series, run.events, run.snapshots, tissue.kind, model.digest(), int(tissue.clones.size),
        float(run.series[INFECTED].max()),
    )  # fmt: skip
    model.close()
    return frames


def carry_out(job: Job, tell: Callable[[float], None] | None = None) -> Outcome:
    """Do a job and write what it gives. Never raises: a failure is an outcome too."""
    from abm.runs.record import write_run

    return attempt(job.scenario, job.seed, partial(write_run, job), tell, job.fork)


def attempt(
    scenario: Scenario,
    seed: int,
    keep: Callable[[Frames, float], None],
    tell: Callable[[float], None] | None = None,
    fork: Fork = NO_FORK,
) -> Outcome:
    """Run a scenario and keep what it gives, with the seconds it took. Never raises: a failure is an outcome too."""
    begin = time.perf_counter()
    try:
        frames = simulate(scenario, seed, tell, fork)
    except StoppedError as error:
        return Outcome("failed", time.perf_counter() - begin, str(error), error.recorded)
    except Exception:
        return Outcome("failed", time.perf_counter() - begin, traceback.format_exc())
    seconds = time.perf_counter() - begin
    try:
        keep(frames, seconds)
    except OSError as error:
        return Outcome("storage", seconds, reason_of(error))
    return Outcome("done", seconds)
