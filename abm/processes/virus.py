"""Virions and interferon: release, mixing, diffusion, clearance."""

from __future__ import annotations

import numpy as np

from abm.core.ahead import ask_for
from abm.core.compiled import compiled
from abm.core.field import FIELD, diffuse, field_total
from abm.core.lattice import PATCH, SPACING
from abm.core.population import USED, Record
from abm.core.relaxation import relax
from abm.processes.presence import mucosa_of
from abm.processes.tissue import AMOUNT, SOURCE, Mucosa, Now, Tissue, is_stride
from abm.rules import cytokine, infection, interferon
from abm.rules.parameters import Parameters
from abm.rules.states import CellKind, EpithelialState

AHEAD = 8  # cells, for which the memory is asked in time
VANISHED = 1e-6  # ng/mL; less interferon than this is none: it would shield one cell in a thousand in two years


@compiled
def is_infected(state: int) -> bool:
    """Whether an epithelial cell is in eclipse or expressing."""
    return state == EpithelialState.ECLIPSE or state == EpithelialState.EXPRESSING


@compiled
def infected_cells(tally: np.ndarray) -> int:
    """Cells in eclipse or expressing."""
    return tally[EpithelialState.ECLIPSE] + tally[EpithelialState.EXPRESSING]


@compiled
def _made_by(cell: Record, interferons: np.ndarray, p: Parameters, effects: Record) -> float:
    """Virions that an expressing cell releases [virion/h]; interferons: float32[patch rows, patch columns]."""
    amount = np.float64(interferons[cell.y // PATCH, cell.x // PATCH])
    blunting = p.interferon.release_blunting * interferon.response(amount, effects.interferon_left, p.interferon)
    return infection.release_rate(p.virus.release, blunting, effects.release_left)


@compiled
def _makers(mucosa: Mucosa) -> np.ndarray:
    """The expressing cells: int64[cells]."""
    found, count = np.empty(mucosa.tally[EpithelialState.EXPRESSING], dtype=np.int64), 0
    for index in range(mucosa.states.size):
        if mucosa.states[index] == EpithelialState.EXPRESSING:
            found[count] = index
            count += 1
    return found


@compiled
def _ask_for_maker(number: int, makers: np.ndarray, epithelium: np.ndarray, interferons: np.ndarray) -> None:
    """Have what decides how much a later cell makes brought nearer."""
    last = makers.size - 1
    ask_for(epithelium, makers[min(number + 2 * AHEAD, last)])
    cell = epithelium[makers[min(number + AHEAD, last)]]
    ask_for(interferons, cell.y // PATCH * interferons.shape[1] + cell.x // PATCH)


@compiled
def _release(
    source: np.ndarray, interferons: np.ndarray, mucosa: Mucosa, site_start: np.ndarray, sites: np.ndarray,
    p: Parameters, effects: Record,
) -> None:  # fmt: skip
    """Fill the virus source: most virions leave a cell over its own sites, a share is spread over the whole section."""
    epithelium, makers = mucosa.epithelium, _makers(mucosa)
    made, mixed = np.empty(makers.size), 0.0
    for number in range(makers.size):
        _ask_for_maker(number, makers, epithelium, interferons)
        made[number] = _made_by(epithelium[makers[number]], interferons, p, effects)
        mixed += made[number] * p.virus.mixing
    source[:] = FIELD(mixed / source.size)
    for number in range(makers.size):
        index = makers[number]
        local = FIELD(made[number] * (1.0 - p.virus.mixing) / epithelium[index].sites)
        for place in range(site_start[index], site_start[index + 1]):
            source[sites[place]] += local


@compiled
def spread_virions(tissue: Tissue, p: Parameters, effects: Record, now: Now) -> None:
    """Release, mixing, diffusion, clearance and antibody; a section with less than a trace of virus has none."""
    virus, ledger = tissue.virus[AMOUNT], tissue.ledger[0]
    if effects.inoculum > 0.0:
        virus += FIELD(effects.inoculum * (SPACING / 1000.0) ** 2)
        ledger.virus = True
    if infected_cells(tissue.tally) > 0:
        ledger.virus = True
    if not ledger.virus:
        return
    source, interferons = tissue.virus[SOURCE].ravel(), tissue.interferon[AMOUNT]
    _release(source, interferons, mucosa_of(tissue), tissue.site_start, tissue.sites, p, effects)
    loss = infection.virion_loss(p.virus.clearance, tissue.node[0].antibody, p.virus.antibody_clearance)
    diffuse(tissue.virus, p.virus.diffusion / SPACING**2, loss, now.stride)
    if infected_cells(tissue.tally) == 0 and field_total(virus) < p.epithelium.extinction:
        virus[:, :] = FIELD(0.0)
        ledger.virus = False


@compiled
def _secrete_interferon(
    source: np.ndarray, mucosa: Mucosa, infected: int, mobile: np.ndarray, used: int, p: Parameters, hour: float
) -> bool:
    """Fill the interferon source; says whether anyone secretes. infected, used: cells and rows of mobile to look at."""
    source[:, :] = FIELD(0.0)
    any_source = False
    per_molecule = cytokine.site_rise(1.0, cytokine.IFN_MASS_G_PER_MOL) / PATCH**2
    if infected > 0:
        made = FIELD(p.interferon.epithelial_secretion * per_molecule)
        for index in range(mucosa.states.size):
            if not is_infected(mucosa.states[index]):
                continue
            cell = mucosa.epithelium[index]
            if hour - cell.infected_at >= p.interferon.delay:
                source[cell.y // PATCH, cell.x // PATCH] += made
                any_source = True
    for row in range(used):
        cell = mobile[row]
        if cell.alive and cell.activated and cell.alarm > 0.0 and cell.kind <= CellKind.RECRUITED_MACROPHAGE:
            made = FIELD(p.interferon.macrophage_secretion * cell.alarm * per_molecule)
            source[cell.y // PATCH, cell.x // PATCH] += made
            any_source = True
    return any_source


@compiled
def spread_interferon(tissue: Tissue, p: Parameters, now: Now) -> None:
    """Secretion, diffusion and decay of interferon; nothing to do where there is none and nobody is alarmed."""
    ledger, amount = tissue.ledger[0], tissue.interferon[AMOUNT]
    infected, used = infected_cells(tissue.tally), tissue.mobile_rows[USED]
    if not ledger.interferon and not ledger.alarmed and infected == 0:
        return
    source, hour = tissue.interferon[SOURCE], now.tick * now.step
    secreted = _secrete_interferon(source, mucosa_of(tissue), infected, tissue.mobile, used, p, hour)
    if not secreted and not ledger.interferon:
        return
    hop_rate = p.interferon.diffusion / (SPACING * PATCH) ** 2
    if is_stride(now):
        relax(tissue.interferon, hop_rate, p.interferon.loss, now.stride)
    else:
        diffuse(tissue.interferon, hop_rate, p.interferon.loss, now.stride)
    ledger.interferon = secreted or field_total(amount) > VANISHED * amount.size
    if not ledger.interferon:
        amount[:, :] = FIELD(0.0)
