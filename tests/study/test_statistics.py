import math

import numpy as np
import pytest
from scipy.special import stdtrit

from abm.study.statistics import (
    mean_and_range,
    paired_ratio,
    reduction_of_expansion,
    resampled_interval,
    resampling,
    without_zeros,
)


def test_the_mean_leaves_out_what_is_not_a_number():
    assert mean_and_range([1.0, math.nan, 2.0, math.inf, 6.0]) == (3.0, 1.0, 6.0, 3)


def test_the_mean_of_nothing_is_not_a_number():
    value, low, high, n = mean_and_range([])
    assert math.isnan(value) and math.isnan(low) and math.isnan(high) and n == 0  # noqa: PT018


def test_two_twin_ratios_give_the_interval_calculated_by_hand():
    # log2 of the ratios: 1 and 3; mean 2, standard error 1, t(0.975, 1 degree of freedom) = 12.7062
    estimate = paired_ratio([2.0, 8.0], [1.0, 1.0])
    assert estimate.value == pytest.approx(4.0)
    assert estimate.low == pytest.approx(2.0 ** (2 - 12.7062), rel=1e-4)
    assert estimate.high == pytest.approx(2.0 ** (2 + 12.7062), rel=1e-4)
    assert estimate.n == 2


def test_four_twin_ratios_give_the_interval_calculated_by_hand():
    # log10 of the ratios: 0, 1, 1, 2; mean 1, variance 2/3, standard error sqrt(1/6), t(0.975, 3) = 3.18245
    estimate = paired_ratio([3.0, 50.0, 20.0, 700.0], [3.0, 5.0, 2.0, 7.0])
    reach = 3.18245 * math.sqrt(1 / 6)
    assert estimate.value == pytest.approx(10.0)
    assert (estimate.low, estimate.high) == pytest.approx((10 ** (1 - reach), 10 ** (1 + reach)), rel=1e-4)


def test_pairing_takes_away_what_twins_share():
    shared = [1.0, 10.0, 100.0, 1000.0]
    estimate = paired_ratio([3 * value for value in shared], shared)
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((3.0, 3.0, 3.0))


def test_a_ratio_and_its_inverse_have_inverse_intervals():
    forth, back = paired_ratio([2.0, 5.0, 9.0], [1.0, 2.0, 8.0]), paired_ratio([1.0, 2.0, 8.0], [2.0, 5.0, 9.0])
    assert forth.value * back.value == pytest.approx(1.0)
    assert forth.low * back.high == pytest.approx(1.0)


def test_a_single_pair_has_a_ratio_and_no_interval():
    estimate = paired_ratio([6.0], [2.0])
    assert estimate.value == pytest.approx(3.0)
    assert math.isnan(estimate.low) and math.isnan(estimate.high)  # noqa: PT018


@pytest.mark.parametrize(("treated", "reference"), [([1.0, 2.0], [1.0]), ([0.0], [1.0]), ([1.0], [-1.0])])
def test_a_ratio_refuses_what_is_no_pair_of_positive_numbers(treated, reference):
    with pytest.raises(ValueError, match=r"paired|positive"):
        paired_ratio(treated, reference)


def test_no_cell_left_counts_as_half_a_cell():
    assert without_zeros([0.0, 1.5], [20.0, 20.0]).tolist() == [0.025, 1.5]


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


def test_the_resampled_interval_has_no_width_where_all_twins_agree():
    estimate = reduction_of_expansion([2.0] * 5, [11.0] * 5)
    assert estimate[:3] == pytest.approx((90.0, 90.0, 90.0))


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
