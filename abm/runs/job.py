"""What the run engine does: jobs, each of which gives one file; the job of a run of the model, and how jobs end."""

from __future__ import annotations

import functools
import time
import traceback
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from abm.runs.compile_ahead import warm_up
from abm.runs.run_one import EVERYTHING, FACTS, NO_FORK, Fork, KeptOfRun, StoppedError, simulate
from abm.runs.store.sealed import ZIP_DAMAGE
from abm.scenario.scenario import Scenario

NEEDED = ("numba", "abm.model.lung_model", "abm.runs.store.run_file")  # what a worker imports for a run of the model


@dataclass(frozen=True)
class Outcome:
    """How a job ended: "done", "failed" (`detail`: traceback), or "storage" (`detail`: why it could not be written).

    Attributes:
        recorded: measures up to the time at which a run was stopped for its cells, as CSV; empty for all others.
    """

    status: Literal["done", "failed", "storage"]
    seconds: float
    detail: str = ""
    recorded: str = ""


class Job(Protocol):
    """A part of a study that gives one file."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def kind(self) -> str:
        """Jobs of one kind take about the same time."""

    @property
    def path(self) -> Path:
        """Where its file lands; the name of the file without its ending is the address of the job."""

    @property
    def calculation(self) -> str:
        """What it must be computed with, see `abm.runs.identity`."""

    def done(self, tell: Callable[[float], None] | None = None) -> tuple[Outcome, bytes]:
        """How it ended, and the bytes of its file; `tell` may hear which share is done. Never raises."""


@dataclass(frozen=True)
class RunJob:
    """One run of the model.

    Attributes:
        scenario, seed: what is run; twins have the same seed. replicate: from 1. path: where it lands.
        calculation: what it must be computed with. name: what people call it. kept: what its file keeps.
        fork: where it begins and what is saved of it.
    """

    scenario: Scenario
    seed: int
    replicate: int
    path: Path
    calculation: str
    name: str
    kept: KeptOfRun = EVERYTHING
    fork: Fork = NO_FORK

    @property
    def kind(self) -> str:
        """The arm: its runs take about the same time."""
        return self.scenario.name

    @property
    def id(self) -> str:
        """Address of the run, see `abm.runs.identity`."""
        return self.path.stem

    @property
    def is_done(self) -> bool:
        """Whether the run is on disk, with its state if that is asked for."""
        landed = self.path.is_file() or self.path.with_suffix("").is_dir()  # a folder: of an older version
        return landed and (self.fork.save is None or self.fork.save.exists())

    @property
    def is_whole(self) -> bool:
        """Whether the file of the run holds what was written to it; a run of an older version, a folder, is taken so.

        Raises:
            FileNotFoundError: the run is not there.
        """
        if self.path.with_suffix("").is_dir():
            return True
        try:
            with zipfile.ZipFile(self.path) as file:  # a picture inside of it is a zip, too
                return FACTS in file.namelist() and file.testzip() is None
        except FileNotFoundError:
            raise
        except ZIP_DAMAGE:
            return False

    def done(self, tell: Callable[[float], None] | None = None) -> tuple[Outcome, bytes]:
        """Do the run. Never raises."""
        from abm.runs.store.run_file import pack

        _get_ready()
        begin = time.perf_counter()
        try:
            frames = simulate(self.scenario, self.seed, tell, self.fork)
            seconds = time.perf_counter() - begin
            return Outcome("done", seconds), pack(frames, seconds, self.kept)
        except StoppedError as error:
            return Outcome("failed", time.perf_counter() - begin, str(error), error.recorded), b""
        except Exception:
            return Outcome("failed", time.perf_counter() - begin, traceback.format_exc()), b""


def drop_damaged(jobs: Iterable[RunJob]) -> int:
    """Remove files of runs that are not whole, so that these are run again; how many."""
    count = 0
    for job in jobs:
        if job.path.exists() and not job.is_whole:
            job.path.unlink()
            count += 1
    return count


@functools.cache
def _get_ready() -> None:
    """Load the compiled loops, once a process, so that no run is blamed for it."""
    warm_up()
