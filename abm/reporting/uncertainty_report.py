"""Chance beside parameters for people: a table on the terminal, the same as Markdown, CSV and JSON in the folder."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from abm.reporting.report import ARM_LINES, CONTRAST_LINES, DISCLAIMER, NOTHING, markdown_table, number, write_rows
from abm.reporting.uncertainty import UncertaintyRow
from abm.runs.store.files import write_text

FILE = "uncertainty"
HEADS = ("number", "defaults", "chance (95 %)", "parameters, median", "parameters (90 %)", "sets")
LEGEND = (
    "Defaults: the estimate with the parameters as they are. Chance: its 95 % interval over {}. Parameters: median and "
    "middle 90 % of the estimates under parameter sets that all fit the data; every set has the same seeds in all "
    "arms, and ratios compare the same set in both arms. An estimate under a set contains chance as well: add {} where "
    "chance is not the smaller of the two. Neither contains what is wrong in the laws themselves, nor parameters that "
    "were assumed and not fitted."
)


class Told(NamedTuple):
    """How the numbers of a study are told.

    Attributes:
        arms, contrasts: title and quantity of each line, in order. chance, more: what chance is over, what lessens it.
    """

    arms: Sequence[tuple[str, ...]]
    contrasts: Sequence[tuple[str, ...]]
    chance: str
    more: str

    @property
    def legend(self) -> str:
        """How to read the table."""
        return LEGEND.format(self.chance, self.more)


SECTIONS = Told(ARM_LINES, CONTRAST_LINES, "sections of lung (of an arm: of five or more)", "replicates")


def print_uncertainty(
    console: Console, rows: Sequence[UncertaintyRow], held: Sequence[str], told: Told = SECTIONS
) -> None:
    """One table of all arms and contrasts, how to read it, and what the scenarios kept."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Uncertainty: chance and parameters", title_justify="left")
    for at, head in enumerate(HEADS):
        table.add_column(head, justify="right" if at else "left")
    for subject, lines in _subjects(rows, told):
        table.add_row(f"[bold]{subject}[/]")
        for line in lines:
            table.add_row(*line, end_section=line is lines[-1])
    console.print(table)
    for text in (told.legend, *held):
        console.print(text, style="dim", markup=False, highlight=False)


def write_uncertainty(
    folder: Path, name: str, rows: Sequence[UncertaintyRow], held: Sequence[str], told: Told = SECTIONS
) -> None:
    """Write uncertainty.md, uncertainty.csv and uncertainty.json (one row or entry per number).

    Raises:
        OSError: no room, no right to write.
    """
    write_rows(folder / FILE, UncertaintyRow._fields, rows)
    text = uncertainty_text(rows, held, told)
    write_text(folder / f"{FILE}.md", f"# {name}: uncertainty\n\n{text}\n\n{DISCLAIMER}\n")


def uncertainty_text(rows: Sequence[UncertaintyRow], held: Sequence[str], told: Told) -> str:
    """The tables in Markdown, with how to read them."""
    tables = [f"**{subject}**\n\n{markdown_table(HEADS, lines)}" for subject, lines in _subjects(rows, told)]
    return "\n\n".join([*tables, told.legend, *held])


def read_uncertainty(folder: Path) -> list[UncertaintyRow]:
    """The numbers in the folder of a study; none where it has no parameter sets."""
    path = folder / f"{FILE}.json"
    if not path.is_file():
        return []
    entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    rows = ([math.nan if cell is None else cell for cell in one.values()] for one in entries)
    return [UncertaintyRow._make(row) for row in rows]


def _subjects(rows: Sequence[UncertaintyRow], told: Told) -> Iterator[tuple[str, list[list[str]]]]:
    """Arms and contrasts in order, each with its lines; without lines that tell nothing."""
    by_name: dict[tuple[str, str], dict[str, UncertaintyRow]] = {}
    for row in rows:
        by_name.setdefault((row.arm, row.against), {})[row.quantity] = row
    for (arm, against), own in by_name.items():
        words = {quantity: line for line, quantity, *_ in (told.contrasts if against else told.arms) if quantity in own}
        lines = [_line(line, own[quantity]) for quantity, line in words.items() if _tells(own[quantity], own)]
        if lines:
            prediction = " (prediction)" if next(iter(own.values())).prediction else ""
            yield f"{arm} vs {against}{prediction}" if against else f"{arm}{prediction}", lines


def _tells(row: UncertaintyRow, own: dict[str, UncertaintyRow]) -> bool:
    """Whether a row has a number, and says more than that of all sections does."""
    whole = own[row.quantity.removesuffix("_established")]
    is_repeated = row is not whole and row[4:12] == whole[4:12]
    return (math.isfinite(row.value) or row.sets > 0) and not is_repeated


def _line(words: str, row: UncertaintyRow) -> list[str]:
    return [
        words, number(row.value), interval(row.chance_low, row.chance_high), number(row.median),
        interval(row.low, row.high), str(row.sets),
    ]  # fmt: skip


def interval(low: float, high: float) -> str:
    """Two ends in words."""
    return f"{number(low)} to {number(high)}" if math.isfinite(low) and math.isfinite(high) else NOTHING
