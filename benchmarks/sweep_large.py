"""A finished study of 10,000 runs: to see that nothing is left, and to read from it."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.sweep_study import EMBERS, POINTS, STUDY, WORKERS, spent, study_of
from benchmarks.table import Aim, Line

RUNS = 10_000


def large(_: int) -> Iterator[Line]:
    """The same command again, queries, memory, files."""
    from abm import open_study

    path = _finished()
    folder = path.parent / "out" / path.stem
    again = spent(*EMBERS, "sweep", path.name, "--out", "out", cwd=path.parent)
    what = f"{RUNS:,} finished runs"
    yield Line(f"{what}: the same command again", again.wall, "s wall", aim=Aim(5.0))
    yield Line(f"{what}: memory of the parent then", again.peak, "MB", aim=Aim(400.0))
    study = open_study(folder)
    for name, query in {
        "one measure at one time": lambda: study.series("cells_per_seeded", hour=360.0),
        "one measure of one arm, whole curves": lambda: study.series("il6", arm="influenza"),
        "which runs are done": study.runs,
    }.items():
        at = time.perf_counter()
        query()
        yield Line(f"{what}: {name}", time.perf_counter() - at, "s wall", aim=Aim(1.0))
    files = sum(1 for file in folder.rglob("*") if file.is_file())
    yield Line(f"{what}: files", float(files), "files")


def _finished() -> Path:
    """The file of a study that has its runs: copies of a few, which what reads and resumes it cannot tell."""
    from rich.console import Console

    from abm.runs.engine import RunOptions
    from abm.runs.job import RunJob
    from abm.runs.progress import Show
    from abm.runs.run_one import KeptOfRun
    from abm.runs.worker import do_and_land
    from abm.studies.design.study_file import read_study
    from abm.studies.sweep.store import BLOCK, Store
    from abm.studies.sweep.sweep import perform

    path = study_of(POINTS)
    out, options, show = path.parent / "out", RunOptions(WORKERS), Show(Console(file=io.StringIO()))
    perform(read_study(path), out, options, show)
    path.write_text(STUDY.format(replicates=RUNS // POINTS))
    study = read_study(path)
    donors = [path.with_name(f"{at}.zip") for at in range(POINTS)]
    kept = KeptOfRun(study.measures, study.events, section=False)
    for at, point in enumerate(study.points):
        do_and_land(RunJob(study.scenario(point), 1, 1, donors[at], "", str(at), kept))
    store = Store(out / path.stem, study, study.ids())
    store.write_design()
    for run in range(RUNS):
        if not store.is_finished(run):
            shutil.copyfile(donors[run % POINTS], store.landing(run))
            store.landed.add(run)
        if run % BLOCK == BLOCK - 1:
            store.gather_ended()
    store.gather_ended()
    perform(study, out, options, show)
    return path
