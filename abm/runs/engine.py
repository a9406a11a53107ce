"""The run engine: does the jobs that are missing, on all cores or on a cluster, and keeps each as it ends.

A job gives one file, which lands by one rename: it is there as a whole or not at all. So whatever ends a study, the
same command continues with what is missing. What failed is written down, and how far the study is, for `embers status`.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from abm.runs import failures
from abm.runs.compile_ahead import is_compiled, warm_up
from abm.runs.job import NEEDED, Job, Outcome, RunJob, drop_damaged
from abm.runs.pool import run_all
from abm.runs.progress import Show, duration
from abm.runs.status import Clock
from abm.runs.store.files import StorageError
from abm.runs.worker import compile_all, do_and_land

J = TypeVar("J", bound=Job)


@dataclass(frozen=True)
class RunOptions:
    """How a study is run.

    Attributes:
        workers: processes on this machine. scheduler: address of a Dask scheduler to run on instead.
        retry_failed: whether runs that failed are run again. fresh: in a new folder beside the old one.
    """

    workers: int
    scheduler: str = ""
    retry_failed: bool = False
    fresh: bool = False


@dataclass(frozen=True)
class Batch(Generic[J]):
    """The jobs that are missing in a folder of results.

    Attributes:
        folder: it. jobs: made as they are needed. missing: how many there are of each kind. done, failed, total: how
            many are there, have failed and are wanted in all.
        text, unit: what a person reads: "running", "runs".
        modules: what a worker imports. meanwhile: what this process needs later, imported while workers work.
    """

    folder: Path
    jobs: Iterable[J]
    missing: Mapping[str, int]
    done: int
    total: int
    failed: int = 0
    text: str = "running"
    unit: str = "runs"
    modules: Sequence[str] = NEEDED
    meanwhile: Sequence[str] = ()


def compiled(show: Show, here: bool = False) -> None:
    """Put the compiled loops on disk, once for all workers; by a process that ends, unless it is to be `here`."""
    if not is_compiled():
        with show.spinner("compiling (once, about half a minute)"):
            if here:
                warm_up()
            else:
                list(run_all(compile_all, [0], 1, NEEDED))  # a compiler keeps its memory


def run_jobs(
    batch: Batch[J],
    options: RunOptions,
    show: Show,
    note: Callable[[J, Outcome], None] = lambda *_: None,
    prepare: Callable[[Show, bool], None] = compiled,
) -> bool:
    """Do the jobs; each lands, or its failure is written down, as it ends. Says whether Ctrl-C has ended it early.

    Args:
        batch: the jobs.
        options: on what.
        show: where progress is reported.
        note: hears how each job ended.
        prepare: compiles what they need on this machine; hears whether that is for this very process.

    Raises:
        StorageError: a file could not be written; what is finished is kept.
        ClusterError: the scheduler or a worker cannot be used.
    """
    if not sum(batch.missing.values()):
        return False
    alone = batch.total == 1 and not options.scheduler  # a process of its own would only take time to begin
    try:
        with _machine(batch, alone, options, show, prepare) as machine:
            _run_on(machine, batch, alone, show, note)
    except KeyboardInterrupt:
        return True
    return False


def run_missing(
    jobs: Sequence[RunJob],
    folder: Path,
    options: RunOptions,
    show: Show,
    text: str = "running",
    meanwhile: Sequence[str] = (),
) -> bool:
    """Do those runs of the model that are not on disk yet, or are damaged; as `run_jobs`, for jobs that are all known.

    Raises:
        StorageError: as `run_jobs`.
    """
    if damaged := drop_damaged(jobs):
        show.say(f"{damaged} finished runs were in damaged files and are run again.")
    missing = [job for job in jobs if not job.is_done]
    done = len(jobs) - len(missing)
    if done:
        show.say(f"{done} of {len(jobs)} runs are there already; going on with the others.")
    kinds = Counter(job.kind for job in missing)
    return run_jobs(Batch(folder, missing, kinds, done, len(jobs), text=text, meanwhile=meanwhile), options, show)


def _run_on(machine: Machine[J], batch: Batch[J], alone: bool, show: Show, note: Callable[[J, Outcome], None]) -> None:
    count, done, failed = sum(batch.missing.values()), batch.done, batch.failed
    text, unit = (f"{batch.text} {next(iter(batch.missing))}", "") if alone else (batch.text, batch.unit)
    with (
        show.bar(text, count, unit) as tell,
        Clock(batch.folder, done, batch.total, batch.missing, machine.workers) as clock,
        closing(_alone(batch.jobs, tell) if alone else machine.run(iter(batch.jobs))) as outcomes,
    ):
        for ended, (job, outcome) in enumerate(outcomes, start=1):
            if outcome.status == "storage":
                raise StorageError(str(batch.folder), outcome.detail)
            failures.note(batch.folder, job, outcome)
            note(job, outcome)
            done, failed = done + (outcome.status == "done"), failed + (outcome.status == "failed")
            is_estimated = clock.measured > 0
            clock.note(done, failed, job.kind, outcome.seconds)
            if not is_estimated and 0 < clock.measured < count:
                estimate = duration(clock.estimate())
                show.say(f"{count:,} {batch.unit} take about {estimate} ({clock.measured} measured).")
            tell(ended)


class Machine(Protocol[J]):
    """What jobs are done on."""

    @property
    def workers(self) -> int:
        """How many are done at a time."""

    def run(self, jobs: Iterator[J]) -> Generator[tuple[J, Outcome]]:
        """Do the jobs; yields each with how it ended, when its file is there."""


@dataclass(frozen=True)
class ThisMachine(Generic[J]):
    """Processes here.

    Attributes:
        workers: how many. modules: what they import.
    """

    workers: int
    modules: Sequence[str]

    def run(self, jobs: Iterator[J]) -> Generator[tuple[J, Outcome]]:
        """Do the jobs, each by a process that writes its file itself."""
        with closing(run_all(do_and_land, jobs, self.workers, self.modules)) as results:
            for job, outcome in results:
                yield job, outcome if isinstance(outcome, Outcome) else Outcome("failed", 0.0, repr(outcome))


@contextmanager
def _machine(
    batch: Batch[J], alone: bool, options: RunOptions, show: Show, prepare: Callable[[Show, bool], None]
) -> Iterator[Machine[J]]:
    if options.scheduler:
        from abm.runs.cluster import connected

        with connected(options.scheduler, show) as cluster:
            yield cluster
        return
    prepare(show, alone)
    if not alone:
        threading.Thread(target=_import, args=(batch.meanwhile,)).start()
    yield ThisMachine(min(options.workers, sum(batch.missing.values())), batch.modules)


def _alone(jobs: Iterable[J], tell: Callable[[float], None]) -> Generator[tuple[J, Outcome]]:
    """The jobs in this very process; `tell` hears which share of one is done."""
    for job in jobs:
        yield job, do_and_land(job, tell)


def _import(modules: Sequence[str]) -> None:
    """Import what this process needs when all workers are done; a missing one is reported where it is used."""
    with contextlib.suppress(ImportError):
        for name in modules:
            importlib.import_module(name)
