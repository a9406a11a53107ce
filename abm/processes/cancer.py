"""Disseminated cancer cells: signal, awakening, return to dormancy, phenotype, death.

The clock of a block (see `colony`) says when something happens to a cell; the shares of the competing hazards at that
moment decide what, which also names the cause of an awakening. Most blocks hold no cancer cell, and a block whose cells
all rest is only looked at again when one of them is due, so the cost follows the cells that are awake.
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.ahead import ask_for
from abm.core.chance import identity_of, uniform
from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, inside
from abm.core.population import ALIVE, USED, Record, release_row, whole
from abm.processes.colony import (
    NOBODY,
    colony_of,
    displace,
    draw_clock,
    expect,
    is_awake,
    new_cell,
    place,
    record,
    stands_on,
)
from abm.processes.contact import cd8_contacts, is_touched
from abm.processes.growth import crawl, drift, fall_asleep, turn_cycle, wake_up
from abm.processes.presence import occupied
from abm.processes.tissue import AMOUNT, Colony, Niche, Now, Tissue
from abm.rules import cytotoxicity, dormancy
from abm.rules.parameters import Parameters
from abm.rules.response import approached, kept
from abm.rules.states import CancerState, Cause, Decision, EventKind

NOTHING, WOKEN, AWOKE_ALONE, RETURNS, CYCLED, CRAWLED, DIED, KILLED = range(8)  # what a step can bring a cancer cell
AHEAD = 12  # blocks, or cells to which something happens, for which the memory is asked in time
FOUNDER = 3 << 40  # family of identities, apart from those of mobile cells


@compiled
def scatter(colony: Colony, founders: int, seed: int) -> None:
    """Seed single dormant cells, the founders of the clones, anywhere in the section."""
    rows, columns = colony.kind.shape
    for clone in range(founders):
        uid = identity_of(FOUNDER + clone, 0, 0)
        y, x, turn = 0, 0, 0
        while turn == 0 or not stands_on(colony.kind[y, x]) or colony.at[y, x] > 0:
            y = int(uniform(seed, Decision.SEEDING, uid, 2 * turn) * rows)
            x = int(uniform(seed, Decision.SEEDING, uid, 2 * turn + 1) * columns)
            turn += 1
        row = new_cell(uid, clone, y, x, colony, 0.0)
        draw_clock(colony.cells[row], colony.blocks[y // BLOCK, x // BLOCK], seed)
        place(row, colony)


@compiled
def _advance_clocks(
    block: Record, bound: float, openness: float, old_share: float, q: dormancy.Dormancy, now: Now
) -> None:
    """STAT3 signal and clocks of a block with cancer cells.

    bound: receptor response to the IL-6 there; openness: of the niche; old_share: of the signal that is left now.
    """
    block.signal = approached(block.signal, bound, old_share)
    block.openness = openness
    awakening = dormancy.il6_awakening_rate(block.signal, block.openness, 0, q) + q.spontaneous_awakening
    block.resting += (awakening + q.dormant_death) * now.stride
    if now.beat > 0.0:
        block.active += (dormancy.return_rate(block.signal, q) + q.awake_death) * now.beat
        block.growth += dormancy.cycle_speed(block.signal, q) * now.beat


@compiled
def _brake(y: int, x: int, niche: np.ndarray, p: cytotoxicity.Cytotoxicity) -> float:
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
def _end_of_sleep(cell: Record, contacts: int, killing: float, block: Record, q: dormancy.Dormancy, now: Now) -> int:
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
def _end_of_wake(cell: Record, killing: float, block: Record, q: dormancy.Dormancy, now: Now) -> int:
    """What ends the wake of a cell whose clock has fired: return to dormancy, death or killing."""
    back = dormancy.return_rate(block.signal, q)
    total = back + q.awake_death + killing
    chance = uniform(now.seed, Decision.CANCER_OUTCOME, cell.uid, cell.turn) * total
    if chance < back:
        return RETURNS
    return DIED if chance < back + q.awake_death else KILLED


@compiled
def _killing(cell: Record, contacts: int, brake: float, p: cytotoxicity.Cytotoxicity) -> float:
    """Hazard [1/h] that the CD8 cells in contact kill a cancer cell; brake: share of it left in its block."""
    if contacts == 0:
        return 0.0
    single = p.cd8_awake_cancer if is_awake(cell) else p.cd8_dormant_cancer
    return cytotoxicity.team_rate(single, contacts, p) * brake


@compiled
def _live_awake(cell: Record, contacts: int, brake: float, block: Record, p: Parameters, now: Now) -> int:
    """One step of an awake cell: what it brings.

    CD8 cells touch single cells, not a block: what they change in a cell's hazard moves the reading it waits for.
    """
    killing = _killing(cell, contacts, brake, p.cytotoxicity)
    cell.fires -= killing * now.beat
    if now.tick * now.step >= cell.drifts_at:
        drift(cell, p.dormancy, now)
    if block.active >= cell.fires:
        return _end_of_wake(cell, killing, block, p.dormancy, now)
    if block.growth >= cell.divides:
        return CYCLED
    return CRAWLED if now.tick * now.step >= cell.crawls_at else NOTHING


@compiled
def _live_dormant(cell: Record, contacts: int, brake: float, block: Record, p: Parameters, now: Now) -> int:
    """One step, or stride, of a dormant cell: what it brings."""
    killing = _killing(cell, contacts, brake, p.cytotoxicity)
    if contacts > 0:
        free = dormancy.il6_awakening_rate(block.signal, block.openness, 0, p.dormancy)
        held = dormancy.il6_awakening_rate(block.signal, block.openness, contacts, p.dormancy)
        cell.fires -= (killing - (free - held)) * now.stride
    if now.tick * now.step >= cell.drifts_at:
        drift(cell, p.dormancy, now)
    if block.resting >= cell.fires:
        return _end_of_sleep(cell, contacts, killing, block, p.dormancy, now)
    return NOTHING


@compiled
def _wake(row: int, cause: int, il6: float, colony: Colony, q: dormancy.Dormancy, now: Now) -> None:
    """A dormant cell awakes."""
    wake_up(row, colony, q, now)
    cell = colony.cells[row]
    cell.cause = cause
    cell.awoke = now.tick * now.step
    cell.awoke_il6 = il6
    record(EventKind.AWAKENING, cell, il6, colony, now)


@compiled
def _die(row: int, kind: int, il6: float, colony: Colony, now: Now) -> None:
    """A cancer cell dies, of itself or killed."""
    cell = colony.cells[row]
    record(kind, cell, il6, colony, now)
    displace(row, colony)
    cell.state = CancerState.DEAD
    cell.alive = False
    colony.clones[cell.clone].cells -= 1
    release_row(row, colony.rows)


@compiled
def _carry_out(row: int, outcome: int, il6: float, colony: Colony, q: dormancy.Dormancy, now: Now) -> None:
    """Let happen what was decided for a cancer cell."""
    cell = colony.cells[row]
    if outcome == WOKEN:
        _wake(row, Cause.IL6, il6, colony, q, now)
    elif outcome == AWOKE_ALONE:
        _wake(row, Cause.SPONTANEOUS, il6, colony, q, now)
    elif outcome == RETURNS:
        fall_asleep(row, colony, q, now)
        record(EventKind.RETURN_TO_DORMANCY, cell, il6, colony, now)
    elif outcome == CRAWLED:
        crawl(row, colony, q, now)
    elif outcome == CYCLED:
        turn_cycle(cell, il6, colony, q, now)
    else:
        _die(row, EventKind.DEATH if outcome == DIED else EventKind.KILLED, il6, colony, now)


@compiled
def _due_awake(
    block: Record, brake: float, colony: Colony, near: np.ndarray, p: Parameters, now: Now, due: np.ndarray
) -> int:
    """One step of the awake cells of a block: how many have something happen to them, entered in `due`.

    near: int16[BLOCK, BLOCK], CD8 cells in contact with each site of the block.
    """
    row, count = block.first_awake, 0
    while row != NOBODY:
        cell = colony.cells[row]
        contacts = whole(near[cell.y % BLOCK, cell.x % BLOCK])
        outcome = _live_awake(cell, contacts, brake, block, p, now)
        if outcome != NOTHING:
            due[count, 0], due[count, 1] = row, outcome
            count += 1
        row = colony.next[row]
    return count


@compiled
def _due_dormant(
    block: Record, brake: float, colony: Colony, near: np.ndarray, p: Parameters, now: Now, due: np.ndarray
) -> int:
    """The same of its dormant cells; the block learns when the next of the others is due."""
    row, count = block.first_dormant, 0
    block.fires_next, block.drifts_next = math.inf, math.inf
    while row != NOBODY:
        cell = colony.cells[row]
        contacts = whole(near[cell.y % BLOCK, cell.x % BLOCK])
        outcome = _live_dormant(cell, contacts, brake, block, p, now)
        if outcome == NOTHING:
            expect(cell, block)
        else:
            due[count, 0], due[count, 1] = row, outcome
            count += 1
        row = colony.next[row]
    return count


@compiled
def _ask_for_cells(block: Record, touched: bool, colony: Colony) -> None:
    """Have the cells of a block brought nearer that will be looked at: the awake ones, all where CD8 cells are."""
    row = block.first_awake
    while row != NOBODY:
        ask_for(colony.cells, row)
        row = colony.next[row]
    if touched:
        row = block.first_dormant
        while row != NOBODY:
            ask_for(colony.cells, row)
            row = colony.next[row]


@compiled
def _ask_for_site(cell: Record, colony: Colony) -> None:
    """Have what is kept of the site and the block of a cell brought nearer."""
    site = cell.y * colony.at.shape[1] + cell.x
    block = cell.y // BLOCK * colony.blocks.shape[1] + cell.x // BLOCK
    ask_for(colony.at, site)
    ask_for(colony.kind, site)
    ask_for(colony.blocks, block)
    ask_for(colony.niche[Niche.CANCER], block)
    ask_for(colony.niche[Niche.AWAKE], block)


@compiled
def _waited(block: Record, now: Now) -> Now:
    """This turn as it is for a block, whose clocks run ahead of the stride if a cancer cell has been awake in it."""
    waited = now.stride - block.ahead
    block.ahead = 0.0 if now.ends else now.stride
    return Now(now.seed, now.tick, now.step, now.beat, waited, now.ends)


@compiled
def live_cancer(tissue: Tissue, p: Parameters, effects: Record, now: Now) -> None:
    """One turn of every cancer cell that does not wait: first what is due in each block, then all that happens.

    So nobody meets a step twice who crawls, or is born, into a block that comes later. While tissue at rest waits for
    its next stride, only the blocks with awake cells live.
    """
    hour, columns, colony = now.tick * now.step, tissue.blocks.shape[1], colony_of(tissue)
    blocks, il6 = tissue.blocks.ravel(), tissue.il6[AMOUNT].ravel()
    hold, collagen = tissue.niche[Niche.HOLD].ravel(), tissue.niche[Niche.COLLAGEN].ravel()
    asked = occupied(tissue.niche[Niche.CANCER if now.ends else Niche.AWAKE])
    contacts = cd8_contacts(asked, tissue.blocks.shape, tissue.mobile, tissue.mobile_rows[USED])
    q, old_share = p.dormancy, kept(p.dormancy.signal_memory, now.stride)
    due, count = np.empty((tissue.cancer_rows[ALIVE], 2), dtype=np.int64), 0
    for turn in range(asked.size):
        later = min(turn + AHEAD, asked.size - 1)
        _ask_for_cells(blocks[asked[later]], is_touched(contacts[later]), colony)
        index, near = asked[turn], contacts[turn]
        block, brake, touched = blocks[index], 1.0, is_touched(near)
        here = _waited(block, now)
        if here.stride <= 0.0:  # it lived in every step of this stride
            continue
        left = old_share if here.stride == now.stride else kept(q.signal_memory, here.stride)
        bound = dormancy.occupancy(np.float64(il6[index]), effects.receptor_left, q) * effects.stat_left
        _advance_clocks(block, bound, dormancy.niche_openness(hold[index], collagen[index], q), left, q, here)
        if touched:
            brake = _brake(index // columns, index % columns, tissue.niche, p.cytotoxicity)
        if block.first_awake != NOBODY and here.beat > 0.0:
            count += _due_awake(block, brake, colony, near, p, here, due[count:])
        if touched or block.resting >= block.fires_next or hour >= block.drifts_next:
            count += _due_dormant(block, brake, colony, near, p, here, due[count:])
    for number in range(count):
        _ask_for_site(tissue.cancer[due[min(number + AHEAD, count - 1), 0]], colony)
        cell = tissue.cancer[due[number, 0]]
        around = np.float64(il6[cell.y // BLOCK * columns + cell.x // BLOCK])
        _carry_out(due[number, 0], due[number, 1], around, colony, q, now)
