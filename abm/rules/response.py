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
def decay_factor(time_constant: float, step: float) -> float:
    """Share of a deviation that is left after a `step` [h] at this time constant [h]."""
    return math.exp(-step / time_constant)


@compiled
def relax_towards(value: float, target: float, kept_share: float) -> float:
    """`value` on its way to a constant `target`, with this share of the distance left."""
    return target + (value - target) * kept_share


@compiled
def relax_exactly(value: float, target: float, time_constant: float, step: float) -> float:
    """`value` after a `step` [h] on its way to a constant `target` with this time constant [h] (exact)."""
    return relax_towards(value, target, decay_factor(time_constant, step))


@compiled
def exp_neg_approx(exponent: float) -> float:
    """exp(-x) for x >= 0 as the inverse of a polynomial, without a call, so that the loop around it is vectorized.

    In (0, 1], falling, exact at 0; above exp(-x) by 2e-6 at x = 0.2, 1e-4 at 0.5, 1.4e-3 at 1, 1.2e-2 at most. It is
    the share of a deviation that is left, so steady states are exact whatever its error.
    """
    return 1.0 / (1.0 + exponent * (1.0 + exponent / 2.0 * (1.0 + exponent / 3.0 * (1.0 + exponent / 4.0))))


@compiled
def decay_rate(half_life: float) -> float:
    """Rate [1/h] of an exponential decay with this half-life [h]."""
    return math.log(2.0) / half_life
