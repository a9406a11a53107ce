"""Disseminated cancer cells: signal, awakening, return to dormancy, phenotype, death.

Most blocks hold no cancer cell, and a block whose cells are all dormant is read again only when an event of one of them
is due, so the cost follows the proliferating cells.
"""

from __future__ import annotations

import numpy as np

from abm.core.clock import TimeStep
from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK
from abm.core.population import ALIVE, USED, Record, release_row
from abm.core.prefetch import prefetch
from abm.processes.cancer.awakening import advance_clocks, awaken, due_dormant, is_due
from abm.processes.cancer.killing import suppression_in
from abm.processes.cancer.outcomes import AHEAD, AWOKE_ALONE, CYCLED, DIED, RETURNS, WOKEN, WOKEN_BY_RULE
from abm.processes.cancer.proliferation import due_proliferating, end_cycle, return_to_dormancy
from abm.processes.cancer.surroundings import follow_rules, rules_on_cancer, sense
from abm.rules import dormancy
from abm.rules.parameters import Parameters
from abm.rules.response import decay_factor
from abm.rules.states import CancerState, Cause, EventKind
from abm.tissue.block_counts import occupied
from abm.tissue.cancer_index import NOBODY, cancer_cells_of, log_event, take_out
from abm.tissue.contacts import UNTOUCHED, Contacts, killer_contacts
from abm.tissue.single_cells import single_cell
from abm.tissue.state import AMOUNT, CancerCells, Niche, Tissue


@inlined
def _die(row: int, kind: int, il6: float, cancer: CancerCells, now: TimeStep) -> None:
    """A cancer cell dies or is killed."""
    cell = cancer.cells[row]
    log_event(kind, cell, il6, cancer, now)
    take_out(row, cancer)
    cell.state = CancerState.DEAD
    cell.alive = False
    cancer.clones[cell.clone].cells -= 1
    release_row(row, cancer.rows)


@inlined
def carry_out(row: int, outcome: int, il6: float, cancer: CancerCells, q: dormancy.Dormancy, now: TimeStep) -> None:
    """Carry out the event that a step brings a cancer cell."""
    cell = cancer.cells[row]
    if outcome == WOKEN:
        awaken(row, Cause.IL6, il6, cancer, q, now)
    elif outcome == AWOKE_ALONE:
        awaken(row, Cause.SPONTANEOUS, il6, cancer, q, now)
    elif outcome == WOKEN_BY_RULE:
        awaken(row, Cause.RULE, il6, cancer, q, now)
    elif outcome == RETURNS:
        return_to_dormancy(row, cancer, q, now)
        log_event(EventKind.RETURN_TO_DORMANCY, cell, il6, cancer, now)
    elif outcome == CYCLED:
        end_cycle(cell, il6, cancer, q, now)
    else:
        _die(row, EventKind.DEATH if outcome == DIED else EventKind.KILLED, il6, cancer, now)


@inlined
def _ask_for_dormant(block: Record, cancer: CancerCells) -> None:
    """Prefetch the dormant cells of a block."""
    row = block.first_dormant
    while row != NOBODY:
        prefetch(cancer.cells, row)
        row = cancer.next[row]


@inlined
def _ask_ahead(later: int, blocks: np.ndarray, contacts: Contacts, cancer: CancerCells) -> None:
    """Prefetch the dormant cells of a block that is looked at soon, if a killer touches it."""
    if contacts.place[later] != UNTOUCHED:
        _ask_for_dormant(blocks[later], cancer)


@inlined
def _ask_for_site(cell: Record, cancer: CancerCells) -> None:
    """Prefetch what is stored about the site and the block of a cell."""
    site = cell.y * cancer.at.shape[1] + cell.x
    block = cell.y // BLOCK * cancer.blocks.shape[1] + cell.x // BLOCK
    prefetch(cancer.at, site)
    prefetch(cancer.kind, site)
    prefetch(cancer.blocks, block)
    prefetch(cancer.niche[Niche.CANCER], block)
    prefetch(cancer.niche[Niche.PROLIFERATING], block)


@compiled
def _waited(block: Record, now: TimeStep) -> TimeStep:
    """The step as a block sees it: where a cell proliferates, the clocks have run for part of the slow step already."""
    waited = now.dt_slow - block.slow_time_done
    block.slow_time_done = 0.0 if now.closes_slow_step else now.dt_slow
    return TimeStep(now.seed, now.tick, now.dt, now.dt_fast, waited, now.closes_slow_step)


@compiled
def update_cancer(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """One step of the cancer cells: the events that are due are found first, then carried out, except migration.

    So a cell that is born into, or enters, another block does not take the step twice. In a fast step only the blocks
    with proliferating cells are updated.
    """
    hour, columns, cancer = now.tick * now.dt, tissue.blocks.shape[1], cancer_cells_of(tissue)
    blocks, il6 = tissue.blocks.ravel(), tissue.fields.il6[AMOUNT].ravel()
    asked = occupied(tissue.niche[Niche.CANCER if now.closes_slow_step else Niche.PROLIFERATING])
    single = single_cell(tissue, p)
    contacts = killer_contacts(asked, tissue.cancer_at, tissue.mobile[: tissue.mobile_rows[USED]], hour, single, p)
    q, stride, left = p.dormancy, now.dt_slow, decay_factor(p.dormancy.signal_memory, now.dt_slow)
    due, count, by_rules = np.empty((tissue.cancer_rows[ALIVE], 2), dtype=np.int64), 0, rules_on_cancer(p)
    for turn in range(asked.size):
        _ask_ahead(asked[min(turn + AHEAD, asked.size - 1)], blocks, contacts, cancer)
        index = asked[turn]
        block, near, here = blocks[index], contacts.place[index], _waited(blocks[index], now)
        if here.dt_slow <= 0.0:  # it has taken every fast step of this slow step
            continue
        if here.dt_slow != stride:  # mostly that of the block before
            stride, left = here.dt_slow, decay_factor(q.signal_memory, here.dt_slow)
        y, x = index // columns, index % columns
        sense(y, x, hour, tissue, effects, left, p)
        if by_rules:
            follow_rules(y, x, block, tissue.signals, p)
        advance_clocks(block, q, here)
        if near != UNTOUCHED:
            contacts.suppression[near] = suppression_in(y, x, tissue.niche, p.cytotoxicity)
        if near != UNTOUCHED or single.differs or is_due(block, hour):
            count += due_dormant(block, near, contacts, cancer, p, here, due[count:])
    if now.dt_fast > 0.0:
        count += due_proliferating(blocks, contacts, cancer, p, now, due[count:])
    for number in range(count):
        _ask_for_site(tissue.cancer[due[min(number + AHEAD, count - 1), 0]], cancer)
        cell = tissue.cancer[due[number, 0]]
        around = np.float64(il6[cell.y // BLOCK * columns + cell.x // BLOCK])
        carry_out(due[number, 0], due[number, 1], around, cancer, q, now)
