"""How far the model's infection is from that in mice, in units of how far two experiments are from each other.

Mice give RNA copies and diluted lavage, the model virions and concentrations in tissue, so every observable has one
free scale factor per experiment, and only shape and timing count, in log10. The error is the root mean square over
days, divided by the distance between the two experiments (`distance_between`). An error of 1 means: as far from one
experiment as the other experiment is; the best curve between both has 0.5 in each. Mice of one day (littermates, one
inoculum, one assay) differ less than experiments do, so their spread is too fine a unit for a model of more than one
experiment; it is reported beside the error. Both experiments are of one laboratory: between laboratories the distance
is larger, by how much is not known.

Values below a floor are set to it, in mice as in the model; days on which no mouse is above it are not scored. Where
an assay reads something in resting lung that the model has nothing of, that background is added to the model.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

MICE, IN_PEOPLE = (Path(__file__).with_name(name) for name in ("mouse_lung.toml", "people.toml"))
EXPERIMENTS = FIRST, SECOND = "first", "second"
PEOPLE = "people"  # the third kind of data, in a unit of its own: the spread between people of one day
HOURS_PER_DAY = 24.0
DAILY = "days", "n", "median", "lowest", "highest"
# Root mean square of the range of n numbers from a normal distribution with standard deviation 1.
RANGE_OF = {2: 1.414, 3: 1.911, 4: 2.239, 5: 2.481, 6: 2.673, 7: 2.829, 8: 2.963, 9: 3.078}
REACH = 0.5  # decades that the best shift may lie outside of those that bring a single day into line
POINTS, REFINEMENTS = 65, 5  # of the search for it: ends within a millionth of the first range


@dataclass(frozen=True)
class Observable:
    """What was measured in the mice of one experiment.

    Attributes:
        name, title, unit: what it is. measures: of the model, added up. goal: the error to stay below.
        experiment: "first", "second" or "people".
        background: what the assay reads where the model has nothing.
        days: on which mice were examined.
        floor: least value of each day; all below is set to it. n, median, lowest, highest: mice and their values,
            float[days] each.
        distance: from the other experiment, or the spread between people, in decades; the unit of an error.
    """

    name: str
    title: str
    unit: str
    measures: tuple[str, ...]
    goal: float
    experiment: str
    background: float
    days: np.ndarray
    floor: np.ndarray
    n: np.ndarray
    median: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    distance: float = 1.0

    def shown(self, values: ArrayLike) -> np.ndarray:
        """What an assay shows of these amounts at any time, in the unit of the mice; the lowest floor holds."""
        return np.maximum(np.asarray(values, dtype=float) + self.background, self.floor.min())

    @property
    def scored(self) -> np.ndarray:
        """Days that tell something, bool[days]: some mouse is above the floor."""
        return self.highest > self.floor

    @property
    def scored_median(self) -> np.ndarray:
        """Medians of the scored days, none below the floor: float[scored days]."""
        return np.maximum(self.median, self.floor)[self.scored]

    @property
    def spread(self) -> float:
        """Standard deviation of log10 between mice of one day, pooled over the scored days, from their ranges."""
        lowest = np.maximum(self.lowest, self.floor)[self.scored]
        ranges = np.log10(self.highest[self.scored] / lowest)
        unit = np.array([RANGE_OF[int(n)] for n in self.n[self.scored]])
        return float(np.sqrt(np.mean((ranges / unit) ** 2)))


class Score(NamedTuple):
    """How far a curve is from the mice of an experiment.

    Attributes:
        error: float[...], in distances between the experiments. between_mice: float[...], in SDs between mice.
        scale: float[...], the factor from the unit of the model to that of the mice; not a number where there is none.
        residuals: float[..., scored days], in distances; above 0 where the model is too high.
    """

    error: np.ndarray
    between_mice: np.ndarray
    scale: np.ndarray
    residuals: np.ndarray


@cache
def observables(experiment: str = FIRST) -> dict[str, Observable]:
    """Everything that was measured in the mice of an experiment, or in people, by name."""
    if experiment == PEOPLE:
        found = [_observable(entry, PEOPLE) for entry in _data(IN_PEOPLE)["observable"]]
        return {one.name: replace(one, distance=one.spread) for one in found}
    pairs = [[_observable(entry, one) for one in EXPERIMENTS] for entry in _data(MICE)["observable"]]
    return {
        first.name: replace({FIRST: first, SECOND: second}[experiment], distance=distance_between(first, second))
        for first, second in pairs
    }


def _observable(entry: dict[str, Any], experiment: str) -> Observable:
    own = entry[experiment]
    days, n, median, lowest, highest = (np.array(own[key], dtype=float) for key in DAILY)
    floor = np.broadcast_to(np.array(own["floor"], dtype=float), days.shape)
    return Observable(
        **{key: entry[key] for key in ("name", "title", "unit", "goal")},
        measures=tuple(entry["measures"]),
        experiment=experiment,
        background=own.get("background", 0.0),
        days=days, floor=floor, n=n, median=median, lowest=lowest, highest=highest,
    )  # fmt: skip


def distance_between(first: Observable, second: Observable) -> float:
    """Root mean square over the days of the second experiment of the difference of medians, in decades.

    The first is interpolated in log10 between its days. One scale factor is free, as in a score. Both have the higher
    of their floors.
    """
    floor = max(first.floor.min(), second.floor.min())
    curve = np.interp(second.days, first.days, np.log10(np.maximum(first.median, floor)))
    floors = np.maximum(floor, second.floor)
    gaps = np.log10(np.maximum(second.median, floors)) - np.maximum(curve, np.log10(floors))
    return float(np.std(gaps))


def source() -> dict[str, str]:
    """Where the mouse data stand: citation and DOI."""
    return dict(_data(MICE)["source"])


@cache
def _data(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


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
    scored, mice = observable.scored, np.log10(observable.scored_median)
    amounts = np.asarray(model, dtype=float)[..., scored]
    shift = _best_shift(amounts, mice, observable)
    decades = _shifted(amounts, shift, observable) - mice
    off = np.sqrt(np.mean(decades**2, axis=-1))
    nothing = ~(amounts > 0.0).any(axis=-1)
    scale = np.where(nothing, np.nan, 10.0**shift)
    return Score(off / observable.distance, off / observable.spread, scale, decades / observable.distance)


def scores(runs: Sequence[Mapping[str, ArrayLike]], experiment: str = FIRST) -> dict[str, Score]:
    """Scores of all observables of which the runs of a scenario have the measures; a lung is the mean of its sections.

    Args:
        runs: one a section, see `reading`.
        experiment: with which they are compared.
    """
    return {
        name: score(np.mean([reading(series, one) for series in runs], axis=0), one)
        for name, one in observables(experiment).items()
        if all(measure in runs[0] for measure in one.measures)
    }


def _shifted(amounts: np.ndarray, shift: np.ndarray, observable: Observable) -> np.ndarray:
    """log10 of what an assay shows of the amounts on the scored days, after a shift: float[..., scored days]."""
    shown = amounts * 10.0 ** shift[..., None] + observable.background
    return np.log10(np.maximum(shown, observable.floor[observable.scored]))


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
