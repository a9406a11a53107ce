"""Virions and interferon: release, mixing, diffusion, clearance."""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled
from abm.core.field import diffuse
from abm.core.lattice import PATCH, SPACING
from abm.core.population import Record
from abm.processes.tissue import AMOUNT, SOURCE, Now, Tissue
from abm.rules import cytokine, infection, interferon
from abm.rules.parameters import Parameters
from abm.rules.states import CellKind, EpithelialState

VANISHED = 1e-12  # ng/mL; less interferon than this is none


@compiled
def infected_cells(tally: np.ndarray) -> int:
    """Cells in eclipse or expressing."""
    return tally[EpithelialState.ECLIPSE] + tally[EpithelialState.EXPRESSING]


@compiled
def field_total(amount: np.ndarray) -> float:
    """Sum over a field, in a fixed order."""
    total = 0.0
    for y in range(amount.shape[0]):
        line = 0.0
        for x in range(amount.shape[1]):
            line += amount[y, x]
        total += line
    return total


@compiled
def _release(tissue: Tissue, p: Parameters, effects: Record) -> None:
    """Fill the virus source: most virions leave a cell over its own sites, a share is spread over the whole section."""
    source, interferons = tissue.virus[SOURCE].ravel(), tissue.interferon[AMOUNT]
    source[:] = 0.0
    if tissue.tally[EpithelialState.EXPRESSING] == 0:
        return
    mixed = 0.0
    for index in range(tissue.epithelium.size):
        cell = tissue.epithelium[index]
        if cell.state != EpithelialState.EXPRESSING:
            continue
        share = interferon.response(
            interferons[cell.y // PATCH, cell.x // PATCH], effects.interferon_left, p.interferon
        )
        blunting = p.interferon.release_blunting * share
        made = infection.release_rate(p.virus.release, blunting, effects.release_left)
        mixed += made * p.virus.mixing
        local = made * (1.0 - p.virus.mixing) / cell.sites
        for place in range(tissue.site_start[index], tissue.site_start[index + 1]):
            source[tissue.sites[place]] += local
    source += mixed / source.size


@compiled
def spread_virions(tissue: Tissue, p: Parameters, effects: Record, now: Now) -> None:
    """Release, mixing, diffusion, clearance and antibody; a section with less than a trace of virus has none."""
    virus = tissue.virus[AMOUNT]
    if effects.inoculum > 0.0:
        virus += effects.inoculum * (SPACING / 1000.0) ** 2
    if virus[0, 0] <= 0.0 and infected_cells(tissue.tally) == 0:
        return  # diffusion and mixing leave no site at zero, so one site tells
    _release(tissue, p, effects)
    loss = infection.virion_loss(p.virus.clearance, tissue.node[0].antibody, p.virus.antibody_clearance)
    diffuse(tissue.virus, p.virus.diffusion / SPACING**2, loss, now.step)
    if infected_cells(tissue.tally) == 0 and field_total(virus) < p.epithelium.extinction:
        virus[:, :] = 0.0


@compiled
def _secrete_interferon(tissue: Tissue, p: Parameters, hour: float) -> bool:
    """Fill the interferon source; says whether anyone secretes."""
    source = tissue.interferon[SOURCE]
    source[:, :] = 0.0
    any_source = False
    per_molecule = cytokine.site_rise(1.0, cytokine.IFN_MASS_G_PER_MOL) / PATCH**2
    if infected_cells(tissue.tally) > 0:
        for index in range(tissue.epithelium.size):
            cell = tissue.epithelium[index]
            infected = cell.state == EpithelialState.ECLIPSE or cell.state == EpithelialState.EXPRESSING
            if infected and hour - cell.infected_at >= p.interferon.delay:
                source[cell.y // PATCH, cell.x // PATCH] += p.interferon.epithelial_secretion * per_molecule
                any_source = True
    for row in range(tissue.mobile_rows[0]):
        cell = tissue.mobile[row]
        if cell.alive and cell.activated and cell.kind <= CellKind.RECRUITED_MACROPHAGE:
            made = p.interferon.macrophage_secretion * cell.alarm * per_molecule
            source[cell.y // PATCH, cell.x // PATCH] += made
            any_source = True
    return any_source


@compiled
def spread_interferon(tissue: Tissue, p: Parameters, now: Now) -> None:
    """Secretion, diffusion and decay of interferon."""
    secreted = _secrete_interferon(tissue, p, now.tick * now.step)
    amount = tissue.interferon[AMOUNT]
    if secreted or field_total(amount) > VANISHED * amount.size:
        diffuse(tissue.interferon, p.interferon.diffusion / (SPACING * PATCH) ** 2, p.interferon.loss, now.step)
    else:
        amount[:, :] = 0.0
