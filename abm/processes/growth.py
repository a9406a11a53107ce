"""Growth of a clone: the cell cycle, room for daughters, crawling; and the book-keeping of where cancer cells are."""

from __future__ import annotations

import math

import numpy as np

from abm.core.chance import erlang, happens, identity_of, uniform, waiting_time
from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, SPACING, inside
from abm.core.population import Record, take_row
from abm.processes.tissue import Colony, Now, Tissue
from abm.rules import dormancy
from abm.rules.states import CancerState, Cause, Decision, EventKind, Phenotype, SiteKind


@compiled
def colony_of(tissue: Tissue) -> Colony:
    """The part of a tissue that growth works on; small, so that it compiles and passes fast."""
    return Colony(
        tissue.cancer, tissue.cancer_rows, tissue.clones, tissue.cancer_at, tissue.blocks, tissue.log, tissue.log_count
    )


@compiled
def record(kind: int, cell: Record, il6: float, colony: Colony, now: Now) -> None:
    """Write an event of a cancer cell into the log, with the IL-6 where it is [ng/mL]."""
    event = colony.log[colony.log_count[0]]
    colony.log_count[0] += 1
    event.hour = now.tick * now.step
    event.kind = kind
    event.uid = cell.uid
    event.parent = cell.parent
    event.clone = cell.clone
    event.cause = cell.cause
    event.y, event.x = cell.y, cell.x
    event.il6 = il6


@compiled
def draw_clock(cell: Record, seed: int) -> None:
    """Set a fresh hazard clock."""
    cell.turn += 1
    cell.hazard = 0.0
    cell.threshold = waiting_time(seed, Decision.CANCER_CLOCK, cell.uid, cell.turn)


@compiled
def start_cycle(cell: Record, p: dormancy.Dormancy, seed: int) -> None:
    """Begin a cell cycle and draw how long it takes at full signal."""
    cell.divisions += 1
    cell.cycle = 0.0
    cell.cycle_length = erlang(p.cycle_time, p.cycle_shape, seed, Decision.CYCLE_TIME, cell.uid, cell.divisions)


