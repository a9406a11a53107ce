"""Proliferating cancer cells: cell cycle, division, migration, return to dormancy."""

from __future__ import annotations

import math

import numpy as np

from abm.core.chance import erlang, identity_of, uniform, waiting_time
from abm.core.clock import TimeStep
from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK, SPACING, inside
from abm.core.population import Record, as_int64
from abm.core.prefetch import prefetch
from abm.processes.cancer.killing import killing_rate
from abm.processes.cancer.outcomes import AHEAD, CYCLED, DIED, KILLED, RETURNS
from abm.processes.cancer.phenotype import next_transition, pass_clock
from abm.processes.cancer.surroundings import hazards_of_one
from abm.rules import dormancy
from abm.rules.parameters import Parameters
from abm.rules.states import CancerState, Cause, Decision, EventKind
from abm.tissue.cancer_index import (
    carry_signal,
    change_block,
    draw_event_threshold,
    free_site_near,
    insert,
    log_event,
    new_cell,
    stands_on,
    take_out,
)
from abm.tissue.contacts import UNTOUCHED, Contacts, nk_killing, ruled_killing, touching
from abm.tissue.state import CancerCells


@inlined
def _start_cycle(cell: Record, since: float, p: dormancy.Dormancy, seed: int) -> float:
    """Begin a cell cycle at a reading of the growth clock, and draw how long it takes: the reading at its end."""
    cell.divisions += 1
    cell.crowded = False
    cell.cycle_length = erlang(p.cycle_time, p.cycle_shape, seed, Decision.CYCLE_TIME, cell.uid, cell.divisions)
    return since + cell.cycle_length


