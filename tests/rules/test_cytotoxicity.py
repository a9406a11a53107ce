import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.cytotoxicity import (
    Cytotoxicity,
    mean_team_rate,
    nk_cancer_rate,
    nk_vigor,
    suppression,
    team_rate,
    trained_rate,
)

P = Cytotoxicity()
counts = st.integers(0, 200)
ages = st.floats(0.0, 500.0)


@pytest.mark.interpreted
def test_nobody_kills_without_contact_and_one_cell_kills_at_its_rate():
    assert team_rate(P.cd8_infected, 0, P) == 0.0
    assert team_rate(P.cd8_infected, 1, P) == P.cd8_infected


@pytest.mark.interpreted
def test_cells_in_contact_cooperate():
    assert team_rate(0.25, 3, P) == pytest.approx(0.25 * 3 * (1.0 + 2.0 * P.cooperation))


@given(single=st.floats(0.0, 1.0), contacts=st.integers(1, 20))
def test_killing_rises_faster_than_the_number_in_contact(single, contacts):
    assert team_rate(single, contacts, P) >= contacts * single * (1 - 1e-12)
    assert team_rate(single, contacts + 1, P) >= team_rate(single, contacts, P)


@pytest.mark.interpreted
def test_the_brake_has_its_limits():
    assert suppression(0, 0, P) == 1.0
    assert suppression(10**11, 0, P) == pytest.approx(1.0 - P.cd4_suppression)
    assert suppression(0, 10**11, P) == pytest.approx(1.0 - P.cluster_suppression)
    assert suppression(10**11, 10**11, P) == pytest.approx((1.0 - P.cd4_suppression) * (1.0 - P.cluster_suppression))


def test_each_brake_is_half_at_its_half_number():
    p = P._replace(cd4_half=4.0, cluster_half=7.0)
    assert suppression(4, 0, p) == pytest.approx(1.0 - p.cd4_suppression / 2)
    assert suppression(0, 7, p) == pytest.approx(1.0 - p.cluster_suppression / 2)


@given(cd4=counts, cancer=counts)
def test_every_neighbor_brakes_further(cd4, cancer):
    left = suppression(cd4, cancer, P)
    assert 0.0 <= suppression(cd4 + 1, cancer, P) <= left <= 1.0
    assert 0.0 <= suppression(cd4, cancer + 1, P) <= left


@pytest.mark.interpreted
def test_nk_cells_are_fresh_then_tire_then_are_spent():
    assert nk_vigor(0.0, P) == nk_vigor(P.nk_fresh, P) == 1.0
    assert nk_vigor((P.nk_fresh + P.nk_spent) / 2, P) == pytest.approx(0.5)
    assert nk_vigor(P.nk_spent, P) == nk_vigor(10 * P.nk_spent, P) == 0.0


@given(age=ages, older=ages)
def test_nk_vigor_never_rises_with_age(age, older):
    assert 0.0 <= nk_vigor(age + older, P) <= nk_vigor(age, P) <= 1.0


def test_dormant_cells_are_harder_to_kill_than_awake_ones():
    assert P.cd8_dormant_cancer < P.cd8_proliferating_cancer


def test_mean_team_rate_is_the_mean_over_a_poisson_number_of_contacts():
    mean, chance, found = 0.7, math.exp(-0.7), 0.0
    for contacts in range(40):
        found += chance * team_rate(0.25, contacts, P)
        chance *= mean / (contacts + 1)
    assert mean_team_rate(0.25, mean, P) == pytest.approx(found)


def test_an_nk_cell_kills_cancer_cells_while_fresh_and_a_macrophage_as_far_as_it_is_trained():
    assert nk_cancer_rate(0.0, P) == P.nk_proliferating_cancer
    assert nk_cancer_rate(P.nk_spent, P) == 0.0
    assert trained_rate(0.0, P) == 0.0
    assert trained_rate(0.5, P) == 0.5 * P.trained_arriving_cancer
