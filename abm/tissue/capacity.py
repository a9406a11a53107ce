"""Capacity for more cells and events: how much a step needs, and arrays that grow between steps.

Compiled loops do not check where an array ends, so capacity is made before each step for the most that it can add: for
numbers that are drawn, the expectation and eight standard deviations.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from abm.core.compiled import compiled, uncounted
from abm.core.lattice import area_of
from abm.core.population import ALIVE, Record, grown, has_room
from abm.rules import adaptive
from abm.rules.own.rates import Rate, address
from abm.rules.parameters import Parameters, kinds_in
from abm.tissue.ruled import ruled_at_most
from abm.tissue.state import Tissue

BEYOND, SPARE = 8.0, 64  # standard deviations beyond what is expected, and a few more (assumed)
MOST_CELLS = 5_000_000  # of cancer cells, or of mobile cells, in a section (assumed): about a gigabyte


class CrowdedError(RuntimeError):
    """More cells than a run may hold."""


@compiled
def at_most(expected: float) -> int:
    """A number of events that a Poisson process never exceeds."""
    return int(expected + BEYOND * math.sqrt(expected)) + SPARE


@compiled
def arriving_cancer(area: float, effects: Record) -> int:
    """Cancer cells that arrive in a step in this area [mm2]."""
    return int(effects.arriving_cancer * area + 0.5)


@compiled
def births_at_most(cells: int) -> int:
    """Births that one step can bring this number of cancer cells."""
    return cells + 1


@compiled
def responders_at_most(stages: np.ndarray, mean_time: float, hours: float) -> float:
    """Responders that may leave a chain of stages within some hours: those that are near enough to its end.

    stages: float64[STAGES]; mean_time: of the whole way [h].
    """
    near = min(stages.size, at_most(stages.size / mean_time * hours) - SPARE + int(BEYOND))
    return float(stages[stages.size - near :].sum())


@uncounted
def arrivals_at_most(tissue: Tissue, p: Parameters, effects: Record, step: float) -> int:
    """Mobile cells that one step [h], with the fast steps since the last slow one, can add."""
    hours, responders, come = step * (1 + tissue.status[0].fast_steps_since_sync), 0.0, 0.0
    for number in range(tissue.node.size):
        own, other = tissue.node[number].memory, tissue.node[1 - number].memory
        memory = adaptive.with_cross_reaction(own, other, p.adaptive.cross_reaction)
        delay = adaptive.arrival_delay(memory, p.adaptive)
        responders += responders_at_most(tissue.node[number].stages, delay, hours)
    for kind in range(kinds_in(p)):
        cell = p.cells[kind]
        rate = cell.resting_density * cell.loss + cell.peak_influx
        where = address(Rate.ARRIVAL.value, kind, 0)
        factor = ruled_at_most(1.0, where, p) - ruled_at_most(0.0, where, p)
        arriving = ruled_at_most(rate, where, p) * hours + cell.node_output * responders * factor
        come += arriving * effects.influx_left[kind] + effects.transfer[kind]
    return at_most(area_of(tissue.kind.size) * come)


@compiled
def events_at_most(cells: int) -> int:
    """Events that one step can bring this number of cancer cells."""
    return 4 * cells + 8


@uncounted
def has_capacity(tissue: Tissue, p: Parameters, effects: Record, step: float) -> bool:
    """Whether the arrays hold whatever one step [h], or the slow step before it, can add."""
    cells, status = tissue.cancer_rows[ALIVE], tissue.status[0]
    arriving, arrivals = arriving_cancer(area_of(tissue.kind.size), effects), arrivals_at_most(tissue, p, effects, step)
    births, events = births_at_most(cells + arriving) + arriving, status.events + events_at_most(cells + arriving)
    holds_cancer = has_room(births, tissue.cancer_rows) and status.clones + arriving <= tissue.clones.size
    return holds_cancer and has_room(arrivals, tissue.mobile_rows) and events <= tissue.log.size


def with_capacity(tissue: Tissue, p: Any, effects: Any, step: float) -> Tissue:
    """The same tissue, in which what is too short for a step has room for two such; nothing changes but lengths.

    Raises:
        CrowdedError: there are more cells than a run may hold.
    """
    cells, status = int(tissue.cancer_rows[ALIVE]), tissue.status[0]
    arriving = int(arriving_cancer(area_of(tissue.kind.size), effects))
    births, events = births_at_most(cells + arriving) + arriving, events_at_most(cells + arriving)
    arrivals = arrivals_at_most(tissue, p, effects, step)
    longer: dict[str, int] = {}
    for name, more, rows in (("cancer", births, tissue.cancer_rows), ("mobile", arrivals, tissue.mobile_rows)):
        if rows[ALIVE] > MOST_CELLS or more > MOST_CELLS + 1:
            area = area_of(tissue.kind.size)
            raise CrowdedError(
                f"{int(rows[ALIVE]):,} {name} cells on {area:g} mm2, and up to {more:,} more in a step: "
                f"a run holds {MOST_CELLS:,} at most"
            )
    if not has_room(births, tissue.cancer_rows):
        longer |= dict.fromkeys(("cancer", "cancer_rows", "cancer_next", "cancer_proliferating"), 2 * births)
    if not has_room(arrivals, tissue.mobile_rows):
        longer |= dict.fromkeys(("mobile", "mobile_rows"), 2 * arrivals)
    if status.clones + arriving > tissue.clones.size:
        longer["clones"] = int(status.clones) + arriving - tissue.clones.size
    if status.events + events > tissue.log.size:
        longer["log"] = 2 * events
    return tissue._replace(**{name: grown(getattr(tissue, name), extra) for name, extra in longer.items()})
