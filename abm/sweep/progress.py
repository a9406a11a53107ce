"""How far a sweep is: told by the one who runs it, read by `embers status`.

Only a clock that cannot be set (`time.monotonic`) is used, so that a clock that jumps changes no estimate.
"""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from abm.study.folder import write_text
from abm.sweep.lock import is_held

FILE = "progress.json"
PAUSE = 1.0  # s between two tellings
MEASURED = 2  # runs from which the time of all is told


class Clock:
    """Tells how far it is."""

    def __init__(self, folder: Path, done: int, total: int, missing: int, workers: int) -> None:
        """Begin: `done` of `total` runs are there, `missing` are done now by `workers` processes."""
        self.folder, self.total, self.missing, self.workers = folder, total, missing, workers
        self._done, self._failed, self._ended, self._busy = done, 0, 0, 0.0
        self._first, self._told = 0.0, -PAUSE

    def __enter__(self) -> Clock:
        """Tell that it begins."""
        self._tell()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Tell how far it came."""
        with contextlib.suppress(OSError):
            self._tell()

    def note(self, done: int, failed: int, seconds: float) -> None:
        """A run has ended after so many seconds."""
        self._done, self._failed = done, failed
        self._ended += 1
        self._first = self._first or time.monotonic()
        self._busy += seconds
        if time.monotonic() - self._told >= PAUSE:
            self._tell()

    def estimate(self) -> float:
        """Seconds that all runs missing at the beginning take, from those that have ended."""
        return self.missing * self._busy / max(1, self._ended) / self.workers

    def _left(self) -> float | None:
        """Seconds left, from the pace since the first run ended: what came before was the start of the workers."""
        left = self.missing - self._ended
        if self._ended < MEASURED:
            return None
        return (time.monotonic() - self._first) * left / (self._ended - 1)

    def _tell(self) -> None:
        self._told = time.monotonic()
        running = min(self.workers, self.missing - self._ended)
        told = {"done": self._done, "failed": self._failed, "running": running, "total": self.total}
        write_text(self.folder / FILE, json.dumps(told | {"seconds_left": self._left()}))


@dataclass(frozen=True)
class Status:
    """How far a study is; `seconds_left`: None where nothing runs, or nothing is known yet."""

    total: int
    done: int
    failed: int
    running: int
    seconds_left: float | None


def status(folder: Path) -> Status:
    """How far the study in this folder is, whether or not it is running.

    Raises:
        OSError: there is no study.
    """
    from abm.sweep.results import open_study

    counts = open_study(folder).counts()
    return status_with(folder, counts["total"], counts["done"], counts["failed"])


def status_with(folder: Path, total: int, done: int, failed: int) -> Status:
    """The same, where what is done and has failed is known: with what its process tells, if one runs it."""
    told: dict[str, Any] = {}
    if is_held(folder):
        with contextlib.suppress(OSError, ValueError):
            told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return Status(total, done, failed, int(told.get("running", 0)), told.get("seconds_left"))
