"""What a sweep costs beside the model itself, beside Dask, and beside `mesa.batch_run`.

    python benchmarks/sweeps.py [--runs N] [--only PART,...] [--markdown FILE]

`--runs` is how many runs of 1 mm2 x 28 days each part takes (1,000 for the numbers of docs/sweeps.md). Times are CPU
seconds of all processes of a part (on Linux) unless they say wall. A part is a process group of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.table import Aim, Line, machine, rows  # noqa: E402

STUDY = """
arms = ["no_virus", "influenza"]
duration = "28 d"
record_every = "12 h"
replicates = {replicates}
[section]
width = "1 mm"
height = "1 mm"
[[axis]]
vary = "parameters.cytokine.epithelial_secretion"
relative = true
values = [0.5, 1.0, 1.5, 2.0, 2.5]
"""
POINTS = 10
FAKED = 10_000  # runs of a finished study, for what is read back
BARE = """
import sys, time
from pathlib import Path
from abm.model import LungModel
from abm.study.run_one import warm_up
from abm.sweep.study_file import read_study
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
BATCH = """
import sys
from pathlib import Path
from mesa import batch_run
from abm.model import LungModel
from abm.study.run_one import warm_up
from abm.sweep.study_file import read_study
study = read_study(Path(sys.argv[1]))
scenarios = [study.scenario(point) for point in study.points]
if __name__ == "__main__":
    warm_up()
    steps = scenarios[0].duration / scenarios[0].step
    found = batch_run(
        LungModel, {"scenario": scenarios, "seed": list(range(study.replicates))}, number_processes=2, iterations=1,
        max_steps=round(steps), data_collection_period=72, display_progress=False,
    )
    print(len(found))
"""


class Spent(NamedTuple):
    """What processes took; `peak`: of the largest process that is the parent [MB]."""

    wall: float
    cpu: float
    peak: float
    output: str


def spent(*command: str, cwd: Path) -> Spent:
    """Run a command and everything that it starts; counted every tenth of a second, so short-lived ones are missed."""
    import psutil

    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True)
    times: dict[int, float] = {}
    peak = 0.0
    while process.poll() is None:
        for one in _family(psutil.Process(process.pid)):
            try:
                used = one.cpu_times()
                times[one.pid] = used.user + used.system
                if one.pid == process.pid:
                    peak = max(peak, one.memory_info().rss / 2**20)
            except psutil.Error:
                continue
        time.sleep(0.1)
    output = process.communicate()[0]
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return Spent(time.perf_counter() - begin, sum(times.values()), peak, output)


def _family(process) -> list:
    import psutil

    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


