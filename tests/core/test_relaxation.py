import math

import numpy as np
import pytest

from abm.core.field import FIELD, diffuse
from abm.core.relaxation import DAMPING, relax

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
