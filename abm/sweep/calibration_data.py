"""What a study is fitted to: curves of the model against a table of data, joined on time with units."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.core.quantity import Quantity
from abm.measures import MEASURES
from abm.scenario import Scenario
from abm.study.scenario_errors import Fault
from abm.study.scenario_source import label
from abm.study.scenario_table import Table
from abm.study.units import UnitError, to_number
from abm.sweep.axis_file import yes_or_no

LARGEST = 1e30
TIME = Quantity("time of a measurement", "h", 0.0, 87600.0, "data")
ERROR = Quantity("standard error of a value, on the scale of the curve", "", 1e-9, LARGEST, "study")
FIRST, GENERATIONS, POPULATION, DRAWS = 64, 6, 24, 48
COLUMNS = ("arm", "measure", "where", "time", "time_unit", "value", "unit", "error", "scale", "relative")


@dataclass(frozen=True)
class DataCurve:
    """One curve of the data, with the curve of the model that it is held against.

    Attributes:
        arm, measure: of the model. hours, means, errors: float64[n], rising times [h], means on the scale, and their
            standard errors. logarithmic: whether values are log10. relative: whether only the shape counts (a factor,
            or without logarithm a shift, is free).
    """

    arm: str
    measure: str
    hours: np.ndarray
    means: np.ndarray
    errors: np.ndarray
    logarithmic: bool
    relative: bool


@dataclass(frozen=True)
class Calibration:
    """What to fit to, and how much work to spend.

    Attributes:
        curves: of the data. first: points of the first look, a power of two. generations, population: of the search.
        draws: posterior samples that are simulated.
    """

    curves: tuple[DataCurve, ...]
    first: int
    generations: int
    population: int
    draws: int


def read_calibration(table: Table, folder: Path, arms: tuple[Scenario, ...]) -> Calibration | None:
    """The table [calibrate]; None where there is none. Faults are noted in the table's reading."""
    if not table.content:
        return None
    file = folder / table.text("data")
    rows = _rows(table, file)
    work = {name: table.whole(name, usual, least=1) for name, usual in
            (("first", FIRST), ("generations", GENERATIONS), ("population", POPULATION), ("draws", DRAWS))}  # fmt: skip
    if work["first"] & (work["first"] - 1):
        table.refuse("first", work["first"], "is not a power of two")
    curves = [_curve(entry, file, rows, arms) for entry in table.rows("curve")]
    if not curves and (*table.key, "curve") not in table.reading.faulty:
        table.reading.refuse((*table.key, "curve"), "", "is missing", hint="entries [[calibrate.curve]]")
    table.finish(("data", "curve", *work))
    return Calibration(tuple(curve for curve in curves if curve), **work)


def _rows(table: Table, file: Path) -> list[dict[str, str]]:
    """The rows of the data, each with its line as "" (an empty name)."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(line for line in stream if not line.startswith("#"))
            return [row | {"": str(reader.line_num)} for row in reader]
    except (OSError, ValueError, csv.Error) as error:
        table.refuse("data", file.name, f"cannot be read: {getattr(error, 'strerror', None) or error}")
        return []


def _curve(entry: Table, file: Path, rows: list[dict[str, str]], arms: tuple[Scenario, ...]) -> DataCurve | None:
    names = [arm.name for arm in arms] or [""]
    arm = entry.choice("arm", names, names[0])
    measure = entry.choice("measure", list(MEASURES))
    where = entry.take("where") or {}
    time, time_unit = entry.text("time", "day"), entry.text("time_unit", "d")
    value, unit = entry.text("value", "value"), entry.text("unit", MEASURES[measure].unit)
    error = entry.number("error", ERROR, -1.0)
    logarithmic = entry.choice("scale", ("linear", "logarithmic"), "linear") == "logarithmic"
    relative = yes_or_no(entry, "relative", False)
    entry.finish(COLUMNS)
    if not isinstance(where, dict):
        entry.refuse("where", where, "is not a table of columns and values", 'such as { observable = "il6" }')
        return None
    kept = [row for row in rows if all(row.get(key) == str(text) for key, text in where.items())]
    if rows and not kept:
        entry.refuse("where", where, f"no row of {file.name} is like this")
    own = next((one for one in arms if one.name == arm), None)
    noted = len(entry.reading.faults)
    points = list(_points(entry, file, kept, (time, time_unit, value, unit), measure, relative, logarithmic))
    if noted < len(entry.reading.faults) or not points or own is None:
        return None
    late = [hour for hour, _ in points if hour > own.duration]
    if late:
        problem = f"{len(late)} rows are later than the end of the run"
        entry.refuse("time", time, problem, f"up to {own.duration / 24.0:g} d")
        return None
    return _joined(arm, measure, points, error, logarithmic, relative, entry)


def _points(
    entry: Table, file: Path, rows: list[dict[str, str]], columns: tuple[str, str, str, str], measure: str,
    relative: bool, logarithmic: bool,
) -> Iterator[tuple[float, float]]:  # fmt: skip
    """Time [h] and value on the scale of each row; faulty ones are noted with their line."""
    time, time_unit, value, unit = columns
    kind = Quantity(MEASURES[measure].meaning, "" if relative else MEASURES[measure].unit, -LARGEST, LARGEST, "data")
    for row in rows:
        try:
            hour = to_number(f"{_cell(row, time)} {time_unit}", TIME)
            number = to_number(f"{_cell(row, value)} {unit}" if kind.unit else float(_cell(row, value)), kind)
            if logarithmic and number <= 0.0:
                raise UnitError("has no logarithm")
        except (UnitError, ValueError) as error:
            problem = error.problem if isinstance(error, UnitError) else "is not a number"
            told = ", ".join(f"{name} = {row.get(name)}" for name in (time, value))
            entry.reading.faults.append(Fault(label(file), int(row[""]), told, "", problem))
        else:
            yield hour, math.log10(number) if logarithmic else number


def _cell(row: Mapping[str, str], name: str) -> str:
    if row.get(name) is None:
        raise UnitError(f'there is no column "{name}"; there are {", ".join(key for key in row if key)}')
    return row[name]


def _joined(
    arm: str, measure: str, points: list[tuple[float, float]], error: float, logarithmic: bool, relative: bool,
    entry: Table,
) -> DataCurve | None:  # fmt: skip
    """The curve of these points: those of one time are replicates, which tell the error where none is given."""
    hours = np.unique([hour for hour, _ in points])
    groups = [np.array([value for hour, value in points if hour == at]) for at in hours]
    counts = np.array([group.size for group in groups])
    spread = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    freedom = int((counts - 1).sum())
    if error < 0.0 and (freedom < 2 or spread == 0.0):
        entry.reading.refuse(entry.key, "", "has no error and no replicates that tell it", hint="error = 0.2")
        return None
    deviation = math.sqrt(spread / freedom) if error < 0.0 else 0.0
    errors = np.full(hours.size, error) if error > 0.0 else deviation / np.sqrt(counts)
    means = np.array([group.mean() for group in groups])
    return DataCurve(arm, measure, hours, means, errors, logarithmic, relative)
