import numpy as np
import pytest

from abm.inference.fit.plan import read_stage, stage_names
from abm.inference.fit.posterior import bands, emulated, errors, estimates, ties
from tests.inference.fit.stages import fitted

OBSERVABLES = read_stage("infection").observables
DATA = len(read_stage("infection").data())  # days of curves, and numbers that the fit aims at


def test_what_the_data_told_is_the_share_of_the_variance_that_is_gone():
    z = np.random.default_rng(1).standard_normal((4000, 3)) * [1.0, 0.5, 0.1]
    found = estimates(fitted(z))
    assert [each.told for each in found] == pytest.approx([0.0, 0.75, 0.99], abs=0.05)
    for each in found:
        assert each.free.low <= each.low < each.value < each.high <= each.free.high


def test_parameters_that_stand_in_for_each_other_are_named():
    one, other, third = np.random.default_rng(2).standard_normal((3, 4000))
    (tie,) = ties(fitted(np.column_stack([one, third, 0.3 * other - one])))
    names = [each.label for each in read_stage("infection").free[:3]]
    assert {tie.one, tie.other} == {names[0], names[2]}
    assert tie.correlation < -0.9


def test_without_gaps_the_curves_are_those_of_the_mice_and_the_errors_none():
    one = fitted(np.zeros((10, 2)))
    assert {each.error for each in errors(one)} == {0.0}
    for band in bands(one):
        assert band.result == pytest.approx(band.observable.scored_median)
    assert emulated(one) == 0.0


def test_a_gap_of_one_is_a_distance_between_experiments_times_the_goal():
    one = fitted(np.zeros((10, 2)), judged=np.ones(DATA))
    found = {(each.observable.name, each.observable.experiment): each for each in errors(one)}
    assert list(found) == [(name, experiment) for experiment in ("first", "second") for name in OBSERVABLES]
    for experiment in ("first", "second"):
        virus, cd8 = found["virus", experiment], found["cd8", experiment]
        assert (virus.error, cd8.error) == (pytest.approx(0.7), pytest.approx(1.0))
        assert cd8.between_mice == pytest.approx(cd8.observable.distance / cd8.observable.spread)
    band = bands(one)[0]
    assert np.log10(band.result / band.observable.scored_median) == pytest.approx(0.7 * band.observable.distance)


def test_ensembles_are_as_far_apart_as_their_means_are():
    z = np.random.default_rng(3).standard_normal((500, 2))
    one = fitted(z, samples=[z[:100], z[:100] + np.array([3.0, 0.0])])
    assert [each.apart for each in estimates(one)] == pytest.approx([3.0, 0.0], rel=0.1, abs=1e-9)
    for each in errors(one):
        assert each.apart == pytest.approx(0.1 * each.observable.goal)
    assert {each.apart for each in errors(fitted(z))} == {0.0}


def test_every_stage_of_the_plan_can_be_read_and_names_what_it_runs():
    for name in stage_names():
        stage = read_stage(name)
        assert len({one.label for one in stage.free}) == len(stage.free)
        labels = [datum.label for datum in stage.data()]
        days = sum(one.scored.sum() for one in stage.mice) if stage.arm else 0
        assert len(set(labels)) == len(labels) == days + len(stage.aims)
        for arm in stage.arms:
            assert stage.hours(arm) >= 11 * 24.0
        for one in stage.free:
            assert one.low <= one.default <= one.high, one.label
