"""What a worker does with a job, on this machine or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from abm.runs.compile_ahead import warm_up
from abm.runs.identity import calculation
from abm.runs.job import Job, Outcome
from abm.runs.store.files import reason_of, write_bytes


class WrongVersionError(RuntimeError):
    """A worker computes with another source or other libraries, so its results would not be the same bits."""


def do_and_land(job: Job, tell: Callable[[float], None] | None = None) -> Outcome:
    """Do a job and write its file, which is there as a whole or not at all. Never raises."""
    outcome, content = job.done(tell)
    if outcome.status == "done":
        try:
            write_bytes(job.path, content, lasting=True)
        except OSError as error:
            return Outcome("storage", outcome.seconds, reason_of(error))
    return outcome


def do_and_return(jobs: Sequence[Job]) -> list[tuple[Outcome, bytes]]:
    """Do jobs and give the bytes of their files: for workers that may not see the folder of the study.

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
