"""Substances: secreted by their sources, they diffuse, are lost and taken away by drugs; one law for all of them.

Sources are infected epithelial cells, proliferating cancer cells and mobile cells. Nothing is computed of a substance
that no cell secretes at rest, where there is none and nobody secretes it.
"""

from __future__ import annotations

import numpy as np

from abm.core.clock import TimeStep, is_slow_only
from abm.core.compiled import compiled, inlined
from abm.core.field import FIELD, diffuse, field_total
from abm.core.lattice import BLOCK, SPACING
from abm.core.population import USED, Record, as_int64
from abm.core.relaxation import relax
from abm.rules import cells as cell_types
from abm.rules.parameters import Parameters
from abm.rules.substances import Substance, site_rise
from abm.tissue.epithelial_cells import infected_cells, is_infected
from abm.tissue.state import AMOUNT, SOURCE, Niche, Tissue

SUBSTANCES = len(Substance)
AT_REST = np.array([cell_types.is_secreted_at_rest(substance) for substance in Substance])
LOWEST = np.array([  # activation above which each type of mobile cell secretes each substance; 1.0: never
    [
        -1.0 if cell_types.secretes_at_rest(kind, one) else 0.0 if cell_types.secretes_activated(kind, one) else 1.0
        for kind in cell_types.CellKind
    ]
    for one in Substance
])  # fmt: skip
BY_MOBILE = LOWEST.min(axis=1) < 1.0  # whether any of them does
SIDES = np.array([substance.type.side for substance in Substance])  # of the squares of each field, in sites
# ng/mL on average, below which a substance that nobody secretes is set to zero, unless cells secrete it at rest: of
# interferon, it would protect one cell in 1,000 within two years.
VANISHED = 1e-6


@inlined
def is_held_back(cell: Record, p: Parameters) -> bool:
    """Whether a cell secretes as at rest whatever its activation: a CD206+ macrophage."""
    return p.cells[as_int64(cell.kind)].is_macrophage > 0.0 and not cell.activated


@inlined
def secretion(cell: Record, substance: int, p: Parameters) -> float:
    """Secretion of a substance by one mobile cell [molecules/cell/s]."""
    rates = p.cells[cell_types.behaves_as(as_int64(cell.kind), p.cells)].secretion[substance]
    return cell_types.secretion_rate(is_held_back(cell, p), cell.activation, rates)


@compiled
def rise_by_one(substance: int, p: Parameters, effects: Record) -> float:
    """Rise in a square of a field [ng/mL/h] where one molecule per second is secreted; a knockout silences it."""
    per_site = site_rise(1.0, p.substances[substance].molar_mass)
    return effects.secretion_left[substance] * per_site / SIDES[substance] ** 2


@compiled
def rates_of(substance: int, p: Parameters, effects: Record) -> tuple[float, float]:
    """Hops of a substance to a neighboring square and its loss [1/h]; an antibody against it adds to the loss."""
    q = p.substances[substance]
    return q.diffusion / (SPACING * SIDES[substance]) ** 2, q.loss + effects.added_loss[substance]


@compiled
def _fill(source: np.ndarray, awake: np.ndarray, infected: np.ndarray, by_awake: float, by_infected: float) -> None:
    """Fill a source with what the proliferating cancer cells and infected epithelial cells of each block secrete."""
    flat = source.ravel()
    for block in range(flat.size):
        flat[block] = FIELD(awake[block] * by_awake + infected[block] * by_infected)


