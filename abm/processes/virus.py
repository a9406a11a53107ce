"""Virions of each virus: release, mixing, diffusion, clearance."""

from __future__ import annotations

import math

import numpy as np

from abm.core.clock import TimeStep
from abm.core.compiled import compiled, inlined, uncounted
from abm.core.field import FIELD, diffuse, field_total
from abm.core.lattice import BLOCK, SPACING, area_of
from abm.core.population import USED, Record
from abm.rules import adaptive, infection
from abm.rules.cells import CellKind
from abm.rules.own.rates import Rate, Where, address
from abm.rules.own.rule import OF_PLACE
from abm.rules.parameters import Parameters, parameters_of_virus
from abm.rules.response import relax_exactly
from abm.rules.states import EpithelialState
from abm.tissue.census import number_of
from abm.tissue.ruled import is_ruled, ruled
from abm.tissue.state import AMOUNT, SOURCE, Tissue
from abm.tissue.viruses import field_of_virus, has_two_viruses, number_of_viruses, virions_in_section


@compiled
def _makers(number: int, tissue: Tissue) -> np.ndarray:
    """The cells that express a virus: int64[cells]."""
    states, cells, only = tissue.states, tissue.epithelium, not has_two_viruses(tissue)
    found, count = np.empty(tissue.epithelial_counts[EpithelialState.EXPRESSING], dtype=np.int64), 0
    for index in range(states.size):
        if states[index] == EpithelialState.EXPRESSING and (only or cells[index].virus == number):
            found[count] = index
            count += 1
    return found[:count]


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
def _ruled_release(rate: float, cell: Record, tissue: Tissue, p: Parameters) -> float:
    """The release of an infected cell [virion/h] as rules leave it."""
    where = address(Rate.RELEASE.value, Where.INFECTED.value, 0)
    return ruled(rate, where, cell.y // BLOCK, cell.x // BLOCK, OF_PLACE, tissue.signals, p)


@compiled
def _release(
    source: np.ndarray, makers: np.ndarray, tissue: Tissue, virus: infection.Virus, release_left: float, p: Parameters
) -> float:
    """Fill the source of a virus and return its total [virion/h]: most virions leave a cell over its own sites.

    makers: int64[expressing cells]; release_left: by treatments.
    """
    made, mixed, site_start = np.empty(makers.size), 0.0, tissue.site_start
    for number in range(makers.size):
        blunting = p.interferon.release_blunting * np.float64(tissue.response[makers[number]])
        made[number] = infection.release_rate(virus.release, blunting, release_left)
        if is_ruled(Rate.RELEASE.value, p):
            made[number] = _ruled_release(made[number], tissue.epithelium[makers[number]], tissue, p)
        mixed += made[number] * virus.mixing
    source[:] = FIELD(mixed / source.size)
    for number in range(makers.size):
        first, end = site_start[makers[number]], site_start[makers[number] + 1]
        local = FIELD(made[number] * (1.0 - virus.mixing) / (end - first))
        _add_on_sites(source, local, tissue.sites, first, end)
    return float(made.sum())


@uncounted
def _clearance(tissue: Tissue, virus: infection.Virus, p: Parameters) -> float:
    """Loss of free virions [1/h] without antibody, which rises with the neutrophils in the section."""
    resting = p.cells[CellKind.NEUTROPHIL].resting_density * area_of(tissue.kind.size)
    if resting <= 0.0:
        return virus.clearance
    found = number_of(CellKind.NEUTROPHIL.value, tissue.mobile, tissue.mobile_rows[USED])
    return infection.uptake(found / resting, virus.clearance, virus.neutrophil_uptake)


@uncounted
def _neutralizing(number: int, tissue: Tissue, p: Parameters) -> float:
    """Antibody against a virus that its virions have not taken up, share of the full level."""
    own, other = tissue.node[number].antibody, tissue.node[1 - number].antibody
    antibody = adaptive.with_cross_reaction(own, other, p.adaptive.cross_neutralization)
    if antibody <= 0.0 or not tissue.viruses[number].present:
        return antibody
    virions = virions_in_section(number, tissue) / area_of(tissue.kind.size)
    return adaptive.unbound_antibody(antibody, virions, p.adaptive)


@compiled
def _arrive(number: int, tissue: Tissue, antibody: float, p: Parameters, effects: Record, now: TimeStep) -> None:
    """A virus comes from the rest of the lung, where drugs and immunity hold it back as they do here.

    The rest is a lung like this one: its virus grows at the rate that they leave (interferon apart), from the
    inoculation on, and as many of its virions come as they leave. antibody: that neutralizes, in [0, 1].
    """
    state, virus, inoculum = tissue.viruses[number], parameters_of_virus(number, p), effects.inoculum[number]
    if inoculum == 0.0:
        state.arrival_growth = 0.0
        return
    release_left = effects.release_left[number]
    loss = infection.virion_loss(virus.clearance, antibody, virus.antibody_clearance)
    come = release_left * virus.clearance / loss * math.exp(state.arrival_growth)
    field_of_virus(number, tissue)[AMOUNT] += FIELD(come * inoculum * area_of(1))
    state.rna += come * inoculum * area_of(tissue.kind.size)
    left = release_left * adaptive.infectivity_left(effects.vaccinated[number], p.adaptive)
    untreated = infection.growth_rate(1.0, virus.clearance, virus)
    state.arrival_growth += (infection.growth_rate(left, loss, virus) - untreated) * now.dt_slow
    state.present = True


@compiled
def _lose_rna(state: Record, made: float, loss: float, now: TimeStep) -> None:
    """Viral RNA is made with virions [virion/h] and lost; nothing depends on it but what assays of RNA show."""
    if state.rna > 0.0 or made > 0.0:
        state.rna = relax_exactly(state.rna, made / loss, 1.0 / loss, now.dt_slow)


@compiled
def _spread(number: int, tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """One step of the virions of one virus; number: `VirusOfRun`."""
    state, virus, field = tissue.viruses[number], parameters_of_virus(number, p), field_of_virus(number, tissue)
    antibody = _neutralizing(number, tissue, p)
    _arrive(number, tissue, antibody, p, effects, now)
    if state.infected > 0:
        state.present = True
    if not state.present:
        _lose_rna(state, 0.0, virus.rna_loss, now)
        return
    loss = infection.virion_loss(_clearance(tissue, virus, p), antibody, virus.antibody_clearance)
    made = _release(field[SOURCE].ravel(), _makers(number, tissue), tissue, virus, effects.release_left[number], p)
    _lose_rna(state, made, virus.rna_loss, now)
    diffuse(field, virus.diffusion / SPACING**2, loss, now.dt_slow)
    over = state.infected == 0 and effects.inoculum[number] == 0.0  # else a trace may be what came in this step
    if over and field_total(field[AMOUNT]) < p.epithelium.extinction:
        field[AMOUNT][:, :] = FIELD(0.0)
        state.present = False


@uncounted
def spread_virions(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Release, mixing, diffusion, clearance and antibody; a section with less than a trace of a virus has none."""
    for number in range(number_of_viruses(tissue)):
        _spread(number, tissue, p, effects, now)
