"""Pages and tables of the scoreboard at several settings: assumptions, steps and sections, parameter sets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from abm.reporting.report import DISCLAIMER
from abm.runs.provenance import circumstances, stamp
from abm.runs.store.files import storage, write_text


def made_by(command: str, more: str = "") -> str:
    """The last line of a page: the command that wrote it, version, day and source."""
    told = circumstances()
    return (
        f"Written by `{command}` with Embers {told['versions']['embers']} on {told['time'][:10]} "
        f"({stamp(told)}){more}. {DISCLAIMER}"
    )


def write_page(out: Path, name: str, text: str) -> Path:
    """Write a page into the folder of the validation.

    Raises:
        StorageError: no room, no right to write.
    """
    path = out / f"{name}.md"
    with storage(out):
        write_text(path, text)
    return path


def print_rows(console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> None:
    """A table on the terminal; its first columns, which hold words, to the left."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for at, head in enumerate(heads):
        table.add_column(head, justify="left" if at < words else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)
