"""One line of the benchmark, the table of all of them, and what machine and source they are of."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from abm.runs.identity import source_digest
from abm.runs.provenance import versions

HEAD = ("what", "ratio", "measured", "yardstick, measured beside it", "aim", "met")
WIDTHS = (52, 7, 18, 60, 18, 3)  # characters, at least
FLUSH_RIGHT = (1, 2)


class Aim(NamedTuple):
    """What a line is to reach."""

    value: float
    of: Literal["measured", "ratio"] = "measured"
    at_least: bool = False


class Line(NamedTuple):
    """One line: what was measured and what beside it, in the same unit."""

    what: str
    measured: float
    unit: str
    yardstick: float | None = None
    beside: str = ""  # what the yardstick is
    aim: Aim | None = None

    @property
    def ratio(self) -> float | None:
        """Measured over yardstick."""
        return self.measured / self.yardstick if self.yardstick else None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None where there is none."""
        if self.aim is None:
            return None
        value = self.measured if self.aim.of == "measured" else self.ratio
        if value is None:
            return None
        return value >= self.aim.value if self.aim.at_least else value <= self.aim.value

    def cells(self) -> tuple[str, ...]:
        """What stands in each column."""
        beside = f"{_number(self.yardstick, self.unit)}: {self.beside}" if self.yardstick is not None else ""
        aim = ""
        if self.aim:
            sign = "at least" if self.aim.at_least else "at most"
            aim = f"{sign} {_number(self.aim.value, self.unit if self.aim.of == 'measured' else '')}"
            aim = f"ratio {aim}" if self.aim.of == "ratio" else aim
        met = {True: "yes", False: "no", None: ""}[self.met]
        ratio = "" if self.ratio is None else _number(self.ratio, "")
        return (self.what, ratio, _number(self.measured, self.unit), beside, aim, met)


def _number(value: float, unit: str) -> str:
    text = f"{value:.0f}" if value >= 100.0 else f"{value:.3g}"
    return f"{text} {unit}".rstrip()


def machine() -> str:
    """Date, versions, digest of the source, and processor, as one paragraph."""
    known, now = versions(), datetime.now(UTC)
    libraries = ", ".join(f"{name} {known[name]}" for name in ("python", "numba", "numpy", "mesa"))
    return (
        f"{now:%Y-%m-%d %H:%M} UTC. Embers {known['embers']}, source {source_digest()[:12]}; {libraries}; "
        f"{os.cpu_count()} cores of {_processor()}."
    )


def _processor() -> str:
    """Model name of the processor, as the system tells it."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def rows(lines: Iterable[Line]) -> Iterator[str]:
    """The table in Markdown, row by row as the lines come."""
    yield _row(HEAD)
    yield _row([("-" * (width - 1) + (":" if at in FLUSH_RIGHT else "-")) for at, width in enumerate(WIDTHS)])
    for line in lines:
        yield _row(line.cells())


def _row(cells: Sequence[str]) -> str:
    put = [
        cell.rjust(width) if at in FLUSH_RIGHT else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    ]
    return "| " + " | ".join(put) + " |"
