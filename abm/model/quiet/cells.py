"""Mobile cells over quiet time: who has stayed, who has come, and where they stand.

In resting lung cells of a kind arrive at a constant rate and leave after an exponential time. So after some hours those
are there that have stayed, by their own clocks, and a Poisson number of newcomers (the law of immigration and death).
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.chance import identity_of, poisson, uniform
from abm.core.clock import TimeStep
from abm.core.compiled import compiled
from abm.core.lattice import area_of
from abm.core.population import USED, as_int64, release_row, take_row
from abm.processes.immune import loss_rate
from abm.processes.recruitment import add_mobile_cell, any_site
from abm.rules import recruitment
from abm.rules.cells import KINDS
from abm.rules.parameters import Parameters, kinds_in
from abm.rules.states import Decision
from abm.tissue.block_counts import COMES, GOES, count, epithelium_of
from abm.tissue.capacity import at_most
from abm.tissue.state import Tissue

ARRIVED_IN_QUIET = 5 << 40  # family of identities: cells that came in quiet time


@compiled
def resting_number(kind: int, tissue: Tissue, p: Parameters) -> float:
    """Mean number of cells of a kind in the section at rest: influx over loss."""
    come = recruitment.influx(tissue.node[0].inflammation, p.cells[kind], p.recruitment)
    return area_of(tissue.kind.size) * come / p.cells[kind].loss


@compiled
def share_renewed(kind: int, hours: float, p: Parameters) -> float:
    """Share of the cells of a kind that have come within the last hours."""
    return -math.expm1(-p.cells[kind].loss * hours)


@compiled
def hours_left(cells: np.ndarray, p: Parameters) -> np.ndarray:
    """How long each of these mobile cells stays in resting lung [h], float64[cells]."""
    left = np.empty(cells.size)
    for row in range(cells.size):
        cell = cells[row]
        loss = p.cells[cell.kind].loss
        left[row] = cell.residence_hazard_left / loss_rate(cell, loss, 0.0, 0.0, 0.0, p.recruitment)
    return left


@compiled
def set_aside(carried: np.ndarray, tissue: Tissue) -> np.ndarray:
    """Take the mobile cells of the kinds that are not carried out of the tissue; returns their rows, as they were.

    carried: bool[kinds].
    """
    mobile, epithelium, found = tissue.mobile, epithelium_of(tissue), 0
    others = mobile[: tissue.mobile_rows[USED]].copy()
    for row in range(others.size):
        cell = mobile[row]
        if cell.alive and not carried[cell.kind]:
            others[found] = mobile[row]
            found += 1
            count(as_int64(cell.kind), as_int64(cell.y), as_int64(cell.x), GOES, epithelium)
            cell.alive = False
            release_row(row, tissue.mobile_rows)
    return others[:found]


@compiled
def put_back(others: np.ndarray, hours: int, tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """Put the mobile cells that have stayed through quiet hours back into the tissue, each anywhere."""
    left, kinds, columns = hours_left(others, p), tissue.kind.ravel(), tissue.kind.shape[1]
    for index in range(others.size):
        if left[index] > hours:
            row = take_row(tissue.mobile_rows)
            tissue.mobile[row] = others[index]
            cell = tissue.mobile[row]
            site = any_site(cell.uid, kinds, now.tick, now.seed)
            cell.y, cell.x = site // columns, site % columns
            cell.under = tissue.cell_of_site[cell.y, cell.x]
            cell.residence_hazard_left *= 1.0 - hours / left[index]
            count(as_int64(cell.kind), as_int64(cell.y), as_int64(cell.x), COMES, epithelium_of(tissue))


@compiled
def add_newcomers(carried: np.ndarray, hours: int, tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """Put in the cells that have come within quiet hours and are still there, each anywhere.

    carried: bool[kinds], those of which none are put in.
    """
    for kind in range(KINDS):
        if not carried[kind]:
            _add_newcomers_of(kind, hours, tissue, p, now)


@compiled
def _add_newcomers_of(kind: int, hours: int, tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """The same for one kind."""
    kinds, loss = tissue.kind.ravel(), p.cells[kind].loss
    renewed = share_renewed(kind, hours, p)
    mean = resting_number(kind, tissue, p) * renewed
    for ordinal in range(poisson(mean, now.seed, Decision.ARRIVALS, ARRIVED_IN_QUIET + kind, now.tick)):
        uid = identity_of(ARRIVED_IN_QUIET + kind, ordinal, now.tick)
        cell = add_mobile_cell(kind, any_site(uid, kinds, 0, now.seed), uid, tissue, now)
        cell.born += math.log1p(-renewed * uniform(now.seed, Decision.AGE, uid, 0)) / loss


@compiled
def newcomers_at_most(tissue: Tissue, p: Parameters) -> int:
    """Mobile cells of resting lung, more than which never come together."""
    mean = 0.0
    for kind in range(kinds_in(p)):
        mean += resting_number(kind, tissue, p)
    return at_most(mean)
