"""The curve in a table: rows of one time are replicates, whose logarithms are averaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.core.quantity import Quantity
from abm.model.measures import MEASURES
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.toml.units import UnitError, allowed_range, to_number
from abm.studies.design.data_table import ABSENT, TableError, content_of, number_in, rows_of
from abm.validate.own_data.columns import Asked, CurveColumns, fault_in, find_columns, refuse, selected

LARGEST = 1e30
LATEST = 3650.0  # days
TIME = Quantity("time of a measurement", "d", 0.0, LATEST, "data")
FEWEST = 2  # times
COUNTS = ("1", "-", "#", "n", "count", "counts", "number", "share", "fraction", "fold", "x")  # what stands for no unit


@dataclass(frozen=True)
class OwnCurve:
    """What was measured.

    Attributes:
        columns: where it stood. unit: of the numbers below: that of the model, or where only the shape counts that of
            the data. days, n: times and the replicates at each. center, lowest, highest: their mean in log10 and ends.
        spread: standard deviation of log10 between replicates of one time; not a number without replicates.
        floor: all lower values lie on it; 0: none. left_out: rows without a value.
    """

    columns: CurveColumns
    unit: str
    days: np.ndarray
    n: np.ndarray
    center: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    spread: float
    floor: float
    left_out: int


def read_curve(file: Path, asked: Asked) -> OwnCurve:
    """The curve in a file (CSV, or with tabs or semicolons).

    Raises:
        ScenarioError: everything that is wrong with it, with line, column, value and unit.
    """
    try:
        rows = selected(rows_of(content_of(file)), asked.where, file)
    except TableError as error:
        raise ScenarioError([error.fault(file)]) from error
    columns = find_columns(rows, asked, file)
    kept = [row for row in rows if row[columns.value].lower() not in ABSENT]
    quantity = _quantity(columns, asked)
    floor = _floor(columns, quantity, asked)
    points, faults = [], []
    for row in kept:
        asked_of = TIME
        try:
            day = to_number(f"{number_in(row[columns.time])!r} {columns.time_unit}", asked_of)
            asked_of = quantity
            number = max(_amount(number_in(row[columns.value]), columns, quantity), floor)
            if number <= 0.0:
                raise UnitError("has no logarithm", "say the detection limit with --floor: lower values lie on it")
        except (UnitError, TableError) as error:
            allowed = allowed_range(asked_of) if "out of range" in error.problem else ""
            faults.append(fault_in(file, row, (columns.time, columns.value), error.problem, allowed, error.hint))
        else:
            points.append((day, number))
    if faults:
        raise ScenarioError(faults)
    if points and max(number for _, number in points) <= floor:
        refuse(
            "--floor", f"{asked.floor:g}", f"no value of {file.name} is above it", "a limit below some of the values"
        )
    if len({day for day, _ in points}) < FEWEST:
        raise ScenarioError([Fault(file.name, 0, columns.time, "", f"has fewer than {FEWEST} times with a value")])
    return _curve(columns, _unit_of(columns, quantity), points, floor, len(rows) - len(kept))


def _quantity(columns: CurveColumns, asked: Asked) -> Quantity:
    """What the values must be: in a unit that converts to that of the model, or any number where the shape counts."""
    measure = MEASURES[columns.measure]
    if asked.shape:
        return Quantity(measure.meaning, "", 0.0, LARGEST, "data")
    is_share = "_share" in columns.measure
    most = 1.0 if is_share else LARGEST
    quantity = Quantity(measure.meaning, measure.unit, 0.0, most, "data")
    hint = "--shape compares the shape only, in any unit"
    if not measure.unit:
        if columns.unit and not (is_share and columns.unit == "%") and columns.unit.lower() not in COUNTS:
            allowed = "1 for a pure number, or % for a share" if is_share else "1 for a pure number"
            refuse("--unit", columns.unit, f"{columns.measure} is a pure number in the model", allowed, hint)
        return quantity
    if not columns.unit:
        problem = f'the unit of the column "{columns.value}" is not known'
        refuse("--unit", "", problem, f"such as {measure.unit}", "or --shape to compare the shape only")
    try:
        _amount(0.0, columns, quantity)
    except UnitError as error:
        refuse("--unit", columns.unit, error.problem, f"a unit that converts to {measure.unit}", hint)
    return quantity


def _floor(columns: CurveColumns, quantity: Quantity, asked: Asked) -> float:
    """The detection limit in the unit of the model; 0: there is none."""
    if asked.floor is None:
        return 0.0
    try:
        return _amount(asked.floor, columns, quantity)
    except UnitError as error:
        refuse("--floor", f"{asked.floor:g}", error.problem, allowed_range(quantity))


def _unit_of(columns: CurveColumns, quantity: Quantity) -> str:
    """The unit of the numbers that are kept: that of the model, or of the data where only the shape counts."""
    return quantity.unit or ("" if columns.unit == "%" else columns.unit)


def _amount(number: float, columns: CurveColumns, quantity: Quantity) -> float:
    """What a number of the data is in the unit of the model.

    Raises:
        UnitError: another unit, or out of range.
    """
    try:
        number = 10.0**number if columns.is_log else number
    except OverflowError as error:
        raise UnitError("is too large for a log10", "write log10 only where the numbers are logarithms") from error
    unit = columns.unit if quantity.unit or columns.unit == "%" else ""
    return to_number(f"{number!r} {unit}" if unit else number, quantity)


def _curve(
    columns: CurveColumns, unit: str, points: list[tuple[float, float]], floor: float, left_out: int
) -> OwnCurve:
    days = np.unique([day for day, _ in points])
    groups = [np.log10([number for day, number in points if day == at]) for at in days]
    n = np.array([group.size for group in groups])
    freedom = int((n - 1).sum())
    squares = sum(float(np.sum((group - group.mean()) ** 2)) for group in groups)
    spread = float(np.sqrt(squares / freedom)) if freedom and squares > 0.0 else float("nan")
    center, lowest, highest = (10.0 ** np.array([of(group) for group in groups]) for of in (np.mean, np.min, np.max))
    return OwnCurve(columns, unit, days, n, center, lowest, highest, spread, floor, left_out)
