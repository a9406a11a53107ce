"""Maps side by side on one scale: rows are arms, columns are days. One of the tissue, one of each substance.

Everything is drawn on one pair of axes over the whole figure, and the maps go to it pixel by pixel: two dozen axes with
an image each would take several times as long.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from contourpy import contour_generator
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter
from PIL import Image

from abm.core.lattice import SPACING
from abm.plots.data import Drawn
from abm.plots.legend import WIDTH as LEGEND_WIDTH
from abm.plots.legend import draw_legend, height_with, own_cells
from abm.plots.palette import capitalized, field_colors
from abm.plots.tissue_picture import ARRAYS, tissue_picture
from abm.reporting.report import DISCLAIMER
from abm.rules.states import SiteKind
from abm.rules.substances import Substance

SCALE_BAR = 200.0  # um
LEFT, RIGHT, TOP, GAP = 1.75, 0.15, 0.85, 0.08  # inches
CAPTION = 0.55
COLOR_BAR = 1.05
OUTLINE = "#00968c"
FINEST = 16  # pixels a side of a site, at most, before a map is reduced to its panel
QUIET = 0.1  # of the declared top of a color scale, which ends no lower: a quiet lung must not look inflamed


class Maps(Artist):
    """Pictures shown pixel by pixel; matplotlib's own images would be resampled for the figure.

    `pictures`: uint8[height, width, 4] by the place of their upper left corner in the figure [pixels].
    """

    def __init__(self, pictures: dict[tuple[int, int], np.ndarray]) -> None:
        """Below all axes."""
        super().__init__()
        self.pictures = pictures
        self.set_zorder(-1)

    def draw(self, renderer: Any) -> None:
        """Called by matplotlib, which counts pixels from below."""
        context = renderer.new_gc()
        for (left, top), picture in self.pictures.items():
            bottom = round(self.figure.bbox.height) - top - picture.shape[0]
            renderer.draw_image(context, left, bottom, np.ascontiguousarray(picture[::-1]))
        context.restore()


@dataclass(frozen=True)
class Grid:
    """Where maps go: a panel for each arm and day. Places and lengths in pixels, from the upper left.

    Attributes:
        figure: with `ax`, which covers all of it. snapshots: files by arm and day.
        panels: upper left corner of each (x, y). size: of every panel (width, height). scale: pixels a um.
        below: what is left between the panels and the lower edge.
    """

    figure: Figure
    ax: Axes
    snapshots: dict[str, dict[float, Path]]
    panels: dict[tuple[str, float], tuple[int, int]]
    size: tuple[int, int]
    scale: float
    below: float

    def filled(self) -> Iterator[tuple[str, tuple[int, int], Path]]:
        """Arm, panel and file of every snapshot there is."""
        for (arm, day), corner in self.panels.items():
            if day in self.snapshots[arm]:
                yield arm, corner, self.snapshots[arm][day]

    def pixels(self, kind: np.ndarray) -> tuple[int, int]:
        """Width and height of the map of a section."""
        rows, columns = kind.shape
        return round(columns * SPACING * self.scale), round(rows * SPACING * self.scale)

    @property
    def inch(self) -> float:
        """Pixels of an inch."""
        return float(self.figure.dpi)


def tissue_figure(study: Drawn) -> Figure | None:
    """The section, its epithelium and its cells, with a legend of everything; none without snapshots."""
    own = own_cells(study.own_cells.values())
    grid = _grid(study, "Tissue", CAPTION + height_with(own), 0.0, "epithelium")
    if grid is None:
        return None
    maps = {}
    for arm, corner, path in grid.filled():
        kind = study.sections[arm]
        width, height = grid.pixels(kind)
        fine = min(FINEST, -(-2 * width // kind.shape[1]))  # at least two pixels for one, so that edges are smooth
        with np.load(path) as file:
            picture = tissue_picture({name: file[name] for name in ARRAYS}, kind, scale=fine)
        maps[corner] = _resized(picture, (width, height), Image.Resampling.HAMMING)
    grid.figure.add_artist(Maps(maps))
    draw_legend(grid.figure, CAPTION, own)
    _caption(grid, f"{_one_lung(study, grid)} Cells are drawn larger than they are. {DISCLAIMER}")
    return grid.figure


def field_figure(study: Drawn, substance: Substance) -> Figure | None:
    """A substance on one color scale, with the outlines of bronchioles and vessels; none without snapshots of it."""
    grid = _grid(study, f"{capitalized(substance.type.title)} in the tissue", CAPTION, COLOR_BAR, substance.key)
    if grid is None:
        return None
    fields = {}
    for arm, corner, path in grid.filled():
        with np.load(path) as file:
            fields[corner] = arm, np.asarray(file[substance.key], dtype=float)
    low, high = substance.type.scale
    highest = max(QUIET * high, *(float(field.max()) for _, field in fields.values()))
    lowest = highest * low / high
    norm, colors = LogNorm(lowest, highest, clip=True), ListedColormap(field_colors() / 255.0)
    maps = {}
    for corner, (arm, field) in fields.items():
        picture = colors(norm(field), bytes=True)[..., :3]
        maps[corner] = _resized(picture, grid.pixels(study.sections[arm]), Image.Resampling.NEAREST)
    grid.figure.add_artist(Maps(maps))
    _outline(grid, study)
    _color_bar(grid, ScalarMappable(norm, colors), f"{substance.type.title} (ng/mL)")
    outlines = "Lines: bronchioles; dotted: vessels. Log colors; the palest is all below the lowest mark."
    _caption(grid, f"{_one_lung(study, grid)} {outlines} {DISCLAIMER}")
    return grid.figure


def _resized(picture: np.ndarray, size: tuple[int, int], how: Image.Resampling) -> np.ndarray:
    """A picture, uint8[rows, columns, 3], in other pixels: uint8[height, width, 4]."""
    return np.asarray(Image.fromarray(picture).resize(size, how).convert("RGBA"))


def _color_bar(grid: Grid, shown: ScalarMappable, label: str) -> None:
    inch, (width, height) = grid.inch, grid.figure.bbox.size
    tall = min(3.2 * inch, height - grid.below - TOP * inch)
    middle = (grid.below + height - TOP * inch) / 2
    left = max(x for x, _ in grid.panels.values()) + grid.size[0] + 0.12 * inch
    place = (left / width, (middle - tall / 2) / height, 0.2 * inch / width, tall / height)
    bar = grid.figure.colorbar(shown, cax=grid.figure.add_axes(place), extend="min", extendfrac=0.04)
    bar.ax.yaxis.set_major_locator(FixedLocator(_round_ticks(*shown.get_clim())))
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
    bar.ax.minorticks_off()
    bar.set_label(label, size=11)
    bar.outline.set_visible(False)


def _round_ticks(lowest: float, highest: float) -> list[float]:
    """The 1, 2, 5 of each decade inside a scale; only the 1 where it spans more than three decades."""
    factors = (1, 2, 5) if highest < 1000.0 * lowest else (1,)
    decades = range(math.floor(math.log10(lowest)), math.ceil(math.log10(highest)) + 1)
    steps = [float(f"{factor}e{power}") for power in decades for factor in factors]
    return [step for step in steps if lowest <= step <= highest]


def _grid(study: Drawn, title: str, below: float, beside: float, needed: str) -> Grid | None:
    """An empty panel for each arm and day, headed by both; none where no snapshot holds the array `needed`.

    `below` and `beside` the panels: inches for other things. A snapshot of an older study may lack a substance.
    """
    snapshots = {
        arm: {day: path for day, path in own.items() if _holds(path, needed)} for arm, own in study.snapshots().items()
    }
    days = sorted({day for own in snapshots.values() for day in own})
    if not days:
        return None
    shapes = [study.sections[arm].shape for arm in snapshots]
    rows, columns = max(rows for rows, _ in shapes), max(columns for _, columns in shapes)
    side = float(np.clip(13.6 / len(days), 2.3, 5.0))
    tall = side * rows / columns
    across = LEFT + len(days) * (side + GAP) + beside + RIGHT
    width, height = max(across, LEGEND_WIDTH), TOP + len(snapshots) * (tall + GAP) + below + 0.1
    figure = Figure(figsize=(width, height))
    inch = figure.dpi
    ax = figure.add_axes((0, 0, 1, 1), frameon=False)
    ax.set(xlim=(0, width * inch), ylim=(height * inch, 0), xticks=[], yticks=[], autoscale_on=False)
    figure.text(0.2 / width, 1 - 0.12 / height, title, size=17, weight="bold", va="top")
    size = round(side * inch), round(tall * inch)
    lefts = {day: round((LEFT + at * (side + GAP)) * inch) for at, day in enumerate(days)}
    tops = {arm: round((TOP + at * (tall + GAP)) * inch) for at, arm in enumerate(snapshots)}
    panels = {(arm, day): (left, top) for arm, top in tops.items() for day, left in lefts.items()}
    grid = Grid(figure, ax, snapshots, panels, size, size[0] / (SPACING * columns), (below + 0.1 - GAP) * inch)
    for day, left in lefts.items():
        ax.text(left + size[0] / 2, (TOP - 0.08) * inch, f"day {day:g}", size=13, weight="bold", ha="center")
    for arm, top in tops.items():
        _name_row(grid, study, arm, top + size[1] / 2)
    _frames(grid)
    _scale_bar(grid, next(iter(panels.values())), SPACING * columns)
    return grid


def _holds(snapshot: Path, array: str) -> bool:
    """Whether a snapshot has this array."""
    with np.load(snapshot) as file:
        return array in file


def _name_row(grid: Grid, study: Drawn, arm: str, middle: float) -> None:
    name = textwrap.fill(study.titles[arm], 15)
    x = (LEFT - 0.15) * grid.inch
    grid.ax.text(x, middle, name, size=12.5, weight="bold", ha="right", va="center", color=study.color(arm))
    if arm in study.predictions:
        y = middle + (0.5 * (name.count("\n") + 1) * 0.21 + 0.06) * grid.inch
        grid.ax.text(x, y, "prediction", size=10.5, style="italic", ha="right", va="top", color="0.3")


def _frames(grid: Grid) -> None:
    """A thin line round every panel, and a word where there is nothing to see."""
    wide, tall = grid.size
    around = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall), (0, 0)])
    frames = [around + corner for corner in grid.panels.values()]
    grid.ax.add_collection(LineCollection(frames, colors="0.6", linewidths=0.6), autolim=False)
    for (arm, day), (left, top) in grid.panels.items():
        if day not in grid.snapshots[arm]:
            grid.ax.text(left + wide / 2, top + tall / 2, "no snapshot", ha="center", va="center", color="0.5")


def _scale_bar(grid: Grid, corner: tuple[int, int], span: float) -> None:
    """In the lower left corner of a panel, on white; a shorter bar on a small section. `span`: width of it [um]."""
    um = SCALE_BAR if span >= 3 * SCALE_BAR else SCALE_BAR / 4
    inch, length = grid.inch, um * grid.scale
    x, y = corner[0] + 0.1 * inch, corner[1] + grid.size[1] - 0.1 * inch
    ground = max(length, 0.56 * inch) + 0.1 * inch
    white = Rectangle((x - 0.05 * inch, y - 0.27 * inch), ground, 0.32 * inch, color="white", zorder=4)
    grid.ax.add_patch(white)
    grid.ax.add_patch(Rectangle((x, y - 0.045 * inch), length, 0.045 * inch, color="black", zorder=5))
    grid.ax.text(x, y - 0.08 * inch, f"{um:g} µm", size=10, ha="left", va="bottom", zorder=5)


def _outline(grid: Grid, study: Drawn) -> None:
    """Bronchioles and vessels, in a color that is seen on all colors of a field."""
    walls = {arm: _walls(study.sections[arm], grid.scale * SPACING) for arm in grid.snapshots}
    for which, style in enumerate(("solid", "dotted")):
        lines = [line + corner for arm, corner, _ in grid.filled() for line in walls[arm][which]]
        drawn = LineCollection(lines, colors=OUTLINE, linewidths=1.2, linestyles=style)
        grid.ax.add_collection(drawn, autolim=False)


def _walls(kind: np.ndarray, scale: float) -> tuple[Any, Any]:
    """Outlines of the bronchioles and of the vessels of a section: lines float[points, 2], `scale` pixels a site."""
    y, x = ((np.arange(sites) + 0.5) * scale for sites in kind.shape)
    bronchiole, vessel = np.isin(kind, (SiteKind.BRONCHIOLE, SiteKind.AIRWAY)), kind == SiteKind.VESSEL
    first, second = (contour_generator(x=x, y=y, z=inside.astype(float)) for inside in (bronchiole, vessel))
    return first.lines(0.5), second.lines(0.5)


def _one_lung(study: Drawn, grid: Grid) -> str:
    seeds = sorted({int(path.parent.name) for _, _, path in grid.filled()})
    seed = f"{'Seed' if len(seeds) == 1 else 'Seeds'} {', '.join(map(str, seeds))}"
    said = f"{seed}, one of {study.replicates[1]} twin replicates." if study.replicates[1] > 1 else f"{seed}."
    return f"{said} Predictions are arms that no experiment has tested." if study.predictions & {*study.arms} else said


def _caption(grid: Grid, text: str) -> None:
    width, height = grid.figure.get_size_inches()
    filled = textwrap.fill(text, int(12.2 * (width - 0.4)))
    grid.figure.text(0.2 / width, 0.1 / height, filled, size=10.5, color="0.25", va="bottom", linespacing=1.35)
