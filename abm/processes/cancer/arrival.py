"""Cancer cells arrive through vessels: each begins a clone, dormant and for some days not yet settled.

Until it has settled, interferon around it, NK cells and trained macrophages may remove it.
"""

from __future__ import annotations

from abm.core.chance import identity_of, uniform
from abm.core.clock import TimeStep
from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, area_of
from abm.core.population import Record
from abm.rules.parameters import Parameters
from abm.rules.states import Decision, EventKind
from abm.tissue.cancer_index import (
    FOUNDER,
    cancer_cells_of,
    draw_event_threshold,
    insert,
    log_event,
    new_cell,
    stands_on,
)
from abm.tissue.capacity import arriving_cancer
from abm.tissue.state import AMOUNT, CancerCells, Niche, Tissue

TRIES = 64  # vessels that a cell looks at for a free site beside them, before it takes any site


@compiled
def _site(uid: int, entry: Record, cancer: CancerCells, seed: int) -> int:
    """The flat site at which a cell settles: any where cells come in, else anywhere, if it can stand there alone."""
    kinds, at, turn = cancer.kind.ravel(), cancer.at.ravel(), 0
    while True:
        chance = uniform(seed, Decision.SEEDING, uid, turn)
        site = int(entry[int(chance * entry.size)]) if turn < TRIES else int(chance * kinds.size)
        if stands_on(kinds[site]) and at[site] == 0:
            return site
        turn += 1


@compiled
def _begin_block(y: int, x: int, cancer: CancerCells) -> None:
    """A block without cancer cells is entered by one that has had no IL-6 so far."""
    if cancer.niche[Niche.CANCER, y, x] == 0.0:
        block = cancer.blocks[y, x]
        block.signal, block.slow_time_done = 0.0, 0.0


@compiled
def arrive(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """The cancer cells that arrive in this step."""
    cancer, status, hour, columns = cancer_cells_of(tissue), tissue.status[0], now.tick * now.dt, tissue.kind.shape[1]
    if hour >= status.unsettled_until:
        status.unsettled_until = 0.0
    for _ in range(arriving_cancer(area_of(tissue.kind.size), effects)):
        uid = identity_of(FOUNDER + status.clones, 0, 0)
        site = _site(uid, tissue.entry, cancer, now.seed)
        y, x = site // columns, site % columns
        _begin_block(y // BLOCK, x // BLOCK, cancer)
        row = new_cell(uid, status.clones, y, x, cancer, hour)
        cell, block = cancer.cells[row], cancer.blocks[y // BLOCK, x // BLOCK]
        cell.next_event_at = block.dormant_hazard + draw_event_threshold(cell, now.seed)
        cell.settles_at = block.unsettled_until = status.unsettled_until = hour + p.dormancy.settling_time
        insert(row, cancer)
        log_event(EventKind.ARRIVAL, cell, float(tissue.fields.il6[AMOUNT, y // BLOCK, x // BLOCK]), cancer, now)
        status.clones += 1