@compiled
def place(cell: Record, at: np.ndarray, blocks: np.ndarray, present: int) -> None:
    """Count a cancer cell in (present = 1) or out (-1) of its site, in its present state."""
    at[cell.y, cell.x] += present
    block = blocks[cell.y // BLOCK, cell.x // BLOCK]
    block.cancer += present
    if cell.state == CancerState.PROLIFERATING:
        block.awake += present


@compiled
def change_state(cell: Record, state: int, colony: Colony) -> None:
    """A cancer cell awakes or returns to dormancy where it is."""
    place(cell, colony.at, colony.blocks, -1)
    cell.state = state
    place(cell, colony.at, colony.blocks, 1)


@compiled
def plan_drift(cell: Record, p: dormancy.Dormancy, now: Now) -> None:
    """Draw the time of the next change of phenotype; its rate stays as it is until the state or phenotype changes."""
    rate = dormancy.drift_rate(cell.state == CancerState.PROLIFERATING, cell.phenotype, p)
    cell.drifts_at = math.inf
    if rate > 0.0:
        cell.drifts_at = now.tick * now.step + waiting_time(now.seed, Decision.DRIFT, cell.uid, now.tick) / rate


@compiled
def drift(cell: Record, p: dormancy.Dormancy, now: Now) -> None:
    """Phenotype: an awake cell goes one step towards epithelial, one that returned one step back."""
    if cell.state == CancerState.PROLIFERATING:
        cell.phenotype += 1
    else:
        cell.phenotype -= 1
    plan_drift(cell, p, now)


@compiled
def stands_on(kind: int) -> bool:
    """Whether a cancer cell may stand on a site of this kind."""
    return kind != SiteKind.AIRWAY and kind != SiteKind.VESSEL


@compiled
def new_cell(uid: int, clone: int, y: int, x: int, colony: Colony, hour: float) -> Record:
    """A dormant mesenchymal cancer cell on a site. The caller places it once its state is final."""
    cell = colony.cells[take_row(colony.rows)]
    cell.state = CancerState.DORMANT
    cell.y, cell.x = y, x
    cell.uid = uid
    cell.parent = 0
    cell.clone = clone
    cell.born = hour
    cell.signal = 0.0
    cell.phenotype = Phenotype.MESENCHYMAL
    cell.cause = Cause.NEVER
    cell.awoke = -1.0
    cell.awoke_il6 = 0.0
    cell.turn = 0
    cell.divisions = 0
    cell.ki67_until = -1.0
    cell.drifts_at = math.inf
    cell.alive = True
    colony.clones[clone].cells += 1
    return cell


@compiled
def room_near(cell: Record, kinds: np.ndarray, offsets: np.ndarray, at: np.ndarray, capacity: int, seed: int) -> int:
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


@compiled
def bear(mother: Record, y: int, x: int, colony: Colony, p: dormancy.Dormancy, now: Now) -> Record:
    """A daughter on a site: awake like her mother, with her signal and phenotype."""
    hour = now.tick * now.step
    uid = identity_of(mother.uid, mother.divisions, 0)
    daughter = new_cell(uid, mother.clone, y, x, colony, hour)
    daughter.parent = mother.uid
    daughter.state = CancerState.PROLIFERATING
    daughter.signal = mother.signal
    daughter.phenotype = mother.phenotype
    daughter.cause = Cause.BORN_AWAKE
    daughter.awoke = hour
    daughter.awoke_il6 = mother.awoke_il6
    daughter.ki67_until = hour + p.ki67_lag
    place(daughter, colony.at, colony.blocks, 1)
    plan_drift(daughter, p, now)
    draw_clock(daughter, now.seed)
    start_cycle(daughter, p, now.seed)
    return daughter


@compiled
def divide(cell: Record, il6: float, tissue: Tissue, p: dormancy.Dormancy, now: Now) -> bool:
    """A cell divides if there is room within the pushing reach; says whether it did."""
    columns = tissue.kind.shape[1]
    site = room_near(cell, tissue.kind, tissue.offsets, tissue.cancer_at, int(p.site_capacity), now.seed)
    if site < 0:
        return False
    colony = colony_of(tissue)
    daughter = bear(cell, site // columns, site % columns, colony, p, now)
    record(EventKind.BIRTH, daughter, il6, colony, now)
    clone = tissue.clones[cell.clone]
    if not clone.seen and clone.cells >= p.lesion_size:
        clone.seen = True
        record(EventKind.LESION_DETECTED, cell, il6, colony, now)
    return True


@compiled
def cycle(cell: Record, p: dormancy.Dormancy, now: Now) -> bool:
    """One step of the cycle of an awake cell; says whether it is due to divide. Ki67 stays while it cycles."""
    cell.cycle += dormancy.cycle_speed(cell.signal, p) * now.step
    if cell.cycle >= 0.0:
        cell.ki67_until = now.tick * now.step + p.ki67_lag
    return cell.cycle >= cell.cycle_length


@compiled
def crawl(cell: Record, kinds: np.ndarray, at: np.ndarray, blocks: np.ndarray, p: dormancy.Dormancy, now: Now) -> None:
    """An awake cell crawls to a neighboring site with room."""
    rows, columns = kinds.shape
    if not happens(p.crawl_speed * 60.0 / SPACING, now.step, now.seed, Decision.CRAWL, cell.uid, now.tick):
        return
    way = int(uniform(now.seed, Decision.CRAWL_WAY, cell.uid, now.tick) * 4.0)
    y = cell.y + (way == 0) - (way == 1)
    x = cell.x + (way == 2) - (way == 3)
    if inside(y, x, rows, columns) and stands_on(kinds[y, x]) and at[y, x] < int(p.site_capacity):
        place(cell, at, blocks, -1)
        cell.y, cell.x = y, x
        place(cell, at, blocks, 1)
