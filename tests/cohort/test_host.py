import pytest

from abm.cohort.host import Host, immunity_of, reach_of

H = Host()


def test_the_usual_patient_has_the_reach_and_the_immunity_of_the_file():
    assert reach_of(0.02, 65.0, 1.0, "", False, H) == pytest.approx(0.02)
    assert immunity_of(1.3, 65.0, H) == pytest.approx(1.3)


def test_age_other_diseases_vaccine_and_variant_each_multiply_the_reach():
    usual = reach_of(0.02, 65.0, 1.0, "", False, H)
    assert reach_of(0.02, 75.0, 1.0, "", False, H) / usual == pytest.approx(H.reach_per_decade)
    assert reach_of(0.02, 65.0, 3.0, "", False, H) / usual == pytest.approx(H.reach_per_condition**2)
    assert reach_of(0.02, 65.0, 1.0, "", True, H) / usual == pytest.approx(H.reach_vaccinated)
    assert reach_of(0.02, 65.0, 1.0, "Omicron", False, H) / usual == pytest.approx(0.41)


def test_an_infection_reaches_at_most_the_whole_lung():
    assert reach_of(0.9, 100.0, 10.0, "", False, H) == 1.0


def test_t_cells_are_weaker_in_old_age():
    assert immunity_of(1.0, 85.0, H) == pytest.approx(H.immunity_per_decade**2)
