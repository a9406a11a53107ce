from dataclasses import replace

import numpy as np
import pytest

from abm.inference.fit.emulator import learn
from abm.inference.fit.held_out import HeldOut, by_day, by_experiment, held_out, total
from abm.inference.fit.plan import OptionalLaw, read_stage
from abm.inference.fit.sampling import drawn, log_likelihood
from tests.inference.fit.stages import fitted

EXPERIMENT = np.array([datum.experiment for datum in fitted(np.zeros((9, 2))).stage.data()])


def known(slope, offset):
    """A stage whose gaps are lines in the parameters: float[parameters, data] and float[data]."""
    z = np.random.default_rng(1).standard_normal((60, 2))
    gaps = z @ slope + offset
    emulator = learn(z, gaps, iterations=20)
    sample = drawn(log_likelihood(emulator), z, 20, np.random.default_rng(2))
    return replace(fitted(z, gaps), emulator=emulator, z=sample)


def test_a_law_that_meets_both_experiments_predicts_one_from_the_other():
    slope = np.zeros((2, EXPERIMENT.size))
    slope[0] = 1.0
    joint = by_experiment(known(slope, -slope[0]))
    assert [one.name for one in joint] == ["first experiment", "second experiment"]
    assert [one.size for one in joint] == [list(EXPERIMENT).count(name) for name in ("first", "second")]
    for one in joint:
        assert one.score == pytest.approx(-0.5 * np.log(2.0 * np.pi), abs=0.05)
        assert one.error < 0.2


def test_a_law_that_serves_one_experiment_at_the_cost_of_the_other_is_found_out():
    slope = np.where(EXPERIMENT == "first", 1.0, 0.0)
    torn = np.array([slope - (EXPERIMENT == "second"), np.zeros(EXPERIMENT.size)])
    both = by_experiment(known(torn, -np.ones(EXPERIMENT.size)))  # z = 1 meets the first, z = -1 the second
    for one in both:
        assert one.error > 1.5
        assert one.score < -2.0


def test_every_day_is_left_out_once():
    one = known(np.zeros((2, EXPERIMENT.size)), np.full(EXPERIMENT.size, 1.0))
    days = by_day(one)
    assert sum(day.size for day in days) == (EXPERIMENT != "").sum()  # not the aims, which have no day
    assert {day.name for day in days} >= {"first experiment, day 7", "second experiment, day 6"}
    assert total(days) == pytest.approx(-0.5 - 0.5 * np.log(2.0 * np.pi), abs=0.01)


def test_a_score_that_is_not_to_be_trusted_says_so():
    assert HeldOut("it", 5, 0.0, 0.0, 100.0, 0.1).doubt == ""
    assert "3 sets" in HeldOut("it", 5, 0.0, 0.0, 3.0, 0.1).doubt
    assert "unsure" in HeldOut("it", 5, 0.0, 0.0, 100.0, 2.0).doubt


def test_what_is_left_out_does_not_steer_the_prediction():
    slope = np.zeros((2, EXPERIMENT.size))
    slope[0] = 1.0
    first, second = EXPERIMENT == "first", EXPERIMENT == "second"
    one = known(slope, np.where(first, -1.0, 1.0))
    assert held_out(one, second, "second").error == pytest.approx(2.0, abs=0.2)


def test_a_law_that_the_data_ask_for_is_missed_and_another_is_not():
    slope = np.zeros((2, EXPERIMENT.size))
    slope[0] = 1.0
    one = known(slope, -slope[0])  # the first parameter meets the data, the second does nothing
    needed, idle = (OptionalLaw("it", free.name, free.value(-1.0)) for free in one.stage.free)
    whole = total(by_experiment(one))
    assert total(by_experiment(one, needed)) < whole - 1.0
    assert total(by_experiment(one, idle)) == pytest.approx(whole, abs=0.05)


def test_laws_of_the_plan_are_taken_out_by_a_free_parameter_within_its_range():
    stage = read_stage("infection")
    free = {one.name: one for one in stage.free}
    assert all(free[law.name].low <= law.value <= free[law.name].high for law in stage.optional)
    assert len(stage.optional) > 5
