"""From pixels to sites of 10 um: air is sorted into alveoli and lumens, and a site gets the kind that fills most of it.

Walls between alveoli are half as thick as a site or less (doi:10.1111/joa.12773), so by area alone most would vanish
and alveoli would run into one another. The area of walls therefore counts `wall_weight` times (*assumed*: 2).
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from abm.core.lattice import BLOCK, SPACING
from abm.rules.states import SiteKind
from abm.sections.labels import AIRSPACE, CODES

WALL_WEIGHT = 2.0
ENCLOSED = 0.9  # share of the border of a lumen that is wall of one kind, assumed: drawn walls have gaps
WALLS = (SiteKind.INTERSTITIUM, SiteKind.BRONCHIOLE)  # thin ones
_LUMEN_IN = {SiteKind.BRONCHIOLE: SiteKind.AIRWAY, SiteKind.VESSEL: SiteKind.VESSEL}


def sorted_air(codes: np.ndarray, pixel: float) -> tuple[np.ndarray, dict[SiteKind, int]]:
    """Sort airspace into alveoli (septum), lumens of airways and of vessels.

    A piece of air is a lumen if at least 90 % of its border within the image is wall of a bronchiole or of a vessel,
    and no more of its border is the edge of the image than wall.

    Args:
        codes: uint8[rows, columns], SiteKind or AIRSPACE.
        pixel: side of a pixel [um].

    Returns:
        uint8[rows, columns], SiteKind, and the number of lumens within each kind of wall, of at least one site each.
    """
    pieces, count = ndimage.label(codes == AIRSPACE)
    border = np.zeros((count + 1, len(CODES)), dtype=np.int64)
    for one, other in ((np.s_[:-1, :], np.s_[1:, :]), (np.s_[:, :-1], np.s_[:, 1:])):
        for here, there in ((one, other), (other, one)):
            at_edge = (pieces[here] > 0) & (codes[there] != AIRSPACE)
            pair = pieces[here][at_edge].astype(np.int64) * len(CODES) + codes[there][at_edge]
            border += np.bincount(pair, minlength=border.size).reshape(border.shape)
    total = border.sum(axis=1)
    edge = sum(np.bincount(side, minlength=count + 1) for side in (*pieces[[0, -1]], *pieces[:, [0, -1]].T))
    large = np.bincount(pieces.ravel(), minlength=count + 1) * pixel**2 >= SPACING**2
    becomes = np.full(count + 1, SiteKind.SEPTUM, dtype=np.uint8)
    lumens = {}
    for wall, lumen in _LUMEN_IN.items():
        enclosed = (total > 0) & (border[:, wall] >= np.maximum(ENCLOSED * total, edge))
        becomes[enclosed] = lumen
        lumens[wall] = int((enclosed & large).sum())
    return np.where(pieces > 0, becomes[pieces], codes).astype(np.uint8), lumens


def to_sites(codes: np.ndarray, pixel: float, wall_weight: float = WALL_WEIGHT) -> np.ndarray:
    """The kind of each site: uint8[rows, columns], as many whole blocks of 40 um as the image covers.

    Args:
        codes: uint8[rows, columns] of pixels, SiteKind.
        pixel: side of a pixel [um].
        wall_weight: how many times the area of thin walls counts.
    """
    rows, columns = (int(side * pixel / SPACING + 1e-6) // BLOCK * BLOCK for side in codes.shape)
    if pixel > SPACING / 2.0:
        return codes[np.ix_(_centers(rows, pixel, codes.shape[0]), _centers(columns, pixel, codes.shape[1]))]
    weights = np.ones(len(SiteKind))
    weights[list(WALLS)] = wall_weight
    kinds = np.zeros((rows, columns), dtype=np.uint8)
    edges = np.round(np.arange(rows + 1) * SPACING / pixel).astype(int)
    site = np.minimum((np.arange(codes.shape[1]) + 0.5) * pixel // SPACING, columns).astype(np.int64) * len(SiteKind)
    for row in range(rows):
        strip = codes[edges[row] : edges[row + 1]]
        counts = np.bincount((site + strip).ravel(), minlength=(columns + 1) * len(SiteKind))
        kinds[row] = (counts.reshape(-1, len(SiteKind))[:columns] * weights).argmax(axis=1)
    return kinds


def mirrored(kinds: np.ndarray, times: int) -> np.ndarray:
    """The map `times` times along each side, each copy the mirror image of its neighbors, so that no edge is seen."""
    across = np.concatenate([kinds[:, ::-1] if number % 2 else kinds for number in range(times)], axis=1)
    return np.concatenate([across[::-1] if number % 2 else across for number in range(times)], axis=0)


def _centers(sites: int, pixel: float, pixels: int) -> np.ndarray:
    """The pixel at the middle of each site."""
    found: np.ndarray = np.minimum(((np.arange(sites) + 0.5) * SPACING / pixel).astype(int), pixels - 1)
    return found
