import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.dormancy import (
    Dormancy,
    arrival_loss_rate,
    awakening_without_il6,
    cycle_speed,
    il6_awakening_rate,
    macrophage_hold,
    niche_permissiveness,
    occupancy,
    phenotype_transition_rate,
    return_rate,
)
from abm.rules.states import Phenotype

P = Dormancy()
shares = st.floats(0.0, 1.0)
concentrations = st.floats(0.0, 1e4)


@pytest.mark.interpreted
def test_response_is_half_at_half_response():
    assert occupancy(P.half_response, 1.0, P) == 0.5


def test_there_is_no_response_without_il6_nor_without_receptors():
    assert occupancy(0.0, 1.0, P) == 0.0
    assert occupancy(50.0, 0.0, P) == 0.0
    assert occupancy(1e6, 1.0, P) == pytest.approx(1.0)


@given(il6=concentrations, more=concentrations, left=shares)
def test_response_rises_with_il6(il6, more, left):
    assert 0.0 <= occupancy(il6, left, P) <= occupancy(il6 + more, left, P) <= 1.0


@given(il6=concentrations, left=shares, other=shares)
def test_response_rises_with_free_receptors(il6, left, other):
    low, high = sorted((left, other))
    assert occupancy(il6, low, P) <= occupancy(il6, high, P)


@given(il6=concentrations, left=st.floats(0.01, 1.0))
def test_blocked_receptors_count_as_less_il6(il6, left):
    assert occupancy(il6, left, P) == pytest.approx(occupancy(il6 * left, 1.0, P))


@pytest.mark.interpreted
def test_an_intact_niche_without_collagen_leaves_the_closed_share():
    assert niche_permissiveness(1.0, 0.0, P) == pytest.approx(P.closed_niche)
    assert niche_permissiveness(0.0, 0.0, P) == 1.0
    assert niche_permissiveness(0.0, 1.0, P) == pytest.approx(1.0 + P.stiffness_gain)


@given(hold=shares, other=shares, collagen=shares)
def test_a_held_niche_is_never_more_open(hold, other, collagen):
    low, high = sorted((hold, other))
    assert 0.0 <= niche_permissiveness(high, collagen, P) <= niche_permissiveness(low, collagen, P)


@given(hold=shares, collagen=shares, other=shares)
def test_stiff_matrix_wakes_cells(hold, collagen, other):
    low, high = sorted((collagen, other))
    assert niche_permissiveness(hold, low, P) <= niche_permissiveness(hold, high, P)


@pytest.mark.interpreted
def test_awakening_by_il6_is_none_without_signal_and_full_in_an_open_niche():
    assert il6_awakening_rate(0.0, 1.0, 0, P) == 0.0
    assert il6_awakening_rate(1.0, 1.0, 0, P) == P.awakening
    assert il6_awakening_rate(0.5, 1.0, 0, P) == pytest.approx(P.awakening / 2)


@given(signal=shares, other=shares, permissiveness=st.floats(0.0, 3.0), contacts=st.integers(0, 9))
def test_awakening_rises_with_the_signal(signal, other, permissiveness, contacts):
    low, high = sorted((signal, other))
    rates = [il6_awakening_rate(value, permissiveness, contacts, P) for value in (low, high)]
    assert 0.0 <= rates[0] <= rates[1] <= P.awakening * permissiveness + 1e-15


@given(signal=shares, permissiveness=st.floats(0.0, 3.0), contacts=st.integers(1, 9))
def test_a_cd8_cell_in_contact_holds_a_cell_back_and_more_of_them_no_further(signal, permissiveness, contacts):
    free = il6_awakening_rate(signal, permissiveness, 0, P)
    assert il6_awakening_rate(signal, permissiveness, contacts, P) == pytest.approx(free * (1.0 - P.cd8_hold))


@given(signal=shares, other=shares)
def test_return_to_dormancy_falls_with_the_signal(signal, other):
    low, high = sorted((signal, other))
    assert 0.0 <= return_rate(high, P) <= return_rate(low, P) <= P.return_rate


def test_return_is_full_without_and_none_at_full_signal():
    assert return_rate(0.0, P) == P.return_rate
    assert return_rate(1.0, P) == 0.0


@pytest.mark.interpreted
def test_awake_cells_drift_towards_epithelial_and_resting_ones_back():
    awake = [phenotype_transition_rate(True, phenotype, P) for phenotype in Phenotype]
    resting = [phenotype_transition_rate(False, phenotype, P) for phenotype in Phenotype]
    assert awake == [P.to_hybrid, P.to_epithelial, 0.0]
    assert resting == [0.0, P.to_mesenchymal, P.to_mesenchymal]
    assert P.to_mesenchymal < P.to_epithelial < P.to_hybrid


@given(signal=shares, other=shares)
def test_the_cycle_runs_faster_under_signal(signal, other):
    low, high = sorted((signal, other))
    assert P.cycling_without_signal - 1e-12 <= cycle_speed(low, P) <= cycle_speed(high, P) <= 1.0 + 1e-12


def test_the_cycle_runs_at_its_speed_at_both_ends():
    assert cycle_speed(0.0, P) == P.cycling_without_signal
    assert cycle_speed(1.0, P) == pytest.approx(1.0)


def test_a_sleeping_population_stays_flat_for_sixty_days():
    # Chia 2025: the count is flat for 60 d, fewer than 1 % awake of themselves.
    assert -math.expm1(-P.spontaneous_awakening * 60 * 24) < 0.01


@given(tgfb2=concentrations, more=concentrations)
def test_more_tgfb2_holds_cells_more_and_fewer_awaken(tgfb2, more):
    low, high = macrophage_hold(tgfb2, P), macrophage_hold(tgfb2 + more, P)
    assert 0.0 <= low <= high <= 1.0
    assert awakening_without_il6(high, P) <= awakening_without_il6(low, P)


def test_a_held_cell_awakens_spontaneously_alone_and_a_released_one_besides():
    assert awakening_without_il6(1.0, P) == P.spontaneous_awakening
    assert awakening_without_il6(0.0, P) == P.spontaneous_awakening + P.released_awakening
    assert macrophage_hold(P.tgfb2_half, P) == 0.5


def test_interferon_removes_arriving_cells_in_step_with_its_response():
    assert arrival_loss_rate(0.0, P) == 0.0
    assert arrival_loss_rate(1.0, P) == P.interferon_barrier
