"""The legend of a tissue map: every category, as it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from abm.plots.palette import (
    CANCER_COLORS,
    CANCER_NAMES,
    CELL_COLORS,
    CELL_NAMES,
    EPITHELIUM_COLORS,
    EPITHELIUM_NAMES,
    OWN_CELL_COLORS,
    RIM_COLORS,
    SITE_COLORS,
    SITE_NAMES,
    Color,
    hexadecimal,
)
from abm.plots.tissue_picture import CANCER_RADIUS, CELL_RADIUS, MOBILE, OWN_RADIUS, RIM

WIDTH = 12.6  # inches
PALE = 235  # what is as light as this needs an edge
_FIRST, _LINE, _SITE = 0.56, 0.235, 0.052  # inches: the first line, from line to line, a site enlarged
_LINES = max(len(names) for names in (CANCER_NAMES, CELL_NAMES, EPITHELIUM_NAMES, SITE_NAMES))
HEIGHT = _FIRST + _LINE * _LINES  # inches, without cells of a scenario's own
OwnCells = Sequence[tuple[str, Color]]


def own_cells(titles: Iterable[Sequence[str]]) -> OwnCells:
    """Names and colors of the types of cells that scenarios declare, each once; titles: in order, by scenario."""
    return list(dict.fromkeys(pair for own in titles for pair in zip(own, OWN_CELL_COLORS, strict=False)))


def height_with(own: OwnCells) -> float:
    """Height of the legend with these types of cells [inches]."""
    return max(HEIGHT, _FIRST + _LINE * (len(CELL_NAMES) + len(own)))


def draw_legend(figure: Figure, bottom: float, own: OwnCells = ()) -> None:
    """Draw the legend `bottom` inches above the lower edge, `height_with(own)` inches high."""
    width, height = figure.get_size_inches()
    tall = height_with(own)
    ax = figure.add_axes((0.0, bottom / height, 1.0, tall / height), frameon=False)
    ax.set(xlim=(0, width), ylim=(tall, 0), xticks=[], yticks=[])
    step = min((width - 0.4) / 4, 4.2)
    cancer = {CANCER_NAMES[state]: (color, RIM_COLORS[state]) for state, color in CANCER_COLORS.items()}
    _column(ax, 0.3, "Cancer cells")
    for line, (name, colors) in enumerate(cancer.items()):
        x, y = _entry(ax, 0.3, line, name)
        ax.add_patch(Circle((x, y), (CANCER_RADIUS + RIM) * _SITE * 0.8, color=hexadecimal(colors[1]), linewidth=0))
        ax.add_patch(Circle((x, y), CANCER_RADIUS * _SITE * 0.8, color=hexadecimal(colors[0]), linewidth=0))
    _column(ax, 0.3 + step, MOBILE)
    cells = [(name, CELL_COLORS[kind], CELL_RADIUS[kind]) for kind, name in CELL_NAMES.items()]
    cells += [(name, color, OWN_RADIUS) for name, color in own]
    for line, (name, color, radius) in enumerate(cells):
        x, y = _entry(ax, 0.3 + step, line, name)
        ax.add_patch(Circle((x, y), radius * _SITE, color=hexadecimal(color), linewidth=0))
    epithelium = {EPITHELIUM_NAMES[state]: color for state, color in EPITHELIUM_COLORS.items()}
    _squares(ax, 0.3 + 2 * step, "Epithelium", epithelium)
    _squares(ax, 0.3 + 3 * step, "Section, healthy", {SITE_NAMES[kind]: SITE_COLORS[kind] for kind in SITE_NAMES})


def _squares(ax: Axes, left: float, heading: str, colors: Mapping[str, Color]) -> None:
    _column(ax, left, heading)
    for line, (name, color) in enumerate(colors.items()):
        x, y = _entry(ax, left, line, name)
        edge = "0.6" if min(color) > PALE else "none"
        ax.add_patch(
            Rectangle((x - 0.1, y - 0.075), 0.2, 0.15, facecolor=hexadecimal(color), edgecolor=edge, linewidth=0.7)
        )


def _column(ax: Axes, left: float, heading: str) -> None:
    ax.text(left, 0.28, heading, size=12, weight="bold", va="center")


def _entry(ax: Axes, left: float, line: int, name: str) -> tuple[float, float]:
    """Write a name; gives where its mark goes."""
    y = _FIRST + line * _LINE
    ax.text(left + 0.3, y, name, size=11, va="center")
    return left + 0.1, y
