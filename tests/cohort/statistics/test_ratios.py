import itertools
import math
import re

import matplotlib
import numpy as np
import pandas as pd
import pytest

from abm.cohort.analysis import (
    Tables,
    benefit,
    by_scale,
    hazard_since,
    predictors,
    scales_within,
    survival,
)
from abm.cohort.figures import _benefit
from abm.cohort.pairs import difference_interval
from abm.cohort.ratios import hazard_ratio, odds_ratio, risk_ratio
from abm.plots.figures import STYLE


def tables(found, months=52.0, first=0.0):
    """Arms with these months of finding, None where nothing is found."""
    count = len(next(iter(found.values())))
    numbers = np.arange(1, count + 1)
    patients = pd.DataFrame({
        "number": numbers, "infections": 1, "first_infection": first, "reach": np.linspace(0, 1, count),
        "burden": 1.0, "growth": 1.0, "dose": 1.0, "immunity": 1.0, "since_diagnosis": 1.0,
    }).set_index("number")  # fmt: skip
    arms = pd.concat(
        [
            pd.DataFrame({"number": numbers, "arm": arm, "found": pd.Series(times, dtype=float)})
            for arm, times in found.items()
        ]
    )
    return Tables(patients, arms, arms.assign(scale=1.0, turn=0), months)


def test_the_survival_curve_is_that_of_kaplan_and_meier():
    curve = survival(tables({"infection": [10, 20, None, None]}).arm("infection"), np.array([0.0, 10.0, 15.0, 25.0]))
    assert list(curve["share"]) == pytest.approx([1.0, 0.75, 0.75, 0.5])
    assert list(curve["at_risk"]) == [4, 4, 3, 2]
    assert (curve["low"] <= curve["share"]).all()
    assert (curve["high"] >= curve["share"]).all()


@pytest.mark.slow
def test_cox_finds_the_hazard_ratio_that_was_put_in():
    rng = np.random.default_rng(1)
    times = rng.exponential(size=4000)
    slow, fast = times * 60.0, rng.exponential(size=4000) * 30.0
    found = tables({
        "no infection": [time if time < 52.0 else None for time in slow],
        "infection": [time if time < 52.0 else None for time in fast],
    })  # fmt: skip
    ratio = hazard_ratio(found.arm("infection"), found.arm("no infection"))
    assert ratio.value == pytest.approx(2.0, rel=0.08)
    assert ratio.low < 2.0 < ratio.high


def test_the_risk_ratio_is_that_of_pairs():
    found = tables({"no infection": [5, None, None, None], "infection": [4, 6, 7, None]})
    ratio = risk_ratio(found.arm("infection"), found.arm("no infection"))
    assert ratio.value == pytest.approx(3.0)
    assert ratio.low < 1.0
    assert ratio.high > 3.0
    many = risk_ratio(*(pd.DataFrame({"event": np.arange(4000) % 4 < share}) for share in (3, 1)))
    width = 1.959964 * math.sqrt(2000 / (3000 * 1000))  # Nam & Blackwelder 2002: what the profile becomes with many
    assert (many.low, many.high) == pytest.approx((3.0 * math.exp(-width), 3.0 * math.exp(width)), rel=0.01)


def test_a_ratio_without_events_is_not_defined():
    found = tables({"no infection": [None] * 3, "infection": [1, None, None]})
    assert math.isnan(hazard_ratio(found.arm("infection"), found.arm("no infection")).value)
    assert "not defined" in risk_ratio(found.arm("infection"), found.arm("no infection")).text


def test_benefit_counts_each_patient_against_their_twin():
    found = tables({
        "no infection": [None] * 10,
        "infection": [10, 10, 10, 10, None, None, None, None, None, None],
        "policy": [None, None, None, 5, 20, None, None, None, None, None],
    })  # fmt: skip
    one = benefit(found, "policy")
    assert (one.spared, one.harmed, one.same, one.earlier) == pytest.approx((0.3, 0.1, 0.6, 0.1))
    assert one.difference.value == pytest.approx(0.2)
    assert one.needed_to_treat.startswith("5 to treat")
    assert one.gained == pytest.approx((3 * 42 - 5 - 32) / 10)


def test_the_rate_after_infection_is_events_over_time_at_risk():
    found = hazard_since(tables({"no infection": [None, None], "infection": [12.0, None]}, first=10.0), "infection")
    first = found.iloc[0]
    assert (first["begin"], first["infection events"]) == (0.0, 1)
    assert first["infection rate"] == pytest.approx(100.0 / ((2.0 + 3.0) / 12.0))
    assert first["no infection events"] == 0


