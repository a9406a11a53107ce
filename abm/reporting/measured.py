"""A number and its bound, and how they are reported: what `embers verify` and `embers validate` have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from abm.reporting.report import number

Verdict = Literal["passed", "failed", "inconclusive", "skipped"]
INFINITE = float("inf")
DIGITS = 4
BESIDE_DIGITS = 2
NARROW = 0.02  # of a number: a bound so narrow is told as the number and how far from it
MARKS: dict[Verdict, str] = {
    "passed": "passed",
    "failed": "**FAILED**",
    "inconclusive": "*inconclusive*",
    "skipped": "skipped",
}
STYLES: dict[Verdict, str] = {"passed": "green", "failed": "bold red", "inconclusive": "yellow", "skipped": "dim"}


class Beside(NamedTuple):
    """The same number in another unit; it neither passes nor fails."""

    value: float
    unit: str


@dataclass(frozen=True)
class Measured:
    """A number against its bound.

    Attributes:
        name: what it is, with its unit.
        value: what was measured.
        least, most: the bound: where it has to lie.
        low, high: its 95 % interval, where chance has a part in it; else the number itself.
        beside: the number in another unit, if any.
    """

    name: str
    value: float
    least: float = -INFINITE
    most: float = INFINITE
    low: float | None = None
    high: float | None = None
    beside: Beside | None = None

    @property
    def verdict(self) -> Verdict:
        """Passed where the whole interval lies within the bound, failed where none of it does; skipped without any."""
        if self.least == -INFINITE and self.most == INFINITE:
            return "skipped"
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if self.least <= low and high <= self.most:
            return "passed"
        overlaps = low <= self.most and high >= self.least
        return "inconclusive" if overlaps and low < high else "failed"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; failed where there is none."""
    found = set(verdicts)
    order: tuple[Verdict, ...] = ("failed", "inconclusive", "passed")
    return next((verdict for verdict in order if verdict in found), "failed")


def value_text(one: Measured, digits: int = DIGITS) -> str:
    """A number, rounded to significant digits, its interval, and what it is in another unit."""
    interval = "" if one.low is None or one.high is None else f" ({number(one.low)} to {number(one.high)})"
    beside = f"; {number(one.beside.value, BESIDE_DIGITS)} {one.beside.unit}" if one.beside else ""
    return f"{number(one.value, digits)}{interval}{beside}"


def bound_text(one: Measured) -> str:
    """Where a number has to lie; empty where it may lie anywhere."""
    if not math.isfinite(one.least) and not math.isfinite(one.most):
        return ""
    if one.least == one.most:
        return f"= {number(one.least)}"
    if not math.isfinite(one.most):
        return f"≥ {number(one.least)}"
    if one.least == 0.0 or not math.isfinite(one.least):
        return f"≤ {number(one.most, DIGITS)}"
    middle, reach = (one.most + one.least) / 2, (one.most - one.least) / 2
    if reach < NARROW * abs(middle):
        return f"{number(middle, DIGITS)} ± {number(reach, 1)}"
    return f"{number(one.least, DIGITS)} to {number(one.most, DIGITS)}"


def measured_entry(one: Measured) -> dict[str, Any]:
    """A number with its interval and bound as plain data; what there is not is null."""
    return {
        "name": one.name, "value": _plain(one.value), "low": _plain(one.low), "high": _plain(one.high),
        "least": _plain(one.least), "most": _plain(one.most), "verdict": one.verdict,
        "beside": {"value": _plain(one.beside.value), "unit": one.beside.unit} if one.beside else None,
    }  # fmt: skip


def linked(source: str) -> str:
    """A source with its DOIs as links."""
    parts = source.split("; ")
    return "; ".join(f"[{part}](https://doi.org/{part[4:]})" if part.startswith("doi:") else part for part in parts)


def _plain(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
