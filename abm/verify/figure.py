"""The figure of a check: what was measured over what the law says."""

from __future__ import annotations

import textwrap
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from abm.plots.figures import STYLE, save_figure
from abm.plots.palette import BLUE, GRAY, GREEN, ORANGE, PURPLE, RED, hexadecimal
from abm.verify.check import CheckPanel, Curve
from abm.verify.suite import CheckResult

COLORS = [hexadecimal(color) for color in (BLUE, RED, GREEN, PURPLE, ORANGE, GRAY)]
VERDICT_COLORS = {"passed": "#1c7c45", "failed": hexadecimal(RED), "inconclusive": "#a06a00", "skipped": "0.45"}
WIDTH, HEIGHT, MARGIN = 4.6, 3.5, 0.35  # inches, of a panel and around the figure
FEW = 6  # intervals, in a panel of the usual size
COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2}  # by number of panels; of more: 3
AGREEMENT = ListedColormap(["#d5ecdb", "#f3c1b5", "#f0d9a0"])  # of digests: all the same, then others
NARROWEST = 9.2  # inches, so that the text above has room


def draw(result: CheckResult, path: Path) -> bool:
    """Draw the panels of a check, its claim and verdict above them; says whether there was anything to draw.

    Raises:
        OSError: no room, no right to write.
    """
    panels = result.finding.panels
    if not panels:
        return False
    with matplotlib.rc_context(STYLE):
        save_figure(_figure(result, panels), path)
    return True


def _figure(result: CheckResult, panels: tuple[CheckPanel, ...]) -> Figure:
    columns = COLUMNS.get(len(panels), 3)
    rows = -(-len(panels) // columns)
    width = max(NARROWEST, WIDTH * columns + 2 * MARGIN)
    claim = textwrap.fill(result.finding.claim, round(width * 12.5))
    top = 0.95 + 0.22 * claim.count("\n")
    figure = Figure(figsize=(width, HEIGHT * rows + top + 0.1))
    inner = (0.01, 0.01, 0.98, 1.0 - (top + 0.1) / figure.get_figheight())
    figure.set_layout_engine(ConstrainedLayoutEngine(rect=inner, w_pad=0.08, h_pad=0.1))
    high, verdict = figure.get_figheight(), result.finding.verdict
    figure.text(MARGIN / width, 1 - 0.15 / high, result.check.title, size=16, weight="bold", va="top")
    figure.text(
        1 - MARGIN / width, 1 - 0.18 / high, verdict, size=14, weight="bold", va="top", ha="right",
        color=VERDICT_COLORS[verdict],
    )  # fmt: skip
    figure.text(MARGIN / width, 1 - 0.52 / high, claim, size=11, color="0.3", va="top", linespacing=1.3)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, panel in zip(axes, panels, strict=False):
        _draw_panel(figure, ax, panel)
    for ax in axes[len(panels) :]:
        ax.set_visible(False)
    return figure


def _draw_panel(figure: Figure, ax: Axes, panel: CheckPanel) -> None:
    ax.set_title(panel.title)
    ax.set_xlabel(panel.x)
    ax.set_ylabel(panel.y)
    if panel.image is not None:
        _draw_image(figure, ax, panel, panel.image)
    elif panel.intervals:
        _draw_intervals(ax, panel)
    else:
        _draw_curves(ax, panel)


def _draw_image(figure: Figure, ax: Axes, panel: CheckPanel, image: np.ndarray) -> None:
    seen = ax.imshow(
        image, cmap=AGREEMENT if panel.rows else "coolwarm", vmin=panel.limits[0], vmax=panel.limits[1],
        aspect="auto", interpolation="nearest", extent=panel.extent, origin="upper" if panel.rows else "lower",
    )  # fmt: skip
    for side in ("top", "right", "left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if panel.rows:
        number = len(panel.rows)
        ax.set_yticks(number - 0.5 - np.arange(number), panel.rows)
        ax.set_xticks(np.arange(image.shape[1]) + 1)
        ax.tick_params(length=0)
        for line in range(1, number):
            ax.axhline(line, color="white", linewidth=3)
        for line in range(1, image.shape[1]):
            ax.axvline(line + 0.5, color="white", linewidth=3)
        for row, texts in enumerate(panel.texts):
            for column, text in enumerate(texts, start=1):
                ax.text(column, number - 0.5 - row, text, ha="center", va="center", family="monospace", color="0.25")
    else:
        figure.colorbar(seen, ax=ax, shrink=0.9, aspect=28, pad=0.02).outline.set_visible(False)


def _draw_intervals(ax: Axes, panel: CheckPanel) -> None:
    number = len(panel.intervals)
    if panel.band:
        least, most = panel.band
        ax.axvspan(least, most, color=COLORS[2], alpha=0.12, linewidth=0)
        beyond = 0.175 * (most - least)
        ends = [end for one in panel.intervals for end in (one.low, one.high) if np.isfinite(end)]
        ax.set_xlim(min([least, *ends]) - beyond, max([most, *ends]) + beyond)
        for end in panel.band:
            ax.axvline(end, color=COLORS[2], linewidth=1.2)
        ax.text(least, number - 0.42, " within the bound", size=9, color=VERDICT_COLORS["passed"], va="bottom")
    ratio = panel.band is not None and panel.band[0] > 0.0
    ax.axvline(1.0 if ratio else 0.0, color="0.35", linewidth=1.0)  # no difference
    size = 10 if number <= FEW else 8
    for at, one in enumerate(panel.intervals):
        y = number - 1 - at
        ax.plot([one.low, one.high], [y, y], color="black", linewidth=1.8, solid_capstyle="butt")
        ax.plot([one.value], [y], "D", color=COLORS[at % len(COLORS)], markersize=0.8 * size, markeredgecolor="black")
        ax.text(one.value, y + 0.14, one.label, ha="center", va="bottom", size=size)
    ax.set_ylim(-0.5, number - 0.2)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)


def _draw_curves(ax: Axes, panel: CheckPanel) -> None:
    for curve in panel.curves:
        _draw_curve(ax, curve)
    if panel.band:
        ax.axhspan(*panel.band, color=COLORS[2], alpha=0.12, linewidth=0)
        ax.set_ylim(*(1.3 * end for end in panel.band))
    if "x" in panel.log:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(FixedLocator(sorted({value for curve in panel.curves for value in curve.x})))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:.3g}"))
        ax.xaxis.set_minor_locator(NullLocator())
    if "y" in panel.log:
        ax.set_yscale("log")
        low, high = ax.get_ylim()
        if high / low < 100:
            steps = [factor * 10.0**power for power in range(-12, 6) for factor in (1, 2, 5)]
            ax.yaxis.set_major_locator(FixedLocator([step for step in steps if low <= step <= high]))
            ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
        ax.yaxis.set_minor_locator(NullLocator())
    ax.grid(color="0.93", linewidth=0.8)
    ax.set_axisbelow(True)
    if any(curve.label for curve in panel.curves):
        ax.legend(fontsize=9.5, handlelength=1.6)


def _draw_curve(ax: Axes, curve: Curve) -> None:
    color = COLORS[curve.key % len(COLORS)]
    label = curve.label or "_"
    if curve.kind == "dots":
        ax.plot(curve.x, curve.y, "o", markersize=4.2, color=color, alpha=0.8, markeredgewidth=0, label=label)
    elif curve.kind == "law":
        ax.plot(curve.x, curve.y, color="black", linewidth=1.1, label=label, zorder=3)
    else:
        ax.plot(curve.x, curve.y, color=color, linewidth=2.0, label=label)
