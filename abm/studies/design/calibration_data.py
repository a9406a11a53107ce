"""What a study is fitted to: curves of the model against a table of data, joined on time with units.

Rows of one time are replicates. Their arithmetic mean is compared with that of the model's sections (a lung is the sum
of its sections), if need be as a logarithm. Where a column names the subject, a mouse examined at several times, its
rows belong together: a mouse that is ahead is ahead at every time, in every curve, so its numbers are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from abm.core.quantity import Quantity
from abm.model.measures import Measure, measures_in
from abm.scenario.errors import Fault, label
from abm.scenario.scenario import Scenario
from abm.scenario.toml.table import Table
from abm.scenario.toml.units import UnitError, to_number
from abm.studies.design.axis_file import yes_or_no
from abm.studies.design.data_series import several_series
from abm.studies.design.data_table import LINE, TableError, content_of, number_in, rows_of
from abm.studies.design.moderation import moderated
from abm.studies.design.widening import CovariancePart

LARGEST = 1e30
TIME = Quantity("time of a measurement", "h", 0.0, 87600.0, "data")
ERROR = Quantity("standard error of a value, on the scale of the curve", "", 1e-9, LARGEST, "study")
FIRST, GENERATIONS, POPULATION, DRAWS = 64, 6, 24, 48
COLUMNS = ("arm", "measure", "where", "time", "time_unit", "value", "unit", "error", "scale", "relative", "subject")
FEWEST_SUBJECTS = 3
LN_10 = math.log(10.0)


@dataclass(frozen=True)
class DataCurve:
    """One curve of the data, with the curve of the model to compare it with.

    Attributes:
        arm, measure: of the model. unit, meaning: of the measure. hours, means, errors: float64[n],
            rising times [h], means on the scale, and their standard errors (moderated, where subjects tell them).
            logarithmic: whether values are log10. relative: whether only the shape counts (a factor, or without
            logarithm a shift, is free). subjects: who was examined at every time; empty: not told.
        deviations: float64[subjects, n], of each subject from the mean, on the scale. freedom: degrees of freedom
            with which the errors are known.
    """

    arm: str
    measure: str
    unit: str
    meaning: str
    hours: np.ndarray
    means: np.ndarray
    errors: np.ndarray
    logarithmic: bool
    relative: bool
    subjects: tuple[str, ...] = ()
    deviations: np.ndarray | None = None
    freedom: float = math.inf


@dataclass(frozen=True)
class Calibration:
    """What to fit to, and how much work to spend.

    Attributes:
        curves: of the data. first: points of the first look, a power of two. generations, population: of the search.
        draws: posterior samples that are simulated. table: name and content of the file of the data.
    """

    curves: tuple[DataCurve, ...]
    first: int
    generations: int
    population: int
    draws: int
    table: tuple[str, bytes] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def parts(self) -> tuple[CovariancePart, ...]:
        """Of the covariance of all data, curve after curve: one for each group of subjects, one for each other curve.

        Data of the same subjects vary together as the subjects tell; all others are independent.
        """
        errors = np.concatenate([curve.errors for curve in self.curves])
        groups: dict[tuple, list[int]] = {}
        starts = np.cumsum([0, *(curve.hours.size for curve in self.curves)])
        for number, curve in enumerate(self.curves):
            key = (curve.arm, curve.subjects) if curve.subjects else (number,)
            groups.setdefault(key, []).append(number)
        found = []
        for numbers in groups.values():
            places = np.concatenate([np.arange(starts[number], starts[number + 1]) for number in numbers])
            own = [self.curves[number].deviations for number in numbers]
            rows = np.hstack([one for one in own if one is not None]) if self.curves[numbers[0]].subjects else None
            block = np.diag(errors[places] ** 2) if rows is None else rows.T @ rows / len(rows) / (len(rows) - 1)
            whole = np.zeros((errors.size, errors.size))
            whole[np.ix_(places, places)] = block
            found.append(CovariancePart(whole, self.curves[numbers[0]].freedom))
        return tuple(found)


def read_calibration(table: Table, folder: Path, arms: tuple[Scenario, ...]) -> Calibration | None:
    """The table [calibrate]; None where there is none. Faults are noted in the table's reading."""
    if not table.content:
        return None
    file = folder / table.text("data")
    content, rows = _rows(table, file)
    work = {name: table.whole(name, usual, least=1) for name, usual in
            (("first", FIRST), ("generations", GENERATIONS), ("population", POPULATION), ("draws", DRAWS))}  # fmt: skip
    if work["first"] & (work["first"] - 1):
        table.refuse("first", work["first"], "is not a power of two")
    curves = [_curve(entry, file, rows, arms) for entry in table.rows("curve")]
    if not curves and (*table.key, "curve") not in table.reading.faulty:
        table.reading.refuse((*table.key, "curve"), "", "is missing", hint="entries [[calibrate.curve]]")
    table.finish(("data", "curve", *work))
    return Calibration(tuple(curve for curve in curves if curve), **work, table=(file.name, content))


