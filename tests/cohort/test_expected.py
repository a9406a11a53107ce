import math

import numpy as np
import pandas as pd
import pytest

from abm.cohort.expected.lesion_hazard import section_growth, shift_to
from abm.cohort.expected.outcomes import NothingFoundError
from abm.cohort.expected.outlook import CAUSES, SINCE_INFECTION, UnknownFactors
from abm.cohort.expected.ratios import (
    GroupedCounts,
    counts_of_deaths,
    counts_of_found,
    log_hazard_ratio,
    log_odds_ratio,
)
from tests.cohort.synthetic_cohort import CONSTANTS, cohort, regular_scans, section, simulate, tables

FACTORS = UnknownFactors(1.5, 2.0, 1.5, 0.2)


@pytest.mark.parametrize("arm", ["no infection", "infection"])
def test_the_closed_form_agrees_with_lives_simulated_lesion_by_lesion(arm):
    count, turns = 12, 600
    made = cohort(count, scans=regular_scans(count, 12.0, (7.5, 9.0)))
    lives = simulate(made, *tables(count), arm, FACTORS, turns, np.random.default_rng(7))
    outlook = made.outlook(arm, FACTORS)
    for month in (8, 12, 13, 24, 52):
        error = 4.0 * math.sqrt(0.25 / (count * turns))
        assert outlook.found_by[month] == pytest.approx((lives["found"] <= month).mean(), abs=error)
        for cause in CAUSES:
            share = ((lives["cause"] == cause) & (lives["died"] <= month)).mean()
            assert outlook.died_by(cause)[month] == pytest.approx(share, abs=error)


def test_an_added_part_is_multiplied_by_the_expansion_and_the_rest_is_not():
    one, two = (cohort().outlook("infection", UnknownFactors(expansion=factor)) for factor in (1.0, 4.0))
    none = cohort().outlook("infection", UnknownFactors(expansion=0.0))
    assert none.found_by[-1] < one.found_by[-1] < two.found_by[-1]
    row = pd.Series(section(3.0, 0.5, 0.004))
    grown = section_growth(row, pd.Series(section(3.0, 0.0, 0.004)), 0.004, CONSTANTS.resting_share)
    assert grown.added.sum() == pytest.approx(0.5, rel=0.01)
    assert (grown.usual + grown.added).sum() * 730.5 == pytest.approx(row["section_awake_hours"][-1])
    assert (grown.usual > -1e-12).all()


def test_without_infection_the_measured_incidence_is_found_whatever_was_occult():
    made = cohort()
    for occult in (0.1, 0.7, 1.0, 8.0):
        outlook = made.outlook("no infection", UnknownFactors(occult=occult))
        years = 0.5 * (outlook.at_risk[:, 1:] + outlook.at_risk[:, :-1]).sum() / 12.0
        assert outlook.found.sum() / years == pytest.approx(CONSTANTS.incidence, rel=0.005)


def test_patients_who_are_not_infected_fare_alike_in_all_arms():
    made = cohort()
    spared = ~np.isfinite(made.people.infected_at)
    one, other = (made.outlook(arm, FACTORS) for arm in ("infection", "no infection"))
    assert spared.sum() == 6
    np.testing.assert_allclose(one.found[spared], other.found[spared], atol=1e-12)


def test_everyone_is_alive_or_dead_of_one_cause_and_found_lesions_only_grow():
    outlook = cohort().outlook("infection", FACTORS)
    np.testing.assert_allclose(outlook.alive[:, 0] - outlook.alive[:, -1], outlook.deaths.sum(axis=(0, 2)), atol=1e-9)
    assert (np.diff(outlook.found_by) >= 0.0).all()
    assert (outlook.at_risk <= outlook.alive + 1e-9).all()


def test_a_lesion_takes_as_long_as_gompertz_says():
    months = shift_to(1e9, 0.1, 3.1e12)
    assert 3.1e12 * math.exp(-math.log(3.1e12) * math.exp(-0.1 * months)) == pytest.approx(1e9)


def test_months_since_infection_leave_out_those_who_are_never_infected_and_what_was_before():
    made = cohort()
    outlook = made.outlook("infection", FACTORS, SINCE_INFECTION)
    assert len(outlook.alive) == 54
    assert outlook.deaths[1, :, 0].sum() == pytest.approx(
        (-outlook.alive[:, 0] * np.expm1(np.log1p(-made.mortality["infection"].infection[6:]))).sum(), rel=0.02
    )


def test_more_scans_find_lesions_earlier_and_do_not_change_deaths():
    rare, often = (cohort(scans=regular_scans(60, every)).outlook("infection", FACTORS) for every in (24.0, 6.0))
    # The hazard of escape follows from what is found, and so from the scans: it is compared at the same one.
    often_made = cohort(scans=regular_scans(60, 6.0))
    often_made.escape = cohort(scans=regular_scans(60, 24.0)).escape
    same = often_made.outlook("infection", FACTORS)
    assert same.found_by[12] > rare.found_by[12]
    np.testing.assert_allclose(same.died_by("cancer"), rare.died_by("cancer"))
    assert often.found_by[-1] != same.found_by[-1]


def test_the_hazard_ratio_of_counts_is_that_of_cox():
    from statsmodels.duration.hazard_regression import PHReg

    times = np.array([1.0, 2.0, 2.0, 3.0, 1.0, 2.0, 3.0, 3.0])
    arm = np.array([1, 1, 1, 1, 0, 0, 0, 0.0])
    event = np.array([1, 1, 0, 1, 1, 0, 0, 1.0])
    fit = PHReg(times, arm[:, None], status=event, ties="breslow").fit()
    one, other = (
        GroupedCounts(
            np.array(
                [((times == time) & (arm == value) & (event == 1.0)).sum() for time in (1.0, 2.0, 3.0)], dtype=float
            ),
            np.array([((times >= time) & (arm == value)).sum() for time in (1.0, 2.0, 3.0)], dtype=float),
        )
        for value in (1, 0)
    )
    assert log_hazard_ratio(one, other) == pytest.approx(fit.params[0], abs=1e-5)


def test_ratios_without_events_are_not_defined():
    none = GroupedCounts(np.zeros(2), np.ones(2))
    some = GroupedCounts(np.ones(2), np.ones(2))
    assert math.isnan(log_hazard_ratio(none, some))
    assert math.isnan(log_odds_ratio(0.0, 0.5))
    assert log_odds_ratio(0.5, 0.2) == pytest.approx(math.log(4.0))


def test_infection_raises_the_ratio_of_found_lesions_and_of_deaths():
    made = cohort()
    one, other = (made.outlook(arm, FACTORS, SINCE_INFECTION) for arm in ("infection", "no infection"))
    assert log_hazard_ratio(counts_of_found(one), counts_of_found(other)) > 0.1
    pair = [counts_of_deaths(part, part.recorded_as_cancer(0.2)) for part in (one, other)]
    assert log_hazard_ratio(*pair) > 0.1


def test_the_hazard_of_escape_is_that_of_the_simulation_where_it_is_known():
    calibrated, simulated = cohort(), cohort(constants=CONSTANTS._replace(escape=2e-4))
    assert simulated.escape(1.0) == pytest.approx(2e-4)
    for occult in (0.1, 10.0):
        ratios = [one.escape(occult) / one.escape(1.0) for one in (calibrated, simulated)]
        assert ratios[1] == pytest.approx(ratios[0], rel=1e-3)


def test_where_nothing_is_ever_found_the_closed_form_says_so():
    with pytest.raises(NothingFoundError, match="incidence is 0"):
        cohort(constants=CONSTANTS._replace(incidence=0.0)).escape(1.0)
