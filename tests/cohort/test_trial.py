import math

import numpy as np
import pandas as pd
import pytest

from abm.cohort.expected.inputs import UnfinishedCohortError
from abm.cohort.expected.outlook import UnknownFactors
from abm.cohort.trials.designs import AS_THE_COHORT, Question, QuestionError, plan_trials
from abm.cohort.trials.report import NOTHING, trial_text, write_trials
from abm.cohort.trials.sizes import (
    FollowedArm,
    events_needed,
    followed,
    patients_per_arm,
    power_of,
    simulated_power,
    simulated_size,
    times_and_events,
    twins_needed,
)
from tests.cohort.finished_cohort import finished
from tests.cohort.synthetic_cohort import cohort, regular_scans
from tests.commands import embers

TITLES = {"no infection": "No infection", "infection": "Infection, usual care", "policy": "Vaccinated before"}


def exponential(rate, months=52.0):
    """An arm with a constant hazard [1/month], without other deaths."""
    edges = np.arange(0.0, months + 0.25, 0.25)
    events = -np.diff(np.exp(-rate * edges))
    censored = np.zeros(events.size)
    censored[-1] = math.exp(-rate * months)
    return FollowedArm(events, censored)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("made") / "small", count=30, turns=20, excess=0.6)


def test_the_number_of_events_is_that_worked_by_hand():
    # 4 x (1.95996 + 0.84162)^2 / (ln 2)^2 = 4 x 7.8489 / 0.48045
    assert events_needed(math.log(2.0), 0.8, 0.05) == pytest.approx(65.35, abs=0.01)
    assert events_needed(-math.log(2.0), 0.8, 0.05) == events_needed(math.log(2.0), 0.8, 0.05)
    # 4 x (1.95996 + 1.28155)^2 / (ln 1.5)^2
    assert events_needed(math.log(1.5), 0.9, 0.05) == pytest.approx(255.65, abs=0.05)


def test_the_number_of_patients_is_that_worked_by_hand():
    # 65.35 events; 10 % and 20 % have one: 65.35 / 0.3 = 217.8
    assert patients_per_arm(math.log(2.0), 0.1, 0.2, 0.8, 0.05) == 218
    assert patients_per_arm(0.0, 0.1, 0.1, 0.8, 0.05) == math.inf
    assert patients_per_arm(math.log(2.0), 0.0, 0.0, 0.8, 0.05) == math.inf
    assert patients_per_arm(math.nan, 0.0, 0.1, 0.8, 0.05) == math.inf


def test_the_power_of_as_many_events_as_are_needed_is_the_power_asked_for():
    events = np.array([events_needed(0.4, 0.8, 0.05)])
    assert power_of(0.4, events, 0.05)[0] == pytest.approx(0.8, abs=1e-4)
    assert power_of(0.0, events, 0.05)[0] == pytest.approx(0.05)


def test_the_number_of_twins_is_that_of_connor():
    # 45 % and 5 % of the pairs differ: 22.8 pairs with power 0.8 (Connor 1987, as worked in common calculators).
    assert twins_needed(0.45, 0.05, 0.8, 0.05) == 23
    assert twins_needed(0.05, 0.05, 0.8, 0.05) == math.inf
    assert twins_needed(0.02, 0.0, 0.8, 0.05) < twins_needed(0.04, 0.02, 0.8, 0.05)


def test_simulated_trials_have_the_power_of_the_closed_form_where_hazards_are_proportional():
    one, other = exponential(0.002), exponential(0.003)
    size = patients_per_arm(math.log(2.0 / 3.0), one.share, other.share, 0.8, 0.05)
    assert simulated_power(one, other, int(size), 0.05, 1) == pytest.approx(0.8, abs=0.04)
    assert simulated_size(one, other, size, 0.8, 0.05, 1) == pytest.approx(size, rel=0.12)


def test_without_a_difference_simulated_trials_show_one_as_often_as_the_level_says():
    arm = exponential(0.004)
    assert simulated_power(arm, arm, 2000, 0.05, 2) == pytest.approx(0.05, abs=0.02)


def test_an_outcome_is_followed_to_the_event_or_to_death_or_to_the_end():
    rows = pd.DataFrame({
        "found": [10.0, np.nan, np.nan, 30.0], "died": [20.0, 12.0, np.nan, 40.0],
        "cause": ["cancer", "other", None, "cancer"],
    })  # fmt: skip
    time, event = times_and_events(rows, "found", 24.0)
    assert time.tolist() == [10.0, 12.0, 24.0, 24.0]
    assert event.tolist() == [True, False, False, False]
    time, event = times_and_events(rows, "death", 52.0)
    assert time.tolist() == [20.0, 12.0, 52.0, 40.0]
    assert event.tolist() == [True, True, False, True]
    assert times_and_events(rows, "cancer-death", 52.0)[1].tolist() == [True, False, False, True]
    arm = followed(rows, "found", 24.0)
    assert arm.share == 0.25
    assert arm.events[39] == 0.25  # the bin that ends at month 10
    assert (arm.events + arm.censored).sum() == pytest.approx(1.0)


