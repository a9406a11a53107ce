"""Progress of a study, written by the process that runs it and read by `embers status`.

Times come from `time.monotonic`, which cannot be set, so a change of the system clock does not affect the estimate.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from abm.runs.store.files import write_text
from abm.runs.store.lock import is_held
from abm.runs.store.sealed import DamagedError, as_text, read_text

FILE = "progress.json"
PAUSE = 1.0  # s between two tellings
MOMENT = 1e-9  # s
ENOUGH = 0.02  # share of the runs that must have ended before the time of all is told


@dataclass
class Worked:
    """How many runs have ended, and the seconds that they took together."""

    runs: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Add a run."""
        self.runs += 1
        self.seconds += seconds


class Clock:
    """Reports progress and the time left.

    Runs of different arms take different times, and the short ones end first. The time left is therefore estimated arm
    by arm, once a run of each and a small share of all have ended. The first run of a process also loads code, so the
    first ones count only for arms in which no other has ended.
    """

    def __init__(self, folder: Path, done: int, total: int, missing: Mapping[str, int], workers: int) -> None:
        """Begin: `done` of `total` runs are there, `missing` of each arm are done now by `workers` processes."""
        self.folder, self.total, self.missing, self.workers = folder, total, dict(missing), workers
        self._done, self._failed = done, 0
        self._loading, self._others = ({arm: Worked() for arm in missing} for _ in range(2))
        self._first, self._first_took, self._told = 0.0, 0.0, -PAUSE

    def __enter__(self) -> Clock:
        """Tell that it begins."""
        self._tell()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Report the progress."""
        with contextlib.suppress(OSError):
            self._tell()

    def note(self, done: int, failed: int, arm: str, seconds: float) -> None:
        """Record the duration of a finished run of an arm, in seconds."""
        self._done, self._failed = done, failed
        loads = sum(self._ended.values()) < self.workers
        (self._loading if loads else self._others)[arm].add(seconds)
        if not self._first:
            self._first, self._first_took = time.monotonic(), seconds
        if time.monotonic() - self._told >= PAUSE:
            self._tell()

    @property
    def _ended(self) -> dict[str, int]:
        """Runs of each arm that have ended."""
        return {arm: self._loading[arm].runs + self._others[arm].runs for arm in self.missing}

    @property
    def measured(self) -> int:
        """Runs from which the time of all can be told: 0 until there are enough, with one of each arm."""
        ended, enough = sum(self._ended.values()), max(2.0, ENOUGH * sum(self.missing.values()))
        return ended if ended >= enough and all(self._ended.values()) else 0

    def estimate(self) -> float:
        """Seconds that all runs missing at the beginning take, from those that have ended."""
        return self._work(self.missing) / self.workers

    def _work(self, runs: Mapping[str, int]) -> float:
        """Seconds of one worker for these numbers of runs per arm."""
        counted = {arm: self._others[arm] if self._others[arm].runs else self._loading[arm] for arm in runs}
        return sum(count * counted[arm].seconds / counted[arm].runs for arm, count in runs.items())

    def _left(self) -> float | None:
        """Seconds left, from the pace since the first run ended: what came before was the start of the workers."""
        if not self.measured:
            return None
        left = self._work({arm: count - self._ended[arm] for arm, count in self.missing.items()})
        worked = sum(arm.seconds for arm in (*self._loading.values(), *self._others.values())) - self._first_took
        return (time.monotonic() - self._first) * left / max(worked, MOMENT)

    def _tell(self) -> None:
        self._told = time.monotonic()
        running = min(self.workers, sum(self.missing.values()) - sum(self._ended.values()))
        told = {"done": self._done, "failed": self._failed, "running": running, "total": self.total}
        write_text(self.folder / FILE, as_text(told | {"seconds_left": self._left()}))


@dataclass(frozen=True)
class Status:
    """How far a study is; `seconds_left`: None where nothing runs, or nothing is known yet."""

    total: int
    done: int
    failed: int
    running: int
    seconds_left: float | None


def has_status(folder: Path) -> bool:
    """Whether a process has reported its progress in this folder."""
    return (folder / FILE).is_file()


def last_status(folder: Path) -> Status:
    """Progress as its process reported it last, for a command whose number of runs is not known at its start."""
    told = read_text(folder / FILE)
    return status_with(folder, int(told["total"]), int(told["done"]), int(told["failed"]))


def status_with(folder: Path, total: int, done: int, failed: int) -> Status:
    """Progress with known numbers of finished and failed runs, plus what the running process, if any, reports."""
    told: dict[str, Any] = {}
    if is_held(folder):
        with contextlib.suppress(OSError, DamagedError):
            told = read_text(folder / FILE)
    return Status(total, done, failed, int(told.get("running", 0)), told.get("seconds_left"))
