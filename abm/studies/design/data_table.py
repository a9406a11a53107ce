"""Tables of data as text (CSV, or with tabs or semicolons), read as strictly as scenarios.

A line that begins with # is a comment. Every row has one cell for each column; lines are told as an editor counts them.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from abm.scenario.errors import Fault, label

LARGEST = 100_000_000  # bytes
SEPARATORS = ("\t", ";")  # where the first line has no comma
ABSENT = ("", "na", "n/a", "nan", "null", "none", "-", ".", "missing", "nd", "n.d.")
LINE = ""  # the key under which a row has its line


class TableError(ValueError):
    """A table that cannot be read: what is wrong, at which line (0: as a whole), and a hint."""

    def __init__(self, problem: str, line: int = 0, hint: str = "") -> None:
        """Keep all."""
        super().__init__(problem)
        self.problem, self.line, self.hint = problem, line, hint

    def fault(self, file: Path) -> Fault:
        """The fault of this file."""
        return Fault(label(file), self.line, "", "", self.problem, hint=self.hint)


def content_of(file: Path) -> bytes:
    """The bytes of a table.

    Raises:
        TableError: it cannot be read.
    """
    try:
        if file.stat().st_size > LARGEST:
            raise TableError(f"is larger than {LARGEST:,} bytes")
        return file.read_bytes()
    except OSError as error:
        raise TableError(f"cannot be read: {error.strerror or error}") from error


def rows_of(content: bytes, comments: bool = True) -> list[dict[str, str]]:
    """The rows by column, each with its line under LINE.

    Args:
        content: of the file.
        comments: whether a line that begins with # is one; colors begin with it, too.

    Raises:
        TableError: at the first line that is not as it must be.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise TableError("is not text in UTF-8", hint="save it as CSV in UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TableError("is not text in UTF-8", line, "save it as CSV in UTF-8") from error
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    reader = csv.reader(_without_comments(lines) if comments else lines, delimiter=_separator(text), strict=True)
    try:
        return list(_checked(reader))
    except csv.Error as error:
        raise TableError(f"is no table: {error}", reader.line_num) from error


def number_in(cell: str) -> float:
    """The number in a cell.

    Raises:
        TableError: there is none, with what to do about it.
    """
    if cell.lower() in ABSENT:
        raise TableError("holds no number", hint="leave the row out, or name the rows that are meant with `where`")
    if cell[0] in "<>≤≥":
        hint = "leave the row out, or say in the data what number stands for it, such as half of the limit"
        raise TableError("is a limit of detection, not a number", hint=hint)
    try:
        number = float(cell.replace("_", "x"))
    except ValueError as error:
        comma = cell.count(",") == 1 and cell.replace(",", "").strip("+-").isdigit()
        hint = "write a point before decimals, and nothing between thousands" if comma else ""
        raise TableError("is not a number", hint=hint) from error
    if not math.isfinite(number):
        raise TableError("is not a finite number")
    return number


def _is_number(cell: str) -> bool:
    try:
        number_in(cell)
    except TableError:
        return False
    return True


def _without_comments(lines: io.StringIO) -> Iterator[str]:
    """Each line, empty where it is a comment, so that they are counted."""
    for line in lines:
        yield "\n" if line.lstrip().startswith("#") else line


def _separator(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    return next((mark for mark in SEPARATORS if mark in first and "," not in first), ",")


def _checked(reader: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    """The rows as dictionaries, each with a cell for each column."""
    columns: list[str] = []
    count = 0
    for cells in reader:
        line = reader.line_num  # type: ignore[attr-defined]
        row = [cell.strip() for cell in cells]
        if not any(row):
            continue
        if not columns:
            columns = _columns(row, line)
            continue
        if len(row) != len(columns):
            problem = f"has {len(row)} cells where the first line has {len(columns)} columns"
            hint = "a comma inside a cell needs quotes around the cell; a decimal comma must be a point"
            raise TableError(problem, line, hint)
        count += 1
        yield dict(zip(columns, row, strict=True)) | {LINE: str(line)}
    if not columns:
        raise TableError("is empty")
    if not count:
        raise TableError("has a first line but no rows", hint=f"columns: {', '.join(columns)}")


def _columns(row: list[str], line: int) -> list[str]:
    counts = Counter(row)
    twice = [name for name in counts if counts[name] > 1 and name]
    if twice:
        raise TableError(f'has two columns named "{twice[0]}"', line, "give each column a name of its own")
    if counts[""]:
        raise TableError("has a column without a name", line, "the first line names the columns")
    if all(_is_number(name) for name in row):
        hint = "the first line names the columns; a line that begins with # is a comment, also before them"
        raise TableError("has numbers where the names of the columns should be", line, hint)
    return row
