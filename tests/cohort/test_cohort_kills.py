"""A cohort is killed, its disk is full, its files are damaged: the same command goes on and ends the same."""

import re
import signal
import sys

import pytest
from rich.console import Console

from abm.cohort import run
from abm.cohort.cohort_file import load_cohort
from abm.runs.engine import RunOptions
from abm.runs.progress import Show
from tests.cohort.patients import SCANS, TINY
from tests.studies.studies import silent, start, told, wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
PATIENTS = 6


@pytest.fixture
def cohort(tmp_path):
    (tmp_path / "tiny.toml").write_text(TINY + SCANS, encoding="utf-8")
    return load_cohort(str(tmp_path / "tiny.toml"), PATIENTS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The files of a cohort that nobody disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "tiny.toml").write_text(TINY + SCANS, encoding="utf-8")
    made = load_cohort(str(folder / "tiny.toml"), PATIENTS)
    return content(run.perform(made, folder, RunOptions(2), Show(Console(quiet=True))).folder)


def content(folder):
    found = [*folder.glob("*.parquet"), *folder.glob("finished/*")]
    return {path.name: path.read_bytes() for path in found}


def patients(folder):
    return sorted(folder.glob("finished/[0-9]*.json"))


@pytest.mark.slow
def test_after_a_kill_the_same_command_goes_on_and_the_tables_are_the_same(tmp_path, cohort, whole):
    folder = tmp_path / "out/tiny"
    process = start("cohort", "tiny.toml", "--patients", PATIENTS, "--out", "out", "--workers", 2, cwd=tmp_path)
    try:
        wait_until(lambda: patients(folder) or process.poll() is not None)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert not (folder / "patients.parquet").exists()
    left = folder / "finished" / ".0000005.json-4194305.part"  # as a worker leaves it that is killed while it writes
    left.touch()
    result = run.perform(cohort, tmp_path / "out", RunOptions(2), silent())
    assert (result.done, result.failures) == (PATIENTS, [])
    assert content(folder) == whole
    wait_until(lambda: not list(folder.rglob(".*")))  # a worker of the killed command may still have ended a file


def test_damaged_patients_are_simulated_again(tmp_path, cohort, whole):
    folder = run.perform(cohort, tmp_path / "out", RunOptions(2), silent()).folder
    one, other, *_ = patients(folder)
    another = re.sub(rb"\d\.", lambda digit: b"%d." % ((int(digit.group()[:1]) + 1) % 10), one.read_bytes(), count=1)
    one.write_bytes(another)
    other.write_bytes(other.read_bytes()[:100])
    for name in ("design.txt", "provenance.json", "arms.parquet"):
        (folder / name).write_bytes((folder / name).read_bytes()[:-40])
    show = silent()
    with pytest.raises(Exception, match="has changed since"):  # both that tell which cohort it is are damaged
        run.perform(cohort, tmp_path / "out", RunOptions(2), show)
    (folder / "design.txt").write_text(run.design(cohort), encoding="utf-8")
    assert run.perform(cohort, tmp_path / "out", RunOptions(2), show).done == PATIENTS
    assert "2 finished patients were in damaged files" in told(show)
    assert content(folder) == whole
