import numpy as np
import pytest

from abm.cohort.analysis import CANCER, DEATH, FOUND, INFECTED, NONE
from abm.cohort.statistics.benefit import benefit, harms, number_needed, predictors, prevented
from abm.cohort.statistics.ratios import Ratio
from tests.cohort.synthetic import made, tables

EXAMPLE = {
    NONE: [None] * 10,
    INFECTED: [10, 10, 10, 10, None, None, None, None, None, None],
    "policy": [None, None, None, 5, 20, None, None, None, None, None],
}


def test_benefit_counts_each_patient_against_their_twin():
    one = benefit(tables(EXAMPLE), "policy")
    assert (one.spared, one.harmed, one.same, one.earlier) == pytest.approx((0.3, 0.1, 0.6, 0.1))
    assert one.earlier_by == 5.0
    assert one.gained.value == pytest.approx((3 * 42 - 5 - 32) / 10)
    difference = prevented(tables(EXAMPLE), "policy", FOUND)
    assert difference.value == pytest.approx(0.2)
    assert number_needed(difference).startswith("5 to treat (interval includes no effect")


def test_patients_who_are_never_infected_do_not_count():
    cohort = tables(EXAMPLE, first=[1.0] * 5 + [np.nan] * 5)
    assert benefit(cohort, "policy").spared == pytest.approx(0.6)
    assert prevented(cohort, "policy", FOUND).value == pytest.approx(0.4)


def test_deaths_prevented_are_those_of_usual_care_less_those_of_the_policy():
    found = {name: [None] * 4 for name in (NONE, INFECTED, "policy")}
    cohort = tables(found, died={INFECTED: [20, 30, None, None], "policy": [None, 30, None, None]})
    assert prevented(cohort, "policy", DEATH).value == prevented(cohort, "policy", CANCER).value == 0.25


def test_harms_are_those_of_the_policy_less_those_of_usual_care():
    cohort = made(200, 5, deaths={"policy": {"treatment": 0.002}})
    found = harms(cohort, "policy")
    killed = (cohort.column("policy", "cause") == "treatment").mean()
    assert [share.value for share in found.values()] == pytest.approx(
        [cohort.column("policy", "harmed").mean(), killed]
    )
    assert all(share.low > 0.0 for share in found.values())
    rare = harms(made(40, 5, deaths={"policy": {"treatment": 0.00005}}), "policy")
    assert all(share.low >= 0.0 for share in rare.values())  # usual care harms nobody, so that nobody is spared
    assert all(share.value == 0.0 < share.high for share in harms(cohort, INFECTED).values())


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ((0.1, 0.05, 0.2), "10 to treat (5 to 20)"),
        ((-0.1, -0.2, -0.05), "10 to harm one (5 to 20)"),
        ((0.1, -0.05, 0.2), "10 to treat (interval includes no effect: 5 or more to treat, 20 or more to harm one)"),
        ((0.0, -0.01, 0.02), "no difference (at most 1 in 50)"),
    ],
)  # fmt: skip
def test_a_number_needed_in_words(difference, words):
    assert number_needed(Ratio(*difference)) == words


def test_what_predicts_benefit_is_named_for_each_policy():
    rng = np.random.default_rng(3)
    harmed = rng.permutation(40) < 20
    by_reach = [None if reach > 0.5 else 10.0 for reach in np.linspace(0, 1, 40)]
    by_burden = np.where(harmed, 10.0, np.nan)
    found = tables({NONE: [None] * 40, INFECTED: [10.0] * 40, "one": by_reach, "other": by_burden})
    found.patients["burden"] = np.where(harmed, 1.0, 2.0) + rng.uniform(0, 0.1, 40)
    for name, trait in (("one", "share of the lung reached"), ("other", "dormant cells")):
        first = predictors(found, name).iloc[0]
        assert first["trait"] == trait
        assert first["low"] < first["rho"] < first["high"]


def test_without_change_nothing_predicts_it():
    assert predictors(made(60, 2, visible={NONE: 0.01, INFECTED: 0.01, "policy": 0.01}), "policy").empty
