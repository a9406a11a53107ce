"""Virions and interferon: release, mixing, diffusion, clearance."""

from __future__ import annotations

import numpy as np

from abm.core.clock import TimeStep, is_slow_only
from abm.core.compiled import compiled, inlined
from abm.core.field import FIELD, diffuse, field_total
from abm.core.lattice import PATCH, SPACING
from abm.core.population import USED, Record
from abm.core.relaxation import relax
from abm.rules import cytokine, infection
from abm.rules.parameters import Parameters
from abm.rules.states import CellKind, EpithelialState
from abm.tissue.block_counts import epithelium_of
from abm.tissue.epithelial_cells import infected_cells, is_infected
from abm.tissue.state import AMOUNT, SOURCE, EpithelialLayer, Tissue

VANISHED = 1e-6  # ng/mL, below which interferon is set to zero (it would protect one cell in 1,000 within two years)


@compiled
def _makers(states: np.ndarray, expressing: int) -> np.ndarray:
    """The expressing cells, of which there are so many: int64[expressing]."""
    found, count = np.empty(expressing, dtype=np.int64), 0
    for index in range(states.size):
        if states[index] == EpithelialState.EXPRESSING:
            found[count] = index
            count += 1
    return found


@inlined
def _add_on_sites(source: np.ndarray, each: np.float32, sites: np.ndarray, first: int, end: int) -> None:
    """Add as much on each site of a cell, four at a time; sites: uint32, flat, those of the cell from `first` on."""
    fours = first + (end - first) // 4 * 4
    for place in range(first, fours, 4):
        source[sites[place]] += each
        source[sites[place + 1]] += each
        source[sites[place + 2]] += each
        source[sites[place + 3]] += each
    for place in range(fours, end):
        source[sites[place]] += each


@compiled
def _release(
    source: np.ndarray, makers: np.ndarray, response: np.ndarray, site_start: np.ndarray, sites: np.ndarray,
    p: Parameters, effects: Record,
) -> None:  # fmt: skip
    """Fill the virus source: most virions leave a cell over its own sites, a share is spread over the whole section.

    makers: int64[expressing cells]; response: float32[cells], share of the full interferon response of each.
    """
    made, mixed = np.empty(makers.size), 0.0
    for number in range(makers.size):
        blunting = p.interferon.release_blunting * np.float64(response[makers[number]])
        made[number] = infection.release_rate(p.virus.release, blunting, effects.release_left)
        mixed += made[number] * p.virus.mixing
    source[:] = FIELD(mixed / source.size)
    for number in range(makers.size):
        first, end = site_start[makers[number]], site_start[makers[number] + 1]
        local = FIELD(made[number] * (1.0 - p.virus.mixing) / (end - first))
        _add_on_sites(source, local, sites, first, end)


@compiled
def spread_virions(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Release, mixing, diffusion, clearance and antibody; a section with less than a trace of virus has none."""
    virus, status = tissue.virus[AMOUNT], tissue.status[0]
    if effects.inoculum > 0.0:
        virus += FIELD(effects.inoculum * (SPACING / 1000.0) ** 2)
        status.virus = True
    if infected_cells(tissue.epithelial_counts) > 0:
        status.virus = True
    if not status.virus:
        return
    makers = _makers(tissue.states, tissue.epithelial_counts[EpithelialState.EXPRESSING])
    _release(tissue.virus[SOURCE].ravel(), makers, tissue.response, tissue.site_start, tissue.sites, p, effects)
    loss = infection.virion_loss(p.virus.clearance, tissue.node[0].antibody, p.virus.antibody_clearance)
    diffuse(tissue.virus, p.virus.diffusion / SPACING**2, loss, now.dt_slow)
    over = (
        infected_cells(tissue.epithelial_counts) == 0 and effects.inoculum == 0.0
    )  # else a trace may be what came in this step
    if over and field_total(virus) < p.epithelium.extinction:
        virus[:, :] = FIELD(0.0)
        status.virus = False


@compiled
def _secrete_interferon(
    source: np.ndarray,
    epithelium: EpithelialLayer,
    infected: int,
    mobile: np.ndarray,
    used: int,
    p: Parameters,
    hour: float,
) -> bool:
    """Fill the interferon source; says whether anyone secretes. infected, used: cells and rows of mobile to look at."""
    source[:, :] = FIELD(0.0)
    any_source = False
    per_molecule = cytokine.site_rise(1.0, cytokine.IFN_MASS_G_PER_MOL) / PATCH**2
    if infected > 0:
        made = FIELD(p.interferon.epithelial_secretion * per_molecule)
        for index in range(epithelium.states.size):
            if not is_infected(epithelium.states[index]):
                continue
            cell = epithelium.cells[index]
            if hour - cell.infected_at >= p.interferon.delay:
                source[cell.y // PATCH, cell.x // PATCH] += made
                any_source = True
    for row in range(used):
        cell = mobile[row]
        if cell.alive and cell.activated and cell.activation > 0.0 and cell.kind <= CellKind.RECRUITED_MACROPHAGE:
            made = FIELD(p.interferon.macrophage_secretion * cell.activation * per_molecule)
            source[cell.y // PATCH, cell.x // PATCH] += made
            any_source = True
    return any_source


@compiled
def spread_interferon(tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """Secretion, diffusion and decay of interferon; nothing to do where there is none and no cell is activated."""
    status, amount = tissue.status[0], tissue.interferon[AMOUNT]
    infected, used = infected_cells(tissue.epithelial_counts), tissue.mobile_rows[USED]
    if not status.interferon and not status.any_activated and infected == 0:
        return
    source, hour = tissue.interferon[SOURCE], now.tick * now.dt
    secreted = _secrete_interferon(source, epithelium_of(tissue), infected, tissue.mobile, used, p, hour)
    if not secreted and not status.interferon:
        return
    hop_rate = p.interferon.diffusion / (SPACING * PATCH) ** 2
    if is_slow_only(now):
        relax(tissue.interferon, hop_rate, p.interferon.loss, now.dt_slow)
    else:
        diffuse(tissue.interferon, hop_rate, p.interferon.loss, now.dt_slow)
    status.interferon = secreted or field_total(amount) > VANISHED * amount.size
    if not status.interferon:
        amount[:, :] = FIELD(0.0)
