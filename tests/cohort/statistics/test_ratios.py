import math

import numpy as np
import pytest
from statsmodels.duration.hazard_regression import PHReg

from abm.cohort.analysis import CANCER, FOUND, INFECTED, NONE, RECORDED, Followed
from abm.cohort.statistics.ratios import differing, hazard_ratio, odds_ratio, risk_ratio
from tests.cohort.statistics.with_lifelines import exported, quiet
from tests.cohort.synthetic import made, tables

DEATHS = {NONE: {"other": 0.004}, INFECTED: {"infection": 0.001, "other": 0.004}}


def both(cohort, endpoint=FOUND):
    """Infected over uninfected."""
    return cohort.follow(INFECTED, endpoint), cohort.follow(NONE, endpoint)


def widths(ratio):
    """Standard error of the logarithm, from the ends."""
    return (math.log(ratio.high) - math.log(ratio.low)) / 3.919928


@pytest.mark.slow
def test_cox_finds_the_hazard_ratio_that_was_put_in():
    ratio = hazard_ratio(*both(made(2000, 2, scans=0.01, twins=False)))
    assert ratio.value == pytest.approx(2.0, rel=0.08)
    assert ratio.low < 2.0 < ratio.high


@pytest.mark.parametrize(("endpoint", "symptoms"), [(FOUND, 0.1), (FOUND, 0.0), (CANCER, 0.1), (RECORDED, 0.1)])
def test_hazard_ratios_and_their_clustered_errors_agree_with_statsmodels_and_lifelines(endpoint, symptoms):
    cohort = made(150, 4, spread=0.8, symptoms=symptoms, deaths=DEATHS)
    mine = hazard_ratio(*both(cohort, endpoint))
    rows = exported(cohort, [INFECTED, NONE], endpoint)
    known = rows[rows["time"] >= rows.loc[rows["event"] == 1, "time"].min()]  # before, its residuals are NaN
    status = known["event"].to_numpy(dtype=float)
    model = PHReg(known["time"].to_numpy(), known[["exposed"]].to_numpy(), status=status, ties="efron")
    theirs = model.fit(groups=known["number"].to_numpy())
    assert math.log(mine.value) == pytest.approx(theirs.params[0], abs=1e-6)
    assert widths(mine) == pytest.approx(theirs.bse[0], rel=0.002)
    with quiet() as lifelines:
        fitter = lifelines.CoxPHFitter()
        fitter.fit(rows[["time", "event", "exposed", "number"]], "time", "event", cluster_col="number", robust=True)
        assert math.log(mine.value) == pytest.approx(fitter.params_.iloc[0], abs=1e-4)
        # its residuals treat ties as Efron, which matters on the calendar of scans
        assert widths(mine) == pytest.approx(fitter.standard_errors_.iloc[0], rel=0.02 if symptoms else 0.05)


def test_the_risk_ratio_is_that_of_pairs():
    cohort = tables({NONE: [5, None, None, None], INFECTED: [4, 6, 7, None]})
    ratio = risk_ratio(*both(cohort))
    assert ratio.value == pytest.approx(3.0)
    assert ratio.low < 1.0
    assert ratio.high > 3.0


def test_the_error_of_an_odds_ratio_is_that_of_a_logistic_regression_with_clusters():
    import statsmodels.api as sm

    cohort = made(150, 4, spread=0.8, symptoms=0.1, deaths=DEATHS)
    mine = odds_ratio(*both(cohort, RECORDED))
    rows = exported(cohort, [INFECTED, NONE], RECORDED)
    fit = sm.GEE(rows["event"], sm.add_constant(rows[["exposed"]]), rows["number"], family=sm.families.Binomial()).fit()
    assert math.log(mine.value) == pytest.approx(fit.params["exposed"], abs=1e-6)
    assert widths(mine) == pytest.approx(fit.bse["exposed"], rel=0.005)


def test_a_ratio_without_events_is_not_defined():
    pair = both(tables({NONE: [None] * 3, INFECTED: [1, None, None]}))
    assert math.isnan(hazard_ratio(*pair).value)
    assert math.isnan(odds_ratio(*pair).value)
    assert "not defined" in risk_ratio(*pair).text


def test_there_is_no_largest_ratio_where_all_of_one_arm_come_first():
    assert math.isnan(hazard_ratio(*both(tables({NONE: [30, 40, None], INFECTED: [1, 1, 1]}))).value)


def test_turns_of_the_same_patients_do_not_narrow_a_ratio():
    once = both(tables({NONE: [30, 40, None, None] * 10, INFECTED: [20, 40, 50, None] * 10}))
    again = [Followed(*(np.repeat(part, 20, axis=1) for part in one[:2])) for one in once]
    for ratio in (hazard_ratio, risk_ratio, odds_ratio):
        assert widths(ratio(*again)) == pytest.approx(widths(ratio(*once)), rel=0.05), ratio.__name__
    few = both(tables({NONE: [30, 40, None, None], INFECTED: [20, 40, 50, None]}))
    again = [Followed(*(np.repeat(part, 20, axis=1) for part in one[:2])) for one in few]
    assert differing(*again) == 2
    for ratio in (hazard_ratio, risk_ratio, odds_ratio):
        assert widths(ratio(*again)) == pytest.approx(widths(ratio(*few)), rel=0.2), ratio.__name__


@pytest.mark.slow
def test_intervals_of_ratios_hold_the_truth_in_about_nineteen_of_twenty():
    rng, held = np.random.default_rng(7), []
    for _ in range(400):
        factor = np.exp(rng.normal(size=(150, 1)) * 0.5 - 0.125)
        pair = []
        for hazard in (0.2, 0.1):  # so rare that hazards stay proportional over patients who differ
            time = rng.exponential(size=(150, 6)) / (hazard * factor)
            pair.append(Followed(np.minimum(time, 0.5), time < 0.5))
        ratio, risks = hazard_ratio(*pair), odds_ratio(*pair)
        held.append((ratio.low <= 2.0 <= ratio.high, risks.low <= 2.09 <= risks.high))
    assert ((np.mean(held, axis=0) >= 0.92) & (np.mean(held, axis=0) <= 0.99)).all(), np.mean(held, axis=0)
