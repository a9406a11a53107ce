"""Runs of a study on a Dask cluster that is there already.

Workers need no common disk: a run comes back as the bytes of its file, and only the process that runs the study writes.
What it is given back at once is written at once, so a worker that dies takes with it what it was doing, and Dask gives
that to another one.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, Generic, TypeVar

from abm.installation.optional_deps import need
from abm.runs.errors import SweepError
from abm.runs.identity import calculation
from abm.runs.job import Job, Outcome
from abm.runs.progress import Show
from abm.runs.store.files import write_bytes
from abm.runs.worker import Survey, WrongVersionError, do_and_return, survey

ANSWER = 10.0  # s in which a scheduler has to answer
LATER = 100  # tasks to give to a scheduler that has no workers yet; an adaptive cluster starts them then
AHEAD = 3  # tasks a worker thread that are given to the scheduler: what is done, and what is next
TASK = 0.5  # s that a task takes, at least, where runs are short: the scheduler's own work for each is some 7 ms
PAUSE = 10.0  # s between two counts of the workers, which may come and go

J = TypeVar("J", bound=Job)


class ClusterError(SweepError):
    """A cluster that cannot be used."""


class Cluster:
    """A scheduler and its workers."""

    def __init__(self, address: str, show: Show) -> None:
        """Connect to the scheduler at this address and look at its workers.

        Raises:
            MissingLibraryError: Dask is not installed.
            ClusterError: nothing answers, or a worker would compute something else.
        """
        need("cluster", "distributed")
        from distributed import Client

        self.address = address
        try:
            self._client = Client(address, timeout=ANSWER, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise ClusterError(f"no Dask scheduler answers at {address}: {_first_line(error)}") from error
        try:
            self._look_at_workers(show)
        except BaseException:
            self.close()
            raise

    @property
    def workers(self) -> int:
        """Threads of all workers now; 1 where there are none yet."""
        return max(1, self._threads())

    def run(self, jobs: Iterator[J]) -> Generator[tuple[J, Outcome]]:
        """Do the jobs and write what comes back; yields each job with how it ended. Close it to stop.

        Raises:
            ClusterError: the scheduler is gone, or a worker that came later computes something else.
            OSError: no room, no right to write.
        """
        from distributed import as_completed

        coming = as_completed(loop=self._client.loop, with_results=True, raise_errors=False)
        flying: dict[Any, tuple[J, ...]] = {}
        tasks = _Tasks(jobs)
        looked, room = -PAUSE, 0
        while True:
            if time.monotonic() - looked > PAUSE:
                looked, room = time.monotonic(), AHEAD * self._threads() or LATER
            while len(flying) < room and (task := tasks.take()):
                future = self._client.submit(do_and_return, task, pure=False)
                flying[future] = task
                coming.add(future)
            if not flying:
                return
            future, result = next(coming)
            task = flying.pop(future)
            found = self._results(future, result)
            if not found and len(task) > 1:
                tasks.split(task)
                continue
            for job, (outcome, content) in zip(task, found or [_failed(future)], strict=True):
                if outcome.status == "done":
                    write_bytes(job.path, content, lasting=True)
                tasks.note(outcome.seconds)
                yield job, outcome

    def close(self) -> None:
        """Leave the cluster; what it still does for us is given up."""
        with suppress(Exception):  # it may be gone
            self._client.close(timeout=ANSWER)

    def _results(self, future: Any, result: Any) -> list[tuple[Outcome, bytes]]:
        """What has come back of a task; nothing where it failed as a whole."""
        if future.status == "cancelled":
            raise ClusterError(self._gone())
        if future.status == "error" and isinstance(future.exception(), WrongVersionError):
            raise ClusterError(f"{future.exception()}\n{_REMEDY}")
        return [] if future.status == "error" else result

    def _gone(self) -> str:
        return (
            f"the Dask scheduler at {self.address} is gone.\n"
            "Finished runs are kept; run the same command again when the scheduler is back."
        )

    def _threads(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise ClusterError(self._gone()) from error

    def _look_at_workers(self, show: Show) -> None:
        """Refuse workers that compute something else; say what makes others slow."""
        told: dict[str, Survey | BaseException] = self._client.run(survey, on_error="return")
        own, wrong, slow = calculation(), defaultdict(list), defaultdict(list)
        for worker, found in told.items():
            if not isinstance(found, Survey):
                wrong[f"cannot load Embers: {_first_line(found)}"].append(worker)
            elif found.calculation != own:
                wrong[_difference(found.calculation, own)].append(worker)
            elif found.trims_memory:
                slow["MALLOC_TRIM_THRESHOLD_ is set, which makes runs slower: see docs/clusters.md"].append(worker)
        if wrong:
            lines = [f"    {', '.join(sorted(workers))}: {what}" for what, workers in wrong.items()]
            raise ClusterError("workers would not give the same bits:\n" + "\n".join(lines) + f"\n{_REMEDY}")
        for what, workers in slow.items():
            show.say(f"note: on {len(workers)} of {len(told)} workers {what}")


class _Tasks(Generic[J]):
    """Jobs as tasks: one at first, then as many as take a moment together, so that short ones are worth the way."""

    def __init__(self, jobs: Iterator[J]) -> None:
        self._jobs, self._alone = jobs, deque[J]()
        self._size, self._ended, self._seconds = 1, 0, 0.0

    def take(self) -> tuple[J, ...]:
        """The next task; empty where there is none left."""
        if self._alone:
            return (self._alone.popleft(),)
        return tuple(islice(self._jobs, self._size))

    def split(self, task: Sequence[J]) -> None:
        """This task failed as a whole: its jobs come again one by one, so that the one to blame is found."""
        self._alone.extend(task)

    def note(self, seconds: float) -> None:
        """A job took so long."""
        self._ended += 1
        self._seconds += seconds
        self._size = max(1, math.ceil(TASK * self._ended / max(self._seconds, TASK)))


@contextmanager
def connected(address: str, show: Show) -> Iterator[Cluster]:
    """A cluster, left at the end.

    Raises:
        ClusterError: as `Cluster`.
    """
    cluster = Cluster(address, show)
    try:
        yield cluster
    finally:
        cluster.close()


def _failed(future: Any) -> tuple[Outcome, bytes]:
    error = future.exception()
    return Outcome("failed", 0.0, f"{type(error).__name__}: {error}"), b""


_REMEDY = "Install there what is here (the same Embers, Python, numba and numpy: constraints.txt) and start them anew."
_PARTS = ("format", "source", "Python", "numba", "numpy")


def _difference(theirs: str, own: str) -> str:
    """What differs between two `calculation`s."""
    pairs = zip(_PARTS, theirs.split(), own.split(), strict=True)
    return "; ".join(f"{part} {other[:12]}, here {mine[:12]}" for part, other, mine in pairs if other != mine)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
