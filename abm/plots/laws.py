"""The laws of a scenario as one figure: a small panel for each law that has a curve, in groups by cell type."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from abm.laws.catalogue import LawInScenario
from abm.laws.numbers import capital, plain, unit_in_words
from abm.laws.places import EPITHELIUM, LYMPH_NODE, MOBILE, TISSUE
from abm.plots.curves import NotebookFigure
from abm.plots.figures import STYLE, save_figure
from abm.plots.palette import BLUE, CANCER_COLORS, GRAY, GREEN, PURPLE, hexadecimal
from abm.reporting.laws import axis_label, half_text
from abm.rules.cells import CellKind
from abm.rules.states import CancerState
from abm.runs.store.files import atomic, storage
from abm.scenario.scenario import Scenario

FILE = "rules"
COLUMNS, PANEL, GAP = 6, 2.05, 0.56  # panels in a row; inches, as all numbers below: of a panel, between panels
TALL, TITLE, LABELS, BAND = 1.05, 0.52, 0.5, 0.3  # heights: of a panel, its title, the labels below, the heading
MARGIN, HEAD, FOOT = 0.62, 1.0, 0.35
FOLD = 34  # characters of a title in a line
LINES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.6)))  # of one panel
INK, FAINT, SHADE = "0.2", "0.55", "#f1f2f5"
SETTINGS = STYLE | {"figure.dpi": 140, "svg.hashsalt": FILE, "svg.fonttype": "none"}


class _Group(NamedTuple):
    """Panels of one cell type that stand side by side in a row; first: whether its heading names it."""

    cell: str
    laws: list[LawInScenario]
    first: bool


def draw_laws(scenario: Scenario, laws: Sequence[LawInScenario], folder: Path) -> tuple[Path, Path]:
    """Draw the curves of laws into a folder, as PNG and as SVG.

    Raises:
        StorageError: no room, no right to write.
    """
    png, svg = folder / f"{FILE}-{scenario.name}.png", folder / f"{FILE}-{scenario.name}.svg"
    figure = laws_figure(scenario, laws)
    with storage(folder), matplotlib.rc_context(SETTINGS):
        folder.mkdir(parents=True, exist_ok=True)
        save_figure(figure, png)
        with atomic(svg) as temporary:
            figure.savefig(temporary, format="svg", metadata={"Date": None})
    return png, svg


def laws_figure(scenario: Scenario, laws: Sequence[LawInScenario]) -> Figure:
    """The curves of these laws with the numbers of a scenario."""
    rows = _rows([law for law in laws if law.law.curve is not None])
    step = BAND + TITLE + TALL + LABELS
    width, height = 2 * MARGIN + COLUMNS * PANEL + (COLUMNS - 1) * GAP, HEAD + FOOT + step * len(rows)
    with matplotlib.rc_context(SETTINGS):
        figure = NotebookFigure(figsize=(width, height))
        sheet = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        sheet.set(xlim=(0.0, width), ylim=(height, 0.0))  # inches from the top left corner
        sheet.axis("off")
        name = scenario.title or scenario.name
        sheet.text(0.2, 0.42, f"The laws that act in: {name}", size=17, weight="bold", va="center")
        caption = (
            "Curves are computed by the functions of the model. Dots: half of the response, at the value beside it."
        )
        sheet.text(0.2, 0.74, caption, size=9.5, color=INK, va="center")
        for number, row in enumerate(rows):
            _draw_row(figure, sheet, row, HEAD + step * number)
    return figure


def _rows(laws: Sequence[LawInScenario]) -> list[list[_Group]]:
    """Groups of panels, as many in a row as it has room for; a group that is too long goes on in the next row."""
    rows: list[list[_Group]] = [[]]
    free = COLUMNS
    for cell, own in groupby(laws, key=lambda each: each.law.cell):
        left, first = list(own), True
        while left:
            if free == 0 or (first and free < min(len(left), COLUMNS)):
                rows.append([])
                free = COLUMNS
            here, left = left[:free], left[free:]
            rows[-1].append(_Group(cell, here, first))
            free -= len(here)
            first = False
    return rows if rows[0] else []


def _draw_row(figure: Figure, sheet: Axes, row: Sequence[_Group], top: float) -> None:
    column = 0
    for group in row:
        left, color = MARGIN + column * (PANEL + GAP), _color(group.cell)
        wide = len(group.laws) * (PANEL + GAP) - GAP
        for extent, shade in ((wide + 0.45, SHADE), (0.06, color)):
            sheet.add_patch(Rectangle((left - 0.45, top), extent, BAND - 0.04, color=shade, linewidth=0))
        heading = capital(group.cell) + ("" if group.first else " (continued)")
        sheet.text(left - 0.3, top + (BAND - 0.04) / 2, heading, size=10.5, weight="bold", va="center")
        for law in group.laws:
            _draw_panel(figure, law, color, MARGIN + column * (PANEL + GAP), top + BAND)
            column += 1


def _draw_panel(figure: Figure, law: LawInScenario, color: str, left: float, top: float) -> None:
    """The panel of one law; left, top: of the space for its title [inches]."""
    width, height = figure.get_size_inches()
    bounds = left / width, 1.0 - (top + TITLE + TALL) / height, PANEL / width, TALL / height
    ax, curve, drawn = figure.add_axes(bounds), law.law.curve, law.curve()
    assert curve is not None
    assert drawn is not None
    values, responses = drawn
    for (label, line), style in zip(responses.items(), LINES, strict=False):
        marker = "o" if curve.counts else ""
        ax.plot(
            values, line, color=color, linestyle=style, linewidth=1.5, label=label, marker=marker, markersize=2.6,
            clip_on=False,
        )  # fmt: skip
    if curve.logarithmic:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(numticks=5))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    if curve.names:
        ax.set_xticks(values, curve.names)
    ax.set_xlim(values[0], values[-1])
    low, high = (float(end(list(responses.values()))) for end in (np.min, np.max))
    ax.set_ylim(min(0.0, low), 1.04 * high if high > 0.0 else 1.0)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    ax.tick_params(labelsize=7, length=2.5, pad=2)
    ax.set_xlabel(axis_label(curve.signal, curve.unit), size=7.4, labelpad=2, color=INK)
    unit = unit_in_words(law.law.unit)
    ax.set_ylabel(unit, size=7.4, labelpad=2, color=INK)
    title = textwrap.fill(capital(law.law.target), FOLD)
    ax.text(0.0, 1.0 + 0.2 / TALL, title, transform=ax.transAxes, size=8.4, weight="bold", va="bottom", linespacing=1.1)
    ax.text(0.0, 1.0 + 0.07 / TALL, law.law.name, transform=ax.transAxes, size=6.4, color=FAINT, va="bottom")
    _mark_half(ax, law, next(iter(responses.values())), values, color)
    if len(responses) > 1:
        ax.legend(fontsize=6.3, handlelength=2.0, borderaxespad=0.1, labelspacing=0.25, loc="best")


def _mark_half(ax: Axes, law: LawInScenario, line: np.ndarray, values: np.ndarray, color: str) -> None:
    """Mark the half-point of a curve on its first line, with its value."""
    half, curve = law.half(), law.law.curve
    if half is None or curve is None or not values[0] <= half <= values[-1]:
        return
    at = float(np.interp(np.log(half), np.log(values), line)) if curve.logarithmic else float(
        np.interp(half, values, line)
    )  # fmt: skip
    ax.plot([half, half], [ax.get_ylim()[0], at], color=FAINT, linewidth=0.8, linestyle=":", zorder=1)
    ax.plot(
        [half], [at], marker="o", markersize=4.2, color=color, markeredgecolor="white", markeredgewidth=0.8, zorder=4
    )
    falls = line[-1] < line[0]
    ax.annotate(
        half_text(half, curve.unit), (half, at), xytext=(5 if falls else -5, 2), textcoords="offset points", size=6.8,
        color=INK, ha="left" if falls else "right", va="bottom",
    )  # fmt: skip


def _color(cell: str) -> str:
    """Color of the curves of a cell type: its own in pictures of the tissue, where it has one."""
    if "cancer" in cell:
        return hexadecimal(CANCER_COLORS[CancerState.PROLIFERATING])
    own = {kind.type.title: kind.type.color for kind in CellKind}
    others = {EPITHELIUM: (214, 112, 10), MOBILE: GRAY, LYMPH_NODE: GREEN, TISSUE: BLUE}
    return hexadecimal(own.get(cell) or others.get(cell) or PURPLE)
