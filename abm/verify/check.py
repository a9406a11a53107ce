"""What a check is, and what it finds: plain records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from abm.reporting.measured import Measured, Verdict, worst

Kind = Literal["line", "law", "dots"]  # how a curve is drawn
FAMILY_WISE = 1e-4  # chance that all tests of a check together fail what is sound
FIXED = (
    "Seeds are fixed, so the verdict is the same every time; all tests of this check together would reject a "
    "correct model for one in 10,000 choices of seeds (Bonferroni)."
)


@dataclass(frozen=True)
class Curve:
    """A curve of a figure: x, y float[n]; kind: how it is drawn; `key`: its color, the same for the same key."""

    label: str
    x: np.ndarray
    y: np.ndarray
    kind: Kind = "line"
    key: int = 0


@dataclass(frozen=True)
class Interval:
    """A line of a chart of intervals: where a number lies."""

    label: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class CheckPanel:
    """A part of a figure.

    Attributes:
        title, x, y: in words, with units. log: axes with a logarithmic scale, such as "xy".
        curves: drawn over each other. band: least and most of the bound on y, drawn as a shaded band.
        image: float[rows, columns], drawn instead of curves, in colors from `limits[0]` to `limits[1]`; extent: left,
            right, bottom, top; rows: their names, from the top; texts: in the cells of each row.
        intervals: drawn instead of curves, a line each, with `band` on x.
    """

    title: str
    x: str
    y: str
    curves: tuple[Curve, ...] = ()
    log: str = ""
    band: tuple[float, float] | None = None
    image: np.ndarray | None = None
    limits: tuple[float, float] = (0.0, 1.0)
    extent: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)
    rows: tuple[str, ...] = ()
    texts: tuple[tuple[str, ...], ...] = ()
    intervals: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        claim: what should hold. law: the mathematics it is compared with. source: where the law stands (DOI).
        measured: numbers against their bounds. why: why these bounds and no others.
        note: what a reader should know besides. panels: what the figure shows.
        skipped: why nothing could be measured; empty where something was.
    """

    claim: str
    law: str
    source: str
    measured: tuple[Measured, ...]
    why: str
    panels: tuple[CheckPanel, ...] = ()
    note: str = ""
    skipped: str = ""

    @property
    def verdict(self) -> Verdict:
        """The worst of all measured numbers."""
        if self.skipped:
            return "skipped"
        return worst(one.verdict for one in self.measured)

    @property
    def tightest(self) -> Measured | None:
        """The measured number to show where there is room for one: the worst, else the one nearest to its bound."""
        order = ("failed", "inconclusive", "passed")
        return min(self.measured, key=lambda one: (order.index(one.verdict), _room(one)), default=None)


def _room(one: Measured) -> float:
    """How far a number is from its bound, in decades for numbers that are bounded from one side."""
    low = one.value if one.low is None else one.low
    high = one.value if one.high is None else one.high
    if np.isfinite(one.least) and np.isfinite(one.most):
        width = one.most - one.least
        return max(high - one.most, one.least - low) / -width if width > 0 else 0.0
    bound, value = (one.most, high) if np.isfinite(one.most) else (one.least, low)
    return abs(np.log10(max(abs(bound), 1e-300)) - np.log10(max(abs(value), 1e-300)))


@dataclass(frozen=True)
class Check:
    """One thing to verify.

    Attributes:
        name: on the command line. topic, title: in words.
        parts: what is worked out, each on its own on any core; functions that can be pickled.
        conclude: from what the parts gave, in their order, to the finding.
    """

    name: str
    topic: str
    title: str
    parts: tuple[Callable[[], Any], ...]
    conclude: Callable[[Sequence[Any]], Finding] = field(default=lambda given: given[0])


def check(name: str, topic: str, title: str, find: Callable[[], Finding]) -> Check:
    """A check that one function does all of."""
    return Check(name, topic, title, (find,))


def p_value(name: str, value: float, of: int) -> Measured:
    """A p-value and its bound; all tests together reject a correct model once in 10,000 times."""
    return Measured(f"{name}: p", value, FAMILY_WISE / of)


def within(name: str, value: float, expected: float, rounding: float) -> Measured:
    """A number that is known but for rounding."""
    return Measured(name, value, expected - rounding, expected + rounding)


def relative_error(seen: np.ndarray, true: np.ndarray) -> float:
    """Distance of two fields, L2, relative to the true one."""
    return float(np.linalg.norm(np.asarray(seen, dtype=np.float64) - true) / np.linalg.norm(true))
