"""Many runs from Python: `abm.compare("no_virus", "influenza", replicates=4)` is `embers compare`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console

from abm.core.seeds import seed_of
from abm.core.tree import ShownAsTree, Tree, tree
from abm.model.measures import measures_in
from abm.plots.curves import curves_figure
from abm.plots.data import read_study
from abm.plots.figures import STYLE
from abm.reporting.summary import SummaryRow
from abm.reporting.uncertainty import UncertaintyRow
from abm.reporting.uncertainty_report import read_uncertainty
from abm.runs import failures, provenance
from abm.runs.pool import usable_cores
from abm.runs.progress import Show
from abm.runs.store.files import outputs_folder
from abm.runs.store.sealed import check
from abm.runs.store.tables import read_series, told_of
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.given import scenario_from
from abm.scenario.posterior import SETS, sample_of
from abm.scenario.record import read_record
from abm.scenario.scenario import Scenario
from abm.scenario.shown import tree_of
from abm.studies.compare import perform, plan
from abm.studies.sweep.selection import NoStudyError, check_names
from abm.studies.table_queries import Chosen, as_xarray, check_where, matching, measures_asked

if TYPE_CHECKING:
    import xarray as xr

    from abm.studies.simulation import Simulation


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(ShownAsTree):
    """Scenarios that were run side by side, as twins.

    Attributes:
        scenarios: what was run.
        seeds: one per replicate, the same in each scenario.
        folder: of the results: tables, figures, scenarios as used, README.txt.
        summary: one row per number: scenario, what it is compared with, quantity, unit, value and its interval.
        figures: files of the figures.
        failures: one line per run that failed.
        uncertainty: with parameter sets, one row per number: its interval by chance, its median and range over sets.
    """

    scenarios: tuple[Scenario, ...]
    seeds: tuple[int, ...]
    folder: Path
    summary: pd.DataFrame
    figures: tuple[Path, ...]
    failures: tuple[str, ...]
    uncertainty: pd.DataFrame

    @property
    def arms(self) -> list[str]:
        """Names of the scenarios."""
        return [one.name for one in self.scenarios]

    @cached_property
    def measures(self) -> dict[str, dict[str, str]]:
        """Unit and meaning of each measure of the curves, by name."""
        return told_of(measures_in(self.scenarios))

    def series(self, measures: str | Sequence[str] | None = None, **where: Chosen) -> pd.DataFrame:
        """Curves: one row per run and time.

        Columns: arm, replicate, seed, hour, one per measure.

        Args:
            measures: columns to read; else all.
            where: only rows with this value, or one of these, in a column: arm="influenza", hour=360.0.

        Raises:
            UnknownNameError: with the nearest names. DamagedError: the table is not what was written.
        """
        names = measures_asked(measures, self.measures)
        table = read_series(self.folder / "series.parquet", names)
        check_where(where, list(table), self.arms)
        return matching(table, where)

    def events(self, columns: Sequence[str] | None = None, **where: Chosen) -> pd.DataFrame:
        """Awakenings, births, returns, deaths and first lesions: one row an event; `where` as for `series`.

        Columns: arm, replicate, seed, hour, kind, cause, uid, parent, clone, x, y, il6.
        """
        table = _table(self.folder / "events.parquet")
        check_where(where, list(table), self.arms)
        check_names(list(columns or []), list(table), "column")
        return matching(table, where)[list(columns or table)]

    def runs(self) -> pd.DataFrame:
        """One row per run: arm, replicate, seed, id, status, seconds, seeded, digest, peak_infected."""
        return _table(self.folder / "runs.parquet")

    def open_run(self, arm: str | None = None, replicate: int | None = None, seed: int | None = None) -> Simulation:
        """A run with its curves, events and snapshots: see `abm.open_run`."""
        from abm.studies.stored_run import run_of_comparison

        return run_of_comparison(self.folder, arm, replicate, seed)

    def to_xarray(self, measures: str | Sequence[str] | None = None, **where: Chosen) -> xr.Dataset:
        """Curves as an array over arm, replicate and hour.

        Raises:
            MissingLibraryError: xarray is not installed.
        """
        names = measures_asked(measures, self.measures)
        told = {name: self.measures[name] for name in names}
        return as_xarray(self.series(names, **where), ["arm", "replicate", "hour"], told, " vs ".join(self.arms))

    @cached_property
    def sets(self) -> pd.DataFrame:
        """Every number of the summary under every parameter set: set, arm, against, quantity, unit, value, n ..."""
        path = self.folder / SETS / "summary.csv"
        return pd.read_csv(path, keep_default_na=False, na_values={"value": ""}) if path.is_file() else pd.DataFrame()

    def plot(self) -> Figure:
        """The curves of all scenarios, median and spread over the replicates."""
        with matplotlib.rc_context(STYLE):
            return curves_figure(read_study(self.folder))

    def _tree(self) -> Tree:
        """The first scenario, and of each other one what differs from it."""
        first, *others = map(tree_of, self.scenarios)
        failed = [tree("failed runs", *self.failures)] if self.failures else []
        sets = [f"uncertainty: over {self.uncertainty['sets'].max()} parameter sets"] if len(self.uncertainty) else []
        return tree(
            f"Comparison of {len(self.scenarios)} scenarios, {len(self.seeds)} replicates each (twins)",
            first,
            *(Tree(other.line, tuple(one for one in other.branches if one not in first.branches)) for other in others),
            f"seeds: {self.seeds[0]} to {self.seeds[-1]}",
            f"summary: {len(self.summary)} numbers; figures: {len(self.figures)}",
            *sets,
            *failed,
            f"folder: {self.folder}",
        )


def compare(  # noqa: PLR0913 - one argument per option of the command
    *scenarios: Scenario | str | Path,
    replicates: int = 8,
    seed: int = 1,
    days: float | None = None,
    workers: int | None = None,
    out: str | Path = "outputs",
    figures: bool = True,
    fresh: bool = False,
    progress: bool | None = None,
    posterior: int | str | Path | None = None,
) -> Comparison:
    """Run scenarios side by side as twins, on several cores; what is finished already is only read.

    A script that calls this needs `if __name__ == "__main__":`, as each worker reads the script.

    Args:
        scenarios: names of packaged scenarios, paths of files, or Scenarios.
        replicates: runs per scenario.
        seed: of the first replicate; the others count up from it.
        days: length of the runs; by default that of the scenarios.
        workers: processes; by default one per core.
        out: folder in which that of the results is made.
        figures: whether to draw them.
        fresh: whether to run again what is complete, in a new folder.
        progress: whether to show how far it is; by default on a terminal only.
        posterior: parameter sets under which everything is run as well: how many of the packaged sample; or a file or
            the folder of a fit, also with a number: "outputs/fit:20".

    Raises:
        ScenarioError: with all faults of all scenarios; two of the same name.
        PosteriorError: there is no such sample, or it has fewer sets.
        SeedError: it is no seed.
        ValueError: no scenario, no replicate, no worker.
        StorageError: the folder is full or cannot be written; finished runs are kept.
        RuntimeError: all runs failed.
        KeyboardInterrupt: finished runs are kept; the same call continues.
    """
    if not scenarios or replicates < 1 or (workers is not None and workers < 1):
        raise ValueError("compare needs at least one scenario, one replicate and one worker")
    arms = _arms(scenarios, days)
    first = seed_of(seed)
    sample = None if posterior is None else sample_of(posterior)
    study = plan(arms, range(first, first + replicates), sample)
    console = Console(stderr=True)
    console.quiet = not (console.is_terminal if progress is None else progress)
    most = len(arms) * replicates * (1 + len(study.sets))
    result = perform(study, outputs_folder(out), min(workers or usable_cores(), most), Show(console), fresh, figures)
    if result.interrupted:
        raise KeyboardInterrupt(f"{result.done} of {result.total} runs are finished and kept in {result.folder}")
    if not result.done:
        raise RuntimeError("all runs failed:\n" + "\n".join(result.failures))
    summary = pd.DataFrame(result.rows, columns=SummaryRow._fields)
    uncertainty = pd.DataFrame(result.uncertainty, columns=UncertaintyRow._fields)
    figures_made, failed = tuple(result.figures), tuple(result.failures)
    return Comparison(arms, study.seeds, result.folder, summary, figures_made, failed, uncertainty)


def open_comparison(folder: Path) -> Comparison:
    """The comparison in the folder of `embers compare`, `embers run` or `abm.compare`, finished or not.

    Raises:
        NoStudyError: it has no tables yet.
        DamagedError: a file of it is damaged.
        ScenarioError: a scenario of another version cannot be read any more.
    """
    told = provenance.read(folder)
    if not (folder / "summary.json").is_file():
        raise NoStudyError(f'"{folder}" has no tables yet: the command that made it, run again, writes them')
    scenarios = tuple(read_record(folder / "scenarios" / f"{name}.toml") for name in told["arms"])
    rows = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    failed = tuple(failure.line for failure in failures.read(folder).values())
    figures = tuple(sorted((folder / "figures").glob("*.png")))
    summary = pd.DataFrame(rows, columns=SummaryRow._fields)
    uncertainty = pd.DataFrame(read_uncertainty(folder), columns=UncertaintyRow._fields)
    return Comparison(scenarios, tuple(told["seeds"]), folder, summary, figures, failed, uncertainty)


def _table(path: Path) -> pd.DataFrame:
    check(path)
    return pd.read_parquet(path)


def _arms(given: Sequence[Scenario | str | Path], days: float | None) -> tuple[Scenario, ...]:
    """The scenarios, each of another name.

    Raises:
        ScenarioError: with all faults of all of them.
    """
    arms: list[Scenario] = []
    faults: list[Fault] = []
    for one in given:
        try:
            scenario = scenario_from(one)
            arms.append(scenario if days is None else scenario.with_duration(f"{days} d"))
        except ScenarioError as error:
            faults += error.faults
    names = [arm.name for arm in arms]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        hint = f'give one of them another name: scenario.with_name("{name}_2")'
        faults.append(Fault("compare", 0, "scenario", f'"{name}"', "is the name of two of them", hint=hint))
    if faults:
        raise ScenarioError(list(dict.fromkeys(faults)))
    return tuple(arms)
