"""A figure for print at a chosen size: tissue of the arms, scale bar, color scale, curves, legend, caption.

Text keeps its size [points] whatever the size of the figure; the tissue takes what is left.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from abm.plots.figures import STYLE
from abm.plots.palette import Color, field_colors
from abm.plots.scale_bar import draw_scale_bar
from abm.plots.sheet_charts import AXIS, SMALL_TEXT, TEXT, SheetChart, draw_chart
from abm.plots.sheet_legend import OwnCells, draw_sheet_legend, legend_height

MM_PER_INCH = 25.4
EDGE, GAP, LINE = 0.1, 0.12, 0.125  # inches: round the figure, between parts, from line to line
LEAST_SIDE, GOOD_SIDE, MOST_SIDE = 0.7, 1.4, 3.4  # inches, of a tissue
CHART, LEAST_CHART, MOST_CHART = 1.15, 1.32, 3.2  # inches: height, least and most width of a chart
HINTED: dict[Any, Any] = {  # text stays text; the same figure gives the same bytes
    "svg.fonttype": "none", "svg.hashsalt": "embers", "pdf.fonttype": 42, "text.parse_math": False,
}  # fmt: skip
PLAIN = FuncFormatter(lambda value, _: f"{value:,.10g}")
FORMATS = {"png": FigureCanvasAgg, "svg": FigureCanvasSVG, "pdf": FigureCanvasPdf}


class SheetError(ValueError):
    """What was asked for does not fit on the figure; the text has size, least size and a remedy."""


class SheetSize(NamedTuple):
    """Width and height [inches]; a height of 0 follows from the content. dpi: pixels per inch of its pictures."""

    width: float
    height: float = 0.0
    dpi: int = 300


class SheetArm(NamedTuple):
    """One arm on the figure.

    Attributes:
        letter, title: of the arm. color: "#rrggbb".
        picture: uint8[height, width, 3]. shape: of the section, rows and columns [sites].
        lines: of the awakening level, each float[points, 2] in sites (x, y).
        note: below its title. done: what was done to it.
    """

    letter: str
    title: str
    color: str
    picture: np.ndarray
    shape: tuple[int, int]
    lines: Sequence[np.ndarray]
    note: str
    done: str


class ColorScale(NamedTuple):
    """The scale of a field that lies over the tissue."""

    label: str
    low: float
    high: float
    log: bool


class Sheet(NamedTuple):
    """What the figure shows.

    Attributes:
        heading: bold, at the top. arms: one to four. charts: below the tissue.
        scale: of the field over the tissue. key: names and colors of what else colors it. level: what the lines are.
        legend: whether there is one. own_cells: of scenarios, for the legend. caption: at the bottom.
    """

    heading: str
    arms: Sequence[SheetArm]
    charts: Sequence[SheetChart]
    scale: ColorScale | None
    key: Sequence[tuple[str, Color]]
    level: str
    legend: bool
    own_cells: OwnCells
    caption: str


def write_sheet(sheet: Sheet, size: SheetSize, path: Path) -> Path:
    """Write the figure as PNG, SVG or PDF, by the ending of `path`.

    Raises:
        SheetError: its size is too small for what it is to show. OSError: no room, no right to write.
    """
    kind = path.suffix.lower().removeprefix(".")
    with matplotlib.rc_context({**STYLE, **HINTED}):
        figure = sheet_figure(sheet, size)
        metadata: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind, {})
        FORMATS[kind](figure).print_figure(path, dpi=size.dpi, format=kind, metadata=metadata)
    return path


def sheet_figure(sheet: Sheet, size: SheetSize) -> Figure:
    """The figure; errors as of `write_sheet`."""
    columns, side = _grid(sheet, size)
    blocks, inner = _blocks(sheet, side), size.width - 2 * EDGE
    rows = math.ceil(len(sheet.arms) / columns)
    indent = (inner - columns * side - (columns - 1) * GAP) / 2
    height = size.height or _fixed(sheet, size.width, blocks, rows) + rows * _tall(sheet, side)
    figure = Figure(figsize=(size.width, height), dpi=size.dpi)
    canvas = _Canvas(figure, size.width, height)
    top = EDGE + 0.16
    canvas.text(EDGE, top, sheet.heading, size=9, weight="bold", va="bottom")
    for at, arm in enumerate(sheet.arms):
        row, column = divmod(at, columns)
        left = EDGE + indent + column * (side + GAP)
        head = top + row * (blocks[0] + _tall(sheet, side) + blocks[1])
        _arm(canvas, arm, (left, head + blocks[0]), (side, _tall(sheet, side)), at == 0)
    top += rows * (blocks[0] + _tall(sheet, side) + blocks[1])
    if sheet.scale or sheet.level:
        _scales(canvas, sheet, top + 0.06)
        top += _scales_height(sheet, size.width)
    top = _charts(canvas, sheet, top)
    if sheet.legend:
        draw_sheet_legend(figure, top, sheet.own_cells, sheet.key)
        top += legend_height(size.width, sheet.own_cells, sheet.key)
    canvas.text(EDGE, top + 0.06, _caption(sheet, size.width), size=SMALL_TEXT, color="0.25", va="top")
    return figure


class _Canvas:
    """A figure whose places are inches from its upper left corner."""

    def __init__(self, figure: Figure, width: float, height: float) -> None:
        self.figure, self.width, self.height = figure, width, height

    def text(self, left: float, top: float, text: str, **how: Any) -> None:
        self.figure.text(left / self.width, 1 - top / self.height, text, linespacing=1.25, **how)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        place = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(place)


def _grid(sheet: Sheet, size: SheetSize) -> tuple[int, float]:
    """Columns of arms, and the side of a tissue [inches]: the largest that the size leaves."""
    count, least = len(sheet.arms), math.inf
    ways = {columns: (size.width - 2 * EDGE - (columns - 1) * GAP) / columns for columns in range(1, count + 1)}
    if not size.height:  # as many beside each other as can be seen well
        columns = max((one for one, side in ways.items() if side >= GOOD_SIDE and count % one == 0), default=1)
        return columns, min(ways[columns], MOST_SIDE)
    found = 0, 0.0
    for columns, widest in ways.items():
        side, rows = min(widest, MOST_SIDE), math.ceil(count / columns)
        for _ in range(3):  # lines of text depend on the side, and it on them
            fixed = _fixed(sheet, size.width, _blocks(sheet, side), rows)
            side = max(0.05, min(side, (size.height - fixed) / rows / _tall(sheet, 1.0)))
        found = max(found, (columns, side), key=lambda one: one[1])
        if widest >= LEAST_SIDE:
            fixed = _fixed(sheet, size.width, _blocks(sheet, LEAST_SIDE), rows)
            least = min(least, fixed + rows * _tall(sheet, LEAST_SIDE))
    if found[1] < LEAST_SIDE:
        told = f"{size.height * MM_PER_INCH:.0f} mm high"
        raise SheetError(
            f"the figure, {size.width * MM_PER_INCH:.0f} mm wide and {told}, has no room for all that it is to show: "
            f"make it at least {math.ceil(least * MM_PER_INCH)} mm high, leave the height open, or leave out legend or "
            "curves"
        )
    return found


def _tall(sheet: Sheet, side: float) -> float:
    rows, columns = sheet.arms[0].shape
    return side * rows / columns


def _wrapped(text: str, width: float, size: float) -> str:
    """Text in lines of this width [inches]; a letter takes about half its size."""
    return textwrap.fill(text, max(12, int(width * 72 / (0.54 * size))))


def _title(arm: SheetArm, side: float) -> str:
    lines = _wrapped(f"{arm.letter}  {arm.title}", side, 1.16 * TEXT).split("\n")
    return "\n".join(lines[:2]) + (" …" if len(lines) > 2 else "")


def _blocks(sheet: Sheet, side: float) -> tuple[float, float]:
    """Height of the text above and below each tissue [inches], the same for all arms."""
    above = max(_title(arm, side).count("\n") + 1 for arm in sheet.arms) + 1
    below = max(_wrapped(arm.done, side, SMALL_TEXT).count("\n") + 1 if arm.done else 0 for arm in sheet.arms)
    return 0.1 + LINE * above, 0.08 + LINE * 0.92 * below


def _fixed(sheet: Sheet, width: float, blocks: tuple[float, float], rows: int) -> float:
    """Height of all but the tissues [inches]."""
    caption = LINE * 0.92 * (_caption(sheet, width).count("\n") + 1) + 0.1 if sheet.caption else 0.0
    legend = legend_height(width, sheet.own_cells, sheet.key) if sheet.legend else 0.0
    charts = _chart_rows(sheet, width) * (CHART + 0.5)
    return 2 * EDGE + 0.16 + rows * sum(blocks) + _scales_height(sheet, width) + charts + legend + caption


def _caption(sheet: Sheet, width: float) -> str:
    return _wrapped(sheet.caption, width - 2 * EDGE, SMALL_TEXT)


def _chart_rows(sheet: Sheet, width: float) -> int:
    return math.ceil(len(sheet.charts) / _charts_across(sheet, width)) if sheet.charts else 0


def _charts_across(sheet: Sheet, width: float) -> int:
    """Charts in a row, such that all rows are about as long."""
    most = max(1, int((width - 2 * EDGE) / LEAST_CHART))
    return math.ceil(len(sheet.charts) / math.ceil(len(sheet.charts) / most)) if sheet.charts else 1


def _arm(canvas: _Canvas, arm: SheetArm, corner: tuple[float, float], size: tuple[float, float], scaled: bool) -> None:
    """The tissue of an arm at a corner, with title and note above, and what was done below."""
    (left, top), (side, tall) = corner, size
    rows, columns = arm.shape
    ax = canvas.axes(left, top, side, tall)
    ax.imshow(arm.picture, extent=(0, columns, rows, 0), interpolation="none")
    ax.set(xticks=[], yticks=[], aspect="auto")
    ax.spines[:].set(visible=True, color=arm.color, linewidth=1.2)
    for line in arm.lines:
        ax.plot(line[:, 0], line[:, 1], color="white", linewidth=1.8)
        ax.plot(line[:, 0], line[:, 1], color="#0b6b62", linewidth=0.9)
    ax.set(xlim=(0, columns), ylim=(rows, 0))
    title = _title(arm, side)
    canvas.text(left, top - 0.05 - LINE, title, size=1.05 * TEXT, weight="bold", color=arm.color, va="bottom")
    canvas.text(left, top - 0.035, arm.note, size=SMALL_TEXT, color="0.25", va="bottom")
    canvas.text(left, top + tall + 0.035, _wrapped(arm.done, side, SMALL_TEXT), size=SMALL_TEXT, color="0.25", va="top")
    if scaled:
        draw_scale_bar(ax, columns / side, TEXT)


def _level_text(sheet: Sheet, width: float) -> str:
    return _wrapped(sheet.level, width - 2 * EDGE - 0.4, SMALL_TEXT)


def _is_beside(sheet: Sheet, width: float) -> bool:
    """Whether the line of the awakening level is explained in the row of the color scale."""
    letters = len(sheet.level) + (len(sheet.scale.label) if sheet.scale else 0)
    return 2 * EDGE + (1.7 if sheet.scale else 0.0) + 0.3 + 0.058 * letters <= width


def _scales_height(sheet: Sheet, width: float) -> float:
    if not (sheet.scale or sheet.level):
        return 0.0
    lines = _level_text(sheet, width).count("\n") + (0 if _is_beside(sheet, width) or not sheet.scale else 1)
    return 0.36 + LINE * (lines if sheet.level else 0)


def _scales(canvas: _Canvas, sheet: Sheet, top: float) -> None:
    """The color scale of the field over the tissue with its ends, and the line of the awakening level."""
    left = EDGE
    if sheet.scale:
        norm = (LogNorm if sheet.scale.log else Normalize)(sheet.scale.low, sheet.scale.high)
        cax = canvas.axes(left + 0.1, top, 1.25, 0.08)
        colors = ListedColormap(field_colors() / 255.0 if not sheet.key else np.linspace((0.97,) * 3, (0.29,) * 3, 64))
        bar = canvas.figure.colorbar(ScalarMappable(norm, colors), cax=cax, orientation="horizontal")
        bar.outline.set_visible(False)
        bar.ax.minorticks_off()
        bar.ax.tick_params(labelsize=AXIS, length=2, width=0.5, pad=1.5)
        bar.ax.xaxis.set_major_formatter(PLAIN)
        label = _wrapped(sheet.scale.label, canvas.width - 1.7, SMALL_TEXT)
        canvas.text(left + 1.5, top + 0.04, label, size=SMALL_TEXT, va="center")
        left += 1.6 + 0.058 * len(sheet.scale.label)
    if sheet.level:
        beside = _is_beside(sheet, canvas.width) and sheet.scale is not None
        left, top = (left, top) if beside else (EDGE, top + (0.26 if sheet.scale else 0.0))
        ax = canvas.axes(left, top, 0.24, 0.08)
        ax.plot([0, 1], [0.5, 0.5], color="#0b6b62", linewidth=1.2)
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.axis("off")
        canvas.text(left + 0.3, top - 0.01, _level_text(sheet, canvas.width), size=SMALL_TEXT, va="top")


def _charts(canvas: _Canvas, sheet: Sheet, top: float) -> float:
    """The charts in rows; gives where the next part begins."""
    across = _charts_across(sheet, canvas.width)
    step = min(MOST_CHART, (canvas.width - 2 * EDGE) / across)
    styles = [arm.color for arm in sheet.arms]
    for at, chart in enumerate(sheet.charts):
        row, column = divmod(at, across)
        ax = canvas.axes(
            EDGE + column * step + 0.36, top + row * (CHART + 0.5) + 0.24, step - 0.46, CHART
        )  # fmt: skip
        draw_chart(ax, chart, styles, step - 0.1)
    return top + _chart_rows(sheet, canvas.width) * (CHART + 0.5)
