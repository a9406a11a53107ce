"""A sweep is killed in every way, as a user's would be: real processes, real signals, a real full disk."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import psutil
import pytest

import abm
from tests.commands import embers
from tests.studies.studies import SMALL, run, small, start, tables, wait_until, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
REPLICATES = 30  # of 6 points: some seconds


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tables of a study that nobody disturbed."""
    return tables(run(small(replicates=REPLICATES), tmp_path_factory.mktemp("whole")).folder)


@contextmanager
def begun(folder, *options, patch="", at_least=8):
    """A sweep of which some runs have landed, and some have not."""
    write(folder, replicates=REPLICATES)
    process = start("sweep", "small.toml", "--out", "out", "--workers", 2, *options, cwd=folder, patch=patch)
    try:
        wait_until(lambda: done_in(folder) >= at_least or process.poll() is not None)
        assert process.poll() is None, process.stdout.read()
        yield process
    finally:
        process.kill()
        process.communicate()


def done_in(folder):
    return len(list((folder / "out/small/landed").glob("*.zip")))


def finish(folder):
    """The same command again; what it says."""
    done = embers("sweep", "small.toml", "--out", "out", "--workers", 2, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
def test_after_the_parent_ends_the_same_command_goes_on_and_the_tables_are_the_same(tmp_path, whole, sign):
    with begun(tmp_path) as process:
        process.send_signal(sign)
        process.communicate(timeout=60)
        wait_until(lambda: not workers_of(process.pid))
        landed = done_in(tmp_path)
        assert 8 <= landed < 6 * REPLICATES
        status = embers("status", "small", "--out", "out", cwd=tmp_path)
        assert f"done     {landed:>9,}" in status.stdout
        assert "Continue with `embers sweep`" in status.stdout
        told = finish(tmp_path)
        assert f"{landed} of {6 * REPLICATES} runs are there already" in told
        assert tables(tmp_path / "out/small") == whole


def workers_of(pid):
    """Living processes of the group that a command led."""
    found = []
    for process in psutil.process_iter(["status"]):
        try:
            if os.getpgid(process.pid) == pid and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.Error):
            continue
    return found


def parts(pid):
    """The process that makes workers, and the workers."""
    group = {process.pid: process for process in workers_of(pid) if process.pid != pid}
    workers = [process for process in group.values() if process.ppid() in group]
    assert workers
    return group[workers[0].ppid()], workers


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are not made by a process of its own")
@pytest.mark.parametrize("which", ["worker", "maker of workers", "both workers"])
def test_processes_that_are_killed_take_no_run_with_them(tmp_path, whole, which):
    with begun(tmp_path) as process:
        maker, workers = parts(process.pid)
        for victim in {"worker": workers[:1], "maker of workers": [maker, *workers[:1]], "both workers": workers}[
            which
        ]:
            victim.kill()
        told, _ = process.communicate(timeout=240)
        assert process.returncode == 0, told
        assert tables(tmp_path / "out/small") == whole


def test_two_parents_on_one_study_the_second_is_refused(tmp_path, whole):
    with begun(tmp_path) as process:
        others = [other for other in workers_of(process.pid) if other.pid != process.pid]
        for other in others:  # so that the study is not over before the second has started
            other.suspend()
        second = embers("sweep", "small.toml", "--out", "out", cwd=tmp_path)
        assert second.returncode == 1
        assert f"process {process.pid} on" in second.stderr
        status = embers("status", "small", "--out", "out", cwd=tmp_path)
        assert "running          2" in status.stdout, status.stdout
        for other in others:
            other.resume()
        told, _ = process.communicate(timeout=240)
        assert process.returncode == 0, told
        assert tables(tmp_path / "out/small") == whole


JUMPING = """
import random, time
real = time.time
time.time = lambda: real() + random.choice([-1e8, 0.0, 1e8])
"""


def seconds_left(folder):
    return json.loads((folder / "out/small/progress.json").read_text())["seconds_left"]


@pytest.mark.slow
def test_a_clock_that_jumps_changes_nothing(tmp_path, whole):
    with begun(tmp_path, patch=JUMPING) as process:
        wait_until(lambda: seconds_left(tmp_path) is not None)
        assert 0.0 <= seconds_left(tmp_path) < 600.0
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        wait_until(lambda: not workers_of(process.pid))
        finish(tmp_path)
        assert tables(tmp_path / "out/small") == whole


@contextmanager
def tiny_disk(folder, size):
    folder.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no right to mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs")
def test_a_full_disk_ends_it_with_a_message_and_with_room_it_goes_on(tmp_path, whole):
    write(tmp_path, replicates=REPLICATES)
    with tiny_disk(tmp_path / "out", "400k"):
        full = embers("sweep", "small.toml", "--out", "out", "--workers", 2, cwd=tmp_path)
        assert full.returncode == 1
        assert "No space left on device" in full.stderr
        assert "Traceback" not in full.stderr
        landed = done_in(tmp_path)
        assert landed > 4
        assert len(abm.open_study(tmp_path / "out/small").series("il6")) == 9 * landed
        subprocess.run(["mount", "-o", "remount,size=50m", str(tmp_path / "out")], check=True)
        told = finish(tmp_path)
        assert "runs are there already" in told
        assert tables(tmp_path / "out/small") == whole


def test_an_edited_study_is_refused_on_the_command_line(tmp_path):
    write(tmp_path, replicates=1)
    finish(tmp_path)
    write(tmp_path, text=SMALL.replace("50.0", "40.0"), replicates=1)
    refused = embers("sweep", "small.toml", "--out", "out", cwd=tmp_path)
    assert refused.returncode == 1
    assert "+ axis virus_dose: infection.dose = 1, 40" in refused.stderr


def test_a_faulty_study_ends_with_the_code_of_wrong_usage(tmp_path):
    write(tmp_path, text=SMALL.replace("infection.dose", "infection.does"))
    refused = embers("sweep", "small.toml", cwd=tmp_path)
    assert refused.returncode == 2
    assert "small.toml, line 19" in refused.stderr
    assert not (tmp_path / "outputs").exists()


def test_studies_are_listed(tmp_path):
    assert "blockade_timing" in embers("sweep", cwd=tmp_path).stdout


def test_status_of_a_study_that_was_never_started_says_so(tmp_path):
    none = embers("status", "small", cwd=tmp_path)
    assert none.returncode == 2
    assert "there is no study" in none.stderr
    shortened = tmp_path / "outputs" / "small-5d"
    shortened.mkdir(parents=True)
    (shortened / "study.json").write_text("{}")
    assert "there is small-5d (--days" in embers("status", "small", cwd=tmp_path).stderr
