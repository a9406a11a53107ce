"""The legend of a figure for print: groups of entries that flow into as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from abm.plots.legend import PALE, OwnCells
from abm.plots.palette import (
    CANCER_COLORS,
    CANCER_NAMES,
    CELL_COLORS,
    CELL_NAMES,
    EPITHELIUM_COLORS,
    EPITHELIUM_NAMES,
    RIM_COLORS,
    SITE_COLORS,
    SITE_NAMES,
    Color,
    hexadecimal,
)
from abm.plots.sheet_charts import SMALL_TEXT
from abm.plots.tissue_picture import MOBILE

__all__ = ["OwnCells", "draw_sheet_legend", "legend_height"]
COLUMN, LINE, EDGE, BEFORE = 1.55, 0.118, 0.1, 0.08  # inches
Mark = Callable[[Axes, float, float], None]


class Group(NamedTuple):
    """A heading with its entries, each a name and what draws its mark."""

    heading: str
    entries: list[tuple[str, Mark]]

    @property
    def lines(self) -> float:
        """Its height in lines."""
        return len(self.entries) + 1.6


def legend_height(width: float, own: OwnCells, key: Sequence[tuple[str, Color]]) -> float:
    """Height [inches] on a figure of this width."""
    return BEFORE + LINE * max(sum(group.lines for group in column) for column in _columns(width, own, key))


def draw_sheet_legend(figure: Figure, top: float, own: OwnCells, key: Sequence[tuple[str, Color]]) -> None:
    """Draw it `top` inches below the upper edge; key: names and colors of what colors squares of the tissue."""
    width, height = figure.get_size_inches()
    tall = legend_height(width, own, key)
    ax = figure.add_axes((0.0, 1 - (top + tall) / height, 1.0, tall / height), frameon=False)
    ax.set(xlim=(0, width), ylim=(tall, 0), xticks=[], yticks=[])
    columns = _columns(width, own, key)
    step = (width - 2 * EDGE) / len(columns)
    for number, column in enumerate(columns):
        left, line = EDGE + number * step, BEFORE
        for group in column:
            ax.text(left, line + 0.5 * LINE, group.heading, size=SMALL_TEXT, weight="bold", va="center")
            for at, (name, mark) in enumerate(group.entries, start=1):
                y = line + (at + 0.6) * LINE
                mark(ax, left + 0.05, y)
                ax.text(left + 0.15, y, name, size=SMALL_TEXT, va="center")
            line += group.lines * LINE


def _columns(width: float, own: OwnCells, key: Sequence[tuple[str, Color]]) -> list[list[Group]]:
    """Groups in order, each in the shortest column so far."""
    count = max(1, int((width - 2 * EDGE) / COLUMN))
    groups = _groups(own, key)
    columns: list[list[Group]] = [[] for _ in range(min(count, len(groups)))]
    for group in groups:
        min(columns, key=lambda column: sum(one.lines for one in column)).append(group)
    return columns


def _groups(own: OwnCells, key: Sequence[tuple[str, Color]]) -> list[Group]:
    cancer = [(CANCER_NAMES[state], _disk(color, RIM_COLORS[state])) for state, color in CANCER_COLORS.items()]
    cells = [(name, _disk(CELL_COLORS[kind])) for kind, name in CELL_NAMES.items()]
    cells += [(name, _disk(color)) for name, color in own]
    groups = [
        Group("Cancer cells", cancer),
        Group(MOBILE, cells),
        Group("Epithelium", [(EPITHELIUM_NAMES[state], _square(color)) for state, color in EPITHELIUM_COLORS.items()]),
        Group("Section, healthy", [(SITE_NAMES[kind], _square(SITE_COLORS[kind])) for kind in SITE_NAMES]),
    ]
    if key:
        groups.append(Group("Most IL-6 secreted there by", [(name, _square(color)) for name, color in key]))
    return groups


def _disk(color: Color, rim: Color | None = None) -> Mark:
    def draw(ax: Axes, x: float, y: float) -> None:
        if rim is not None:
            ax.add_patch(Circle((x, y), 0.045, color=hexadecimal(rim), linewidth=0))
        ax.add_patch(Circle((x, y), 0.03, color=hexadecimal(color), linewidth=0))

    return draw


def _square(color: Color) -> Mark:
    def draw(ax: Axes, x: float, y: float) -> None:
        edge = "0.6" if min(color) > PALE else "none"
        corner = (x - 0.045, y - 0.038)
        ax.add_patch(Rectangle(corner, 0.09, 0.076, facecolor=hexadecimal(color), edgecolor=edge, linewidth=0.4))

    return draw
