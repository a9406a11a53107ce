import json

import pandas as pd
import pytest
from rich.console import Console

from abm.cohort import run
from abm.cohort.analysis import read
from abm.cohort.disease import MONTH
from abm.cohort.patient import simulate
from abm.cohort.patient_figure import draw_patient, summary
from abm.cohort.report import titles_of, write
from abm.cohort.tables import COLUMNS
from abm.runs import failures, provenance
from abm.runs.engine import RunOptions
from abm.runs.identity import calculation
from abm.runs.job import Outcome
from abm.runs.progress import Show
from abm.runs.sources import used_by
from abm.runs.status import Clock
from abm.runs.store.folder import StudyChangedError
from abm.runs.store.lock import held
from tests.cohort.patients import BLOCKADE, SCANS, small
from tests.commands import embers


@pytest.fixture
def show():
    return Show(Console(quiet=True))


def tables(folder):
    return [pd.read_parquet(folder / f"{name}.parquet") for name in COLUMNS]


@pytest.mark.slow
def test_a_cohort_is_the_same_on_any_number_of_workers_and_goes_on_where_it_was_stopped(tmp_path, show):
    cohort = small(SCANS + BLOCKADE)
    whole = run.perform(cohort, tmp_path / "two", RunOptions(2), show)
    assert (whole.done, whole.failures, whole.interrupted) == (4, [], False)
    stopped = run.perform(small(SCANS + BLOCKADE), tmp_path / "one", RunOptions(1), show)
    for number in (2, 3):
        (stopped.folder / run.FINISHED / f"{number:07d}.json").unlink()
    untouched = (stopped.folder / run.FINISHED / "0000001.json").stat().st_mtime_ns
    again = run.perform(cohort, tmp_path / "one", RunOptions(1), show)
    assert again.done == 4
    assert (stopped.folder / run.FINISHED / "0000001.json").stat().st_mtime_ns == untouched
    for one, other in zip(tables(whole.folder), tables(again.folder), strict=True):
        pd.testing.assert_frame_equal(one, other)
    with pytest.raises(StudyChangedError, match="changed"):
        run.perform(small(SCANS), tmp_path / "one", RunOptions(1), show)

    lines = write(cohort, read(whole.folder, cohort.hours / MONTH), whole.folder, show)
    report, page = ((whole.folder / f"report.{kind}").read_text(encoding="utf-8") for kind in ("md", "html"))
    for text in (report, page, "\n".join(lines)):
        assert "not medical advice" in text
        assert "direction, not a fit" in text
    assert "prediction" in report
    assert "1.44 (1.01 to 2.05)" in report
    assert "1.85 (1.14 to 3.02)" in report
    assert "| assumed |" in report
    assert "- [Norton 1988] Norton 1988, Cancer Res 48:7067: no DOI" in report
    assert page.count("data:image/png;base64,") == len(list((whole.folder / "figures").glob("*.png"))) >= 3
    assert json.loads((whole.folder / "provenance.json").read_text())["status"] == "complete"


def test_a_patient_that_fails_is_told_and_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr("abm.cohort.worker.rows", lambda *_: 1 / 0)
    job = run.job(small(), 1, tmp_path / "0000001.json", calculation())
    outcome, content = job.done()
    assert (outcome.status, content) == ("failed", b"")
    assert "ZeroDivisionError" in outcome.detail
    folder = tmp_path / "cohort"
    failures.note(folder, job, outcome)
    assert failures.read(folder)["0000001"].line == "FAILED: patient 1: ZeroDivisionError: division by zero"
    failures.note(folder, job, Outcome("done", 1.0))
    assert failures.read(folder) == {}
    monkeypatch.undo()
    assert run.gather(small(), folder) == 0


def started(folder, patients, finished, failed):
    """A cohort of which so much is there, as a kill leaves it."""
    for name in (run.FINISHED, failures.FOLDER):
        (folder / name).mkdir(parents=True)
    provenance.start(folder, {"study": folder.name, "patients": patients}, 2)
    for number in finished:
        (folder / run.FINISHED / f"{number:07d}.json").write_text("{}")
    for number in failed:
        (folder / failures.FOLDER / f"{number:07d}.json").write_text("{}")
    (folder / run.FINISHED / ".0000009.json-17").touch()  # was being written
    return folder


def test_status_counts_the_patients_of_a_cohort(tmp_path):
    folder = started(
        tmp_path / "out/mine", 6, finished=(1, 2, 3, 8), failed=(3, 4)
    )  # there were 8, now 6 are asked for
    for name in ("mine", "mine.toml", folder):
        told = embers("status", str(name), "--out", "out", cwd=tmp_path).stdout.splitlines()
        assert "6 patients" in told[0]
        assert [" ".join(line.split()) for line in told[1:]] == [
            "done 3 50.0 %", "running 0", "failed 1", "left 2",
            "It is not running. Continue with `embers cohort`.",
        ]  # fmt: skip


def test_status_of_a_cohort_that_runs_says_how_many_are_simulated_and_how_long_it_takes(tmp_path):
    folder = started(tmp_path / "mine", 8, finished=(1, 2), failed=())
    with held(folder), Clock(folder, 2, 8, {"patient": 6}, workers=2) as clock:
        assert (run.status(folder).running, run.status(folder).seconds_left) == (2, None)
        for done in (3, 4, 5):
            clock.note(done, 0, "patient", 1.0)
    with held(folder):
        assert run.status(folder).seconds_left is not None
    assert (run.status(folder).running, run.status(folder).seconds_left) == (0, None)


def test_the_picture_of_a_patient_is_drawn_and_told(tmp_path):
    cohort = small(SCANS + BLOCKADE)
    person, arms = simulate(cohort, 1)
    path = draw_patient(cohort, person, arms, titles_of(cohort), tmp_path / "one.png")
    assert path.stat().st_size > 10_000
    told = summary(cohort, person, arms, titles_of(cohort))
    assert "not medical advice" in told[-1]
    assert len([line for line in told if line.startswith(tuple(titles_of(cohort).values()))]) == len(arms)


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_tables(tmp_path, show):
    distributed = pytest.importorskip("distributed")
    cohort = small("")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        there = run.perform(cohort, tmp_path / "there", RunOptions(1, cluster.scheduler_address), show)
    here = run.perform(cohort, tmp_path / "here", RunOptions(1), show)
    assert there.done == here.done == 4
    for one, other in zip(tables(there.folder), tables(here.folder), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_the_digest_of_what_patients_depend_on_follows_what_a_worker_imports():
    found = {name.removeprefix("cohort.") for name in used_by(("cohort.worker",), ("cohort",))}
    assert {
        "death",
        "disease",
        "exposure",
        "fate",
        "host",
        "lesions",
        "lung",
        "patient",
        "person",
        "plan",
        "timeline",
        "worker",
    } <= found
    assert not {"report", "figures", "analysis"} & found
