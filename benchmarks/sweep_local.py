"""A sweep on this machine: beside its models alone, and beside `mesa.batch_run`; and what a kill costs either."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from benchmarks.sweep_study import EMBERS, FEW, POINTS, WORKERS, Spent, bare, begin, spent, study_of, sweep
from benchmarks.table import Aim, Line

MESA_PART = 5  # it takes so many times as long, and is only a yardstick
KILLED = 100  # runs of a study that is killed
PATIENCE = 3.0  # times as long as it takes, until a command is given up
BATCH = """
import sys
from pathlib import Path
from mesa import batch_run
from abm.model.lung_model import LungModel
from abm.runs.compile_ahead import warm_up
from abm.studies.design.study_file import read_study
study = read_study(Path(sys.argv[1]))
scenarios = [study.scenario(point) for point in study.points]
if __name__ == "__main__":
    warm_up()
    steps = round(scenarios[0].duration / scenarios[0].step)
    found = batch_run(
        LungModel, {"scenario": scenarios, "seed": list(range(study.replicates))}, number_processes=2, iterations=1,
        max_steps=steps, data_collection_period=72, display_progress=False,
    )
"""


def local(runs: int) -> Iterator[Line]:
    """Beside the models alone."""
    alone, whole, few = bare(runs), sweep(runs), sweep(FEW)
    name = f"sweep of {runs:,} runs of 1 mm2 x 28 d, {WORKERS} processes"
    yield Line(name, whole.wall, "s wall", alone / WORKERS, "its models alone, on as many cores", Aim(0.36 * runs))
    yield Line(f"{name}: CPU", whole.cpu, "s CPU", alone, "its models alone", Aim(1.05, of="ratio"))
    per_run = (whole.cpu - few.cpu) / (runs - FEW)
    yield Line("of that per run", 1000.0 * per_run, "ms CPU", 1000.0 * alone / runs, "its model alone")
    yield Line("of that per study, whatever its size", few.cpu - FEW * per_run, "s CPU", whole.cpu, "the whole")
    use = 100.0 * whole.cpu / whole.wall / WORKERS
    yield Line(f"{name}: use of the cores", use, "%", aim=Aim(95.0, at_least=True))
    yield Line(f"{name}: memory of the parent", whole.peak, "MB", aim=Aim(400.0))
    for table in ("runs", "series", "events"):
        size = sum(file.stat().st_size for file in (whole.folder / "out/bench" / table).rglob("*.parquet"))
        yield Line(f"{name}: size of {table}, per run", size / 1000.0 / runs, "kB")


def mesa(runs: int) -> Iterator[Line]:
    """A part of the same runs through `mesa.batch_run`, which keeps every row in memory until the end."""
    part = max(FEW, runs // MESA_PART // POINTS * POINTS)
    whole, batch = sweep(part), _batch(part)
    name = f"{part:,} of these runs through mesa.batch_run"
    yield Line(name, batch.wall, "s wall", whole.wall, "embers sweep")
    yield Line(f"{name}: CPU (it takes measures at every step)", batch.cpu, "s CPU", whole.cpu, "embers sweep")
    yield Line(f"{name}: memory of the parent", batch.peak, "MB", whole.peak, "embers sweep")


def killed(_: int) -> Iterator[Line]:
    """Half-way: the parent, or a worker."""
    path = study_of(KILLED)
    command = (*EMBERS, "sweep", path.name, "--workers", str(WORKERS), "--out")
    whole = sweep(KILLED)
    _kill_half_way(*command, "parent", cwd=path.parent, seconds=whole.wall / 2)
    rest = spent(*command, "parent", cwd=path.parent)
    name = f"{KILLED} runs, SIGKILL half-way"
    yield Line(f"{name} of the parent: the rest", rest.cpu, "s CPU", whole.cpu, "the whole (batch_run: all is lost)")
    took = _with_a_worker_killed(*command, "worker", cwd=path.parent, seconds=whole.wall)
    yield Line(f"{name} of a worker: the whole", took, "s wall", whole.wall, "uninterrupted", Aim(1.5, of="ratio"))
    took = _with_a_worker_killed(sys.executable, _batch_file(path), path.name, cwd=path.parent, seconds=whole.wall)
    yield Line(
        f"{name} of a worker, mesa.batch_run",
        took,
        "s wall",
        whole.wall,
        f"embers sweep; given up after {PATIENCE:g} x",
    )


@cache
def _batch(runs: int) -> Spent:
    path = study_of(runs)
    return spent(sys.executable, _batch_file(path), path.name, cwd=path.parent)


def _batch_file(study: Path) -> str:
    path = study.with_name("batch.py")
    path.write_text(BATCH)
    return path.name


def _kill_half_way(*command: str, cwd: Path, seconds: float) -> None:
    process = begin(*command, cwd=cwd)
    time.sleep(seconds)
    process.kill()
    process.communicate()


def _with_a_worker_killed(*command: str, cwd: Path, seconds: float) -> float:
    """Seconds until the command ended, or was given up."""
    import psutil

    at, process = time.perf_counter(), begin(*command, cwd=cwd)
    time.sleep(seconds / 2)
    busiest = max(psutil.Process(process.pid).children(recursive=True), key=lambda one: one.cpu_times().user)
    busiest.kill()
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=PATIENCE * seconds - (time.perf_counter() - at))
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return time.perf_counter() - at
