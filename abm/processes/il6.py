"""IL-6: secretion by every source, diffusion, decay, antibody."""

from __future__ import annotations

import numpy as np

from abm.core.clock import TimeStep, is_slow_only
from abm.core.compiled import compiled, inlined
from abm.core.field import FIELD, diffuse
from abm.core.lattice import BLOCK, SPACING
from abm.core.population import USED, Record
from abm.core.relaxation import relax
from abm.rules import cytokine
from abm.rules.parameters import Parameters
from abm.rules.states import CellKind
from abm.tissue.state import SOURCE, Niche, Tissue


@inlined
def secretion(cell: Record, p: cytokine.Cytokine) -> float:
    """IL-6 secretion of one mobile cell [molecules/cell/s]; T and NK cells: none (assumed)."""
    if cell.kind <= CellKind.RECRUITED_MACROPHAGE:
        return cytokine.macrophage_secretion(cell.activated, cell.activation, p)
    if cell.kind == CellKind.NEUTROPHIL:
        return p.neutrophil_secretion * cell.activation
    if cell.kind == CellKind.FIBROBLAST:
        return p.fibroblast_secretion * cell.activation
    return 0.0


@compiled
def _fill(source: np.ndarray, awake: np.ndarray, infected: np.ndarray, by_awake: float, by_infected: float) -> None:
    """Fill a source with what the proliferating cancer cells and infected epithelial cells of each block secrete."""
    flat = source.ravel()
    for block in range(flat.size):
        flat[block] = FIELD(awake[block] * by_awake + infected[block] * by_infected)


@compiled
def _add_mobile(source: np.ndarray, mobile: np.ndarray, used: int, per_molecule: float, p: cytokine.Cytokine) -> None:
    """Add what mobile cells make."""
    for row in range(used):
        cell = mobile[row]
        if cell.alive and (cell.activation > 0.0 or cell.kind <= CellKind.RECRUITED_MACROPHAGE):
            source[cell.y // BLOCK, cell.x // BLOCK] += FIELD(secretion(cell, p) * per_molecule)


@compiled
def block_rise(effects: Record) -> float:
    """Rise of IL-6 in a block [ng/mL/h] where one molecule per second is secreted; a knockout silences all sources."""
    return effects.il6_secretion * cytokine.site_rise(1.0, cytokine.IL6_MASS_G_PER_MOL) / BLOCK**2


@compiled
def secrete_il6(tissue: Tissue, p: Parameters, effects: Record) -> None:
    """Fill the IL-6 source [ng/mL/h] with what all cells secrete."""
    source, q = tissue.il6[SOURCE], p.cytokine
    per_molecule = block_rise(effects)
    awake, infected = tissue.niche[Niche.PROLIFERATING].ravel(), tissue.niche[Niche.INFECTED].ravel()
    _fill(source, awake, infected, q.cancer_secretion * per_molecule, q.epithelial_secretion * per_molecule)
    _add_mobile(source, tissue.mobile, tissue.mobile_rows[USED], per_molecule, q)


@compiled
def il6_rates(p: cytokine.Cytokine, effects: Record) -> tuple[float, float]:
    """Hops of IL-6 to a neighboring block and its loss [1/h]; an anti-IL-6 antibody adds to the loss."""
    return p.diffusion / (SPACING * BLOCK) ** 2, p.loss + effects.il6_loss


@compiled
def spread_il6(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """One step of the IL-6 field [ng/mL]."""
    secrete_il6(tissue, p, effects)
    hop_rate, loss = il6_rates(p.cytokine, effects)
    if is_slow_only(now):
        relax(tissue.il6, hop_rate, loss, now.dt_slow)
    else:
        diffuse(tissue.il6, hop_rate, loss, now.dt_slow)
