"""The folder of a study while it runs: one process at a time, one design, and an end that is told whatever it is."""

from __future__ import annotations

import difflib
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from abm.runs import failures, provenance
from abm.runs.errors import SweepError
from abm.runs.store.files import storage, sweep_up, write_text
from abm.runs.store.lock import held

TEXT, DESIGN = "design.txt", "design.parquet"
ROUNDS = "rounds"  # of a fit
SHARDS = "shards"  # parts of a sweep that other processes run, each in a folder of its own
RECORDS = ("runs", "landed", "finished", "states", "series", ROUNDS)  # where runs and patients are kept as they end
SHOWN = 40  # lines of a difference


class StudyChangedError(SweepError):
    """The folder holds runs of another study of this name."""

    def __init__(self, folder: str, difference: str) -> None:
        """Keep both."""
        super().__init__(folder, difference)
        self.folder, self.difference = folder, difference

    def __str__(self) -> str:
        """The difference and what to do."""
        return (
            f'the study has changed since the runs in "{self.folder}" were made (- then, + now):\n{self.difference}\n'
            "Restore it to continue, or start again: --fresh makes a new folder beside it, --out another one."
        )


@dataclass
class StudyResult:
    """How a study ended.

    Attributes:
        folder: of the study. total, done: runs, or patients. failures: one line a failed one. interrupted: by Ctrl-C.
    """

    folder: Path
    total: int
    done: int = 0
    failures: list[str] = field(default_factory=list)
    interrupted: bool = False

    def finish(self, told: dict[str, Any]) -> None:
        """Write down how it ended, beside what `provenance.start` told.

        Raises:
            OSError: no room, no right to write.
        """
        status = "interrupted" if self.interrupted else "failed runs" if self.failures else "complete"
        counts = {"done": self.done, "failed": len(self.failures)}
        provenance.finish(self.folder, told, status, counts | {"missing": self.total - sum(counts.values())})


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """Be the only process that runs the study in this folder, which is made, and goes again if nothing comes of it.

    Raises:
        StorageError: the folder is full or cannot be written; what is finished is kept.
        StudyBusyError: another process runs it.
        NoLockError: the file system has no locks.
    """
    with storage(folder), _begun(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder):
            sweep_up(folder)
            yield


@contextmanager
def recorded(folder: Path, study: dict[str, Any], workers: int) -> Iterator[None]:
    """The same, and write down what runs there and how it ends, where nobody knows beforehand how many runs it takes.

    Args:
        folder: of the study.
        study: what is run.
        workers: processes.

    Raises:
        StorageError: the folder is full or cannot be written; what is finished is kept.
        StudyBusyError: another process runs it.
        NoLockError: the file system has no locks.
    """
    with opened(folder):
        told = provenance.start(folder, study, workers)
        try:
            yield
        except KeyboardInterrupt:
            provenance.finish(folder, told, "interrupted", {})
            raise
        provenance.finish(folder, told, "complete", {})


@contextmanager
def _begun(folder: Path) -> Iterator[None]:
    """Remove the folder again if what runs in it ends before a run has; say so where one has."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    except BaseException:
        with suppress(OSError):
            if folder in made and not has_runs(folder) and not failures.read(folder):
                shutil.rmtree(folder, ignore_errors=True)
                for path in made[1:]:
                    path.rmdir()  # refused where something else is in it
            elif (told := provenance.read(folder)).get("status") == "running":
                provenance.finish(folder, told, "stopped", {})
        raise


def has_runs(folder: Path) -> bool:
    """Whether a run, or a patient, has ended well in this folder or in a shard of it."""
    found = (path for one in (folder, *shards_in(folder)) for name in RECORDS for path in (one / name).rglob("*"))
    return any(path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
               and not path.name.endswith(".failed.json") for path in found)  # fmt: skip


def shards_in(folder: Path) -> list[Path]:
    """The folders of the shards of a sweep, sorted."""
    return sorted(path for path in (folder / SHARDS).glob("*-of-*") if path.is_dir())


def agree(folder: Path, text: str) -> None:
    """Write down all that is run; refuse to mix runs of two studies in one folder.

    The digest of the text stands apart from it, in the provenance (`design`), so that a damaged text does not look
    like another study.

    Raises:
        StudyChangedError: the folder holds runs of another one.
        OSError: no room, no right to write.
    """
    path = folder / TEXT
    before = path.read_text(encoding="utf-8", errors="replace") if path.exists() else text
    is_other = before != text and provenance.read(folder).get("design") != digest_of(text)
    if is_other and has_runs(folder):
        raise StudyChangedError(str(folder), differences(before, text))
    if is_other:
        _forget(folder)
    write_text(path, text)


def differences(before: str, now: str) -> str:
    """The lines in which two texts differ, marked - and +."""
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), "then", "now", lineterm="", n=0)
    shown = [f"{line[0]} {line[1:]}" for line in lines if not line.startswith(("---", "+++", "@@"))]
    more = [f"and {len(shown) - SHOWN} more lines"] if len(shown) > SHOWN else []
    return "\n".join(f"    {line}" for line in shown[:SHOWN] + more)


def digest_of(text: str) -> str:
    """Digest (hex) of all that is run."""
    return hashlib.sha256(text.encode()).hexdigest()


def _forget(folder: Path) -> None:
    """Remove what a start has left in which no run has ended well: the study may have been corrected since."""
    (folder / DESIGN).unlink(missing_ok=True)
    for path in (folder / failures.FOLDER).glob("*"):
        path.unlink()
