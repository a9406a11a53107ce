"""`embers verify` lands each part of a check as a file, goes on with what is missing and writes down what failed."""

import json
import os
import pickle
import signal
import sys
import zipfile

import pytest

from abm.runs.failures import Failure
from abm.runs.store.lock import held
from abm.verify.catalog import find_check
from abm.verify.job import jobs_of, pack, unpack
from abm.verify.suite import conclude
from tests.commands import embers
from tests.studies import studies

VERDICT = "length= 256 megabytes\n  no anomalies in 12 test result(s)\n"
BATTERY = ("verify", "--only", "order,battery", "--out", "out", "--workers", "1")


def practrand(folder, script):
    """A program of the name of PractRand, the first on the path."""
    folder.mkdir(exist_ok=True)
    path = folder / "RNG_test"
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)
    return os.pathsep.join([str(folder), os.environ["PATH"]])


def landed(folder):
    return {path.name.rpartition("-")[0] for path in (folder / "finished").glob("*.zip")}


def verdicts(folder):
    told = json.loads((folder / "verification.json").read_text(encoding="utf-8"))
    return {check["name"]: check["verdict"] for check in told["checks"]}


def test_a_part_lands_and_is_read_again(tmp_path):
    (job,) = jobs_of("decay-length", tmp_path)
    assert job.given() is None
    outcome, content = job.done()
    assert outcome.status == "done"
    job.path.write_bytes(content)
    found, seconds = job.given()
    assert found.verdict == "passed"
    assert found.panels[0].curves[0].x.size > 1
    assert seconds > 0.0


def test_a_damaged_part_counts_as_missing(tmp_path):
    (job,) = jobs_of("decay-length", tmp_path)
    content = job.done()[1]
    job.path.write_bytes(content[: len(content) // 2])
    assert job.given() is None


def test_a_file_that_would_act_when_it_is_read_is_refused(tmp_path):
    class Acting:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "made"),)

    path = tmp_path / "part.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("part.pickle", pickle.dumps((Acting(), 1.0)))
    with pytest.raises(pickle.UnpicklingError, match="mkdir"):
        unpack(path.read_bytes())
    with pytest.raises(pickle.UnpicklingError, match="no record of a check"):
        pack(os.mkdir, 1.0)
    assert not (tmp_path / "made").exists()


def test_parts_with_other_arguments_have_other_addresses(tmp_path):
    jobs = jobs_of("process-steps", tmp_path)
    assert len({job.path.stem.rpartition("-")[2] for job in jobs}) == len(jobs)


def test_a_part_of_other_code_is_not_worked_out(tmp_path):
    (job,) = jobs_of("decay-length", tmp_path)
    other = type(job)(job.check, job.number, tmp_path / "decay-length-000-0123456789abcdef.zip", job.calculation)
    outcome, content = other.done()
    assert outcome.status == "failed"
    assert "another version" in outcome.detail
    assert not content


def test_a_check_whose_part_breaks_off_fails_and_says_why():
    found = conclude(find_check("decay-length"), [Failure("decay-length", "Traceback\nValueError: no grid\n")]).finding
    assert found.verdict == "failed"
    assert found.note == "broke off: ValueError: no grid"


def test_a_check_that_cannot_be_concluded_fails_and_says_why():
    found = conclude(find_check("workers"), [(None, 1.0)] * 3).finding
    assert found.verdict == "failed"
    assert found.note.startswith("broke off: ")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script as a program")
def test_a_check_that_raises_is_written_down_stops_no_other_and_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", practrand(tmp_path / "bin", "no program"))
    out = tmp_path / "out"
    first = embers(*BATTERY, cwd=tmp_path)
    assert first.returncode == 1, first.stderr
    assert verdicts(out) == {"order": "passed", "battery": "failed"}
    (failure,) = (out / "failed").glob("*.json")
    assert "Exec format error" in failure.read_text(encoding="utf-8")
    assert json.loads((out / "provenance.json").read_text(encoding="utf-8"))["runs"] == {
        "done": 1, "failed": 1, "missing": 0,
    }  # fmt: skip
    shown = embers("status", "out", cwd=tmp_path).stdout
    assert "2 parts of checks" in shown
    assert "failed           1" in shown

    practrand(tmp_path / "bin", f"#!/bin/sh\ncat <<'END'\n{VERDICT}END\n")
    before = {path: path.stat().st_mtime_ns for path in (out / "finished").iterdir()}
    second = embers(*BATTERY, cwd=tmp_path)
    assert second.returncode == 0, second.stderr
    assert "1 of 2 parts of checks are there already" in second.stderr
    assert verdicts(out) == {"order": "passed", "battery": "passed"}
    assert all(path.stat().st_mtime_ns == at for path, at in before.items())
    assert not list((out / "failed").iterdir())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_the_same_command_continues_after_an_end_in_between(tmp_path, monkeypatch, sent):
    monkeypatch.setenv("PATH", practrand(tmp_path / "bin", "#!/bin/sh\nexec cat > /dev/null\n"))
    process = studies.start(*BATTERY[:-1], "2", cwd=tmp_path)
    try:
        studies.wait_until(lambda: landed(tmp_path / "out") == {"order-000"} or process.poll() is not None)
        assert process.poll() is None
    finally:
        process.send_signal(sent)
        said, _ = process.communicate(timeout=60)
    if sent == signal.SIGINT:
        assert process.returncode == 130
        assert "run the same command again" in said
    assert "left             1" in embers("status", "out", cwd=tmp_path).stdout

    practrand(tmp_path / "bin", f"#!/bin/sh\ncat <<'END'\n{VERDICT}END\n")
    again = embers(*BATTERY, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "1 of 2 parts of checks are there already" in again.stderr
    assert verdicts(tmp_path / "out") == {"order": "passed", "battery": "passed"}


def test_what_was_computed_with_other_code_is_not_used_and_goes(tmp_path):
    finished = tmp_path / "out" / "finished"
    finished.mkdir(parents=True)
    (finished / "order-000-0123456789abcdef.zip").write_bytes(b"of another version")
    (finished / "mine.txt").write_text("mine", encoding="utf-8")
    ended = embers("verify", "--only", "order", "--out", "out", "--workers", "1", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "already" not in ended.stderr
    assert not (finished / "order-000-0123456789abcdef.zip").exists()
    assert (finished / "mine.txt").exists()
    assert landed(tmp_path / "out") == {"order-000"}


def test_one_process_at_a_time_verifies_in_a_folder(tmp_path):
    (tmp_path / "out").mkdir()
    with held(tmp_path / "out"):
        ended = embers("verify", "--only", "order", "--out", "out", cwd=tmp_path)
    assert ended.returncode == 1
    assert "is being run already" in ended.stderr
    assert "Traceback" not in ended.stderr
