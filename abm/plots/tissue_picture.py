"""A picture of the tissue, computed with numpy alone, for figures and for the page.

The picture is first drawn as codes, one byte a pixel; `PALETTE` turns codes into colors. Cells are drawn larger than
they are (10 um, one site), cancer cells largest, with a rim, and on top of all but lymphocytes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

import numpy as np

from abm.plots.palette import CANCER_COLORS, CELL_COLORS, OWN_CELL_COLORS, RIM_COLORS, capitalized, site_color
from abm.rules.cells import KINDS, CellKind
from abm.rules.own.slots import ALL_KINDS
from abm.rules.states import CancerState, EpithelialState, SiteKind

ARRAYS = (  # of a snapshot, for all layers
    *("epithelium", "mobile_x", "mobile_y", "mobile_kind", "cancer_x", "cancer_y", "cancer_state"),
)
STROMA, IMMUNE = "fibroblasts", "immune"  # layers of the mobile cells
_STROMA_NAMES = ", ".join(kind.type.plural for kind in CellKind if kind.type.is_stroma)
LAYERS = {  # from bottom to top, each with its name for people; the section lies below them all
    "epithelium": "Epithelium",
    STROMA: capitalized(_STROMA_NAMES),
    IMMUNE: "Immune cells",
    "cancer": "Cancer cells",
}
MOBILE = f"{LAYERS[IMMUNE]} and {_STROMA_NAMES}"
"""What the mobile cells are called together."""
CELL_RADIUS: dict[CellKind, float] = {  # sites; in the order in which they are drawn: large ones below small ones
    kind: kind.type.radius for kind in sorted(CellKind, key=lambda kind: (not kind.type.is_stroma, -kind.type.radius))
}
ABOVE_CANCER = (CellKind.NK, CellKind.CD4, CellKind.CD8)
"""Lymphocytes are drawn on top of cancer cells: a lesion would hide those that act on it."""
OWN_RADIUS = 1.4  # sites, of the types of cells that a scenario declares
CANCER_RADIUS, RIM = 1.9, 0.8  # sites
MARGIN = math.ceil(CANCER_RADIUS + RIM)  # sites drawn beyond each edge, so that cells are cut off there
CHUNK = 500  # cells stamped at once: what they cover fits the cache of a core
_TOP = (CancerState.REDORMANT, CancerState.DORMANT, CancerState.PROLIFERATING)  # from bottom to top

_CELLS = len(EpithelialState) * len(SiteKind)
_CANCER = _CELLS + ALL_KINDS
_RIMS = _CANCER + len(CANCER_COLORS)


def _palette() -> np.ndarray:
    colors = [site_color(kind, state) for state in EpithelialState for kind in SiteKind]
    colors += [*(CELL_COLORS[kind] for kind in CellKind), *OWN_CELL_COLORS]
    colors += [CANCER_COLORS[state] for state in CANCER_COLORS] + [RIM_COLORS[state] for state in RIM_COLORS]
    return np.array(colors, dtype=np.uint8)


PALETTE = _palette()
"""uint8[codes, 3]: the colors of what `tissue_codes` gives."""


def layer_of(kind: CellKind) -> str:
    """The layer in which a type of mobile cell is drawn."""
    return STROMA if kind.type.is_stroma else IMMUNE


def tissue_picture(
    arrays: Mapping[str, np.ndarray], kind: np.ndarray, layers: Collection[str] = LAYERS, scale: int = 4
) -> np.ndarray:
    """The tissue in color: uint8[scale * rows, scale * columns, 3]. Arguments and errors as in `tissue_codes`."""
    picture: np.ndarray = PALETTE.take(tissue_codes(arrays, kind, layers, scale), axis=0)
    return picture


def tissue_codes(
    arrays: Mapping[str, np.ndarray], kind: np.ndarray, layers: Collection[str] = LAYERS, scale: int = 4
) -> np.ndarray:
    """The tissue as codes of `PALETTE`: uint8[scale * rows, scale * columns].

    Args:
        arrays: a snapshot as it is on disk, of which the layers need: `epithelium` uint8[rows, columns]
            (EpithelialState, 255 where no cell covers the site); `mobile_x`, `mobile_y` [sites], `mobile_kind`
            (CellKind, then the types of the scenario); `cancer_x`, `cancer_y` [sites], `cancer_state` (CancerState).
        kind: uint8[rows, columns], SiteKind.
        layers: which of `LAYERS` to draw.
        scale: pixels a side of a site.

    Raises:
        ValueError: a layer that there is not.
    """
    unknown = [layer for layer in layers if layer not in LAYERS]
    if unknown:
        raise ValueError(f"layer {unknown[0]!r}: there are {', '.join(LAYERS)}")
    codes = np.asarray(kind, dtype=np.uint8)
    if "epithelium" in layers:
        state = arrays["epithelium"]
        covered = state < len(EpithelialState)
        codes = codes + np.where(covered, state, 0).astype(np.uint8) * np.uint8(len(SiteKind))
    picture = np.repeat(np.repeat(np.pad(codes, MARGIN), scale, axis=0), scale, axis=1)
    shown = [cell for cell in CELL_RADIUS if layer_of(cell) in layers]
    _draw_mobile(picture, arrays, scale, [cell for cell in shown if cell not in ABOVE_CANCER])
    for own in range(KINDS, ALL_KINDS) if IMMUNE in layers else ():
        chosen = arrays["mobile_kind"] == own
        _stamp(picture, arrays["mobile_x"][chosen], arrays["mobile_y"][chosen], (OWN_RADIUS, scale), _CELLS + own)
    if "cancer" in layers:
        _draw_cancer(picture, arrays, scale)
    _draw_mobile(picture, arrays, scale, [cell for cell in shown if cell in ABOVE_CANCER])
    edge = MARGIN * scale
    return picture[edge:-edge, edge:-edge]


def _draw_mobile(picture: np.ndarray, arrays: Mapping[str, np.ndarray], scale: int, kinds: Iterable[CellKind]) -> None:
    """Mobile cells of these types, one type after the other."""
    for kind in kinds:
        chosen = arrays["mobile_kind"] == kind
        _stamp(
            picture, arrays["mobile_x"][chosen], arrays["mobile_y"][chosen], (CELL_RADIUS[kind], scale), _CELLS + kind
        )


def _draw_cancer(picture: np.ndarray, arrays: Mapping[str, np.ndarray], scale: int) -> None:
    """All rims first, so that a clone has one rim round it."""
    for first, radius in ((_RIMS, CANCER_RADIUS + RIM), (_CANCER, CANCER_RADIUS)):
        for state in _TOP:
            chosen = arrays["cancer_state"] == state
            _stamp(picture, arrays["cancer_x"][chosen], arrays["cancer_y"][chosen], (radius, scale), first + state)


def _stamp(picture: np.ndarray, x: np.ndarray, y: np.ndarray, size: tuple[float, int], code: int) -> None:
    """Draw a disk round the middle of each of these sites; `size`: its radius in sites, pixels a site.

    `picture` has the margin. Pixels are addressed in one dimension, which is several times faster than in two.
    """
    radius, scale = size
    middle = (scale - 1) / 2
    steps = np.arange(-MARGIN * scale, (MARGIN + 1) * scale)
    down, right = np.meshgrid(steps, steps, indexing="ij")
    inside = (down - middle) ** 2 + (right - middle) ** 2 <= (radius * scale) ** 2
    width, pixels = picture.shape[1], picture.reshape(-1)
    disk = (down * width + right)[inside]
    corners = ((y.astype(np.intp) + MARGIN) * width + x.astype(np.intp) + MARGIN) * scale
    corners = np.unique(corners)  # cells that share a site look like one
    for at in range(0, corners.size, CHUNK):
        pixels[corners[at : at + CHUNK, None] + disk] = code