def _rows(table: Table, file: Path) -> tuple[bytes, list[dict[str, str]]]:
    """The content of the data, and its rows, each with its line."""
    try:
        content = content_of(file)
    except TableError as error:
        table.refuse("data", file.name, error.problem, hint=error.hint)
        return b"", []
    try:
        return content, rows_of(content)
    except TableError as error:
        table.reading.faulty.add((*table.key, "data"))
        table.reading.faults.append(error.fault(file))
        return content, []


def _curve(entry: Table, file: Path, rows: list[dict[str, str]], arms: tuple[Scenario, ...]) -> DataCurve | None:
    names = [arm.name for arm in arms] or [""]
    arm = entry.choice("arm", names, names[0])
    own = next((one for one in arms if one.name == arm), None)
    known = measures_in([own] if own else [])
    name = entry.choice("measure", list(known))
    measure = known[name]
    where = entry.take("where") or {}
    time, time_unit = entry.text("time", "day"), entry.text("time_unit", "d")
    value, unit = entry.text("value", "value"), entry.text("unit", measure.unit)
    error = entry.number("error", ERROR, -1.0)
    logarithmic = entry.choice("scale", ("linear", "logarithmic"), "linear") == "logarithmic"
    relative, subject = yes_or_no(entry, "relative", False), entry.text("subject")
    entry.finish(COLUMNS)
    if not isinstance(where, dict):
        entry.refuse("where", where, "is not a table of columns and values", 'such as { observable = "il6" }')
        return None
    kept = [row for row in rows if all(row.get(key) == str(text) for key, text in where.items())]
    if rows and not kept:
        entry.refuse("where", where, f"no row of {file.name} is like this")
    if not _are_of_one_series(entry, file, kept, (time, value, subject, LINE)):
        return None
    noted = len(entry.reading.faults)
    points = list(_points(entry, file, kept, (time, time_unit, value, unit, subject), measure, relative, logarithmic))
    if noted < len(entry.reading.faults) or not points or own is None:
        return None
    curve = DataCurve(arm, name, measure.unit, measure.meaning, *(np.empty(0),) * 3, logarithmic, relative)
    late = [point.hour for point in points if point.hour > own.duration]
    if late:
        problem = f"{len(late)} rows are later than the end of the run"
        entry.refuse("time", time, problem, f"up to {own.duration / 24.0:g} d")
        return None
    return _joined(curve, points, error, entry)


def _are_of_one_series(entry: Table, file: Path, rows: list[dict[str, str]], used: tuple[str, ...]) -> bool:
    """Whether no other column of these rows tells series apart; a fault if one does."""
    found = several_series(rows, [name for name in (rows[0] if rows else ()) if name not in used])
    if found:
        name, words = found
        told = ", ".join(f'{name} = "{word}"' for word in words)
        problem = f'{file.name} holds several series in the column "{name}"'
        hint = "add one to `where`; a column that tells no series apart must not be in the table"
        entry.refuse("where", "", problem, told, hint)
    return not found


class Measurement(NamedTuple):
    """A row of the data: when [h], what, and of whom ("" where that is not told)."""

    hour: float
    value: float
    subject: str


