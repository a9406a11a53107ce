"""The lymph node: antigen primes, responders travel down a chain of stages, T cells and antibody come out."""

from __future__ import annotations

import math

import numpy as np

from abm.core.compiled import compiled
from abm.core.population import Record
from abm.processes.il6 import mean_il6
from abm.processes.tissue import Now, Tissue
from abm.processes.virus import infected_cells
from abm.rules import adaptive
from abm.rules.parameters import Parameters
from abm.rules.recruitment import RELAYS, Recruitment
from abm.rules.response import relaxed


@compiled
def _travel(stages: np.ndarray, entering: float, mean_time: float, step: float) -> float:
    """Move responders along a chain of equal stages for one step [h]; returns what leaves the last."""
    moved_share = min(1.0, stages.size / mean_time * step)  # so that the mean delay does not depend on the step
    leaving = entering
    for stage in range(stages.size):
        moved = stages[stage] * moved_share
        stages[stage] += leaving - moved
        leaving = moved
    return leaving


@compiled
def relay(inflammation: np.ndarray, il6: float, p: Recruitment, hours: float) -> None:
    """Pass the section's mean IL-6 [ng/mL] on from relay to relay; the last one recruits."""
    for number in range(RELAYS):
        inflammation[number] = relaxed(inflammation[number], il6, p.inflammation_memory / RELAYS, hours)
        il6 = inflammation[number]


@compiled
def run_lymph_node(tissue: Tissue, p: Parameters, effects: Record, now: Now) -> None:
    """Priming, expansion and output of one step, memory, antibody, and the inflammation that recruits."""
    node, q = tissue.node[0], p.adaptive
    relay(node.inflammation, mean_il6(tissue.il6), p.recruitment, now.stride)
    if effects.immunity > 0.0:
        node.memory = max(node.memory, effects.immunity)
        node.antibody = max(node.antibody, effects.immunity)
    infected_share = infected_cells(tissue.tally) / tissue.epithelium.size
    primed = node.pool * -math.expm1(-adaptive.priming_rate(infected_share, q) * now.stride)
    node.pool = relaxed(node.pool - primed, 1.0, q.pool_recovery, now.stride)
    entering = primed * adaptive.response_size(node.memory, q)
    delay = adaptive.arrival_delay(node.memory, q)
    left = _travel(node.stages, entering, delay, now.stride)
    node.arriving = left / now.stride
    node.memory = min(1.0, node.memory + left)
    made = _travel(node.antibody_stages, entering, q.antibody_delay * delay / q.delay, now.stride)
    node.antibody = min(1.0, relaxed(node.antibody, 0.0, q.antibody_life, now.stride) + made)
