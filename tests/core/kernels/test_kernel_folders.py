"""Folders of compiled kernels, seen from within the process that uses them."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from abm.core.kernels import kernel_cache
from abm.core.kernels.kernel_cache import (
    COMPILING,
    folders,
    keep,
    load,
    problem_of,
    say_compiling,
    sizes_on_disk,
    source_digest,
)
from tests.commands import environment

NAME, CONTENT = "made.kernel", b"compiled code"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process keeps kernels, and what it calls temporary."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("EMBERS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(kernel_cache, "_said", [])
    monkeypatch.setattr(kernel_cache, "_announced", [])
    monkeypatch.setattr(kernel_cache, "used", {})
    return tmp_path


def temporary(place: Path) -> Path:
    return place / "temporary" / f"embers-cache-{os.geteuid()}"


def test_the_users_folder_comes_first_and_a_temporary_one_of_the_users_own_second(place):
    of_source = Path("kernels") / source_digest()[:16]
    assert re.fullmatch("[0-9a-f]{64}", source_digest())
    assert folders() == [place / "cache" / of_source, temporary(place) / of_source]
    assert temporary(place).stat().st_mode & 0o777 == 0o700


def test_a_relative_folder_is_below_the_one_the_process_started_in(place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setenv("EMBERS_CACHE_DIR", "mine")
    assert folders()[0].is_relative_to(place / "mine")


def test_without_a_choice_the_systems_folder_of_caches_is_used(place, monkeypatch):
    monkeypatch.setenv("EMBERS_CACHE_DIR", "")
    monkeypatch.setattr(kernel_cache, "user_cache_path", lambda *_, **__: place / "system")
    assert folders()[0].is_relative_to(place / "system")


@pytest.mark.parametrize("error", [RuntimeError, KeyError, OSError, None])
def test_where_the_user_has_no_home_only_the_temporary_folder_is_left(error, place, monkeypatch):
    def no_home(*_: object, **__: object) -> Path:
        if error is not None:
            raise error
        return Path("~/cache")

    monkeypatch.delenv("EMBERS_CACHE_DIR")
    monkeypatch.setattr(kernel_cache, "user_cache_path", no_home)
    (only,) = folders()
    assert only.is_relative_to(temporary(place))


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_temporary_folder_that_others_can_write_to_is_not_used(mode, place):
    temporary(place).mkdir()
    temporary(place).chmod(mode)
    assert len(folders()) == 1
    temporary(place).chmod(0o755)
    assert len(folders()) == 2


@pytest.mark.parametrize("kind", ["a file", "a link", "no folder for it"])
def test_what_stands_in_for_the_temporary_folder_is_not_used(kind, place):
    if kind == "a file":
        temporary(place).touch()
    elif kind == "a link":
        (place / "elsewhere").mkdir(mode=0o700)
        temporary(place).symlink_to(place / "elsewhere")
    else:
        (place / "temporary").rmdir()
    assert len(folders()) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize(("owner", "number"), [(7, 2), (6, 1), (8, 1)])
def test_a_temporary_folder_of_another_user_is_not_used(owner, number, place, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 7)
    temporary(place).mkdir(mode=0o700)
    os.chown(temporary(place), owner, -1)
    assert len(folders()) == number


def test_what_was_kept_is_loaded_again_and_counted(capsys):
    assert load(NAME) is None
    assert sizes_on_disk(NAME) == [-1, -1]
    keep(NAME, CONTENT)
    keep("note", b"no kernel")
    assert kernel_cache.used == {NAME: len(CONTENT)}
    kernel_cache.used.clear()
    assert (load(NAME), load("note")) == (CONTENT, b"no kernel")
    assert kernel_cache.used == {NAME: len(CONTENT)}
    assert sizes_on_disk(NAME) == [len(CONTENT), -1]
    assert capsys.readouterr().err == ""


def test_what_the_first_folder_does_not_take_goes_to_the_second_without_a_word(place, capsys):
    (place / "cache").touch()
    keep(NAME, CONTENT)
    assert sizes_on_disk(NAME) == [-1, len(CONTENT)]
    assert load(NAME) == CONTENT
    assert kernel_cache.used == {NAME: len(CONTENT)}
    assert capsys.readouterr().err == ""


def test_where_no_folder_takes_it_one_line_names_the_first(place, capsys):
    (place / "cache").touch()
    temporary(place).touch()
    for _ in range(2):
        keep(NAME, CONTENT)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"({place / 'cache'}{os.sep}" in told
    assert "directory), so each start compiles" in told
    assert kernel_cache.used == {}


def test_without_any_folder_the_line_says_so(place, monkeypatch, capsys):
    monkeypatch.setattr(kernel_cache, "_base", lambda: None)
    temporary(place).touch()
    keep(NAME, CONTENT)
    assert "(no folder of the user's own and no temporary folder)" in capsys.readouterr().err


def test_of_other_sources_the_four_used_last_stay(place):
    kernels = place / "cache" / "kernels"
    names = [f"{'+' if age % 2 else 'old'}{age}" for age in range(7)]  # on either side of a digest in the alphabet
    for age, name in enumerate(names):
        (kernels / name / "full").mkdir(parents=True)
        os.utime(kernels / name, (1_000 - age, 1_000 - age))
    (kernels / "stray").touch()
    os.utime(kernels / "stray", (995, 995))  # a file is left as it is, and the folders after it go all the same
    keep(NAME, CONTENT)
    own = folders()[0]
    left = {own.name, "stray", *names[:4]}
    assert {path.name for path in kernels.iterdir()} == left
    (kernels / "more").mkdir()
    keep("another.kernel", CONTENT)  # the folder is there, so nothing is tidied
    assert {path.name for path in kernels.iterdir()} == left | {"more"}


def test_a_folder_that_is_read_counts_as_used_once_a_process():
    keep(NAME, CONTENT)
    own = folders()[0]
    os.utime(own, (1_000, 1_000))
    load(NAME)
    assert own.stat().st_mtime > 1_000_000
    os.utime(own, (1_000, 1_000))
    load(NAME)
    assert own.stat().st_mtime == 1_000


def test_a_folder_is_tried_where_it_would_be_made_and_left_as_it_was(place):
    assert problem_of(place / "cache" / "a" / "b") == ""
    assert problem_of(place) == ""
    assert sorted(path.name for path in place.iterdir()) == ["temporary"]
    (place / "file").touch()
    assert problem_of(place / "file" / "a") == "Not a directory"


@pytest.mark.skipif(os.name == "nt", reason="no limit on files there")
@pytest.mark.parametrize(("room", "problem"), [(1 << 16, ""), ((1 << 16) - 1, "File too large"), (0, "File too large")])
def test_a_folder_has_to_have_room_for_a_kernel_of_64_kib(room, problem, place):
    code = f"""
import resource, signal, pathlib
from abm.core.kernels.kernel_cache import problem_of
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
print(problem_of(pathlib.Path({str(place)!r})))
"""
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    assert ended.stdout == f"{problem}\n"


@pytest.mark.parametrize(("told", "expected"), [((), f"{COMPILING}\n"), ((False,), f"{COMPILING}\n"), ((True,), "")])
def test_that_it_compiles_is_said_once(told, expected, capsys):
    say_compiling(*told)
    say_compiling()
    assert capsys.readouterr().err == expected


def test_a_worker_leaves_the_word_to_its_parent(monkeypatch, capsys):
    monkeypatch.setattr(kernel_cache, "multiprocessing", type(sys)("parent"))
    kernel_cache.multiprocessing.parent_process = lambda: "a process"
    kernel_cache._say("no room")
    assert capsys.readouterr().err == ""
