"""One run from Python: `abm.simulate("influenza", seed=1, days=28)`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console

from abm.core.tree import ShownAsTree, Tree, tree
from abm.exchange.to_xarray import to_xarray
from abm.model.lung_model import HOURS_PER_DAY, LungModel
from abm.model.snapshots import Snapshot, StaticSection
from abm.plots.one_run import run_figure, run_tissue_figure
from abm.runs.progress import Show
from abm.scenario.given import scenario_from
from abm.scenario.prediction import is_prediction
from abm.scenario.scenario import Scenario
from abm.scenario.shown import time_text, tree_of

if TYPE_CHECKING:
    import xarray as xr

PATIENCE = 2.0  # s: a run that takes longer shows how far it is


@dataclass(frozen=True, eq=False, repr=False)
class Simulation(ShownAsTree):
    """A finished run.

    Attributes:
        scenario: what was run.
        seed: of chance.
        series: hour and every measure, one row per recorded time.
        events: awakenings with their cause, births, returns, deaths and first lesions, one row per event.
        snapshots: the tissue at the times that the scenario asks for.
        digest: hash of the final state; two runs with the same digest are the same, bit for bit.
        section: what of the section stays the same.
        model: the model as it stands at the end, to look at or to go on with; None of a run that was read from a file.
        end: the tissue at the end; of a run that was read, its last snapshot, None if it has none.
    """

    scenario: Scenario
    seed: int
    series: pd.DataFrame
    events: pd.DataFrame
    snapshots: list[Snapshot]
    digest: str
    section: StaticSection
    model: LungModel | None = None
    end: Snapshot | None = None

    def plot(self) -> Figure:
        """The curves of cancer cells, infection and immune cells; `plot().savefig("run.png")` keeps them."""
        return run_figure(
            self.series, self.scenario, self.seed, self.section.kind, is_prediction(self.scenario)
        )  # fmt: skip

    def plot_tissue(self, *days: float) -> Figure:
        """The tissue on these days, of which there must be snapshots; without days, at all snapshots.

        Raises:
            KeyError: there is no snapshot of a day, or none at all.
        """
        snapshots = [self.snapshot(day) for day in days] if days else self.snapshots
        if not snapshots:
            raise KeyError("this run has no snapshots")
        return run_tissue_figure(snapshots, self.scenario, self.seed, self.section.kind)

    def snapshot(self, day: float | None = None) -> Snapshot:
        """The tissue on this day, of which there must be a snapshot; without a day, at the end.

        `run.snapshot().to_anndata()` gives its cells as AnnData.

        Raises:
            KeyError: there is none of this day; it says of which there are.
        """
        if day is None and self.end is not None:
            return self.end
        if day is None:
            raise KeyError("this run has no snapshots")
        for snapshot in self.snapshots:
            if abs(snapshot.hour - day * HOURS_PER_DAY) < self.scenario.step / 2:
                return snapshot
        raise KeyError(f"no snapshot of day {day:g}; there are snapshots of days {self._days_of_snapshots()}")

    def to_xarray(self) -> xr.Dataset:
        """The maps of all its snapshots as an xarray Dataset over time, y and x: see `abm.exchange.to_xarray`.

        Raises:
            MissingLibraryError: xarray is not installed; it says how to get it.
            ValueError: there are no snapshots.
        """
        return to_xarray(self.snapshots)

    def _days_of_snapshots(self) -> str:
        return ", ".join(f"{one.hour / HOURS_PER_DAY:g}" for one in self.snapshots) or "none"

    def _tree(self) -> Tree:
        last, kinds = self.series.iloc[-1], self.events["kind"].value_counts()
        happened = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in kinds.items() if count)
        return tree(
            f"Simulation of {time_text(float(last['hour']))}, seed {self.seed}",
            tree_of(self.scenario),
            f"at the end: {_number(last['cells_per_seeded'])} cancer cells per seeded cell, "
            f"of which {_number(last['awake_per_seeded'])} proliferate; {last['lesions']:g} lesions",
            f"events: {happened or 'none'}",
            f"series: {len(self.series)} times of {self.series.shape[1] - 1} measures",
            f"snapshots: days {self._days_of_snapshots()}",
            f"digest: {self.digest[:16]}",
        )


def _number(value: float) -> str:
    """A number with as many digits as people read."""
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"


def simulate(
    scenario: Scenario | str | Path,
    *,
    seed: int | None = None,
    days: float | None = None,
    progress: bool | None = None,
) -> Simulation:
    """Run a scenario once, in this process.

    Args:
        scenario: the name of a packaged scenario, the path of a file, or a Scenario.
        seed: of chance; the same seed in two scenarios makes twins. None draws one, which the result tells.
        days: length of the run; by default that of the scenario.
        progress: whether to show how far a long run is; by default on a terminal only.

    Raises:
        ScenarioError: with all faults of the scenario.
        SeedError: it is no seed.
        CrowdedError: there are more cells than a run may hold.
    """
    used = scenario_from(scenario)
    if days is not None:
        used = used.with_duration(f"{days} d")
    model = LungModel(used, seed=seed)
    with _progress(f"running {used.name}", progress) as tell:
        while model.tick < model.ticks:
            model.run_until(min(model.tick + max(1, round(HOURS_PER_DAY / used.step)), model.ticks))
            tell(model.tick / model.ticks)
    run, end = model.result(), model.snapshot()
    return Simulation(
        used, model.chance_seed, run.series, run.events, run.snapshots, model.digest(), end.section, model, end
    )


@contextmanager
def _progress(text: str, is_wanted: bool | None) -> Iterator[Callable[[float], None]]:
    """A bar that appears once it has taken some time; what it gives is called with the share that is done."""
    console = Console(stderr=True)
    is_shown = console.is_terminal if is_wanted is None else is_wanted
    begin, bars = time.monotonic(), list[Callable[[float], None]]()
    with ExitStack() as stack:

        def tell(done: float) -> None:
            if is_shown and not bars and time.monotonic() - begin > PATIENCE:
                bars.append(stack.enter_context(Show(console).bar(text, 1, "")))
            for bar in bars:
                bar(done)

        yield tell
