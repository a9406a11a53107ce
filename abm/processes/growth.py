"""Growth of a clone: awakening and return, the cell cycle, room for daughters, crawling."""

from __future__ import annotations

import math

import numpy as np

from abm.core.chance import erlang, identity_of, uniform, waiting_time
from abm.core.clock import TimeStep
from abm.core.compiled import inlined
from abm.core.lattice import BLOCK, SPACING, inside
from abm.core.population import Record, whole
from abm.rules import dormancy
from abm.rules.states import PHENOTYPES, CancerState, Cause, Decision, EventKind
from abm.tissue.cancer_index import displace, is_awake, new_cell, next_clock, place, record, stands_on
from abm.tissue.state import Colony, Niche


@inlined
def _start_cycle(cell: Record, since: float, p: dormancy.Dormancy, seed: int) -> float:
    """Begin a cell cycle at a reading of the growth clock, and draw how long it takes: the reading at its end."""
    cell.divisions += 1
    cell.crowded = False
    cell.cycle_length = erlang(p.cycle_time, p.cycle_shape, seed, Decision.CYCLE_TIME, cell.uid, cell.divisions)
    return since + cell.cycle_length


@inlined
def wake_up(row: int, colony: Colony, p: dormancy.Dormancy, now: TimeStep) -> None:
    """A dormant cell begins to proliferate, where it is."""
    cell = colony.cells[row]
    displace(row, colony)
    cell.state = CancerState.PROLIFERATING
    cell.ki67_until = math.inf
    place(row, colony)
    _enter_waits(cell, colony.blocks[cell.y // BLOCK, cell.x // BLOCK].growth, colony, p, now)


@inlined
def _enter_waits(cell: Record, since: float, colony: Colony, p: dormancy.Dormancy, now: TimeStep) -> None:
    """Draw what a cell new in the roster waits for; since: reading of the growth clock at which its cycle began."""
    entry, block = colony.awake[cell.place], colony.blocks[cell.y // BLOCK, cell.x // BLOCK]
    entry.fires = block.active + next_clock(cell, now.seed)
    entry.divides = _start_cycle(cell, since, p, now.seed)
    entry.crawls_at = now.tick * now.dt + _until_next_hop(cell, p, now)
    entry.drifts_at = next_drift(cell, p, now)


@inlined
def fall_asleep(row: int, colony: Colony, p: dormancy.Dormancy, now: TimeStep) -> None:
    """An awake cell returns to dormancy, where it is; its Ki67 stays for a while."""
    cell = colony.cells[row]
    displace(row, colony)
    cell.state = CancerState.REDORMANT
    cell.ki67_until = min(cell.ki67_until, now.tick * now.dt + p.ki67_lag)
    cell.fires = colony.blocks[cell.y // BLOCK, cell.x // BLOCK].resting + next_clock(cell, now.seed)
    cell.drifts_at = next_drift(cell, p, now)
    place(row, colony)


@inlined
def next_drift(cell: Record, p: dormancy.Dormancy, now: TimeStep) -> float:
    """Draw the hour of the next change of phenotype; its rate stays as it is until the state or phenotype changes."""
    rate = dormancy.drift_rate(is_awake(cell), cell.phenotype, p)
    if rate == 0.0:
        return math.inf
    state = PHENOTYPES * cell.turn + cell.phenotype  # a clock was drawn when it entered the state it is in
    return now.tick * now.dt + waiting_time(now.seed, Decision.DRIFT, cell.uid, state) / rate


@inlined
def drift(cell: Record, p: dormancy.Dormancy, now: TimeStep) -> float:
    """Phenotype: one step towards epithelial of an awake cell, one step back of another; the hour of the next."""
    if is_awake(cell):
        cell.phenotype += 1
    else:
        cell.phenotype -= 1
    return next_drift(cell, p, now)


@inlined
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


@inlined
def _carry_signal(from_y: int, from_x: int, to_y: int, to_x: int, colony: Colony) -> None:
    """A cell that comes into a block without cancer cells brings its STAT3 signal along; elsewhere it takes theirs."""
    if colony.niche[Niche.CANCER, to_y // BLOCK, to_x // BLOCK] == 0.0:
        left, entered = colony.blocks[from_y // BLOCK, from_x // BLOCK], colony.blocks[to_y // BLOCK, to_x // BLOCK]
        entered.signal = left.signal
        entered.slow_time_done = left.slow_time_done


@inlined
def bear(mother: Record, y: int, x: int, colony: Colony, p: dormancy.Dormancy, now: TimeStep) -> Record:
    """A daughter on a site: awake like her mother, with her phenotype, her cycle begun when her mother's ended."""
    hour = now.tick * now.dt
    row = new_cell(identity_of(mother.uid, mother.divisions, 0), whole(mother.clone), y, x, colony, hour)
    daughter = colony.cells[row]
    daughter.parent = mother.uid
    daughter.state = CancerState.PROLIFERATING
    daughter.phenotype = mother.phenotype
    daughter.cause = Cause.BORN_AWAKE
    daughter.awoke = hour
    daughter.awoke_il6 = mother.awoke_il6
    daughter.ki67_until = math.inf
    _carry_signal(mother.y, mother.x, y, x, colony)
    place(row, colony)
    block, origin = colony.blocks[y // BLOCK, x // BLOCK], colony.blocks[mother.y // BLOCK, mother.x // BLOCK]
    since = block.growth + (colony.awake[mother.place].divides - origin.growth)
    _enter_waits(daughter, since, colony, p, now)
    return daughter


@inlined
def divide(cell: Record, il6: float, colony: Colony, p: dormancy.Dormancy, now: TimeStep) -> bool:
    """A cell divides if there is room within the pushing reach; says whether it did."""
    columns = colony.kind.shape[1]
    site = room_near(cell, colony.kind, colony.offsets, colony.at, int(p.site_capacity), now.seed)
    if site < 0:
        return False
    daughter = bear(cell, site // columns, site % columns, colony, p, now)
    record(EventKind.BIRTH, daughter, il6, colony, now)
    clone = colony.clones[cell.clone]
    if not clone.seen and clone.cells >= p.lesion_size:
        clone.seen = True
        record(EventKind.LESION_DETECTED, cell, il6, colony, now)
    return True


@inlined
def turn_cycle(cell: Record, il6: float, colony: Colony, p: dormancy.Dormancy, now: TimeStep) -> None:
    """The end of a cycle: division, or, for want of room, as long again out of cycle, without Ki67 after its lag."""
    entry = colony.awake[cell.place]
    if cell.crowded:  # back in cycle, to try anew at its end
        cell.crowded = False
        cell.ki67_until = math.inf
        entry.divides += cell.cycle_length
        return
    divided = divide(cell, il6, colony, p, now)
    entry.divides = _start_cycle(cell, entry.divides, p, now.seed)
    if not divided:
        cell.crowded = True
        cell.ki67_until = now.tick * now.dt + p.ki67_lag


@inlined
def _until_next_hop(cell: Record, p: dormancy.Dormancy, now: TimeStep) -> float:
    """Time [h] until an awake cell next tries to crawl to a neighboring site."""
    if p.crawl_speed <= 0.0:
        return math.inf
    cell.crawls += 1
    return waiting_time(now.seed, Decision.CRAWL, cell.uid, cell.crawls) * SPACING / (p.crawl_speed * 60.0)


@inlined
def crawl(cell: Record, entry: Record, colony: Colony, p: dormancy.Dormancy, now: TimeStep) -> None:
    """An awake cell crawls to a neighboring site, if there is room; entry: its own in the roster."""
    way = int(uniform(now.seed, Decision.CRAWL_WAY, cell.uid, cell.crawls) * 4.0)
    entry.crawls_at += _until_next_hop(cell, p, now)
    y = cell.y + int(way == 0) - int(way == 1)
    x = cell.x + int(way == 2) - int(way == 3)
    rows, columns = colony.kind.shape
    if not inside(y, x, rows, columns) or not stands_on(colony.kind[y, x]) or colony.at[y, x] >= int(p.site_capacity):
        return
    if y // BLOCK != cell.y // BLOCK or x // BLOCK != cell.x // BLOCK:
        _change_block(cell, entry, y, x, colony)
    colony.at[cell.y, cell.x] -= 1
    colony.at[y, x] += 1
    cell.y, cell.x = y, x


@inlined
def _change_block(cell: Record, entry: Record, y: int, x: int, colony: Colony) -> None:
    """An awake cell goes over to the block of a site: what it waits for is now read on the clocks there."""
    _carry_signal(cell.y, cell.x, y, x, colony)
    old, new = colony.blocks[cell.y // BLOCK, cell.x // BLOCK], colony.blocks[y // BLOCK, x // BLOCK]
    entry.fires += new.active - old.active
    entry.divides += new.growth - old.growth
    entry.block = y // BLOCK * colony.blocks.shape[1] + x // BLOCK
    for layer in (Niche.CANCER, Niche.AWAKE):
        colony.niche[layer, cell.y // BLOCK, cell.x // BLOCK] -= 1.0
        colony.niche[layer, y // BLOCK, x // BLOCK] += 1.0
