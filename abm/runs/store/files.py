"""Folders of results: named by what was run, written so that a reader sees all of a file or nothing of it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

REMEDIES = {
    errno.ENOSPC: "Make room there", errno.EDQUOT: "Make room there (your quota is used up)",
    errno.EFBIG: "Raise the limit on the size of a file (ulimit -f)",
    errno.EROFS: "That file system is read-only: make it writable", errno.EACCES: "Get the right to write there",
    errno.EPERM: "Get the right to write there", errno.ENAMETOOLONG: "Give what is run a shorter name",
    errno.ENOTDIR: "Move the file away that stands where a folder is needed",
    errno.EEXIST: "Move the file away that stands where a folder is needed",
}  # fmt: skip
HALF_WRITTEN = re.compile(r"\..+-([0-9]{1,10})\.part")  # as `atomic` names it, by process
OUT = "choose another folder with --out"


class StorageError(Exception):
    """Results cannot be written: `folder` says where, `reason` why, `remedy` what to do."""

    def __init__(self, folder: str, reason: str, remedy: str = "") -> None:
        """Keep all."""
        super().__init__(folder, reason, remedy)
        self.folder, self.reason = folder, reason
        self.remedy = remedy or f"Make room there, or {OUT}."

    def __str__(self) -> str:
        """What to do about it."""
        return f'cannot write to the folder "{self.folder}": {self.reason}\n{self.remedy}'


def reason_of(error: OSError) -> str:
    """What the system says, with the path at which it failed."""
    words = os.strerror(error.errno) if error.errno else str(error)
    path = error.filename2 or error.filename
    return f'{words}: "{path}"' if isinstance(path, str | os.PathLike) else words


@contextmanager
def storage(folder: Path) -> Iterator[None]:
    """Turn what the system says about a full folder, or one that cannot be written, into a `StorageError`."""
    try:
        yield
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, "Make that path writable")
        raise StorageError(str(folder), reason_of(error), f"{remedy}, or {OUT}.") from error


def outputs_folder(text: str | Path) -> Path:
    """The folder that an option names: "~" is the home folder, as in shells, also in `--out=~/results`.

    Raises:
        ValueError: there is no home folder of that name.
    """
    try:
        path = Path(text).expanduser() if str(text).startswith("~") else Path(text)
    except RuntimeError as error:
        raise ValueError(f'there is no home folder for "{text}"') from error
    # Some libraries take "~" and "name:" at the start of a path for something else.
    return path.absolute() if path.parts and (path.parts[0].startswith("~") or ":" in path.parts[0]) else path


@contextmanager
def atomic(path: Path, lasting: bool = False) -> Iterator[Path]:
    """A path to write to, which becomes `path` at the end; nothing is left behind after a failure.

    With `lasting` it is on the disk before it gets its name, so that a power cut leaves no half of it.
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}.part")
    try:
        yield temporary
        if lasting:
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path, mark: str) -> Iterator[Path]:
    """The same for a folder, which takes the place of an older one that holds the file `mark`.

    Raises:
        FileExistsError: there is something else at this path.
    """
    if path.exists() and not (path / mark).is_file():
        raise FileExistsError(errno.EEXIST, "is there already, and holds something else", str(path))
    temporary = path.with_name(f".{path.name}-{os.getpid()}.part")
    try:
        yield temporary
        if path.exists():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def sweep_up(folder: Path) -> None:
    """Remove what processes that were killed have left in a folder, half-written, beside the files it was to become."""
    for root, _, names in os.walk(folder):
        for name in names:
            found = HALF_WRITTEN.fullmatch(name)
            if found and not _is_alive(int(found[1])):
                with suppress(OSError):
                    Path(root, name).unlink()


def _is_alive(pid: int) -> bool:
    """Whether there is a process of this number; on Windows nobody can ask without harm, so it is taken for alive."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def write_text(path: Path, text: str) -> None:
    """Write a text file at once; one that holds this text already is left as it is."""
    if path.is_file() and path.read_bytes() == text.encode():
        return
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_bytes(path: Path, content: bytes, lasting: bool = False) -> None:
    """Write a file at once; with `lasting` so that it is whole also after a power cut."""
    with atomic(path, lasting) as temporary:
        temporary.write_bytes(content)


def study_folder(out: Path, name: str, fresh: bool) -> Path:
    """The folder of a study under `out`: its own name, or with `fresh` the first one not used yet."""
    folder, number = out / name, 2
    while fresh and folder.exists():
        folder, number = out / f"{name}-{number}", number + 1
    return folder
