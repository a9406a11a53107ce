"""A study of many runs: arms, axes, replicates. What is run, as plain data; `study_file` reads it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from abm.model.measures import Measure, measures_in
from abm.runs.identity import as_used, calculation, map_digest, run_ids
from abm.scenario.scenario import Scenario
from abm.studies.design.axis import Axis
from abm.studies.design.calibration_data import Calibration
from abm.studies.design.sample import Sample


class Point(NamedTuple):
    """One arm with one value for each axis; None where the axis is not in the arm."""

    arm: int
    coordinates: tuple[float | None, ...]


@dataclass(frozen=True)
class Study:
    """What is run.

    Attributes:
        name: of its file and of its folder. title, story: for people.
        arms: base scenarios, with names all different, with duration, section and snapshots as the study says.
        axes: what is varied. sample: how axes without values are sampled.
        replicates: runs of each point, with the seeds `seed`, `seed` + 1, ..., the same in all points: twins.
        measures: curves that are kept. events: kinds of events that are kept.
        calibration: its table [calibrate].
        established_only: whether results are of the runs alone in which the infection established, see
            `abm.studies.sweep.established`; changes no run.
        shortened: whether an option has made it shorter; treatments may then start after its end, and never act.
        inputs: path and content of each file that gives this very study again, see `abm.studies.design.inputs`.
    """

    name: str
    title: str
    story: str
    arms: tuple[Scenario, ...]
    axes: tuple[Axis, ...]
    sample: Sample | None
    replicates: int
    seed: int
    measures: tuple[str, ...]
    events: tuple[str, ...]
    calibration: Calibration | None = None
    established_only: bool = False
    shortened: bool = False
    inputs: tuple[tuple[str, bytes], ...] = field(default=(), compare=False, repr=False)

    @property
    def snapshots(self) -> bool:
        """Whether pictures of the tissue are kept."""
        return any(arm.snapshots for arm in self.arms)

    @property
    def known_measures(self) -> Mapping[str, Measure]:
        """What can be kept of its runs, by name; an arm that declares no such substance or cell has no values of it."""
        return measures_in(self.arms)

    @property
    def kept_measures(self) -> dict[str, dict[str, str]]:
        """Unit and meaning of each measure that is kept, by name."""
        known = self.known_measures
        return {name: {"unit": known[name].unit, "meaning": known[name].meaning} for name in self.measures}

    @property
    def sampled(self) -> tuple[Axis, ...]:
        """The axes that are sampled."""
        return tuple(axis for axis in self.axes if axis.is_sampled)

    @property
    def total(self) -> int:
        """Runs there are."""
        return len(self.points) * self.replicates

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Every (arm, values of the axes that are in it), each once, in the order in which they are run."""
        own = [[axis.is_in(arm) for axis in self.axes] for arm in self.arms]
        found: dict[Point, None] = {}
        for values in self._combinations():
            for arm, known in enumerate(own):
                found[Point(arm, tuple(value if here else None for value, here in zip(values, known, strict=True)))] = (
                    None
                )
        return tuple(found)

    def scenario(self, point: Point) -> Scenario:
        """The scenario of a point."""
        scenario = self.arms[point.arm]
        for axis, value in zip(self.axes, point.coordinates, strict=True):
            if value is not None:
                scenario = axis.put(scenario, value)
        return scenario

    def point(self, arm: int, sampled: Sequence[float]) -> Point:
        """The point of an arm with these values of the sampled axes, where there are no others."""
        values = zip(self.sampled, sampled, strict=True)
        return Point(arm, tuple(value if axis.is_in(self.arms[arm]) else None for axis, value in values))

    def ids(self) -> list[str]:
        """Addresses of all runs in their order: replicate by replicate, so that a part is a balanced sample."""
        seeds = range(self.seed, self.seed + self.replicates)
        computed_with = calculation()
        by_point = [run_ids(self.scenario(point), seeds, computed_with) for point in self.points]
        return [own[replicate] for replicate in range(self.replicates) for own in by_point]

    def place(self, run: int) -> tuple[int, int]:
        """Index of the point, and replicate from 0, of a run by its number."""
        replicate, point = divmod(run, len(self.points))
        return point, replicate

    def text(self) -> str:
        """All that decides over results except how many replicates there are, for people and to be compared."""
        lines = [f"study: {self.name}", f"first seed: {self.seed}", f"measures: {', '.join(self.measures)}"]
        lines += [f"events: {', '.join(self.events) or 'none'}", f"computed with: {calculation()}"]
        lines += [self.sample.line()] if self.sample else []
        lines += [f"axis {axis.line()}" for axis in self.axes]
        for arm in self.arms:
            lines += ["", f"---- arm {arm.name}", as_used(arm)]
            lines += [f"content of its section map: {digest}"] if (digest := map_digest(arm)) else []
        return "\n".join(lines)

    def _combinations(self) -> Iterator[list[float]]:
        """Values of all axes: listed ones combined with each other and with the sample, in a mixed order."""
        sampled = [at for at, axis in enumerate(self.axes) if axis.is_sampled]
        listed = [at for at, axis in enumerate(self.axes) if not axis.is_sampled]
        rows = np.zeros((1, 0))
        if self.sample and sampled:
            shares = self.sample.shares(len(sampled))
            rows = np.column_stack([self.axes[at].at(shares[:, column]) for column, at in enumerate(sampled)])
        grid = list(itertools.product(*(self.axes[at].levels for at in listed)))
        mixed = _spread(len(grid))
        for row in rows:
            for place in mixed:
                values = np.empty(len(self.axes))
                values[sampled], values[listed] = row, grid[place]
                yield values.tolist()


def _spread(count: int) -> list[int]:
    """0 to `count` - 1 in golden steps: the first of them, however many, are spread over the whole."""
    stride = next(step for step in range(max(1, round(0.618 * count)), 2 * count + 2) if math.gcd(step, count) == 1)
    return [at * stride % count for at in range(count)]
