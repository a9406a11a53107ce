"""The picture of a study: its outcome against each of its axes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.plots.figures import STYLE, save_figure
from abm.plots.palette import arm_styles, hexadecimal
from abm.reporting.report import short
from abm.studies.design.axis import Axis
from abm.studies.design.study import Study
from abm.studies.sweep.figure_axes import label_of, logarithmic, scale, unit_of
from abm.studies.sweep.outcome import MeasureAtTime, PointRow

COLUMNS = 3
PANEL = (4.6, 4.6)  # inches
TITLE = 0.5
WIDE = 36  # letters up the side of a panel
LINES = 8  # more than so many lines of one arm are drawn as dots with their mean
BINS = 8  # of a sampled axis, to average over
PALEST = 0.35
BAND = 0.15  # opacity of the range over parameter sets


def draw(study: Study, outcome: MeasureAtTime, rows: Sequence[PointRow], path: Path) -> Path:
    """A panel an axis; a line for each arm and value of the other axes, or dots with their mean where these are many.

    Raises:
        OSError: no room, no right to write.
    """
    count = max(1, len(study.axes))
    columns = min(COLUMNS, count)
    lines = -(-count // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(PANEL[0] * columns, PANEL[1] * lines + TITLE), layout="constrained")
        figure.suptitle(study.title, x=0.01, ha="left", fontweight="bold")
        left: Axes | None = None
        for place in range(count):
            ax = figure.add_subplot(lines, columns, place + 1, sharey=left)
            left = left or ax
            _panel(ax, study, outcome, rows, place)
            if place % columns == 0:
                ax.set_ylabel(textwrap.fill(outcome.meaning, WIDE))
            if outcome.logarithmic:
                logarithmic(ax, "y")
            if ax.get_legend_handles_labels()[0]:
                ax.legend(loc="upper left", bbox_to_anchor=(0.0, -0.16), fontsize=9, borderaxespad=0.0)
        return save_figure(figure, path)


def _panel(ax: Axes, study: Study, outcome: MeasureAtTime, rows: Sequence[PointRow], place: int) -> None:
    """The outcome against one axis, for all arms; an arm without any axis is a level line."""
    styles = arm_styles([arm.name for arm in study.arms])
    for number, arm in enumerate(study.arms):
        own = [row for row in rows if row.point.arm == number and _is_drawn(row, outcome)]
        color, name = hexadecimal(styles[arm.name].color), arm.title or arm.name
        if all(value is None for row in own for value in row.point.coordinates):
            for row in own:
                ax.axhline(row.found.value, color=color, linestyle="--", linewidth=1.2, label=name)
                if row.sets.sets:
                    ax.axhspan(row.sets.low, row.sets.high, color=color, alpha=BAND, linewidth=0.0)
        elif study.axes[place].is_in(arm):
            _arm(ax, study, outcome, own, place, color, name)
    if any(row.sets.sets for row in rows):
        ax.plot([], [], color="gray", alpha=2.0 * BAND, linewidth=6.0, label="middle 90 % over parameter sets")
    if study.axes:
        scale(ax, study.axes[place], "x")
        ax.set_xlabel(label_of(study.axes[place]))


def _is_drawn(row: PointRow, outcome: MeasureAtTime) -> bool:
    """Whether there is a number to be drawn; nothing has no place on a logarithmic edge."""
    return bool(np.isfinite(row.found.value) and (row.found.value > 0.0 or not outcome.logarithmic))


def _arm(
    ax: Axes, study: Study, outcome: MeasureAtTime, own: Sequence[PointRow], place: int, color: str, name: str
) -> None:
    """One arm against one axis."""
    lines: dict[tuple[float | None, ...], list[PointRow]] = {}
    for row in own:
        values = row.point.coordinates
        lines.setdefault(values[:place] + values[place + 1 :], []).append(row)
    if len(lines) > LINES:
        _cloud(ax, study.axes[place], outcome, own, place, color, name)
        return
    rest = [axis for at, axis in enumerate(study.axes) if at != place]
    for number, (others, line) in enumerate(sorted(lines.items())):
        told = [_told(axis, value) for axis, value in zip(rest, others, strict=True) if value is not None]
        x, y = _curve(line, place)
        strength = PALEST + (1.0 - PALEST) * (number + 1) / len(lines)
        ax.plot(x, y, "o-", color=color, alpha=strength, markersize=4, linewidth=1.6, label=", ".join([name, *told]))
        if all(row.sets.sets for row in line):
            ends = sorted((float(row.point.coordinates[place] or 0.0), row.sets.low, row.sets.high) for row in line)
            ax.fill_between(*np.array(ends).T, color=color, alpha=BAND * strength, linewidth=0.0)


def _told(axis: Axis, value: float) -> str:
    """A value of an axis, for people."""
    return f"{axis.name} {short(value)} {unit_of(axis)}".rstrip()


def _curve(rows: Sequence[PointRow], place: int) -> tuple[np.ndarray, np.ndarray]:
    """Values of an axis in rising order, and the outcome there."""
    pairs = sorted((float(row.point.coordinates[place] or 0.0), row.found.value) for row in rows)
    x, y = np.array(pairs).T
    return x, y


def _cloud(
    ax: Axes, axis: Axis, outcome: MeasureAtTime, own: Sequence[PointRow], place: int, color: str, name: str
) -> None:
    """Each point as a dot, and the mean over them along the axis, on the scale that is drawn."""
    x, y = _curve(own, place)
    ax.plot(x, y, ".", color=color, alpha=0.3, markersize=4)
    groups = [x == level for level in axis.levels] if axis.levels else _octiles(x)
    used = [group for group in groups if group.any()]
    mean = [float(10.0 ** np.log10(y[group]).mean() if outcome.logarithmic else y[group].mean()) for group in used]
    ax.plot([float(np.median(x[group])) for group in used], mean, color=color, linewidth=2.0, label=f"{name}, mean")


def _octiles(x: np.ndarray) -> list[np.ndarray]:
    """Which values are in each of some equally large groups, from the smallest on."""
    order = np.argsort(np.argsort(x, kind="stable"), kind="stable")
    return [order * BINS // x.size == number for number in range(BINS)]
