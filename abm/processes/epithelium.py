"""Epithelium: infection, eclipse, expression, death, clearing, regeneration.

A healthy cell carries a threshold, drawn once, exponential with mean 1; its infection hazard adds up and fires when it
reaches the threshold. This is the same law as one draw a step, but exact at any step, without a draw a step, and it
couples twin arms as tightly as can be: the arm with the larger hazard infects the same cell earlier.

The same clock, with a new threshold, runs on in every later state in which others act on the cell: while it
expresses virus, killing by CD8 and NK cells adds up; once it is dead, phagocytosis; on a denuded place, regeneration.
So no draw belongs to a step, and the same cell meets the same chance at any step.

What adds up is looked up every half an hour, by a third of the cells in each step of 10 minutes, and counts for the
half hour around (the midpoint rule: of a hazard that grows at a rate g it misses g^2 / 96 h^2 of itself, 0.03 % while
virus doubles in 4 h). Clocks of infected and dying cells are read in every step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.core.chance import erlang, uniform
from abm.core.clock import TimeStep, end_of, is_slow_only
from abm.core.compiled import compiled, inlined, uncounted
from abm.core.field import FIELD
from abm.core.lattice import BLOCK, PATCH
from abm.core.population import USED, Record, as_int64
from abm.rules import adaptive, cytotoxicity, infection, interferon
from abm.rules.cells import CellKind
from abm.rules.own.rates import Rate, Where, address
from abm.rules.own.rule import OF_PLACE
from abm.rules.parameters import Parameters, parameters_of_virus
from abm.rules.states import Decision, EpithelialState, EpithelialType, VirusOfRun
from abm.rules.substances import Substance
from abm.tissue.block_counts import epithelium_of
from abm.tissue.epithelial_cells import (
    _fresh,
    draw_antiviral_clock,
    draw_threshold,
    dying_clock,
    reaches_threshold,
    recognizes,
    set_state,
    start_dying,
)
from abm.tissue.ruled import is_ruled, ruled
from abm.tissue.state import AMOUNT, EpithelialLayer, Tissue
from abm.tissue.viruses import has_virions

SAMPLING_INTERVAL = 0.5  # h from one look of a cell at the virions and interferon around it to the next; assumed


class Exposure(NamedTuple):
    """What healthy epithelial cells are exposed to in a step."""

    site_start: np.ndarray  # int32[cells + 1]
    sites: np.ndarray  # uint32, flat sites of each epithelial cell
    first: np.ndarray  # float32[sites], virions of the first virus
    second: np.ndarray  # of the second; empty in a run with one
    infectivity: float  # of the first virus, as vaccination leaves it [1/virion/h]
    second_infectivity: float
    to_first: bool  # whether there are virions of the first virus
    to_second: bool
    ruled: bool  # whether rules act on infection or protection
    signals: np.ndarray  # of rules


@inlined
def _lose_protection(cell: Record, share: float, p: interferon.Interferon, time: float) -> int:
    """The next state of a refractory cell: susceptible again some time after the interferon has gone."""
    cell.antiviral_hazard += interferon.return_hazard(share, p) * time
    fired = cell.antiviral_hazard >= cell.antiviral_threshold
    return EpithelialState.HEALTHY.value if fired else EpithelialState.REFRACTORY.value


@compiled
def _at2_share(cell: Record, blocks: np.ndarray) -> float:
    """Share of AT2 cells in the nine blocks around that live; 1 for a bronchiolar cell, renewed from its own kind."""
    if cell.cell_type == EpithelialType.BRONCHIOLAR:
        return 1.0
    block = blocks[cell.y // BLOCK, cell.x // BLOCK]
    return block.at2_alive / block.at2 if block.at2 > 0 else 0.0


@inlined
def _ruled(which: int, rate: float, cell: Record, signals: np.ndarray, p: Parameters) -> float:
    """A rate of an epithelial cell as rules leave it; which: `Rate`."""
    if not is_ruled(which, p):
        return rate
    where = address(which, Where.EPITHELIUM.value, 0)
    return ruled(rate, where, cell.y // BLOCK, cell.x // BLOCK, OF_PLACE, signals, p)


@compiled
def _regenerate(cell: Record, blocks: np.ndarray, signals: np.ndarray, p: Parameters, time: float) -> int:
    """The next state of a denuded place: a new healthy cell, sooner beside living AT2 cells."""
    rate = infection.regeneration_rate(_at2_share(cell, blocks), p.epithelium)
    regenerated = reaches_threshold(cell, _ruled(Rate.REGENERATION.value, rate, cell, signals, p), time)
    return EpithelialState.HEALTHY.value if regenerated else EpithelialState.DENUDED.value


@compiled
def _set_clocks(cell: Record, index: int, state: int, p: Parameters, now: TimeStep) -> None:
    """Draw the clocks of the state that a cell has just entered.

    A waiting time counts from when the last one ended, not from the step that noticed it, so that no state lasts longer
    for a longer step.
    """
    virus = parameters_of_virus(as_int64(cell.virus), p)
    if state == EpithelialState.HEALTHY or state == EpithelialState.REFRACTORY:
        draw_antiviral_clock(cell, index, now.seed)
    elif state == EpithelialState.ECLIPSE:
        cell.infected_at = end_of(now)
        cell.turn += 1
        cell.clock = cell.infected_at + erlang(
            virus.eclipse_time, virus.eclipse_shape, now.seed, Decision.ECLIPSE_TIME, index, cell.turn
        )
    elif state == EpithelialState.EXPRESSING:
        cell.turn += 1
        cell.clock += erlang(
            virus.expressing_time, virus.expressing_shape, now.seed, Decision.EXPRESSING_TIME, index, cell.turn
        )
        draw_threshold(cell, Decision.KILLING, index, now.seed)
    elif state == EpithelialState.APOPTOTIC:
        dying_clock(cell, index, cell.clock, p.epithelium, now.seed)
    elif state == EpithelialState.DEAD:
        cell.clock += _fresh(cell, Decision.CLEARING, index, now.seed) / p.epithelium.clearing_rate
        draw_threshold(cell, Decision.EATING, index, now.seed)
    else:
        draw_threshold(cell, Decision.INFECTION_CLOCK, index, now.seed)


@inlined
def virions_on(index: int, virions: np.ndarray, site_start: np.ndarray, sites: np.ndarray) -> float:
    """Virions on an epithelial cell; virions: float32[sites], flat. Two sums, so that neither waits for the other."""
    first, end = site_start[index], site_start[index + 1]
    middle = first + (end - first) // 2
    one, other = 0.0, 0.0
    for place in range(first, middle):
        one += np.float64(virions[sites[place]])
        other += np.float64(virions[sites[place + middle - first]])
    if (end - first) % 2 == 1:
        one += np.float64(virions[sites[end - 1]])
    return one + other


@compiled
def _exposure(tissue: Tissue, p: Parameters, effects: Record) -> Exposure:
    """What the viruses of a tissue do to its epithelium in this step."""
    left = adaptive.infectivity_left(effects.vaccinated[VirusOfRun.FIRST], p.adaptive)
    left_to_second = adaptive.infectivity_left(effects.vaccinated[VirusOfRun.SECOND], p.adaptive)
    return Exposure(
        tissue.site_start, tissue.sites, tissue.virus[AMOUNT].ravel(), tissue.second_virus[AMOUNT].ravel(),
        p.virus.infectivity * left, parameters_of_virus(VirusOfRun.SECOND.value, p).infectivity * left_to_second,
        bool(tissue.viruses[VirusOfRun.FIRST].present), bool(tissue.viruses[VirusOfRun.SECOND].present),
        is_ruled(Rate.INFECTION.value, p) or is_ruled(Rate.PROTECTION.value, p), tissue.signals,
    )  # fmt: skip


@inlined
def _meet_virus(
    cell: Record, index: int, share: float, exposure: Exposure, p: Parameters, time: float, seed: int
) -> int:
    """The next state of a healthy cell: infection, or protection by interferon, whichever clock fires first.

    share: of the full interferon response.
    """
    first, second, blunting = 0.0, 0.0, p.interferon.infection_blunting * share
    if exposure.to_first:
        here = virions_on(index, exposure.first, exposure.site_start, exposure.sites)
        first = infection.infection_rate(here, exposure.infectivity, blunting)
    if exposure.to_second:
        here = virions_on(index, exposure.second, exposure.site_start, exposure.sites)
        second = infection.infection_rate(here, exposure.second_infectivity, blunting)
    infecting, protection = first + second, interferon.refractory_hazard(share, p.interferon)
    if exposure.ruled:
        infecting = _ruled(Rate.INFECTION.value, infecting, cell, exposure.signals, p)
        protection = _ruled(Rate.PROTECTION.value, protection, cell, exposure.signals, p)
    cell.antiviral_hazard += protection * time
    if reaches_threshold(cell, infecting, time):
        cell.virus = VirusOfRun.FIRST.value
        if second > 0.0:
            chance = uniform(seed, Decision.WHICH_VIRUS, index, as_int64(cell.turn))
            cell.virus = infection.infecting_virus(first, second, chance)
        return EpithelialState.ECLIPSE.value
    if cell.antiviral_hazard >= cell.antiviral_threshold:
        return EpithelialState.REFRACTORY.value
    return EpithelialState.HEALTHY.value


@compiled
def _become(index: int, new: int, epithelium: EpithelialLayer, p: Parameters, now: TimeStep) -> None:
    """Let an epithelial cell change its state, of itself."""
    cell, denuded = epithelium.cells[index], epithelium.states[index] == EpithelialState.DENUDED
    set_state(index, new, epithelium)
    _set_clocks(cell, index, new, p, now)
    if denuded:  # a new cell, with a new threshold of infection
        draw_threshold(cell, Decision.INFECTION_CLOCK, index, now.seed)


@compiled
def _run_clocks(epithelium: EpithelialLayer, p: Parameters, now: TimeStep) -> None:
    """Infected and dying cells go on to their next state at the end of a step that is nearest to their time.

    Neither late nor early on average: noticed by the first step after it, a cell would make virus half a step late, and
    so would all that it infects.
    """
    nearest = end_of(now) + 0.5 * now.dt
    for index in range(epithelium.states.size):
        state, cell = as_int64(epithelium.states[index]), epithelium.cells[index]
        while EpithelialState.ECLIPSE <= state <= EpithelialState.DEAD and nearest >= cell.clock:
            state += 1
            _become(index, state, epithelium, p, now)


@compiled
def sampled_cells(cells: int, now: TimeStep) -> tuple[int, int, float]:
    """Cells that sample their site in this step, from one up to before another, and the time [h] that a sample counts.

    Neighbors look together, as they lie side by side in memory. Where single steps break the rest of a tissue, only a
    third of the cells has looked, for half an hour: right on average, if they come at any time.
    """
    if is_slow_only(now):
        return 0, cells, now.dt_slow
    turns = max(1, round(SAMPLING_INTERVAL / now.dt))
    turn = now.tick % turns
    return cells * turn // turns, cells * (turn + 1) // turns, turns * now.dt


@compiled
def update_epithelium(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """One step of the epithelium; nothing to do while all cells are healthy and free of virus and interferon."""
    exposed = has_virions(tissue.viruses)
    warned = tissue.status[0].present[Substance.INTERFERON] > 0
    warned = warned or is_ruled(Rate.PROTECTION.value, p)
    if not exposed and not warned and tissue.epithelial_counts[EpithelialState.HEALTHY] == tissue.epithelium.size:
        return
    exposure, interferons = _exposure(tissue, p, effects), tissue.fields.interferon[AMOUNT]
    epithelium, states = epithelium_of(tissue), tissue.states
    first, end, time = sampled_cells(states.size, now)
    for index in range(first, end):
        state = as_int64(states[index])
        if state == EpithelialState.HEALTHY and not exposed and not warned:
            continue
        cell, share = tissue.epithelium[index], 0.0
        if warned and state <= EpithelialState.EXPRESSING:
            amount = np.float64(interferons[cell.y // PATCH, cell.x // PATCH])
            share = interferon.response(amount, effects.interferon_left, p.interferon)
        tissue.response[index] = FIELD(share)
        new = state
        if state == EpithelialState.HEALTHY:
            new = _meet_virus(cell, index, share, exposure, p, time, now.seed)
        elif state == EpithelialState.REFRACTORY:
            new = _lose_protection(cell, share, p.interferon, time)
        elif state == EpithelialState.DENUDED:
            new = _regenerate(cell, tissue.blocks, tissue.signals, p, time)
        if new != state:
            _become(index, new, epithelium, p, now)
    _run_clocks(epithelium, p, now)


@compiled
def _teams(mobile: np.ndarray, used: int, states: np.ndarray, epithelium: np.ndarray) -> np.ndarray:
    """How many CD8 cells stand on each epithelial cell that makes virus, and recognize it: int64[cells]."""
    teams = np.zeros(states.size, dtype=np.int64)
    for row in range(used):
        cell = mobile[row]
        on_infected = cell.under >= 0 and states[cell.under] == EpithelialState.EXPRESSING
        if cell.alive and cell.kind == CellKind.CD8 and on_infected:
            teams[cell.under] += recognizes(cell, epithelium[cell.under])
    return teams


@uncounted
def kill_infected(tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """CD8 cells kill the expressing cells they stand on, better together."""
    if tissue.epithelial_counts[EpithelialState.EXPRESSING] > 0:
        _kill_together(tissue, p, now)


@compiled
def _kill_together(tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """The same where cells express virus."""
    teams = _teams(tissue.mobile, tissue.mobile_rows[USED], tissue.states, tissue.epithelium)
    for index in range(teams.size):
        if teams[index] > 0:
            cell, single = tissue.epithelium[index], p.cytotoxicity.cd8_infected
            where = address(Rate.KILLING_OF_INFECTED.value, CellKind.CD8.value, 0)
            single = ruled(single, where, cell.y // BLOCK, cell.x // BLOCK, OF_PLACE, tissue.signals, p)
            rate = cytotoxicity.team_rate(single, teams[index], p.cytotoxicity)
            if reaches_threshold(tissue.epithelium[index], rate, now.dt_slow):
                start_dying(index, epithelium_of(tissue), p.epithelium, now)
