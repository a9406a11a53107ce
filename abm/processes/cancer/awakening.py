"""Dormant cancer cells: from what they sense to their awakening.

What they sense (`abm.processes.cancer.surroundings`) sets the rate of awakening, which adds up on the clock of the
block (see `abm.tissue.cancer_index`). When the clock reaches the reading that a cell waits for, the shares of the
competing hazards decide what happens to it, which also names the cause (`end_of_dormancy`).
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.chance import uniform
from abm.core.clock import TimeStep
from abm.core.compiled import compiled, inlined
from abm.core.population import Record
from abm.processes.cancer.killing import killing_rate
from abm.processes.cancer.outcomes import AWOKE_ALONE, DIED, KILLED, NOTHING, WOKEN, WOKEN_BY_RULE
from abm.processes.cancer.phenotype import pass_clock
from abm.processes.cancer.proliferation import begin_proliferating
from abm.processes.cancer.surroundings import dormant_hazard, hazards_of_one
from abm.rules import dormancy
from abm.rules.parameters import Parameters
from abm.rules.states import Decision, EventKind
from abm.tissue.cancer_index import NOBODY, log_event, update_earliest_event
from abm.tissue.contacts import UNTOUCHED, Contacts, nk_killing, ruled_killing, touching, trained_killing
from abm.tissue.state import CancerCells


@inlined
def advance_clocks(block: Record, q: dormancy.Dormancy, now: TimeStep) -> None:
    """Clocks of a block with cancer cells, as it senses its surroundings now."""
    block.dormant_hazard += dormant_hazard(block, q) * now.dt_slow
    if now.dt_fast > 0.0:
        block.proliferating_hazard += (block.return_rate + block.proliferating_death) * now.dt_fast
        block.cycle_progress += block.cycle_speed * now.dt_fast


@inlined
def is_due(block: Record, hour: float) -> bool:
    """Whether an event or change of phenotype of a dormant cell of a block is due, or a cell has not settled yet."""
    awaited = block.dormant_hazard >= block.earliest_event_at or hour >= block.earliest_transition_at
    return awaited or hour < block.unsettled_until


@inlined
def _live_dormant(
    cell: Record, contacts: int, killing: float, lost: float, block: Record, p: Parameters, now: TimeStep
) -> int:  # fmt: skip
    """The event that a step brings a dormant cell.

    CD8 cells touch single cells, not a block: what they change in a cell's hazard moves the reading it waits for. So
    does what removes a cell that has not settled yet.
    """
    held_back = 0.0
    if contacts > 0:
        free = dormancy.il6_awakening_rate(block.signal, block.permissiveness, 0, p.dormancy)
        held_back = free - dormancy.il6_awakening_rate(block.signal, block.permissiveness, contacts, p.dormancy)
    cell.next_event_at -= (killing + lost - held_back * block.awakening_left) * now.dt_slow
    if block.dormant_hazard >= cell.next_event_at:
        return end_of_dormancy(cell, contacts, killing, lost, block, p.dormancy, now)
    return NOTHING


@compiled
def end_of_dormancy(
    cell: Record, contacts: int, killing: float, lost: float, block: Record, q: dormancy.Dormancy, now: TimeStep
) -> int:
    """What ends the dormancy of a cell whose event is due: awakening (by IL-6, without, by a rule), death or killing.

    contacts: CD8 cells. killing: hazard [1/h] by cells in contact. lost: that of a cell that has not settled yet.
    """
    by_il6 = dormancy.il6_awakening_rate(block.signal, block.permissiveness, contacts, q)
    built_in = by_il6 + dormancy.awakening_without_il6(block.macrophage_hold, q)
    by_il6, built_in = by_il6 * block.awakening_left, built_in * block.awakening_left
    awakening = built_in + block.awakening_by_rules
    dying = block.dormant_death + lost
    chance = uniform(now.seed, Decision.CANCER_OUTCOME, cell.uid, cell.turn) * (awakening + dying + killing)
    if chance < by_il6:
        return WOKEN
    if chance < awakening:
        return AWOKE_ALONE if chance < built_in else WOKEN_BY_RULE
    return DIED if chance < awakening + dying else KILLED


@inlined
def due_dormant(
    block: Record, near: int, contacts: Contacts, cancer: CancerCells, p: Parameters, now: TimeStep, due: np.ndarray
) -> int:
    """Enter the events of the dormant cells of a block in `due`; returns how many.

    The block keeps the earliest event of the other cells. What rules change in the hazard of a single cell moves the
    reading it waits for. near: index of the block in `contacts`.
    """
    row, count, share_left = block.first_dormant, 0, contacts.suppression[near] if near != UNTOUCHED else 1.0
    block.earliest_event_at, block.earliest_transition_at = math.inf, math.inf
    while row != NOBODY:
        cell = cancer.cells[row]
        cd8, lost = touching(cell.y, cell.x, near, contacts), 0.0
        killing = killing_rate(cell, cd8, share_left, contacts.single.shared, p)
        killing += ruled_killing(0, cell.y, cell.x, near, contacts)
        if now.tick * now.dt < cell.settles_at:
            killing += nk_killing(cell.y, cell.x, near, contacts) + trained_killing(cell.y, cell.x, near, contacts)
            lost = block.arrival_loss
        here = block
        if contacts.single.differs:
            hazards_of_one(cell, block, contacts.single, p)
            here = contacts.single.block[0]
            cell.next_event_at -= (dormant_hazard(here, p.dormancy) - dormant_hazard(block, p.dormancy)) * now.dt_slow
        if contacts.single.differs or now.tick * now.dt >= cell.transition_at:
            cell.transition_at = pass_clock(cell, cell.transition_at, now.dt_slow, contacts.single, p, now)
        outcome = _live_dormant(cell, cd8, killing, lost, here, p, now)
        if outcome == NOTHING:
            update_earliest_event(cell, block)
        else:
            due[count, 0], due[count, 1] = row, outcome
            count += 1
        row = cancer.next[row]
    return count


@inlined
def awaken(row: int, cause: int, il6: float, cancer: CancerCells, q: dormancy.Dormancy, now: TimeStep) -> None:
    """A dormant cell begins to proliferate, where it is."""
    begin_proliferating(row, cancer, q, now)
    cell = cancer.cells[row]
    cell.cause = cause
    cell.awoke = now.tick * now.dt
    cell.awoke_il6 = il6
    log_event(EventKind.AWAKENING, cell, il6, cancer, now)
