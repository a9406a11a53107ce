"""One parent a study: a lock that the system lets go of when its holder ends, in whatever way."""

from __future__ import annotations

import errno
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from abm.runs.errors import SweepError

FILE = "study.lock"
TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}  # as systems say that another has the lock
_TOLD_AT = 1  # byte from which on the holder tells who it is; the one before is what is locked


class StudyBusyError(SweepError):
    """Another process runs this study."""

    def __init__(self, folder: str, holder: str) -> None:
        """Keep both."""
        super().__init__(folder, holder)
        self.folder, self.holder = folder, holder

    def __str__(self) -> str:
        """Who it is and what to do."""
        return (
            f'the study in "{self.folder}" is being run already, by {self.holder}.\n'
            "Wait for it, or stop it; `embers status` shows its progress. Use --out for another folder."
        )


class NoLockError(SweepError):
    """The file system cannot lock files."""

    def __init__(self, folder: str, reason: str) -> None:
        """Keep both."""
        super().__init__(folder, reason)
        self.folder, self.reason = folder, reason

    def __str__(self) -> str:
        """What is missing and what to do."""
        return (
            f'the file system of "{self.folder}" cannot lock files ({self.reason}), so a second start could not '
            "be kept away from the first.\nChoose a folder on another file system with --out, such as a local disk."
        )


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Be the only one who runs the study in this folder.

    Raises:
        StudyBusyError: somebody else does.
        NoLockError: the file system has no locks.
        OSError: no right to write.
    """
    with (folder / FILE).open("a+b") as file:
        try:
            taken = _take(file)
        except OSError as error:
            raise NoLockError(str(folder), error.strerror or str(error)) from error
        if not taken:
            raise StudyBusyError(str(folder), _holder(folder))
        me = json.dumps({"pid": os.getpid(), "host": platform.node()})
        file.truncate(_TOLD_AT)
        file.seek(_TOLD_AT)
        file.write(me.encode())
        file.flush()
        yield


def is_held(folder: Path) -> bool:
    """Whether a living process runs the study in this folder."""
    try:
        with (folder / FILE).open("r+b") as file:
            return not _take(file)
    except OSError:
        return False


def _take(file: IO[bytes]) -> bool:
    """Lock the file, if nobody has; it is unlocked when it is closed.

    Raises:
        OSError: the file system has no locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in TAKEN:
            return False
        raise
    return True


def _holder(folder: Path) -> str:
    try:
        with (folder / FILE).open("rb") as file:
            file.seek(_TOLD_AT)
            told = json.loads(file.read())
        return f"process {told['pid']} on {told['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
