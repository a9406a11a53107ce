"""One equation for every field: dc/dt = D lap c - k c + s, with closed edges.

Explicit sub-steps on the grid of the field. Decay and secretion are integrated exactly within a sub-step (an
exponential Euler scheme, Cox & Matthews 2002, doi:10.1006/jcph.2002.6995), so the steady state is that of the
discrete equation whatever the sub-step, and fields stay positive. On the 40 um grid of IL-6 this costs a tenth of a
cosine transform of the site lattice; `tests/core/test_field.py` holds it against the closed solution.
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.compiled import compiled

LARGEST_LOSS = 0.5  # share lost in a sub-step, about; only antibodies come near
LARGEST_HOP = 0.2  # hops to one neighbor in a sub-step; 0.25 is the limit of stability in two dimensions


@compiled
def sub_steps_for(hop_rate: float, loss: float, step: float) -> int:
    """Even number of sub-steps in a step [h] at this hop rate D / h^2 [1/h] and loss [1/h]."""
    most = max(hop_rate / LARGEST_HOP, loss / LARGEST_LOSS)
    return 2 * max(1, math.ceil(most * step / 2.0))


@compiled
def _spread_row(
    target: np.ndarray, old: np.ndarray, source: np.ndarray, y: int, keep: float, spread: float, gain: float
) -> None:
    """One row of one sub-step: `target` from the field before, `old`."""
    here, above, below = old[y], old[max(y - 1, 0)], old[min(y + 1, old.shape[0] - 1)]
    width = here.size
    last = width - 1
    rest = keep - 4.0 * spread
    middle, left, right = here[1:last], here[: width - 2], here[2:]
    up, down, made, out = above[1:last], below[1:last], source[1:last], target[1:last]
    for x in range(width - 2):
        out[x] = rest * middle[x] + spread * (left[x] + right[x] + (up[x] + down[x])) + gain * made[x]
    for x, inner in ((0, 1), (last, last - 1)):
        out_x = here[x] + here[inner] + (above[x] + below[x])
        target[x] = rest * here[x] + spread * out_x + gain * source[x]


@compiled
def diffuse(layers: np.ndarray, hop_rate: float, loss: float, step: float) -> None:
    """Carry a field over one step, in place.

    layers: float64[3, rows, columns], rows and columns >= 2: the field, scratch space, and what is made per hour,
    constant over the step; hop_rate = D / h^2 [1/h]; loss [1/h] > 0; step [h].
    """
    rows = layers.shape[1]
    source = layers[2]
    sub_steps = sub_steps_for(hop_rate, loss, step)
    keep = math.exp(-loss * step / sub_steps)
    gain = (1.0 - keep) / loss
    spread = gain * hop_rate
    old, new = layers[0], layers[1]
    for _ in range(sub_steps):
        for y in range(rows):
            _spread_row(new[y], old, source[y], y, keep, spread, gain)
        old, new = new, old
