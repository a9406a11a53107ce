import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.response import decay_factor, decay_rate, exp_neg_approx, hill, relax_exactly, relax_towards

amounts = st.one_of(st.just(0.0), st.floats(1e-9, 1e6))
halves = st.floats(1e-3, 1e3)
powers = st.floats(0.5, 6.0)


@pytest.mark.interpreted
@given(half=halves, power=powers)
def test_hill_is_half_at_its_half_amount(half, power):
    assert hill(half, half, power) == 0.5


@pytest.mark.interpreted
@given(amount=amounts, half=halves, power=powers)
def test_hill_is_the_textbook_law_and_stays_in_the_unit_interval(amount, half, power):
    share = hill(amount, half, power)
    assert 0.0 <= share <= 1.0
    assert share == pytest.approx(amount**power / (half**power + amount**power), rel=1e-9, abs=1e-15)


@pytest.mark.interpreted
def test_hill_has_the_bits_of_plain_python():
    for amount in (0.003, 0.7, 1.0, 2.5, 1e4):
        assert hill(amount, 1.3, 2.0) == 1.0 / (1.0 + (1.3 / amount) ** 2.0)


@given(amount=amounts, more=st.floats(0.0, 1e6), half=halves, power=powers)
def test_hill_never_falls_with_the_amount(amount, more, half, power):
    assert hill(amount + more, half, power) >= hill(amount, half, power)


def test_hill_is_nothing_without_and_everything_with_boundless_amount():
    assert hill(0.0, 1.0, 2.0) == 0.0
    assert hill(-1e-9, 1.0, 2.0) == 0.0
    assert hill(1e-300, 1.0, 4.0) == 0.0
    assert hill(1e9, 1.0, 2.0) == pytest.approx(1.0)


@given(start=st.floats(-10.0, 10.0), target=st.floats(-10.0, 10.0), time=st.floats(0.1, 100.0), step=st.floats(0, 50))
def test_relaxed_lies_between_start_and_target(start, target, time, step):
    low, high = min(start, target), max(start, target)
    assert low - 1e-12 <= relax_exactly(start, target, time, step) <= high + 1e-12


@given(start=st.floats(0.0, 1.0), target=st.floats(0.0, 1.0), time=st.floats(0.5, 50.0), step=st.floats(0.01, 1.0))
def test_two_half_steps_of_relaxation_are_one_step(start, target, time, step):
    halfway = relax_exactly(start, target, time, step / 2)
    assert relax_exactly(halfway, target, time, step / 2) == pytest.approx(
        relax_exactly(start, target, time, step), abs=1e-12
    )


@pytest.mark.interpreted
def test_relaxation_is_exact():
    assert relax_exactly(0.0, 1.0, 6.0, 6.0) == pytest.approx(1.0 - math.exp(-1.0))
    assert relax_exactly(0.7, 0.2, 6.0, 0.0) == pytest.approx(0.7)
    assert relax_exactly(0.7, 0.2, 6.0, 1e4) == pytest.approx(0.2)


@pytest.mark.interpreted
@given(value=st.floats(-10.0, 10.0), target=st.floats(-10.0, 10.0), time=st.floats(0.1, 100.0), step=st.floats(0, 50))
def test_relaxation_is_an_approach_with_what_is_kept(value, target, time, step):
    assert decay_factor(time, step) == pytest.approx(math.exp(-step / time))
    assert relax_exactly(value, target, time, step) == relax_towards(value, target, decay_factor(time, step))


@given(value=st.floats(-10.0, 10.0), target=st.floats(-10.0, 10.0), share=st.floats(0.0, 1.0))
def test_an_approach_keeps_its_share_of_the_distance(value, target, share):
    assert relax_towards(value, target, share) - target == pytest.approx(share * (value - target), abs=1e-12)
    assert relax_towards(target, target, share) == target  # what is at rest stays there to the last bit


@pytest.mark.interpreted
@pytest.mark.parametrize(("to", "error"), [(0.2, 2e-6), (0.5, 1e-4), (1.0, 1.4e-3), (10.0, 1.2e-2)])
def test_the_cheap_exponential_is_as_near_as_it_says_and_never_below(to, error):
    exponents = np.linspace(0.0, to, 2001)
    above = np.array([exp_neg_approx(float(exponent)) for exponent in exponents]) - np.exp(-exponents)
    assert above.min() > -1e-15  # rounding
    assert above.max() == pytest.approx(error, rel=0.1)  # the bounds are given to one or two digits


@given(exponent=st.floats(0.0, 1e6), more=st.floats(0.0, 1e6))
def test_the_cheap_exponential_falls_from_one_towards_nothing(exponent, more):
    assert exp_neg_approx(0.0) == 1.0
    assert 0.0 < exp_neg_approx(exponent + more) <= exp_neg_approx(exponent) <= 1.0


@given(half_life=st.floats(0.01, 1e4))
def test_half_is_left_after_a_half_life(half_life):
    assert math.exp(-decay_rate(half_life) * half_life) == pytest.approx(0.5)


@pytest.mark.interpreted
@pytest.mark.parametrize("power", [1.0, 2.0, 3.0, 3.5, 4.0])
@pytest.mark.parametrize("times", [0.5, 2.0, 5.0])
def test_hill_is_its_formula_also_for_the_powers_that_have_a_shortcut(power, times):
    assert hill(times * 0.7, 0.7, power) == pytest.approx(times**power / (1.0 + times**power), rel=1e-12)
