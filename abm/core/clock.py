"""Time: steps, counted from day 0, and how much of it each step brings to fast and to slow processes."""

from __future__ import annotations

import math
from typing import NamedTuple

from abm.core.compiled import compiled

HOUR, DAY = 1.0, 24.0  # h
ROUNDING = 1e-9  # of a number of hours or days


class TimeStep(NamedTuple):
    """One step: where it stands in time and chance, and how far each process advances in it.

    While anything goes on in a tissue, all processes advance by `dt`. In resting tissue (see `abm.model.multirate`)
    fast processes, which are those of proliferating cancer cells and of lymphocytes, advance more often than others.
    """

    seed: int
    tick: int  # steps since day 0
    dt: float  # length of a step [h]
    dt_fast: float  # by which fast processes advance in this step [h]; 0 if they already have
    dt_slow: float  # time since slow processes last advanced [h]
    closes_slow_step: bool  # whether slow processes advance in this step


@compiled
def time_step(seed: int, tick: int, dt: float) -> TimeStep:
    """A step in which all processes advance by dt [h]."""
    return TimeStep(seed, tick, dt, dt, dt, True)


@compiled
def begins(period: float, now: TimeStep) -> bool:
    """Whether a step is the first of a period [h]; periods follow each other from day 0, whatever the step length."""
    before = now.tick - 1
    return math.floor(now.tick * now.dt / period + ROUNDING) > math.floor(before * now.dt / period + ROUNDING)


@compiled
def steps_since(period: float, now: TimeStep) -> int:
    """Steps of the present period [h] up to this one, and with it."""
    whole = math.floor(now.tick * now.dt / period + ROUNDING)
    return now.tick + 1 - math.ceil(whole * period / now.dt - ROUNDING)


@compiled
def is_slow_only(now: TimeStep) -> bool:
    """Whether this is the slow step of a resting tissue, in which fast processes have advanced already."""
    return now.dt_fast == 0.0


@compiled
def end_of(now: TimeStep) -> float:
    """The hour at which a step ends: what cells find then, they find at its end."""
    return (now.tick + 1) * now.dt
