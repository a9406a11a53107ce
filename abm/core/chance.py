"""Chance is addressed, not consumed: every draw is a pure function of (seed, decision, identity, tick).

Nothing is taken in order from a shared generator, so results do not depend on the order of cells, on the number of
workers or on what another arm does: two arms of one seed differ only where a treatment acts.

The mixing function is the finalizer of SplitMix64 (variant 13 of Stafford's constants; Steele, Lea & Flood 2014,
doi:10.1145/2660193.2660195), applied once for each half of the address.
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.compiled import compiled, compiled_for

_SHIFT_A, _SHIFT_B, _SHIFT_C = np.uint64(30), np.uint64(27), np.uint64(31)
_MULTIPLY_A, _MULTIPLY_B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_GOLDEN, _SILVER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1342543DE82EF95)
_TO_UNIT_SHIFT, _SIGN_SHIFT = np.uint64(11), np.uint64(1)
_TO_UNIT = 2.0**-53
_HALF, _LOW_HALF, _TO_HALF_UNIT = np.uint64(32), np.uint64(0xFFFFFFFF), 2.0**-32
LARGEST_PIECE = 500.0


@compiled_for("uint64(uint64)")
def mix(word: np.uint64) -> np.uint64:
    """Scramble 64 bits so that any changed input bit changes half of the output bits."""
    word = (word ^ (word >> _SHIFT_A)) * _MULTIPLY_A
    word = (word ^ (word >> _SHIFT_B)) * _MULTIPLY_B
    return word ^ (word >> _SHIFT_C)


@compiled_for("int64(int64, int64, int64)")
def identity_of(parent: int, ordinal: int, tick: int) -> int:
    """A new identity (63 bits, never reused) from where a cell comes from: its parent, or its port, and its turn."""
    word = mix(np.uint64(parent) * _GOLDEN + np.uint64(tick) * _MULTIPLY_B + np.uint64(ordinal) * _SILVER + _GOLDEN)
    return np.int64(word >> _SIGN_SHIFT)  # type: ignore[return-value]


@compiled_for("uint64(int64, int64, int64, int64)")
def bits(seed: int, decision: int, identity: int, tick: int) -> np.uint64:
    """64 random bits at the address (seed, decision, identity, tick); all four are integers >= 0."""
    where = np.uint64(seed) * _SILVER + np.uint64(decision) * _GOLDEN
    when = mix(where ^ np.uint64(tick) * _MULTIPLY_A)
    return mix(mix(np.uint64(identity) + _GOLDEN) ^ when)


@compiled_for("float64(int64, int64, int64, int64)")
def uniform(seed: int, decision: int, identity: int, tick: int) -> float:
    """A number in [0, 1) at this address."""
    return float(bits(seed, decision, identity, tick) >> _TO_UNIT_SHIFT) * _TO_UNIT


@compiled_for("boolean(float64, float64, int64, int64, int64, int64)")
def happens(rate: float, step: float, seed: int, decision: int, identity: int, tick: int) -> bool:
    """Whether an event of this rate [1/h] falls into a step [h]."""
    return rate > 0.0 and uniform(seed, decision, identity, tick) < -math.expm1(-rate * step)


@compiled_for("float64(int64, int64, int64, int64)")
def waiting_time(seed: int, decision: int, identity: int, tick: int) -> float:
    """An exponential waiting time of mean 1: the threshold that an accumulated hazard has to reach."""
    return -math.log1p(-uniform(seed, decision, identity, tick))


@compiled
def waiting_times(seed: int, decision: int, identity: int, first: int, count: int) -> np.ndarray:
    """This many waiting times of mean 1, at the ticks from `first` on: float64[count]."""
    times = np.empty(count)
    for number in range(count):
        times[number] = waiting_time(seed, decision, identity, first + number)
    return times


@compiled_for("UniTuple(float64, 2)(int64, int64, int64, int64)")
def two_normals(seed: int, decision: int, identity: int, tick: int) -> tuple[float, float]:
    """Two independent standard normal numbers from one address (Box & Muller 1958, doi:10.1214/aoms/1177706645)."""
    word = bits(seed, decision, identity, tick)
    radius = math.sqrt(-2.0 * math.log((float(word >> _HALF) + 1.0) * _TO_HALF_UNIT))
    angle = 2.0 * math.pi * float(word & _LOW_HALF) * _TO_HALF_UNIT
    return radius * math.cos(angle), radius * math.sin(angle)


@compiled_for("float64(float64, float64, int64, int64, int64, int64)")
def erlang(mean: float, shape: float, seed: int, decision: int, identity: int, tick: int) -> float:
    """An Erlang waiting time of this mean [h] and shape (its integer part, at least 1)."""
    stages = max(1, int(shape))
    key = identity_of(identity, decision, tick)
    total = 0.0
    for stage in range(stages):
        total += waiting_time(seed, decision, key, stage)
    return total * mean / stages


@compiled_for("int64(float64, float64)")
def _poisson_piece(mean: float, chance: float) -> int:
    """A Poisson count by inversion of a number in [0, 1)."""
    weight = math.exp(-mean)
    total = weight
    count = 0
    while chance >= total and weight > 0.0:
        count += 1
        weight *= mean / count
        total += weight
    return count


@compiled_for("int64(float64, int64, int64, int64, int64)")
def poisson(mean: float, seed: int, decision: int, identity: int, tick: int) -> int:
    """A Poisson count of this mean: a larger mean never gives a smaller count at the same address.

    A large mean is counted in pieces, each at its own address, because exp(-mean) vanishes beyond 745.
    """
    count = _poisson_piece(min(mean, LARGEST_PIECE), uniform(seed, decision, identity, tick))
    pieces = 1
    while mean > pieces * LARGEST_PIECE:
        part = min(mean - pieces * LARGEST_PIECE, LARGEST_PIECE)
        count += _poisson_piece(part, uniform(seed, decision, identity_of(identity, pieces, tick), tick))
        pieces += 1
    return count
