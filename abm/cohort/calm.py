"""Quiet time: what is slow is carried on, what is fast is met in the mean, and where nothing is slow time is jumped.

With no infection, no alarm and no cancer cell awake a step of the model changes nothing but clocks and where immune
cells stand. Here

- the clocks of dormant cells, of phenotypes and of what heals run on and fire as in a step, at whole hours;
- fibroblasts and the matrix they repair go on as in the model, in steps of six hours (a fibroblast takes days to cross
  a block), until the matrix is at rest;
- IL-6 and CD8 cells in contact act by their means over the law of resting tissue (`abm.cohort.resting`); memory cells
  in the tissue leave each at their own time;
- once matrix and epithelium are at rest, all hazards are constant, and time jumps to the next event;
- afterwards the immune cells are those that have stayed, by their own clocks, and a Poisson number of new ones, each
  anywhere (the law of immigration and death, which is exact for the number of each kind).

A section in which very many cells have come to rest is thinned before: each is kept with the same chance, and those
that are left count for more (`Lung.weight`).

What is lost: cells of a clone no longer meet the same CD8 cell or the same flicker of IL-6 together, so their deaths
and awakenings in quiet time are independent; CD4 cells do not linger in aggregates; times are whole hours.
"""

from __future__ import annotations

import math

import numpy as np

from abm.cohort.resting import Resting
from abm.core.chance import identity_of, poisson, uniform, waiting_time
from abm.core.clock import TimeStep, time_step
from abm.core.compiled import compiled
from abm.core.lattice import area_of
from abm.core.population import ALIVE, USED, Record, as_int64, has_room, release_row
from abm.processes.cancer.awakening import end_of_dormancy
from abm.processes.cancer.killing import suppression_in
from abm.processes.cancer.life import carry_out
from abm.processes.cancer.outcomes import AWOKE_ALONE, WOKEN
from abm.processes.cancer.phenotype import change_phenotype
from abm.processes.epithelium import update_epithelium
from abm.processes.lymph_node import relay
from abm.processes.matrix import remodel
from abm.processes.movement import move
from abm.processes.recruitment import add_mobile_cell
from abm.rules import activation, cytotoxicity, dormancy
from abm.rules.parameters import Parameters
from abm.rules.recruitment import turnover_of
from abm.rules.response import relax_exactly
from abm.rules.states import KINDS, CancerState, CellKind, Decision, EpithelialState, SiteKind
from abm.tissue.block_counts import GOES, count, epithelium_of
from abm.tissue.cancer_index import NOBODY, cancer_cells_of, take_out, update_earliest_event
from abm.tissue.state import Niche, Tissue
from abm.treatments.effects_by_step import TreatmentEffects, is_treated

THINNING = 102  # decision of which cells are taken out; those of the model are below 100
SETTLED = 5 << 40  # family of identities: cells that came in quiet time
SLOW = 6  # h, the step of what is slow
FREE_OF_DRUG = 1e-3  # change of a treatment effect that is ignored


