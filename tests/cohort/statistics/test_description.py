import numpy as np
import pytest

from abm.cohort.analysis import CAUSES, INFECTED, NONE, Tables
from abm.cohort.statistics.description import baseline, course
from tests.cohort.synthetic import made, tables


def test_the_patients_are_described_once_for_all_arms():
    cohort = made(100, 2)
    cohort.patients["age"], cohort.patients["admitted"] = 60.0, False
    told = dict(baseline(cohort))
    assert told["Patients"] == "100"
    assert told["Women"] == "100 (100.0 %)"
    assert told["Age, years"] == "60 (60 to 60)"
    assert told["Admitted to hospital with the infection"] == "0 (0.0 %)"
    assert told["Virus: SARS-CoV-2 (wild type)"] == "100"


def test_what_happened_is_counted_by_arm():
    cohort = tables({NONE: [None] * 4, INFECTED: [10, 20, None, None]}, died={INFECTED: [30, None, 40, None]})
    cohort.arms["occult"], cohort.arms["size"] = 0, 5.0
    found = course(type(cohort)(cohort.patients, cohort.arms, cohort.months))
    assert found.loc[INFECTED, "person_years"] == pytest.approx((30 + 52 + 40 + 52) / 12)
    assert found.loc[INFECTED, ["found", "died", "cancer", "alive", "lost"]].tolist() == [500, 500, 500, 500, 0]
    assert found.loc[NONE, ["found", *CAUSES]].tolist() == [0] * 5
    assert found.loc[NONE, "found_high"] > 0.0


def test_only_the_infected_are_counted_as_admitted_with_the_infection():
    made = tables({NONE: [None] * 10, INFECTED: [None] * 10})
    people = made.patients.assign(admitted=True, treated=True, first_infection=[1.0] * 3 + [np.nan] * 7)
    rows = dict(baseline(Tables(people, made.arms, made.months)))
    assert rows["Admitted to hospital with the infection"].startswith("3 ")
    assert rows["Given an antiviral under usual care"].startswith("3 ")
