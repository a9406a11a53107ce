import math

import numpy as np
import pytest

from abm.core.field import FIELD, diffuse
from abm.core.relaxation import DAMPING, _growth, _slowest_damped, _way_round, relax

AMOUNT, SOURCE = 0, 2
HOPS, LOSS = 22.5, 0.6  # of IL-6 on its 40 um grid [1/h]
SIDE, SOURCES = 40, 27  # blocks; as many macrophages as such a section has
RATES = [(HOPS, LOSS), (135.0, 2.0), (11.0, 0.2), (HOPS, 30.0), (5.0, LOSS), (0.001, LOSS)]


def settled(hop_rate: float = HOPS, loss: float = LOSS, side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """A field at rest around scattered sources, and where these are."""
    places = np.random.default_rng(1).integers(0, side, (SOURCES, 2))
    layers = np.zeros((3, side, side), FIELD)
    made_at(places, layers)
    for _ in range(max(24, math.ceil(24.0 / loss))):
        diffuse(layers, hop_rate, loss, 1.0)
    return layers, places


def made_at(places: np.ndarray, layers: np.ndarray) -> None:
    """Put a source of one size on each of these places."""
    layers[SOURCE] = 0.0
    np.add.at(layers[SOURCE], tuple(places.T), FIELD(0.1))


@pytest.mark.parametrize(("hop_rate", "loss"), RATES)
@pytest.mark.parametrize("time", [1 / 6, 0.5, 1.0])
def test_a_steady_field_stays_as_it_is(hop_rate, loss, time):
    layers, _ = settled(hop_rate, loss, 16)
    before = layers[AMOUNT].copy()
    relax(layers, hop_rate, loss, time)
    np.testing.assert_allclose(layers[AMOUNT], before, rtol=1e-4)


@pytest.mark.parametrize(("hop_rate", "loss"), RATES)
@pytest.mark.parametrize("time", [1 / 6, 1.0])
def test_the_total_follows_its_law(hop_rate, loss, time):
    layers, _ = settled(hop_rate, loss, 16)
    layers[SOURCE] *= FIELD(2.0)
    before, made = (layers[layer].sum(dtype=float) for layer in (AMOUNT, SOURCE))
    relax(layers, hop_rate, loss, time)
    left = math.exp(-loss * time)
    expected = before * left + made * (1.0 - left) / loss
    assert layers[AMOUNT].sum(dtype=float) == pytest.approx(expected, rel=2e-4)


def test_around_sources_that_wander_it_stays_within_three_percent_of_equal_sub_steps_everywhere():
    plain, places = settled()
    long, rng, rms = plain.copy(), np.random.default_rng(2), []
    for _ in range(60):
        moves = rng.integers(-1, 2, places.shape) * (rng.random((SOURCES, 1)) < 0.4)
        places = np.clip(places + moves, 0, SIDE - 1)
        for layers, carry in ((plain, diffuse), (long, relax)):
            made_at(places, layers)
            carry(layers, HOPS, LOSS, 1.0)
        ratio = long[AMOUNT].astype(float) / plain[AMOUNT]
        assert abs(ratio - 1.0).max() < 0.03
        rms.append(np.sqrt(np.mean((ratio - 1.0) ** 2)))
    assert np.mean(rms) < 0.005


def test_even_from_nothing_nothing_becomes_negative():
    layers = np.zeros((3, SIDE, SIDE), FIELD)
    layers[SOURCE, 20, 11] = 1.0
    for _ in range(12):
        relax(layers, HOPS, LOSS, 1.0)
        assert layers[AMOUNT].min() >= 0.0


def test_what_is_uneven_from_block_to_block_is_damped_as_promised():
    board = np.indices((16, 16)).sum(axis=0) % 2
    layers = np.zeros((3, 16, 16), FIELD)
    layers[AMOUNT] = 10.0 + board
    relax(layers, HOPS, LOSS, 1.0)
    left = np.ptp(layers[AMOUNT].astype(float))
    assert left <= 1.0 / math.cosh(2.0 * DAMPING)


@pytest.mark.interpreted
def test_it_gives_the_same_bits_again():
    one, other = (settled(side=8)[0] for _ in range(2))
    for layers in (one, other):
        layers[AMOUNT, 3, 3] = 1.0
        relax(layers, HOPS, LOSS, 1.0)
    assert one.tobytes() == other.tobytes()


def plain_growth(slowest: float, fastest: float, loss: float, count: int) -> float:
    """What the sub-steps of a stride divide a total by, one after the other."""
    return math.prod(1.0 + loss * length for length in lengths(slowest, fastest, count))


def lengths(slowest: float, fastest: float, count: int) -> list[float]:
    """Sub-steps whose inverses are the zeros of a Chebyshev polynomial between two rates."""
    turns = [math.cos(math.pi * (turn + 0.5) / count) for turn in range(count)]
    return [2.0 / (fastest + slowest + (fastest - slowest) * turn) for turn in turns]


def plain_slowest(fastest: float, loss: float, time: float, count: int) -> float:
    """The slowest rate to be damped, by fourteen halvings on a logarithmic scale."""
    low, high = 0.5 / time, 0.5 * fastest
    for _ in range(14):
        between = math.sqrt(low * high)
        is_too_slow = plain_growth(between, fastest, loss, count) > math.exp(loss * time)
        low, high = (between, high) if is_too_slow else (low, between)
    return math.sqrt(low * high)


def plainly_relaxed(amount: np.ndarray, source: np.ndarray, hop_rate: float, loss: float, time: float) -> np.ndarray:
    """The scheme of `relax` in whole arrays of float32."""
    fastest = 8.0 * hop_rate
    count = 2 * math.ceil(math.sqrt(0.5 * fastest * time))
    steps = lengths(plain_slowest(fastest, loss, time, count), fastest, count)
    ahead = next(far for far in range(max(1, round(0.381966 * count)), 2 * count) if math.gcd(far, count) == 1)
    for turn in range(count):
        length = steps[turn * ahead % count]
        gain = length / (1.0 + loss * length)
        spread = FIELD(gain * hop_rate)
        rest = FIELD(1.0 - loss * gain - 4.0 * float(spread))
        wide = np.pad(amount, 1, mode="edge")
        around = (wide[1:-1, :-2] + wide[1:-1, 2:]) + (wide[:-2, 1:-1] + wide[2:, 1:-1])
        amount = rest * amount + spread * around + FIELD(gain) * source
    return amount


def uneven(side: int = 6) -> np.ndarray:
    """A field that is far from steady, with sources."""
    layers = np.zeros((3, side, side), FIELD)
    layers[[AMOUNT, SOURCE]] = np.random.default_rng(3).exponential(1.0, (2, side, side))
    return layers


@pytest.mark.interpreted
@pytest.mark.parametrize(
    ("hop_rate", "loss", "time"),
    [(HOPS, LOSS, 1.0), (135.0, 2.0, 0.5), (11.0, 0.2, 1 / 6), (HOPS, 4.0, 1.0), (0.25, LOSS, 1.0), (0.5, LOSS, 3.0)],
)
def test_its_sub_steps_are_those_of_the_published_scheme(hop_rate, loss, time):
    layers = uneven()
    expected = plainly_relaxed(layers[AMOUNT].copy(), layers[SOURCE].copy(), hop_rate, loss, time)
    relax(layers, hop_rate, loss, time)
    np.testing.assert_allclose(layers[AMOUNT], expected, rtol=2e-6)


@pytest.mark.interpreted
@pytest.mark.parametrize(("hop_rate", "loss", "time"), [(HOPS, 4.01, 1.0), (0.249, LOSS, 1.0), (HOPS, 2.5, 2.0)])
def test_where_most_is_lost_or_little_moves_in_a_stride_equal_sub_steps_are_taken(hop_rate, loss, time):
    layers, plain = uneven(), uneven()
    relax(layers, hop_rate, loss, time)
    diffuse(plain, hop_rate, loss, time)
    np.testing.assert_array_equal(layers[AMOUNT], plain[AMOUNT])


@pytest.mark.interpreted
@pytest.mark.parametrize(("hop_rate", "loss", "time"), [(HOPS, LOSS, 1.0), (135.0, 2.0, 1 / 6), (40.0, 1.0, 3.0)])
def test_the_slowest_damped_rate_lets_the_total_lose_what_it_has_to(hop_rate, loss, time):
    fastest = 8.0 * hop_rate
    count = 2 * math.ceil(math.sqrt(0.5 * fastest * time))
    slowest = _slowest_damped(fastest, loss, time, count)
    assert slowest == pytest.approx(plain_slowest(fastest, loss, time, count), rel=1e-9)
    assert _growth(slowest, fastest, loss, count) == pytest.approx(plain_growth(slowest, fastest, loss, count))
    assert _growth(slowest, fastest, loss, count) == pytest.approx(math.exp(loss * time), rel=1e-4)


@pytest.mark.interpreted
def test_every_sub_step_has_its_turn_once_and_none_follows_its_neighbor():
    for count in range(2, 200):
        ahead = _way_round(count)
        expected = next(far for far in range(max(1, round(0.381966 * count)), 2 * count) if math.gcd(far, count) == 1)
        assert ahead == expected
        assert len({turn * ahead % count for turn in range(count)}) == count
