"""At which step, and in which cell, two runs part: what to look at first when two runs should be equal and are not.

Both run side by side, compared by the hash of their whole state: day by day, and from the last equal day on step by
step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.core.clock import DAY
from abm.core.population import USED
from abm.model.lung_model import LungModel
from abm.runs.progress import Show
from abm.scenario.scenario import Scenario
from abm.tissue.state import FIELDS, Tissue, arrays_of

CELLS = {"cancer": "cancer cell", "mobile": "mobile cell"}
BOOKKEEPING = frozenset({"cancer_rows", "mobile_rows", "cancer_next", "cancer_awake"})  # they follow from the cells
SHOWN = 6


@dataclass(frozen=True)
class Parting:
    """Where two runs part.

    Attributes:
        tick, hour: of the first step after which they differ; step 0 is the start.
        told: what differs then, one line each, cells first.
    """

    tick: int
    hour: float
    told: tuple[str, ...]


def find_parting(one: Scenario, other: Scenario, seeds: tuple[int, int], show: Show) -> Parting | None:
    """Where two runs part; None where they are equal to the end of the shorter one.

    Raises:
        ValueError: their steps or sections differ, so that they have no step in common.
    """
    for name in ("step", "width", "height"):
        if getattr(one, name) != getattr(other, name):
            raise ValueError(
                f"runs of different {name} ({getattr(one, name):g} and {getattr(other, name):g}) part at once"
            )
    a_day = round(DAY / one.step)
    last = round(min(one.duration, other.duration) / one.step)
    equal = -1
    with show.spinner("running side by side"):
        for tick, pair in _side_by_side(one, other, seeds, [*range(0, last, a_day), last]):
            if pair[0].digest() != pair[1].digest():
                break
            equal = tick
        else:
            return None
        for tick, (first, second) in _side_by_side(one, other, seeds, range(equal + 1, min(equal + a_day, last) + 1)):
            if first.digest() != second.digest():
                return Parting(tick, tick * one.step, tuple(differences(first.tissue, second.tissue)))
    raise RuntimeError("a run did not give the same when it was run again")


def _side_by_side(
    one: Scenario, other: Scenario, seeds: tuple[int, int], ticks: Any
) -> Iterator[tuple[int, tuple[LungModel, LungModel]]]:
    """Both runs at these steps."""
    models = LungModel(one, seed=seeds[0]), LungModel(other, seed=seeds[1])
    try:
        for tick in ticks:
            for model in models:
                model.go_to(tick)
            yield tick, models
    finally:
        for model in models:
            model.close()


def differences(one: Tissue, other: Tissue) -> list[str]:
    """What differs between two tissues, one line each: cells first, then fields and books."""
    told = []
    for name, meaning in CELLS.items():
        told += _cells_apart(meaning, _used(one, name), _used(other, name))
    others = arrays_of(other)
    for name, array in arrays_of(one).items():
        if name not in CELLS and name not in BOOKKEEPING:
            told += _array_apart(name.removeprefix(FIELDS), np.asarray(array), np.asarray(others[name]))
    return told or ["books of rows and rosters alone: the same cells stand in another order"]


def _used(tissue: Tissue, name: str) -> np.ndarray:
    """The living cells of a population."""
    rows = np.asarray(getattr(tissue, name))[: getattr(tissue, f"{name}_rows")[USED]]
    return rows[rows["alive"].astype(bool)]


def _cells_apart(meaning: str, one: np.ndarray, other: np.ndarray) -> list[str]:
    """The first cells that differ, by identity."""
    mine, others = ({int(cell["uid"]): cell for cell in cells} for cells in (one, other))
    told = []
    for uid in dict.fromkeys([*mine, *others]):
        if uid not in mine or uid not in others:
            cell, whose = (mine[uid], "first") if uid in mine else (others[uid], "second")
            told.append(f"{meaning} {uid} lives in the {whose} run alone, at x {cell['x']}, y {cell['y']}")
        elif mine[uid].tobytes() != others[uid].tobytes():
            values = _values_apart(mine[uid], others[uid])
            told.append(f"{meaning} {uid} at x {mine[uid]['x']}, y {mine[uid]['y']}: {values}")
    return told[:SHOWN] + ([f"and {len(told) - SHOWN} more of {meaning}s"] if len(told) > SHOWN else [])


def _array_apart(name: str, one: np.ndarray, other: np.ndarray) -> list[str]:
    """The first place in which an array differs."""
    if one.shape != other.shape:
        return [f"{name}: shape {one.shape} and {other.shape}"]
    if one.tobytes() == other.tobytes():
        return []
    apart = np.frombuffer(one.tobytes(), np.uint8) != np.frombuffer(other.tobytes(), np.uint8)
    places = np.flatnonzero(apart.reshape(-1, one.dtype.itemsize).any(axis=1))
    at = tuple(map(int, np.unravel_index(places[0], one.shape)))
    return [f"{name}{list(at)}: {_values_apart(one[at], other[at])} ({places.size:,} of {one.size:,} differ)"]


def _values_apart(one: Any, other: Any) -> str:
    """Two numbers, or the fields of two records that differ; of a list of numbers the first that does."""
    if not one.dtype.names:
        return f"{one} and {other}"
    told = []
    for name in one.dtype.names:
        mine, others = np.atleast_1d(one[name]), np.atleast_1d(other[name])
        apart = np.flatnonzero(mine != others)
        if apart.size:
            at = f"[{apart[0]}]" if mine.size > 1 else ""
            told.append(f"{name}{at} {mine[apart[0]]} and {others[apart[0]]}")
    return "; ".join(told)
