"""Snapshots as maps on one grid, that of the sites (10 um), so that fields, tissue and cells lie over each other.

A substance has a coarser grid of its own; each site has the level of the square that it lies in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.core.lattice import SPACING
from abm.exchange.cell_table import VIRUS, title_of_kind
from abm.exchange.described import LEVEL_UNIT, title_of
from abm.rules.states import CancerState, EpithelialState, SiteKind

if TYPE_CHECKING:
    import pandas as pd

    from abm.model.snapshots import Snapshot

NO_CELL = 255  # in the map of the epithelium, where no cell covers the site
EPITHELIUM_WORDS = {int(state): state.name.lower() for state in EpithelialState} | {NO_CELL: "no_cell"}
SITE_WORDS = {int(kind): kind.name.lower() for kind in SiteKind}


class Raster(NamedTuple):
    """A map on the grid of the sites.

    Attributes:
        name: of the map. meaning: in words. unit: of its values.
        values: [rows, columns]; float32 levels, uint16 numbers of cells, or uint8 codes.
        words: the word of each code; empty for levels and numbers.
        spacing: of the grid that the model has it on [um].
    """

    name: str
    meaning: str
    unit: str
    values: np.ndarray
    words: Mapping[int, str] = {}
    spacing: float = SPACING


def section_raster(snapshot: Snapshot) -> Raster:
    """What each site of the section belongs to; the same at all times."""
    return Raster("site_kind", "what the site belongs to", "", snapshot.section.kind, SITE_WORDS)


def epithelium_raster(snapshot: Snapshot) -> Raster:
    """The state of the epithelial cell that covers each site."""
    meaning = "state of the epithelial cell that covers the site"
    return Raster("epithelium", meaning, "", snapshot.epithelium, EPITHELIUM_WORDS)


def levels(snapshot: Snapshot) -> Iterator[Raster]:
    """Each substance and the virus."""
    rows, columns = snapshot.virus.shape
    for name, field in snapshot.substances.items():
        side = rows // field.shape[0]
        values = np.repeat(np.repeat(field, side, axis=0), side, axis=1)[:rows, :columns]
        yield Raster(name, title_of(name), LEVEL_UNIT, values, spacing=SPACING * side)
    yield Raster(VIRUS, "free virions on the site", "virion/site", snapshot.virus)


def numbers_of_cells(snapshot: Snapshot) -> Iterator[Raster]:
    """How many cancer cells of each state, and mobile cells of each type, stand on each site."""
    states = [state.name.lower() for state in CancerState if state is not CancerState.DEAD]
    for state in states:
        cells = snapshot.cancer[snapshot.cancer["state"] == state]
        yield _counted(f"{state}_cancer_cells", f"{state} cancer cells", cells, snapshot)
    for kind in snapshot.mobile["kind"].cat.categories:
        cells = snapshot.mobile[snapshot.mobile["kind"] == kind]
        yield _counted(f"{kind}_cells", f"cells of the type {title_of_kind(kind)}", cells, snapshot)


def _counted(name: str, meaning: str, cells: pd.DataFrame, snapshot: Snapshot) -> Raster:
    shape = snapshot.section.kind.shape
    sites = cells["y"].to_numpy(np.int64) * shape[1] + cells["x"].to_numpy(np.int64)
    values = np.bincount(sites, minlength=shape[0] * shape[1]).reshape(shape).astype(np.uint16)
    return Raster(name, meaning, "cell", values)
