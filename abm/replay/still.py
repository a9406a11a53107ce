"""A still of one day as a figure: tissue of the arms, scale bar, color scale, curves, legend, caption."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from abm.dashboard.content.charts import CHARTS, Chart
from abm.plots.figures import STYLE, save_figure
from abm.plots.legend import WIDTH, draw_legend, height_with, own_cells
from abm.plots.palette import capitalized, field_colors, hexadecimal
from abm.plots.scale_bar import draw_scale_bar
from abm.plots.timeline import bars, deed
from abm.replay.drawing import arm_picture
from abm.replay.film import HOURS_PER_DAY, READ_OUT, Film, known_overlays
from abm.replay.page import LETTERS
from abm.reporting.citation import cited_with
from abm.reporting.report import DISCLAIMER
from abm.runs.store.files import atomic

EDGE, GAP, TOP, DEEDS, CURVES, BAR, CAPTION = 0.5, 0.16, 1.0, 0.45, 1.75, 0.6, 0.62  # inches
DASHES = (0, (4, 2.2))
PLAIN = FuncFormatter(lambda value, _: f"{value:,.10g}")
# Text stays text, in SVG and where a title has a "$"; the same figure gives the same bytes.
HINTED: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "embers", "text.parse_math": False}


def write_still(film: Film, path: Path, day: float, overlay: str = "", title: str = "") -> Path:
    """Write the still of a day as PNG or, by the ending of `path`, as SVG with vector curves and text.

    Args:
        film: what is shown.
        path: of the file.
        day: shown; the nearest frame is taken.
        overlay: name of a field to lay over the tissue; empty for none.
        title: heading; by default none but the day.

    Raises:
        OSError: no room, no right to write.
    """
    with matplotlib.rc_context({**STYLE, **HINTED}):
        figure = still_figure(film, day, overlay, title)
        if path.suffix.lower() != ".svg":
            return save_figure(figure, path)
        with atomic(path) as temporary:
            FigureCanvasSVG(figure).print_svg(temporary, metadata={"Date": None})
    return path


def still_figure(film: Film, day: float, overlay: str = "", title: str = "") -> Figure:
    """The figure of one day; arguments as of `write_still`."""
    frame = film.frame_at(day * HOURS_PER_DAY)
    count, rows, columns = len(film.arms), *film.arms[0].kind.shape
    width = max(WIDTH, EDGE * 2 + 3.2 * count)
    side = min((width - 2 * EDGE - GAP * (count - 1)) / count, 5.6)
    tall = side * rows / columns
    own = own_cells([[one.title for one in arm.scenario.cells] for arm in film.arms])
    scale = BAR if any(overlay in arm.frames[frame].fields for arm in film.arms) else 0.0
    below = [CAPTION, height_with(own), CURVES + 0.75, scale, DEEDS]
    height = TOP + tall + sum(below) + 0.1
    figure = Figure(figsize=(width, height))
    shown = film.hours[frame] / HOURS_PER_DAY
    heading = f"{title}, day {shown:g}" if title else f"Day {shown:g}"
    figure.text(EDGE / width, 1 - 0.14 / height, heading, size=18, weight="bold", va="top")
    left = (width - count * side - (count - 1) * GAP) / 2 if count == 1 else EDGE
    for number, _ in enumerate(film.arms):
        place = ((left + number * (side + GAP)) / width, 1 - (TOP + tall) / height, side / width, tall / height)
        _tissue(figure.add_axes(place), film, number, frame, overlay, side)
    if scale:
        _color_scale(figure, film, overlay, 1 - (TOP + tall + DEEDS + 0.05) / height)
    _curves(figure, film, float(film.hours[frame]), (CAPTION + height_with(own) + 0.5) / height)
    draw_legend(figure, CAPTION, own)
    figure.text(
        EDGE / width,
        0.1 / height,
        textwrap.fill(_caption(film), int(12.2 * (width - 2 * EDGE))),
        size=10,
        color="0.25",
        va="bottom",
    )
    return figure


def _tissue(ax: Axes, film: Film, number: int, frame: int, overlay: str, side: float) -> None:
    """The tissue of an arm, with its name and number of cells above, and what was done below."""
    arm, (color, _) = film.arms[number], film.styles()[number]
    rows, columns = arm.kind.shape
    ax.imshow(arm_picture(arm, frame, overlay, 4), extent=(0, columns, rows, 0), interpolation="none")
    ax.set(xticks=[], yticks=[], aspect="auto")
    ax.spines[:].set(visible=True, color=hexadecimal(color), linewidth=2)
    inch, letters = columns / side, int(side * 10.5)  # sites of an inch; letters of a line
    cells = np.interp(film.hours[frame], arm.curve_hours, arm.curves[READ_OUT])
    told = f"{cells:,.0f} x the seeded cells" if cells >= 9.95 else f"{cells:.1f} x the seeded cells"
    note = ", prediction" if arm.is_prediction else ""
    name = textwrap.shorten(arm.title, max(12, letters), placeholder=" ...")
    ax.text(
        0, -0.25 * inch, f"{LETTERS[number]}  {name}", size=12, weight="bold", color=hexadecimal(color), va="bottom"
    )
    ax.text(0, -0.06 * inch, told + note, size=10, color="0.25", va="bottom")
    done = "; ".join(deed(bar, film.end) for bar in bars(arm.scenario)) or "nothing was done"
    ax.text(0, rows + 0.07 * inch, textwrap.fill(done, int(1.3 * letters)), size=9, color="0.25", va="top")
    if number == 0:
        draw_scale_bar(ax, inch)


def _color_scale(figure: Figure, film: Film, overlay: str, top: float) -> None:
    """The color scale of an overlay, with its ends, below the tissue."""
    known = known_overlays([arm.scenario for arm in film.arms])[overlay]
    norm = (LogNorm if known.log else Normalize)(known.low, known.high)
    width, height = figure.get_size_inches()
    cax = figure.add_axes((EDGE / width, top - 0.16 / height, 3.2 / width, 0.16 / height))
    bar = figure.colorbar(
        ScalarMappable(norm, ListedColormap(field_colors() / 255.0)), cax=cax, orientation="horizontal"
    )
    bar.outline.set_visible(False)
    bar.ax.minorticks_off()
    bar.ax.xaxis.set_major_formatter(PLAIN)
    name = f"{capitalized(known.name)} ({known.unit}{', log scale' if known.log else ''})"
    figure.text((EDGE + 3.4) / width, top - 0.08 / height, name, size=11, va="center")


def _curves(figure: Figure, film: Film, hour: float, bottom: float) -> None:
    """The charts of the page side by side, with a cursor at the shown time."""
    width, height = figure.get_size_inches()
    charts = [chart for chart in CHARTS if any(chart.shown in arm.curves for arm in film.arms)]
    step = (width - 2 * EDGE + 0.55) / len(charts)
    for number, chart in enumerate(charts):
        ax = figure.add_axes(
            ((EDGE + 0.1 + number * step) / width, bottom, (step - 0.62) / width, (CURVES - 0.45) / height)
        )
        _curve(ax, film, chart, hour)


def _curve(ax: Axes, film: Film, chart: Chart, hour: float) -> None:
    for arm, (color, dashed) in zip(film.arms, film.styles(), strict=True):
        if chart.shown in arm.curves:
            values = arm.curves[chart.shown] * chart.factor
            shown = np.maximum(values, chart.floor) if chart.log else values
            ax.plot(
                arm.curve_hours / HOURS_PER_DAY,
                shown,
                color=hexadecimal(color),
                linestyle=DASHES if dashed else "-",
                linewidth=1.7,
            )
    ax.axvline(hour / HOURS_PER_DAY, color="0.3", linewidth=1)
    if chart.log:
        ax.set_yscale("log")
        ax.minorticks_off()
        ax.yaxis.set_major_formatter(PLAIN)
    else:
        ax.set_ylim(bottom=0)
    name = chart.choices[chart.shown]
    ax.set_title(f"{capitalized(name)} ({chart.unit})", size=10)
    days = film.end / HOURS_PER_DAY
    ax.set_xlim(0, days)
    ax.xaxis.set_major_locator(MultipleLocator(7) if 14 <= days <= 42 else MaxNLocator(4))
    ax.set_xlabel("day", size=9)
    ax.tick_params(labelsize=9)


def _caption(film: Film) -> str:
    predictions = (
        " A prediction is an arm that no experiment has tested." if any(arm.is_prediction for arm in film.arms) else ""
    )
    twins = "Twins of" if len(film.arms) > 1 else "Run with"
    return (
        f"{twins} seed {film.seed}: one section of one lung. Cells are drawn larger than they are.{predictions} "
        f"{cited_with(film.results)} {DISCLAIMER}"
    )
