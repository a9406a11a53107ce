"""The summary for people: a table on the terminal, the same as Markdown, CSV and JSON in the folder."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from abm.reporting.summary import WHERE, SummaryRow
from abm.runs.store.files import write_text

DISCLAIMER = "A research and teaching model, not medical advice."
COLUMN, LINE_HEADS = 16, 16  # characters that a column and the heads of the lines need on a terminal
ARM_LINES = (
    ("Cells per seeded cell, day 15", "cells_day_15", "", ""),
    ("  where established", "cells_day_15_established", "", ""),
    ("Cells per seeded cell, end", "cells_end", "", ""),
    ("  where established, end", "cells_end_established", "", ""),
    ("Ki67+ share at its peak", "ki67_peak", " %", "ki67_peak_day"),
    ("Lesions at the end", "lesions_end", "", ""),
    ("Peak IL-6 in lavage, pg/mL", "il6_lavage_peak", "", "il6_peak_day"),
    ("Peak IL-6 in tissue, ng/mL", "il6_peak", "", "il6_peak_day"),
    ("Infection established", "sections_infected", "", ""),
    ("Virus cleared, day", "virus_cleared_day", "", ""),
)
CONTRAST_LINES = (
    ("Cells, ratio on day 15", "cells_ratio_day_15", ""),
    ("  where established, day 15", "cells_ratio_day_15_established", ""),
    ("Cells, ratio at the end", "cells_ratio_end", ""),
    ("  where established, end", "cells_ratio_end_established", ""),
    ("Reduced expansion, day 15", "expansion_reduction_day_15", " %"),
    ("Reduced expansion, end", "expansion_reduction_end", " %"),
)
NOTHING = "-"
Cells = Callable[[Sequence[SummaryRow]], dict[str, str]]
HOW = (
    "Arms: mean over replicates, smallest–largest. Days: median (peak) or mean (virus cleared) over the sections in "
    "which the infection established; for a peak, over all where it did in none. Replicates are sections of one "
    "lung: they differ as sections do, not as mice. Infection established: sections in which 1 % of the epithelium "
    'or more was infected at one time. Numbers include all sections; "where established": only those in which the '
    "infection established in at least one arm. Contrasts: ratio of the means of twins, which share seed and lung, "
    "with its 95 % interval (Student's t on its logarithm). Expansion: cells gained per seeded cell; the reduction "
    "has a 95 % interval (BCa bootstrap over twins, for 5 twins or more; none where all twins agree; above 100 %: "
    "cells are lost). An interval of zero width: all twins gave the same ratio. -: nothing to report."
)


def number(value: float, digits: int = 3) -> str:
    """A number rounded to significant digits; a whole number from 100 on."""
    if not math.isfinite(value):
        return NOTHING
    if abs(value) >= 1e6 or 0 < abs(value) < 1e-3:
        return f"{value:.{digits - 1}e}"
    return f"{value:,.0f}" if abs(value) >= 100 else short(value, digits)


def short(value: float, digits: int = 3) -> str:
    """A number rounded to significant digits, with all digits before the point: 99.7 to two is 100, not 1e+02."""
    text = f"{value:.{digits}g}"
    return f"{value:,.0f}" if "e+" in text else text


def plural(count: int, noun: str) -> str:
    """A number with its noun: "1 round", "4 rounds"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def ends(row: SummaryRow) -> str:
    """The range or interval of a number; empty where it has none."""
    if not math.isfinite(row.low) or (row.ends == "range" and row.n < 2):
        return ""
    digits = 2 if row.ends == "range" else 3
    to = " to " if row.low < 0 else "–"
    return f"{number(row.low, digits)}{to}{number(row.high, digits)}"


def print_summary(console: Console, rows: Sequence[SummaryRow], failed: Sequence[str]) -> None:
    """Both tables, what the numbers are, and which of them are predictions."""
    abreast = max(1, (console.width - LINE_HEADS) // COLUMN)
    for title, contrasts, cells in TABLES:
        subjects = _subjects(rows, contrasts)
        for at in range(0, len(subjects), abreast):
            console.print(_table(title, subjects[at : at + abreast], cells))
    console.print(HOW, style="dim", markup=False, highlight=False)
    for line in [*failed, *_missed(rows), *_predictions(rows), DISCLAIMER]:
        console.print(line, markup=False, highlight=False)


def write_summary(folder: Path, name: str, rows: Sequence[SummaryRow], failed: Sequence[str]) -> None:
    """Write summary.md, summary.csv and summary.json (one row or entry per number).

    Raises:
        OSError: no room, no right to write.
    """
    write_rows(folder / "summary", SummaryRow._fields, rows)
    write_text(folder / "summary.md", _markdown(name, rows, failed))


def write_rows(path: Path, fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write rows as `path`.csv and `path`.json; a number that there is not is empty, or null.

    Raises:
        OSError: no room, no right to write.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows([["" if _nothing(cell) else cell for cell in row] for row in rows])
    write_text(path.with_suffix(".csv"), text.getvalue())
    entries = [{key: None if _nothing(cell) else cell for key, cell in zip(fields, row, strict=True)} for row in rows]
    write_text(path.with_suffix(".json"), json.dumps(entries, indent=1))


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, ["---"] * len(heads), *rows))


