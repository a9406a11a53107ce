"""Runs that are not on disk yet: done on all cores, each written as it ends."""

from __future__ import annotations

import contextlib
import importlib
import shutil
import threading
from collections.abc import Generator, Sequence
from contextlib import closing

from abm.runs.compile_ahead import is_compiled, warm_up
from abm.runs.files import StorageError
from abm.runs.pool import run_all
from abm.runs.progress import Show
from abm.runs.run_one import NEEDED, Job, Outcome, carry_out
from abm.runs.sealed import DamagedError, holds, read_text


def run_missing(jobs: Sequence[Job], workers: int, show: Show, later: Sequence[str] = ()) -> bool:
    """Do what is not on disk yet; says whether Ctrl-C has ended it early.

    Args:
        jobs: all runs that are wanted.
        workers: processes.
        show: where it tells what is going on.
        later: modules for what comes then, imported while workers work.

    Raises:
        StorageError: a run could not be written; finished runs are kept.
    """
    missing = [job for job in jobs if not job.is_done]
    if len(missing) < len(jobs):
        show.say(f"{len(jobs) - len(missing)} of {len(jobs)} runs are there already; going on with the others.")
    try:
        if missing and not is_compiled():
            with show.spinner("compiling (once, about half a minute)"):
                warm_up()
        if missing:
            with closing(_outcomes(missing, workers, show, later)) as outcomes:
                for job, outcome in outcomes:
                    _note(job, outcome)
    except KeyboardInterrupt:
        return True
    return False


def remove_damaged(jobs: Sequence[Job], show: Show) -> None:
    """Remove runs of which a file does not hold what was written to it, so that they are run again, and say so."""
    damaged = [job for job in jobs if job.is_done and not _is_whole(job)]
    for job in damaged:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(job.folder)
    if damaged:
        show.say(f"{len(damaged)} finished runs were in damaged files and are run again.")
    for job in jobs:
        with contextlib.suppress(OSError):
            try:
                read_text(job.failure)
            except DamagedError:
                job.failure.unlink()


def _is_whole(job: Job) -> bool:
    try:
        return holds(job.folder, read_text(job.folder / "run.json").get("files", {}))
    except (OSError, DamagedError):
        return False


def _outcomes(jobs: Sequence[Job], workers: int, show: Show, later: Sequence[str]) -> Generator[tuple[Job, Outcome]]:
    """How each job ended, with a bar: a single one in this process, several of them in a pool."""
    if len(jobs) == 1:
        with show.bar(f"running {jobs[0].arm}", 1, "") as tell:
            yield jobs[0], carry_out(jobs[0], tell)
        return
    threading.Thread(target=_import, args=(later,)).start()
    with (
        show.bar("running", len(jobs), "runs") as tell,
        closing(run_all(carry_out, jobs, min(workers, len(jobs)), NEEDED)) as outcomes,
    ):
        for done, (job, outcome) in enumerate(outcomes, start=1):
            yield job, outcome if isinstance(outcome, Outcome) else Outcome("failed", 0.0, repr(outcome))
            tell(done)


def _import(modules: Sequence[str]) -> None:
    """Import what this process needs when all workers are done; what is missing is told where it is used."""
    with contextlib.suppress(ImportError):
        for name in modules:
            importlib.import_module(name)


def _note(job: Job, outcome: Outcome) -> None:
    if outcome.status == "storage":
        raise StorageError(str(job.runs.parent), outcome.detail)
    if outcome.status == "failed":
        from abm.runs.record import write_failure

        write_failure(job, outcome.detail, outcome.recorded)
