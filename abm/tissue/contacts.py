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
    nk: np.ndarray  # float64[touched blocks, BLOCK, BLOCK], hazard [1/h] by the NK cells there
    trained: np.ndarray  # the same, by the trained macrophages
    suppression: np.ndarray  # float64[touched blocks], share of the killing by CD8 cells left, for the caller to enter


class Killer(NamedTuple):
    """What a cell does to the cancer cells that it touches: 1 for a CD8 cell, else 0; hazards [1/h]."""

    cd8: int
    nk: float
    trained: float


@compiled
def _killer(cell: Record, hour: float, p: cytotoxicity.Cytotoxicity) -> Killer:
    """What a mobile cell does to the cancer cells that it touches."""
    if cell.kind == CellKind.CD8:
        return Killer(1, 0.0, 0.0)
    if cell.kind == CellKind.NK:
        return Killer(0, cytotoxicity.nk_cancer_rate(hour - cell.born, p), 0.0)
    trained = cell.kind == CellKind.RESIDENT_MACROPHAGE and cell.training > 0.0
    return Killer(0, 0.0, cytotoxicity.trained_rate(cell.training, p) if trained else 0.0)


@compiled
def _touch(cell: Record, killer: Killer, at: np.ndarray, contacts: Contacts, places: np.ndarray, found: int) -> int:
    """Count a killer on its site and the eight around it, where asked; returns how many blocks are touched by now.

    Args:
        cell: where it is.
        killer: what it does.
        at: cancer cells on each site.
        contacts: changed in place.
        places: `contacts.place` as int32[block rows, block columns].
        found: how many blocks were touched before.
    """
    rows, columns = at.shape
    for near_y in range(max(cell.y - 1, 0), min(cell.y + 2, rows)):
        for near_x in range(max(cell.x - 1, 0), min(cell.x + 2, columns)):
            if at[near_y, near_x] == 0 or places[near_y // BLOCK, near_x // BLOCK] == UNTOUCHED:
                continue
            if places[near_y // BLOCK, near_x // BLOCK] == _ASKED:
                places[near_y // BLOCK, near_x // BLOCK] = found
                found += 1
            place = places[near_y // BLOCK, near_x // BLOCK]
            contacts.counts[place, near_y % BLOCK, near_x % BLOCK] += killer.cd8
            contacts.nk[place, near_y % BLOCK, near_x % BLOCK] += killer.nk
            contacts.trained[place, near_y % BLOCK, near_x % BLOCK] += killer.trained
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
    shape, found = (asked.size, BLOCK, BLOCK), 0
    contacts = Contacts(place, np.zeros(shape, np.int16), np.zeros(shape), np.zeros(shape), np.ones(asked.size))
    if asked.size > 0:
        places = place.reshape((at.shape[0] // BLOCK, at.shape[1] // BLOCK))
        place[asked] = _ASKED
        for row in range(mobile.size):
            if mobile[row].alive:
                killer = _killer(mobile[row], hour, p)
                if killer.cd8 + killer.nk + killer.trained > 0.0:
                    found = _touch(mobile[row], killer, at, contacts, places, found)
        for index in asked:
            place[index] = max(place[index], UNTOUCHED)
    return Contacts(
        place, contacts.counts[:found], contacts.nk[:found], contacts.trained[:found], contacts.suppression[:found]
    )


@inlined
def touching(y: int, x: int, near: int, contacts: Contacts) -> int:
    """CD8 cells that touch whoever stands on a site; near: place of its block in `contacts`."""
    return as_int64(contacts.counts[near, y % BLOCK, x % BLOCK]) if near != UNTOUCHED else 0


@inlined
def nk_killing(y: int, x: int, near: int, contacts: Contacts) -> float:
    """Hazard [1/h] by the NK cells that touch a proliferating cell, or one that has not settled, on a site."""
    return contacts.nk[near, y % BLOCK, x % BLOCK] if near != UNTOUCHED else 0.0


@inlined
def trained_killing(y: int, x: int, near: int, contacts: Contacts) -> float:
    """Hazard [1/h] by the trained macrophages that touch a cell that has not settled, on a site."""
    return contacts.trained[near, y % BLOCK, x % BLOCK] if near != UNTOUCHED else 0.0
