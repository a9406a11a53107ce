"""Maps side by side on one scale: rows are arms, columns are days. One of the tissue, one of its IL-6."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter

from abm.core.lattice import SPACING
from abm.rules.states import SiteKind
from abm.study.figure_data import Drawn
from abm.study.figure_legend import HEIGHT as LEGEND_HEIGHT
from abm.study.figure_legend import WIDTH as LEGEND_WIDTH
from abm.study.figure_legend import draw_legend
from abm.study.palette import il6_colors
from abm.study.report import DISCLAIMER
from abm.study.tissue_picture import tissue_picture

SCALE_BAR = 200.0  # um
LEFT, RIGHT, TOP, GAP = 1.75, 0.15, 0.85, 0.08  # inches
CAPTION = 0.55
COLOR_BAR = 1.05
OUTLINE = "#00968c"
IL6_TOP = 1.0  # ng/mL: half of the full response of a cancer cell; a quiet lung must not look inflamed
IL6_RANGE = 200.0  # from the top to the bottom of the color scale


@dataclass(frozen=True)
class Grid:
    """Where maps go, a panel for each arm and day, all on one scale."""

    figure: Figure
    panels: dict[tuple[str, float], Axes]
    snapshots: dict[str, dict[float, Path]]
    below: float  # inches between the panels and the lower edge
    height: float  # inches
    right: float  # end of the panels, as a share of the width

    def filled(self) -> Iterator[tuple[str, Axes, Path]]:
        """Arm, panel and file of every snapshot there is."""
        for (arm, day), ax in self.panels.items():
            if day in self.snapshots[arm]:
                yield arm, ax, self.snapshots[arm][day]


def tissue_figure(study: Drawn) -> Figure | None:
    """The section, its epithelium and its cells, with a legend of everything; none without snapshots."""
    grid = _grid(study, "Tissue", CAPTION + LEGEND_HEIGHT, 0.0)
    if grid is None:
        return None
    for arm, ax, path in grid.filled():
        kind = study.section(arm)
        with np.load(path) as arrays:
            ax.imshow(tissue_picture(arrays, kind), extent=_extent(kind), interpolation="antialiased")
    draw_legend(grid.figure, CAPTION)
    _caption(grid, f"{_one_lung(study, grid)} Cells are drawn larger than they are. {DISCLAIMER}")
    return grid.figure


def il6_figure(study: Drawn) -> Figure | None:
    """The IL-6 field on one color scale, with the outlines of bronchioles and vessels; none without snapshots."""
    grid = _grid(study, "IL-6 in the tissue", CAPTION, COLOR_BAR)
    if grid is None:
        return None
    fields = []
    for arm, ax, path in grid.filled():
        with np.load(path) as arrays:
            fields.append((arm, ax, np.asarray(arrays["il6"], dtype=float)))
    highest = max(IL6_TOP, *(float(field.max()) for _, _, field in fields))
    lowest = highest / IL6_RANGE
    colors = ListedColormap(il6_colors() / 255.0)
    for arm, ax, field in fields:
        kind = study.section(arm)
        shown = np.maximum(field, lowest)
        image = ax.imshow(
            shown, norm=LogNorm(lowest, highest), cmap=colors, extent=_extent(kind), interpolation="nearest"
        )
        _outline(ax, kind)
    width, height = grid.figure.get_size_inches()
    tall = min(3.2, height - grid.below - TOP)
    middle = (grid.below + height - TOP) / 2
    place = (grid.right + 0.12 / width, (middle - tall / 2) / height, 0.2 / width, tall / height)
    bar = grid.figure.colorbar(image, cax=grid.figure.add_axes(place), extend="min", extendfrac=0.04)
    bar.ax.yaxis.set_major_locator(FixedLocator(_round_ticks(lowest, highest)))
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
    bar.ax.minorticks_off()
    bar.set_label("IL-6 (ng/mL)", size=11)
    bar.outline.set_visible(False)
    outlines = "Lines: bronchioles; dotted: vessels. Log colors; the palest is all below the lowest mark."
    _caption(grid, f"{_one_lung(study, grid)} {outlines} {DISCLAIMER}")
    return grid.figure


def _round_ticks(lowest: float, highest: float) -> list[float]:
    """The 1, 2, 5 of each decade inside a scale."""
    steps = [factor * 10.0**power for power in range(-4, 5) for factor in (1, 2, 5)]
    return [step for step in steps if lowest <= step <= highest]


def _grid(study: Drawn, title: str, below: float, beside: float) -> Grid | None:
    """An empty panel for each arm and day, headed by both."""
    snapshots = study.snapshots()
    days = sorted({day for own in snapshots.values() for day in own})
    if not days:
        return None
    shapes = [study.section(arm).shape for arm in snapshots]
    span = SPACING * max(columns for _, columns in shapes), SPACING * max(rows for rows, _ in shapes)
    side = float(np.clip(13.6 / len(days), 2.3, 5.0))
    tall = side * span[1] / span[0]
    needed = LEFT + len(days) * (side + GAP) + beside + RIGHT
    width = max(needed, LEGEND_WIDTH)
    height = TOP + len(snapshots) * (tall + GAP) + below + 0.1
    figure = Figure(figsize=(width, height))
    figure.text(0.2 / width, 1 - 0.12 / height, title, size=17, weight="bold", va="top")
    panels = {}
    for row, arm in enumerate(snapshots):
        bottom = height - TOP - (row + 1) * (tall + GAP) + GAP
        _name_row(figure, study, arm, (bottom + tall / 2) / height)
        for column, day in enumerate(days):
            left = LEFT + column * (side + GAP)
            ax = figure.add_axes((left / width, bottom / height, side / width, tall / height))
            _frame(ax, span)
            if row == 0:
                ax.set_title(f"day {day:g}", loc="center", size=13)
            if day not in snapshots[arm]:
                ax.text(0.5, 0.5, "no snapshot", transform=ax.transAxes, ha="center", va="center", color="0.5")
            panels[arm, day] = ax
    _scale_bar(panels[next(iter(snapshots)), days[0]], span, span[0] / side)
    right = (LEFT + len(days) * (side + GAP) - GAP) / width
    return Grid(figure, panels, snapshots, below, height, right)


def _name_row(figure: Figure, study: Drawn, arm: str, middle: float) -> None:
    width = figure.get_size_inches()[0]
    name = textwrap.fill(study.titles[arm], 15)
    place = (LEFT - 0.15) / width
    figure.text(place, middle, name, size=12.5, weight="bold", ha="right", va="center", color=study.color(arm))
    if arm in study.predictions:
        below = (0.5 * (name.count("\n") + 1) * 0.21 + 0.06) / figure.get_size_inches()[1]
        figure.text(place, middle - below, "prediction", size=10.5, style="italic", ha="right", va="top", color="0.3")


def _frame(ax: Axes, span: tuple[float, float]) -> None:
    ax.set(xlim=(0, span[0]), ylim=(span[1], 0), xticks=[], yticks=[], autoscale_on=False)
    for spine in ax.spines.values():
        spine.set(visible=True, color="0.6", linewidth=0.6)


def _scale_bar(ax: Axes, span: tuple[float, float], per_inch: float) -> None:
    """In the lower left corner, on white; a shorter bar on a small section. `per_inch`: um on an inch of paper."""
    length = SCALE_BAR if span[0] >= 3 * SCALE_BAR else SCALE_BAR / 4
    x, y = 0.1 * per_inch, span[1] - 0.1 * per_inch
    ground = max(length, 0.56 * per_inch) + 0.1 * per_inch
    low = y - 0.27 * per_inch
    ax.add_patch(Rectangle((x - 0.05 * per_inch, low), ground, 0.32 * per_inch, color="white", zorder=4))
    ax.add_patch(Rectangle((x, y - 0.045 * per_inch), length, 0.045 * per_inch, color="black", zorder=5))
    ax.text(x, y - 0.08 * per_inch, f"{length:g} µm", size=10, ha="left", va="bottom", zorder=5)


def _outline(ax: Axes, kind: np.ndarray) -> None:
    """Bronchioles and vessels, in a color that is seen on all of the IL-6 colors."""
    middle = (np.arange(kind.shape[1]) + 0.5) * SPACING, (np.arange(kind.shape[0]) + 0.5) * SPACING
    bronchiole = np.isin(kind, (SiteKind.BRONCHIOLE, SiteKind.AIRWAY))
    for inside, line in ((bronchiole, "solid"), (kind == SiteKind.VESSEL, "dotted")):
        if inside.any() and not inside.all():
            shape = inside.astype(float)
            ax.contour(*middle, shape, levels=[0.5], colors=[OUTLINE], linewidths=1.2, linestyles=[line])


def _extent(kind: np.ndarray) -> tuple[float, float, float, float]:
    rows, columns = kind.shape
    return 0.0, columns * SPACING, rows * SPACING, 0.0


def _one_lung(study: Drawn, grid: Grid) -> str:
    seeds = sorted({int(path.parent.name) for _, _, path in grid.filled()})
    seed = f"{'Seed' if len(seeds) == 1 else 'Seeds'} {', '.join(map(str, seeds))}"
    said = f"{seed}, one of {study.replicates[1]} twin replicates." if study.replicates[1] > 1 else f"{seed}."
    return f"{said} Predictions are arms that no experiment has tested." if study.predictions & {*study.arms} else said


def _caption(grid: Grid, text: str) -> None:
    width = grid.figure.get_size_inches()[0]
    filled = textwrap.fill(text, int(12.2 * (width - 0.4)))
    grid.figure.text(0.2 / width, 0.1 / grid.height, filled, size=10.5, color="0.25", va="bottom", linespacing=1.35)
