"""Samples of the unit cube: where sampled axes are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.installation.optional_deps import need

LATIN, SOBOL, MORRIS, INDICES = "latin hypercube", "sobol", "morris", "sobol indices"
METHODS = (LATIN, SOBOL, MORRIS, INDICES)
MORRIS_LEVELS = 4


@dataclass(frozen=True)
class Sample:
    """How sampled axes are sampled.

    Attributes:
        method: one of METHODS. points: of a Latin hypercube or a Sobol sequence; trajectories of Morris screening;
            base sample of Sobol indices. seed: of the sample, not of the runs.
    """

    method: str
    points: int
    seed: int

    @property
    def needs_power_of_two(self) -> bool:
        """Whether the points lose their balance otherwise."""
        return self.method in (SOBOL, INDICES)

    def size(self, axes: int) -> int:
        """Points there will be (some of a Morris sample may coincide)."""
        return self.points * {MORRIS: axes + 1, INDICES: axes + 2}.get(self.method, 1)

    def shares(self, axes: int) -> np.ndarray:
        """float64[size, axes] in [0, 1]; always the same for the same method, points, seed and axes.

        Raises:
            MissingLibraryError: the method needs a library that is not installed.
        """
        from scipy.stats import qmc

        if self.method == LATIN:
            return qmc.LatinHypercube(axes, rng=np.random.default_rng(self.seed)).random(self.points)
        if self.method == SOBOL:
            return qmc.Sobol(axes, rng=np.random.default_rng(self.seed)).random(self.points)
        need("analysis", "SALib")
        if self.method == MORRIS:
            from SALib.sample import morris

            return morris.sample(unit_cube(axes), self.points, num_levels=MORRIS_LEVELS, seed=self.seed)
        from SALib.sample import sobol

        return sobol.sample(unit_cube(axes), self.points, calc_second_order=False, seed=self.seed)

    def line(self) -> str:
        """All that matters in one line."""
        return f"sample: {self.method}, {self.points} points, seed {self.seed}"


def unit_cube(axes: int) -> dict[str, Any]:
    """The problem as SALib wants it told: every axis from 0 to 1."""
    return {"num_vars": axes, "names": [str(axis) for axis in range(axes)], "bounds": [[0.0, 1.0]] * axes}
