import numpy as np
import pytest

from abm.cohort.analysis import DEATH, FOUND, INFECTED, NONE
from abm.cohort.statistics.ratios import hazard_ratio
from abm.cohort.statistics.since_infection import SINCE, ratios_since
from tests.cohort.synthetic import made, tables


def test_rates_are_events_over_time_at_risk_from_the_day_of_infection():
    found = ratios_since(tables({NONE: [None, None], INFECTED: [12.0, None]}, first=10.0), INFECTED, FOUND).iloc[0]
    assert (found["begin"], found["end"]) == (0.0, 3.0)
    assert found["events"] == 500.0
    assert found["rate"] == pytest.approx(1000.0 / ((2.0 + 3.0) / 12.0))
    assert found["without"] == found["rate_without"] == 0.0


def test_events_before_the_infection_and_patients_without_one_do_not_count():
    cohort = tables({NONE: [5.0, 30.0, 12.0], INFECTED: [5.0, 20.0, 12.0]}, first=[10.0, 10.0, np.nan])
    found = ratios_since(cohort, INFECTED, FOUND)
    assert found["events"].sum() == found["without"].sum() == 500.0
    assert list(found.loc[found["events"] > 0, "begin"]) == [6.0]
    assert list(found.loc[found["without"] > 0, "begin"]) == [12.0]


def test_an_effect_of_the_first_months_alone_is_found_there():
    cohort = made(1500, 2, scans=0.01, twins=False, deaths={NONE: {"other": 0.01}, INFECTED: {"other": 0.01}},
                  visible={NONE: 0.0001, INFECTED: 0.0001})  # fmt: skip
    first = np.repeat(cohort.patients["first_infection"].to_numpy(), 2)
    arms = cohort.arms.copy()
    rng = np.random.default_rng(5)
    own = (arms["arm"] == INFECTED).to_numpy()
    killed = first + rng.exponential(1 / 0.02, own.sum())  # within three months only
    died = arms.loc[own, "died"].fillna(99.0).to_numpy()
    sooner = (killed < first + 3.0) & (killed < died)
    arms.loc[own, "died"] = np.where(sooner, killed, arms.loc[own, "died"])
    found = ratios_since(type(cohort)(cohort.patients, arms, cohort.months), INFECTED, DEATH)
    assert found["low"].iloc[0] < 3.0 < found["high"].iloc[0]
    assert found["low"].iloc[0] > 1.8
    for row in found.iloc[1:].itertuples():
        assert 0.7 < row.ratio < 1.4
        assert row.low < row.ratio < row.high


def test_a_period_that_covers_everything_is_the_ratio_of_the_whole(monkeypatch):
    monkeypatch.setattr("abm.cohort.statistics.since_infection.SINCE", (0.0, 52.0))
    cohort = made(200, 3)
    cohort.patients["first_infection"] = 0.0
    (row,) = ratios_since(cohort, INFECTED, FOUND).itertuples()
    whole = hazard_ratio(cohort.follow(INFECTED, FOUND), cohort.follow(NONE, FOUND))
    assert (row.ratio, row.low, row.high) == pytest.approx(tuple(whole), rel=1e-6)
    assert SINCE[-1] == 52.0
