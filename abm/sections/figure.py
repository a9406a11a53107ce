"""The image of labels beside the section that was made of it."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from abm.core.lattice import SPACING
from abm.plots.figures import STYLE, save_figure
from abm.plots.palette import hexadecimal
from abm.rules.states import SiteKind
from abm.sections.description import WORDS, shares
from abm.sections.labels import AIRSPACE
from abm.tissue.section import Section
from abm.tissue.section_mask import FOUNDER_COLORS, MASK_COLORS, map_image

AIR_COLOR = (214, 232, 245)  # of airspace, which is sorted into alveoli and lumens
MOST = 1500  # pixels a side of what is shown
BAR = 200.0  # um


def draw(path: Path, codes: np.ndarray, pixel: float, section: Section) -> Path:
    """Draw both.

    Args:
        path: of the picture.
        codes: uint8[rows, columns] of pixels, SiteKind or AIRSPACE.
        pixel: side of a pixel [um].
        section: made of it.

    Raises:
        OSError: no room, no right to write.
    """
    step = max(1, max(codes.shape) // MOST)
    colors = np.array([*(MASK_COLORS[kind] for kind in SiteKind), AIR_COLOR], dtype=np.uint8)
    with matplotlib.rc_context(STYLE):
        tall = min(max(codes.shape[0] / codes.shape[1], 0.4), 1.6)
        figure = Figure(figsize=(12.0, 6.0 * tall + 1.3), layout="constrained")
        left, right = figure.subplots(1, 2)
        _show(left, colors[codes[::step, ::step]], codes.shape, pixel, f"Labels, {pixel:g} um a pixel")
        _show(right, map_image(section.kind, section.founders), section.kind.shape, SPACING, "Section, 10 um a site")
        figure.legend(handles=_handles(codes, section), loc="outside lower center", ncols=3, fontsize=9)
        return save_figure(figure, path)


def _show(ax: Axes, picture: np.ndarray, shape: tuple[int, ...], side: float, title: str) -> None:
    """A picture on axes in um, with a scale bar."""
    height, width = shape[0] * side, shape[1] * side
    ax.imshow(picture, extent=(0.0, width, height, 0.0), interpolation="nearest")
    ax.set(title=f"{title}: {width / 1000:.2f} mm x {height / 1000:.2f} mm", xticks=[], yticks=[])
    ax.spines[:].set_visible(True)
    bar = min(BAR, width / 4.0)
    ax.plot([0.04 * width, 0.04 * width + bar], [0.96 * height] * 2, color="black", linewidth=3, solid_capstyle="butt")
    ax.text(0.04 * width, 0.94 * height, f"{bar:g} um", fontsize=9, va="bottom",
            bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5})  # fmt: skip


def _handles(codes: np.ndarray, section: Section) -> list[Patch]:
    """One entry a color that is shown."""
    share = shares(section.kind)
    found = [
        Patch(
            facecolor=hexadecimal(MASK_COLORS[kind]), edgecolor="0.5", label=f"{words}: {share[kind]:.1%} of the sites"
        )
        for kind, words in WORDS.items()
        if share[kind]
    ]
    if (codes == AIRSPACE).any():
        found.insert(
            0,
            Patch(facecolor=hexadecimal(AIR_COLOR), edgecolor="0.5", label="airspace, sorted into alveoli and lumens"),
        )
    if section.founders.size:
        green = hexadecimal(FOUNDER_COLORS[SiteKind.SEPTUM])
        found.append(Patch(facecolor=green, edgecolor="0.5", label=f"dormant cancer cells: {section.founders.size}"))
    return found
