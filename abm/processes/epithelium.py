"""Epithelium: infection, eclipse, expression, death, clearing, regeneration.

A healthy cell carries a threshold, drawn once, exponential with mean 1; its infection hazard adds up step by step and
fires when it reaches the threshold. This is the same law as one draw a step, but exact at any step, without a draw a
step, and it couples twin arms as tightly as can be: the arm with the larger hazard infects the same cell earlier.
"""

from __future__ import annotations

import numpy as np

from abm.core.chance import erlang, happens, waiting_time
from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, PATCH
from abm.core.population import USED, Record, whole
from abm.processes.presence import mucosa_of
from abm.processes.tissue import AMOUNT, Mucosa, Now, Tissue
from abm.rules import cytotoxicity, infection, interferon
from abm.rules.parameters import Parameters
from abm.rules.states import CellKind, Decision, EpithelialState, Lining


@compiled
def middle_of(now: Now) -> float:
    """The hour in the middle of a step: what happens within it happens then, on average."""
    return (now.tick + 0.5) * now.step


@compiled
def enter(index: int, state: int, mucosa: Mucosa) -> None:
    """Put an epithelial cell in a state and keep the tallies."""
    cell, before = mucosa.epithelium[index], whole(mucosa.states[index])
    mucosa.tally[before] -= 1
    mucosa.tally[state] += 1
    if cell.lining == Lining.AT2:
        lost = int(state >= EpithelialState.APOPTOTIC) - int(before >= EpithelialState.APOPTOTIC)
        if lost != 0:
            _count_at2(cell, -lost, mucosa.blocks)
    mucosa.states[index] = state