@compiled
def _add_epithelium(source: np.ndarray, side: int, made: float, delay: float, tissue: Tissue, hour: float) -> bool:
    """Add what infected epithelial cells make from some time [h] after infection on; says whether any does."""
    found, each = False, FIELD(made)
    for index in range(tissue.states.size):
        if is_infected(tissue.states[index]):
            cell = tissue.epithelium[index]
            if hour - cell.infected_at >= delay:
                source[cell.y // side, cell.x // side] += each
                found = True
    return found


@compiled
def _add_proliferating(source: np.ndarray, side: int, made: float, tissue: Tissue) -> None:
    """Add what proliferating cancer cells make."""
    for entry in range(tissue.status[0].proliferating):
        cell = tissue.cancer[tissue.cancer_proliferating[entry].row]
        source[cell.y // side, cell.x // side] += FIELD(made)


@compiled
def _add_mobile(substance: int, tissue: Tissue, per_molecule: float, p: Parameters) -> bool:
    """Add what mobile cells make; says whether there is any that is declared to, whatever its rate is set to."""
    source, side, found = tissue.fields[substance][SOURCE], SIDES[substance], False
    if not BY_MOBILE[substance]:
        return False
    for row in range(tissue.mobile_rows[USED]):
        cell = tissue.mobile[row]
        lowest = LOWEST[substance, cell.kind]
        if cell.alive and cell.activation > lowest and (lowest < 0.0 or not is_held_back(cell, p)):
            source[cell.y // side, cell.x // side] += FIELD(secretion(cell, substance, p) * per_molecule)
            found = True
    return found


@compiled
def secrete(substance: int, tissue: Tissue, p: Parameters, effects: Record, hour: float) -> bool:
    """Fill the source of a substance [ng/mL/h] with what all cells secrete; says whether any cell does."""
    source, side, q = tissue.fields[substance][SOURCE], SIDES[substance], p.substances[substance]
    infected, proliferating = infected_cells(tissue.epithelial_counts), tissue.status[0].proliferating
    per_molecule = rise_by_one(substance, p, effects)
    by_infected, by_awake = q.epithelial_secretion * per_molecule, q.cancer_secretion * per_molecule
    found = proliferating > 0 and q.cancer_secretion > 0.0
    if side == BLOCK and q.delay == 0.0:
        niche = tissue.niche
        _fill(source, niche[Niche.PROLIFERATING].ravel(), niche[Niche.INFECTED].ravel(), by_awake, by_infected)
        found = found or (infected > 0 and q.epithelial_secretion > 0.0)
    else:
        source[:, :] = FIELD(0.0)
        if infected > 0 and q.epithelial_secretion > 0.0:
            found = _add_epithelium(source, side, by_infected, q.delay, tissue, hour) or found
        if q.cancer_secretion > 0.0:
            _add_proliferating(source, side, by_awake, tissue)
    return _add_mobile(substance, tissue, per_molecule, p) or found


@compiled
def spread(substance: int, tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """One step of a substance: its field [ng/mL], and whether it is present."""
    status, amount, q = tissue.status[0], tissue.fields[substance][AMOUNT], p.substances[substance]
    by_infected = q.epithelial_secretion > 0.0 and infected_cells(tissue.epithelial_counts) > 0
    by_cancer = q.cancer_secretion > 0.0 and status.proliferating > 0
    stirred = status.any_activated or by_infected or by_cancer
    if not (stirred or status.present[substance] > 0 or AT_REST[substance]):
        return
    secreted = secrete(substance, tissue, p, effects, now.tick * now.dt)
    if not (secreted or status.present[substance] > 0 or AT_REST[substance]):
        return
    hop_rate, loss = rates_of(substance, p, effects)
    if is_slow_only(now):
        relax(tissue.fields[substance], hop_rate, loss, now.dt_slow)
    else:
        diffuse(tissue.fields[substance], hop_rate, loss, now.dt_slow)
    is_left = secreted or AT_REST[substance] or field_total(amount) > VANISHED * amount.size
    status.present[substance] = 1 if is_left else 0
    if not is_left:
        amount[:, :] = FIELD(0.0)


@compiled
def spread_interferon(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """One step of type I interferon, which the epithelium meets in the same step."""
    spread(Substance.INTERFERON.value, tissue, p, effects, now)


@compiled
def spread_cytokines(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """One step of IL-6 and of every other substance."""
    for substance in range(SUBSTANCES):
        if substance != Substance.INTERFERON:
            spread(substance, tissue, p, effects, now)
