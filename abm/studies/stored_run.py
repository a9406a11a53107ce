"""A finished run read back from the folder of `embers run`, `compare` or `sweep`: what `abm.simulate` gives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.model.snapshots import StaticSection, origin_of
from abm.runs.store.run_file import DAMAGE, pictures, unpack
from abm.runs.store.sealed import DamagedError, check
from abm.runs.store.snapshot_file import SECTION, read_section, read_snapshot
from abm.scenario.posterior import SETS, sample_of
from abm.scenario.record import read_record
from abm.scenario.scenario import Scenario
from abm.studies.design.inputs import FOLDER as INPUTS
from abm.studies.design.set_axis import SET, with_sets
from abm.studies.design.study import Point, Study
from abm.studies.design.study_file import read_study
from abm.studies.simulation import Simulation
from abm.studies.sweep.selection import UnknownNameError, check_names

if TYPE_CHECKING:
    from abm.studies.sweep.results import StudyFolder

HOURS_PER_DAY = 24.0
SHOWN = 20  # numbers in a message


class NoRunError(LookupError):
    """A run that cannot be opened: not finished, or not chosen among several; the text says what to do."""


def run_of_comparison(folder: Path, arm: str | None, replicate: int | None, seed: int | None) -> Simulation:
    """A run of `embers compare` or `embers run`.

    Args:
        folder: of the comparison.
        arm: name of its scenario; may be left out if there is one arm.
        replicate: its number, from 1; or
        seed: its seed; may both be left out if there is one replicate.

    Raises:
        UnknownNameError: there is no such arm. NoRunError: no such run, or it is not finished.
        DamagedError: a file of it is not what was written.
    """
    path = folder / "runs.parquet"
    if not path.is_file():
        raise NoRunError(f'"{folder}" has no tables yet: the command that made it, run again, writes them')
    check(path)
    runs = _chosen(pd.read_parquet(path), folder, {"arm": arm, "replicate": replicate, "seed": seed})
    row = runs.iloc[0]
    if row["status"] != "done":
        raise NoRunError(f'"{folder}": the run of arm {row["arm"]}, seed {row["seed"]}, is {row["status"]}')
    file = folder / "runs" / f"{row['id']}.zip"
    try:
        facts, series, events = unpack(file)
        files = pictures(file)
    except DAMAGE as error:
        raise DamagedError(file) from error
    scenario = read_record(folder / "scenarios" / f"{row['arm']}.toml")
    return _simulation(scenario, int(row["seed"]), (series.to_pandas(), events.to_pandas(), facts["digest"]), files)


def run_of_sweep(study: StudyFolder, run: int | None, where: Mapping[str, Any] | None = None) -> Simulation:
    """A run of `embers sweep`; it has the measures and events that the study keeps.

    Args:
        study: what was run.
        run: its number; or
        where: values of columns of `study.runs()`, which one run alone has.

    Raises:
        UnknownNameError: there is no such run or column. NoRunError: it is not finished, or it is not one run.
        DamagedError: a file of it is not what was written.
    """
    if run is not None and where:
        raise NoRunError("a run is named by its number, or by values of columns, not by both")
    if run is None:
        run = _number_of(study, where or {})
    design = study.design(filters=[("run", "=", run)])
    if design.empty:
        raise UnknownNameError(f"there is no run {run}; there are runs 0 to {int(study.facts['runs']) - 1}")
    row = design.iloc[0]
    runs = study.runs()
    (found,) = runs[runs["run"] == run].to_dict("records")
    if found["status"] != "done":
        raise NoRunError(f'"{study.folder}": run {run} is {found["status"]}')
    series = study.series(run=run)[["hour", *study.measures]]
    events = study.events(run=run)
    labels = ["arm", "run", "point", "replicate", "seed", *study.axes]
    described = _study_in(study, float(series["hour"].max()))
    coordinates = tuple(None if np.isnan(row[axis.name]) else float(row[axis.name]) for axis in described.axes)
    scenario = described.scenario(Point(study.arms.index(row["arm"]), coordinates))
    tables = (series, events.drop(columns=labels), str(found["digest"]))
    return _simulation(scenario, int(row["seed"]), tables, study.pictures(row["id"]))


def _number_of(study: StudyFolder, where: Mapping[str, Any]) -> int:
    """The number of the one run whose columns have these values."""
    runs = study.runs()
    check_names(list(where), runs.columns, "column")
    for name, value in where.items():
        there = list(runs[name].dropna().unique())
        same = np.isclose(runs[name], value, rtol=1e-9, atol=0.0) if isinstance(value, float) else (runs[name] == value)
        runs = runs[np.asarray(same, dtype=bool)]
        if runs.empty:
            listed = ", ".join(map(str, there[:SHOWN])) + (" ..." if len(there) > SHOWN else "")
            raise NoRunError(f'"{study.folder}" has no run with {name} {value}. There are: {listed}')
    if len(runs) > 1:
        more = [name for name in ("arm", *study.axes, "seed") if len(set(runs[name].dropna())) > 1]
        raise NoRunError(
            f'"{study.folder}" has {len(runs)} such runs: say {" and ".join(more)}, or the number of the run'
        )
    return int(runs["run"].iloc[0])


def _chosen(runs: pd.DataFrame, folder: Path, asked: Mapping[str, str | int | None]) -> pd.DataFrame:
    """The one run that is asked for."""
    for name, value in asked.items():
        there = list(dict.fromkeys(runs[name]))
        if value is None and (len(there) == 1 or name == "seed"):
            continue
        if value is None and name == "replicate" and asked["seed"] is not None:
            continue
        listed = ", ".join(map(str, there[:SHOWN])) + (" ..." if len(there) > SHOWN else "")
        if value is None:
            raise NoRunError(f'"{folder}" has several runs: name one {name}. There are: {listed}')
        if name == "arm":
            check_names([value], there, "arm")
        runs = runs[runs[name] == value]
        if runs.empty:
            raise NoRunError(f'"{folder}" has no run with {name} {value}. There are: {listed}')
    return runs


def _study_in(folder: StudyFolder, hours: float) -> Study:
    """The study as it was read when it was run; hours: length of its runs, which an option may have shortened."""
    name = folder.facts["name"]
    files = sorted((folder.folder / INPUTS).glob("*.toml"))
    (file,) = [one for one in files if name.startswith(one.stem)] or files
    study = read_study(file)
    if any(abs(arm.duration - hours) > 1e-6 for arm in study.arms):
        study = read_study(file, days=hours / HOURS_PER_DAY)
    return with_sets(study, sample_of(folder.folder / SETS)) if SET in folder.axes else study


def _simulation(
    scenario: Scenario, seed: int, tables: tuple[pd.DataFrame, pd.DataFrame, str], files: Mapping[str, bytes]
) -> Simulation:
    """A run from its tables (curves, events, digest) and the files of its section and snapshots."""
    series, events, digest = tables
    section = read_section(files[SECTION]) if SECTION in files else _no_section()
    origin = origin_of(scenario, seed)
    found = [read_snapshot(content, section, origin) for name, content in files.items() if name != SECTION]
    snapshots = sorted(found, key=lambda one: one.hour)
    end = snapshots[-1] if snapshots else None
    return Simulation(scenario, seed, series, events, snapshots, digest, section, None, end)


def _no_section() -> StaticSection:
    """The section of a run that was kept without pictures."""
    nothing = np.zeros(0, np.int32)
    return StaticSection(np.zeros((0, 0), np.uint8), nothing, nothing, nothing)
