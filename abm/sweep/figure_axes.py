"""How an axis of a study stands along an edge of a figure."""

from __future__ import annotations

from typing import Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from abm.sweep.axis import Axis

MANY = 1000.0  # ratio of the ends of an edge from which on only powers of ten are told


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
    """A logarithmic edge with plain numbers at 1, 2 and 5, of what has been drawn; over many decades at 1."""
    getattr(ax, f"set_{which}scale")("log")
    edge = ax.xaxis if which == "x" else ax.yaxis
    low, high = edge.get_view_interval()
    edge.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < MANY * low else (1.0,)))
    edge.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    edge.set_minor_formatter(NullFormatter())
