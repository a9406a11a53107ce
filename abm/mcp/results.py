"""Results in the folder for outputs: which there are, their numbers and time courses. No other folder is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, Field

from abm.core.names import nearest
from abm.mcp.answers import ArmInAnswer, Evidence, Row, arms_in_answer, evidence_of, number
from abm.model.measures import measures_in
from abm.runs.status import Status
from abm.scenario.record import read_record
from abm.scenario.scenario import Scenario
from abm.studies import compare
from abm.studies.comparison import Comparison, open_comparison
from abm.studies.opening import open_study
from abm.studies.sweep.results import StudyFolder, is_study
from abm.studies.sweep.results import status as sweep_status
from abm.studies.sweep.selection import NoStudyError, UnknownNameError

HOURS_PER_DAY = 24.0
OVERVIEW = "overview.csv"
NUMBERS = ("value", "low", "high")  # of a row


class Result(BaseModel):
    """Results in a folder."""

    name: str
    kind: str = Field(description="comparison (arms x replicates) or sweep (arms x axes x replicates).")
    done: int
    total: int


class Results(BaseModel):
    """All results."""

    results: list[Result]


class ResultsAnswer(BaseModel):
    """Numbers of finished runs."""

    name: str
    kind: str
    done: int
    total: int
    arms: list[ArmInAnswer]
    seeds: list[int] = Field(description="One per replicate; the same in each arm (twins).")
    rows: list[Row] = Field(description="Of a comparison.")
    overview: list[dict[str, Any]] = Field(default_factory=list, description="Of a sweep: one row per point.")
    measures: dict[str, str] = Field(description="Curves that read_time_course can read, with what they are.")
    failures: list[str]
    evidence: Evidence


class CoursePoint(BaseModel):
    """A time of a time course: median and middle half over replicates."""

    arm: str
    day: float
    median: float
    lower_quartile: float
    upper_quartile: float
    n: int


class TimeCourse(BaseModel):
    """A measure over time."""

    name: str
    measure: str
    unit: str
    meaning: str
    points: list[CoursePoint]
    evidence: Evidence


def list_results(outputs: Path) -> Results:
    """Comparisons and sweeps in the folder, by name."""
    found = []
    for folder in sorted(outputs.iterdir()) if outputs.is_dir() else []:
        if folder.is_dir() and not folder.is_symlink() and (kind := _kind(folder)):
            known = _STATUS[kind](folder)
            found.append(Result(name=folder.name, kind=kind, done=known.done, total=known.total))
    return Results(results=found)


def read_results(outputs: Path, name: str) -> ResultsAnswer:
    """The numbers of a comparison or sweep.

    Raises:
        NoStudyError: there is none of this name, or it has no tables yet. DamagedError: a file of it is damaged.
    """
    folder = folder_of(outputs, name)
    study, progress = open_study(folder), _STATUS[_kind(folder)](folder)
    scenarios = _scenarios(study)
    is_comparison = isinstance(study, Comparison)
    return ResultsAnswer(
        name=name,
        kind=_kind(folder),
        done=progress.done,
        total=progress.total,
        arms=arms_in_answer(scenarios),
        seeds=list(study.seeds) if isinstance(study, Comparison) else [],
        rows=rows_of(study) if isinstance(study, Comparison) else [],
        overview=[] if is_comparison else _overview(folder),
        measures={key: one.meaning for key, one in measures_in(scenarios).items()},
        failures=list(study.failures) if isinstance(study, Comparison) else [],
        evidence=evidence_of(scenarios),
    )


def read_time_course(outputs: Path, name: str, measure: str, arms: Sequence[str], every_days: float) -> TimeCourse:
    """A measure of a comparison over time.

    Raises:
        NoStudyError: there is no comparison of this name. UnknownNameError: no such measure or arm.
    """
    folder = folder_of(outputs, name)
    if _kind(folder) != "comparison":
        raise NoStudyError(f'"{name}" is a sweep, whose curves differ by point: `embers` and abm.open_study read them')
    study = open_comparison(folder)
    measures = measures_in(study.scenarios)
    known = [one.name for one in study.scenarios]
    _check_name("measure", measure, measures)
    for arm in arms:
        _check_name("arm", arm, known)
    chosen = study.series(measure, arm=list(arms) or known).dropna(subset=[measure])
    chosen = chosen[(chosen["hour"] / HOURS_PER_DAY % every_days).round(6).isin([0.0, round(every_days, 6)])]
    points = [
        CoursePoint(
            arm=str(arm), day=float(hour) / HOURS_PER_DAY, median=_six(values.median()), n=len(values),
            lower_quartile=_six(values.quantile(0.25)), upper_quartile=_six(values.quantile(0.75)),
        )
        for (arm, hour), values in chosen.groupby(["arm", "hour"], observed=True)[measure]
    ]  # fmt: skip
    order = {arm: at for at, arm in enumerate(known)}
    points.sort(key=lambda point: (order[point.arm], point.day))
    return TimeCourse(
        name=name,
        measure=measure,
        unit=measures[measure].unit,
        meaning=measures[measure].meaning,
        points=points,
        evidence=evidence_of([one for one in study.scenarios if not arms or one.name in arms]),
    )


def rows_of(study: Comparison) -> list[Row]:
    """The numbers of a comparison that are there."""
    found = ({**row, **{name: number(row[name]) for name in NUMBERS}} for row in study.summary.to_dict("records"))
    return [Row.model_validate(row) for row in found if row["value"] is not None]


def folder_of(outputs: Path, name: str) -> Path:
    """The folder of this name in the folder for outputs.

    Raises:
        NoStudyError: there is none; also where the name is a path, or a link leads elsewhere.
    """
    known = {one.name for one in list_results(outputs).results}
    folder = outputs / name if name in known else None
    if folder is None or folder.resolve().parent != outputs.resolve():
        near = nearest(name, known)
        hint = f"; nearest: {', '.join(near)}" if near else "; list_results shows all"
        raise NoStudyError(f'there are no results named "{name}" in the folder for outputs{hint}')
    return folder


_STATUS: Mapping[str, Callable[[Path], Status]] = {"comparison": compare.status, "sweep": sweep_status}


def _kind(folder: Path) -> str:
    if compare.is_comparison(folder):
        return "comparison"
    return "sweep" if is_study(folder) else ""


def _scenarios(study: Comparison | StudyFolder) -> list[Scenario]:
    if isinstance(study, Comparison):
        return list(study.scenarios)
    folder = study.folder / "study" / "arms"
    return [read_record(folder / f"{arm}.toml") for arm in study.arms if (folder / f"{arm}.toml").is_file()]


def _overview(folder: Path) -> list[dict[str, Any]]:
    """One row per point of a sweep; empty before its first table is written."""
    path = folder / OVERVIEW
    if not path.is_file():
        return []
    rows = pd.read_csv(path).to_dict("records")
    return [{str(key): value for key, value in row.items() if not pd.isna(value)} for row in rows]


def _six(value: float) -> float:
    """A number in six digits."""
    return float(f"{value:.6g}")


def _check_name(noun: str, name: str, known: Sequence[str] | Mapping[str, Any]) -> None:
    if name not in known:
        near = ", ".join(nearest(name, known) or list(known))
        raise UnknownNameError(f'there is no {noun} "{name}"; nearest: {near}')
