"""The engine with jobs of every kind: they land, they fail, they cannot be written, they are stopped."""

import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console

from abm.runs import failures
from abm.runs.engine import Batch, RunOptions, run_jobs
from abm.runs.identity import calculation
from abm.runs.job import Outcome
from abm.runs.progress import Show
from abm.runs.store.files import StorageError


@dataclass(frozen=True)
class Job:
    """Writes the number of its process; fails where its number is that of a bad one."""

    number: int
    path: Path
    bad: int = -1
    calculation: str = field(default_factory=calculation)
    kind = "number"

    @property
    def name(self):
        return f"number {self.number}"

    def done(self, tell=None):
        if self.number == self.bad:
            return Outcome("failed", 0.01, "Traceback\nValueError: a bad one", "hour,cells\n0,1\n"), b""
        if tell:
            tell(0.5)
        return Outcome("done", 0.01), b"%d" % os.getpid()


def run(folder, numbers, workers=2, bad=-1, note=lambda *_: None, total=None):
    """Do the jobs of these numbers; gives whether it was stopped, and what it said."""
    jobs = [Job(number, folder / "runs" / f"{number}.txt", bad) for number in numbers]
    show = Show(Console(file=io.StringIO(), width=200))
    batch = Batch(folder, jobs, {"number": len(jobs)}, 0, total or len(jobs), modules=())
    return run_jobs(batch, RunOptions(workers), show, note), show.console.file.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "runs").mkdir()
    return tmp_path


def landed(folder):
    return sorted(int(path.stem) for path in (folder / "runs").glob("[0-9]*"))


def test_every_job_lands_and_how_far_it_is_is_told(folder):
    stopped, told = run(folder, range(6))
    assert not stopped
    assert landed(folder) == list(range(6))
    assert "running: 6 of 6 runs" in told
    assert "6 runs take about" in told
    progress = json.loads((folder / "progress.json").read_text())
    assert (progress["done"], progress["failed"], progress["total"]) == (6, 0, 6)


def test_what_fails_is_written_down_and_forgotten_when_it_is_made_good(folder):
    run(folder, range(4), bad=2)
    assert landed(folder) == [0, 1, 3]
    (failure,) = failures.read(folder).values()
    assert failure.line == "FAILED: number 2: ValueError: a bad one"
    assert (folder / "failed" / "2.csv").read_text() == "hour,cells\n0,1\n"
    run(folder, [2], total=4)
    assert landed(folder) == [0, 1, 2, 3]
    assert not list((folder / "failed").iterdir())


def test_ctrl_c_keeps_what_has_landed(folder):
    def note(job, _):
        if job.number == 2:
            raise KeyboardInterrupt

    stopped, _ = run(folder, range(200), workers=1, note=note)
    assert stopped
    assert landed(folder)[:3] == [0, 1, 2]
    assert len(landed(folder)) < 200


def test_a_file_that_cannot_be_written_ends_it_with_where_and_why(tmp_path):
    with pytest.raises(StorageError, match="No such file"):
        run(tmp_path, range(3))  # there is no folder "runs"


def test_a_study_of_one_run_is_done_in_this_very_process_and_others_are_not(folder):
    run(folder, [1])
    run(folder, [2], total=2)
    one, other = (int((folder / "runs" / f"{number}.txt").read_text()) for number in (1, 2))
    assert one == os.getpid() != other


def test_where_nothing_is_missing_nothing_is_said(folder):
    assert run(folder, []) == (False, "")
