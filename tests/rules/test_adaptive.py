import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.adaptive import (
    STAGES,
    Adaptive,
    arrival_delay,
    helped,
    infectivity_left,
    priming_rate,
    response_size,
    unbound_antibody,
)

P = Adaptive()
shares = st.floats(0.0, 1.0)


@pytest.mark.interpreted
def test_priming_is_none_without_antigen_and_half_at_half_antigen():
    assert priming_rate(0.0, P) == 0.0
    assert priming_rate(P.half_antigen, P) == pytest.approx(P.priming / 2)


@given(share=shares, other=shares)
def test_priming_rises_with_antigen(share, other):
    low, high = sorted((share, other))
    assert 0.0 <= priming_rate(low, P) <= priming_rate(high, P) <= P.priming


@pytest.mark.interpreted
def test_memory_shortens_the_delay_and_enlarges_the_response():
    assert arrival_delay(0.0, P) == P.delay
    assert arrival_delay(1.0, P) == pytest.approx(P.recall_delay)
    assert response_size(0.0, P) == 1.0
    assert response_size(1.0, P) == pytest.approx(P.recall_gain)


@given(memory=shares, other=shares)
def test_more_memory_is_never_slower_nor_smaller(memory, other):
    low, high = sorted((memory, other))
    assert arrival_delay(high, P) <= arrival_delay(low, P) + 1e-12
    assert response_size(low, P) <= response_size(high, P)


def test_a_recall_response_comes_two_to_three_days_earlier():
    # Flynn 1998.
    assert 40.0 <= P.delay - P.recall_delay <= 72.0
    assert STAGES >= 8


@pytest.mark.interpreted
def test_priming_saturates_without_a_threshold():
    """Three times the half-saturating antigen primes at three quarters (power 1)."""
    assert priming_rate(3.0 * P.half_antigen, P) == pytest.approx(0.75 * P.priming)


@pytest.mark.interpreted
def test_cd4_cells_help_in_proportion_to_those_that_are_left():
    assert helped(0.2, 1.0) == 1.0
    assert helped(0.2, 0.0) == 0.2
    assert helped(0.2, 0.5) == pytest.approx(0.6)


@given(antibody=shares, virions=st.floats(0.0, 1e7))
def test_virions_in_excess_take_up_antibody(antibody, virions):
    left = unbound_antibody(antibody, virions, P)
    assert 0.0 <= unbound_antibody(antibody, 2.0 * virions, P) <= left <= antibody
    assert unbound_antibody(antibody, 0.0, P) == antibody
    assert unbound_antibody(antibody, P.antibody_excess, P) == pytest.approx(antibody / 2.0)


@pytest.mark.interpreted
def test_a_vaccine_lowers_infectivity_by_its_share_of_protection():
    assert infectivity_left(0.0, P) == 1.0
    assert infectivity_left(1.0, P) == pytest.approx(1.0 - P.vaccine_protection)
    assert infectivity_left(0.5, P) == pytest.approx(1.0 - 0.5 * P.vaccine_protection)
