"""A scale bar on a picture of a section."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from abm.core.lattice import SPACING

SCALE_BARS = (20, 50, 100, 200, 500, 1000, 2000)  # um


def draw_scale_bar(ax: Axes, inch: float, size: float = 10.0) -> None:
    """Draw it on white in the lower left corner of axes in sites.

    Args:
        ax: with the picture.
        inch: sites of an inch.
        size: of its text [points]; everything else follows.
    """
    rows, columns = ax.get_ylim()[0], ax.get_xlim()[1]
    length = max((one for one in SCALE_BARS if one <= 0.32 * columns * SPACING), default=SCALE_BARS[0])
    unit = inch * size / 10.0
    sites, x, y = length / SPACING, 0.12 * unit, rows - 0.12 * unit
    label = f"{length / 1000:g} mm" if length >= 1000 else f"{length:g} µm"
    ground = (max(sites, 0.56 * unit) + 0.12 * unit, 0.34 * unit)
    corner = (x - 0.06 * unit, y - 0.28 * unit)
    ax.add_patch(Rectangle(corner, *ground, color="white", alpha=0.88, linewidth=0))
    ax.add_patch(Rectangle((x, y - 0.05 * unit), sites, 0.05 * unit, color="black", linewidth=0))
    ax.text(x, y - 0.08 * unit, label, size=size, va="bottom")
