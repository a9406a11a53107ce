"""Virions: release, mixing, diffusion, clearance."""

from __future__ import annotations

import math

import numpy as np

from abm.core.clock import TimeStep
from abm.core.compiled import compiled, inlined
from abm.core.field import FIELD, diffuse, field_total
from abm.core.lattice import SPACING, area_of
from abm.core.population import USED, Record
from abm.rules import adaptive, infection
from abm.rules.cells import CellKind
from abm.rules.parameters import Parameters
from abm.rules.response import relax_exactly
from abm.rules.states import EpithelialState
from abm.tissue.census import number_of
from abm.tissue.epithelial_cells import infected_cells
from abm.tissue.state import AMOUNT, SOURCE, Tissue


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
) -> float:  # fmt: skip
    """Fill the virus source and return its total [virion/h]: most virions leave a cell over its own sites, some mix.

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
    return float(made.sum())


@compiled
def _clearance(tissue: Tissue, p: Parameters) -> float:
    """Loss of free virions [1/h] without antibody, which rises with the neutrophils in the section."""
    resting = p.cells[CellKind.NEUTROPHIL].resting_density * area_of(tissue.kind.size)
    if resting <= 0.0:
        return p.virus.clearance
    found = number_of(CellKind.NEUTROPHIL.value, tissue.mobile, tissue.mobile_rows[USED])
    return infection.uptake(found / resting, p.virus.clearance, p.virus.neutrophil_uptake)


@compiled
def _neutralizing(tissue: Tissue, p: Parameters) -> float:
    """Antibody that virions have not taken up, share of the full level."""
    antibody = tissue.node[0].antibody
    if antibody <= 0.0 or not tissue.status[0].virus:
        return antibody
    virions = field_total(tissue.virus[AMOUNT]) / area_of(tissue.kind.size)
    return adaptive.unbound_antibody(antibody, virions, p.adaptive)


@compiled
def _arrive(tissue: Tissue, antibody: float, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Virus comes from the rest of the lung, where drugs and immunity hold it back as they do here.

    The rest is a lung like this one: its virus grows at the rate that they leave (interferon apart), from the
    inoculation on, and as many of its virions come as they leave. antibody: that neutralizes, in [0, 1].
    """
    status = tissue.status[0]
    if effects.inoculum == 0.0:
        status.arrival_growth = 0.0
        return
    loss = infection.virion_loss(p.virus.clearance, antibody, p.virus.antibody_clearance)
    come = effects.release_left * p.virus.clearance / loss * math.exp(status.arrival_growth)
    tissue.virus[AMOUNT] += FIELD(come * effects.inoculum * area_of(1))
    status.viral_rna += come * effects.inoculum * area_of(tissue.kind.size)
    left = effects.release_left * adaptive.infectivity_left(effects.vaccinated, p.adaptive)
    untreated = infection.growth_rate(1.0, p.virus.clearance, p.virus)
    status.arrival_growth += (infection.growth_rate(left, loss, p.virus) - untreated) * now.dt_slow
    status.virus = True


@compiled
def _lose_rna(tissue: Tissue, made: float, p: Parameters, now: TimeStep) -> None:
    """Viral RNA is made with virions [virion/h] and lost; nothing depends on it but what assays of RNA show."""
    status = tissue.status[0]
    if status.viral_rna > 0.0 or made > 0.0:
        rna, loss = status.viral_rna, p.virus.rna_loss
        status.viral_rna = relax_exactly(rna, made / loss, 1.0 / loss, now.dt_slow)


@compiled
def spread_virions(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Release, mixing, diffusion, clearance and antibody; a section with less than a trace of virus has none."""
    virus, status = tissue.virus[AMOUNT], tissue.status[0]
    antibody = _neutralizing(tissue, p)
    _arrive(tissue, antibody, p, effects, now)
    if infected_cells(tissue.epithelial_counts) > 0:
        status.virus = True
    if not status.virus:
        _lose_rna(tissue, 0.0, p, now)
        return
    loss = infection.virion_loss(_clearance(tissue, p), antibody, p.virus.antibody_clearance)
    makers = _makers(tissue.states, tissue.epithelial_counts[EpithelialState.EXPRESSING])
    source = tissue.virus[SOURCE].ravel()
    made = _release(source, makers, tissue.response, tissue.site_start, tissue.sites, p, effects)
    _lose_rna(tissue, made, p, now)
    diffuse(tissue.virus, p.virus.diffusion / SPACING**2, loss, now.dt_slow)
    over = (
        infected_cells(tissue.epithelial_counts) == 0 and effects.inoculum == 0.0
    )  # else a trace may be what came in this step
    if over and field_total(virus) < p.epithelium.extinction:
        virus[:, :] = FIELD(0.0)
        status.virus = False
