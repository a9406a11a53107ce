"""What is due: to which cancer cells something happens in a step, and what.

The clock of a block (see `colony`) says when something happens to a cell; the shares of the competing hazards at that
moment decide what, which also names the cause of an awakening.
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.ahead import ask_for
from abm.core.chance import uniform
from abm.core.clock import TimeStep
from abm.core.compiled import compiled, inlined
from abm.core.lattice import inside
from abm.core.population import Record
from abm.processes.growth import crawl, drift
from abm.rules import cytotoxicity, dormancy
from abm.rules.parameters import Parameters
from abm.rules.states import Decision
from abm.tissue.cancer_index import NOBODY, expect, is_awake
from abm.tissue.contacts import UNTOUCHED, Contacts, touching
from abm.tissue.state import Colony, Niche

NOTHING, WOKEN, AWOKE_ALONE, RETURNS, CYCLED, DIED, KILLED = range(7)  # what a step can bring a cancer cell
AHEAD = 12  # cells or blocks for which the memory is asked in time


@inlined
def brake_in(y: int, x: int, niche: np.ndarray, p: cytotoxicity.Cytotoxicity) -> float:
    """Share of CD8 killing left to the cells of a block by the CD4 and cancer cells around.

    Neighbors within 50 um are those of its own 40 um block and the four beside it: 8,000 um2, as a disk of 50 um.
    """
    rows, columns = niche.shape[1:]
    cd4, others = 0.0, -1.0
    for dy, dx in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
        if inside(y + dy, x + dx, rows, columns):
            cd4 += niche[Niche.CD4, y + dy, x + dx]
            others += niche[Niche.CANCER, y + dy, x + dx]
    return cytotoxicity.brake(cd4, others, p)


@compiled
def end_of_sleep(
    cell: Record, contacts: int, killing: float, block: Record, q: dormancy.Dormancy, now: TimeStep
) -> int:
    """What ends the rest of a dormant cell whose clock has fired: awakening by IL-6 or of itself, death, killing."""
    by_il6 = dormancy.il6_awakening_rate(block.signal, block.openness, contacts, q)
    awakening = by_il6 + q.spontaneous_awakening
    total = awakening + q.dormant_death + killing
    chance = uniform(now.seed, Decision.CANCER_OUTCOME, cell.uid, cell.turn) * total
    if chance < by_il6:
        return WOKEN
    if chance < awakening:
        return AWOKE_ALONE
    return DIED if chance < awakening + q.dormant_death else KILLED


@compiled
def _end_of_wake(cell: Record, killing: float, block: Record, q: dormancy.Dormancy, now: TimeStep) -> int:
    """What ends the wake of a cell whose clock has fired: return to dormancy, death or killing."""
    back = dormancy.return_rate(block.signal, q)
    total = back + q.awake_death + killing
    chance = uniform(now.seed, Decision.CANCER_OUTCOME, cell.uid, cell.turn) * total
    if chance < back:
        return RETURNS
    return DIED if chance < back + q.awake_death else KILLED


@inlined
def _killing(cell: Record, contacts: int, brake: float, p: cytotoxicity.Cytotoxicity) -> float:
    """Hazard [1/h] that the CD8 cells in contact kill a cancer cell; brake: share of it left in its block."""
    if contacts == 0:
        return 0.0
    single = p.cd8_awake_cancer if is_awake(cell) else p.cd8_dormant_cancer
    return cytotoxicity.team_rate(single, contacts, p) * brake


@inlined
def _live_dormant(cell: Record, contacts: int, brake: float, block: Record, p: Parameters, now: TimeStep) -> int:
    """One step, or stride, of a dormant cell: what it brings.

    CD8 cells touch single cells, not a block: what they change in a cell's hazard moves the reading it waits for.
    """
    killing = _killing(cell, contacts, brake, p.cytotoxicity)
    if contacts > 0:
        free = dormancy.il6_awakening_rate(block.signal, block.openness, 0, p.dormancy)
        held = dormancy.il6_awakening_rate(block.signal, block.openness, contacts, p.dormancy)
        cell.fires -= (killing - (free - held)) * now.dt_slow
    if now.tick * now.dt >= cell.drifts_at:
        cell.drifts_at = drift(cell, p.dormancy, now)
    if block.resting >= cell.fires:
        return end_of_sleep(cell, contacts, killing, block, p.dormancy, now)
    return NOTHING


@inlined
def due_dormant(
    block: Record, near: int, contacts: Contacts, colony: Colony, p: Parameters, now: TimeStep, due: np.ndarray
) -> int:
    """One step, or stride, of the dormant cells of a block: how many have something happen to them, entered in `due`.

    The block learns when the next of the others is due. near: place of the block in `contacts`.
    """
    row, count, brake = block.first_dormant, 0, contacts.brakes[near] if near != UNTOUCHED else 1.0
    block.fires_next, block.drifts_next = math.inf, math.inf
    while row != NOBODY:
        cell = colony.cells[row]
        outcome = _live_dormant(cell, touching(cell.y, cell.x, near, contacts), brake, block, p, now)
        if outcome == NOTHING:
            expect(cell, block)
        else:
            due[count, 0], due[count, 1] = row, outcome
            count += 1
        row = colony.next[row]
    return count


@inlined
def due_awake(
    blocks: np.ndarray, contacts: Contacts, colony: Colony, p: Parameters, now: TimeStep, due: np.ndarray
) -> int:
    """One step of the awake cells, along the roster: how many have something happen to them, entered in `due`.

    Those that crawl do so at once: nothing else that is due in this step depends on it but the room on sites. blocks:
    BLOCK_OF_TISSUE[all blocks].
    """
    hour, last = now.tick * now.dt, colony.ledger[0].awake - 1
    count = 0
    for number in range(last + 1):
        later = colony.awake[min(number + AHEAD, last)]
        if hour >= later.crawls_at:
            ask_for(colony.cells, later.row)
        entry = colony.awake[number]
        cell, block, near = colony.cells[entry.row], blocks[entry.block], contacts.place[entry.block]
        killing = 0.0
        if near != UNTOUCHED:
            killing = _killing(cell, touching(cell.y, cell.x, near, contacts), contacts.brakes[near], p.cytotoxicity)
            entry.fires -= killing * now.dt_fast
        if hour >= entry.drifts_at:
            entry.drifts_at = drift(cell, p.dormancy, now)
        if block.active >= entry.fires:
            due[count, 0], due[count, 1] = entry.row, _end_of_wake(cell, killing, block, p.dormancy, now)
            count += 1
        elif block.growth >= entry.divides:
            due[count, 0], due[count, 1] = entry.row, CYCLED
            count += 1
        elif hour >= entry.crawls_at:
            crawl(cell, entry, colony, p.dormancy, now)
    return count
