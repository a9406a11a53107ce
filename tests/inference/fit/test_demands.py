"""Targets that the result of a fit must meet, though the search does not steer to them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.inference.fit import suite
from abm.inference.fit.evaluation import Work, at_point
from abm.inference.fit.plan import read_stage
from abm.runs.progress import Show
from abm.validate.curves import ArmCurves
from abm.validate.suite import load_arm
from tests.studies.studies import silent, told

INFECTION = read_stage("infection")
POINTS = np.array([[0.0], [1.0], [2.0]])  # from the best on


def work(show: Show) -> Work:
    return Work({}, Path(), 1, show)


def best(monkeypatch: pytest.MonkeyPatch, unmet: dict[float, int], show: Show) -> float:
    """The point that is chosen, where so many demands of a point are not met."""
    monkeypatch.setattr(suite, "gaps_of", lambda _stage, _work, z, *_: np.array([[float(unmet[z[0, 0]]), 0.0]]))
    return float(suite._best_that_meets_demands(INFECTION, work(show), POINTS)[0])


def test_points_that_do_not_meet_the_demands_are_passed_over(monkeypatch):
    assert best(monkeypatch, {0.0: 0, 1.0: 0, 2.0: 0}, silent()) == 0.0
    assert best(monkeypatch, {0.0: 1, 1.0: 0, 2.0: 0}, silent()) == 1.0


def test_the_best_point_stands_where_none_meets_them_and_it_is_said(monkeypatch):
    show = silent()
    assert best(monkeypatch, {0.0: 1, 1.0: 1, 2.0: 1}, show) == 0.0
    assert "no point meets all demands" in told(show)


def test_a_stage_without_demands_runs_nothing_for_them(monkeypatch):
    monkeypatch.setattr(suite, "gaps_of", lambda *_: pytest.fail("nothing is to be run"))
    assert suite._best_that_meets_demands(replace(INFECTION, demands=()), work(silent()), POINTS)[0] == 0.0


def test_a_demand_is_met_within_the_tolerance_of_its_target_alone():
    demand = next(one for one in INFECTION.demands if one.label.startswith("N8"))
    hours = np.arange(0.0, 22.0 * 24.0, 6.0)
    for cleared, gap in ((10.0, 0.0), (18.0, 1.0), (99.0, 1.0)):
        virions = np.where(hours / 24.0 < cleared, 1000.0, 0.0)
        table = pd.DataFrame({"virions": virions}, index=hours)
        assert demand.gap(ArmCurves({demand.value.arm: [table, table]})) == gap


def test_what_an_arm_sets_itself_stays_at_every_point():
    arm = load_arm("no_antibody_without_cancer")
    moved = at_point(arm, INFECTION.free, np.full(len(INFECTION.free), 1.0)).parameters
    assert moved.virus.antibody_clearance == 1.0
    fall_time = next(one for one in INFECTION.free if one.name == "activation.fall_time")
    assert moved.activation.fall_time == pytest.approx(fall_time.value(1.0))


def test_the_arms_of_demands_are_not_those_of_the_fit():
    depleted = {"il6_knockout_without_cancer", "cd8_depletion_without_cancer"}
    assert set(INFECTION.arms) == {"influenza_without_cancer"} | depleted
    assert set(INFECTION.of_demands.arms) == set(INFECTION.arms) | {"no_antibody_without_cancer"}
