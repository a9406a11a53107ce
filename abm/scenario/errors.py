"""Faults of a scenario: one readable line each, all of a file at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SHOWN = 100  # faults in a message


@dataclass(frozen=True)
class Fault:
    """One fault of a scenario.

    Attributes:
        file: the file it stands in, or what else was read (an option of the command line).
        line: counted from 1; 0 where there is none.
        key: dotted; entries of a list are counted from 1, as in "treatment 2: dose".
        value: as written.
        problem: what is wrong. unit, allowed, hint: what it should be; may be empty.
    """

    file: str
    line: int
    key: str
    value: str
    problem: str
    unit: str = ""
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """The fault in one line, its hint in a second."""
        where = f"{self.file}, line {self.line}" if self.line else self.file
        what = " = ".join(part for part in (self.key, self.value) if part)
        line = ": ".join(part for part in (where, what, self.problem) if part)
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return line + allowed + (f"\n    hint: {self.hint}" if self.hint else "")


class ScenarioError(ValueError):
    """A scenario that is refused; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults; as the only argument, so that the error survives the way back from a worker."""
        super().__init__(faults)
        self.faults = list(faults)

    def __str__(self) -> str:
        """The faults, one below the other."""
        lines = [str(fault) for fault in self.faults[:SHOWN]]
        if len(self.faults) > SHOWN:
            lines.append(f"and {len(self.faults) - SHOWN} more")
        return lines[0] if len(lines) == 1 else "\n".join([f"{len(self.faults)} faults:", *lines])


class PosteriorError(ValueError):
    """A file without a posterior sample, or a sample with fewer sets than asked for."""


def label(file: Path) -> str:
    """A file as people call it: from the current folder where it lies in it."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(file)
