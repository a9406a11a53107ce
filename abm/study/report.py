"""The summary for people: a table on the terminal, the same as Markdown, CSV and JSON in the folder."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from abm.study.folder import write_text
from abm.study.summary import Row

DISCLAIMER = "A research and teaching model, not medical advice."
ARMS_ABREAST = 4
ARM_LINES = (
    ("Cells per seeded cell, day 15", "cells_day_15", "", ""),
    ("Cells per seeded cell, end", "cells_end", "", ""),
    ("Ki67+ share at its peak", "ki67_peak", " %", "ki67_peak_day"),
    ("Lesions at the end", "lesions_end", "", ""),
    ("Peak IL-6 in lavage, pg/mL", "il6_lavage_peak", "", "il6_peak_day"),
    ("Peak IL-6 in tissue, ng/mL", "il6_peak", "", "il6_peak_day"),
    ("Virus cleared, day", "virus_cleared_day", "", ""),
)
CONTRAST_LINES = (
    ("Cells, ratio on day 15", "cells_ratio_day_15", ""),
    ("Cells, ratio at the end", "cells_ratio_end", ""),
    ("Expansion less by, day 15", "expansion_reduction_day_15", " %"),
    ("Expansion less by, end", "expansion_reduction_end", " %"),
)
HOW = (
    "Arms: mean over replicates (smallest to largest). Contrasts: geometric mean of the ratios between twins, which share "
    "seed and lung (95 % interval: Student's t on log ratios; no cell left counts as half a cell). Expansion: cells gained "
    "per seeded cell (95 % interval: bootstrap over twins, from 5 twins on); - : nothing to tell."
)


def number(value: float) -> str:
    """A number with three digits that count."""
    if not math.isfinite(value):
        return "-"
    if abs(value) >= 1e6 or 0 < abs(value) < 1e-3:
        return f"{value:.2e}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def ends(row: Row) -> str:
    """The range or interval of a number, in brackets; empty where it has none."""
    if not math.isfinite(row.low) or (row.ends == "range" and row.n < 2):
        return ""
    return f"({number(row.low)} to {number(row.high)})"


def print_summary(console: Console, rows: Sequence[Row], failed: Sequence[str]) -> None:
    """Both tables, what the numbers are, and which of them are predictions."""
    arms = _subjects(rows, contrasts=False)
    for at in range(0, len(arms), ARMS_ABREAST):
        console.print(_table("Arms", arms[at : at + ARMS_ABREAST], _arm_cells))
    compared = _subjects(rows, contrasts=True)
    for at in range(0, len(compared), ARMS_ABREAST):
        console.print(_table("Contrasts", compared[at : at + ARMS_ABREAST], _contrast_cells))
    console.print(HOW, style="dim", markup=False, highlight=False)
    for line in [*failed, *_predictions(rows), DISCLAIMER]:
        console.print(line, markup=False, highlight=False)


def write_summary(folder: Path, name: str, rows: Sequence[Row], failed: Sequence[str]) -> None:
    """Write summary.md, summary.csv and summary.json (one row or entry a number).

    Raises:
        OSError: no room, no right to write.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows([["" if _nothing(cell) else cell for cell in row] for row in rows])
    write_text(folder / "summary.csv", text.getvalue())
    entries = [{key: None if _nothing(cell) else cell for key, cell in row._asdict().items()} for row in rows]
    write_text(folder / "summary.json", json.dumps(entries, indent=1))
    write_text(folder / "summary.md", _markdown(name, rows, failed))


def _markdown(name: str, rows: Sequence[Row], failed: Sequence[str]) -> str:
    parts = [f"# {name}"]
    for title, contrast, cells in (("Arms", False, _arm_cells), ("Contrasts", True, _contrast_cells)):
        subjects = _subjects(rows, contrast)
        if subjects:
            columns = [cells(subject) for subject in subjects]
            lines = [[title, *(_heading(subject) for subject in subjects)], ["---"] * (len(subjects) + 1)]
            lines += [[line, *(column[line].replace("\n", " ") for column in columns)] for line in columns[0]]
            parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    parts += [HOW, *failed, *_predictions(rows), DISCLAIMER]
    return "\n\n".join(parts) + "\n"


def _table(title: str, subjects: Sequence[Sequence[Row]], cells: object) -> Table:
    assert callable(cells)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(title)
    for subject in subjects:
        table.add_column(_heading(subject), justify="right")
    columns = [cells(subject) for subject in subjects]
    for line in columns[0]:
        table.add_row(line, *(column[line] for column in columns))
    return table


def _subjects(rows: Sequence[Row], contrasts: bool) -> list[list[Row]]:
    """The rows of each arm, or of each contrast, in order."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if bool(row.against) == contrasts:
            grouped.setdefault((row.arm, row.against), []).append(row)
    return list(grouped.values())


def _heading(subject: Sequence[Row]) -> str:
    first = subject[0]
    versus = f" vs {first.against}" if first.against else ""
    return f"{first.arm}{versus}{' (prediction)' if first.prediction else ''}"


def _arm_cells(subject: Sequence[Row]) -> dict[str, str]:
    """The column of an arm, by line."""
    by_name = {row.quantity: row for row in subject}
    cells = {}
    for line, quantity, unit, day in ARM_LINES:
        row = by_name[quantity]
        when = f", day {number(by_name[day].value)}" if day and row.n else ""
        cells[line] = _cell(row, unit, when)
    cells["Replicates"] = str(by_name["cells_end"].n)
    return cells


def _contrast_cells(subject: Sequence[Row]) -> dict[str, str]:
    """The column of a contrast, by line."""
    by_name = {row.quantity: row for row in subject}
    cells = {line: _cell(by_name[quantity], unit) for line, quantity, unit in CONTRAST_LINES}
    n = max(row.n for row in subject)
    return cells | {"Twins": "1: no interval" if n == 1 else str(n)}


def _cell(row: Row, unit: str, more: str = "") -> str:
    shown = number(row.value)
    text = shown + (unit + more if shown != "-" else "")
    note = row.note if row.quantity == "virus_cleared_day" else ""
    if note == "no virus":
        return note
    return "\n".join(part for part in (text, ends(row), note) if part)


def _predictions(rows: Sequence[Row]) -> list[str]:
    names = list(dict.fromkeys(row.arm for row in rows if row.prediction and not row.against))
    if not names:
        return []
    return [f"Predictions, which no experiment has tested: {', '.join(names)}, and every contrast with them."]


def _nothing(cell: object) -> bool:
    return isinstance(cell, float) and not math.isfinite(cell)
