"""No interval of a cohort is a point, stands upside down, or leaves out its estimate: few pairs, one or more turns."""

import itertools
import math
import re

import numpy as np
import pandas as pd
import pytest

from abm.cohort.analysis import FOUND, INFECTED, NONE, Tables
from abm.cohort.statistics.benefit import benefit, number_needed, prevented
from abm.cohort.statistics.interval_censored import interval_hazard_ratio, seen
from abm.cohort.statistics.ratios import hazard_ratio, odds_ratio, risk_ratio
from abm.cohort.statistics.shares import incidence, kaplan_meier, share_with
from tests.cohort.synthetic import tables


def arms_of(both, only_one, only_other, neither, turns=1):
    """Twins: policy (the one) and infection (the other), the same in every turn."""
    one = [9.0] * both + [9.0] * only_one + [None] * (only_other + neither)
    other = [10.0] * both + [None] * only_one + [10.0] * only_other + [None] * neither
    once = tables({NONE: [None] * len(one), INFECTED: other, "policy": one})
    arms = pd.concat([once.arms.assign(turn=turn) for turn in range(turns)], ignore_index=True)
    return Tables(once.patients, arms, once.months)


def ends_of(text):
    found = re.search(r"\(([\d,]+) to ([\d,]+)\)", text)
    return found and tuple(int(end.replace(",", "")) for end in found.groups())


@pytest.mark.parametrize("turns", [1, 3])
@pytest.mark.parametrize("counts", list(itertools.product((0, 1, 4), repeat=4))[1:])
def test_no_interval_of_a_cohort_is_a_point_or_stands_upside_down(counts, turns):
    found = arms_of(*counts, turns)
    difference = prevented(found, "policy", FOUND)
    assert difference.low < difference.high
    assert difference.low <= difference.value <= difference.high
    gained = benefit(found, "policy").gained
    assert gained.low < gained.value < gained.high
    ends = ends_of(number_needed(difference))
    assert ends is None or ends[0] <= ends[1]
    pair = (found.follow("policy", FOUND), found.follow(INFECTED, FOUND))
    ratios = [ratio(*pair) for ratio in (risk_ratio, odds_ratio, hazard_ratio)]
    ratios.append(interval_hazard_ratio(seen(found, "policy"), seen(found, INFECTED)))
    for ratio in ratios:
        if math.isfinite(ratio.value):
            assert ratio.low < ratio.value < ratio.high, ratios
    value, low, high = share_with(pair[0].event)
    assert low < high
    assert low <= value <= high
    for curve in (incidence, kaplan_meier):
        rows = curve(pair[0], np.array([5.0, 20.0]))
        assert (rows["low"] < rows["high"]).all()


def test_turns_that_are_all_the_same_do_not_make_few_patients_many():
    once, often = (prevented(arms_of(3, 0, 2, 5, turns), "policy", FOUND) for turns in (1, 20))
    assert once == pytest.approx(often, abs=1e-6)


def test_one_patient_does_not_make_a_number_needed_certain():
    for counts in ((0, 0, 1, 0), (3, 0, 1, 30)):
        assert "includes no effect" in number_needed(prevented(arms_of(*counts), "policy", FOUND))


def test_deaths_of_something_else_do_not_make_a_ratio_certain():
    once = tables(
        {NONE: [10.0] * 4 + [None] * 40, INFECTED: [10.0] * 4 + [None] * 40, "policy": [10.0] * 4 + [None] * 40}
    )
    leaves_earlier = (once.arms["arm"] == "policy") & once.arms["number"].between(5, 24)
    arms = once.arms.assign(died=once.arms["died"].where(~leaves_earlier, 5.0))
    arms["cause"] = arms["cause"].where(~leaves_earlier, "other")
    found = Tables(once.patients, arms, once.months)
    pair = (found.follow("policy", FOUND), found.follow(INFECTED, FOUND))
    ratios = [odds_ratio(*pair), hazard_ratio(*pair)]
    ratios.append(interval_hazard_ratio(seen(found, "policy"), seen(found, INFECTED)))
    for ratio in ratios:
        assert ratio.low < 0.5
        assert ratio.high > 2.0, ratios
