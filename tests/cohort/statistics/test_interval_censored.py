import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from abm.cohort.analysis import FOUND, INFECTED, NONE
from abm.cohort.statistics.interval_censored import Seen, interval_hazard_ratio, seen
from abm.cohort.statistics.ratios import hazard_ratio
from tests.cohort.statistics.test_ratios import widths
from tests.cohort.statistics.with_lifelines import quiet
from tests.cohort.synthetic import made, tables


def both(cohort):
    """Infected over uninfected."""
    return seen(cohort, INFECTED), seen(cohort, NONE)


def test_one_scan_gives_the_ratio_of_the_logarithms_of_those_without():
    none, infected = [12.0] * 30 + [None] * 70, [12.0] * 50 + [None] * 50
    ratio = interval_hazard_ratio(*both(tables({NONE: none, INFECTED: infected}, months=12.0)))
    assert ratio.value == pytest.approx(math.log(0.5) / math.log(0.7), rel=1e-4)


def test_on_one_calendar_of_scans_it_is_the_grouped_model_of_prentice_and_gloeckler():
    cohort = made(400, 1, twins=False, visible={NONE: 0.01, INFECTED: 0.02})
    one, other = both(cohort)
    mine = interval_hazard_ratio(one, other)
    rows = []
    for exposed, arm in ((1.0, one), (0.0, other)):
        for until in arm.until.ravel():
            for scan in (12.0, 24.0, 36.0, 48.0):
                if until >= scan:
                    rows.append((exposed, scan, until == scan))
    table = pd.DataFrame(rows, columns=["exposed", "scan", "event"])
    design = pd.get_dummies(table["scan"], dtype=float).assign(exposed=table["exposed"])
    link = sm.families.links.CLogLog()
    fit = sm.GLM(table["event"].astype(float), design, family=sm.families.Binomial(link)).fit()
    assert math.log(mine.value) == pytest.approx(fit.params["exposed"], abs=2e-4)
    assert widths(mine) == pytest.approx(fit.bse["exposed"], rel=0.06)


def test_it_agrees_with_lifelines_where_symptoms_and_scans_find_lesions():
    cohort = made(300, 1, twins=False, symptoms=0.1, visible={NONE: 0.01, INFECTED: 0.02})
    one, other = both(cohort)
    rows = pd.DataFrame({
        "after": np.concatenate([part.after.ravel() for part in (one, other)]),
        "until": np.concatenate([part.until.ravel() for part in (one, other)]),
        "exposed": np.repeat([1.0, 0.0], 300),
    })  # fmt: skip
    with quiet() as lifelines:
        fitter = lifelines.CoxPHFitter(baseline_estimation_method="piecewise", breakpoints=[12.0, 24.0, 36.0])
        fitter.fit_interval_censoring(rows, "after", "until")
        value, error = (
            float(part.xs("exposed", level=1).iloc[0]) for part in (fitter.params_, fitter.standard_errors_)
        )
    mine = interval_hazard_ratio(one, other)
    assert math.log(mine.value) == pytest.approx(value, abs=0.02)  # with other pieces of time
    assert widths(mine) == pytest.approx(error, rel=0.08)


def test_more_scans_find_lesions_earlier_and_do_not_make_them():
    same = {NONE: 0.01, INFECTED: 0.01}
    cohort = made(2000, 1, twins=False, visible=same, scans={NONE: 24.0, INFECTED: 3.0})
    dates = hazard_ratio(cohort.follow(INFECTED, FOUND), cohort.follow(NONE, FOUND))
    intervals = interval_hazard_ratio(*both(cohort))
    assert dates.value > 1.15
    assert intervals.low < 1.0 < intervals.high
    assert intervals.value == pytest.approx(1.0, abs=0.08)


def test_without_a_finding_in_an_arm_there_is_no_ratio():
    assert math.isnan(interval_hazard_ratio(*both(tables({NONE: [None] * 3, INFECTED: [12, None, None]}))).value)


def test_few_patients_who_differ_do_not_make_it_certain():
    ratio = interval_hazard_ratio(*both(tables({NONE: [12] * 5 + [None] * 45, INFECTED: [12] * 5 + [None] * 45})))
    assert ratio.value == pytest.approx(1.0, abs=1e-3)
    assert ratio.low < 0.5
    assert ratio.high > 2.0


@pytest.mark.slow
@pytest.mark.parametrize("symptoms", [0.0, 0.05])
def test_its_intervals_hold_the_truth_in_about_nineteen_of_twenty(symptoms):
    held = []
    for seed in range(80):
        cohort = made(
            150, 3, seed=seed, twins=False, spread=0.3, symptoms=symptoms, visible={NONE: 0.004, INFECTED: 0.008},
            scans={NONE: 12.0, INFECTED: 5.0},
        )  # fmt: skip
        ratio = interval_hazard_ratio(*both(cohort))
        held.append(ratio.low <= 2.0 <= ratio.high)
    assert 0.87 <= np.mean(held) <= 1.0, np.mean(held)  # 0.95 of 80 within three standard errors


def test_intervals_are_read_from_the_table_of_arms():
    cohort = tables({NONE: [24, None, 30], INFECTED: [12, 12, None]})
    cohort.arms.loc[(cohort.arms["arm"] == NONE) & (cohort.arms["number"] == 1), "last_clear"] = 12.0
    cohort.arms.loc[(cohort.arms["arm"] == NONE) & (cohort.arms["number"] == 3), "by_scan"] = False
    told = seen(type(cohort)(cohort.patients, cohort.arms, cohort.months), NONE)
    assert told.after.ravel().tolist() == [12.0, 24.0, 30.0]
    assert told.until.ravel().tolist() == [24.0, np.inf, 30.0]
    assert isinstance(told, Seen)