def _markdown(name: str, rows: Sequence[SummaryRow], failed: Sequence[str]) -> str:
    parts = [f"# {name}"]
    for title, contrasts, cells in TABLES:
        subjects = _subjects(rows, contrasts)
        if subjects:
            heads = [title, *(_heading(subject, " ") for subject in subjects)]
            lines = [[head, *(cell.replace("\n", ", ") for cell in line)] for head, *line in _lines(subjects, cells)]
            parts.append(markdown_table(heads, lines))
    parts += [HOW, *failed, *_missed(rows), *_predictions(rows), DISCLAIMER]
    return "\n\n".join(parts) + "\n"


def _table(title: str, subjects: Sequence[Sequence[SummaryRow]], cells: Cells) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(title)
    for subject in subjects:
        table.add_column(_heading(subject, "\n"), justify="right", overflow="fold")
    for line in _lines(subjects, cells):
        table.add_row(*line)
    return table


def _lines(subjects: Sequence[Sequence[SummaryRow]], cells: Cells) -> list[list[str]]:
    """The lines of a table, its head first; without those that tell nothing."""
    columns = [cells(subject) for subject in subjects]
    lines = [[head, *(column[head] for column in columns)] for head in columns[0]]
    return [line for line in lines if set(line[1:]) != {NOTHING}]


def _subjects(rows: Sequence[SummaryRow], contrasts: bool) -> list[list[SummaryRow]]:
    """The rows of each arm, or of each contrast, in order."""
    grouped: dict[tuple[str, str], list[SummaryRow]] = {}
    for row in rows:
        if bool(row.against) == contrasts:
            grouped.setdefault((row.arm, row.against), []).append(row)
    return list(grouped.values())


def _heading(subject: Sequence[SummaryRow], between: str) -> str:
    first = subject[0]
    fold = COLUMN - 2 if between == "\n" else sys.maxsize
    parts = [_folded(first.arm, fold)]
    parts += [f"vs {_folded(first.against, fold - 3)}"] if first.against else []
    parts += ["(prediction)"] if first.prediction else []
    return between.join(parts)


def _folded(name: str, width: int) -> str:
    """A name, on several lines where it is long."""
    lines = [""]
    for part in re.findall(r"[^_]*_?", name):
        if lines[-1] and len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _arm_cells(subject: Sequence[SummaryRow]) -> dict[str, str]:
    """The column of an arm, by line."""
    by_name = {row.quantity: row for row in subject}
    cells = {}
    for line, quantity, unit, day in ARM_LINES:
        cells[line] = _told(by_name, quantity, unit, number(by_name[day].value) if day else "")
    return cells | {"Replicates": str(by_name["cells_end"].n)}


def _contrast_cells(subject: Sequence[SummaryRow]) -> dict[str, str]:
    """The column of a contrast, by line."""
    by_name = {row.quantity: row for row in subject}
    cells = {line: _told(by_name, quantity, unit) for line, quantity, unit in CONTRAST_LINES}
    n = max(row.n for row in subject)
    return cells | {"Twins": "1: no interval" if n == 1 else str(n)}


def _told(by_name: dict[str, SummaryRow], quantity: str, unit: str, day: str = "") -> str:
    """The cell of a quantity; nothing where it would only repeat that of all sections."""
    row, whole = by_name[quantity], by_name[quantity.removesuffix(WHERE)]
    return NOTHING if row is not whole and row.n == whole.n else _cell(row, unit, day)


def _cell(row: SummaryRow, unit: str, day: str = "") -> str:
    if row.quantity == "sections_infected":
        return row.note or NOTHING
    if row.quantity == "virus_cleared_day" and row.note:
        many = [number(row.value), ends(row)] if row.n else []
        return "\n".join(part for part in [*many, row.note] if part)
    if not math.isfinite(row.value):
        return NOTHING
    parts = (number(row.value) + unit, ends(row), f"day {day}" if day else "")
    return "\n".join(part for part in parts if part)


def _missed(rows: Sequence[SummaryRow]) -> list[str]:
    """A warning where a virus came and the infection established in no section of any arm."""
    held = {row.arm: row.value for row in rows if row.quantity == "sections_infected" and row.n}
    if not held or any(held.values()):
        return []
    return [
        f"The infection established in no section of {', '.join(held)}, by chance or because of a treatment: the "
        "numbers do not show what an infection does. By chance, it misses fewer of larger sections (--size 3mm)."
    ]


def _predictions(rows: Sequence[SummaryRow]) -> list[str]:
    names = list(dict.fromkeys(row.arm for row in rows if row.prediction and not row.against))
    if not names:
        return []
    return [f"Predictions, not tested by any experiment: {', '.join(names)}, and every contrast with them."]


TABLES: tuple[tuple[str, bool, Cells], ...] = (("Arms", False, _arm_cells), ("Contrasts", True, _contrast_cells))


def _nothing(cell: object) -> bool:
    return isinstance(cell, float) and not math.isfinite(cell)
