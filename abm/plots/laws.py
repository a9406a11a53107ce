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
from abm.laws.law import Law
from abm.laws.numbers import capital, plain, unit_in_words
from abm.laws.places import EPITHELIUM, LYMPH_NODE, MOBILE, TISSUE, place_in_list
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
MARGIN, RIGHT, HEAD, FOOT = 0.62, 0.2, 1.0, 0.2
FOLD = 34  # characters of a title in a line
LINES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.6)))  # of one panel
INK, FAINT, SHADE = "0.2", "0.55", "#f1f2f5"
SETTINGS = STYLE | {"figure.dpi": 140, "svg.hashsalt": FILE, "svg.fonttype": "none"}


class _Panel(NamedTuple):
    """One panel: a law of the scenario and of another one, or of one of them."""

    own: LawInScenario | None
    other: LawInScenario | None

    @property
    def law(self) -> Law:
        """Its declaration."""
        known = self.own or self.other
        assert known is not None
        return known.law


class _Group(NamedTuple):
    """Panels of one cell type that stand side by side in a row; first: whether its heading names it."""

    cell: str
    panels: list[_Panel]
    first: bool


class Compared(NamedTuple):
    """Another scenario and those of its laws that are drawn beside those of the first, in gray."""

    scenario: Scenario
    laws: Sequence[LawInScenario]


def draw_laws(
    scenario: Scenario, laws: Sequence[LawInScenario], folder: Path, compared: Compared | None = None
) -> tuple[Path, Path]:
    """Draw the curves of laws into a folder, as PNG and as SVG.

    Raises:
        StorageError: no room, no right to write.
    """
    return save_both(laws_figure(scenario, laws, compared), folder, f"{FILE}-{scenario.name}")


def save_both(figure: Figure, folder: Path, name: str) -> tuple[Path, Path]:
    """Save a figure as PNG and as SVG; returns the files.

    Raises:
        StorageError: no room, no right to write.
    """
    png, svg = folder / f"{name}.png", folder / f"{name}.svg"
    with storage(folder), matplotlib.rc_context(SETTINGS):
        folder.mkdir(parents=True, exist_ok=True)
        save_figure(figure, png)
        with atomic(svg) as temporary:
            figure.savefig(temporary, format="svg", metadata={"Date": None})
    return png, svg


def laws_figure(scenario: Scenario, laws: Sequence[LawInScenario], compared: Compared | None = None) -> Figure:
    """The curves of these laws with the numbers of a scenario, and in gray those of another one."""
    rows = _rows(_panels(laws, compared.laws if compared else ()))
    step = BAND + TITLE + TALL + LABELS
    width, height = MARGIN + RIGHT + COLUMNS * PANEL + (COLUMNS - 1) * GAP, HEAD + FOOT + step * len(rows)
    with matplotlib.rc_context(SETTINGS):
        figure = NotebookFigure(figsize=(width, height))
        sheet = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        sheet.set(xlim=(0.0, width), ylim=(height, 0.0))  # inches from the top left corner
        sheet.axis("off")
        name, beside = scenario.title or scenario.name, ""
        if compared:
            beside = f" In gray: {compared.scenario.title or compared.scenario.name}."
        sheet.text(MARGIN - 0.45, 0.42, f"Laws: {name}", size=17, weight="bold", va="center")
        caption = (
            "Curves are computed by the functions of the model. Dots mark half of the response, with the signal at "
            f"which it is reached.{beside}"
        )
        sheet.text(MARGIN - 0.45, 0.74, caption, size=9.5, color=INK, va="center")
        for number, row in enumerate(rows):
            _draw_row(figure, sheet, row, HEAD + step * number)
    return figure


def _panels(laws: Sequence[LawInScenario], others: Sequence[LawInScenario]) -> list[_Panel]:
    """One panel for each law that has a curve, in the order of the list."""
    own, other = ({law.law.name: law for law in each} for each in (laws, others))
    panels = [_Panel(own.get(name), other.get(name)) for name in dict.fromkeys((*own, *other))]
    shown = [panel for panel in panels if panel.law.curve is not None]
    return sorted(shown, key=lambda panel: place_in_list(panel.law.cell))


def _rows(panels: Sequence[_Panel]) -> list[list[_Group]]:
    """Groups of panels, as many in a row as it has room for; a group that is too long goes on in the next row."""
    rows: list[list[_Group]] = [[]]
    free = COLUMNS
    for cell, own in groupby(panels, key=lambda each: each.law.cell):
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
        wide = len(group.panels) * (PANEL + GAP) - GAP
        for extent, shade in ((wide + 0.45, SHADE), (0.06, color)):
            sheet.add_patch(Rectangle((left - 0.45, top), extent, BAND - 0.04, color=shade, linewidth=0))
        heading = capital(group.cell) + ("" if group.first else " (continued)")
        sheet.text(left - 0.3, top + (BAND - 0.04) / 2, heading, size=10.5, weight="bold", va="center")
        for panel in group.panels:
            _draw_panel(figure, panel, color, MARGIN + column * (PANEL + GAP), top + BAND)
            column += 1


