"""How far the model's infection is from that in mice, in units of how far mice are from each other.

Mice give RNA copies and diluted lavage, the model virions and concentrations in tissue, so every observable has one
free scale factor, and only shape and timing count, in log10. The error is the root mean square over days, divided by
the spread between mice; 1 means: as far from the median mouse as a mouse is. Values below a floor lie on it, in mice
as in the model; days on which no mouse is above it are not scored. Where an assay reads something in resting lung that
the model has nothing of, that background is added to what the model gives.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

FILE = Path(__file__).with_name("mouse_lung.toml")
HOURS_PER_DAY = 24.0
# Root mean square of the range of n numbers from a normal distribution with standard deviation 1.
RANGE_OF = {2: 1.414, 3: 1.911, 4: 2.239, 5: 2.481, 6: 2.673}
REACH = 0.5  # decades that the best shift may lie outside of those that bring a single day into line
POINTS, REFINEMENTS = 65, 5  # of the search for it: ends within a millionth of the first range


@dataclass(frozen=True)
class Observable:
    """What was measured in mice.

    Attributes:
        name, title, unit: what it is. measures: of the model, added up. goal: the error to stay below.
        floor: least value; all below lies on it. background: what the assay reads where the model has nothing.
        days: on which mice were examined.
        n, median, lowest, highest: mice and their values, float[days] each.
    """

    name: str
    title: str
    unit: str
    measures: tuple[str, ...]
    goal: float
    floor: float
    background: float
    days: np.ndarray
    n: np.ndarray
    median: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray

    def shown(self, values: ArrayLike) -> np.ndarray:
        """What an assay shows of these amounts, in the unit of the mice."""
        return np.maximum(np.asarray(values, dtype=float) + self.background, self.floor)

    @property
    def scored(self) -> np.ndarray:
        """Days that tell something, bool[days]: some mouse is above the floor."""
        return self.highest > self.floor

    @property
    def spread(self) -> float:
        """Standard deviation of log10 between mice of one day, pooled over the scored days, from their ranges."""
        lowest = np.where(self.lowest > 0.0, self.lowest, self.floor)[self.scored]
        ranges = np.log10(self.highest[self.scored] / lowest)
        unit = np.array([RANGE_OF[int(n)] for n in self.n[self.scored]])
        return float(np.sqrt(np.mean((ranges / unit) ** 2)))


class Score(NamedTuple):
    """How far a curve is from the mice.

    Attributes:
        error: float[...], in SDs between mice.
        scale: float[...], the factor from the unit of the model to that of the mice; not a number where there is none.
        residuals: float[..., scored days], in SDs; above 0 where the model is too high.
    """

    error: np.ndarray
    scale: np.ndarray
    residuals: np.ndarray


@cache
def observables() -> dict[str, Observable]:
    """Everything that was measured in mice, by name."""
    return {
        one["name"]: Observable(
            one["name"],
            one["title"],
            one["unit"],
            tuple(one["measures"]),
            one["goal"],
            one["floor"],
            one.get("background", 0.0),
            *(np.array(one[key], dtype=float) for key in ("days", "n", "median", "lowest", "highest")),
        )
        for one in _data()["observable"]
    }


def source() -> dict[str, str]:
    """Where the mouse data stand: citation and DOI."""
    return dict(_data()["source"])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def reading(series: Mapping[str, ArrayLike], observable: Observable) -> np.ndarray:
    """What a run shows of an observable on the days of the mice, in the unit of the model: float[days].

    Args:
        series: the hours of a run ("hour") and its measures by name, float[times] each, as `LungModel.run` gives them.
        observable: what is read.

    Raises:
        ValueError: the run ends before the mice do.
    """
    hours = np.asarray(series["hour"], dtype=float)
    wanted = HOURS_PER_DAY * observable.days
    if hours[-1] < wanted[-1] - 1e-6:
        problem = f"{observable.name}: the run ends on day {hours[-1] / HOURS_PER_DAY:g}"
        raise ValueError(f"{problem}, the mice on day {observable.days[-1]:g}")
    values = np.sum([np.asarray(series[name], dtype=float) for name in observable.measures], axis=0)
    return np.interp(wanted, hours, values)


def score(model: ArrayLike, observable: Observable) -> Score:
    """Error of curves after the scale factor that makes it least.

    Args:
        model: float[..., days], not negative, in any unit.
        observable: the mouse data to compare it with.
    """
    scored = observable.scored
    amounts = np.asarray(model, dtype=float)[..., scored]
    mice = np.log10(np.maximum(observable.median[scored], observable.floor))
    shift = _best_shift(amounts, mice, observable)
    residuals = (_shifted(amounts, shift, observable) - mice) / observable.spread
    nothing = ~(amounts > 0.0).any(axis=-1)
    return Score(np.sqrt(np.mean(residuals**2, axis=-1)), np.where(nothing, np.nan, 10.0**shift), residuals)


def scores(runs: Sequence[Mapping[str, ArrayLike]]) -> dict[str, Score]:
    """Scores of all observables for runs of one scenario; a lung is the mean of its sections."""
    return {
        name: score(np.mean([reading(series, one) for series in runs], axis=0), one)
        for name, one in observables().items()
    }


def _shifted(amounts: np.ndarray, shift: np.ndarray, observable: Observable) -> np.ndarray:
    """log10 of what an assay shows of the amounts after a shift: float[..., days]."""
    return np.log10(observable.shown(amounts * 10.0 ** shift[..., None]))


def _best_shift(amounts: np.ndarray, mice: np.ndarray, observable: Observable) -> np.ndarray:
    """The shift of each curve, in decades, with the least squares: on a grid, then on finer ones around the best.

    Args:
        amounts: float[..., days], not negative.
        mice: float[days], log10.
        observable: the mouse data to compare it with.
    """
    with np.errstate(divide="ignore"):
        gaps = np.where(amounts > 0.0, mice - np.log10(amounts), np.nan)
    nothing = np.isnan(gaps).all(axis=-1, keepdims=True)
    gaps = np.where(nothing, 0.0, gaps)
    low, high = np.nanmin(gaps, axis=-1) - REACH, np.nanmax(gaps, axis=-1) + REACH
    for _ in range(REFINEMENTS):
        shifts = low[..., None] + (high - low)[..., None] * np.linspace(0.0, 1.0, POINTS)
        squares = np.sum((_shifted(amounts[..., None, :], shifts, observable) - mice) ** 2, axis=-1)
        best = np.clip(np.argmin(squares, axis=-1), 1, POINTS - 2)[..., None]
        low, high = (np.take_along_axis(shifts, best + step, axis=-1)[..., 0] for step in (-1, 1))
    return (low + high) / 2.0
