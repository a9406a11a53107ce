"""Where compiled kernels are kept on disk.

Kernels call rules of other files, so the folder is named by a digest of every file of the model's floors as it was
imported, of numba, numpy and Python: any edit makes another folder. Each compiled kernel is a file of its own
(`abm.core.kernels.kernel_file`). Files are read from the first folder that has them whole, and written to the first
one that takes them: the user's, or one in the temporary folder that only this user can write to.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import multiprocessing
import os
import platform
import shutil
import stat
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from abm.core.kernels.floors import FLOORS
from abm.core.kernels.imported import source
from abm.core.kernels.kernel_file import read_whole, size_on_disk, write_whole

PACKAGE = Path(__file__).resolve().parents[2]
FOLDERS_KEPT = 5
REMEDY = "name a folder you can write to: EMBERS_CACHE_DIR=..."

COMPILING = "Embers compiles its rules (once, about half a minute) ..."

_said: list[str] = []
_announced: list[str] = []
used: dict[str, int] = {}  # files of compiled kernels that this process read or wrote, with their sizes


@functools.cache
def source_digest() -> str:
    """Digest (hex) of every source file that can end up in compiled code, as imported, and of the compiler."""
    versions = (version("numba"), version("llvmlite"), version("numpy"), platform.python_version())
    digest = hashlib.sha256(" ".join(versions).encode())
    for path in [path for floor in FLOORS for path in sorted((PACKAGE / floor).rglob("*.py"))]:
        relative = path.relative_to(PACKAGE).as_posix()
        digest.update(f"{relative}\n".encode())
        digest.update(source(relative))
    return digest.hexdigest()


def folders() -> list[Path]:
    """Folders for the compiled kernels of this very source, best first; they need not be there."""
    return [base / "kernels" / source_digest()[:16] for base in (_base(), _temporary_base()) if base is not None]


def load(name: str) -> bytes | None:
    """What is kept under this name, from the first folder that has it whole."""
    for folder in folders():
        content = read_whole(folder / name)
        if content is not None:
            _touch(folder)
            if name.endswith(".kernel"):
                used[name] = len(content)
            return content
    return None


def keep(name: str, content: bytes) -> None:
    """Keep this; where no folder takes it, say so once and go on."""
    problem = ""
    for folder in folders():
        try:
            _make(folder)
            write_whole(folder / name, content)
        except OSError as error:
            problem = problem or f"{folder}: {error.strerror or error}"
        else:
            if name.endswith(".kernel"):
                used[name] = len(content)
            return
    _say(problem or "no folder of the user's own and no temporary folder")


def sizes_on_disk(name: str) -> list[int]:
    """Sizes of the files that are kept under this name; -1 where there is none."""
    return [size_on_disk(folder / name) for folder in folders()]


def problem_of(folder: Path) -> str:
    """Why nothing can be kept in a folder, which need not be there yet; empty if it can."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(bytes(1 << 16))
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _base() -> Path | None:
    """The folder of the user's choice, or of the system's; none where the user has no home."""
    root = os.environ.get("EMBERS_CACHE_DIR")
    if root:
        return Path(root).absolute()
    try:
        path = user_cache_path("embers", appauthor=False)
    except (RuntimeError, KeyError, OSError):
        return None
    return path if path.is_absolute() else None


def _temporary_base() -> Path | None:
    """A folder in the temporary one, which must be ours alone: what is loaded from it runs as this user."""
    number = os.geteuid() if hasattr(os, "geteuid") else 0
    try:
        base = Path(tempfile.gettempdir()) / f"embers-cache-{number}"
        base.mkdir(mode=0o700, exist_ok=True)
        status = base.lstat()
    except OSError:
        return None
    if hasattr(os, "geteuid") and (status.st_uid != number or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        return None
    return base if stat.S_ISDIR(status.st_mode) else None


def _make(folder: Path) -> None:
    """Make a folder if need be; those of other sources that were not used for longest go."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):  # another process may be doing the same
        others = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in [path for path in others if path != folder][FOLDERS_KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)


@functools.cache
def _touch(folder: Path) -> None:
    """Note that a folder is in use, once a process."""
    with contextlib.suppress(OSError):
        os.utime(folder)


def say_compiling(is_told: bool = False) -> None:
    """Say once that compiling takes a while; is_told: who called has said it in words of its own."""
    if not _announced:
        _announced.append(COMPILING)
        if not is_told:
            sys.stderr.write(f"{COMPILING}\n")


def _say(problem: str) -> None:
    """Say once that nothing can be kept, and not in every worker."""
    if _said or multiprocessing.parent_process() is not None:
        return
    _said.append(problem)
    sys.stderr.write(
        f"Compiled code cannot be kept ({problem}), so each start compiles for about half a minute: {REMEDY}\n"
    )
