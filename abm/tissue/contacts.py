"""Which cancer cells CD8 cells touch: looked up where cancer cells are, which is hardly anywhere."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK
from abm.core.population import as_int64
from abm.rules.cells import CellKind

UNTOUCHED = -1  # place of a block that nobody asks about, or that no CD8 cell touches
_ASKED = -2  # the same while CD8 cells are looked at: the first to touch it gives it a place


class Contacts(NamedTuple):
    """Where CD8 cells touch cancer cells."""

    place: np.ndarray  # int32[all blocks], of a touched block in the other two, UNTOUCHED of the others
    counts: np.ndarray  # int16[touched blocks, BLOCK, BLOCK], how many touch a site
    suppression: np.ndarray  # float64[touched blocks], share of their killing left, for the caller to enter


@compiled
def _touch(y: int, x: int, at: np.ndarray, place: np.ndarray, counts: np.ndarray, found: int) -> int:
    """Count a CD8 cell on its site and the eight around it, where asked; how many blocks are touched by now.

    at: cancer cells on each site. place: int32[block rows, block columns], of each block in `counts`; found: how many
    were touched before.
    """
    rows, columns = at.shape
    for near_y in range(max(y - 1, 0), min(y + 2, rows)):
        for near_x in range(max(x - 1, 0), min(x + 2, columns)):
            if at[near_y, near_x] == 0 or place[near_y // BLOCK, near_x // BLOCK] == UNTOUCHED:
                continue
            if place[near_y // BLOCK, near_x // BLOCK] == _ASKED:
                place[near_y // BLOCK, near_x // BLOCK] = found
                found += 1
            counts[place[near_y // BLOCK, near_x // BLOCK], near_y % BLOCK, near_x % BLOCK] += 1
    return found


@compiled
def cd8_contacts(asked: np.ndarray, at: np.ndarray, mobile: np.ndarray, used: int) -> Contacts:
    """How many CD8 cells touch each site with cancer cells, in those of some blocks where any does.

    asked: int32[blocks], flat indices of the blocks; at: int16[rows, columns], cancer cells on each site; used: rows of
    `mobile` to look at.
    """
    counts, found = np.zeros((asked.size, BLOCK, BLOCK), dtype=np.int16), 0
    place = np.full((at.shape[0] // BLOCK, at.shape[1] // BLOCK), UNTOUCHED, dtype=np.int32)
    flat = place.ravel()
    if asked.size > 0:
        flat[asked] = _ASKED
        for row in range(used):
            cell = mobile[row]
            if cell.alive and cell.kind == CellKind.CD8:
                found = _touch(as_int64(cell.y), as_int64(cell.x), at, place, counts, found)
        for index in asked:
            flat[index] = max(flat[index], UNTOUCHED)
    return Contacts(flat, counts[:found], np.ones(found))


@inlined
def touching(y: int, x: int, near: int, contacts: Contacts) -> int:
    """CD8 cells that touch whoever stands on a site; near: place of its block in `contacts`."""
    return as_int64(contacts.counts[near, y % BLOCK, x % BLOCK]) if near != UNTOUCHED else 0
