"""Tissue at rest: when nothing is going on, and how time passes then.

Without virus, without an infected, dying or dead epithelial cell and with hardly any alarm, nothing changes within
minutes but awake cancer cells and, while there are any, lymphocytes. These live in every step; all else takes strides,
up to the next whole hour, or to the step in which something is done to the tissue. Until then it waits, and whoever
reads a field, or the place of another cell, reads what the last stride left.
"""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled
from abm.core.population import Record
from abm.processes.virus import infected_cells
from abm.rules.states import KINDS, EpithelialState
from abm.tissue.state import Now
from abm.treatments.course import Course

EASED = 0.05  # alarm from which on it only fades, in days; assumed
STEADY = 0.01  # share by which what treatments do may change in an hour and be steady; antibodies stay for weeks


@compiled
def is_at_rest(ledger: Record, tally: np.ndarray) -> bool:
    """Whether nothing in a tissue is going on that has to be followed step by step, but by who is awake or hunts."""
    dying = tally[EpithelialState.APOPTOTIC] + tally[EpithelialState.DEAD]
    return not ledger.virus and ledger.alarm < EASED and infected_cells(tally) + dying == 0


@compiled
def _is_struck(effects: Record) -> bool:
    """Whether something is put into the tissue in this step."""
    struck = effects.inoculum > 0.0 or effects.immunity > 0.0
    for kind in range(KINDS):
        struck = struck or effects.transfer[kind] > 0.0
    return struck


@compiled
def _differ(now: float, before: float, step: float) -> bool:
    """Whether a number of the course is not steady from one step [h] to the next."""
    return abs(now - before) > STEADY * step * max(now, before)


@compiled
def _is_steady(now: Record, before: Record, step: float) -> bool:
    """Whether treatments do in a step what they did in the one before."""
    differ = _differ(now.il6_secretion, before.il6_secretion, step) or _differ(now.il6_loss, before.il6_loss, step)
    differ = differ or _differ(now.receptor_left, before.receptor_left, step)
    differ = differ or _differ(now.stat_left, before.stat_left, step)
    differ = differ or _differ(now.interferon_left, before.interferon_left, step)
    for kind in range(KINDS):
        differ = differ or _differ(now.removal[kind], before.removal[kind], step)
        differ = differ or _differ(now.influx_left[kind], before.influx_left[kind], step)
    return not differ


@compiled
def may_wait(ledger: Record, tally: np.ndarray, course: Course, now: Now) -> bool:
    """Whether tissue can take this step as part of a stride: at rest, with nothing done to it that is new."""
    if not is_at_rest(ledger, tally) or _is_struck(course[now.tick]):
        return False
    return now.tick == 0 or _is_steady(course[now.tick], course[now.tick - 1], now.step)


@compiled
def waiting_step(now: Now, waiting: int) -> Now:
    """A step of a tissue at rest, in which only those live who cannot wait; waiting: steps, with this one."""
    return Now(now.seed, now.tick, now.step, now.step, waiting * now.step, False)


@compiled
def stride_before(now: Now, waiting: int) -> Now:
    """The stride of so many steps that brings all else up to date, to the beginning of a step."""
    return Now(now.seed, now.tick - 1, now.step, 0.0, waiting * now.step, True)
