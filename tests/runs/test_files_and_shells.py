"""Where results go and what the system does to them: home folders, full disks, signals, file systems without locks."""

import errno
import json
import signal
import sys

import pytest

from abm.runs.store import lock
from abm.runs.store.files import StorageError, outputs_folder, reason_of, storage
from abm.runs.store.lock import NoLockError, StudyBusyError, held, is_held
from tests.commands import embers
from tests.studies.studies import start, wait_until, write

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and locks of POSIX")


def test_a_tilde_in_out_is_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert outputs_folder("~/results") == tmp_path / "results"
    result = embers("run", "no_virus", "--days", "1", "--size", "160um", "--no-figures", "--out=~/results",
                    cwd=tmp_path)  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results"]


def test_a_home_folder_of_nobody_is_refused_with_a_sentence(tmp_path):
    result = embers("run", "no_virus", "--out=~nobody_of_this_name/x", cwd=tmp_path)
    assert result.returncode == 2
    assert "there is no home folder" in " ".join(result.stderr.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "Make room"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "right to write"),
        (errno.ENAMETOOLONG, "shorter name"),
    ],
)
def test_each_fault_of_a_disk_is_named_with_the_path_and_its_own_remedy(tmp_path, number, remedy):
    path = tmp_path / "elsewhere"
    with pytest.raises(StorageError) as caught, storage(tmp_path / "out"):
        raise OSError(number, "told by the system", str(path))
    assert remedy in str(caught.value)
    assert str(path) in str(caught.value)


@posix
def test_a_file_system_without_locks_says_so(tmp_path, monkeypatch):
    import fcntl

    def refuse(*_):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(NoLockError, match="cannot lock files"), held(tmp_path):
        pass
    assert not is_held(tmp_path)


@posix
def test_a_lock_that_is_taken_is_still_told_as_such(tmp_path):
    with held(tmp_path), pytest.raises(StudyBusyError), held(tmp_path):
        pass
    assert lock.FILE in {path.name for path in tmp_path.iterdir()}


@pytest.mark.slow
@posix
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
def test_signals_that_end_a_command_keep_what_is_done_like_ctrl_c(tmp_path, sign):
    write(tmp_path, replicates=200)
    process = start("sweep", "small.toml", "--workers", "1", cwd=tmp_path)
    landed = tmp_path / "outputs" / "small" / "landed"
    wait_until(lambda: len(list(landed.glob("*.zip"))) >= 3)  # the command may not have heard of the last one yet
    process.send_signal(sign)
    output = process.communicate(timeout=120)[0]
    assert process.returncode == 130, output
    assert "Interrupted" in output
    told = json.loads((tmp_path / "outputs" / "small" / "provenance.json").read_text())
    assert told["status"] == "interrupted"
    assert told["runs"]["done"] >= 2


@pytest.mark.slow
def test_a_start_that_is_refused_leaves_no_folder_and_a_correction_is_taken(tmp_path):
    write(tmp_path)
    refused = embers("sweep", "small.toml", "--scheduler", "tcp://127.0.0.1:9", "--out", "a/b", cwd=tmp_path)
    assert refused.returncode == 1, refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.toml"]


def test_reasons_tell_the_path_that_failed():
    assert reason_of(OSError(errno.ENOENT, "x", "from", None, "to")).endswith('"to"')
