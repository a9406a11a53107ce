"""A frame of a film as a picture, in the colors of figures and of the page."""

from __future__ import annotations

import numpy as np
from PIL import Image

from abm.dashboard.live.frames import ACTIVATED
from abm.plots.palette import field_colors
from abm.plots.tissue_picture import LAYERS, PALETTE, tissue_codes
from abm.replay.film import FilmArm
from abm.rules.states import EpithelialState, SiteKind

_SITES = len(EpithelialState) * len(SiteKind)  # codes of a picture below this are sites, others are cells
_WALL, _WALL_SHARE = np.array([90, 70, 90]), 0.14  # of alveolar walls under an overlay, as in raster.js


def arm_picture(arm: FilmArm, frame: int, overlay: str = "", scale: int = 4) -> np.ndarray:
    """The tissue of an arm: uint8[scale * rows, scale * columns, 3].

    Args:
        arm: of a film.
        frame: its number.
        overlay: name of the field that lies over the alveoli, below the cells; empty for none.
        scale: pixels a side of a site.
    """
    shown = arm.frames[frame]
    states = np.append(shown.states, 255).astype(np.uint8)
    arrays = {
        "epithelium": states[arm.cell_of_site],  # -1, no cell, is the last
        "mobile_x": shown.mobile_x, "mobile_y": shown.mobile_y, "mobile_kind": shown.mobile_kind & ~np.uint8(ACTIVATED),
        "cancer_x": shown.cancer_x, "cancer_y": shown.cancer_y, "cancer_state": shown.cancer_state,
    }  # fmt: skip
    codes = tissue_codes(arrays, arm.kind, LAYERS, scale)
    picture: np.ndarray = PALETTE.take(codes, axis=0)
    if overlay in shown.fields:
        _lay_over(picture, codes, shown.fields[overlay])
    return picture


def _lay_over(picture: np.ndarray, codes: np.ndarray, shades: np.ndarray) -> None:
    """Color alveoli and their walls by a field; airways and vessels stay, to show where one is."""
    size = picture.shape[1], picture.shape[0]
    colors = field_colors()[np.asarray(Image.fromarray(shades).resize(size, Image.Resampling.BILINEAR))]
    site = codes % len(SiteKind)
    alveolus, wall = (codes < _SITES) & (site == SiteKind.SEPTUM), (codes < _SITES) & (site == SiteKind.INTERSTITIUM)
    picture[alveolus] = colors[alveolus]
    picture[wall] = np.round(colors[wall] * (1 - _WALL_SHARE) + _WALL * _WALL_SHARE).astype(np.uint8)
