import math

import numpy as np
import pytest

from abm.cohort.statistics.pairs import difference_interval, mean_interval, ratio_interval


def pairs(both, only_one, only_other, neither):
    """Shares of patients with one turn: with the event in both arms, in one, in neither."""
    one = [1.0] * (both + only_one) + [0.0] * (only_other + neither)
    other = [1.0] * both + [0.0] * only_one + [1.0] * only_other + [0.0] * neither
    return np.array(one), np.array(other)


def test_the_interval_of_a_difference_is_that_of_wald_where_many_decide():
    low, high = difference_interval(*pairs(500, 300, 600, 1600))
    error = math.sqrt((0.2 + 0.1 - 0.1**2) / 3000)
    assert (low, high) == pytest.approx((-0.1 - 1.96 * error, -0.1 + 1.96 * error), abs=2e-4)


def test_the_interval_of_a_ratio_is_that_of_pairs_where_many_decide():
    one, other = ((np.arange(4000) % 4 < share).astype(float) for share in (3, 1))
    width = 1.959964 * math.sqrt(2000 / (3000 * 1000))  # Nam and Blackwelder 2002: what the profile becomes with many
    assert ratio_interval(one, other) == pytest.approx((3.0 * math.exp(-width), 3.0 * math.exp(width)), rel=0.01)


def test_the_interval_of_no_event_at_all_is_that_of_its_likelihood():
    low, high = mean_interval(np.zeros(50), 0.0, 1.0)
    assert low == pytest.approx(0.0, abs=1e-6)
    assert high == pytest.approx(1.0 - math.exp(-3.841459 / 100), abs=1e-6)  # (1 - p)^50 has lost so much


def test_repeating_the_turns_of_patients_changes_no_interval():
    one, other = pairs(10, 6, 3, 80)
    assert difference_interval(one, other) == pytest.approx(
        difference_interval(np.round(one, 3), np.round(other, 3)), abs=1e-9
    )
    half = (one + other) / 2
    assert difference_interval(half, other)[1] < difference_interval(one, other)[1]


@pytest.mark.slow
def test_intervals_of_few_pairs_hold_the_truth_in_about_nineteen_of_twenty():
    rng = np.random.default_rng(1)
    for shares in ([0.3, 0.2, 0.1, 0.4], [0.05, 0.1, 0.02, 0.83]):
        a, b, c, _ = shares
        draws = rng.multinomial(60, shares, size=500)
        ends = [difference_interval(*pairs(*map(int, row))) for row in draws]
        assert 0.92 <= np.mean([low <= b - c <= high for low, high in ends]) <= 0.99
        ends = [ratio_interval(*pairs(*map(int, row))) for row in draws if row[0] + min(row[1], row[2])]
        assert 0.92 <= np.mean([low <= (a + b) / (a + c) <= high for low, high in ends]) <= 0.99


@pytest.mark.slow
def test_intervals_over_patients_with_several_turns_hold_the_truth():
    rng, held = np.random.default_rng(4), []
    for _ in range(500):
        risk = rng.beta(0.5, 4.5, size=(100, 1))
        one, other = ((rng.random((100, 10)) < factor * risk).mean(axis=1) for factor in (0.5, 1.0))
        low, high = difference_interval(one, other)
        lower, higher = ratio_interval(one, other)
        held.append((low <= -0.05 <= high, lower <= 0.5 <= higher))
    assert ((np.mean(held, axis=0) > 0.92) & (np.mean(held, axis=0) < 0.99)).all(), np.mean(held, axis=0)
