import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.commands import SMALL, embers, environment, only_folder

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")


def wait_until(condition, seconds=240.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def group_is_empty(process):
    """Whether no process of its group is left (a dead one that nobody waited for does not count)."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    states = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == process.pid:
            states.append(fields[0])
    return set(states) <= {"Z"}


def start_long_study(cwd):
    """A study of many small runs in a group of its own, of which at least two are finished."""
    arguments = ["compare", "no_virus", "influenza", *SMALL, "--replicates", "400", "--workers", "2", "--out", "out"]
    process = subprocess.Popen(
        [sys.executable, "-m", "abm", *arguments], cwd=cwd, env=environment(), start_new_session=True,
        # A test run in the background of a script ignores Ctrl-C and would hand that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  (no threads here)
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    wait_until(lambda: len(list(cwd.glob("out/*/runs/*.zip"))) >= 2)
    return process


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], "nonsense"),
        (["compare", "--replicates", "0"], "replicates"),
        (["compare", "--workers", "many"], "workers"),
        (["compare", "--seed", "-1"], "seed"),
        (["compare", "--frobnicate"], "frobnicate"),
        (["compare", "influenzo"], "nearest: influenza"),
        (["compare", "no_such_file.toml"], "no_such_file.toml"),
        (["compare", "--days", "0"], "--days"),
        (["compare", "--days", "nan"], "--days"),
        (["compare", "--size", "1000"], "has no unit"),
        (["compare", "--size", "1 kg"], "does not measure the same"),
        (["compare", "--step", "1 h"], "out of range"),
        (["run"], "SCENARIO"),
        (["verify", "--only", "difusion,step"], "nearest: diffusion"),
        (["verify", "--workers", "0"], "workers"),
        (["run", "influenza", "--days", "2", "--size", "410um"], "40 um"),
        (["describe", "--scenario", "influenzo"], "nearest: influenza"),
    ],
)
def test_nonsense_on_the_command_line_is_told_and_nothing_is_run(arguments, told, tmp_path):
    result = embers(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert told.lower() in result.stderr.lower()
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path):
    (tmp_path / "out").write_text("mine")
    result = embers("run", "no_virus", *SMALL, "--out", "out", cwd=tmp_path)
    assert result.returncode == 1
    assert 'cannot write to the folder "out' in result.stderr
    assert "Traceback" not in result.stderr
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(tmp_path):
    (tmp_path / "out").mkdir(mode=0o555)
    result = embers("run", "no_virus", *SMALL, "--out", "out", cwd=tmp_path)
    assert result.returncode == 1
    assert 'cannot write to the folder "out' in result.stderr


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of a few hundred kilobytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", place]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("cannot mount here")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.slow
def test_a_full_disk_is_told_and_what_was_finished_is_kept(tmp_path, tiny_disk):
    arguments = ("compare", "no_virus", "influenza", *SMALL, "--replicates", "20", "--out", tiny_disk)
    result = embers(*arguments, cwd=tmp_path)
    assert result.returncode == 1
    assert "cannot write to the folder" in result.stderr
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr
    kept = {path.name for path in tiny_disk.glob("*/runs/*.zip")}
    assert kept
    subprocess.run(["mount", "-o", "remount,size=8m", tiny_disk], check=True)
    again = embers(*arguments, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert f"{len(kept)} of 40 runs are there already" in again.stderr


@posix
def test_ctrl_c_keeps_what_was_finished_says_so_and_leaves_no_process(tmp_path):
    process = start_long_study(tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    output, messages = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "runs are finished and kept" in messages
    assert "Traceback" not in messages + output
    folder = only_folder(tmp_path / "out")
    runs = pd.read_parquet(folder / "runs.parquet")
    done = runs[runs["status"] == "done"]
    assert 2 <= len(done) < len(runs) == 800
    assert len(done) == len(list((folder / "runs").glob("*.zip")))
    assert abs(done["arm"].value_counts()).max() - done["arm"].value_counts().min() <= 4
    series = pd.read_parquet(folder / "series.parquet")
    assert len(series.groupby(["arm", "seed"], observed=True)) == len(done)
    assert json.loads((folder / "provenance.json").read_text())["status"] == "interrupted"
    wait_until(lambda: group_is_empty(process), 10)


@posix
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path):
    process = start_long_study(tmp_path)
    process.kill()
    process.communicate(timeout=30)
    wait_until(lambda: group_is_empty(process), 15)
    assert len(list(tmp_path.glob("out/*/runs/*.zip"))) >= 2


def test_serve_says_when_somebody_answers_at_the_port_already(tmp_path):
    with socket.create_server(("localhost", 0)) as other:
        done = embers("serve", "--no-browser", "--port", other.getsockname()[1], cwd=tmp_path)
    assert done.returncode == 1
    assert "try another --port" in done.stderr
