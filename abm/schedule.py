"""One step of the model: the order of events, and nothing else.

The schedule is one compiled function, so that many steps run without a return to Python (which would cost as much as
the step itself).
"""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled
from abm.core.lattice import area_of
from abm.core.population import ALIVE, Record, has_room
from abm.course import Course
from abm.processes.cancer import live_cancer
from abm.processes.census import take_census
from abm.processes.epithelium import kill_infected, live_epithelium
from abm.processes.il6 import spread_il6
from abm.processes.immune import act, leave
from abm.processes.lymph_node import run_lymph_node
from abm.processes.matrix import remodel
from abm.processes.movement import hunt, move
from abm.processes.recruitment import recruit
from abm.processes.rest import is_whole_hour, may_wait, stride_before, waiting_step
from abm.processes.tissue import Now, Tissue, moment
from abm.processes.virus import spread_interferon, spread_virions
from abm.rules.parameters import Parameters
from abm.rules.states import KINDS

ARRIVALS_AT_MOST = 64  # per mm2 and step, far above any influx; room is made before a step or stride, never in it


@compiled
def room_is_left(tissue: Tissue, effects: Record) -> bool:
    """Whether the arrays hold whatever one step can add, and the stride that waits."""
    cells, ledger = tissue.cancer_rows[ALIVE], tissue.ledger[0]
    transferred = 0.0
    for kind in range(KINDS):
        transferred += effects.transfer[kind]
    area = 1.0 + area_of(tissue.kind.size)
    arrivals = int(area * (ARRIVALS_AT_MOST * (1 + ledger.waiting) + 2.0 * transferred))
    events = ledger.events + 3 * cells + 8
    return (
        has_room(cells + 1, tissue.cancer_rows) and has_room(arrivals, tissue.mobile_rows) and events <= tissue.log.size
    )


@compiled
def pass_on(tissue: Tissue, p: Parameters, effects: Record, now: Now) -> None:
    """One turn of the schedule: the events in their order; `now` tells for whom it is how much time.

    Treatments act through `effects`, read where they act.
    """
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


@compiled
def catch_up(tissue: Tissue, p: Parameters, course: Course, now: Now) -> None:
    """Take the stride that tissue at rest waits for, up to the beginning of the step `now`."""
    ledger = tissue.ledger[0]
    if ledger.waiting > 0:
        pass_on(tissue, p, course[now.tick - 1], stride_before(now, ledger.waiting))
        ledger.waiting = 0


@compiled
def advance(tissue: Tissue, p: Parameters, course: Course, start: Now, until: int) -> int:
    """Run steps from `start.tick` up to `until`, or until an array is full; returns the tick reached.

    One turn of the loop is one step. While something goes on all live in it; at rest (see `abm.processes.rest`) only
    those who cannot wait, and all else at the end of an hour.
    """
    tick, ledger = start.tick, tissue.ledger[0]
    while tick < until:
        now, effects = moment(start.seed, tick, start.step), course[tick]
        waits = may_wait(ledger, tissue.tally, course, now)
        idle = waits and ledger.awake == 0 and not is_whole_hour(now)
        if not idle and not room_is_left(tissue, effects):
            break
        ledger.waiting += int(waits)
        if waits and ledger.awake > 0:
            waiting = waiting_step(now, ledger.waiting)
            hunt(tissue, p, waiting)
            live_cancer(tissue, p, effects, waiting)
        elif not waits:
            catch_up(tissue, p, course, now)
            pass_on(tissue, p, effects, now)
        tick += 1
        if waits and is_whole_hour(now):
            catch_up(tissue, p, course, moment(now.seed, tick, now.step))
    return tick


@compiled
def advance_counting(
    tissue: Tissue, p: Parameters, course: Course, start: Now, until: int, every: int, census: np.ndarray
) -> int:
    """The same, and count the section at each multiple of `every` steps that is reached.

    census: CENSUS[n] of zeros, with room for all of them; it is filled from its beginning.
    """
    tick, taken = start.tick, 0
    while tick < until:
        stop = min(until, (tick // every + 1) * every)
        reached = advance(tissue, p, course, moment(start.seed, tick, start.step), stop)
        if reached == stop and reached % every == 0:
            take_census(tissue, reached * start.step, p, census[taken])
            taken += 1
        tick = reached
        if reached < stop:
            break
    return tick
