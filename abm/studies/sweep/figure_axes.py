"""How an axis of a study stands along an edge of a figure."""

from __future__ import annotations

import math
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from abm.studies.design.axis import Axis

# At which multiples of powers of ten a logarithmic edge has ticks, up to a ratio of its ends.
TICKS = ((10.0, range(1, 10)), (1000.0, (1, 2, 5)), (math.inf, (1,)))


def unit_of(axis: Axis) -> str:
    """The unit of its values; empty where they have none."""
    return axis.unit or ("x usual" if axis.relative else "")


def label_of(axis: Axis) -> str:
    """Its name and unit."""
    return f"{axis.name} [{unit_of(axis)}]" if unit_of(axis) else axis.name


def scale(ax: Axes, axis: Axis, which: Literal["x", "y"]) -> None:
    """Logarithmic where the axis is."""
    if axis.logarithmic:
        logarithmic(ax, which)


def logarithmic(ax: Axes, which: Literal["x", "y"]) -> None:
    """A logarithmic edge with plain numbers, as many as its ends leave room for; call it when these are set."""
    getattr(ax, f"set_{which}scale")("log")
    edge = ax.xaxis if which == "x" else ax.yaxis
    low, high = edge.get_view_interval()
    subs = next(subs for ratio, subs in TICKS if high < ratio * low)
    edge.set_major_locator(LogLocator(subs=subs))
    edge.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    edge.set_minor_formatter(NullFormatter())
