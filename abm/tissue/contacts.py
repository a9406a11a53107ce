"""Which cancer cells killers touch: looked up where cancer cells are, which is hardly anywhere."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK
from abm.core.population import Record, as_int64
from abm.rules import cytotoxicity
from abm.rules.cells import CellKind
from abm.rules.own.rates import Rate, address
from abm.rules.parameters import Parameters
from abm.tissue.ruled import is_ruled, ruled
from abm.tissue.single_cells import SingleCell

UNTOUCHED = -1  # place of a block that nobody asks about, or that no killer touches
_ASKED = -2  # the same while killers are looked at: the first to touch it gives it a place


class Contacts(NamedTuple):
    """Where killers touch cancer cells."""

    place: np.ndarray  # int32[all blocks], of a touched block in the others, UNTOUCHED of the others
    counts: np.ndarray  # int16[touched blocks, BLOCK, BLOCK], how many CD8 cells touch a site
    nk: np.ndarray  # float64[touched blocks, BLOCK, BLOCK], hazard [1/h] by the NK cells there
    trained: np.ndarray  # the same, by the trained macrophages
    ruled: np.ndarray  # float64[touched blocks, 2, BLOCK, BLOCK], hazards by rules: of dormant, of proliferating cells
    suppression: np.ndarray  # float64[touched blocks], share of the killing by CD8 cells left, for the caller to enter
    single: SingleCell  # signals of rules, and cells one by one where rules tell them apart


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
def _change_by_rules(
    which: int, mobile: np.ndarray, at: np.ndarray, contacts: Contacts, hour: float, p: Parameters
) -> int:
    """Add what rules change of the killing by each mobile cell; returns how many blocks are touched by now.

    Rules on the killing by CD8 cells act on the rate of a single one (`abm.processes.cancer.killing`). which: `Rate`.
    """
    places = contacts.place.reshape((at.shape[0] // BLOCK, at.shape[1] // BLOCK))
    found, proliferating = max(0, contacts.place.max() + 1), which == Rate.KILLING_OF_PROLIFERATING
    for row in range(mobile.size):
        cell = mobile[row]
        if cell.alive and cell.kind != CellKind.CD8:
            by_itself = _killer(cell, hour, p.cytotoxicity).nk if proliferating else 0.0
            own, where = (float(cell.activation), hour - cell.born), address(which, as_int64(cell.kind), 0)
            change = (
                ruled(by_itself, where, cell.y // BLOCK, cell.x // BLOCK, own, contacts.single.shared, p) - by_itself
            )
            if change != 0.0:
                layers = contacts.counts, contacts.nk, contacts.trained
                found = _touch(cell, Killer(0, 0.0, 0.0), at, layers, places, found)
                _add_change(cell, int(proliferating), change, at, contacts, places)
    return found


@compiled
def _add_change(
    cell: Record, layer: int, change: float, at: np.ndarray, contacts: Contacts, places: np.ndarray
) -> None:
    """Add a change of a hazard on the site of a cell and the eight around it, where they are touched."""
    rows, columns = at.shape
    for near_y in range(max(cell.y - 1, 0), min(cell.y + 2, rows)):
        for near_x in range(max(cell.x - 1, 0), min(cell.x + 2, columns)):
            place = places[near_y // BLOCK, near_x // BLOCK]
            if at[near_y, near_x] > 0 and place >= 0:
                contacts.ruled[place, layer, near_y % BLOCK, near_x % BLOCK] += change


Layers = tuple[np.ndarray, np.ndarray, np.ndarray]  # counts of CD8 cells, hazards by NK cells, by trained macrophages


@compiled
def _touch(cell: Record, killer: Killer, at: np.ndarray, layers: Layers, places: np.ndarray, found: int) -> int:
    """Count a killer on its site and the eight around it, where asked; returns how many blocks are touched by now.

    Args:
        cell: where it is.
        killer: what it does.
        at: cancer cells on each site.
        layers: of contacts, changed in place.
        places: `contacts.place` as int32[block rows, block columns].
        found: how many blocks were touched before.
    """
    rows, columns = at.shape
    counts, nk, trained = layers
    for near_y in range(max(cell.y - 1, 0), min(cell.y + 2, rows)):
        for near_x in range(max(cell.x - 1, 0), min(cell.x + 2, columns)):
            if at[near_y, near_x] == 0 or places[near_y // BLOCK, near_x // BLOCK] == UNTOUCHED:
                continue
            if places[near_y // BLOCK, near_x // BLOCK] == _ASKED:
                places[near_y // BLOCK, near_x // BLOCK] = found
                found += 1
            place = places[near_y // BLOCK, near_x // BLOCK]
            counts[place, near_y % BLOCK, near_x % BLOCK] += killer.cd8
            nk[place, near_y % BLOCK, near_x % BLOCK] += killer.nk
            trained[place, near_y % BLOCK, near_x % BLOCK] += killer.trained
    return found


@compiled
def killer_contacts(
    asked: np.ndarray, at: np.ndarray, mobile: np.ndarray, hour: float, single: SingleCell, p: Parameters
) -> Contacts:
    """Which killers touch each site with cancer cells, in those of some blocks where any does.

    asked: int32[blocks], flat indices of the blocks; at: int16[rows, columns], cancer cells on each site; mobile: the
    rows to look at; hour: now; single: signals of rules.
    """
    place = np.full(at.shape[0] // BLOCK * (at.shape[1] // BLOCK), UNTOUCHED, dtype=np.int32)
    shape, found = (asked.size, BLOCK, BLOCK), 0
    by_rules = is_ruled(Rate.KILLING_OF_DORMANT.value, p) or is_ruled(Rate.KILLING_OF_PROLIFERATING.value, p)
    ruled_hazards = np.zeros((asked.size if by_rules else 0, 2, BLOCK, BLOCK))
    contacts = Contacts(
        place, np.zeros(shape, np.int16), np.zeros(shape), np.zeros(shape), ruled_hazards, np.ones(asked.size), single
    )
    if asked.size > 0:
        places = place.reshape((at.shape[0] // BLOCK, at.shape[1] // BLOCK))
        place[asked], layers = _ASKED, (contacts.counts, contacts.nk, contacts.trained)
        for row in range(mobile.size):
            if mobile[row].alive:
                killer = _killer(mobile[row], hour, p.cytotoxicity)
                if killer.cd8 + killer.nk + killer.trained > 0.0:
                    found = _touch(mobile[row], killer, at, layers, places, found)
        for which in (Rate.KILLING_OF_DORMANT.value, Rate.KILLING_OF_PROLIFERATING.value):
            if is_ruled(which, p):
                found = max(found, _change_by_rules(which, mobile, at, contacts, hour, p))
        for index in asked:
            place[index] = max(place[index], UNTOUCHED)
    return Contacts(
        place, contacts.counts[:found], contacts.nk[:found], contacts.trained[:found], contacts.ruled[:found],
        contacts.suppression[:found], single,
    )  # fmt: skip


@inlined
def ruled_killing(proliferating: int, y: int, x: int, near: int, contacts: Contacts) -> float:
    """Hazard [1/h] by rules of a cancer cell on a site; proliferating: 1 if it is, 0 if it is dormant."""
    if near == UNTOUCHED or contacts.ruled.shape[0] == 0:
        return 0.0
    return contacts.ruled[near, proliferating, y % BLOCK, x % BLOCK]


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
