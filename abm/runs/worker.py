"""What a worker does with a run of a study, on this machine or on a cluster."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from abm.runs.compile_ahead import warm_up
from abm.runs.identity import calculation
from abm.runs.run_one import Outcome, attempt
from abm.scenario.scenario import Scenario

if TYPE_CHECKING:
    from abm.runs.run_one import Frames

NEEDED = ("numba", "abm.model.lung_model", "abm.runs.run_file")  # what a worker imports


class Work(Protocol):
    """What a worker can be given: a part of a study that gives one file."""

    @property
    def path(self) -> Path:
        """Where its file lands."""

    @property
    def calculation(self) -> str:
        """What it must be computed with, see `abm.runs.identity`."""

    def done(self) -> tuple[Outcome, bytes]:
        """How it ended, and the bytes of its file. Never raises."""


@dataclass(frozen=True)
class RunJob:
    """One run to do.

    Attributes:
        run: its number in the design. scenario, seed: what is run. measures, events: what is kept of it.
        path: where it lands. calculation: what it must be computed with, see `abm.runs.identity`.
    """

    run: int
    scenario: Scenario
    seed: int
    measures: tuple[str, ...]
    events: tuple[str, ...]
    path: Path
    calculation: str

    def pack(self, frames: Frames, seconds: float) -> bytes:
        """The bytes of its file."""
        from abm.runs.run_file import pack

        return pack(frames, seconds, self.measures, self.events)

    def done(self) -> tuple[Outcome, bytes]:
        """Do the run. Never raises."""
        _get_ready()
        content: list[bytes] = []
        outcome = attempt(self.scenario, self.seed, lambda frames, seconds: content.append(self.pack(frames, seconds)))
        return outcome, b"".join(content)


class WrongVersionError(RuntimeError):
    """A worker computes with another source or other libraries, so its results would not be the same bits."""


def do_and_land(job: RunJob) -> Outcome:
    """Do a run and write its file. Never raises."""
    from abm.runs.run_file import land

    _get_ready()
    return attempt(job.scenario, job.seed, lambda frames, seconds: land(job.path, job.pack(frames, seconds)))


def do_and_return(jobs: Sequence[Work]) -> list[tuple[Outcome, bytes]]:
    """Do runs and give the bytes of their files: for workers that may not see the folder of the study.

    Raises:
        WrongVersionError: this process would compute something else.
    """
    own = calculation()
    for wanted in {job.calculation for job in jobs} - {own}:
        raise WrongVersionError(f"this worker computes with {own}, the study is computed with {wanted}")
    return [job.done() for job in jobs]


class Survey(NamedTuple):
    """What a worker of a cluster is like.

    Attributes:
        calculation: what it computes with, see `abm.runs.identity`.
        trims_memory: whether its system gives memory back after each use, as Dask tells it to.
    """

    calculation: str
    trims_memory: bool


def survey() -> Survey:
    """What this process is like."""
    return Survey(calculation(), "MALLOC_TRIM_THRESHOLD_" in os.environ)


def compile_all(_: int) -> None:
    """Put the compiled loops on disk; takes a number only because it is a job of a pool."""
    warm_up()


@functools.cache
def _get_ready() -> None:
    """Load the compiled loops, once a process, so that no run is blamed for it."""
    warm_up()
