"""Hazards and clocks of dormant cancer cells in quiet time.

Over a stride their hazards are constant: IL-6 is at its stationary state around the macrophages, and CD8 cells, which
touch a cancer cell for minutes, act at their mean. So time passes from one event to the next, to the hour.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.core.clock import TimeStep
from abm.core.compiled import compiled, uncounted
from abm.core.field import FIELD
from abm.core.lattice import BLOCK
from abm.core.population import Record
from abm.model.quiet.by_rules import dormant_killing_by_rules
from abm.model.quiet.resting_contacts import RestingContacts
from abm.processes.cancer.awakening import end_of_dormancy
from abm.processes.cancer.killing import single_killing, suppression_in
from abm.processes.cancer.life import carry_out
from abm.processes.cancer.outcomes import WOKEN, WOKEN_BY_RULE
from abm.processes.cancer.phenotype import change_phenotype, clock_by_rules, pass_clock
from abm.processes.cancer.surroundings import (
    dormant_hazard,
    follow_rules,
    hazards_of_one,
    rules_on_cancer,
    sense,
)
from abm.processes.secretion import RESTING, hold, secrete, steady_loss
from abm.rules import cytotoxicity, dormancy
from abm.rules.parameters import Parameters
from abm.rules.response import decay_factor
from abm.tissue.cancer_index import NOBODY, cancer_cells_of, update_earliest_event
from abm.tissue.single_cells import SingleCell, single_cell
from abm.tissue.state import AMOUNT, SOURCE, Tissue


@compiled
def set_stationary_fields(tissue: Tissue, spread: np.ndarray, p: Parameters, effects: Record) -> None:
    """Bring what cells secrete at rest to its stationary state, which an antibody lowers everywhere alike.

    spread: float32[RESTING, blocks, blocks], see `RestingContacts`.
    """
    for number in range(RESTING.size):
        substance = RESTING[number]
        secrete(substance, tissue, p, effects, 0.0)
        field, left = tissue.fields[substance], p.substances[substance].loss / steady_loss(substance, p, effects)
        amount, source = field[AMOUNT].ravel(), field[SOURCE].ravel()
        amount[:] = FIELD(0.0)
        for block in range(source.size):
            if source[block] > 0.0:
                made, around = FIELD(source[block] * left), spread[number, block]
                for index in range(amount.size):
                    amount[index] += made * around[index]
        hold(substance, tissue, p, effects, math.inf)


class DormantCells(NamedTuple):
    """Where dormant cells are, and what it takes to look at them one by one."""

    places: np.ndarray  # int64[n, 2], rows and columns of the blocks with cancer cells
    single: SingleCell


@compiled
def dormant_cells(places: np.ndarray, tissue: Tissue, p: Parameters) -> DormantCells:
    """The dormant cells in the blocks at these places, with contacts as cells stand now."""
    return DormantCells(places, single_cell(tissue, p))


class TCells(NamedTuple):
    """What T cells do to dormant cells over a stride."""

    cd8: float  # CD8 cells in the section
    left_by_cd4: float  # mean share of their killing that CD4 cells leave which are not carried


@compiled
def hazards_at(
    dormant: DormantCells, t_cells: TCells, stride: TimeStep, tissue: Tissue, p: Parameters, contacts: RestingContacts,
    effects: Record,
) -> np.ndarray:  # fmt: skip
    """Hazards in each block with cancer cells [1/h]: float64[n, 3].

    They are that of a dormant cell, its part by which T cells and rules kill, and the highest of any of its cells,
    which differs from the first where rules tell cells apart.

    Args:
        dormant: where the cells are.
        t_cells: of the section.
        stride: as long as it lasts, the STAT3 signal follows IL-6.
        tissue: the section.
        p: parameters.
        contacts: of resting lung.
        effects: of treatments.
    """
    places, single, q, niche = dormant.places, dormant.single, p.dormancy, tissue.niche
    found = np.empty((places.shape[0], 3))
    old_share, by_rules = decay_factor(q.signal_memory, stride.dt_slow), rules_on_cancer(p)
    hour = stride.tick * stride.dt
    for index in range(places.shape[0]):
        y, x = places[index, 0], places[index, 1]
        block = tissue.blocks[y, x]
        sense(y, x, math.inf, tissue, effects, old_share, p)
        if by_rules:
            follow_rules(y, x, block, tissue.signals, p)
        touching, by_one = contacts.touching[y, x] * t_cells.cd8, single_killing(False, y, x, tissue.signals, p)
        killing = cytotoxicity.mean_team_rate(by_one, touching, p.cytotoxicity)
        killing *= suppression_in(y, x, niche, p.cytotoxicity) * t_cells.left_by_cd4
        killing += dormant_killing_by_rules(y, x, contacts.touching[y, x], hour, tissue, p)
        found[index, 0], found[index, 1] = dormant_hazard(block, q) + killing, killing
        found[index, 2] = found[index, 0] + (_highest_excess(block, tissue, p, single) if single.differs else 0.0)
    return found


@compiled
def _excess(row: int, block: Record, tissue: Tissue, p: Parameters, single: SingleCell) -> float:
    """How much higher the hazard [1/h] of one dormant cell of a block is by its own signals; it fills `single`."""
    hazards_of_one(tissue.cancer[row], block, single, p)
    return dormant_hazard(single.block[0], p.dormancy) - dormant_hazard(block, p.dormancy)


@compiled
def _highest_excess(block: Record, tissue: Tissue, p: Parameters, single: SingleCell) -> float:
    """The highest of these of any dormant cell of a block, at least 0."""
    highest, row = 0.0, block.first_dormant
    while row != NOBODY:
        highest = max(highest, _excess(row, block, tissue, p, single))
        row = tissue.cancer_next[row]
    return highest


@compiled
def _free_hours_of_cells(
    hazard: float, block: Record, tissue: Tissue, p: Parameters, now: tuple[int, int], single: SingleCell
) -> float:  # fmt: skip
    """Hours until something is due to a dormant cell of a block, each by its own signals.

    hazard: of the block. now: seed and hour.
    """
    hours, row, (seed, hour) = math.inf, block.first_dormant, now
    while row != NOBODY:
        cell = tissue.cancer[row]
        own = hazard + _excess(row, block, tissue, p, single)
        if own > 0.0:
            hours = min(hours, (cell.next_event_at - block.dormant_hazard) / own)
        cell.transition_at, speed = clock_by_rules(cell, cell.transition_at, float(hour), single, p, seed)
        if speed > 0.0:
            hours = min(hours, (cell.transition_at - hour) / speed)
        row = tissue.cancer_next[row]
    return hours


@compiled
def _pass_hours_of_cells(
    block: Record, hours: float, tissue: Tissue, p: Parameters, now: TimeStep, single: SingleCell
) -> None:
    """Let some hours pass, up to now, for each dormant cell of a block by its own signals, beside the block's clock."""
    row = block.first_dormant
    while row != NOBODY:
        cell = tissue.cancer[row]
        cell.next_event_at -= _excess(row, block, tissue, p, single) * hours
        cell.transition_at = pass_clock(cell, cell.transition_at, hours, single, p, now)
        row = tissue.cancer_next[row]


