"""Mobile cells arrive: through vessels, from the lymph node, or put in by hand."""

from __future__ import annotations

import math

import numpy as np

from abm.core.chance import identity_of, poisson, uniform, waiting_time
from abm.core.clock import ROUNDING, TimeStep, is_slow_only
from abm.core.compiled import compiled, uncounted
from abm.core.lattice import BLOCK, area_of
from abm.core.population import USED, Record, as_int64, take_row
from abm.rules import adaptive, recruitment
from abm.rules.cells import CellKind
from abm.rules.own.rates import Rate, address
from abm.rules.parameters import Parameters, kinds_in
from abm.rules.states import EVERY_VIRUS, Decision, SiteKind, VirusOfRun
from abm.tissue.block_counts import COMES, count, epithelium_of
from abm.tissue.ruled import is_ruled, mean_factor, ruled_mean
from abm.tissue.state import AMOUNT, Tissue

ARRIVED, RESIDENT = 1 << 40, 2 << 40  # families of identities, apart from those of cancer cells
NO_WINDOW = -1  # of arrivals: no hour has begun
TRIES = 8  # doors an arriving cell looks at before it takes one


@compiled
def add_mobile_cell(kind: int, site: int, uid: int, tissue: Tissue, now: TimeStep) -> Record:
    """Put a fresh mobile cell on a site (flat); what is drawn once for its life is drawn now."""
    cell, columns = tissue.mobile[take_row(tissue.mobile_rows)], tissue.kind.shape[1]
    cell.kind = kind
    cell.y, cell.x = site // columns, site % columns
    cell.under = tissue.cell_of_site[cell.y, cell.x]
    cell.uid = uid
    cell.born = now.tick * now.dt
    cell.activation = 0.0
    cell.training = 0.0
    cell.residence_hazard_left = waiting_time(now.seed, Decision.LEAVING, uid, 0)
    cell.polarization_hazard_left = waiting_time(now.seed, Decision.SWITCH, uid, 0)
    cell.progress = uniform(now.seed, Decision.STEPS, uid, 0)
    cell.activated = False
    cell.memory = False
    cell.recognizes = EVERY_VIRUS
    cell.activated_by = VirusOfRun.FIRST.value
    cell.heading = uid & 3
    cell.kills = 0
    cell.alive = True
    count(kind, as_int64(cell.y), as_int64(cell.x), COMES, epithelium_of(tissue))
    return cell


