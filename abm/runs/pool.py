"""Jobs on all cores: what is finished comes back as it is finished, a worker that dies takes no job with it.

When a worker process dies, `concurrent.futures` gives up the whole pool and cannot say whose fault it was. Here the
pool is made again, and the jobs that were under way are done one at a time, so that the one to blame is found.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

from abm.runs.identity import calculation

J = TypeVar("J")
R = TypeVar("R")

TRIES = 3  # times that the worker of a job may die
MOST_WORKERS = 61  # Windows waits for no more
WORD = "EMBERS_WORD"  # names the file by which a worker says that it cannot begin
ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


OTHER_SOURCE = (
    "its worker computes with another source than the process that started it: a source file was edited, or a part of "
    "the model was replaced in memory, after that process had imported it. Start anew; what is replaced in memory can "
    "only run in the process itself (LungModel)."
)


class OtherSourceError(RuntimeError):
    """A worker would compute something else than what the addresses of the runs stand for."""


class WorkerDiedError(RuntimeError):
    """The process that did a job ended without a word, again and again."""


class NoMainGuardError(RuntimeError):
    """A script that starts workers each time it is read, also by the workers themselves."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "this script starts workers as it is read, and each worker reads it: put what starts them "
            'under `if __name__ == "__main__":`'
        )


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_all(
    work: Callable[[J], R], jobs: Iterable[J], workers: int, modules: Sequence[str] = ()
) -> Generator[tuple[J, R | BaseException]]:
    """Do `work` on every job, on `workers` processes; yields each job with what it gave or raised, as it ends.

    Close the iterator (`contextlib.closing`) to stop: what runs then is given up.

    Args:
        work: a function that can be imported.
        jobs: what it is called with; taken as workers get free, so that they may be too many to be kept.
        workers: processes.
        modules: what `work` needs; imported once for all workers, where the system has that.
    """
    here = partial(_as_here, work, calculation())
    pending, suspects, deaths = _Pending(jobs), deque[J](), Counter[int]()
    flying: dict[Future[R], J] = {}
    with one_thread_each(), _word_from_workers() as unguarded:
        pool = _Pool(workers, modules)
        try:
            while pending or suspects or flying:
                if pool.broken and unguarded():
                    raise NoMainGuardError
                if pool.broken and not flying:
                    pool.stop()
                    pool = _Pool(workers, modules)
                _launch(pool, here, flying, pending, suspects)
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    job, error = flying.pop(future), future.exception()
                    if not isinstance(error, BrokenProcessPool):
                        yield job, error if error else future.result()
                        continue
                    pool.broken = True
                    deaths[id(job)] += 1
                    if deaths[id(job)] < TRIES:
                        suspects.append(job)
                    else:
                        problem = f"the process that ran it ended {TRIES} times (killed, or out of memory)"
                        yield job, WorkerDiedError(problem)
        finally:
            pool.stop()


def _as_here(work: Callable[[J], R], computed_with: str, job: J) -> R:
    """Do a job, if this worker computes with what its parent does.

    Raises:
        OtherSourceError: it does not.
    """
    if calculation() != computed_with:
        raise OtherSourceError(OTHER_SOURCE)
    return work(job)


def _launch(
    pool: _Pool, work: Callable[[J], R], flying: dict[Future[R], J], pending: _Pending[J], suspects: deque[J]
) -> None:
    """Give the pool work: enough that no worker waits, but a suspect only when nothing else runs."""
    room = 2 * pool.workers
    while not pool.broken and (suspects or pending) and len(flying) < (1 if suspects else room):
        queue = suspects or pending
        try:
            future = pool.submit(work, queue[0])
        except (BrokenProcessPool, ConnectionError):  # a worker has died, or what makes workers
            pool.broken = True
        else:
            flying[future] = queue.popleft()


class _Pending(Generic[J]):
    """Jobs that wait; only the first of them is held."""

    def __init__(self, jobs: Iterable[J]) -> None:
        self._jobs = iter(jobs)
        self._first = list(islice(self._jobs, 1))

    def __bool__(self) -> bool:
        return bool(self._first)

    def __getitem__(self, at: int) -> J:
        return self._first[at]

    def popleft(self) -> J:
        (first,), self._first = self._first, list(islice(self._jobs, 1))
        return first


class _Pool:
    """Processes of our own, that can be ended at once."""

    def __init__(self, workers: int, modules: Sequence[str]) -> None:
        self.workers = min(workers, MOST_WORKERS)
        self.broken = False
        self._others = set(multiprocessing.active_children())
        self._executor = ProcessPoolExecutor(self.workers, mp_context=worker_context(modules), initializer=begin_worker)

    def submit(self, work: Callable[[J], R], job: J) -> Future[R]:
        with _interrupt_held_back():
            return self._executor.submit(work, job)

    def stop(self) -> None:
        """End all workers now."""
        mine: set[BaseProcess] = set(multiprocessing.active_children()) - self._others
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in mine:
            process.terminate()
        for process in mine:
            process.join()


@contextmanager
def _word_from_workers() -> Iterator[Callable[[], bool]]:
    """Says whether a worker has found that the script starts workers as it is read; it makes a file then.

    Raises:
        NoMainGuardError: this process is such a worker.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):  # it reads the script still
        with contextlib.suppress(OSError, KeyError):
            Path(os.environ[WORD]).touch()
        raise NoMainGuardError
    try:
        word = Path(tempfile.gettempdir(), f"embers-{uuid.uuid4().hex}")
    except OSError:  # no folder for temporary files
        yield lambda: False
        return
    os.environ[WORD] = str(word)
    try:
        yield word.exists
    finally:
        os.environ.pop(WORD, None)
        with contextlib.suppress(OSError):
            word.unlink(missing_ok=True)


def worker_context(modules: Sequence[str]) -> BaseContext:
    """How processes begin: as copies of one that has imported `modules` and has a single thread, or each from nothing.

    Copies of this very process would not do: it may have threads, which do not survive. On macOS, system libraries may
    start threads at any time.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", *modules])
    return context


def begin_worker() -> None:
    """First thing in a worker: leave Ctrl-C and the end of the terminal to the parent, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


@contextmanager
def _interrupt_held_back() -> Iterator[None]:
    """A new process inherits this, so that Ctrl-C does not hit it before it can ignore it; not on Windows."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Workers fill the cores: libraries inside them must not start threads. They read this when they are imported."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
