import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.fft import dctn, idctn
from scipy.sparse.linalg import spsolve

from abm.core.field import (
    FIELD,
    LARGEST_HOP,
    LARGEST_LOSS,
    diffuse,
    empty_field,
    field_total,
    steady_response,
    sub_steps_for,
)
from abm.core.lattice import BLOCK, SPACING
from abm.core.prefetch import LINE
from abm.rules.substances import Substances

STEP = 1 / 6  # h
AMOUNT, SOURCE = 0, 2
# Fields are float32: a sub-step rounds a site by some 1e-7 of what it and its neighbors hold. Rounding up and down
# mostly cancels, so a few dozen sub-steps leave less than ROUNDING. Where the loss is slow, a site gains so little of
# what it holds in a sub-step that rounding adds up over the memory of the field, 1 / loss: to < SETTLED_ROUNDING.
ROUNDING = 1e-6
SETTLED_ROUNDING = 2e-5


def field(amount: np.ndarray, source: np.ndarray | float = 0.0) -> np.ndarray:
    layers = np.zeros((3, *amount.shape), FIELD)
    layers[AMOUNT], layers[SOURCE] = amount, source
    return layers


def carried(layers: np.ndarray, hop_rate: float, loss: float, steps: int, step: float = STEP) -> np.ndarray:
    for _ in range(steps):
        diffuse(layers, hop_rate, loss, step)
    return layers[AMOUNT].astype(np.float64)


def cosine(shape: tuple[int, int], waves: tuple[int, int]) -> np.ndarray:
    """A mode with closed edges: half waves along rows and columns, at the middles of the sites."""
    y, x = (np.pi * wave * (np.arange(size) + 0.5) / size for wave, size in zip(waves, shape, strict=True))
    return np.cos(y)[:, None] * np.cos(x)[None]


def wave_number_squared(shape: tuple[int, int], waves: tuple[int, int], spacing: float) -> float:
    return sum((math.pi * wave / (size * spacing)) ** 2 for wave, size in zip(waves, shape, strict=True))


def exact(amount: np.ndarray, source: np.ndarray, p: tuple[float, float, float], step: float) -> np.ndarray:
    """Diffusion, loss and a constant source over one step, by the cosine transform; p = diffusion, loss, spacing."""
    diffusion, loss, spacing = p
    q = [(np.pi * np.arange(size) / (size * spacing)) ** 2 for size in amount.shape]
    rate = loss + diffusion * (q[0][:, None] + q[1][None])
    left = np.exp(-rate * step)
    return idctn(dctn(amount) * left + dctn(source) * (1.0 - left) / rate)


def random_field(shape: tuple[int, int], seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).exponential(1.0, shape)


@pytest.mark.interpreted
@given(hop_rate=st.floats(0.0, 5000.0), loss=st.floats(0.0, 1000.0), step=st.floats(1 / 60, 0.5))
def test_sub_steps_are_even_and_small_enough(hop_rate, loss, step):
    number = sub_steps_for(hop_rate, loss, step)
    assert number >= 2
    assert number % 2 == 0
    most = max(hop_rate / LARGEST_HOP, loss / LARGEST_LOSS) * step
    assert most / number <= 1 + 1e-12
    if number > 2:
        assert most / (number - 2) > 1 - 1e-12


@pytest.mark.interpreted
@pytest.mark.parametrize(
    ("hop_rate", "loss", "number"),
    [(0.0, 0.0, 2), (22.5, 0.6, 16), (0.0, 230.0, 78), (0.24 * 6.0, 0.0, 2), (0.24 * 24.0, 0.0, 4), (0.0, 12.0, 4)],
)
def test_in_a_sub_step_a_site_gives_a_neighbor_at_most_24_percent_and_loses_at_most_half(hop_rate, loss, number):
    assert sub_steps_for(hop_rate, loss, STEP) == number


