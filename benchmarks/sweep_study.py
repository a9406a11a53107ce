"""The study that sweeps are measured with, what processes take, and what its runs take by themselves."""

from __future__ import annotations

import atexit
import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
STUDY = """
arms = ["no_virus", "influenza"]
duration = "28 d"
record_every = "12 h"
replicates = {replicates}
[section]
width = "1 mm"
height = "1 mm"
[[axis]]
vary = "parameters.substances.il6.epithelial_secretion"
relative = true
values = [0.5, 1.0, 1.5, 2.0, 2.5]
"""
POINTS = 10
WORKERS = 2
FEW = 2 * POINTS  # runs of a study that shows what one costs whatever its size
EMBERS = (sys.executable, "-m", "abm")
BARE = """
import sys, time
from pathlib import Path
from abm.model.lung_model import LungModel
from abm.runs.compile_ahead import warm_up
from abm.studies.design.study_file import read_study
study = read_study(Path(sys.argv[1]))
warm_up()
begin = time.process_time()
for run in range(int(sys.argv[2]), study.total, int(sys.argv[3])):
    point, replicate = study.place(run)
    model = LungModel(study.scenario(study.points[point]), seed=study.seed + replicate)
    model.run()
    model.close()
print(time.process_time() - begin)
"""
ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of Linux
GLANCE = 0.05  # s between two looks at a process


class Spent(NamedTuple):
    """What a command and all that it started took; `peak`: of the command itself; `folder`: where it ran."""

    wall: float  # s
    cpu: float  # s
    peak: float  # MB
    folder: Path


def study_of(runs: int) -> Path:
    """The file of a study of so many runs, a multiple of `POINTS`, in a folder of its own that goes at the end."""
    folder = tempfile.mkdtemp(prefix="embers-sweeps-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "bench.toml"
    path.write_text(STUDY.format(replicates=runs // POINTS))
    return path


def begin(*command: str, cwd: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a command of this checkout, in a process group of its own."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    return subprocess.Popen(
        command, cwd=cwd, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def spent(*command: str, cwd: Path) -> Spent:
    """Run a command to its end, and wait for what it leaves behind (on Linux; elsewhere that is not counted).

    Raises:
        RuntimeError: it failed.
    """
    import psutil

    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    before, at, peak = _cpu_of_children(), time.perf_counter(), 0
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(command, cwd=cwd, env=variables, stdout=told, stderr=told, start_new_session=True)
        while process.poll() is None:
            with suppress(psutil.Error):
                peak = max(peak, psutil.Process(process.pid).memory_info().rss)
            time.sleep(GLANCE)
        wall = time.perf_counter() - at
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-process.pid, 0)
        if process.returncode:
            told.seek(0)
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{told.read()}")
    return Spent(wall, _cpu_of_children() - before, peak / 2**20, cwd)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@cache
def bare(runs: int) -> float:
    """CPU seconds of the models of a study alone: in two processes, as busy as in a sweep, without their start."""
    path = study_of(runs)
    parts = [
        begin(sys.executable, "-c", BARE, path.name, str(part), str(WORKERS), cwd=path.parent)
        for part in range(WORKERS)
    ]
    return sum(float(part.communicate()[0]) for part in parts)


@cache
def sweep(runs: int) -> Spent:
    """The same as a sweep on this machine."""
    path = study_of(runs)
    return spent(*EMBERS, "sweep", path.name, "--workers", str(WORKERS), "--out", "out", cwd=path.parent)