@uncounted
def _extravasation_site(
    uid: int, entry: np.ndarray, columns: int, il6: np.ndarray, p: recruitment.Recruitment, now: TimeStep
) -> int:
    """The flat site at which a cell arrives: doors are tried at random and taken in step with the IL-6 there."""
    site = as_int64(entry[0])
    for turn in range(TRIES):
        site = as_int64(entry[int(uniform(now.seed, Decision.ARRIVAL_SITE, uid, 2 * turn) * entry.size)])
        taken = recruitment.attraction(np.float64(il6[site // columns // BLOCK, site % columns // BLOCK]), p)
        if uniform(now.seed, Decision.ARRIVAL_SITE, uid, 2 * turn + 1) < taken:
            break
    return site


@uncounted
def _arrivals(kind: int, node: np.ndarray, signals: np.ndarray, p: Parameters, effects: Record, step: float) -> float:
    """Expected number of arrivals of a kind in this step [1/mm2]; signals: of rules."""
    cell = p.cells[kind]
    rate = recruitment.influx(node[0].inflammation, cell, p.recruitment)
    rate += cell.node_output * (node[0].arriving + node[1].arriving)
    if is_ruled(Rate.ARRIVAL.value, p):
        rate = ruled_mean(rate, address(Rate.ARRIVAL.value, kind, 0), signals, p)
    return rate * step * effects.influx_left[kind] + effects.transfer[kind]


@uncounted
def _become_t_cell(cell: Record, expected: float, tissue: Tissue, p: Parameters, sent: float, seed: int) -> None:
    """Whether a T cell that has just arrived stays as tissue memory, and which viruses it recognizes.

    expected: arrivals in this step [1/mm2]; sent: of them by the lymph node, per share of a full response in an hour.
    """
    first, second = tissue.node[0].arriving, tissue.node[1].arriving
    memory = uniform(seed, Decision.IDENTITY, cell.uid, 0) < p.recruitment.memory_share
    cell.memory = memory and first + second > 0.0
    others = expected - sent * (first + second)
    chance = uniform(seed, Decision.SPECIFICITY, cell.uid, 0)
    crosses = uniform(seed, Decision.SPECIFICITY, cell.uid, 1) < p.adaptive.cross_reaction
    cell.recognizes = adaptive.viruses_recognized(max(0.0, others), sent * first, sent * second, chance, crosses)


@compiled
def _draw_gap(arrival: Record, kind: int, seed: int) -> None:
    """Draw how many more arrivals are expected until the next cell of a kind arrives: exponential, mean 1."""
    address = identity_of(ARRIVED + kind, arrival.ordinal, arrival.window)
    arrival.next_at += waiting_time(seed, Decision.ARRIVALS, address, 0)


@compiled
def _open_window(arrival: Record, kind: int, now: TimeStep) -> None:
    """Begin to count again with each whole hour in which a step begins."""
    window = math.floor((now.tick + 1) * now.dt - now.dt_slow + ROUNDING)
    if window != arrival.window:
        arrival.window, arrival.ordinal = window, 0
        arrival.expected, arrival.next_at = 0.0, 0.0
        _draw_gap(arrival, kind, now.seed)


@uncounted
def _inherit(cell: Record, tissue: Tissue, seed: int) -> None:
    """A new resident macrophage is as polarized and as trained as one of those in the lung: they renew themselves.

    Each draws a number for it, and the lowest is the mother, so that she does not depend on the rows of cells.
    """
    lowest = 1.0
    for row in range(tissue.mobile_rows[USED]):
        other = tissue.mobile[row]
        if other.alive and other.kind == CellKind.RESIDENT_MACROPHAGE and other.uid != cell.uid:
            drawn = uniform(seed, Decision.MOTHER, cell.uid, other.uid)
            if drawn < lowest:
                lowest, cell.activated, cell.training = drawn, other.activated, other.training


@uncounted
def arrive(kind: int, tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Arrivals of one kind of cell in one step."""
    arrival, columns, cell_type = tissue.arrivals[kind], tissue.kind.shape[1], p.cells[kind]
    _open_window(arrival, kind, now)
    expected = _arrivals(kind, tissue.node, tissue.signals, p, effects, now.dt_slow)
    arrival.expected += area_of(tissue.kind.size) * expected
    while arrival.expected >= arrival.next_at:
        uid = identity_of(ARRIVED + kind, arrival.ordinal, arrival.window)
        arrival.ordinal += 1
        _draw_gap(arrival, kind, now.seed)
        site = _extravasation_site(uid, tissue.entry, columns, tissue.fields.il6[AMOUNT], p.recruitment, now)
        cell = add_mobile_cell(kind, site, uid, tissue, now)
        if kind == CellKind.RESIDENT_MACROPHAGE:
            _inherit(cell, tissue, now.seed)
        if is_slow_only(now):  # it came in the middle of the stride, on average, which it is yet to be charged for
            loss = cell_type.loss + effects.removal[kind]
            cell.residence_hazard_left += 0.5 * now.dt_slow * loss
        if cell_type.is_t_cell > 0.0:
            sent = cell_type.node_output * now.dt_slow * effects.influx_left[kind]
            if is_ruled(Rate.ARRIVAL.value, p):
                sent *= mean_factor(address(Rate.ARRIVAL.value, kind, 0), tissue.signals, p)
            _become_t_cell(cell, expected, tissue, p, sent, now.seed)


@uncounted
def recruit(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """All arrivals of one step: a Poisson process whose rate follows the inflammation.

    The next cell of a kind arrives when as many arrivals are expected as an exponential draw says; this is the same law
    as a Poisson count a step, but its draws do not know the step. They begin again with each hour, so that arms in
    which different numbers arrived meet the same chance again.
    """
    for kind in range(kinds_in(p)):
        arrive(kind, tissue, p, effects, now)


@compiled
def any_site(uid: int, kinds: np.ndarray, turn: int, seed: int) -> int:
    """A site (flat), equally likely any where a mobile cell may stand; turn: number from which on draws are fresh."""
    site = int(uniform(seed, Decision.ARRIVAL_SITE, uid, turn) * kinds.size)
    while kinds[site] == SiteKind.AIRWAY:
        turn += 1
        site = int(uniform(seed, Decision.ARRIVAL_SITE, uid, turn) * kinds.size)
    return site


@compiled
def populate(tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """The mobile cells of resting lung, of the ages that they have there, on any site where a cell may stand."""
    kinds, seed = tissue.kind.ravel(), now.seed
    area = area_of(kinds.size)
    for kind in range(kinds_in(p)):
        density = p.cells[kind].resting_density
        for ordinal in range(poisson(area * density, seed, Decision.FOUNDERS, kind, 0)):
            uid = identity_of(RESIDENT + kind, ordinal, 0)
            cell = add_mobile_cell(kind, any_site(uid, kinds, 0, seed), uid, tissue, now)
            cell.born -= waiting_time(seed, Decision.AGE, uid, 0) / p.cells[kind].loss