def _draw_panel(figure: Figure, panel: _Panel, color: str, left: float, top: float) -> None:
    """One panel; left, top: of the space for its title [inches]."""
    width, height = figure.get_size_inches()
    ax = figure.add_axes((left / width, 1.0 - (top + TITLE + TALL) / height, PANEL / width, TALL / height))
    shown = [(law, ink) for law, ink in ((panel.other, FAINT), (panel.own, color)) if law is not None]
    ends = [_draw_lines(ax, law, ink) for law, ink in shown]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    _draw_axes(ax, panel.law, low, high)
    for law, ink in shown:
        _mark_half(ax, law, ink)
    place: dict[str, Any] = {"transform": ax.transAxes, "va": "bottom"}
    title = textwrap.fill(capital(panel.law.target), FOLD)
    ax.text(0.0, 1.0 + 0.2 / TALL, title, size=8.4, weight="bold", linespacing=1.1, **place)
    ax.text(0.0, 1.0 + 0.07 / TALL, panel.law.name, size=6.4, color=FAINT, **place)


def _draw_lines(ax: Axes, law: LawInScenario, color: str) -> tuple[float, float]:
    """Draw the response of a law; returns its least and its largest value."""
    drawn, curve = law.curve(), law.law.curve
    assert drawn is not None
    assert curve is not None
    values, responses = drawn
    for (label, line), style in zip(responses.items(), LINES, strict=False):
        marker = "o" if curve.counts else ""
        ax.plot(
            values, line, color=color, linestyle=style, linewidth=1.5, label=label, marker=marker, markersize=2.6,
            clip_on=False,
        )  # fmt: skip
    if len(responses) > 1 and color != FAINT:
        own = [line for line in ax.lines if line.get_color() == color]
        ax.legend(handles=own, fontsize=6.3, handlelength=2.0, borderaxespad=0.1, labelspacing=0.25, loc="best")
    every = np.concatenate(list(responses.values()))
    return float(every.min()), float(every.max())


def _draw_axes(ax: Axes, law: Law, low: float, high: float) -> None:
    """Scales, ticks and labels of a panel whose responses lie between two values."""
    curve = law.curve
    assert curve is not None
    values = curve.signals()
    if curve.logarithmic:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(numticks=5))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(
            FuncFormatter(lambda value, _: plain(value) if value < 1e5 else f"{value:.0e}".replace("e+0", "e"))
        )
    if curve.names:
        ax.set_xticks(values, curve.names)
    ax.set_xlim(values[0], values[-1])
    ax.set_ylim(min(0.0, low), 1.04 * high if high > 0.0 else 1.0)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    ax.tick_params(labelsize=7, length=2.5, pad=2)
    ax.set_xlabel(axis_label(curve.signal, curve.unit), size=7.4, labelpad=2, color=INK)
    ax.set_ylabel(unit_in_words(law.unit), size=7.4, labelpad=2, color=INK)


def _mark_half(ax: Axes, law: LawInScenario, color: str) -> None:
    """Mark the half-point of a curve on its first line, with its value."""
    half, curve = law.half(), law.law.curve
    if half is None or curve is None or not curve.low <= half <= curve.high:
        return
    respond = next(iter(curve.lines.values()))
    at, low, high = (respond(value, law.parameters.completed()) for value in (half, curve.low, curve.high))
    ax.plot([half, half], [ax.get_ylim()[0], at], color=FAINT, linewidth=0.8, linestyle=":", zorder=1)
    ax.plot(
        [half], [at], marker="o", markersize=4.4, color=color, markeredgecolor="white", markeredgewidth=0.8, zorder=4
    )
    is_other = color == FAINT
    right = (high < low) != is_other  # where the curve leaves space; the label of the other scenario opposite
    ax.annotate(
        half_text(half, curve.unit), (half, at), xytext=(5 if right else -5, -3 if is_other else 2),
        textcoords="offset points", size=6.8, color=FAINT if is_other else INK, ha="left" if right else "right",
        va="bottom",
    )  # fmt: skip


def _color(cell: str) -> str:
    """Color of the curves of a cell type: its own in pictures of the tissue, where it has one."""
    if "cancer" in cell:
        return hexadecimal(CANCER_COLORS[CancerState.PROLIFERATING])
    own = {kind.type.title: kind.type.color for kind in CellKind}
    others = {EPITHELIUM: (214, 112, 10), MOBILE: GRAY, LYMPH_NODE: GREEN, TISSUE: BLUE}
    return hexadecimal(own.get(cell) or others.get(cell) or PURPLE)
