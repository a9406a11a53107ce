"""Axes of a study: which numbers they move, and where to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.scenario.scenario import Scenario
from abm.studies.design.target import AxisTarget


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes:
        name: of its column. targets: what it moves, all of them together.
        relative: whether its values are multiples of what each arm has, not values in the unit of the target.
        levels: its values, in order; empty where it is sampled between `low` and `high`.
        logarithmic: whether equal steps between `low` and `high` are equal ratios.
    """

    name: str
    targets: tuple[AxisTarget, ...]
    relative: bool
    levels: tuple[float, ...]
    low: float
    high: float
    logarithmic: bool

    @property
    def unit(self) -> str:
        """Unit of its values; empty for a pure number."""
        return "" if self.relative else self.targets[0].quantity.unit

    @property
    def meaning(self) -> str:
        """What it is, for people."""
        meaning = " + ".join(target.quantity.meaning for target in self.targets)
        return f"{meaning}, multiple of the usual" if self.relative else meaning

    @property
    def is_sampled(self) -> bool:
        """Whether its values come from a sample."""
        return not self.levels

    def is_in(self, scenario: Scenario) -> bool:
        """Whether the scenario has a number that this axis moves."""
        return any(target.is_in(scenario) for target in self.targets)

    def put(self, scenario: Scenario, value: float) -> Scenario:
        """The scenario with every number of this axis set."""
        for target in self.targets:
            if target.is_in(scenario):
                number = target.value_in(scenario) * value if self.relative else value
                scenario = target.put(scenario, number)
        return scenario

    def at(self, share: np.ndarray) -> np.ndarray:
        """Values at these shares, in [0, 1], of the way from `low` to `high`."""
        if self.logarithmic:
            return np.exp(np.log(self.low) + share * (np.log(self.high) - np.log(self.low)))
        return self.low + share * (self.high - self.low)

    def share(self, value: np.ndarray) -> np.ndarray:
        """The inverse of `at`."""
        if self.logarithmic:
            return (np.log(value) - np.log(self.low)) / (np.log(self.high) - np.log(self.low))
        return (value - self.low) / (self.high - self.low)

    def line(self) -> str:
        """The axis as one line that says all that matters."""
        what = " and ".join(target.name for target in self.targets)
        unit = self.unit or ("of the usual" if self.relative else "")
        if self.levels:
            return f"{self.name}: {what} = {', '.join(f'{level:.12g}' for level in self.levels)} {unit}".rstrip()
        scale = "logarithmic" if self.logarithmic else "linear"
        return f"{self.name}: {what} sampled from {self.low:.12g} to {self.high:.12g} {unit}".rstrip() + f", {scale}"


def spaced(low: float, high: float, steps: int, logarithmic: bool) -> tuple[float, ...]:
    """`steps` values from `low` to `high`, both included, in equal steps or equal ratios."""
    values = np.geomspace(low, high, steps) if logarithmic else np.linspace(low, high, steps)
    return tuple(float(f"{value:.12g}") for value in values)
