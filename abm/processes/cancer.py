"""Disseminated cancer cells: signal, awakening, return to dormancy, phenotype, death.

As the epithelium's, a cell's hazards add up against one threshold; when it fires, the shares of the competing hazards
at that moment decide what happens, which also names the cause of an awakening. Division and crawling are in `growth`.
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.chance import identity_of, uniform
from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, inside
from abm.core.population import Record, release_row
from abm.processes.growth import (
    change_state,
    colony_of,
    crawl,
    cycle,
    divide,
    draw_clock,
    drift,
    new_cell,
    place,
    plan_drift,
    record,
    stands_on,
    start_cycle,
)
from abm.processes.tissue import AMOUNT, Colony, Now, Tissue
from abm.rules import cytotoxicity, dormancy
from abm.rules.parameters import Parameters
from abm.rules.states import CancerState, Cause, Decision, EventKind

NOTHING, WOKEN, AWOKE_ALONE, RETURNS, DIVIDES, DIED, KILLED = range(7)  # what a step can bring a cancer cell
FOUNDER = 3 << 40  # family of identities, apart from those of mobile cells


@compiled
def scatter(kinds: np.ndarray, colony: Colony, founders: int, seed: int) -> None:
    """Seed single dormant cells, the founders of the clones, anywhere in a section of these kinds of sites."""
    rows, columns = kinds.shape
    for clone in range(founders):
        uid = identity_of(FOUNDER + clone, 0, 0)
        y, x, turn = 0, 0, 0
        while turn == 0 or not stands_on(kinds[y, x]) or colony.at[y, x] > 0:
            y = int(uniform(seed, Decision.SEEDING, uid, 2 * turn) * rows)
            x = int(uniform(seed, Decision.SEEDING, uid, 2 * turn + 1) * columns)
            turn += 1
        cell = new_cell(uid, clone, y, x, colony, 0.0)
        place(cell, colony.at, colony.blocks, 1)
        draw_clock(cell, seed)


@compiled
def _cd8_contacts(cell: Record, cd8_at: np.ndarray, reach: int) -> int:
    """CD8 cells on the nine sites around; reach: CD8 cells in the block of the cell or one site beside it."""
    if reach == 0:
        return 0
    rows, columns = cd8_at.shape
    total = 0
    for y in range(max(cell.y - 1, 0), min(cell.y + 2, rows)):
        for x in range(max(cell.x - 1, 0), min(cell.x + 2, columns)):
            total += cd8_at[y, x]
    return total


@compiled
def _killing(cell: Record, contacts: int, blocks: np.ndarray, p: cytotoxicity.Cytotoxicity) -> float:
    """Hazard [1/h] that the CD8 cells in contact kill a cancer cell.

    Neighbors within 50 um are those of its own 40 um block and the four beside it: 8,000 um2, as a disk of 50 um.
    """
    if contacts == 0:
        return 0.0
    rows, columns = blocks.shape
    block_y, block_x = cell.y // BLOCK, cell.x // BLOCK
    cd4, others = blocks[block_y, block_x].cd4, blocks[block_y, block_x].cancer - 1
    for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        if inside(block_y + dy, block_x + dx, rows, columns):
            cd4 += blocks[block_y + dy, block_x + dx].cd4
            others += blocks[block_y + dy, block_x + dx].cancer
    awake = cell.state == CancerState.PROLIFERATING
    single = p.cd8_awake_cancer if awake else p.cd8_dormant_cancer
    return cytotoxicity.team_rate(single, contacts, p) * cytotoxicity.brake(cd4, others, p)


@compiled
def _sleep(cell: Record, contacts: int, killing: float, block: Record, p: dormancy.Dormancy, now: Now) -> int:
    """A dormant cell: awakening by IL-6 or of itself, death, killing. What happens in this step (an Outcome)."""
    openness = dormancy.niche_openness(block.hold, block.collagen, p)
    by_il6 = dormancy.il6_awakening_rate(cell.signal, openness, contacts, p)
    awakening = by_il6 + p.spontaneous_awakening
    total = awakening + p.dormant_death + killing
    cell.hazard += total * now.step
    if cell.hazard < cell.threshold:
        return NOTHING
    chance = uniform(now.seed, Decision.CANCER_OUTCOME, cell.uid, cell.turn) * total
    if chance < by_il6:
        return WOKEN
    if chance < awakening:
        return AWOKE_ALONE
    return DIED if chance < awakening + p.dormant_death else KILLED


@compiled
def _stay_awake(cell: Record, killing: float, p: dormancy.Dormancy, now: Now) -> int:
    """An awake cell: return to dormancy, death or killing, else the cell cycle. What happens (an Outcome)."""
    back = dormancy.return_rate(cell.signal, p)
    total = back + p.awake_death + killing
    cell.hazard += total * now.step
    if cell.hazard < cell.threshold:
        return DIVIDES if cycle(cell, p, now) else NOTHING
    chance = uniform(now.seed, Decision.CANCER_OUTCOME, cell.uid, cell.turn) * total
    if chance < back:
        return RETURNS
    return DIED if chance < back + p.awake_death else KILLED


@compiled
def _wake(cell: Record, cause: int, il6: float, colony: Colony, p: dormancy.Dormancy, now: Now) -> None:
    """A dormant cell begins to proliferate."""
    change_state(cell, CancerState.PROLIFERATING, colony)
    plan_drift(cell, p, now)
    cell.cause = cause
    cell.awoke = now.tick * now.step
    cell.awoke_il6 = il6
    start_cycle(cell, p, now.seed)
    draw_clock(cell, now.seed)
    record(EventKind.AWAKENING, cell, il6, colony, now)


@compiled
def _rest(cell: Record, il6: float, colony: Colony, p: dormancy.Dormancy, now: Now) -> None:
    """An awake cell returns to dormancy."""
    change_state(cell, CancerState.REDORMANT, colony)
    plan_drift(cell, p, now)
    draw_clock(cell, now.seed)
    record(EventKind.RETURN_TO_DORMANCY, cell, il6, colony, now)


@compiled
def _die(row: int, kind: int, il6: float, colony: Colony, now: Now) -> None:
    """A cancer cell dies, of itself or killed."""
    cell = colony.cells[row]
    record(kind, cell, il6, colony, now)
    place(cell, colony.at, colony.blocks, -1)
    cell.state = CancerState.DEAD
    cell.alive = False
    colony.clones[cell.clone].cells -= 1
    release_row(row, colony.rows)


@compiled
def _carry_out(row: int, outcome: int, il6: float, tissue: Tissue, p: dormancy.Dormancy, now: Now) -> None:
    """Let happen what was decided for a cancer cell."""
    cell, colony = tissue.cancer[row], colony_of(tissue)
    if outcome == WOKEN:
        _wake(cell, Cause.IL6, il6, colony, p, now)
    elif outcome == AWOKE_ALONE:
        _wake(cell, Cause.SPONTANEOUS, il6, colony, p, now)
    elif outcome == RETURNS:
        _rest(cell, il6, colony, p, now)
    elif outcome == DIVIDES:
        divided = divide(cell, il6, tissue, p, now)
        start_cycle(cell, p, now.seed)
        if not divided:  # crowded: out of cycle for as long as a cycle takes, then it tries anew
            cell.cycle = -cell.cycle_length
    else:
        _die(row, EventKind.DEATH if outcome == DIED else EventKind.KILLED, il6, colony, now)


@compiled
def live_cancer(tissue: Tissue, p: Parameters, effects: Record, now: Now) -> None:
    """One step of every cancer cell; cells born in this step wait for the next."""
    q, hour = p.dormancy, now.tick * now.step
    kept = math.exp(-now.step / q.signal_memory)  # of the old signal, once for all cells
    for row in range(tissue.cancer_rows[0]):
        cell = tissue.cancer[row]
        newborn = now.tick > 0 and cell.born == hour
        if newborn or not cell.alive:
            continue
        block_y, block_x = cell.y // BLOCK, cell.x // BLOCK
        block, il6 = tissue.blocks[block_y, block_x], tissue.il6[AMOUNT, block_y, block_x]
        bound = dormancy.occupancy(il6, effects.receptor_left, q) * effects.stat_left
        cell.signal = bound + (cell.signal - bound) * kept
        if hour >= cell.drifts_at:
            drift(cell, q, now)
        contacts = _cd8_contacts(cell, tissue.cd8_at, block.cd8_reach)
        killing = _killing(cell, contacts, tissue.blocks, p.cytotoxicity)
        if cell.state == CancerState.PROLIFERATING:
            crawl(cell, tissue.kind, tissue.cancer_at, tissue.blocks, q, now)
            outcome = _stay_awake(cell, killing, q, now)
        else:
            outcome = _sleep(cell, contacts, killing, block, q, now)
        if outcome != NOTHING:
            _carry_out(row, outcome, il6, tissue, q, now)