@cache
def _study(runs: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="embers-sweeps-"))
    path = folder / "bench.toml"
    path.write_text(STUDY.format(replicates=runs // POINTS))
    return path


@cache
def bare(runs: int) -> float:
    """CPU seconds of a run: the model alone, two processes beside each other, as busy as in a sweep."""
    path = _study(runs)
    parts = [
        subprocess.Popen(
            [sys.executable, "-c", BARE, str(path), str(part), "2"], cwd=path.parent, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        for part in range(2)
    ]  # fmt: skip
    return sum(float(part.communicate()[0]) for part in parts) / runs


@cache
def _sweep(runs: int) -> Spent:
    path = _study(runs)
    command = (sys.executable, "-m", "abm", "sweep", path.name, "--workers", "2", "--out", "local")
    return spent(*command, cwd=path.parent)


def local(runs: int) -> Iterator[Line]:
    """On this machine."""
    alone, sweep = bare(runs) * runs, _sweep(runs)
    name = f"sweep of {runs:,} runs of 1 mm2 x 28 d, 2 processes"
    yield Line(name, sweep.wall, "s wall", alone / 2, "the model alone, CPU s / 2", Aim(0.36 * runs))
    yield Line(f"{name}: CPU", sweep.cpu, "s CPU", alone, "the model alone", Aim(1.05, of="ratio"))
    yield Line(
        f"{name}: use of both cores", 100.0 * sweep.cpu / sweep.wall / 2, "%", None, "", Aim(95.0, at_least=True)
    )
    yield Line(f"{name}: memory of the parent", sweep.peak, "MB", None, "", Aim(400.0))


def dask(runs: int) -> Iterator[Line]:
    """Through a scheduler and two workers on the loopback."""
    import re

    path = _study(runs)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON": "{}"}
    base = [sys.executable, "-m"]
    scheduler = subprocess.Popen(
        [*base, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert scheduler.stderr
    address = next(found[0] for line in scheduler.stderr if (found := re.search(r"tcp://[\d.:]+\d", line)))
    worker = [*base, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    workers = [subprocess.Popen(worker, env=environment, stderr=subprocess.DEVNULL, cwd=path.parent) for _ in range(2)]
    try:
        time.sleep(5.0)
        before = _cpu([scheduler.pid, *(one.pid for one in workers)])
        command = (sys.executable, "-m", "abm", "sweep", path.name, "--scheduler", address, "--out", "dask")
        sweep = spent(*command, cwd=path.parent)
        after = _cpu([scheduler.pid, *(one.pid for one in workers)])
    finally:
        for one in (*workers, scheduler):
            one.kill()
            one.wait()
    name = f"the same through Dask on the loopback, {runs:,} runs"
    alone = bare(runs) * runs
    yield Line(f"{name}: CPU", sweep.cpu + after - before, "s CPU", alone, "the model alone", Aim(1.10, of="ratio"))
    yield Line(name, sweep.wall, "s wall", alone / 2, "the model alone, CPU s / 2")


def _cpu(pids: list[int]) -> float:
    import psutil

    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def mesa(runs: int) -> Iterator[Line]:
    """The same runs through `mesa.batch_run`, which keeps every row in memory until the end."""
    path, sweep = _study(runs), _sweep(runs)
    (path.parent / "batch.py").write_text(BATCH)
    batch = spent(sys.executable, "batch.py", path.name, cwd=path.parent)
    name = f"the same through mesa.batch_run, {runs:,} runs"
    yield Line(name, batch.wall, "s wall", sweep.wall, "embers sweep")
    yield Line(f"{name}: CPU", batch.cpu, "s CPU", sweep.cpu, "embers sweep")
    yield Line(f"{name}: memory of the parent", batch.peak, "MB", sweep.peak, "embers sweep")


def killed(runs: int) -> Iterator[Line]:
    """What is lost when the parent is killed half-way, and what the same command then still has to do."""
    path, whole = _study(runs), _sweep(runs)
    out = path.parent / "killed"
    command = [sys.executable, "-m", "abm", "sweep", path.name, "--workers", "2", "--out", "killed"]
    process = subprocess.Popen(
        command, cwd=path.parent, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    time.sleep(whole.wall / 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    rest = spent(*command, cwd=path.parent)
    yield Line(
        f"killed half-way, the rest of {runs:,} runs",
        rest.cpu,
        "s CPU",
        whole.cpu,
        "the whole; batch_run: 1, all is lost",
    )
    shutil.rmtree(out)


def large(_: int) -> Iterator[Line]:
    """A finished study of 10,000 runs: to see that nothing is left, and to read from it."""
    folder = _faked()
    begin = spent(sys.executable, "-m", "abm", "sweep", "large.toml", "--out", "out", cwd=folder)
    what = f"{FAKED:,} finished runs"
    yield Line(f"{what}: the same command again", begin.wall, "s wall", None, "", Aim(5.0))
    yield Line(f"{what}: memory of the parent then", begin.peak, "MB", None, "", Aim(400.0))
    from abm import open_study

    study = open_study(folder / "out/large")
    for name, query in {
        "one measure at one time": lambda: study.series("cells_per_seeded", hour=360.0),
        "one measure of one arm, whole curves": lambda: study.series("il6", arm="influenza"),
        "which runs are done": study.runs,
    }.items():
        at = time.perf_counter()
        query()
        yield Line(f"{what}: {name}", time.perf_counter() - at, "s wall", None, "", Aim(1.0))
    files = [path for path in (folder / "out/large").rglob("*") if path.is_file()]
    yield Line(f"{what}: files", float(len(files)), "")
    yield Line(f"{what}: size on disk", sum(path.stat().st_size for path in files) / 2**20, "MB")


def _faked() -> Path:
    """A study of 10,000 runs whose runs are copies of a few: what reads and resumes it cannot tell."""
    import io

    from rich.console import Console

    from abm.study.progress import Show
    from abm.sweep.store import Store
    from abm.sweep.study_file import read_study
    from abm.sweep.sweep import How, perform

    folder = Path(tempfile.mkdtemp(prefix="embers-large-"))
    path = folder / "large.toml"
    path.write_text(STUDY.format(replicates=1))
    out = folder / "out"
    small = read_study(path)
    show = Show(Console(file=io.StringIO()))
    perform(small, out, How(2), show)
    path.write_text(STUDY.format(replicates=FAKED // POINTS))
    study = read_study(path)
    (out / "donors").mkdir()
    donors = _donors(small, out)
    store = Store(out / "large", study, study.ids())
    store.write_design()
    for run in range(FAKED):
        if not store.is_finished(run):
            shutil.copyfile(donors[run % POINTS], store.landing(run))
            store.note_landed(run)
        if run % 256 == 255:
            store.gather_ended()
    store.gather_ended()
    shutil.rmtree(out / "donors")
    perform(study, out, How(2), show)
    return folder


def _donors(study, out: Path) -> list[Path]:
    """One run file a point."""
    from abm.sweep.worker import RunJob, do_and_land

    paths = []
    for at, point in enumerate(study.points):
        paths.append(out / "donors" / f"{at}.zip")
        do_and_land(RunJob(at, study.scenario(point), 1, study.measures, study.events, paths[-1], ""))
    return paths


PARTS: dict[str, Callable[[int], Iterator[Line]]] = {
    "local": local, "dask": dask, "mesa": mesa, "killed": killed, "large": large,
}  # fmt: skip


def main() -> None:
    """Print the table as its lines come in."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200, help="of each part, a multiple of 10")
    parser.add_argument("--only", default=",".join(PARTS), metavar="PART,...", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there too")
    arguments = parser.parse_args()
    from abm.study.run_one import warm_up

    warm_up()
    text = ["# What a sweep costs", "", machine(), ""]
    for row in rows(line for name in arguments.only.split(",") for line in PARTS[name](arguments.runs)):
        print(row, flush=True)
        text.append(row)
    if arguments.markdown:
        arguments.markdown.write_text("\n".join([*text, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
