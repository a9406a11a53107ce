"""Which cancer cells CD8 cells touch: looked up where cancer cells are, which is hardly anywhere."""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled
from abm.core.lattice import BLOCK
from abm.core.population import whole
from abm.rules.states import CellKind

NOT_ASKED = -1  # place of a block that nobody asks about


@compiled
def _touch(y: int, x: int, place: np.ndarray, near: np.ndarray) -> None:
    """Count a CD8 cell on its site and the eight around it, where asked.

    place: int32[block rows, block columns], of each block in `near`.
    """
    rows, columns = place.shape
    for block_y in range(max(y - 1, 0) // BLOCK, min((y + 1) // BLOCK + 1, rows)):
        for block_x in range(max(x - 1, 0) // BLOCK, min((x + 1) // BLOCK + 1, columns)):
            number = place[block_y, block_x]
            if number == NOT_ASKED:
                continue
            top, left = block_y * BLOCK, block_x * BLOCK
            for near_y in range(max(y - 1 - top, 0), min(y + 2 - top, BLOCK)):
                for near_x in range(max(x - 1 - left, 0), min(x + 2 - left, BLOCK)):
                    near[number, near_y, near_x] += 1


@compiled
def cd8_contacts(asked: np.ndarray, shape: tuple[int, int], mobile: np.ndarray, used: int) -> np.ndarray:
    """CD8 cells on each site of some blocks and the eight around it: int16[blocks, BLOCK, BLOCK].

    asked: flat indices of the blocks; shape: block rows and columns of the section; used: rows of `mobile` to look at.
    """
    near = np.zeros((asked.size, BLOCK, BLOCK), dtype=np.int16)
    if asked.size == 0:
        return near
    place = np.full(shape, NOT_ASKED, dtype=np.int32)
    flat = place.ravel()
    for number in range(asked.size):
        flat[asked[number]] = number
    for row in range(used):
        cell = mobile[row]
        if cell.alive and cell.kind == CellKind.CD8:
            _touch(whole(cell.y), whole(cell.x), place, near)
    return near


@compiled
def is_touched(near: np.ndarray) -> bool:
    """Whether any CD8 cell touches a site of a block; near: int16[BLOCK, BLOCK]."""
    found = False
    for y in range(BLOCK):
        for x in range(BLOCK):
            found = found or near[y, x] > 0
    return found
