import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.activation import (
    Activation,
    activation_time,
    depolarization_rate,
    polarization_rate,
    stimulus,
    trained,
    training_rate,
)

P = Activation()
shares = st.floats(0.0, 1.0)
virions = st.floats(0.0, 1e4)


@pytest.mark.interpreted
def test_debris_alarms_fully_and_virions_by_half_at_the_sentinel_number():
    assert stimulus(0.0, True, 0.5) == 1.0
    assert stimulus(0.0, False, 0.5) == 0.0
    assert stimulus(0.5, False, 0.5) == 0.5


@given(few=virions, more=virions, debris=st.booleans(), sentinel=st.floats(0.01, 100.0))
def test_stimulus_rises_with_virions(few, more, debris, sentinel):
    assert 0.0 <= stimulus(few, debris, sentinel) <= stimulus(few + more, debris, sentinel) <= 1.0


@pytest.mark.interpreted
def test_alarm_rises_and_falls_with_its_own_time():
    assert activation_time(0.2, 0.8, P) == P.rise_time
    assert activation_time(0.8, 0.2, P) == P.fall_time
    assert activation_time(0.5, 0.5, P) == P.fall_time


@given(activation=shares, other=shares)
def test_macrophages_switch_on_with_alarm_and_back_without(activation, other):
    low, high = sorted((activation, other))
    assert 0.0 <= polarization_rate(low, P) <= polarization_rate(high, P) <= P.polarization
    assert 0.0 <= depolarization_rate(high, P) <= depolarization_rate(low, P) <= 1.0 / P.depolarization_time


@pytest.mark.interpreted
def test_switch_rates_have_their_limits():
    assert polarization_rate(0.0, P) == 0.0
    assert polarization_rate(1.0, P) == P.polarization
    assert depolarization_rate(0.0, P) == pytest.approx(1.0 / P.depolarization_time)
    assert depolarization_rate(1.0, P) == 0.0


@pytest.mark.interpreted
def test_virions_alarm_without_a_threshold():
    assert stimulus(1.5, False, 0.5) == pytest.approx(0.75)
    assert stimulus(0.1, False, 0.5) == pytest.approx(1.0 / 6.0)


def test_training_needs_activation_and_ifn_gamma():
    assert training_rate(0.0, 1e3, P) == 0.0
    assert training_rate(1.0, 0.0, P) == 0.0
    assert training_rate(1.0, P.training_half, P) == P.training / 2


def test_training_rises_towards_one_and_is_forgotten():
    assert trained(0.0, 1.0, P, 1e4) == pytest.approx(1.0, abs=1e-3)
    assert trained(0.5, 0.0, P, P.training_memory / 10) == pytest.approx(0.5 * math.exp(-0.1), rel=1e-6)
