"""Parameter sets of a comparison: every arm under every set, with the same seeds, beside the arms as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from abm.runs.job import RunJob
from abm.runs.run_one import KeptOfRun
from abm.runs.store.files import write_text
from abm.runs.store.sealed import is_whole
from abm.scenario.posterior import KEPT, SETS, PosteriorSample
from abm.scenario.scenario import Scenario

if TYPE_CHECKING:
    from abm.reporting.summary import SummaryArm
    from abm.reporting.uncertainty import UncertaintyRow
    from abm.studies.compare import TwinStudy

KEPT_OF_RUN = KeptOfRun(section=False)  # the section is that of the arm as it is
TABLES = ("series", "events", "runs")
COLUMNS = ("arm", "against", "quantity", "unit", "value", "n", "prediction", "note")  # of a number under a set


def arms_under(arms: Sequence[Scenario], sample: PosteriorSample, number: int) -> tuple[Scenario, ...]:
    """The arms under a set, counted from 0, without snapshots."""
    return tuple(replace(sample.scenario(arm, number), snapshots=()) for arm in arms)


def jobs_of(sets: Sequence[TwinStudy], folder: Path) -> Iterator[tuple[int, RunJob]]:
    """Number of the set, counted from 1, and run, set by set."""
    for number, study in enumerate(sets, start=1):
        for job in study.jobs(folder):
            yield number, replace(job, kept=KEPT_OF_RUN, name=f"{job.name}, set {number}")


def held_by(arms: Sequence[Scenario], sample: PosteriorSample) -> list[str]:
    """A line for each arm that sets parameters of the sample itself, which stay."""
    held = {arm.name: sample.held(arm) for arm in arms}
    return [
        f"{name} sets {', '.join(labels)} itself: the scenario wins, the posterior sample does not change them there."
        for name, labels in held.items()
        if labels
    ]


def write_sample(folder: Path, sample: PosteriorSample) -> None:
    """Keep the sets themselves in the folder of a study, so that `--posterior` can name it.

    Raises:
        OSError: no room, no right to write.
    """
    (folder / SETS).mkdir(parents=True, exist_ok=True)
    write_text(folder / SETS / KEPT.name, sample.text())


def is_gathered(folder: Path) -> bool:
    """Whether the tables of a study, or those of its sets, are there and whole."""
    return all(is_whole(folder / f"{name}.parquet") for name in TABLES)


def sum_up_sets(folder: Path, name: str, arms: Sequence[SummaryArm], held: Sequence[str]) -> list[UncertaintyRow]:
    """Work out chance and parameters from the tables, and write them.

    Raises:
        OSError: no room, no right to write.
    """
    from abm.reporting.report import write_rows
    from abm.reporting.statistics import CHANCE, VALUE
    from abm.reporting.summary import curves_by_set, read_curves, summarize
    from abm.reporting.uncertainty import uncertainties
    from abm.reporting.uncertainty_report import write_uncertainty

    by_chance = summarize(read_curves(folder), arms, CHANCE)
    sets = {number: summarize(curves, arms, VALUE) for number, curves in curves_by_set(folder / SETS)}
    rows = uncertainties(by_chance, sets.values())
    numbers = [[number, *(getattr(row, column) for column in COLUMNS)] for number, own in sets.items() for row in own]
    write_rows(folder / SETS / "summary", ("set", *COLUMNS), numbers)
    write_uncertainty(folder, name, rows, held)
    return rows
