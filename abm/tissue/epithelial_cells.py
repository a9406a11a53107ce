"""Epithelial cells and what is kept about them: their states and counts, and the clocks that others let run."""

from __future__ import annotations

import numpy as np

from abm.core.chance import waiting_time
from abm.core.clock import TimeStep, end_of
from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK
from abm.core.population import Record, as_int64
from abm.rules import infection
from abm.rules.states import Decision, EpithelialState, EpithelialType
from abm.tissue.state import EpithelialLayer, Niche


@compiled
def is_infected(state: int) -> bool:
    """Whether an epithelial cell is in eclipse or expressing."""
    return state == EpithelialState.ECLIPSE or state == EpithelialState.EXPRESSING


@compiled
def _count_at2(cell: Record, more: int, blocks: np.ndarray) -> None:
    """Count living AT2 cells in the block of a cell and the eight around it, whose cells they help to renew."""
    rows, columns = blocks.shape
    for y in range(max(cell.y // BLOCK - 1, 0), min(cell.y // BLOCK + 2, rows)):
        for x in range(max(cell.x // BLOCK - 1, 0), min(cell.x // BLOCK + 2, columns)):
            blocks[y, x].at2_alive += more


@compiled
def set_state(index: int, state: int, epithelium: EpithelialLayer) -> None:
    """Put an epithelial cell in a state and update the counts."""
    cell, before = epithelium.cells[index], as_int64(epithelium.states[index])
    epithelium.counts[before] -= 1
    epithelium.counts[state] += 1
    if cell.cell_type == EpithelialType.AT2:
        lost = int(state >= EpithelialState.APOPTOTIC) - int(before >= EpithelialState.APOPTOTIC)
        if lost != 0:
            _count_at2(cell, -lost, epithelium.blocks)
    newly_infected = int(is_infected(state)) - int(is_infected(before))
    epithelium.niche[Niche.INFECTED, cell.y // BLOCK, cell.x // BLOCK] += newly_infected
    epithelium.viruses[cell.virus].infected += newly_infected
    epithelium.states[index] = state


@compiled
def _fresh(cell: Record, decision: int, index: int, seed: int) -> float:
    """The next waiting time of this cell."""
    cell.turn += 1
    return waiting_time(seed, decision, index, cell.turn)


@compiled
def draw_threshold(cell: Record, decision: int, index: int, seed: int) -> None:
    """Set a fresh hazard clock."""
    cell.hazard = 0.0
    cell.threshold = _fresh(cell, decision, index, seed)


@inlined
def reaches_threshold(cell: Record, rate: float, time: float) -> bool:
    """Let a hazard [1/h] act on an epithelial cell for some time [h]; whether that fires its clock."""
    cell.hazard += rate * time
    return cell.hazard >= cell.threshold


@compiled
def draw_antiviral_clock(cell: Record, index: int, seed: int) -> None:
    """Set a fresh clock of the interferon response."""
    cell.antiviral_hazard = 0.0
    cell.antiviral_threshold = _fresh(cell, Decision.REFRACTORY_CLOCK, index, seed)


@compiled
def dying_clock(cell: Record, index: int, since: float, p: infection.Epithelium, seed: int) -> None:
    """Set the time at which a cell that is apoptotic since this hour is dead."""
    cell.clock = since + _fresh(cell, Decision.DEATH_TIME, index, seed) * p.apoptosis_time


@compiled
def start_dying(index: int, epithelium: EpithelialLayer, p: infection.Epithelium, now: TimeStep) -> None:
    """An infected cell is killed: it becomes apoptotic."""
    set_state(index, EpithelialState.APOPTOTIC.value, epithelium)
    dying_clock(epithelium.cells[index], index, end_of(now), p, now.seed)


@compiled
def clear_away(index: int, epithelium: EpithelialLayer, seed: int) -> None:
    """A dead cell is phagocytosed; its place waits for regeneration."""
    set_state(index, EpithelialState.DENUDED.value, epithelium)
    draw_threshold(epithelium.cells[index], Decision.INFECTION_CLOCK, index, seed)


@inlined
def recognizes(mobile_cell: Record, infected_cell: Record) -> int:
    """1 where a mobile cell recognizes the virus of an infected cell, else 0."""
    return (as_int64(mobile_cell.recognizes) >> as_int64(infected_cell.virus)) & 1


@compiled
def infected_cells(epithelial_counts: np.ndarray) -> int:
    """Cells in eclipse or expressing."""
    return epithelial_counts[EpithelialState.ECLIPSE] + epithelial_counts[EpithelialState.EXPRESSING]


@compiled
def state_under(cell: Record, states: np.ndarray) -> int:
    """State of the epithelial cell under a mobile cell; healthy where there is none."""
    return as_int64(states[cell.under]) if cell.under >= 0 else EpithelialState.HEALTHY.value
