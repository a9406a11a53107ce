"""One run: a scenario and a seed become curves, events and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from abm.model.establishment import INFECTED
from abm.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from abm.model.snapshots import Snapshot, StaticSection

# abm.model.lung_model brings Mesa with it, which takes a second to import: only workers need it, so it is imported
# where it is used.
TOLD_EVERY = 24.0  # h of the model


@dataclass(frozen=True)
class Fork:
    """Where a run begins and what is saved of it.

    Attributes:
        begin: a saved state to go on from; None: from day 0.
        save: where its state at `hour` is saved; None: nowhere.
    """

    begin: Path | None = None
    save: Path | None = None
    hour: float = 0.0


NO_FORK = Fork()


class KeptOfRun(NamedTuple):
    """What the file of a run keeps.

    Attributes:
        measures, events: names of curves and kinds of events; None: all.
        section: whether also of a run that has no snapshot.
    """

    measures: tuple[str, ...] | None = None
    events: tuple[str, ...] | None = None
    section: bool = True


EVERYTHING = KeptOfRun()
FACTS = "run.json"  # entry of the file of a run with what is known of it


class StoppedError(RuntimeError):
    """A run was stopped, as it had too many cells: when and why; `recorded`: its measures until then, as CSV."""

    def __init__(self, problem: str, recorded: str) -> None:
        """Keep what was recorded."""
        super().__init__(problem)
        self.recorded = recorded


class Frames(NamedTuple):
    """What a run gives.

    Attributes:
        series: hour and every measure, one row a time.
        events: one row an event of a cancer cell.
        snapshots: the tissue at the times the scenario asks for.
        section: what of the section stays the same.
        digest: hash of the state at the end. seeded: dormant cells at the start.
        peak_infected: largest share of the epithelium infected at a recorded time (see `abm.model.establishment`).
    """

    series: pd.DataFrame
    events: pd.DataFrame
    snapshots: list[Snapshot]
    section: StaticSection
    digest: str
    seeded: int
    peak_infected: float


def simulate(
    scenario: Scenario, seed: int, tell: Callable[[float], None] | None = None, fork: Fork = NO_FORK
) -> Frames:
    """Run a scenario to its end; `tell` hears once a day of the model which share of it is done.

    Raises:
        StoppedError: it has more cells than a run may hold.
        PastDiffersError: it cannot begin where `fork` says.
        OSError: the state cannot be read or saved.
    """
    from abm.model.lung_model import LungModel
    from abm.model.snapshots import static_section
    from abm.tissue.capacity import CrowdedError

    if fork.begin or fork.save:
        from abm.runs.store.checkpoint import load, resumed, save
    # Scenarios are checked where they come in; a study made shorter keeps treatments that would begin after its end.
    model = resumed(load(fork.begin), scenario) if fork.begin else LungModel(scenario, seed=seed, checked=False)
    stride = max(1, round(TOLD_EVERY / scenario.step))
    last = round(fork.hour / scenario.step) if fork.save else -1
    while model.tick < model.ticks:
        ahead = min(model.tick + stride, model.ticks)
        try:
            model.run_until(last if model.tick < last < ahead else ahead)
        except CrowdedError as error:
            told = f"stopped on day {model.day:.3g}: {error}; what was recorded is kept beside this message, as .csv"
            raise StoppedError(told, model.result().series.to_csv(index=False)) from error
        if fork.save and model.tick == last:
            save(model, fork.save)
        if tell:
            tell(model.tick / model.ticks)
    run = model.result()
    tissue = model.tissue
    frames = Frames(
        run.series, run.events, run.snapshots, static_section(tissue), model.digest(), int(tissue.clones.size),
        float(run.series[INFECTED].max()),
    )  # fmt: skip
    model.close()
    return frames