@compiled
def _count_at2(cell: Record, more: int, blocks: np.ndarray) -> None:
    """Count living AT2 cells in the block of a cell and the eight around it, whose cells they help to renew."""
    rows, columns = blocks.shape
    for y in range(max(cell.y // BLOCK - 1, 0), min(cell.y // BLOCK + 2, rows)):
        for x in range(max(cell.x // BLOCK - 1, 0), min(cell.x // BLOCK + 2, columns)):
            blocks[y, x].at2_alive += more


@compiled
def _fresh(cell: Record, decision: int, index: int, seed: int) -> float:
    """The next waiting time of this cell."""
    cell.turn += 1
    return waiting_time(seed, decision, index, cell.turn)


@compiled
def draw_threshold(cell: Record, index: int, seed: int) -> None:
    """Set a fresh hazard clock."""
    cell.hazard = 0.0
    cell.threshold = _fresh(cell, Decision.INFECTION_CLOCK, index, seed)


@compiled
def draw_shield(cell: Record, index: int, seed: int) -> None:
    """Set a fresh clock of the interferon response."""
    cell.shield = 0.0
    cell.shield_threshold = _fresh(cell, Decision.REFRACTORY_CLOCK, index, seed)


@compiled
def dying_clock(cell: Record, index: int, since: float, p: infection.Epithelium, seed: int) -> None:
    """Set the time at which a cell that is apoptotic since this hour is dead."""
    cell.clock = since + _fresh(cell, Decision.DEATH_TIME, index, seed) * p.apoptosis_time


@compiled
def _meet_virus(cell: Record, virions: float, share: float, infectivity: float, p: Parameters, step: float) -> int:
    """The next state of a healthy cell: infection, or protection by interferon, whichever clock fires first."""
    rate = infection.infection_rate(virions, infectivity, p.interferon.infection_blunting * share)
    cell.hazard += rate * step
    cell.shield += interferon.refractory_hazard(share, p.interferon) * step
    if cell.hazard >= cell.threshold:
        return EpithelialState.ECLIPSE.value
    if cell.shield >= cell.shield_threshold:
        return EpithelialState.REFRACTORY.value
    return EpithelialState.HEALTHY.value


@compiled
def _lose_shield(cell: Record, share: float, p: interferon.Interferon, step: float) -> int:
    """The next state of a refractory cell: susceptible again some time after the interferon has gone."""
    cell.shield += interferon.return_hazard(share, p) * step
    fired = cell.shield >= cell.shield_threshold
    return EpithelialState.HEALTHY.value if fired else EpithelialState.REFRACTORY.value


@compiled
def _at2_share(cell: Record, blocks: np.ndarray) -> float:
    """Share of AT2 cells in the nine blocks around that live; 1 for a bronchiolar cell, renewed from its own kind."""
    if cell.lining == Lining.BRONCHIOLAR:
        return 1.0
    block = blocks[cell.y // BLOCK, cell.x // BLOCK]
    return block.at2_alive / block.at2 if block.at2 > 0 else 0.0


@compiled
def _regenerate(cell: Record, blocks: np.ndarray, p: infection.Epithelium, step: float) -> int:
    """The next state of a denuded place: a new healthy cell, sooner beside living AT2 cells."""
    cell.hazard += infection.regeneration_rate(_at2_share(cell, blocks), p) * step
    return EpithelialState.HEALTHY.value if cell.hazard >= cell.threshold else EpithelialState.DENUDED.value


@compiled
def _set_clocks(cell: Record, index: int, state: int, p: Parameters, now: Now) -> None:
    """Draw the clocks of the state that a cell has just entered.

    A waiting time counts from when the last one ended, not from the step that noticed it, so that no state lasts longer
    for a longer step.
    """
    if state == EpithelialState.HEALTHY or state == EpithelialState.REFRACTORY:
        draw_shield(cell, index, now.seed)
    elif state == EpithelialState.ECLIPSE:
        cell.infected_at = middle_of(now)
        cell.turn += 1
        cell.clock = cell.infected_at + erlang(
            p.virus.eclipse_time, p.virus.eclipse_shape, now.seed, Decision.ECLIPSE_TIME, index, cell.turn
        )
    elif state == EpithelialState.EXPRESSING:
        cell.turn += 1
        cell.clock += erlang(
            p.virus.expressing_time, p.virus.expressing_shape, now.seed, Decision.EXPRESSING_TIME, index, cell.turn
        )
    elif state == EpithelialState.APOPTOTIC:
        dying_clock(cell, index, cell.clock, p.epithelium, now.seed)
    elif state == EpithelialState.DEAD:
        cell.clock += _fresh(cell, Decision.CLEARING, index, now.seed) / p.epithelium.clearing_rate
    else:
        draw_threshold(cell, index, now.seed)


@compiled
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
def live_epithelium(tissue: Tissue, p: Parameters, effects: Record, now: Now) -> None:
    """One step of every epithelial cell; nothing to do while all are healthy and free of virus and interferon."""
    warned, exposed = tissue.ledger[0].interferon, tissue.ledger[0].virus
    if not exposed and not warned and tissue.tally[EpithelialState.HEALTHY] == tissue.epithelium.size:
        return
    virions, interferons = tissue.virus[AMOUNT].ravel(), tissue.interferon[AMOUNT]
    mucosa, states = mucosa_of(tissue), tissue.states
    infectivity = p.virus.infectivity * (1.0 - p.adaptive.vaccine_protection * effects.vaccinated)
    for index in range(tissue.epithelium.size):
        state = whole(states[index])
        if state == EpithelialState.HEALTHY and not exposed and not warned:
            continue
        cell = tissue.epithelium[index]
        if state <= EpithelialState.REFRACTORY:
            share = 0.0
            if warned:
                amount = np.float64(interferons[cell.y // PATCH, cell.x // PATCH])
                share = interferon.response(amount, effects.interferon_left, p.interferon)
            if state == EpithelialState.REFRACTORY:
                new = _lose_shield(cell, share, p.interferon, now.stride)
            else:
                here = virions_on(index, virions, tissue.site_start, tissue.sites) if exposed else 0.0
                new = _meet_virus(cell, here, share, infectivity, p, now.stride)
        elif state == EpithelialState.DENUDED:
            new = _regenerate(cell, tissue.blocks, p.epithelium, now.stride)
        else:
            new = state + 1 if middle_of(now) >= cell.clock else state
        if new != state:
            enter(index, new, mucosa)
            _set_clocks(cell, index, new, p, now)
            if state == EpithelialState.DENUDED:  # a new cell, with a new threshold of infection
                draw_threshold(cell, index, now.seed)


@compiled
def start_dying(index: int, mucosa: Mucosa, p: infection.Epithelium, now: Now) -> None:
    """An infected cell is killed: it becomes apoptotic."""
    enter(index, EpithelialState.APOPTOTIC.value, mucosa)
    dying_clock(mucosa.epithelium[index], index, middle_of(now), p, now.seed)


@compiled
def clear_away(index: int, mucosa: Mucosa, seed: int) -> None:
    """A dead cell is eaten; its place waits for regeneration."""
    enter(index, EpithelialState.DENUDED.value, mucosa)
    draw_threshold(mucosa.epithelium[index], index, seed)


@compiled
def _teams(mobile: np.ndarray, used: int, states: np.ndarray) -> np.ndarray:
    """How many CD8 cells stand on each epithelial cell that makes virus: int64[cells]."""
    teams = np.zeros(states.size, dtype=np.int64)
    for row in range(used):
        cell = mobile[row]
        if cell.alive and cell.kind == CellKind.CD8 and cell.under >= 0:
            teams[cell.under] += states[cell.under] == EpithelialState.EXPRESSING
    return teams


@compiled
def kill_infected(tissue: Tissue, p: Parameters, now: Now) -> None:
    """CD8 cells kill the expressing cells they stand on, better together."""
    if tissue.tally[EpithelialState.EXPRESSING] == 0:
        return
    teams = _teams(tissue.mobile, tissue.mobile_rows[USED], tissue.states)
    for index in range(teams.size):
        if teams[index] > 0:
            rate = cytotoxicity.team_rate(p.cytotoxicity.cd8_infected, teams[index], p.cytotoxicity)
            if happens(rate, now.stride, now.seed, Decision.KILLING, index, now.tick):
                start_dying(index, mucosa_of(tissue), p.epithelium, now)
