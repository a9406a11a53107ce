import math

import numpy as np
import pytest
from scipy.special import stdtrit

from abm.reporting.statistics import (
    mean_and_range,
    ratio_of_means,
    reduction_of_expansion,
    resampled_interval,
    resampling,
)


def test_the_mean_leaves_out_what_is_not_a_number():
    assert mean_and_range([1.0, math.nan, 2.0, math.inf, 6.0]) == (3.0, 1.0, 6.0, 3)


def test_the_mean_of_nothing_is_not_a_number():
    value, low, high, n = mean_and_range([])
    assert math.isnan(value) and math.isnan(low) and math.isnan(high) and n == 0  # noqa: PT018


def test_the_ratio_is_that_of_arithmetic_means_whatever_the_size_of_sections():
    small = ratio_of_means([8.0, 0.0, 4.0, 0.0], [1.0, 1.0, 1.0, 1.0])  # sections of which the virus missed two
    large = ratio_of_means([4.0, 2.0], [1.0, 1.0])  # the same lung in sections of twice the size
    assert small.value == large.value == pytest.approx(3.0)


def test_the_interval_is_the_one_calculated_by_hand():
    # pulls: (1/2 - 1, 3/2 - 1) = (-0.5, 0.5); standard deviation sqrt(0.5), error 0.5, t(0.975, 1) = 12.7062
    estimate = ratio_of_means([1.0, 3.0], [1.0, 1.0])
    assert estimate.value == pytest.approx(2.0)
    assert estimate.low == pytest.approx(2.0 * math.exp(-12.7062 * 0.5), rel=1e-4)
    assert estimate.high == pytest.approx(2.0 * math.exp(12.7062 * 0.5), rel=1e-4)
    assert estimate.n == 2


def test_the_interval_holds_the_truth_as_often_as_it_says():
    chance = np.random.default_rng(1)
    held = 0
    for _ in range(1000):
        shared = chance.gamma(4.0, size=16)
        estimate = ratio_of_means(3.0 * shared * chance.gamma(16.0, 1 / 16, size=16), shared)
        held += estimate.low <= 3.0 <= estimate.high
    assert 0.92 <= held / 1000 <= 0.97


def test_pairing_takes_away_what_twins_share():
    shared = [1.0, 10.0, 100.0, 1000.0]
    estimate = ratio_of_means([3 * value for value in shared], shared)
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((3.0, 3.0, 3.0))


def test_a_ratio_and_its_inverse_have_inverse_intervals():
    forth, back = ratio_of_means([2.0, 5.0, 9.0], [1.0, 2.0, 8.0]), ratio_of_means([1.0, 2.0, 8.0], [2.0, 5.0, 9.0])
    assert forth.value * back.value == pytest.approx(1.0)
    assert forth.low * back.high == pytest.approx(1.0)


def test_a_single_pair_has_a_ratio_and_no_interval():
    estimate = ratio_of_means([6.0], [2.0])
    assert estimate.value == pytest.approx(3.0)
    assert math.isnan(estimate.low) and math.isnan(estimate.high)  # noqa: PT018


@pytest.mark.parametrize(("treated", "reference"), [([0.0, 0.0], [1.0, 2.0]), ([1.0], [0.0]), ([], [])])
def test_there_is_no_ratio_where_a_mean_is_nothing(treated, reference):
    assert math.isnan(ratio_of_means(treated, reference).value)


@pytest.mark.parametrize(("treated", "reference"), [([1.0, 2.0], [1.0]), ([-1.0], [1.0]), ([1.0], [math.nan])])
def test_a_ratio_refuses_what_is_no_pair_of_numbers(treated, reference):
    with pytest.raises(ValueError, match=r"paired|negative"):
        ratio_of_means(treated, reference)


def test_the_reduction_is_that_of_what_is_gained_over_the_start():
    # gained: 0.5 and 1.5, mean 1, against 10 and 10: 90 % less
    estimate = reduction_of_expansion([1.5, 2.5], [11.0, 11.0])
    assert estimate.value == pytest.approx(90.0)
    assert math.isnan(estimate.low)  # two twins are too few to resample


def test_the_reduction_is_zero_between_equal_arms_and_above_100_where_cells_are_lost():
    assert reduction_of_expansion([3.0, 5.0], [5.0, 3.0]).value == pytest.approx(0.0)
    assert reduction_of_expansion([0.5], [6.0]).value == pytest.approx(110.0)


def test_there_is_no_reduction_where_the_reference_does_not_expand():
    assert math.isnan(reduction_of_expansion([0.5, 0.5], [1.0, 1.05]).value)


def test_the_resampled_interval_holds_the_value_and_is_always_the_same():
    treated, reference = [1.0, 2.0, 1.5, 1.2, 3.0, 1.1], [20.0, 35.0, 10.0, 28.0, 50.0, 12.0]
    estimate = reduction_of_expansion(treated, reference)
    assert estimate == reduction_of_expansion(treated, reference)
    assert estimate.low < estimate.value < estimate.high < 100.0


@pytest.mark.parametrize("reference", [[11.0] * 5, [11.0, 21.0, 31.0, 41.0, 51.0]])
def test_there_is_no_resampled_interval_where_all_twins_agree(reference):
    estimate = reduction_of_expansion([1.0 + 0.1 * (cells - 1.0) for cells in reference], reference)
    assert estimate.value == pytest.approx(90.0)
    assert math.isnan(estimate.low)
    assert math.isnan(estimate.high)


def test_there_is_no_resampled_interval_where_a_resample_does_not_expand():
    assert math.isnan(reduction_of_expansion([1.0] * 5, [1.0, 1.0, 1.0, 1.0, 9.0]).low)


def test_resampling_begins_with_all_alike_and_gives_weights():
    weights = resampling(7)
    assert weights[0] == pytest.approx(np.full(7, 1 / 7))
    assert weights.sum(axis=1) == pytest.approx(np.ones(len(weights)))
    assert np.array_equal(weights, resampling(7))


def test_the_interval_of_resampled_means_is_that_of_student():
    """For numbers from a normal distribution percentiles of means, expanded, come close to Student's t."""
    drawn = np.random.default_rng(5).normal(size=8)
    low, high = resampled_interval(resampling(8)[1:] @ drawn, 8)
    reach = stdtrit(7, 0.975) * drawn.std(ddof=1) / np.sqrt(8)
    assert high - low == pytest.approx(2 * reach, rel=0.1)


def test_resampled_intervals_are_taken_value_by_value():
    drawn = np.random.default_rng(6).normal(size=(8, 3))
    low, high = resampled_interval(resampling(8)[1:] @ drawn, 8)
    alone = resampled_interval(resampling(8)[1:] @ drawn[:, 1], 8)
    assert (low[1], high[1]) == alone


def test_few_replicates_have_no_resampled_interval():
    assert resampled_interval([1.0, 2.0], 4) is None


def test_an_endless_end_of_an_interval_is_told():
    assert resampled_interval([*np.ones(90), *np.full(10, np.inf)], 20)[1] == np.inf