@inlined
def begin_proliferating(row: int, cancer: CancerCells, p: dormancy.Dormancy, now: TimeStep) -> None:
    """A dormant cell enters the cell cycle, where it is."""
    cell = cancer.cells[row]
    take_out(row, cancer)
    cell.state = CancerState.PROLIFERATING
    cell.ki67_until = math.inf
    insert(row, cancer)
    _enter_waits(cell, cancer.blocks[cell.y // BLOCK, cell.x // BLOCK].cycle_progress, cancer, p, now)


@inlined
def _enter_waits(cell: Record, since: float, cancer: CancerCells, p: dormancy.Dormancy, now: TimeStep) -> None:
    """Draw the events that a new proliferating cell waits for; since: `cycle_progress` at which its cycle began."""
    entry, block = cancer.proliferating[cell.slot], cancer.blocks[cell.y // BLOCK, cell.x // BLOCK]
    entry.next_event_at = block.proliferating_hazard + draw_event_threshold(cell, now.seed)
    entry.divides_at = _start_cycle(cell, since, p, now.seed)
    entry.migrates_at = now.tick * now.dt + _until_next_hop(cell, p, now)
    entry.transition_at = next_transition(cell, p, now)


@inlined
def return_to_dormancy(row: int, cancer: CancerCells, p: dormancy.Dormancy, now: TimeStep) -> None:
    """A proliferating cell returns to dormancy, where it is; its Ki67 persists for a while."""
    cell = cancer.cells[row]
    take_out(row, cancer)
    cell.state = CancerState.REDORMANT
    cell.ki67_until = min(cell.ki67_until, now.tick * now.dt + p.ki67_lag)
    cell.next_event_at = cancer.blocks[cell.y // BLOCK, cell.x // BLOCK].dormant_hazard + draw_event_threshold(
        cell, now.seed
    )
    cell.transition_at = next_transition(cell, p, now)
    insert(row, cancer)


@inlined
def add_daughter(mother: Record, y: int, x: int, cancer: CancerCells, p: dormancy.Dormancy, now: TimeStep) -> Record:
    """A daughter on a site: proliferating, with her mother's phenotype; her cycle began when her mother's ended."""
    hour = now.tick * now.dt
    row = new_cell(identity_of(mother.uid, mother.divisions, 0), as_int64(mother.clone), y, x, cancer, hour)
    daughter = cancer.cells[row]
    daughter.parent = mother.uid
    daughter.state = CancerState.PROLIFERATING
    daughter.phenotype = mother.phenotype
    daughter.cause = Cause.BORN_AWAKE
    daughter.awoke = hour
    daughter.awoke_il6 = mother.awoke_il6
    daughter.ki67_until = math.inf
    carry_signal(mother.y, mother.x, y, x, cancer)
    insert(row, cancer)
    block, origin = cancer.blocks[y // BLOCK, x // BLOCK], cancer.blocks[mother.y // BLOCK, mother.x // BLOCK]
    since = block.cycle_progress + (cancer.proliferating[mother.slot].divides_at - origin.cycle_progress)
    _enter_waits(daughter, since, cancer, p, now)
    return daughter


@inlined
def divide(cell: Record, il6: float, cancer: CancerCells, p: dormancy.Dormancy, now: TimeStep) -> bool:
    """A cell divides if there is room within the pushing reach; says whether it did."""
    columns = cancer.kind.shape[1]
    site = free_site_near(cell, cancer.kind, cancer.offsets, cancer.at, int(p.site_capacity), now.seed)
    if site < 0:
        return False
    daughter = add_daughter(cell, site // columns, site % columns, cancer, p, now)
    log_event(EventKind.BIRTH, daughter, il6, cancer, now)
    clone = cancer.clones[cell.clone]
    if not clone.seen and clone.cells >= p.lesion_size:
        clone.seen = True
        log_event(EventKind.LESION_DETECTED, cell, il6, cancer, now)
    return True


@inlined
def end_cycle(cell: Record, il6: float, cancer: CancerCells, p: dormancy.Dormancy, now: TimeStep) -> None:
    """The end of a cycle: division, or, for want of room, as long again out of cycle, without Ki67 after its lag."""
    entry = cancer.proliferating[cell.slot]
    if cell.crowded:  # back in cycle, to try anew at its end
        cell.crowded = False
        cell.ki67_until = math.inf
        entry.divides_at += cell.cycle_length
        return
    divided = divide(cell, il6, cancer, p, now)
    entry.divides_at = _start_cycle(cell, entry.divides_at, p, now.seed)
    if not divided:
        cell.crowded = True
        cell.ki67_until = now.tick * now.dt + p.ki67_lag


@inlined
def _until_next_hop(cell: Record, p: dormancy.Dormancy, now: TimeStep) -> float:
    """Time [h] until a proliferating cell next attempts to migrate to a neighboring site."""
    if p.migration_speed <= 0.0:
        return math.inf
    cell.migrations += 1
    return waiting_time(now.seed, Decision.CRAWL, cell.uid, cell.migrations) * SPACING / (p.migration_speed * 60.0)


@inlined
def migrate(cell: Record, entry: Record, cancer: CancerCells, p: dormancy.Dormancy, now: TimeStep) -> None:
    """A proliferating cell migrates to a neighboring site with space; entry: its own in the list."""
    way = int(uniform(now.seed, Decision.CRAWL_WAY, cell.uid, cell.migrations) * 4.0)
    entry.migrates_at += _until_next_hop(cell, p, now)
    y = cell.y + int(way == 0) - int(way == 1)
    x = cell.x + int(way == 2) - int(way == 3)
    rows, columns = cancer.kind.shape
    if not inside(y, x, rows, columns) or not stands_on(cancer.kind[y, x]) or cancer.at[y, x] >= int(p.site_capacity):
        return
    if y // BLOCK != cell.y // BLOCK or x // BLOCK != cell.x // BLOCK:
        change_block(cell, entry, y, x, cancer)
    cancer.at[cell.y, cell.x] -= 1
    cancer.at[y, x] += 1
    cell.y, cell.x = y, x


@compiled
def _end_of_proliferation(cell: Record, killing: float, block: Record, now: TimeStep) -> int:
    """What ends the proliferation of a cell whose event is due: return to dormancy, death or killing."""
    back = block.return_rate
    total = back + block.proliferating_death + killing
    chance = uniform(now.seed, Decision.CANCER_OUTCOME, cell.uid, cell.turn) * total
    if chance < back:
        return RETURNS
    return DIED if chance < back + block.proliferating_death else KILLED


@inlined
def due_proliferating(
    blocks: np.ndarray, contacts: Contacts, cancer: CancerCells, p: Parameters, now: TimeStep, due: np.ndarray
) -> int:
    """Enter the events of the proliferating cells in `due`; returns how many.

    Cells that migrate do so at once: no other event of this step depends on it, except through the space on sites.
    blocks: BLOCK_OF_TISSUE[all blocks].
    """
    hour, last, single = now.tick * now.dt, cancer.status[0].proliferating - 1, contacts.single
    count = 0
    for number in range(last + 1):
        later = cancer.proliferating[min(number + AHEAD, last)]
        if hour >= later.migrates_at:
            prefetch(cancer.cells, later.row)
        entry = cancer.proliferating[number]
        cell, block, near = cancer.cells[entry.row], blocks[entry.block], contacts.place[entry.block]
        killing = 0.0
        if near != UNTOUCHED:
            killing = killing_rate(
                cell, touching(cell.y, cell.x, near, contacts), contacts.suppression[near], single.shared, p
            )
            killing += nk_killing(cell.y, cell.x, near, contacts) + ruled_killing(1, cell.y, cell.x, near, contacts)
            entry.next_event_at -= killing * now.dt_fast
        here = block
        if single.differs:
            hazards_of_one(cell, block, single, p)
            here = single.block[0]
            more = here.return_rate + here.proliferating_death - block.return_rate - block.proliferating_death
            entry.next_event_at -= more * now.dt_fast
            entry.divides_at -= (here.cycle_speed - block.cycle_speed) * now.dt_fast
        if single.differs or hour >= entry.transition_at:
            entry.transition_at = pass_clock(cell, entry.transition_at, now.dt_fast, single, p, now)
        if block.proliferating_hazard >= entry.next_event_at:
            due[count, 0], due[count, 1] = entry.row, _end_of_proliferation(cell, killing, here, now)
            count += 1
        elif block.cycle_progress >= entry.divides_at:
            due[count, 0], due[count, 1] = entry.row, CYCLED
            count += 1
        elif hour >= entry.migrates_at:
            migrate(cell, entry, cancer, p.dormancy, now)
    return count