def test_the_range_of_scales_is_where_the_ratio_lies_in_the_interval_of_the_registry():
    scales = pd.DataFrame({"scale": [0.01, 0.1, 1.0, 10.0], "HR": [1.0, 1.2, 4.0, 9.0], "OR": [9.0] * 4})
    low, high = scales_within(scales, "HR")
    assert 0.01 < low < 0.012
    assert 0.1 < high < 1.0
    assert scales_within(scales, "OR") is None


def test_each_scale_has_its_own_ratio():
    both = tables({"no infection": [30, 40, None, None], "infection": [10, 20, 30, None]})
    more = both.scales.assign(scale=2.0)
    more.loc[more["arm"] == "infection", "found"] = 1.0
    found = by_scale(Tables(both.patients, both.arms, pd.concat([both.scales, more]), both.months))
    assert list(found["scale"]) == [1.0, 2.0]
    assert list(found["risk"]) == [0.75, 1.0]
    assert list(found["risk_without"]) == [0.5, 0.5]
    assert math.isfinite(found["HR"].iloc[0])
    assert math.isnan(found["HR"].iloc[1])  # all infected before any other: there is no largest ratio


def test_what_predicts_benefit_is_told_under_its_own_name_for_each_policy():
    rng = np.random.default_rng(3)
    harmed = rng.permutation(40) < 20
    by_reach = [None if reach > 0.5 else 10.0 for reach in np.linspace(0, 1, 40)]
    by_burden = np.where(harmed, 10.0, np.nan)
    found = tables({"no infection": [None] * 40, "infection": [10.0] * 40, "one": by_reach, "other": by_burden})
    found.patients["burden"] = np.where(harmed, 1.0, 2.0) + rng.uniform(0, 0.1, 40)
    assert predictors(found, "one")["trait"].iloc[0] == "share of the lung reached"
    assert predictors(found, "other")["trait"].iloc[0] == "dormant cells"
    titles = {name: name for name in found.names}
    with matplotlib.rc_context(STYLE):
        bottom = _benefit(found, titles).axes[1]
    labels = [text.get_text() for text in bottom.get_yticklabels()]
    assert labels[0] == "share of the lung reached"
    x, y = bottom.containers[1].lines[0].get_data()
    row = labels.index("dormant cells")
    assert x[np.argmin(np.abs(np.asarray(y) - row))] == pytest.approx(predictors(found, "other")["rho"].iloc[0])


def arms_of(both, only_one, only_other, neither):
    """Twins: infection (the other) and policy (the one)."""
    one = [9.0] * both + [9.0] * only_one + [None] * (only_other + neither)
    other = [10.0] * both + [None] * only_one + [10.0] * only_other + [None] * neither
    return tables({"no infection": [None] * len(one), "infection": other, "policy": one})


def ends_of(text):
    found = re.search(r"\((\d+) to (\d+)\)", text)
    return found and tuple(map(int, found.groups()))


@pytest.mark.parametrize("counts", list(itertools.product((0, 1, 4), repeat=4))[1:])
def test_no_interval_of_a_cohort_is_a_point_or_stands_upside_down(counts):
    found = arms_of(*counts)
    one = benefit(found, "policy")
    assert one.difference.low < one.difference.high
    assert one.difference.low <= one.difference.value <= one.difference.high
    ends = ends_of(one.needed_to_treat)
    assert ends is None or ends[0] <= ends[1]
    for ratio in (risk_ratio, odds_ratio, hazard_ratio):
        told = ratio(found.arm("policy"), found.arm("infection"))
        if math.isfinite(told.value):
            assert told.low < told.value < told.high, (ratio.__name__, told)


def test_one_patient_does_not_make_a_number_needed_certain():
    assert "includes no effect" in benefit(arms_of(0, 0, 1, 0), "policy").needed_to_treat
    assert "includes no effect" in benefit(arms_of(3, 0, 1, 30), "policy").needed_to_treat


def test_the_interval_of_a_difference_of_pairs_is_that_of_wald_where_many_decide():
    one = benefit(arms_of(500, 300, 600, 1600), "policy").difference
    error = math.sqrt((0.2 + 0.1 - 0.1**2) / 3000)
    assert one.value == pytest.approx(0.1)
    assert (one.low, one.high) == pytest.approx((0.1 - 1.96 * error, 0.1 + 1.96 * error), abs=2e-4)


@pytest.mark.slow
def test_intervals_of_few_pairs_hold_the_truth_in_about_nineteen_of_twenty():
    rng = np.random.default_rng(1)
    for shares in ([0.3, 0.2, 0.1, 0.4], [0.05, 0.1, 0.02, 0.83]):
        _, b, c, _ = shares
        draws = rng.multinomial(40, shares, size=200)
        held = np.mean([low <= b - c <= high for low, high in (difference_interval(*map(int, row)) for row in draws)])
        assert held > 0.9
