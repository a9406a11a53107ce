"""What the figures need of the folder of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
import pandas as pd

from abm.core.lattice import SPACING
from abm.plots.palette import ArmStyle, arm_styles, hexadecimal
from abm.reporting.summary import tables
from abm.runs import provenance
from abm.runs.store.tables import measures_of, read_series

HOURS_PER_DAY = 24.0
FEWEST_FOR_PERCENTILES = 5  # replicates; with fewer, a band shows all there is
_DAY = "day_"


class Band(NamedTuple):
    """A curve of an arm: median, lower and upper edge over replicates, each float[times]; `days` float[times]."""

    days: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Drawn:
    """A study as figures show it.

    Attributes:
        folder: of the study. arms: in the order in which they were asked for, those with a finished run.
        titles: of the arms, in words. predictions: arms that no experiment has tested.
        series: arm, replicate, seed, hour, one column per measure.
    """

    folder: Path
    arms: tuple[str, ...]
    titles: dict[str, str]
    predictions: frozenset[str]
    series: pd.DataFrame

    heading: ClassVar[str] = "Curves by arm"

    @cached_property
    def styles(self) -> dict[str, ArmStyle]:
        """How the arms are drawn."""
        return arm_styles(self.arms)

    @cached_property
    def replicates(self) -> tuple[int, int]:
        """The smallest and the largest number of replicates of an arm."""
        counts = self.series.groupby("arm", observed=True)["seed"].nunique()
        return int(counts.min()), int(counts.max())

    @property
    def tail(self) -> float:
        """Share of the replicates below, and above, a band."""
        return 0.1 if self.replicates[1] >= FEWEST_FOR_PERCENTILES else 0.0

    @property
    def bands(self) -> str:
        """What lines and bands are, in words; empty where there are none."""
        if self.replicates[1] < 2:
            return ""
        if self.tail:
            return "Lines: median; bands: 10th to 90th percentile of the replicates."
        return "Lines: median; bands: from the smallest to the largest replicate."

    @cached_property
    def days(self) -> float:
        """Length of the longest run."""
        return float(self.series["hour"].max()) / HOURS_PER_DAY

    @cached_property
    def measures(self) -> frozenset[str]:
        """The measures of which there are curves."""
        return frozenset(measures_of(self.series))

    @cached_property
    def _curves(self) -> dict[tuple[str, str], pd.DataFrame]:
        """By arm and measure: one column a seed, one row a time."""
        return tables(self.series, "seed", measures_of(self.series))

    @cached_property
    def sections(self) -> dict[str, np.ndarray]:
        """By arm: uint8[rows, columns], SiteKind."""
        found = {}
        for path in self.folder.glob("snapshots/*/section.npz"):
            with np.load(path) as file:
                found[path.parent.name] = file["kind"]
        return found

    @cached_property
    def own_cells(self) -> dict[str, list[str]]:
        """Types of cells that scenarios declare, in their order, by arm."""
        return dict(provenance.read(self.folder).get("own_cells", {}))

    def color(self, arm: str) -> str:
        """The color of an arm."""
        return hexadecimal(self.styles[arm].color)

    def label(self, arm: str) -> str:
        """The title of an arm, which says if it is a prediction."""
        return self.titles[arm] + (" (prediction)" if arm in self.predictions else "")

    def has(self, arm: str, measures: Sequence[str]) -> bool:
        """Whether an arm has these measures: those that a scenario declares of its own are in no other arm."""
        return all((arm, name) in self._curves for name in measures)

    def band(self, arm: str, measures: Sequence[str]) -> Band:
        """The sum of these measures over time."""
        first, *others = (self._curves[arm, measure] for measure in measures)
        runs = sum(others, start=first)
        low, middle, high = runs.quantile([self.tail, 0.5, 1 - self.tail], axis="columns").to_numpy()
        return Band(runs.index.to_numpy() / HOURS_PER_DAY, middle, low, high)

    def snapshots(self) -> dict[str, dict[float, Path]]:
        """The snapshots of one seed by arm and day: the first seed that most arms have."""
        seeds = {arm: _seeds(self.folder / "snapshots" / arm) for arm in self.arms}
        every = sorted({seed for own in seeds.values() for seed in own})
        if not every:
            return {}
        common = max(every, key=lambda seed: (sum(seed in own for own in seeds.values()), -seed))
        return {
            arm: _by_day(self.folder / "snapshots" / arm / str(common if common in own else own[0]))
            for arm, own in seeds.items()
            if own
        }

    def what_was_run(self) -> str:
        """Replicates, seeds, section and days in words."""
        low, high = self.replicates
        count = f"{high}" if low == high else f"{low} to {high}"
        listed = _listed(np.sort(self.series["seed"].unique()))
        twins = f"{count} twin replicate{'s' if high > 1 else ''} per arm ({listed})"
        sizes = {kind.shape for kind in self.sections.values()}
        if len(sizes) != 1:
            return f"{twins}, {self.days:g} days."
        tall, wide = (SPACING / 1000 * sites for sites in sizes.pop())
        return f"{twins}, section of {wide:g} mm x {tall:g} mm, {self.days:g} days."


def read_study(folder: Path) -> Drawn:
    """Read what there is in the folder of a study.

    Raises:
        DamagedError: the series are not what was written.
        OSError: no series there.
    """
    series = read_series(folder / "series.parquet")
    told = provenance.read(folder)
    there = list(dict.fromkeys(series["arm"].astype(str)))
    known = [arm for arm in told.get("arms", []) if arm in there]
    arms = tuple(dict.fromkeys([*known, *there]))
    titles = {arm: told.get("titles", {}).get(arm, arm.replace("_", " ")) for arm in arms}
    return Drawn(folder, arms, titles, frozenset(told.get("predictions", [])), series)


def _seeds(folder: Path) -> list[int]:
    """Seeds with snapshots, sorted."""
    return sorted({int(path.parent.name) for path in folder.glob(f"*/{_DAY}*.npz")})


def _by_day(folder: Path) -> dict[float, Path]:
    """Snapshots by day, sorted."""
    return dict(sorted((float(path.stem.removeprefix(_DAY)), path) for path in folder.glob(f"{_DAY}*.npz")))


def _listed(seeds: np.ndarray) -> str:
    """Seeds in words."""
    if seeds.size == 1:
        return f"seed {seeds[0]}"
    if seeds[-1] - seeds[0] == seeds.size - 1:
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return f"seeds {', '.join(str(seed) for seed in seeds)}"
