"""Shapes of response shared by all rules."""

from __future__ import annotations

import math

from abm.core.compiled import compiled

NEGLIGIBLE = 1e-40  # of the half-maximal amount: no response, and no overflow at any power


@compiled
def hill(amount: float, half: float, power: float) -> float:
    """Share of the full response, in [0, 1]: amount^n / (half^n + amount^n); amount and half in one unit."""
    if amount <= half * NEGLIGIBLE:
        return 0.0
    ratio = half / amount
    if power == 1.0:  # the usual powers without the cost of a general one
        return 1.0 / (1.0 + ratio)
    if power == 3.0:
        return 1.0 / (1.0 + ratio * ratio * ratio)
    return 1.0 / (1.0 + ratio**power)


@compiled
def relaxed(value: float, target: float, time_constant: float, step: float) -> float:
    """`value` after a `step` [h] on its way to a constant `target` with this time constant [h] (exact)."""
    return target + (value - target) * math.exp(-step / time_constant)


@compiled
def decay_rate(half_life: float) -> float:
    """Rate [1/h] of an exponential decay with this half-life [h]."""
    return math.log(2.0) / half_life
