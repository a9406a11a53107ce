"""Numbers under several parameter sets: what chance leaves open, and what the parameters do.

Chance is the interval at the defaults: other sections of lung would give other numbers. Parameters is the range over
sets, each run with the same seeds as all others and in all arms, so that a ratio between arms compares the same set in
both. A set has as many replicates as the defaults, so its numbers contain chance as well: the range over sets is too
wide rather than too narrow where chance is not the smaller of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from abm.reporting.summary import SummaryRow

PERCENTILES = (5.0, 50.0, 95.0)


class OverSets(NamedTuple):
    """A number over parameter sets: median, lower and upper end of its middle 90 %, sets in which there is one."""

    median: float
    low: float
    high: float
    sets: int


class UncertaintyRow(NamedTuple):
    """One number of a study with its uncertainty.

    Attributes:
        arm: name. against: the arm that a contrast compares it with, else "".
        quantity, unit: what it is. value: with the defaults. chance_low, chance_high: its 95 % interval by chance, over
            n replicates. median, low, high, sets: over parameter sets, as in `OverSets`.
    """

    arm: str
    against: str
    quantity: str
    unit: str
    value: float
    chance_low: float
    chance_high: float
    n: int
    median: float
    low: float
    high: float
    sets: int
    prediction: bool
    note: str = ""


def over_sets(values: ArrayLike) -> OverSets:
    """Median and 90 % range of those values, one per set, that are numbers; infinite: an event that never comes."""
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if not known.size:
        return OverSets(np.nan, np.nan, np.nan, 0)
    method: Literal["linear", "nearest"] = "linear" if np.isfinite(known).all() else "nearest"
    low, median, high = map(float, np.percentile(known, PERCENTILES, method=method))
    return OverSets(median, low, high, known.size)


def uncertainties(by_chance: Sequence[SummaryRow], sets: Iterable[Sequence[SummaryRow]]) -> list[UncertaintyRow]:
    """Every number of a summary with both.

    Args:
        by_chance: with the defaults and 95 % intervals.
        sets: the summary under each set.
    """
    found: dict[tuple[str, str, str], list[float]] = {}
    for rows in sets:
        for row in rows:
            found.setdefault((row.arm, row.against, row.quantity), []).append(row.value)
    return [
        UncertaintyRow(
            *row[:8], *over_sets(found.get((row.arm, row.against, row.quantity), [])), row.prediction, row.note
        )
        for row in by_chance
    ]  # fmt: skip
