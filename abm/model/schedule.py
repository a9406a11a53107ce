"""The schedule: the order of events in a step, and which steps are taken.

It is one compiled function, so that many steps run without a return to Python (which would cost as much as the step
itself); and only one, as it takes two seconds to compile a function that passes the whole tissue on.
"""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled
from abm.model.multirate import may_wait, stride_before, waiting_step
from abm.processes.cancer import live_cancer
from abm.processes.epithelium import kill_infected, live_epithelium
from abm.processes.il6 import spread_il6
from abm.processes.immune import act, leave
from abm.processes.lymph_node import run_lymph_node
from abm.processes.matrix import remodel
from abm.processes.movement import move
from abm.processes.recruitment import recruit
from abm.processes.virus import spread_interferon, spread_virions
from abm.rules.parameters import Parameters
from abm.tissue.capacity import room_is_left
from abm.tissue.cell_order import tidy
from abm.tissue.census import take_census
from abm.tissue.state import DAY, HOUR, Now, Tissue, begins, moment
from abm.treatments.course import Course


@compiled
def advance(  # noqa: PLR0915  (one line an event)
    tissue: Tissue, p: Parameters, course: Course, start: Now, until: int, every: int, census: np.ndarray
) -> int:
    """Run steps from `start.tick` up to `until`, or until an array is full; returns the tick reached.

    One turn of the loop is one step, or the stride that brings tissue at rest (see `abm.model.multirate`) up to date:
    at the end of an hour, before a step that has to be followed, and where no step is asked for, so that something else
    may change after it. `turn` tells for whom it is how much time. Treatments act through `effects`, read where they
    act.

    every, census: CENSUS[n] of zeros, filled from its beginning at each multiple of `every` steps that is reached.
    """
    now, ledger, settles, counted = start, tissue.ledger[0], until == start.tick, 0
    while True:
        late = ledger.waiting > 0 and (settles or begins(HOUR, now))
        if not late and now.tick // every - start.tick // every > counted and counted < census.size:
            take_census(tissue, now.tick * now.step, p, census[counted])
            counted += 1
        if now.tick >= until and not late:
            break
        waits = not late and may_wait(ledger, tissue.tally, course, now)
        behind = ledger.waiting > 0 and not waits
        if not behind and not room_is_left(tissue, p, course[now.tick], now.step):
            break
        effects = course[now.tick - int(behind)]
        if not waits:
            turn = stride_before(now, ledger.waiting) if behind else now
            ledger.waiting = 0
            spread_virions(tissue, p, effects, turn)
            spread_interferon(tissue, p, turn)
            live_epithelium(tissue, p, effects, turn)
            spread_il6(tissue, p, effects, turn)
            run_lymph_node(tissue, p, effects, turn)
            recruit(tissue, p, effects, turn)
            leave(tissue, p, effects, turn)
            move(tissue, p, turn)
            act(tissue, p, turn)
            kill_infected(tissue, p, turn)
            remodel(tissue, p, turn)
            live_cancer(tissue, p, effects, turn)
        else:
            ledger.waiting += 1
            if ledger.awake > 0:
                turn = waiting_step(now, ledger.waiting)
                move(tissue, p, turn)
                live_cancer(tissue, p, effects, turn)
        if not behind:
            now = moment(now.seed, now.tick + 1, now.step)
            if begins(DAY, now):
                tidy(tissue)
    return now.tick
