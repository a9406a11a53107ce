"""How an axis of a study stands along an edge of a figure."""

from __future__ import annotations

from typing import Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from abm.sweep.axis import Axis


def unit_of(axis: Axis) -> str:
    """The unit of its values; empty where they have none."""
    return axis.unit or ("x usual" if axis.relative else "")


def label_of(axis: Axis) -> str:
    """Its name and unit."""
    return f"{axis.name} [{unit_of(axis)}]" if unit_of(axis) else axis.name


def scale(ax: Axes, axis: Axis, which: Literal["x", "y"]) -> None:
    """Logarithmic where the axis is, with plain numbers at 1, 2 and 5."""
    if not axis.logarithmic:
        return
    getattr(ax, f"set_{which}scale")("log")
    edge = ax.xaxis if which == "x" else ax.yaxis
    edge.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    edge.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    edge.set_minor_formatter(NullFormatter())
