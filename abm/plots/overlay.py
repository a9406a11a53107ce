"""Colors of a field laid over the alveoli of a picture of the tissue."""

from __future__ import annotations

import numpy as np
from PIL import Image

from abm.rules.states import EpithelialState, SiteKind

_SITES = len(EpithelialState) * len(SiteKind)  # codes of a picture below this are sites, others are cells
_WALL, _WALL_SHARE = np.array([90, 70, 90]), 0.14  # of alveolar walls under an overlay, as in raster.js


def lay_over(picture: np.ndarray, codes: np.ndarray, colors: np.ndarray) -> None:
    """Color alveoli and their walls; airways and vessels stay, to show where one is.

    Args:
        picture: uint8[height, width, 3], changed in place.
        codes: of `tissue_codes`, uint8[height, width].
        colors: uint8[height, width, 3].
    """
    site = codes % len(SiteKind)
    alveolus, wall = (codes < _SITES) & (site == SiteKind.SEPTUM), (codes < _SITES) & (site == SiteKind.INTERSTITIUM)
    picture[alveolus] = colors[alveolus]
    picture[wall] = np.round(colors[wall] * (1 - _WALL_SHARE) + _WALL * _WALL_SHARE).astype(np.uint8)


def enlarged(squares: np.ndarray, shape: tuple[int, ...], smooth: bool = True) -> np.ndarray:
    """What stands on squares as pixels of a picture of this shape, interpolated or square by square: uint8."""
    how = Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(squares).resize((shape[1], shape[0]), how))
