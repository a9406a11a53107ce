"""One step of the model: the order of events, and nothing else.

The schedule is one compiled function, so that many steps run without a return to Python (which would cost as much as
the step itself).
"""

from __future__ import annotations

from abm.core.compiled import compiled
from abm.core.lattice import area_of
from abm.core.population import ALIVE, Record, has_room
from abm.course import Course
from abm.processes.cancer import live_cancer
from abm.processes.epithelium import kill_infected, live_epithelium
from abm.processes.il6 import spread_il6
from abm.processes.immune import act, leave
from abm.processes.lymph_node import run_lymph_node
from abm.processes.matrix import remodel
from abm.processes.movement import move
from abm.processes.recruitment import recruit
from abm.processes.tissue import Now, Tissue
from abm.processes.virus import spread_interferon, spread_virions
from abm.rules.parameters import Parameters
from abm.rules.states import KINDS

ARRIVALS_AT_MOST = 64  # per mm2 and step, far above any influx; room is made before a step, never in it


@compiled
def room_is_left(tissue: Tissue, effects: Record) -> bool:
    """Whether the arrays hold whatever one step can add."""
    cells = tissue.cancer_rows[ALIVE]
    area = 1.0 + area_of(tissue.kind.size)
    transferred = 0.0
    for kind in range(KINDS):
        transferred += effects.transfer[kind]
    arrivals = int(area * (ARRIVALS_AT_MOST + 2.0 * transferred))
    events = tissue.ledger[0].events + 3 * cells + 8
    return (
        has_room(cells + 1, tissue.cancer_rows) and has_room(arrivals, tissue.mobile_rows) and events <= tissue.log.size
    )


@compiled
def advance(tissue: Tissue, p: Parameters, course: Course, start: Now, until: int) -> int:
    """Run steps from `start.tick` up to `until`, or until an array is full; returns the tick reached.

    One turn of the loop is one step, its lines the events in their order. Treatments act through `effects`, read where
    they act.
    """
    tick = start.tick
    while tick < until and room_is_left(tissue, course[tick]):
        now, effects = Now(start.seed, tick, start.step), course[tick]
        spread_virions(tissue, p, effects, now)
        spread_interferon(tissue, p, now)
        live_epithelium(tissue, p, effects, now)
        spread_il6(tissue, p, effects, now)
        run_lymph_node(tissue, p, effects, now)
        recruit(tissue, p, effects, now)
        leave(tissue, p, effects, now)
        move(tissue, p, now)
        act(tissue, p, now)
        kill_infected(tissue, p, now)
        remodel(tissue, p, now)
        live_cancer(tissue, p, effects, now)
        tick += 1
    return tick
