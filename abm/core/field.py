"""One equation for every field: dc/dt = D lap c - k c + s, with closed edges.

Explicit sub-steps on the grid of the field. Decay and secretion are integrated exactly within a sub-step (an
exponential Euler scheme, Cox & Matthews 2002, doi:10.1006/jcph.2002.6995), so the steady state is that of the
discrete equation whatever the sub-step, and fields stay positive. On the 40 um grid of IL-6 this costs a tenth of a
cosine transform of the site lattice; `tests/core/test_field.py` compares it with the analytical solution.

Fields are float32: half the memory to move and twice the numbers a vector instruction takes. The rounding adds up to
some 1e-5 of the amount at most, a hundredth of the error of the grid or less; the same test bounds it.
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.compiled import compiled, inlined
from abm.core.prefetch import LINE

FIELD = np.float32  # every constant that meets a field in a loop is made one too, else the loop runs in float64
LARGEST_LOSS = 0.5  # share lost in a sub-step, about; only antibodies come near
LARGEST_HOP = 0.24  # hops to one neighbor in a sub-step; 0.25 is the limit of stability in two dimensions


def empty_field(rows: int, columns: int) -> np.ndarray:
    """A field with nothing in it: float32[3, rows, columns].

    It begins where a cache line does. Where numpy puts an array (also a copy of this one, which is as right), every
    second vector lies in two lines: a sub-step on 200 x 200 sites takes 1.3 times as long.
    """
    size = 3 * rows * columns * np.dtype(FIELD).itemsize
    memory = np.zeros(size + LINE, dtype=np.uint8)
    begin = -memory.ctypes.data % LINE
    return memory[begin : begin + size].view(FIELD).reshape(3, rows, columns)


@compiled
def block_means(amount: np.ndarray, means: np.ndarray) -> None:
    """Enter the means of a field over blocks; both float32[rows, columns], where a block may be finer squares."""
    side = amount.shape[0] // means.shape[0]
    for y in range(means.shape[0]):
        for x in range(means.shape[1]):
            total = np.float64(0.0)
            for dy in range(side):
                for dx in range(side):
                    total += np.float64(amount[y * side + dy, x * side + dx])
            means[y, x] = FIELD(total / (side * side))


@compiled
def sub_steps_for(hop_rate: float, loss: float, step: float) -> int:
    """Even number of sub-steps in a step [h] at this hop rate D / h^2 [1/h] and loss [1/h]."""
    most = max(hop_rate / LARGEST_HOP, loss / LARGEST_LOSS)
    return 2 * max(1, math.ceil(most * step / 2.0))


@inlined
def _blend(
    target: np.ndarray, old: np.ndarray, first: int, above: int, below: int, made: np.ndarray, shares: np.ndarray
) -> None:
    """The equation on a run of sites from `first` on (flat): what stays, what the four neighbors give, what is made.

    target, made: the run; above, below: where the runs of its neighbors begin; shares: float32[3], what stays, what one
    neighbor gives, the gain of what is made.
    """
    rest, spread, gain = shares[0], shares[1], shares[2]
    end = first + target.size
    here, left, right = old[first:end], old[first - 1 : end - 1], old[first + 1 : end + 1]
    up, down = old[above : above + target.size], old[below : below + target.size]
    for x in range(target.size):
        target[x] = rest * here[x] + spread * ((left[x] + right[x]) + (up[x] + down[x])) + gain * made[x]


@inlined
def _blend_edge(
    layers: tuple[np.ndarray, np.ndarray, np.ndarray], site: np.uint64, beside: np.uint64, above: np.uint64,
    below: np.uint64, shares: np.ndarray,
) -> None:  # fmt: skip
    """The equation on a site at the end of a row; layers: new, old, made; beside: the site before or after it there.

    Places are unsigned, else each would be looked at whether it counts from the end.
    """
    new, old, made = layers
    around = (old[site] + old[beside]) + (old[above] + old[below])
    new[site] = shares[0] * old[site] + shares[1] * around + shares[2] * made[site]


@inlined
def sub_step(new: np.ndarray, old: np.ndarray, made: np.ndarray, width: int, shares: np.ndarray) -> None:
    """One sub-step, on flat layers with rows of this width, at least 2. All inner rows are one run, long on any grid.

    At the ends of its rows the run meets the next row instead of the closed edge; they are worked out again after it
    (taking back what came from the next row would leave the rounding of the other side of the section).
    """
    layers, size, last = (new, old, made), old.size, old.size - width
    _blend(new[width:last], old, width, 0, 2 * width, made[width:last], shares)
    _blend(new[1 : width - 1], old, 1, 1, width + 1, made[1 : width - 1], shares)
    _blend(new[last + 1 : size - 1], old, last + 1, last + 1 - width, last + 1, made[last + 1 : size - 1], shares)
    zero, one, row, bottom, end = np.uint64(0), np.uint64(1), np.uint64(width), np.uint64(last), np.uint64(size - 1)
    for y in range(1, size // width - 1):
        left = np.uint64(y) * row
        right = left + row - one
        _blend_edge(layers, left, left + one, left - row, left + row, shares)
        _blend_edge(layers, right, right - one, right - row, right + row, shares)
    _blend_edge(layers, zero, one, zero, row, shares)
    _blend_edge(layers, row - one, row - one - one, row - one, row + row - one, shares)
    _blend_edge(layers, bottom, bottom + one, bottom - row, bottom, shares)
    _blend_edge(layers, end, end - one, end - row, end, shares)


@compiled
def diffuse(layers: np.ndarray, hop_rate: float, loss: float, step: float) -> None:
    """Carry a field over one step, in place.

    layers: float32[3, rows, columns], rows and columns >= 2: the field, scratch space, and what is made per hour,
    constant over the step; hop_rate = D / h^2 [1/h]; loss [1/h] > 0; step [h].
    """
    sub_steps = sub_steps_for(hop_rate, loss, step)
    keep = math.exp(-loss * step / sub_steps)
    gain = (1.0 - keep) / loss
    spread = float(FIELD(gain * hop_rate))  # as it will be used, so that the shares still sum up to what is kept
    shares = np.array([keep - 4.0 * spread, spread, gain]).astype(FIELD)
    old, new, made = layers[0].ravel(), layers[1].ravel(), layers[2].ravel()
    for _ in range(sub_steps):
        sub_step(new, old, made, layers.shape[2], shares)
        old, new = new, old


@compiled
def field_total(amount: np.ndarray) -> float:
    """Sum over a field, in a fixed order; four sums side by side, so that none waits for the one before."""
    flat = amount.ravel()
    even = flat.size // 4 * 4
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for index in range(0, even, 4):
        a += np.float64(flat[index])
        b += np.float64(flat[index + 1])
        c += np.float64(flat[index + 2])
        d += np.float64(flat[index + 3])
    for index in range(even, flat.size):
        a += np.float64(flat[index])
    return (a + b) + (c + d)


def steady_response(shape: tuple[int, ...], hop_rate: float, loss: float) -> np.ndarray:
    """Stationary field around each site that makes 1 per hour: float32[sites, sites], a row for each source.

    It is the inverse of the operator that `diffuse` steps with: five points, closed edges, loss everywhere.

    Args:
        shape: rows and columns of sites.
        hop_rate: D / h^2 [1/h].
        loss: [1/h], above 0.
    """
    rows, columns = shape
    spread = np.kron(_second_difference(rows), np.eye(columns)) + np.kron(np.eye(rows), _second_difference(columns))
    return np.linalg.inv(loss * np.eye(rows * columns) + hop_rate * spread).astype(FIELD)


def _second_difference(count: int) -> np.ndarray:
    """Minus the second difference along a line with closed ends."""
    steps = np.diff(np.eye(count), axis=0)
    return steps.T @ steps
