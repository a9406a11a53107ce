"""Folders of results: named by what was run, written so that a reader sees all of a file or nothing of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StorageError(Exception):
    """Results cannot be written: `folder` says where, `reason` why."""

    def __init__(self, folder: str, reason: str) -> None:
        """Keep both."""
        super().__init__(folder, reason)
        self.folder, self.reason = folder, reason

    def __str__(self) -> str:
        """What to do about it."""
        remedy = "Make room there or choose another with --out."
        return f'cannot write to the folder "{self.folder}": {self.reason}\n{remedy}'


@contextmanager
def storage(folder: Path) -> Iterator[None]:
    """Turn what the system says about a full or unwritable folder into a `StorageError` that names it."""
    try:
        yield
    except OSError as error:
        raise StorageError(str(folder), error.strerror or str(error)) from error


@contextmanager
def atomic(path: Path, lasting: bool = False) -> Iterator[Path]:
    """A path to write to, which becomes `path` at the end; nothing is left behind after a failure.

    With `lasting` it is on the disk before it gets its name, so that a power cut leaves no half of it.
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        yield temporary
        if lasting:
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file at once."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def study_folder(out: Path, name: str, fresh: bool) -> Path:
    """The folder of a study under `out`: its own name, or with `fresh` the first one not used yet."""
    folder, number = out / name, 2
    while fresh and folder.exists():
        folder, number = out / f"{name}-{number}", number + 1
    return folder