@pytest.mark.parametrize("waves", [(1, 0), (0, 1), (2, 1), (3, 3)])
@pytest.mark.parametrize(("diffusion", "spacing"), [(36_000.0, 40.0), (1_500.0, 20.0), (150.0, 10.0)])
def test_a_cosine_mode_decays_as_the_equation_says(waves, diffusion, spacing):
    shape, loss, hours = (60, 50), 0.6, 1.0
    mode = cosine(shape, waves)
    amount = carried(field(2.0 + mode), diffusion / spacing**2, loss, round(hours / STEP))
    left = float((amount * mode).sum() / (mode * mode).sum())
    rate = diffusion * wave_number_squared(shape, waves, spacing)
    # Sub-steps as long as LARGEST_HOP allows let the shortest of these waves decay 1.03 % too fast.
    assert left == pytest.approx(math.exp(-(loss + rate) * hours), rel=0.0105)
    assert amount.mean() == pytest.approx(2.0 * math.exp(-loss * hours), rel=ROUNDING)


@pytest.mark.parametrize("waves", [(1, 0), (2, 1), (12, 7)])
def test_a_mode_stays_that_mode(waves):
    mode = cosine((24, 16), waves)
    amount = carried(field(mode), 22.5, 0.6, 2)
    np.testing.assert_allclose(amount, mode * float((amount * mode).sum() / (mode * mode).sum()), atol=ROUNDING)


@pytest.mark.interpreted
@pytest.mark.parametrize("shape", [(2, 2), (2, 7), (5, 3), (12, 9)])
def test_a_flat_field_only_decays(shape):
    amount = carried(field(np.full(shape, 3.0)), 22.5, 0.6, 2)
    np.testing.assert_allclose(amount, 3.0 * math.exp(-0.6 * 2 * STEP), rtol=ROUNDING)


@pytest.mark.interpreted
@pytest.mark.parametrize("loss", [1e-9, 0.6, 12.0, 900.0])
@pytest.mark.parametrize("shape", [(2, 2), (3, 8), (9, 7)])
def test_the_total_follows_its_budget_to_rounding(shape, loss):
    # Closed edges: diffusion moves, it neither makes nor takes; d total / dt = made - loss * total.
    amount, source = random_field(shape, 1), random_field(shape, 2)
    carried_on = carried(field(amount, source), 22.5, loss, 3)
    left = math.exp(-loss * 3 * STEP)
    made = -math.expm1(-loss * 3 * STEP) / loss
    # A loss of 1e-9 /h loses digits in 1 - exp(-loss dt), hence the other tolerance.
    precision = 2e-6 if loss < 1e-6 else ROUNDING
    assert carried_on.sum() == pytest.approx(amount.sum() * left + source.sum() * made, rel=precision)


def test_without_loss_to_speak_of_nothing_is_lost():
    amount = random_field((20, 30))
    assert carried(field(amount), 22.5, 1e-12, 144).sum() == pytest.approx(amount.sum(), rel=SETTLED_ROUNDING)


def discrete_steady_state(source: np.ndarray, hop_rate: float, loss: float) -> np.ndarray:
    """What makes as much as it loses on every site, solved as linear equations."""
    rows, columns = source.shape

    def chain(size: int) -> sparse.csr_matrix:
        diagonal = np.full(size, -2.0)
        diagonal[[0, -1]] += 1.0
        return sparse.diags([np.ones(size - 1), diagonal, np.ones(size - 1)], [-1, 0, 1])

    laplacian = sparse.kron(chain(rows), sparse.eye(columns)) + sparse.kron(sparse.eye(rows), chain(columns))
    matrix = loss * sparse.eye(rows * columns) - hop_rate * laplacian
    return spsolve(matrix.tocsc(), source.ravel()).reshape(source.shape)


@pytest.mark.parametrize("step", [1 / 60, 1 / 6, 0.5])
@pytest.mark.parametrize("where", [(7, 11), (0, 0), (14, 3)])
@pytest.mark.parametrize("loss", [0.6, 12.0])  # without drug, and with a mouse antibody against IL-6
def test_a_point_source_settles_in_the_discrete_steady_state_at_any_step(where, step, loss):
    source = np.zeros((15, 22))
    source[where] = 5.0
    amount = carried(field(np.zeros(source.shape), source), 22.5, loss, round(60 / step), step)
    np.testing.assert_allclose(amount, discrete_steady_state(source, 22.5, loss), rtol=SETTLED_ROUNDING)


