"""The curves of runs as arrays, those that the model records and those worked out from its events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.model.measures import MEASURES
from abm.runs.job import RunJob
from abm.runs.store.run_file import unpack

HOURS_PER_DAY = 24.0
MOMENT = 1e-6  # h


class ArmCurves:
    """Curves by arm and measure.

    Every replicate is one section of lung; replicates of the same number are twins across arms.
    """

    def __init__(self, runs: dict[str, list[pd.DataFrame]]) -> None:
        """Keep them.

        Args:
            runs: by arm, one table a replicate, in the order of the seeds: a row a time, its index the hours, a column
                a measure.
        """
        self._runs = runs

    def replicates(self, arms: Sequence[str]) -> int:
        """How many replicates all of these arms have."""
        return min(len(self._runs[arm]) for arm in arms)

    def days(self, arms: Sequence[str]) -> np.ndarray:
        """Recorded times that all of these arms have, in days: float[times]."""
        shortest = min((self._runs[arm][0].index for arm in arms), key=len)
        return shortest.to_numpy(dtype=float) / HOURS_PER_DAY

    def of(self, arm: str, measures: Sequence[str], n: int) -> np.ndarray:
        """The sum of these measures in the first `n` replicates: float[n, times]."""
        return np.array([run[list(measures)].sum(axis=1).to_numpy(dtype=float) for run in self._runs[arm][:n]])


def read_run(path: Path) -> pd.DataFrame:
    """The curves of a run that is on disk: one row per time, one column per measure."""
    run = unpack(path)
    return with_derived(run.series.to_pandas().set_index("hour"), run.events.to_pandas(), run.facts["seeded"])


def with_derived(table: pd.DataFrame, events: pd.DataFrame, seeded: int) -> pd.DataFrame:
    """The curves of a run, including those from events: one row per time (index: hours), one column per measure."""
    table = table.copy()
    for name, derived in DERIVED.items():
        table[name] = derived.of(table, events, seeded)
    return table


def read_curves(jobs: Sequence[RunJob], read: Callable[[Path], pd.DataFrame] = read_run) -> ArmCurves:
    """The curves of runs that are on disk, in the order of their replicates; `read`: reads those of one."""
    runs: dict[str, list[pd.DataFrame]] = {}
    for job in sorted(jobs, key=lambda job: job.replicate):
        runs.setdefault(job.kind, []).append(read(job.path))
    return ArmCurves(runs)


def _counted(events: pd.DataFrame, kind: str, hours: np.ndarray) -> np.ndarray:
    """Events of a kind in the steps before each time: int[times]; an event bears the hour at which its step begins."""
    when = np.sort(events.loc[events["kind"].astype(str) == kind, "hour"].to_numpy(dtype=float))
    return np.searchsorted(when, hours - MOMENT)


def _seeded(events: pd.DataFrame, seeded: int, hours: np.ndarray) -> np.ndarray:
    """Cancer cells seeded at the start or arrived so far, at least 1, as the model counts them: int[times]."""
    return np.maximum(1, seeded + _counted(events, "arrival", hours))


def killed_per_cell_day(table: pd.DataFrame, events: pd.DataFrame, seeded: int) -> np.ndarray:
    """Cancer cells killed so far over the days that cancer cells have lived so far: float[times]."""
    hours = table.index.to_numpy(dtype=float)
    cells = table["cells_per_seeded"].to_numpy(dtype=float) * _seeded(events, seeded, hours)
    lived = np.append(0.0, np.cumsum(np.diff(hours) * (cells[1:] + cells[:-1]) / 2.0)) / HOURS_PER_DAY
    return _counted(events, "killed", hours) / np.maximum(lived, MOMENT)


def arrived_per_seeded(table: pd.DataFrame, events: pd.DataFrame, seeded: int) -> np.ndarray:
    """Cancer cells that neither were seeded nor born here, per seeded cell: float[times]."""
    hours = table.index.to_numpy(dtype=float)
    born, died, killed = (_counted(events, kind, hours) for kind in ("birth", "death", "killed"))
    so_far = _seeded(events, seeded, hours)
    cells = np.rint(table["cells_per_seeded"].to_numpy(dtype=float) * so_far)
    return (cells - cells[0] - born + died + killed) / so_far


def awakened_per_seeded(table: pd.DataFrame, events: pd.DataFrame, seeded: int) -> np.ndarray:
    """Awakenings so far per cell seeded so far: float[times]."""
    hours = table.index.to_numpy(dtype=float)
    return _counted(events, "awakening", hours) / _seeded(events, seeded, hours)


def cd206_share(table: pd.DataFrame, events: pd.DataFrame, seeded: int) -> np.ndarray:  # noqa: ARG001
    """Macrophages that are CD206+, resident and recruited: float[times]."""
    return (1.0 - table["mhcii_share"]).to_numpy(dtype=float)


class Derived(NamedTuple):
    """A curve that the model does not record itself: its name on an axis, and how it is worked out."""

    words: str
    of: Callable[[pd.DataFrame, pd.DataFrame, int], np.ndarray]


DERIVED: dict[str, Derived] = {
    "killed_per_cell_day": Derived("killing of cancer cells so far, per cell and day", killed_per_cell_day),
    "arrived_per_seeded": Derived("cancer cells from outside per seeded cell", arrived_per_seeded),
    "awakened_per_seeded": Derived("awakenings so far per seeded cell", awakened_per_seeded),
    "cd206_share": Derived("share of macrophages that are CD206+", cd206_share),
}


def words_of(measures: Sequence[str]) -> str:
    """What curves are called on an axis, with their unit."""
    return " + ".join(_words(name) for name in measures)


def _words(name: str) -> str:
    if name in DERIVED:
        return DERIVED[name].words
    known = MEASURES[name]
    return ", ".join(part for part in (known.meaning, known.unit.replace("^2", "²")) if part)
