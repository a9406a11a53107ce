import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.infection import (
    SARS_COV_2_HUMAN,
    VIRUSES,
    Epithelium,
    Virus,
    fastest_decay,
    growth_rate,
    infecting_virus,
    infection_rate,
    infections_per_cell,
    regeneration_rate,
    release_rate,
    uptake,
    virion_loss,
)

P = Epithelium()
V = Virus()
shares = st.floats(0.0, 1.0)
amounts = st.floats(0.0, 1e5)


@pytest.mark.interpreted
def test_infection_needs_virions_and_an_unprotected_cell():
    assert infection_rate(0.0, V.infectivity, 0.0) == 0.0
    assert infection_rate(10.0, V.infectivity, 1.0) == 0.0
    assert infection_rate(10.0, V.infectivity, 0.0) == pytest.approx(10.0 * V.infectivity)


@given(virions=amounts, infectivity=st.floats(0.0, 6.0), protection=shares)
def test_infection_follows_mass_action(virions, infectivity, protection):
    rate = infection_rate(virions, infectivity, protection)
    assert rate >= 0.0
    assert infection_rate(2 * virions, infectivity, protection) == pytest.approx(2 * rate)
    assert infection_rate(virions, infectivity, protection / 2) >= rate


@pytest.mark.interpreted
def test_release_is_full_without_interferon_and_drug_and_none_under_full_blocks():
    assert release_rate(V.release, 0.0, 1.0) == V.release
    assert release_rate(V.release, 1.0, 1.0) == 0.0
    assert release_rate(V.release, 0.0, 0.0) == 0.0
    assert release_rate(V.release, 0.5, 0.5) == pytest.approx(V.release / 4)


@given(blunting=shares, other=shares, left=shares)
def test_release_falls_with_interferon_and_rises_with_what_a_drug_leaves(blunting, other, left):
    low, high = sorted((blunting, other))
    assert 0.0 <= release_rate(V.release, high, left) <= release_rate(V.release, low, left) <= V.release
    assert release_rate(V.release, low, left) == pytest.approx(left * release_rate(V.release, low, 1.0))


@pytest.mark.interpreted
@pytest.mark.parametrize("virus", VIRUSES.values(), ids=str)
def test_antibody_raises_the_loss_of_virions_from_once_to_its_full_fold(virus):
    assert virion_loss(virus.clearance, 0.0, virus.antibody_clearance) == virus.clearance
    full = virion_loss(virus.clearance, 1.0, virus.antibody_clearance)
    assert full == pytest.approx(virus.clearance * virus.antibody_clearance)
    half = virion_loss(virus.clearance, 0.5, virus.antibody_clearance)
    assert half == pytest.approx((virus.clearance + full) / 2)


@given(antibody=shares, other=shares, fold=st.floats(1.0, 45.0))
def test_antibody_never_lowers_the_loss_of_virions(antibody, other, fold):
    low, high = sorted((antibody, other))
    assert V.clearance <= virion_loss(V.clearance, low, fold) <= virion_loss(V.clearance, high, fold) + 1e-12


@pytest.mark.interpreted
def test_regeneration_takes_its_mean_time_beside_at2_cells_and_longer_without():
    assert regeneration_rate(1.0, P) == pytest.approx(1.0 / P.regeneration_time)
    assert regeneration_rate(0.0, P) == pytest.approx(P.regeneration_without_at2 / P.regeneration_time)


@given(share=shares, other=shares)
def test_regeneration_rises_with_living_at2_cells(share, other):
    low, high = sorted((share, other))
    assert 0.0 <= regeneration_rate(low, P) <= regeneration_rate(high, P) <= 1.0 / P.regeneration_time + 1e-15


def test_uptake_is_the_resting_clearance_with_resting_neutrophils_and_less_without_any():
    assert uptake(1.0, V.clearance, V.neutrophil_uptake) == pytest.approx(V.clearance)
    assert uptake(0.0, V.clearance, V.neutrophil_uptake) == pytest.approx((1.0 - V.neutrophil_uptake) * V.clearance)
    assert uptake(3.0, 1.0, 0.2) == pytest.approx(1.4)


@pytest.mark.interpreted
@pytest.mark.parametrize("virus", VIRUSES.values(), ids=str)
def test_untreated_virus_doubles_in_the_rest_of_the_lung_as_it_is_fitted_to(virus):
    assert growth_rate(1.0, virus.clearance, virus) == math.log(2.0) / virus.arrival_doubling


@given(left=st.floats(1e-6, 1.0), fold=st.floats(1.0, 30.0))
def test_the_growth_of_virus_solves_the_lotka_euler_equation(left, fold):
    clearance, untreated = fold * V.clearance, growth_rate(1.0, V.clearance, V)
    growth = growth_rate(left, clearance, V)
    assert -fastest_decay(clearance, V) < growth <= untreated
    wanted = infections_per_cell(untreated, V.clearance, V)
    if growth > -0.99 * fastest_decay(clearance, V):
        assert left * infections_per_cell(growth, clearance, V) == pytest.approx(wanted, rel=1e-6)


def test_virus_neither_grows_nor_dies_out_where_a_cell_infects_one_other():
    once = infections_per_cell(growth_rate(1.0, V.clearance, V), V.clearance, V) / infections_per_cell(
        0.0, V.clearance, V
    )
    assert growth_rate(once, V.clearance, V) == pytest.approx(0.0, abs=1e-8)
    assert growth_rate(0.9 * once, V.clearance, V) < 0.0 < growth_rate(1.1 * once, V.clearance, V)
    assert 0.02 < once < 0.2  # an infected cell infects 5 to 50 others


@pytest.mark.parametrize("virus", ["influenza", "SARS-CoV-2", "RSV"])
def test_free_virus_lives_longer_in_people_than_in_mice(virus):
    assert VIRUSES[virus, "human"].clearance < VIRUSES[virus, "mouse"].clearance


def test_sars_cov_2_is_slower_than_influenza_in_people():
    influenza = VIRUSES["influenza", "human"]
    assert SARS_COV_2_HUMAN.eclipse_time > influenza.eclipse_time
    assert SARS_COV_2_HUMAN.expressing_time > influenza.expressing_time
    assert SARS_COV_2_HUMAN.infectivity < influenza.infectivity


@pytest.mark.interpreted
def test_a_cell_is_infected_by_each_virus_in_proportion_to_its_hazard():
    chances = [(number + 0.5) / 1000.0 for number in range(1000)]
    assert sum(infecting_virus(1.0, 3.0, chance) for chance in chances) == 750
    assert sum(infecting_virus(3.0, 1.0, chance) for chance in chances) == 250
    assert infecting_virus(2.0, 0.0, 0.999) == 0
    assert infecting_virus(0.0, 2.0, 0.999) == 1


@given(first=st.floats(1e-9, 10.0), second=st.floats(1e-9, 10.0), chance=st.floats(0.0, 0.999))
def test_two_viruses_that_change_places_infect_the_same_cells(first, second, chance):
    assert first == second or infecting_virus(first, second, chance) == 1 - infecting_virus(second, first, chance)
