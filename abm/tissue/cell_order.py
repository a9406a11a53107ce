"""Mobile cells in order of place: once a day, so that who stands side by side lies side by side in memory.

Rows of the dead are gone then, too: an infection leaves three of them for each living cell. No law depends on the row
of a cell; but who is first of two that reach for the same cell does, and the last bits of sums over cells.
"""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled
from abm.core.lattice import BLOCK
from abm.core.population import ALIVE, FREE, USED
from abm.tissue.state import Tissue


@compiled
def sort_by_place(tissue: Tissue) -> None:
    """Put the living mobile cells in order of their blocks, row by row, into the first rows (a counting sort)."""
    mobile, rows, columns = tissue.mobile, tissue.mobile_rows, tissue.blocks.shape[1]
    old = mobile[: rows[USED]].copy()
    place = np.zeros(tissue.blocks.size + 1, dtype=np.int32)  # of the next cell of each block
    for row in range(old.size):
        if old[row].alive:
            place[old[row].y // BLOCK * columns + old[row].x // BLOCK + 1] += 1
    for block in range(1, place.size):
        place[block] += place[block - 1]
    for row in range(old.size):
        if old[row].alive:
            block = old[row].y // BLOCK * columns + old[row].x // BLOCK
            mobile[place[block]] = old[row]
            place[block] += 1
    for row in range(rows[ALIVE], rows[USED]):
        mobile[row].alive = False
    rows[USED], rows[FREE] = rows[ALIVE], 0
