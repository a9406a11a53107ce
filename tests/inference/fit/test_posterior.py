from dataclasses import replace

import numpy as np
import pytest

from abm.inference.fit.plan import read_stage, stage_names
from abm.inference.fit.posterior import bands, errors, estimates, ties
from abm.inference.fit.suite import FittedStage, rounded
from abm.validate.scoring import observables

SCORED = sum(int(one.scored.sum()) for one in observables().values())


def fitted(z, gaps=None, judged=None):
    stage = read_stage("infection")
    stage = replace(stage, free=stage.free[: z.shape[1]])
    gaps = np.zeros((z.shape[0], SCORED)) if gaps is None else gaps
    values = np.array([rounded(one.value(0.0)) for one in stage.free])
    return FittedStage(stage, z, gaps, np.array([1.0]), values, np.zeros(SCORED) if judged is None else judged)


def test_what_the_data_told_is_the_share_of_the_variance_that_is_gone():
    z = np.random.default_rng(1).standard_normal((4000, 3)) * [1.0, 0.5, 0.1]
    found = estimates(fitted(z))
    assert [each.told for each in found] == pytest.approx([0.0, 0.75, 0.99], abs=0.05)
    for each in found:
        assert each.free.low <= each.low < each.value < each.high <= each.free.high


def test_parameters_that_stand_in_for_each_other_are_named():
    one, other, third = np.random.default_rng(2).standard_normal((3, 4000))
    (tie,) = ties(fitted(np.column_stack([one, third, 0.3 * other - one])))
    names = [each.free.label for each in estimates(fitted(np.zeros((2, 3))))]
    assert {tie.one, tie.other} == {names[0], names[2]}
    assert tie.correlation < -0.9


def test_without_gaps_the_curves_are_those_of_the_mice_and_the_errors_none():
    one = fitted(np.zeros((10, 2)))
    assert set(errors(one).values()) == {0.0}
    for band in bands(one):
        mice = observables()[band.name]
        assert band.result == pytest.approx(np.maximum(mice.median, mice.floor)[mice.scored])


def test_a_gap_of_one_is_a_spread_between_mice_times_the_goal():
    one = fitted(np.zeros((10, 2)), judged=np.ones(SCORED))
    assert errors(one)["virus"] == pytest.approx(0.7)
    assert errors(one)["cd8"] == pytest.approx(1.0)
    band, mice = bands(one)[0], observables()["virus"]
    assert np.log10(band.result / mice.median[mice.scored]) == pytest.approx(0.7 * mice.spread)


def test_every_stage_of_the_plan_can_be_read_and_names_what_it_runs():
    for name in stage_names():
        stage = read_stage(name)
        assert len({one.label for one in stage.free}) == len(stage.free)
        assert len(stage.labels()) == (SCORED if stage.arm else 0) + len(stage.aims)
        for arm in stage.arms:
            assert stage.hours(arm) >= 11 * 24.0
        for one in stage.free:
            assert one.low <= one.default <= one.high, one.label