@compiled
def settle(kind: int, hours: float, tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """New cells of a kind that came during the last `hours` and have stayed, each anywhere where a cell may stand."""
    kinds, turnover = tissue.kind.ravel(), turnover_of(kind, p.recruitment)
    stayed = turnover.resting_density * -math.expm1(-turnover.loss * hours)
    for ordinal in range(poisson(area_of(kinds.size) * stayed, now.seed, Decision.ARRIVALS, SETTLED + kind, now.tick)):
        if has_room(1, tissue.mobile_rows):
            uid = identity_of(SETTLED + kind, ordinal, now.tick)
            add_mobile_cell(kind, _anywhere(uid, kinds, 0, now.seed), uid, tissue, now)


@compiled
def _anywhere(uid: int, kinds: np.ndarray, turn: int, seed: int) -> int:
    """A site (flat) where a mobile cell may stand; turn: number from which on draws are fresh."""
    site = int(uniform(seed, Decision.ARRIVAL_SITE, uid, turn) * kinds.size)
    while kinds[site] == SiteKind.AIRWAY:
        turn += 1
        site = int(uniform(seed, Decision.ARRIVAL_SITE, uid, turn) * kinds.size)
    return site


@compiled
def _renew_fibroblasts(tissue: Tissue, hours: float, p: Parameters, now: TimeStep) -> None:
    """Fibroblasts that leave and come within some hours; they are the only mobile cells of this tissue."""
    loss = p.recruitment.fibroblast.loss
    for row in range(tissue.mobile_rows[USED]):
        cell = tissue.mobile[row]
        if cell.alive:
            cell.residence_hazard_left -= loss * hours
            if cell.residence_hazard_left <= 0.0:
                count(as_int64(cell.kind), as_int64(cell.y), as_int64(cell.x), GOES, epithelium_of(tissue))
                cell.alive = False
                release_row(row, tissue.mobile_rows)
    settle(CellKind.FIBROBLAST.value, hours, tissue, p, now)


@compiled
def killing_rate(block_y: int, block_x: int, contacts: float, tissue: Tissue, p: cytotoxicity.Cytotoxicity) -> float:
    """Mean hazard [1/h] that CD8 cells kill a dormant cell; contacts: their mean number, itself Poisson."""
    team = contacts * (1.0 + p.cooperation * contacts)
    return p.cd8_dormant_cancer * team * suppression_in(block_y, block_x, tissue.niche, p)


@compiled
def _meet_mean(
    block: Record, at: tuple[int, int], bound: float, contacts: float, tissue: Tissue, p: Parameters
) -> tuple[float, float]:
    """Bring a block to the mean of resting tissue; its total hazard and that of being killed [1/h]."""
    q = p.dormancy
    block.signal = bound
    niche = tissue.niche
    block.permissiveness = dormancy.niche_permissiveness(
        niche[Niche.INTEGRITY, at[0], at[1]], niche[Niche.COLLAGEN, at[0], at[1]], q
    )
    killing = killing_rate(at[0], at[1], contacts, tissue, p.cytotoxicity)
    awakening = dormancy.il6_awakening_rate(block.signal, block.permissiveness, 0, q) + q.spontaneous_awakening
    return awakening + q.dormant_death + killing, killing


@compiled
def _under_drugs(effects: Record, p: Parameters) -> float:
    """Factor on the response to resting IL-6, which is so low that the response is a power of it."""
    loss = p.cytokine.loss
    left = loss / (loss + effects.il6_loss) * effects.receptor_left * effects.il6_secretion
    return left**p.dormancy.power * effects.stat_left


@compiled
def _due(block: Record, killing: float, tissue: Tissue, p: Parameters, now: TimeStep, due: np.ndarray) -> int:
    """How much has come due in a block, entered in `due` (row, outcome); phenotypes drift."""
    row, found, hour = block.first_dormant, 0, now.tick * now.dt
    block.earliest_event_at, block.earliest_transition_at = math.inf, math.inf
    while row != NOBODY:
        cell = tissue.cancer[row]
        while cell.transition_at <= hour:
            cell.transition_at = change_phenotype(cell, p.dormancy, now)
        if block.dormant_hazard >= cell.next_event_at:
            due[found, 0], due[found, 1] = row, end_of_dormancy(cell, 0, killing, block, p.dormancy, now)
            found += 1
        else:
            update_earliest_event(cell, block)
        row = tissue.cancer_next[row]
    return found


@compiled
def _free_hours(places: np.ndarray, rates: np.ndarray, tissue: Tissue, hour: int, until: int) -> int:
    """Whole hours until something can come due while all hazards are constant, at least 1, at most until `until`."""
    hours = float(until - hour)
    for index in range(places.shape[0]):
        block = tissue.blocks[places[index, 0], places[index, 1]]
        if rates[index, 0] > 0.0:
            hours = min(hours, (block.earliest_event_at - block.dormant_hazard) / rates[index, 0])
        hours = min(hours, block.earliest_transition_at - hour)
    return min(until - hour, max(1, math.ceil(hours)))


@compiled
def _carry_out_due(
    due: np.ndarray, found: int, il6: float, tissue: Tissue, q: dormancy.Dormancy, now: TimeStep
) -> bool:
    """Let happen what has come due; says whether a cell has awoken."""
    woken, cancer = False, cancer_cells_of(tissue)
    for number in range(found):
        woken = woken or due[number, 1] == WOKEN or due[number, 1] == AWOKE_ALONE
        carry_out(due[number, 0], due[number, 1], il6, cancer, q, now)
    return woken


@compiled
def _meet_all(
    places: np.ndarray, rates: np.ndarray, memory: int, tissue: Tissue, p: Parameters, means: Resting, effects: Record
) -> None:
    """Bring all blocks with cancer cells to the mean of resting tissue; rates: float64[blocks, 2], as `_meet_mean`."""
    response = _under_drugs(effects, p)
    for index in range(places.shape[0]):
        y, x = places[index, 0], places[index, 1]
        contacts = means.touching[y, x] * (means.cd8 + memory)
        rates[index] = _meet_mean(tissue.blocks[y, x], (y, x), means.bound[y, x] * response, contacts, tissue, p)


@compiled
def _run_clocks(
    places: np.ndarray, rates: np.ndarray, hours: int, tissue: Tissue, p: Parameters, now: TimeStep, due: np.ndarray
) -> int:
    """Let the clocks of all blocks run some hours, up to `now`; how much has come due, entered in `due`."""
    found = 0
    for index in range(places.shape[0]):
        block = tissue.blocks[places[index, 0], places[index, 1]]
        block.dormant_hazard += rates[index, 0] * hours
        if block.dormant_hazard >= block.earliest_event_at or now.tick * now.dt >= block.earliest_transition_at:
            found += _due(block, rates[index, 1], tissue, p, now, due[found:])
    return found


@compiled
def _repair(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """What is slow, over one long step: fibroblasts walk and repair the matrix, the epithelium heals."""
    if tissue.status[0].remodeled:
        move(tissue, p, now)
        remodel(tissue, p, now)
    if is_healing(tissue):
        update_epithelium(tissue, p, effects, now)


@compiled
def is_healing(tissue: Tissue) -> bool:
    """Whether there are epithelial cells to be renewed."""
    return tissue.epithelial_counts[EpithelialState.HEALTHY] < tissue.epithelium.size


@compiled
def rest(
    tissue: Tissue,
    p: Parameters,
    treatment_effects: TreatmentEffects,
    means: Resting,
    memory_until: np.ndarray,
    start: TimeStep,
    until: int,
) -> int:
    """Pass quiet time from the hour of `start` on, to the hour `until` or the first awakening; the hour reached.

    tissue: with fibroblasts as its only mobile cells. memory_until: hours at which the memory CD8 cells leave. start:
    its tick stands at a whole hour.
    """
    an_hour = round(1.0 / start.dt)
    hour, woken = start.tick // an_hour, False
    places = np.argwhere(tissue.niche[Niche.CANCER] > 0.0)
    rates = np.zeros((places.shape[0], 2))
    due = np.empty((tissue.cancer_rows[ALIVE], 2), dtype=np.int64)
    while hour < until and not woken:
        tick, memory = hour * an_hour, int(np.sum(memory_until > hour))
        effects, treated = treatment_effects[tick], is_treated(treatment_effects, tick, FREE_OF_DRUG)
        _meet_all(places, rates, memory, tissue, p, means, effects)
        slow = is_healing(tissue) or tissue.status[0].remodeled or memory > 0 or treated
        hours = min(SLOW, until - hour) if slow else _free_hours(places, rates, tissue, hour, until)
        hour += hours
        now = time_step(start.seed, hour * an_hour, start.dt)
        _renew_fibroblasts(tissue, hours, p, now)
        _repair(tissue, p, effects, time_step(start.seed, hour, float(hours)))
        found = _run_clocks(places, rates, hours, tissue, p, now, due)
        if found > 0:
            woken = _carry_out_due(due, found, means.il6.mean(), tissue, p.dormancy, now)
    return hour


@compiled
def thin(tissue: Tissue, keep: float, now: TimeStep) -> None:
    """Take cancer cells out so that each is kept with this chance; all of them are dormant."""
    cancer = cancer_cells_of(tissue)
    for row in range(cancer.rows[USED]):
        cell = cancer.cells[row]
        if cell.alive and uniform(now.seed, THINNING, cell.uid, now.tick) >= keep:
            take_out(row, cancer)
            cell.state = CancerState.DEAD
            cell.alive = False
            cancer.clones[cell.clone].cells -= 1
            release_row(row, cancer.rows)


@compiled
def _left_after(cell: Record, hours: float, p: Parameters) -> float:
    """What is left of the stay of a cell after quiet hours; none, and it has gone."""
    rate = 1.0 / p.recruitment.memory_life if cell.memory else turnover_of(cell.kind, p.recruitment).loss
    return cell.residence_hazard_left - rate * hours


@compiled
def repopulate(others: np.ndarray, hours: float, tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """Put back the mobile cells that are not fibroblasts: those of `others` that have stayed, and new ones."""
    kinds, a = tissue.kind.ravel(), p.activation
    for index in range(others.size):
        old = others[index]
        left = _left_after(old, hours, p)
        if left <= 0.0:
            continue
        site = _anywhere(old.uid, kinds, now.tick, now.seed)
        cell = add_mobile_cell(as_int64(old.kind), site, old.uid, tissue, now)
        cell.residence_hazard_left, cell.born, cell.memory, cell.kills = left, old.born, old.memory, old.kills
        cell.hops, cell.turn = old.hops, old.turn
        cell.activated, cell.polarization_hazard_left = old.activated, old.polarization_hazard_left
        if old.activated:
            cell.polarization_hazard_left -= activation.depolarization_rate(0.0, a) * hours
            if cell.polarization_hazard_left <= 0.0:
                cell.activated = False
                cell.turn += 1
                cell.polarization_hazard_left = waiting_time(now.seed, Decision.SWITCH, cell.uid, cell.turn)
    for kind in range(KINDS):
        if kind != CellKind.FIBROBLAST:
            settle(kind, hours, tissue, p, now)


@compiled
def age_node(node: Record, il6: float, hours: float, p: Parameters) -> None:
    """What quiet hours do to the lymph node: precursors come back, antibody fades, inflammation is that of rest."""
    q = p.adaptive
    node.pool = relax_exactly(node.pool, 1.0, q.pool_recovery, hours)
    node.antibody = relax_exactly(node.antibody, 0.0, q.antibody_life, hours)
    relay(node.inflammation, il6, p.recruitment, hours)
    node.arriving = 0.0


@compiled
def meet_field(tissue: Tissue, p: Parameters, effects: Record) -> None:
    """Give the blocks with cancer cells the signal that the IL-6 around them brings."""
    for y in range(tissue.blocks.shape[0]):
        for x in range(tissue.blocks.shape[1]):
            if tissue.niche[Niche.CANCER, y, x] > 0.0:
                il6 = np.float64(tissue.il6[0, y, x])
                bound = dormancy.occupancy(il6, effects.receptor_left, p.dormancy) * effects.stat_left
                tissue.blocks[y, x].signal = bound
