import math

import numpy as np
import pytest

from abm.cohort.death import AGES, YEARLY_DEATH, Death, hours_to_other_death, infection_fatality, lag_at
from abm.cohort.disease import DAY, YEAR

D = Death()


@pytest.mark.parametrize("age", [40.0, 65.0, 80.0])
@pytest.mark.parametrize("female", [True, False])
def test_as_many_die_within_a_year_as_the_life_table_says(age, female):
    readings = np.random.default_rng(1).exponential(size=20_000)
    died = np.mean([hours_to_other_death(reading, age, female, 1.0, D) < YEAR for reading in readings])
    expected = np.exp(np.interp(age, AGES, np.log(YEARLY_DEATH[0 if female else 1])))
    assert died == pytest.approx(expected, abs=4.0 * math.sqrt(expected / 20_000))


def test_the_hazard_of_other_death_goes_on_beyond_the_table_and_rises_with_other_diseases():
    times = [hours_to_other_death(reading, 90.0, True, 0.0, D) for reading in (0.1, 1.0, 5.0, 20.0, 60.0)]
    assert times == sorted(times)
    assert math.isfinite(times[-1])
    assert hours_to_other_death(0.5, 70.0, True, 2.0, D) < hours_to_other_death(0.5, 70.0, True, 0.0, D)


@pytest.mark.parametrize(("age", "percent"), [(40, 0.067), (50, 0.22), (60, 0.75), (70, 2.5), (80, 8.4)])
def test_covid_kills_as_many_of_each_age_as_in_levin(age, percent):
    both = [infection_fatality("SARS-CoV-2", "", age, female, 1.0, D) for female in (True, False)]
    assert 100.0 * np.mean(both) == pytest.approx(percent, rel=0.03)
    assert both[1] / both[0] == pytest.approx(1.59)


def test_omicron_kills_less_than_the_first_variant_and_influenza_less_than_either():
    delta, omicron = (infection_fatality("SARS-CoV-2", name, 70.0, True, 1.0, D) for name in ("", "Omicron"))
    assert omicron / delta == pytest.approx(0.31)
    assert infection_fatality("influenza", "", 70.0, True, 1.0, D) < delta
    assert infection_fatality("influenza", "", 30.0, True, 1.0, D) == pytest.approx(0.00016 * D.influenza_infected)
    assert infection_fatality("SARS-CoV-2", "", 100.0, False, 10.0, D) == 1.0


def test_half_of_those_who_die_of_an_infection_do_so_within_the_median_time():
    assert lag_at(0.0, D) == 18.0 * DAY
    assert lag_at(-1.0, D) < lag_at(0.0, D) < lag_at(1.0, D)
