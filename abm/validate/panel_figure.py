"""One picture of all findings: a row each, in groups, from `abm.validate.panel`."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from abm.plots.figures import STYLE, save_figure
from abm.plots.palette import BLUE, GRAY, RED, hexadecimal
from abm.reporting.report import DISCLAIMER, short
from abm.runs.store.files import atomic, storage
from abm.validate.groups import GROUPS
from abm.validate.panel import COMMON, TICKS, PanelRow, row_of
from abm.validate.scoreboard import OUTCOMES, by_group, outcomes
from abm.validate.suite import CANNOT_RUN, TargetResult, sections_told

FILE = "panel"
WIDTH = 10.0  # inches, as all numbers below
MARGIN, ID, LEFT, RIGHT, TEXT = 0.25, 0.42, 4.4, 7.75, 7.95  # from the left: border, names, scale, words
HEAD, FOOT, TITLE, ROW, GAP = 1.35, 0.85, 0.36, 0.335, 0.12  # heights
BAR = 0.075  # half the height of where a number has to lie
TOLERATED, BAND, GRID, FAINT = "#bfe3cb", "#eef0f3", "#dfe2e7", "#8b9098"
WIDEST = 24  # characters of a number with its interval, at full size
FOLD = 54  # characters of a title
EDGE = 0.01  # of the width
DPI = 160


class Mark(NamedTuple):
    """How an outcome is drawn: also without colors, they differ."""

    color: str
    marker: str
    size: float
    filled: bool = True


MARKS: dict[str, Mark] = {
    "fitted": Mark("#1c7c45", "o", 6.0),
    "reproduced": Mark(hexadecimal(BLUE), "D", 5.6),
    "failed": Mark(hexadecimal(RED), "X", 8.0),
    "inconclusive": Mark("#a06a00", "s", 5.6, filled=False),
    "prediction": Mark(hexadecimal(GRAY), "v", 6.2, filled=False),
    CANNOT_RUN: Mark(FAINT, "_", 8.0),
}


def draw_panel(results: Sequence[TargetResult], version: str, folder: Path) -> tuple[Path, Path]:
    """Draw all findings into a folder, as PNG and as SVG.

    Raises:
        StorageError: no room, no right to write.
    """
    png, svg = folder / f"{FILE}.png", folder / f"{FILE}.svg"
    with storage(folder), matplotlib.rc_context(STYLE | {"figure.dpi": DPI, "svg.hashsalt": FILE}):
        figure = _figure(results, version)
        save_figure(figure, png)
        with atomic(svg) as temporary:
            figure.savefig(temporary, format="svg", metadata={"Date": None})
    return png, svg


def _figure(results: Sequence[TargetResult], version: str) -> Figure:
    groups = by_group(results)
    height = HEAD + FOOT + sum(TITLE + GAP + ROW * len(own) for own in groups.values())
    figure = Figure(figsize=(WIDTH, height))
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set_xlim(0.0, WIDTH)
    ax.set_ylim(height, 0.0)  # inches from the top
    ax.axis("off")
    _head(ax, results)
    top = HEAD
    for letter, own in groups.items():
        _group(ax, letter, own, top)
        top += TITLE
        _grid(ax, top, top + ROW * len(own))
        for result in own:
            _row(ax, row_of(result), top + ROW / 2.0)
            top += ROW
        top += GAP
    _ticks(ax, top)
    caption = (
        "Marks: the simulated number with its 95 % interval; pale dots: further ratios of the same finding. Green: "
        "where it has to lie. Ratios and errors share the scale at the bottom; days, shares and counts have one each "
        f"(ends in gray). Embers {version}, {sections_told(results)} sections of lung per arm. {DISCLAIMER}"
    )
    _write(ax, MARGIN, height - 0.12, textwrap.fill(caption, 165), 7.0, "0.35", va="bottom", linespacing=1.3)
    return figure


def _head(ax: Axes, results: Sequence[TargetResult]) -> None:
    _write(ax, MARGIN, 0.3, "What the model reproduces, and what it does not", 15.0, "black", weight="bold")
    counted = outcomes(results)
    text = f"{len(results)} findings, all simulated with one set of parameters per host and virus"
    _write(ax, MARGIN, 0.62, text, 9.0, "0.35")
    at = MARGIN + 0.08
    for name in OUTCOMES:
        if counted[name]:
            _mark(ax, at, 0.98, MARKS[name])
            label = f"{counted[name]} {name}"
            _write(ax, at + 0.13, 0.98, label, 8.6, MARKS[name].color, weight="bold")
            at += 0.36 + 0.078 * len(label)
    _write(ax, TEXT, 0.93, "simulated", 8.2, "black", weight="bold")
    _write(ax, TEXT, 1.08, "where it has to lie", 7.0, "0.45")


def _group(ax: Axes, letter: str, results: Sequence[TargetResult], top: float) -> None:
    middle = top + TITLE / 2.0 - 0.03
    ax.fill_between([MARGIN - 0.08, WIDTH - MARGIN + 0.08], top, top + TITLE - 0.06, color=BAND, linewidth=0)
    _write(ax, MARGIN, middle, f"{letter}   {GROUPS[letter]}", 9.5, "black", weight="bold")
    counted = outcomes(results)
    told = ", ".join(f"{counted[name]} {name}" for name in OUTCOMES if counted[name])
    _write(ax, WIDTH - MARGIN, middle, told, 8.0, "0.35", ha="right")


def _grid(ax: Axes, top: float, bottom: float) -> None:
    for tick in TICKS:
        color, width = ("#aab0b9", 1.1) if tick == 1.0 else (GRID, 0.7)
        x = _x(COMMON.position(tick))
        ax.plot([x, x], [top, bottom], color=color, linewidth=width, solid_capstyle="butt", zorder=1)


def _ticks(ax: Axes, top: float) -> None:
    for tick in TICKS:
        label = f"{tick:,.0f}" if tick >= 1.0 else short(tick)
        _write(ax, _x(COMMON.position(tick)), top, label, 7.5, "0.35", ha="center")
    _write(
        ax,
        (LEFT + RIGHT) / 2.0,
        top + 0.16,
        "ratio, or error (1: as far as the experiments from each other)",
        7.5,
        "0.35",
        ha="center",
    )


def _row(ax: Axes, row: PanelRow, y: float) -> None:
    title = textwrap.shorten(row.title, FOLD + 12, placeholder=" ...")
    _write(ax, MARGIN, y - 0.065, row.id, 8.2, "black", weight="bold")
    _write(ax, MARGIN + ID, y - 0.065, title, 8.2 if len(title) <= FOLD else 7.2, "black")
    if row.scale is None:
        ax.fill_between([LEFT - 0.1, RIGHT + 0.1], y - ROW / 2.0, y + ROW / 2.0, color="white", linewidth=0, zorder=2)
        _write(ax, LEFT, y, textwrap.fill(row.name, 68), 7.0, FAINT, style="italic", linespacing=1.15)
        _write(ax, MARGIN + ID, y + 0.075, CANNOT_RUN, 7.0, FAINT)
        return
    mark = MARKS[row.outcome]
    _write(ax, MARGIN + ID, y + 0.075, textwrap.shorten(row.name, 68, placeholder=" ..."), 7.0, "0.45")
    size = min(8.2, 8.2 * WIDEST / max(1, len(row.simulated)))
    _write(ax, TEXT, y - 0.065, row.simulated, size, mark.color, weight="bold")
    _write(ax, TEXT, y + 0.075, row.tolerance, 7.0, "0.45")
    if not row.scale.is_common:
        _own_scale(ax, row.scale.ends, y)
    _tolerated(ax, row.least, row.most, y)
    for other in row.others:
        ax.plot([_x(other)], [y], "o", color=mark.color, markersize=3.2, alpha=0.35, markeredgewidth=0, zorder=4)
    ends = [_x(row.low), _x(row.high)]
    ax.plot(ends, [y, y], color=mark.color, linewidth=2.0, solid_capstyle="round", zorder=5)
    beyond = ">" if row.value > 1.0 + EDGE else "<" if row.value < -EDGE else ""
    _mark(ax, _x(row.value), y, mark._replace(marker=beyond, size=7.0) if beyond else mark)


def _own_scale(ax: Axes, ends: tuple[str, str], y: float) -> None:
    """A scale of its own in place of the common one."""
    ax.fill_between([LEFT - 0.1, RIGHT + 0.1], y - ROW / 2.0, y + ROW / 2.0, color="white", linewidth=0, zorder=2)
    ax.plot([LEFT, RIGHT], [y, y], color=GRID, linewidth=0.9, zorder=2)
    for x, text, side in ((LEFT, ends[0], "left"), (RIGHT, ends[1], "right")):
        ax.plot([x, x], [y - 0.05, y + 0.05], color="#aab0b9", linewidth=0.9, zorder=2)
        _write(ax, x, y + 0.125, text, 5.8, FAINT, ha=side)


def _tolerated(ax: Axes, least: float, most: float, y: float) -> None:
    if not np.isfinite([least, most]).any():
        return
    left, right = _x(least), _x(most)
    if right - left < 0.03:  # a single number
        left, right = left - 0.03, right + 0.03
    style = "round,pad=0,rounding_size=0.05"
    ax.add_patch(
        FancyBboxPatch((left, y - BAR), right - left, 2.0 * BAR, style, color=TOLERATED, linewidth=0, zorder=3)
    )
    for bound, x in ((least, left), (most, right)):
        if 0.0 <= bound <= 1.0:
            ax.plot([x, x], [y - BAR, y + BAR], color="#3c8f5c", linewidth=1.0, zorder=3)


def _mark(ax: Axes, x: float, y: float, mark: Mark) -> None:
    face = mark.color if mark.filled else "white"
    edge = "white" if mark.filled and mark.marker != "_" else mark.color
    ax.plot(
        [x], [y], mark.marker, markersize=mark.size, markerfacecolor=face, markeredgecolor=edge,
        markeredgewidth=0.8 if mark.filled else 1.5, zorder=6,
    )  # fmt: skip


def _x(position: float) -> float:
    """Where a position lies in the picture, in inches from the left; beyond the ends: at them."""
    return LEFT + float(np.clip(position, 0.0, 1.0)) * (RIGHT - LEFT)


def _write(ax: Axes, x: float, y: float, text: str, size: float, color: str, **style: Any) -> None:
    ax.text(x, y, text, size=size, color=color, **({"va": "center"} | style))