@pytest.mark.interpreted
def test_the_field_has_no_preferred_side():
    amount, source = random_field((8, 6), 3), random_field((8, 6), 4)
    plain = carried(field(amount, source), 22.5, 0.6, 2)
    for turn in (np.flipud, np.fliplr, np.transpose):
        turned = carried(field(turn(amount), turn(source)), 22.5, 0.6, 2)
        np.testing.assert_allclose(turned, turn(plain), rtol=ROUNDING)


def plainly_carried(amount: np.ndarray, source: np.ndarray, hop_rate: float, loss: float, step: float) -> np.ndarray:
    """The scheme of `diffuse` in whole arrays of float32, with the same order of operations."""
    number = sub_steps_for(hop_rate, loss, step)
    keep = math.exp(-loss * step / number)
    gain = (1.0 - keep) / loss
    spread = gain * hop_rate
    rest, spread, gain = FIELD(keep - 4.0 * float(FIELD(spread))), FIELD(spread), FIELD(gain)
    amount, source = amount.astype(FIELD), source.astype(FIELD)
    for _ in range(number):
        wide = np.pad(amount, 1, mode="edge")
        around = (wide[1:-1, :-2] + wide[1:-1, 2:]) + (wide[:-2, 1:-1] + wide[2:, 1:-1])
        amount = rest * amount + spread * around + gain * source
    return amount


@pytest.mark.interpreted
@pytest.mark.parametrize("loss", [0.6, 230.0])
@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (10, 13)])
def test_the_loop_gives_the_bits_of_whole_arrays(shape, loss):
    amount, source = random_field(shape, 5), random_field(shape, 6)
    expected = plainly_carried(amount, source, 22.5, loss, STEP)
    np.testing.assert_array_equal(carried(field(amount, source), 22.5, loss, 1), expected)


def test_the_source_is_left_as_it_is():
    source = random_field((6, 6), 4)
    layers = field(np.zeros((6, 6)), source)
    diffuse(layers, 22.5, 0.6, STEP)
    np.testing.assert_array_equal(layers[SOURCE], source.astype(FIELD))


@pytest.mark.interpreted
@pytest.mark.parametrize("turn", [np.asarray, np.transpose])
def test_opposite_edges_do_not_feel_each_other(turn):
    amount = np.zeros((12, 12))
    amount[:, 0] = random_field((12, 1), 7)[:, 0]
    alone = carried(field(turn(amount)), 0.7, 0.6, 1)
    amount[:, -1] = 1e9
    both = carried(field(turn(amount)), 0.7, 0.6, 1)
    reached = sub_steps_for(0.7, 0.6, STEP)
    np.testing.assert_array_equal(turn(both)[:, : 12 - reached - 1], turn(alone)[:, : 12 - reached - 1])
    assert (both >= alone).all()


@pytest.mark.interpreted
@given(
    rows=st.integers(2, 9), columns=st.integers(2, 9), seed=st.integers(0, 100), dtype=st.sampled_from([FIELD, "f8"])
)
def test_the_total_of_a_field_is_its_sum_in_float64(rows, columns, seed, dtype):
    amount = (random_field((rows, columns), seed) ** 8).astype(dtype)
    assert field_total(amount) == pytest.approx(math.fsum(amount.ravel().tolist()), rel=1e-14)


def test_the_total_of_a_large_field_does_not_lose_small_amounts():
    amount = np.full((1000, 1000), 1e-3, dtype=FIELD)
    amount[0, 0] = 1e8  # a sum in float32 would not notice any of the others
    assert field_total(amount) == pytest.approx(1e8 + 999_999 * float(amount[1, 1]), rel=1e-11)


@given(
    rows=st.integers(2, 9), columns=st.integers(2, 9), seed=st.integers(0, 100),
    hop_rate=st.floats(0.01, 400.0), loss=st.floats(1e-3, 5_000.0), step=st.sampled_from([1 / 60, 1 / 6, 0.5]),
)  # fmt: skip
def test_a_field_stays_at_or_above_zero_under_any_loss(rows, columns, seed, hop_rate, loss, step):
    amount = np.random.default_rng(seed).exponential(1.0, (rows, columns)) ** 4
    amount[0, 0] = 1e6
    after = carried(field(amount, 0.01), hop_rate, loss, 2, step)
    assert (after >= 0.0).all()
    assert np.isfinite(after).all()
    assert after.max() <= (amount.max() + 0.01 * 2 * step) * (1.0 + ROUNDING)


