"""A sweep through a Dask scheduler and its workers, in processes of their own on the loopback."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.sweep_study import EMBERS, FEW, WORKERS, bare, begin, spent, study_of
from benchmarks.table import Aim, Line

SETTINGS = {  # as docs/clusters.md says
    "OMP_NUM_THREADS": "1",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms",
}


def dask(runs: int) -> Iterator[Line]:
    """CPU of the scheduler and the workers counted in; what they took to start is not."""
    alone = bare(runs)
    with _cluster() as (address, processes):
        few, _ = _swept(FEW, address, processes)  # the first of them loads the model on each worker
        started, _ = _swept(FEW, address, processes)
        whole, wall = _swept(runs, address, processes)
    per_run = (whole - started) / (runs - FEW)
    name = f"the same {runs:,} runs through Dask on the loopback"
    yield Line(name, wall, "s wall", alone / WORKERS, "the models alone, on as many cores")
    yield Line(f"{name}: CPU", whole, "s CPU", alone, "the models alone", Aim(1.10, of="ratio"))
    yield Line("of that per run", 1000.0 * per_run, "ms CPU", 1000.0 * alone / runs, "its model alone")
    yield Line("of that per study, whatever its size", started - FEW * per_run, "s CPU", whole, "the whole")
    yield Line("besides, once: the workers load the model", few - started, "s CPU")


def _swept(runs: int, address: str, processes: list[subprocess.Popen[str]]) -> tuple[float, float]:
    """CPU seconds and seconds that a study takes."""
    path = study_of(runs)
    before = _cpu(processes)
    own = spent(*EMBERS, "sweep", path.name, "--scheduler", address, "--out", "out", cwd=path.parent)
    return own.cpu + _cpu(processes) - before, own.wall


@contextmanager
def _cluster() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """Address and processes of a scheduler and of workers."""
    folder = study_of(FEW).parent
    module = (sys.executable, "-m")
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    scheduler = begin(*module, "distributed.cli.dask_scheduler", *options, cwd=folder, environment=SETTINGS)
    assert scheduler.stderr
    address = next(found[0] for line in scheduler.stderr if (found := re.search(r"tcp://[\d.:]+\d", line)))
    command = (*module, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
    processes = [scheduler, *(begin(*command, cwd=folder, environment=SETTINGS) for _ in range(WORKERS))]
    try:
        time.sleep(5.0)  # what they take to start is not what is measured
        yield address, processes
    finally:
        for process in reversed(processes):
            process.kill()
            process.communicate()


def _cpu(processes: list[subprocess.Popen[str]]) -> float:
    import psutil

    return sum(sum(psutil.Process(process.pid).cpu_times()[:2]) for process in processes)
