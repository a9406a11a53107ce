import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.interferon import Interferon, refractory_hazard, response, return_hazard

P = Interferon()
shares = st.floats(0.0, 1.0)
concentrations = st.floats(0.0, 1e4)


@pytest.mark.interpreted
def test_response_is_half_at_half_response_and_none_without_interferon():
    assert response(P.half_response, 1.0, P) == 0.5
    assert response(0.0, 1.0, P) == 0.0
    assert response(1e9, 1.0, P) == pytest.approx(1.0)


@given(amount=concentrations, more=concentrations, left=shares)
def test_response_rises_with_interferon_up_to_what_a_drug_leaves(amount, more, left):
    assert 0.0 <= response(amount, left, P) <= response(amount + more, left, P) <= left


@given(amount=concentrations, left=shares)
def test_a_drug_behind_the_receptor_takes_its_share_of_the_response(amount, left):
    assert response(amount, left, P) == pytest.approx(left * response(amount, 1.0, P))


@given(share=shares, other=shares)
def test_protection_comes_faster_and_goes_slower_under_more_interferon(share, other):
    low, high = sorted((share, other))
    assert 0.0 <= refractory_hazard(low, P) <= refractory_hazard(high, P) <= P.refractory_rate
    assert 0.0 <= return_hazard(high, P) <= return_hazard(low, P) <= 1.0 / P.refractory_time


@pytest.mark.interpreted
def test_hazards_have_their_limits():
    assert refractory_hazard(0.0, P) == 0.0
    assert refractory_hazard(1.0, P) == P.refractory_rate
    assert return_hazard(0.0, P) == pytest.approx(1.0 / P.refractory_time)
    assert return_hazard(1.0, P) == 0.0