@uncounted
def free_hours(
    dormant: DormantCells, hazards: np.ndarray, tissue: Tissue, p: Parameters, seed: int, hour: int, until: int
) -> int:
    """Whole hours until something can be due at constant hazards, at least 1, at most until `until`."""
    places, single = dormant.places, dormant.single
    hours = float(until - hour)
    for index in range(places.shape[0]):
        block = tissue.blocks[places[index, 0], places[index, 1]]
        if single.differs:
            hours = min(hours, _free_hours_of_cells(hazards[index, 0], block, tissue, p, (seed, hour), single))
            continue
        if hazards[index, 0] > 0.0:
            hours = min(hours, (block.earliest_event_at - block.dormant_hazard) / hazards[index, 0])
        hours = min(hours, block.earliest_transition_at - hour)
    return min(until - hour, max(1, math.ceil(hours)))


@uncounted
def _due_in(
    block: Record, killing: float, tissue: Tissue, p: Parameters, now: TimeStep, single: SingleCell, due: np.ndarray
) -> int:
    """Enter the events of the cells of a block in `due` (row, outcome), and change phenotypes; returns how many."""
    row, found, hour = block.first_dormant, 0, now.tick * now.dt
    block.earliest_event_at, block.earliest_transition_at = math.inf, math.inf
    while row != NOBODY:
        cell = tissue.cancer[row]
        while cell.transition_at <= hour:
            cell.transition_at = change_phenotype(cell, p.dormancy, now)
        if block.dormant_hazard >= cell.next_event_at:
            here = block
            if single.differs:
                hazards_of_one(cell, block, single, p)
                here = single.block[0]
            due[found, 0], due[found, 1] = row, end_of_dormancy(cell, 0, killing, 0.0, here, p.dormancy, now)
            found += 1
        else:
            update_earliest_event(cell, block)
        row = tissue.cancer_next[row]
    return found


@uncounted
def run_clocks(
    dormant: DormantCells, hazards: np.ndarray, hours: int, tissue: Tissue, p: Parameters, now: TimeStep,
    due: np.ndarray,
) -> int:  # fmt: skip
    """Run the clocks of all blocks for some hours, up to `now`; enters the events in `due`, returns how many."""
    found, hour, places, single = 0, now.tick * now.dt, dormant.places, dormant.single
    for index in range(places.shape[0]):
        block = tissue.blocks[places[index, 0], places[index, 1]]
        if single.differs:
            _pass_hours_of_cells(block, float(hours), tissue, p, now, single)
        block.dormant_hazard += hazards[index, 0] * hours
        struck = block.dormant_hazard >= block.earliest_event_at or hour >= block.earliest_transition_at
        if struck or single.differs:
            found += _due_in(block, hazards[index, 1], tissue, p, now, single, due[found:])
    return found


@compiled
def carry_out_due(due: np.ndarray, found: int, tissue: Tissue, q: dormancy.Dormancy, now: TimeStep) -> bool:
    """Carry out the events that are due; returns whether a cell has awakened."""
    awakened, cancer, il6 = False, cancer_cells_of(tissue), tissue.fields.il6[AMOUNT]
    for number in range(found):
        row, outcome = due[number, 0], due[number, 1]
        awakened = awakened or WOKEN <= outcome <= WOKEN_BY_RULE
        around = np.float64(il6[tissue.cancer[row].y // BLOCK, tissue.cancer[row].x // BLOCK])
        carry_out(row, outcome, around, cancer, q, now)
    return awakened
