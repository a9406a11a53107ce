"""Fields at the end of quiet time: they relax around the cells that are there, by the processes of a step."""

from __future__ import annotations

import math

from abm.core.clock import TimeStep
from abm.core.compiled import compiled, uncounted
from abm.core.population import Record
from abm.processes.secretion import spread
from abm.processes.virus import spread_virions
from abm.rules.parameters import Parameters, substances_in
from abm.tissue.state import Tissue

LIVES, LIVES_PER_CALL = 12.0, 3.0  # mean lives of a substance until its field is at steady state; most per call


@uncounted
def calls_for(life: float, hours: float) -> tuple[int, float]:
    """How often a process runs until a field with this mean life [h] is at steady state, and how long each time [h].

    hours: of quiet time, after which it ends at the latest.
    """
    time = min(hours, LIVES * life)
    calls = max(1, math.ceil(time / (LIVES_PER_CALL * life)))
    return calls, time / calls


@compiled
def relax_virions(tissue: Tissue, p: Parameters, effects: Record, stride: TimeStep) -> None:
    """Relax the virions for at most the length of the stride."""
    calls, time = calls_for(1.0 / p.virus.clearance, stride.dt_slow)
    part = TimeStep(stride.seed, stride.tick, stride.dt, 0.0, time, True)
    for _ in range(calls):
        spread_virions(tissue, p, effects, part)


@compiled
def relax_substances(tissue: Tissue, p: Parameters, effects: Record, stride: TimeStep) -> None:
    """Relax all substances for at most the length of the stride."""
    for substance in range(substances_in(p)):
        calls, time = calls_for(1.0 / p.substances[substance].loss, stride.dt_slow)
        part = TimeStep(stride.seed, stride.tick, stride.dt, 0.0, time, True)
        for _ in range(calls):
            spread(substance, tissue, p, effects, part)
