"""Where each finding lies in the picture of all: its number on a scale, with its interval and where it has to lie.

Ratios and errors share one logarithmic scale. Days, shares and counts have a linear scale each, told at its ends.
Positions are shares of the width: 0 left, 1 right; what lies beyond ends at the edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from abm.reporting.measured import Measured, bound_text
from abm.reporting.report import number
from abm.validate.scoreboard import needs, simulated_text
from abm.validate.suite import TargetResult
from abm.validate.target import Value

LEAST, MOST = 0.01, 1000.0  # of the common scale
TICKS = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
DAYS = 28.0
LATER = 10.0  # days, to both sides
SIDES = (f"{LATER:g} d sooner", f"{LATER:g} d later")
ROUND = (1.0, 2.0, 5.0, 10.0)  # times a power of ten: ends of scales that have none of their own


@dataclass(frozen=True)
class Scale:
    """From `low` to `high`, linear unless it is the common one; `unit`: told at its end, or what each end means."""

    low: float
    high: float
    unit: str | tuple[str, str] = ""
    is_common: bool = False

    def position(self, value: float) -> float:
        """Where a number lies: below 0 or above 1 beyond the ends, infinite where it is."""
        if not self.is_common:
            return (value - self.low) / (self.high - self.low)
        if value <= 0.0:
            return -math.inf
        return (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))

    @property
    def ends(self) -> tuple[str, str]:
        """What is written at its ends."""
        if isinstance(self.unit, tuple):
            return self.unit
        return number(self.low), f"{number(self.high)} {self.unit}".rstrip()


COMMON = Scale(LEAST, MOST, is_common=True)


@dataclass(frozen=True)
class PanelRow:
    """A finding in the picture.

    Attributes:
        id, title, outcome: of the finding. name: of the number shown; `others`: further numbers of the finding, as
            positions on the same scale. simulated, tolerance: the number and its bound in words.
        scale: None where it cannot be run; then `name` says what is missing.
        value, low, high: positions of the number and of the ends of its interval. least, most: those of its bound.
    """

    id: str
    title: str
    outcome: str
    name: str
    simulated: str = ""
    tolerance: str = ""
    scale: Scale | None = None
    value: float = 0.0
    low: float = 0.0
    high: float = 0.0
    least: float = -math.inf
    most: float = math.inf
    others: tuple[float, ...] = ()


def row_of(result: TargetResult) -> PanelRow:
    """The row of a finding: of its first number that has the verdict of the whole."""
    target = result.target
    if not target.can_run:
        return PanelRow(target.id, target.title, result.outcome, needs(target))
    at = next((i for i, one in enumerate(result.measured) if one.verdict == result.verdict), 0)
    value, one = target.values[at], result.measured[at]
    scale = scale_of(value, [one])
    among = len(target.values)
    same = [
        scale.position(other.value)
        for each, other in zip(target.values, result.measured, strict=True)
        if other is not one and scale.is_common and is_ratio(each)
    ]
    low, high = (one.value if end is None else end for end in (one.low, one.high))
    return PanelRow(
        target.id,
        target.title,
        result.outcome,
        one.name + (f" ({at + 1} of {among})" if among > 1 else ""),
        simulated_text(result, at, is_short=True),
        bound_text(one) or "none: a prediction",
        scale,
        scale.position(one.value),
        scale.position(low),
        scale.position(high),
        scale.position(one.least) if math.isfinite(one.least) else -math.inf,
        scale.position(one.most) if math.isfinite(one.most) else math.inf,
        tuple(same),
    )


def is_ratio(value: Value) -> bool:
    """Whether a number is a ratio, or an error or distance in SDs, whose bound is a multiple of one."""
    return value.operation in ("error", "distance") or (
        value.operation in ("at", "peak") and value.compare in ("arm", "day", "fold")
    )


def scale_of(value: Value, shown: Sequence[Measured]) -> Scale:
    """The scale on which a number is shown."""
    if is_ratio(value):
        return COMMON
    if value.operation.endswith("_day"):
        return Scale(-LATER, LATER, SIDES) if value.compare == "later" else Scale(0.0, DAYS, "d")
    if value.compare in ("change", "less"):
        return Scale(0.0, 1.0)
    ends = [end for one in shown for end in (one.value, one.low, one.high, one.least, one.most) if end is not None]
    known = [end for end in ends if math.isfinite(end)]
    high = _rounded_up(max((abs(end) for end in known), default=0.0))
    return Scale(-high if min(known, default=0.0) < 0.0 else 0.0, high)


def _rounded_up(value: float) -> float:
    """The next round number; 1 for none."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0.0 else 0.1
    return next(step * power for step in ROUND if step * power >= value * (1.0 - 1e-9))