def test_the_error_in_space_falls_with_the_square_of_the_spacing():
    loss, diffusion, side, waves = 0.6, 36_000.0, 2_000.0, (6, 4)
    errors = []
    for spacing in (80.0, 40.0, 20.0):
        shape = (round(side / spacing),) * 2
        source = cosine(shape, waves)
        amount = carried(field(np.zeros(shape), source), diffusion / spacing**2, loss, 24, 0.5)
        height = float((amount * source).sum() / (source * source).sum())
        errors.append(abs(height * (loss + diffusion * wave_number_squared(shape, waves, spacing)) - 1.0))
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.1)


def averaged(sites: np.ndarray) -> np.ndarray:
    rows, columns = (size // BLOCK for size in sites.shape)
    return sites.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3))


def distance(seen: np.ndarray, true: np.ndarray) -> float:
    return float(np.linalg.norm(seen - true) / np.linalg.norm(true))


# Error of IL-6 on the 40 um grid against the exact solution on the sites of 10 um, with the parameters of the model:
# relative L2 of the block means, and of what a cell on its site sees. It is the price of the blocks (the solver settles
# in the exact solution of its own grid): the fewer sources, the larger, because it lies beside them.
IL6_ERRORS = {0.001: (0.06, 0.08), 0.01: (0.03, 0.04), 0.1: (0.01, 0.012)}  # by share of sites that secrete


@pytest.mark.parametrize("share", IL6_ERRORS)
def test_il6_on_blocks_is_near_the_exact_il6_of_steady_sources(share):
    p = Substances().il6
    chance = np.random.default_rng(1)
    sites = np.where(chance.random((200, 200)) < share, chance.exponential(1.0, (200, 200)), 0.0)
    settled = exact(np.zeros(sites.shape), sites, (p.diffusion, p.loss, SPACING), 48.0)
    hop_rate = p.diffusion / (SPACING * BLOCK) ** 2
    blocks = carried(field(np.zeros((50, 50)), averaged(sites)), hop_rate, p.loss, round(48 / STEP))
    of_blocks, of_sites = IL6_ERRORS[share]
    assert distance(blocks, averaged(settled)) < of_blocks
    assert distance(np.kron(blocks, np.ones((BLOCK, BLOCK))), settled) < of_sites
    assert blocks.mean() == pytest.approx(settled.mean(), rel=SETTLED_ROUNDING)


def test_il6_on_blocks_is_within_two_percent_where_sources_move_every_step():
    p = Substances().il6
    chance = np.random.default_rng(1)
    fine, blocks = np.zeros((200, 200)), field(np.zeros((50, 50)))
    for _ in range(144):
        sites = (chance.random((200, 200)) < 0.01).astype(float)
        fine = exact(fine, sites, (p.diffusion, p.loss, SPACING), STEP)
        blocks[SOURCE] = averaged(sites)
        diffuse(blocks, p.diffusion / (SPACING * BLOCK) ** 2, p.loss, STEP)
    assert distance(blocks[AMOUNT], averaged(fine)) < 0.02
    assert distance(np.kron(blocks[AMOUNT], np.ones((BLOCK, BLOCK))), fine) < 0.02


@pytest.mark.parametrize("shape", [(4, 4), (50, 50), (200, 200), (1000, 40)])
def test_an_empty_field_begins_where_a_cache_line_does(shape):
    field = empty_field(*shape)
    assert (field.shape, field.dtype) == ((3, *shape), FIELD)
    assert field.flags.c_contiguous
    assert field.ctypes.data % LINE == 0
    assert LINE == 64
    assert not field.any()


def test_the_steady_response_is_where_stepping_leads():
    layers, hop_rate, loss = empty_field(6, 9), 3.0, 0.6
    layers[SOURCE, 1, 2], layers[SOURCE, 5, 8] = 1.0, 2.0
    for _ in range(400):
        diffuse(layers, hop_rate, loss, STEP)
    response = steady_response((6, 9), hop_rate, loss)
    assert response[1 * 9 + 2] + 2.0 * response[5 * 9 + 8] == pytest.approx(layers[AMOUNT].ravel(), rel=1e-4)
