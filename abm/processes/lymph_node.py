"""The lymph node: antigen primes, responders travel down a chain of stages, T cells and antibody come out.

CD4 cells help to make antibody and memory; the number of CD8 cells that a first infection sends does not depend on them
(Belz 2002).
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.clock import TimeStep
from abm.core.compiled import compiled, uncounted
from abm.core.population import Record
from abm.rules import adaptive
from abm.rules.cells import CellKind
from abm.rules.parameters import Parameters
from abm.rules.response import relax_exactly
from abm.tissue.census import mean_amount
from abm.tissue.state import Tissue
from abm.tissue.viruses import number_of_viruses

LEFT_OUT = 1e-12  # share of responders, ahead of all others, whose way is cut short
ALL_PASS = 3.0  # chains of stages, passed on average, in which everybody has left: one in 1e30 has not


@compiled
def _shares_passed(moves: float, stages: int) -> np.ndarray:
    """Shares of responders that pass 0, 1, 2 ... stages when they pass `moves` on average: float64[at most stages].

    Poisson, as each of many equal stages is left after an exponential time.
    """
    shares, found, number = np.zeros(stages), math.exp(-moves), 0
    shares[0] = found
    while found < 1.0 - LEFT_OUT and number < stages - 1:
        number += 1
        shares[number] = shares[number - 1] * moves / number
        found += shares[number]
    return shares[: number + 1] / found


@compiled
def travel(stages: np.ndarray, entering: float, mean_time: float, time: float) -> float:
    """Responders travel along a chain of equal stages for some time; returns how many leave its end. Exact.

    stages: float64[STAGES], responders in each; entering: how many enter during this time, taken as in its middle;
    mean_time: of the whole way [h]; time [h].
    """
    moves, before, after = stages.size / mean_time * time, 0.0, 0.0
    if moves > ALL_PASS * stages.size:
        left = stages.sum() + entering
        stages[:] = 0.0
        return left
    shares = _shares_passed(moves, stages.size)
    for stage in range(stages.size - 1, -1, -1):
        before += stages[stage]
        here = 0.0
        for passed in range(min(stage + 1, shares.size)):
            here += shares[passed] * stages[stage - passed]
        stages[stage] = here
        after += here
    if entering > 0.0:
        shares = _shares_passed(0.5 * moves, stages.size)
        for stage in range(shares.size):
            stages[stage] += shares[stage] * entering
    return max(0.0, before - after)


@uncounted
def run_lymph_node(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Priming, expansion and output of one step against each virus, and the inflammation that recruits."""
    node, ifn_gamma = tissue.node[0], mean_amount(tissue.fields.ifn_gamma)
    node.inflammation = relax_exactly(node.inflammation, ifn_gamma, p.recruitment.delay, now.dt_slow)
    viruses, crossing = number_of_viruses(tissue), p.adaptive.cross_reaction
    for number in range(viruses):
        node = tissue.node[number]
        node.memory = max(node.memory, effects.memory_given[number])
        node.antibody = max(node.antibody, effects.antibody_given[number])
    first, second = tissue.node[0].memory, tissue.node[1].memory
    _respond(0, adaptive.with_cross_reaction(first, second, crossing), tissue, p.adaptive, effects, now)
    if viruses > 1:
        _respond(1, adaptive.with_cross_reaction(second, first, crossing), tissue, p.adaptive, effects, now)


@compiled
def _respond(number: int, memory: float, tissue: Tissue, q: adaptive.Adaptive, effects: Record, now: TimeStep) -> None:
    """Priming, expansion and output of one step against one virus, memory and antibody.

    number: `VirusOfRun`; memory: that recognizes this virus, in [0, 1].
    """
    node, infected_share = tissue.node[number], tissue.viruses[number].infected / tissue.epithelium.size
    primed = node.pool * -math.expm1(-adaptive.priming_rate(infected_share, q) * now.dt_slow)
    node.pool = relax_exactly(node.pool - primed, 1.0, q.pool_recovery, now.dt_slow)
    entering = primed * adaptive.response_size(memory, q)
    delay = adaptive.arrival_delay(memory, q)
    left = travel(node.stages, entering, delay, now.dt_slow)
    node.arriving = left / now.dt_slow
    cd4_left = effects.influx_left[CellKind.CD4]
    node.memory = min(1.0, node.memory + adaptive.helped(q.memory_without_cd4, cd4_left) * left)
    entering *= adaptive.helped(q.antibody_without_cd4, cd4_left)
    made = travel(node.antibody_stages, entering, q.antibody_delay * delay / q.delay, now.dt_slow)
    node.antibody = min(1.0, relax_exactly(node.antibody, 0.0, q.antibody_life, now.dt_slow) + made)
