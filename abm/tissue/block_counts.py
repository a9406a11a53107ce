"""Who stands where: counts of mobile cells, kept up to date as they come, hop and go."""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK
from abm.core.population import Record
from abm.rules.cells import CellKind
from abm.tissue.state import EpithelialLayer, Niche, Tissue

COMES: Any = np.int64(1)  # of one type in every call, so that they are compiled for once
GOES: Any = np.int64(-1)
RUN = 64  # blocks looked at together


@compiled
def epithelium_of(tissue: Tissue) -> EpithelialLayer:
    """The part of a tissue that cells standing on the epithelium work on."""
    return EpithelialLayer(
        tissue.epithelium, tissue.states, tissue.cell_of_site, tissue.epithelial_counts, tissue.viruses, tissue.blocks,
        tissue.niche,
    )  # fmt: skip


@compiled
def is_counted(kind: int) -> bool:
    """Whether it is kept count of where cells of this kind are."""
    return kind == CellKind.CD4 or kind == CellKind.FIBROBLAST


@inlined
def count(kind: int, y: int, x: int, present: int, epithelium: EpithelialLayer) -> None:
    """Count a mobile cell on a site that it COMES to or GOES from."""
    if kind == CellKind.CD4:
        epithelium.niche[Niche.CD4, y // BLOCK, x // BLOCK] += present
    elif kind == CellKind.FIBROBLAST:
        epithelium.niche[Niche.FIBROBLASTS, y // BLOCK, x // BLOCK] += present


@inlined
def has_moved(cell: Record, y: int, x: int) -> bool:
    """Whether a cell that came from a site is now to be counted elsewhere."""
    return is_counted(cell.kind) and (cell.y // BLOCK != y // BLOCK or cell.x // BLOCK != x // BLOCK)


@compiled
def occupied(cells: np.ndarray) -> np.ndarray:
    """Flat indices of the blocks with cells; cells: float64[block rows, block columns], how many.

    Most runs of blocks hold none, which a vector loop sees at once.
    """
    flat = cells.ravel()
    found, count = np.empty(flat.size, dtype=np.int32), 0
    for start in range(0, flat.size, RUN):
        run = flat[start : start + RUN]
        somebody = np.int64(0)
        for index in range(run.size):
            somebody += np.int64(run[index] > 0.0)
        if somebody > 0:
            for index in range(run.size):
                if run[index] > 0.0:
                    found[count] = start + index
                    count += 1
    return found[:count]


@compiled
def _with_neighbors(blocks: np.ndarray) -> np.ndarray:
    """These blocks and the four beside each; blocks: bool[block rows, block columns], two or more a side."""
    rows, columns = blocks.shape
    wider, last = np.empty_like(blocks), columns - 1
    for y in range(rows):
        here, above, below = blocks[y], blocks[max(y - 1, 0)], blocks[min(y + 1, rows - 1)]
        for x in range(1, last):
            wider[y, x] = here[x - 1] | here[x] | here[x + 1] | above[x] | below[x]
        wider[y, 0] = here[0] | here[1] | above[0] | below[0]
        wider[y, last] = here[last] | here[last - 1] | above[last] | below[last]
    return wider


@compiled
def blocks_near(cells: np.ndarray, reach: int) -> np.ndarray:
    """Blocks within `reach` blocks, row by row and column by column, of one with cells; cells: how many are in each."""
    near = cells > 0.0
    for _ in range(reach):
        near = _with_neighbors(near)
    return near
