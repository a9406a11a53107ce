"""Secretion on which rules act: cell by cell, as the rules leave the rate of each."""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled
from abm.core.field import FIELD, field_total
from abm.core.lattice import BLOCK
from abm.core.population import USED, Record, as_int64
from abm.processes.secretion_rates import LOWEST, SIDES, rise_by_one, secretion
from abm.rules import cells as cell_types
from abm.rules.own.rates import Rate, Where, address
from abm.rules.own.rule import OF_PLACE
from abm.rules.own.slots import ALL_KINDS
from abm.rules.parameters import Parameters, kinds_in
from abm.rules.states import CancerState, VirusOfRun
from abm.rules.substances import SUBSTANCES
from abm.tissue.epithelial_cells import is_infected
from abm.tissue.ruled import has_rule, is_ruled, ruled
from abm.tissue.single_cells import look_at, single_cell
from abm.tissue.state import SOURCE, Tissue


@compiled
def is_secreted_by_rules(substance: int, p: Parameters) -> bool:
    """Whether rules act on the secretion of a substance by any cell."""
    found = False
    if not is_ruled(Rate.SECRETION.value, p):
        return found
    for kind in range(kinds_in(p)):
        found = found or has_rule(address(Rate.SECRETION.value, kind, substance), p)
    for where in (Where.INFECTED.value, Where.DORMANT.value, Where.PROLIFERATING.value):
        found = found or has_rule(address(Rate.SECRETION.value, where, substance), p)
    return found


@compiled
def _built_in(cell: Record, substance: int, p: Parameters) -> float:
    """Secretion by a mobile cell without rules [molecules/cell/s]."""
    if substance >= SUBSTANCES:
        return 0.0
    lowest = LOWEST[substance, cell_types.shares_with(as_int64(cell.kind), p.cells)]
    return secretion(cell, substance, p) if cell.activation > lowest else 0.0


@compiled
def _add_mobile_by_rules(
    substance: int, tissue: Tissue, rises: tuple[float, float], p: Parameters, hour: float
) -> None:
    """Add the secretion of mobile cells as rules leave it."""
    source, side, secretes = tissue.fields[substance][SOURCE], SIDES[substance], np.zeros(ALL_KINDS, np.bool_)
    for kind in range(kinds_in(p)):
        ruled_kind = has_rule(address(Rate.SECRETION.value, kind, substance), p)
        secretes[kind] = ruled_kind or substance < SUBSTANCES
    for row in range(tissue.mobile_rows[USED]):
        cell = tissue.mobile[row]
        if cell.alive and secretes[cell.kind]:
            own = float(cell.activation), hour - cell.born
            where = address(Rate.SECRETION.value, as_int64(cell.kind), substance)
            y, x = cell.y // BLOCK, cell.x // BLOCK
            rate = ruled(_built_in(cell, substance, p), where, y, x, own, tissue.signals, p)
            rise = rises[0] if cell.activated_by == VirusOfRun.FIRST else rises[1]
            source[cell.y // side, cell.x // side] += FIELD(rate * rise)


@compiled
def _add_epithelium_by_rules(
    substance: int, tissue: Tissue, rises: tuple[float, float], p: Parameters, hour: float
) -> None:
    """Add the secretion of infected epithelium as rules leave it."""
    source, side, q = tissue.fields[substance][SOURCE], SIDES[substance], p.substances[substance]
    where = address(Rate.SECRETION.value, Where.INFECTED.value, substance)
    if q.epithelial_secretion == 0.0 and not has_rule(where, p):
        return
    for index in range(tissue.states.size):
        cell = tissue.epithelium[index]
        if is_infected(tissue.states[index]):
            late = q.delay == 0.0 or hour - cell.infected_at >= q.delay
            rate = q.epithelial_secretion if late else 0.0
            rate = ruled(rate, where, cell.y // BLOCK, cell.x // BLOCK, OF_PLACE, tissue.signals, p)
            rise = rises[0] if cell.virus == VirusOfRun.FIRST else rises[1]
            source[cell.y // side, cell.x // side] += FIELD(rate * rise)


@compiled
def _add_cancer_by_rules(substance: int, tissue: Tissue, rise: float, p: Parameters) -> None:
    """Add the secretion of cancer cells as rules leave it; rise: by one molecule per second [ng/mL/h]."""
    source, side, q = tissue.fields[substance][SOURCE], SIDES[substance], p.substances[substance]
    awake = address(Rate.SECRETION.value, Where.PROLIFERATING.value, substance)
    dormant = address(Rate.SECRETION.value, Where.DORMANT.value, substance)
    if q.cancer_secretion == 0.0 and not has_rule(awake, p) and not has_rule(dormant, p):
        return
    single = single_cell(tissue, p)
    for row in range(tissue.cancer_rows[USED]):
        cell = tissue.cancer[row]
        if cell.alive:
            y, x, signals = cell.y // BLOCK, cell.x // BLOCK, tissue.signals
            if single.differs:
                look_at(cell, single, p)
                y, x, signals = 0, 0, single.signals
            if cell.state == CancerState.PROLIFERATING:
                rate = ruled(q.cancer_secretion, awake, y, x, OF_PLACE, signals, p)
            else:
                rate = ruled(0.0, dormant, y, x, OF_PLACE, signals, p)
            source[cell.y // side, cell.x // side] += FIELD(rate * rise)


@compiled
def secrete_by_rules(substance: int, tissue: Tissue, p: Parameters, effects: Record, hour: float) -> bool:
    """Fill the source of a substance on whose secretion rules act, cell by cell; returns whether any cell secretes."""
    tissue.fields[substance][SOURCE][:, :] = FIELD(0.0)
    rises = rise_by_one(substance, 0, p, effects), rise_by_one(substance, 1, p, effects)
    _add_mobile_by_rules(substance, tissue, rises, p, hour)
    _add_epithelium_by_rules(substance, tissue, rises, p, hour)
    _add_cancer_by_rules(substance, tissue, rises[0], p)
    return field_total(tissue.fields[substance][SOURCE]) > 0.0
