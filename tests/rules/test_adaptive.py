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
    viruses_recognized,
    with_cross_reaction,
)
from abm.rules.states import EVERY_VIRUS

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


def test_responders_arrive_in_many_stages():
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


@pytest.mark.interpreted
def test_without_cross_reaction_each_virus_meets_its_own_immunity_only():
    assert with_cross_reaction(0.4, 1.0, 0.0) == 0.4
    assert with_cross_reaction(0.4, 1.0, 0.5) == pytest.approx(0.9)
    assert with_cross_reaction(0.4, 1.0, 1.0) == 1.0
    assert P.cross_reaction == P.cross_neutralization == 0.0


@given(own=shares, other=shares, share=shares, more=shares)
def test_more_cross_reaction_is_never_less_immunity(own, other, share, more):
    low, high = sorted((share, more))
    assert own <= with_cross_reaction(own, other, low) <= with_cross_reaction(own, other, high) <= 1.0


@pytest.mark.interpreted
def test_t_cells_recognize_the_virus_that_they_were_sent_against():
    assert viruses_recognized(0.0, 1.0, 0.0, 0.5, False) == 0b01
    assert viruses_recognized(0.0, 0.0, 1.0, 0.5, False) == 0b10
    assert viruses_recognized(0.0, 1.0, 0.0, 0.5, True) == EVERY_VIRUS
    assert viruses_recognized(1.0, 0.0, 0.0, 0.5, False) == EVERY_VIRUS


@given(
    others=st.floats(0.0, 10.0), first=st.floats(0.0, 10.0), second=st.floats(0.0, 10.0), chance=st.floats(0.0, 0.999)
)
def test_two_viruses_that_change_places_meet_the_t_cells_that_have_changed_places(others, first, second, chance):
    swapped = {0b01: 0b10, 0b10: 0b01, EVERY_VIRUS: EVERY_VIRUS}
    one, other = (viruses_recognized(others, *sent, chance, False) for sent in ((first, second), (second, first)))
    assert first == second or swapped[one] == other


def test_t_cells_are_of_each_kind_in_proportion_to_what_is_expected():
    chances = [(number + 0.5) / 1000.0 for number in range(1000)]
    found = [viruses_recognized(2.0, 1.0, 5.0, chance, False) for chance in chances]
    assert [found.count(kind) for kind in (EVERY_VIRUS, 0b01, 0b10)] == [250, 125, 625]
