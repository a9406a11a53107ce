"""The index of cancer cells: which cell is where, in which list, and when its next event is due.

Cancer cells of a block meet the same IL-6 and the same matrix, so what acts on all of them alike is added up once for
the block, on three clocks: the hazard of its dormant cells, that of its proliferating cells, and cycle progress.
For a cell only the reading is kept at which its next event is due. This is the modified next reaction method (Anderson
2007, doi:10.1063/1.2799998) with a clock a block: the same law as one draw a cell and step, exact at any step.

Dormant cells of a block form a linked list, and the block knows the earliest of their events. Of the proliferating
cells one migrates or divides in nearly every step, so all are read in each; what that takes stands in one array without
gaps, the list of proliferating cells.
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.chance import uniform, waiting_time
from abm.core.clock import TimeStep
from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK, inside
from abm.core.population import Record, as_int64, take_row
from abm.rules.states import CancerState, Cause, Decision, Phenotype, SiteKind
from abm.tissue.state import CancerCells, Niche, Tissue

FOUNDER = 3 << 40  # family of identities of cells that begin a clone, apart from those of mobile cells
NOBODY = -1  # row after the last cell of a list


@compiled
def cancer_cells_of(tissue: Tissue) -> CancerCells:
    """The part of a tissue that growth works on; small, so that it compiles and passes fast."""
    return CancerCells(
        tissue.cancer, tissue.cancer_rows, tissue.clones, tissue.cancer_next, tissue.cancer_proliferating,
        tissue.cancer_at, tissue.blocks, tissue.niche, tissue.kind, tissue.offsets, tissue.log, tissue.status,
    )  # fmt: skip


@inlined
def log_event(kind: int, cell: Record, il6: float, cancer: CancerCells, now: TimeStep) -> None:
    """Write an event of a cancer cell into the log, with the IL-6 where it is [ng/mL]."""
    status = cancer.status[0]
    event = cancer.log[status.events]
    status.events += 1
    event.hour = now.tick * now.dt
    event.kind = kind
    event.uid = cell.uid
    event.parent = cell.parent
    event.clone = cell.clone
    event.cause = cell.cause
    event.y, event.x = cell.y, cell.x
    event.il6 = il6


@inlined
def is_proliferating(cell: Record) -> bool:
    """Whether a cancer cell proliferates."""
    return cell.state == CancerState.PROLIFERATING


@inlined
def draw_event_threshold(cell: Record, seed: int) -> float:
    """How much hazard a cell goes through, from now on, before something happens to it: exponential, mean 1."""
    cell.turn += 1
    return waiting_time(seed, Decision.CANCER_CLOCK, cell.uid, cell.turn)


@inlined
def update_earliest_event(cell: Record, block: Record) -> None:
    """Let a block know when its dormant cell is due."""
    block.earliest_event_at = min(block.earliest_event_at, cell.next_event_at)
    block.earliest_transition_at = min(block.earliest_transition_at, cell.transition_at)


@inlined
def insert(row: int, cancer: CancerCells) -> None:
    """Enter a cancer cell on its site and in the list of its block or, if it proliferates, of proliferating cells.

    The times of the events that a proliferating cell waits for are set by the caller.
    """
    cell = cancer.cells[row]
    cancer.at[cell.y, cell.x] += 1
    block = cancer.blocks[cell.y // BLOCK, cell.x // BLOCK]
    cancer.niche[Niche.CANCER, cell.y // BLOCK, cell.x // BLOCK] += 1.0
    if is_proliferating(cell):
        cancer.niche[Niche.PROLIFERATING, cell.y // BLOCK, cell.x // BLOCK] += 1.0
        cell.slot = cancer.status[0].proliferating
        cancer.status[0].proliferating += 1
        entry = cancer.proliferating[cell.slot]
        entry.row, entry.block = row, cell.y // BLOCK * cancer.blocks.shape[1] + cell.x // BLOCK
    else:
        cancer.next[row] = block.first_dormant
        block.first_dormant = row
        update_earliest_event(cell, block)


@inlined
def take_out(row: int, cancer: CancerCells) -> None:
    """Take a cancer cell off its site and out of the list that it is in."""
    cell = cancer.cells[row]
    cancer.at[cell.y, cell.x] -= 1
    cancer.niche[Niche.CANCER, cell.y // BLOCK, cell.x // BLOCK] -= 1.0
    if is_proliferating(cell):
        cancer.niche[Niche.PROLIFERATING, cell.y // BLOCK, cell.x // BLOCK] -= 1.0
        _strike_out(cell, cancer)
    else:
        _unlink(row, cancer.blocks[cell.y // BLOCK, cell.x // BLOCK], cancer.next)


@inlined
def _strike_out(cell: Record, cancer: CancerCells) -> None:
    """Take a cell out of the list of proliferating cells; the last one moves to its slot."""
    cancer.status[0].proliferating -= 1
    last = cancer.proliferating[cancer.status[0].proliferating]
    cancer.cells[last.row].slot = cell.slot
    cancer.proliferating[cell.slot] = last


@inlined
def _unlink(row: int, block: Record, following: np.ndarray) -> None:
    """Take a cell out of the list of its block."""
    before = as_int64(block.first_dormant)
    if before == row:
        block.first_dormant = following[row]
        return
    while following[before] != row:
        before = as_int64(following[before])
    following[before] = following[row]


@compiled
def stands_on(kind: int) -> bool:
    """Whether a cancer cell may stand on a site of this kind."""
    return kind != SiteKind.AIRWAY and kind != SiteKind.VESSEL


@inlined
def new_cell(uid: int, clone: int, y: int, x: int, cancer: CancerCells, hour: float) -> int:
    """Row of a new dormant mesenchymal cancer cell on a site. The caller places it once its state is final."""
    row = take_row(cancer.rows)
    cell = cancer.cells[row]
    cell.state = CancerState.DORMANT
    cell.y, cell.x = y, x
    cell.uid = uid
    cell.parent = 0
    cell.clone = clone
    cell.born = hour
    cell.phenotype = Phenotype.MESENCHYMAL
    cell.cause = Cause.NEVER
    cell.awoke = -1.0
    cell.awoke_il6 = 0.0
    cell.turn = 0
    cell.divisions = 0
    cell.migrations = 0
    cell.ki67_until = -1.0
    cell.settles_at = -1.0
    cell.transition_at = math.inf
    cell.alive = True
    cancer.clones[clone].cells += 1
    return row


@inlined
def free_site_near(
    cell: Record, kinds: np.ndarray, offsets: np.ndarray, at: np.ndarray, capacity: int, seed: int
) -> int:
    """The nearest site with room around a cell (flat), or -1; equals are tried from a random side."""
    rows, columns = kinds.shape
    side = int(uniform(seed, Decision.DIVISION_SITE, cell.uid, cell.divisions) * 8.0)
    flip_y, flip_x, swap = 1 - 2 * (side & 1), 1 - (side & 2), (side >> 2) & 1
    for index in range(offsets.shape[0]):
        y = cell.y + flip_y * offsets[index, swap]
        x = cell.x + flip_x * offsets[index, 1 - swap]
        if inside(y, x, rows, columns) and at[y, x] < capacity and stands_on(kinds[y, x]):
            return y * columns + x
    return -1


@inlined
def carry_signal(from_y: int, from_x: int, to_y: int, to_x: int, cancer: CancerCells) -> None:
    """A cell that comes into a block without cancer cells brings its STAT3 signal along; elsewhere it takes theirs."""
    if cancer.niche[Niche.CANCER, to_y // BLOCK, to_x // BLOCK] == 0.0:
        left, entered = cancer.blocks[from_y // BLOCK, from_x // BLOCK], cancer.blocks[to_y // BLOCK, to_x // BLOCK]
        entered.signal = left.signal
        entered.slow_time_done = left.slow_time_done


@inlined
def change_block(cell: Record, entry: Record, y: int, x: int, cancer: CancerCells) -> None:
    """A proliferating cell enters the block of a site: its events are now read on the clocks there."""
    carry_signal(cell.y, cell.x, y, x, cancer)
    old, new = cancer.blocks[cell.y // BLOCK, cell.x // BLOCK], cancer.blocks[y // BLOCK, x // BLOCK]
    entry.next_event_at += new.proliferating_hazard - old.proliferating_hazard
    entry.divides_at += new.cycle_progress - old.cycle_progress
    entry.block = y // BLOCK * cancer.blocks.shape[1] + x // BLOCK
    for layer in (Niche.CANCER, Niche.PROLIFERATING):
        cancer.niche[layer, cell.y // BLOCK, cell.x // BLOCK] -= 1.0
        cancer.niche[layer, y // BLOCK, x // BLOCK] += 1.0
