"""The curve in a table: rows of one time are replicates, whose logarithms are averaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.core.quantity import Quantity
from abm.model.measures import MEASURES
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.toml.units import UnitError, to_number
from abm.studies.design.data_table import ABSENT, TableError, content_of, number_in, rows_of
from abm.validate.own_data.columns import Asked, CurveColumns, fault_in, find_columns, refuse, selected

LARGEST = 1e30
LATEST = 3650.0  # days
TIME = Quantity("time of a measurement", "h", 0.0, 24.0 * LATEST, "data")
FEWEST = 2  # times
HOURS_PER_DAY = 24.0


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
    floor = _converted(asked.floor, quantity, columns.unit, "--floor") if asked.floor else 0.0
    points, faults = [], []
    for row in kept:
        try:
            hour = to_number(f"{number_in(row[columns.time])!r} {columns.time_unit}", TIME)
            number = number_in(row[columns.value])
            number = 10.0**number if columns.is_log else number
            number = max(to_number(f"{number!r} {columns.unit}" if quantity.unit else number, quantity), floor)
            if number <= 0.0:
                raise UnitError("has no logarithm", "say the detection limit with --floor: lower values lie on it")
        except (UnitError, TableError) as error:
            faults.append(fault_in(file, row, (columns.time, columns.value), error.problem, error.hint))
        else:
            points.append((hour / HOURS_PER_DAY, number))
    if faults:
        raise ScenarioError(faults)
    if len({day for day, _ in points}) < FEWEST:
        raise ScenarioError([Fault(file.name, 0, columns.time, "", f"has fewer than {FEWEST} times with a value")])
    return _curve(columns, quantity.unit or columns.unit, points, floor, len(rows) - len(kept))


def _quantity(columns: CurveColumns, asked: Asked) -> Quantity:
    """What the values must be: in a unit that converts to that of the model, or any number where the shape counts."""
    measure = MEASURES[columns.measure]
    unit = "" if asked.shape else measure.unit
    quantity = Quantity(measure.meaning, unit, 0.0, LARGEST, "data")
    if unit:
        if not columns.unit:
            hint = "or --shape to compare the shape only"
            refuse("--unit", "", f'the unit of the column "{columns.value}" is not known', f"such as {unit}", hint)
        _converted(1.0, quantity, columns.unit, "--unit")
    return quantity


def _converted(number: float, quantity: Quantity, unit: str, option: str) -> float:
    try:
        return to_number(f"{number!r} {unit}" if quantity.unit else number, quantity)
    except UnitError as error:
        allowed = f"a unit that converts to {quantity.unit}" if quantity.unit else ""
        refuse(option, unit, error.problem, allowed, "--shape compares the shape only, in any unit")


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
