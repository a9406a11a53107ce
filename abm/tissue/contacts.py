"""Which cancer cells killers touch: looked up where cancer cells are, which is hardly anywhere."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK
from abm.core.population import Record, as_int64
from abm.rules import cytotoxicity
from abm.rules.cells import CellKind

UNTOUCHED = -1  # place of a block that nobody asks about, or that no killer touches
_ASKED = -2  # the same while killers are looked at: the first to touch it gives it a place


class Contacts(NamedTuple):
    """Where killers touch cancer cells."""

    place: np.ndarray  # int32[all blocks], of a touched block in the others, UNTOUCHED of the others
    counts: np.ndarray  # int16[touched blocks, BLOCK, BLOCK], how many CD8 cells touch a site
    innate: np.ndarray  # float64[touched blocks, BLOCK, BLOCK], hazard [1/h] by the NK cells and macrophages there
    suppression: np.ndarray  # float64[touched blocks], share of the killing by CD8 cells left, for the caller to enter


@compiled
def innate_rate(cell: Record, hour: float, p: cytotoxicity.Cytotoxicity) -> float:
    """Hazard [1/h] that an NK cell or trained macrophage kills a proliferating cancer cell in contact; others: none."""
    if cell.kind == CellKind.NK:
        return cytotoxicity.nk_cancer_rate(hour - cell.born, p)
    if cell.kind == CellKind.RESIDENT_MACROPHAGE:
        return cytotoxicity.trained_rate(cell.training, p)
    return 0.0


@compiled
def _touch(cell: Record, innate: float, at: np.ndarray, contacts: Contacts, places: np.ndarray, found: int) -> int:
    """Count a killer on its site and the eight around it, where asked; returns how many blocks are touched by now.

    Args:
        cell: the killer.
        innate: its hazard as an NK cell or macrophage [1/h].
        at: cancer cells on each site.
        contacts: changed in place.
        places: `contacts.place` as int32[block rows, block columns].
        found: how many blocks were touched before.
    """
    rows, columns = at.shape
    y, x, cd8 = as_int64(cell.y), as_int64(cell.x), np.int16(cell.kind == CellKind.CD8)
    for near_y in range(max(y - 1, 0), min(y + 2, rows)):
        for near_x in range(max(x - 1, 0), min(x + 2, columns)):
            if at[near_y, near_x] == 0 or places[near_y // BLOCK, near_x // BLOCK] == UNTOUCHED:
                continue
            if places[near_y // BLOCK, near_x // BLOCK] == _ASKED:
                places[near_y // BLOCK, near_x // BLOCK] = found
                found += 1
            place = places[near_y // BLOCK, near_x // BLOCK]
            contacts.counts[place, near_y % BLOCK, near_x % BLOCK] += cd8
            contacts.innate[place, near_y % BLOCK, near_x % BLOCK] += innate
    return found


@compiled
def killer_contacts(
    asked: np.ndarray, at: np.ndarray, mobile: np.ndarray, hour: float, p: cytotoxicity.Cytotoxicity
) -> Contacts:
    """Which killers touch each site with cancer cells, in those of some blocks where any does.

    asked: int32[blocks], flat indices of the blocks; at: int16[rows, columns], cancer cells on each site; mobile: the
    rows to look at; hour: now.
    """
    place = np.full(at.shape[0] // BLOCK * (at.shape[1] // BLOCK), UNTOUCHED, dtype=np.int32)
    counts, innate = np.zeros((asked.size, BLOCK, BLOCK), dtype=np.int16), np.zeros((asked.size, BLOCK, BLOCK))
    contacts, found = Contacts(place, counts, innate, np.ones(asked.size)), 0
    if asked.size > 0:
        places = place.reshape((at.shape[0] // BLOCK, at.shape[1] // BLOCK))
        place[asked] = _ASKED
        for row in range(mobile.size):
            cell = mobile[row]
            if cell.alive:
                rate = innate_rate(cell, hour, p)
                if rate > 0.0 or cell.kind == CellKind.CD8:
                    found = _touch(cell, rate, at, contacts, places, found)
        for index in asked:
            place[index] = max(place[index], UNTOUCHED)
    return Contacts(place, counts[:found], innate[:found], contacts.suppression[:found])


@inlined
def touching(y: int, x: int, near: int, contacts: Contacts) -> int:
    """CD8 cells that touch whoever stands on a site; near: place of its block in `contacts`."""
    return as_int64(contacts.counts[near, y % BLOCK, x % BLOCK]) if near != UNTOUCHED else 0


@inlined
def innate_killing(y: int, x: int, near: int, contacts: Contacts) -> float:
    """Hazard [1/h] by the NK cells and trained macrophages that touch a proliferating cell on a site."""
    return contacts.innate[near, y % BLOCK, x % BLOCK] if near != UNTOUCHED else 0.0