def test_scans_of_a_trial_are_regular_and_a_policy_keeps_what_it_adds():
    made = cohort(30)
    made.scans["policy"] = np.sort(np.concatenate((regular_scans(30), np.full((30, 1), 7.0)), axis=1), axis=1)
    often = made.with_scans(6.0)
    assert often.scans["infection"][0][np.isfinite(often.scans["infection"][0])].tolist() == list(range(6, 52, 6))
    assert 7.0 in often.scans["policy"][0]
    factors = UnknownFactors()
    assert often.escape(1.0) == made.escape(1.0)
    np.testing.assert_allclose(
        often.outlook("infection", factors).died_by("cancer"), made.outlook("infection", factors).died_by("cancer")
    )
    assert often.outlook("infection", factors).found_by[9] > made.outlook("infection", factors).found_by[9]


def test_a_cohort_gives_sizes_by_arm_scans_and_follow_up(folder):
    study = plan_trials(folder, Question(("no infection", "policy"), scans=(6.0, 24.0)))
    assert study.question.follow_ups == (24.0, 36.0, 52.0)
    assert len(study.planned) == 2 * 3 * 3
    assert study.turns == 20
    none, policy = study.own("no infection"), study.own("policy")
    assert none.scan_every == AS_THE_COHORT
    assert none.months == 52.0
    assert none.log_ratio < policy.log_ratio < 0.0
    assert none.per_arm < policy.per_arm
    simulated = study.simulated[0]
    assert simulated.one.share == pytest.approx(none.share, abs=0.05)
    assert simulated.per_arm == pytest.approx(none.per_arm, rel=0.6)
    assert math.isfinite(simulated.twins)


def test_over_the_registries_set_sizes_have_a_range(tmp_path):
    made = finished(tmp_path / "small", count=30, turns=2, excess=0.6)
    pd.DataFrame({
        "reach": [0.5, 1.0, 1e-3], "expansion": 1.0, "occult": 1.0, "recorded": 0.0, "hazard_ratio": 1.4
    }).to_csv(made / "registries.csv", index=False)  # fmt: skip
    study = plan_trials(made, Question(("no infection",)))
    sizes = study.own("no infection").over_set
    assert study.set_points == 3
    assert sizes[1] < sizes[0] < sizes[2]
    text = "\n".join(write_trials(made, "Small", study, TITLES))
    assert "set:" in text
    assert study.own("no infection").per_arm == sizes[1]


def test_the_report_says_first_what_it_is_not(folder):
    study = plan_trials(folder, Question((), outcome="death"))
    lines = write_trials(folder, "Small", study, TITLES)
    assert lines[0].startswith("A prediction, not a protocol")
    text = (folder / "trial.md").read_text(encoding="utf-8")
    assert text.splitlines()[2].startswith("**A prediction, not a protocol")
    assert "10.2307/2531021" in text
    assert (folder / "figures" / "trial.png").stat().st_size > 20_000
    assert len(pd.read_csv(folder / "trial.csv")) == len(study.planned)


def test_an_arm_without_an_effect_has_no_size(folder):
    study = plan_trials(folder, Question(("policy",), outcome="found", scans=(12.0,)))
    still = study._replace(planned=[one._replace(log_ratio=0.0, per_arm=math.inf) for one in study.planned])
    assert NOTHING in trial_text("Small", still, TITLES, folder / "trial.png")


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (Question(("nothing",)), r'no arm "nothing".*there are: no infection, infection, policy'),
        (Question((), against="nobody"), 'no arm "nobody"'),
        (Question(("infection",)), "cannot be compared with itself"),
        (Question((), outcome="cure"), r'no outcome "cure".*found, death, cancer-death'),
        (Question((), power=1.5), "power between alpha and 1"),
        (Question((), alpha=0.0), "alpha must lie between 0 and 1"),
        (Question((), scans=(0.0,)), "every 0.5 to 120 months"),
        (Question((), follow_ups=(84.0,)), "was followed for 52 months"),
        (Question((), follow_ups=(math.nan,)), "one month or longer"),
        (Question((), follow_ups=(0.5,)), "one month or longer"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(folder, question, message):
    with pytest.raises(QuestionError, match=message):
        plan_trials(folder, question)


def test_an_unfinished_cohort_is_refused(tmp_path):
    with pytest.raises(UnfinishedCohortError, match="Run `embers cohort"):
        plan_trials(tmp_path, Question(()))


def test_the_command_works_on_a_finished_cohort_and_says_what_is_missing_otherwise(tmp_path):
    (tmp_path / "small.toml").write_text('title = "Small"\n', encoding="utf-8")
    done = embers("trial", "small.toml", cwd=tmp_path)
    assert done.returncode == 1
    assert "Run `embers cohort COHORT` first" in done.stderr
    finished(tmp_path / "outputs" / "small", count=12, turns=3)
    done = embers("trial", "small.toml", "--arm", "no infection", "--scan-every", "12", "--months", "24", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "A prediction, not a protocol" in done.stdout
    assert "patients per arm" in done.stdout
    done = embers("trial", "small.toml", "--arm", "cure", cwd=tmp_path)
    assert done.returncode == 2
    assert 'There is no arm "cure"' in done.stderr


def test_registries_of_another_virus_calibrate_nothing(tmp_path):
    done = embers("cohort", "influenza_every_winter", "--calibrate", "registries", cwd=tmp_path)
    assert done.returncode == 2
    assert "the registries are of SARS-CoV-2" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_another_calibration_of_a_cohort_is_refused(tmp_path):
    done = embers("cohort", "covid_19_before_vaccines", "--calibrate", "mice", cwd=tmp_path)
    assert done.returncode == 2
    assert "allowed is: registries" in done.stderr
    assert list(tmp_path.iterdir()) == []
