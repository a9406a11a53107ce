"""A field that is nearly steady, over a long step: sub-steps of unequal length.

The field of resting tissue hardly changes, yet equal sub-steps may be no longer than a site can stand. Here their
lengths follow the zeros of a Chebyshev polynomial (super-time-stepping; Alexiades, Amiez & Gremaud 1996,
doi:10.1002/(SICI)1099-0887(199601)12:1<31::AID-CNM950>3.0.CO;2-5): some are far too long for what is uneven from site
to site, others undo it. n sub-steps go as far as n^2 / 4 equal ones. Loss is taken implicitly, so that it never asks
for more of them.

What comes out: the steady state is that of the discrete equation, whatever the step; the total follows its law
exactly; of what is uneven at least `1 - 1 / cosh(2 DAMPING)` is gone after a step, as it would be. Only in between a
deviation may be too large or too small, by up to 7 % of itself. So this is for a field near its steady state;
`abm.core.field.diffuse` is for all others.
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.compiled import compiled
from abm.core.field import FIELD, diffuse, sub_step

DAMPING = 2.0  # sub-steps over the square root of the equal ones that would be needed; 2 leaves 1 / cosh(4) = 4 %
GOLDEN = 0.381966  # part of the way round that the order of sub-steps goes on each time
HALVINGS = 14  # of the interval in which the slowest mode is sought
GONE_WITHIN = 4.0  # losses in a step at which a field just follows its sources
FEW = 2.0  # hops out of a site in a step, which equal sub-steps take as well


@compiled
def _growth(slowest: float, fastest: float, loss: float, count: int) -> float:
    """Product of all 1 + loss x sub-step: what the total is divided by, for sub-steps that damp these rates [1/h]."""
    middle, half = 0.5 * (fastest + slowest), 0.5 * (fastest - slowest)
    lost = math.cosh(count * math.acosh((middle + loss) / half))
    return lost / math.cosh(count * math.acosh(middle / half))


@compiled
def _slowest_damped(fastest: float, loss: float, time: float, count: int) -> float:
    """The slowest rate [1/h] to be damped such that the total loses exactly what it loses in this time [h]."""
    low, high, wanted = 0.5 / time, 0.5 * fastest, math.exp(loss * time)
    for _ in range(HALVINGS):
        between = math.sqrt(low * high)
        if _growth(between, fastest, loss, count) > wanted:
            low = between
        else:
            high = between
    return math.sqrt(low * high)


@compiled
def _way_round(count: int) -> int:
    """How far to go on in the order of sub-steps each time, so that long and short ones take turns."""
    ahead = max(1, round(GOLDEN * count))
    while math.gcd(ahead, count) != 1:
        ahead += 1
    return ahead


@compiled
def relax(layers: np.ndarray, hop_rate: float, loss: float, time: float) -> None:
    """Carry a nearly steady field over a time, in place.

    layers: float32[3, rows, columns], as in `diffuse`; hop_rate = D / h^2 [1/h]; loss [1/h] > 0; time [h].
    """
    fastest = 8.0 * hop_rate
    if loss * time > GONE_WITHIN or fastest * time < FEW:
        diffuse(layers, hop_rate, loss, time)
        return
    count = 2 * math.ceil(0.5 * DAMPING * math.sqrt(0.5 * fastest * time))
    slowest = _slowest_damped(fastest, loss, time, count)
    middle, half = 0.5 * (fastest + slowest), 0.5 * (fastest - slowest)
    old, new, made = layers[0].ravel(), layers[1].ravel(), layers[2].ravel()
    turn, ahead = 0, _way_round(count)
    for _ in range(count):
        length = 1.0 / (middle + half * math.cos(math.pi * (turn + 0.5) / count))
        gain = length / (1.0 + loss * length)
        spread = float(FIELD(gain * hop_rate))  # as it will be used, so that the shares still sum up to what is kept
        shares = np.array([1.0 - loss * gain - 4.0 * spread, spread, gain]).astype(FIELD)
        sub_step(new, old, made, layers.shape[2], shares)
        old, new = new, old
        turn = (turn + ahead) % count