def _points(
    entry: Table, file: Path, rows: list[dict[str, str]], columns: tuple[str, str, str, str, str], measure: Measure,
    relative: bool, logarithmic: bool,
) -> Iterator[Measurement]:  # fmt: skip
    """What each row says; faulty ones are noted with their line."""
    time, time_unit, value, unit, subject = columns
    kind = Quantity(measure.meaning, "" if relative else measure.unit, -LARGEST, LARGEST, "data")
    for row in rows:
        try:
            hour = to_number(f"{number_in(_cell(row, time))!r} {time_unit}", TIME)
            found = number_in(_cell(row, value))
            number = to_number(f"{found!r} {unit}" if kind.unit else found, kind)
            if logarithmic and number <= 0.0:
                raise UnitError("has no logarithm")
            whose = _cell(row, subject) if subject else ""
            if subject and not whose:
                raise UnitError(f'has no subject in the column "{subject}"')
        except (UnitError, TableError) as error:
            told = ", ".join(f"{name} = {row.get(name)}" for name in (time, value))
            fault = Fault(label(file), int(row[LINE]), told, "", error.problem, hint=error.hint)
            if fault not in entry.reading.faults:
                entry.reading.faults.append(fault)
        else:
            yield Measurement(hour, number, whose)


def _cell(row: Mapping[str, str], name: str) -> str:
    if row.get(name) is None:
        raise UnitError(f'there is no column "{name}"; there are {", ".join(key for key in row if key)}')
    return row[name]


def _joined(curve: DataCurve, points: list[Measurement], error: float, entry: Table) -> DataCurve | None:
    """The curve of these points: those of one time are replicates, which tell the error where none is given."""
    hours = np.unique([point.hour for point in points])
    groups = [[point.value for point in points if point.hour == hour] for hour in hours]
    averages, counts = np.array([np.mean(group) for group in groups]), np.array([len(group) for group in groups])
    steepness = 1.0 / (averages * LN_10) if curve.logarithmic else np.ones(hours.size)  # of the scale
    means = np.log10(averages) if curve.logarithmic else averages
    spread = sum(float(np.sum(((group - at) * steep) ** 2)) for group, at, steep
                 in zip(map(np.array, groups), averages, steepness, strict=True))  # fmt: skip
    freedom = int((counts - 1).sum())
    if error < 0.0 and (freedom < 2 or spread == 0.0):
        entry.reading.refuse(entry.key, "", "has no error and no replicates to estimate it from", hint="error = 0.2")
        return None
    deviation = math.sqrt(spread / freedom) if error < 0.0 else 0.0
    errors = np.full(hours.size, error) if error > 0.0 else deviation / np.sqrt(counts)
    known = math.inf if error > 0.0 else float(freedom)
    whole = replace(curve, hours=hours, means=means, errors=errors, freedom=known)
    return _with_subjects(whole, points, averages, steepness, entry) if points[0].subject else whole


def _with_subjects(
    curve: DataCurve, points: list[Measurement], averages: np.ndarray, steepness: np.ndarray, entry: Table
) -> DataCurve | None:
    """The curve with how each subject deviates from the mean; averages, steepness: float64[n]."""
    subjects = tuple(dict.fromkeys(point.subject for point in points))
    found = {(point.subject, point.hour): point.value for point in points}
    complete = len(points) == len(found) == len(subjects) * curve.hours.size
    if not complete or len(subjects) < FEWEST_SUBJECTS:
        allowed = f"{FEWEST_SUBJECTS} subjects or more, each once at every time"
        problem = f"has {len(points)} rows of {len(subjects)} subjects at {curve.hours.size} times"
        entry.refuse("subject", entry.text("subject"), problem, allowed)
        return None
    values = np.array([[found[subject, hour] for hour in curve.hours] for subject in subjects])
    deviations = (values - averages) * steepness
    variances = (deviations**2).sum(axis=0) / (len(subjects) - 1) / len(subjects)
    errors = np.sqrt(moderated(variances, len(subjects) - 1.0))
    return replace(curve, errors=errors, subjects=subjects, deviations=deviations, freedom=len(subjects) - 1.0)
