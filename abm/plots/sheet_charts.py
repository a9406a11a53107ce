"""The charts of a figure for print: a measure of all arms over time, with bands of replicates where there are any."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, MultipleLocator, NullLocator

TEXT, SMALL_TEXT, AXIS = 7.0, 6.5, 6.0  # points
DASHES = (0, (3.5, 1.8))
PLAIN = FuncFormatter(lambda value, _: f"{value:,.10g}")


class Course(NamedTuple):
    """A measure of an arm over time, and the middle half of its replicates.

    Attributes:
        days, values: float64[times]. dashed: how its line is drawn.
        band_days, low, high: float64[times]; empty without replicates.
    """

    days: np.ndarray
    values: np.ndarray
    dashed: bool
    band_days: np.ndarray
    low: np.ndarray
    high: np.ndarray


class SheetChart(NamedTuple):
    """One measure.

    Attributes:
        title, unit: in words. log: whether the axis is logarithmic; then lower values than `floor` lie on it.
        courses: of each arm; none where it lacks the measure. day: that the figure shows; end: of the run.
        level: value that a line marks; none where there is none.
    """

    title: str
    unit: str
    log: bool
    floor: float
    courses: Sequence[Course | None]
    day: float
    end: float
    level: float | None


def draw_chart(ax: Axes, chart: SheetChart, colors: Sequence[str], width: float) -> None:
    """Draw a chart; width: for its title [inches]."""
    for course, color in zip(chart.courses, colors, strict=True):
        if course is None:
            continue
        if course.band_days.size > 1:
            low, high = (np.maximum(one, chart.floor) if chart.log else one for one in (course.low, course.high))
            ax.fill_between(course.band_days, low, high, color=color, alpha=0.2, linewidth=0)
        shown = np.maximum(course.values, chart.floor) if chart.log else course.values
        ax.plot(course.days, shown, color=color, linestyle=DASHES if course.dashed else "-", linewidth=1.0)
    if chart.level is not None:
        ax.axhline(chart.level, color="0.35", linewidth=0.6, linestyle=(0, (4, 3)))
    ax.axvline(chart.day, color="0.35", linewidth=0.6)
    if chart.log:
        ax.set_yscale("log")
        ax.set_ylim(*_decades(chart))
        ax.yaxis.set_major_locator(LogLocator(numticks=5))
        ax.yaxis.set_minor_locator(NullLocator())
    else:
        ax.set_ylim(bottom=0)
        ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter(PLAIN)
    unit = f" ({chart.unit})" if chart.unit else ""
    lines = textwrap.wrap(chart.title + unit, max(10, int(width * 72 / (0.6 * SMALL_TEXT))))
    title = "\n".join(lines[:2]) + (" …" if len(lines) > 2 else "")
    ax.set_title(title, size=SMALL_TEXT, weight="bold", loc="left", x=-0.3 / (width - 0.36), pad=3, linespacing=1.15)
    ax.set_xlim(0, chart.end)
    ax.xaxis.set_major_locator(MultipleLocator(7) if 14 <= chart.end <= 42 else MaxNLocator(4))
    ax.set_xlabel("day", size=AXIS, labelpad=1)
    ax.tick_params(labelsize=AXIS, length=2, width=0.5, pad=1.5)
    ax.spines[:].set_linewidth(0.5)


def _decades(chart: SheetChart) -> tuple[float, float]:
    """Ends of a logarithmic axis: whole decades, at least one, as on the page."""
    shown = [np.maximum(one, chart.floor) for course in chart.courses if course for one in (course.values, course.high)]
    values = np.concatenate([np.full(1, chart.floor) if not shown else shown[0], *shown[1:]])
    low = 10.0 ** np.floor(np.log10(values.min()) + 1e-9)
    return 0.9 * low, max(10.0 * low, 10.0 ** np.ceil(np.log10(values.max()) - 1e-9))
