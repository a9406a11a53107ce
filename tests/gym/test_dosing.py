"""Dosing as an environment: what drugs do there is what they do in a scenario file, and twins share their draws."""

import warnings

import numpy as np
import pytest

import abm
from abm.treatments.drugs import RepeatedDoses
from abm.treatments.treatments import TREATMENTS

gymnasium = pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env  # noqa: E402

from abm.gym import ID, DosingEnv, compare_policies  # noqa: E402
from abm.gym.doses import drugs_for  # noqa: E402

IL6, ANTIVIRAL = "MP5-20F3", "oseltamivir (mouse)"
NOTHING = np.zeros(2, np.int8)


@pytest.fixture(scope="module")
def small():
    return abm.load_scenario("influenza").with_section(width="400 um", height="400 um").with_duration("8 d")


@pytest.fixture
def env(small):
    made = DosingEnv(small, days=8, drugs=[IL6, ANTIVIRAL])
    yield made
    made.close()


def ended(env, seed, given):
    """Play an episode that gives both drugs as `given` says, and return the digest of its tissue."""
    env.reset(seed=seed)
    for day in range(env.days):
        env.step(given(day))
    return env._running().digest()


def test_gymnasium_finds_no_fault_in_it():
    made = gymnasium.make(f"abm.gym:{ID}", scenario="influenza", days=3, drugs=[IL6], render_mode="rgb_array")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*maximum value is infinity")  # most measures have no upper end
        check_env(made.unwrapped)
    made.close()


def test_without_doses_it_is_the_run_of_that_seed(env, small):
    model = abm.LungModel(small, seed=7)
    model.run()
    assert ended(env, 7, lambda _: NOTHING) == model.digest()


@pytest.mark.parametrize("first", [0, 1, 3])
def test_doses_act_as_those_of_a_scenario_file_to_the_last_bit(env, small, first):
    start = f"{first} d"
    treated = small.with_treatment("anti-IL-6", drug=IL6, start=start).with_treatment(
        "antiviral", drug=ANTIVIRAL, start=start
    )
    model = abm.LungModel(treated, seed=3)
    model.run()
    assert ended(env, 3, lambda day: [day >= first and (day - first) % 3 == 0, day >= first]) == model.digest()


def test_an_episode_does_not_depend_on_those_before(env):
    first = ended(env, 5, lambda day: [day == 2, 1])
    assert ended(env, 6, lambda _: NOTHING) != first
    assert ended(env, 5, lambda day: [day == 2, 1]) == first


def test_the_reward_is_minus_the_burden_and_the_cost_of_the_drugs_given(env):
    env.reset(seed=1)
    for action, given in (([1, 1], 2), ([0, 1], 1), ([0, 0], 0)):
        _, reward, _, _, info = env.step(action)
        assert reward == pytest.approx(-info["measures"]["cells_per_seeded"] - 0.1 * given)
    assert info["given"] == {IL6: [0], ANTIVIRAL: [0, 1]}


def test_it_observes_what_it_names(env, small):
    assert env.observation_names == (
        "day",
        "viral_rna",
        "il6_lavage",
        "antibody",
        *(f"days_since_{d}" for d in (IL6, ANTIVIRAL)),
    )
    env.reset(seed=1)
    seen, *_, info = env.step([1, 0])
    expected = [1.0, *(info["measures"][name] for name in env.observation_names[1:4]), 1.0, 8.0]
    np.testing.assert_array_equal(seen, np.array(expected, np.float32))
    full = DosingEnv(small, days=2, observation="full")
    assert set(full.observation_names) >= set(abm.LungModel(small, seed=1).recorder.measures)
    assert len(full.observation_units) == len(full.observation_names)


def test_an_episode_ends_after_its_days_and_must_begin_again(env):
    with pytest.raises(gymnasium.error.ResetNeeded):
        DosingEnv("influenza").step(NOTHING)
    env.reset(seed=1)
    ends = [env.step(NOTHING)[3] for _ in range(8)]
    assert ends == [False] * 7 + [True]
    with pytest.raises(gymnasium.error.ResetNeeded, match="over"):
        env.step(NOTHING)


def test_every_declared_drug_can_be_given_to_the_host_and_virus_that_it_suits():
    declared = {name for kind in TREATMENTS.values() if issubclass(kind, RepeatedDoses) for name in kind.LIBRARY}
    suiting = [drugs_for(abm.load_scenario("no_virus").with_virus(virus, host)) for virus, host in (
        ("influenza", "mouse"), ("influenza", "human"), ("SARS-CoV-2", "mouse"), ("SARS-CoV-2", "human"))]  # fmt: skip
    assert set().union(*suiting) == declared


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"drugs": ["siltuximab"]}, "does not suit influenza in a mouse; allowed: MP5-20F3"),
        ({"drugs": ["MP5-20F4"]}, 'is not known.*did you mean "MP5-20F3"'),
        ({"drugs": [IL6, IL6]}, "named twice"),
        ({"drugs": []}, "at least one drug"),
        ({"days": 0}, "allowed: 1 to 3650"),
        ({"days": 2.5}, "whole number of days"),
        ({"dose_cost": -1.0}, "0 or more"),
        ({"observation": "xray"}, "allowed: clinic, full"),
        ({"render_mode": "human"}, "allowed: rgb_array"),
        ({"scenario": "influenzo"}, "nearest: influenza"),
    ],
)
def test_what_is_wrong_is_refused_with_what_is_allowed(wrong, words):
    with pytest.raises(ValueError, match=words):
        DosingEnv(**wrong)


@pytest.mark.parametrize("action", [[1], [0, 2], [0.5, 0], 1, [[0, 1]], ["a", "b"]])
def test_what_is_no_action_is_refused(env, action):
    env.reset(seed=1)
    with pytest.raises(ValueError, match="not 0 or 1 for each drug"):
        env.step(action)


def test_policies_are_compared_by_twins(env):
    policies = {"nothing": lambda _: NOTHING, "the same": lambda _: NOTHING, "early": lambda seen: [seen[0] == 1, 0]}
    found = compare_policies(env, policies, seeds=[1, 2])
    assert found.episodes["given"].tolist() == [0, 0, 1] * 2
    assert found.summary.loc["the same", ["reward_gain", "burden_ratio"]].tolist() == [0.0, 1.0]
    early = found.episodes.pivot_table("reward", index="seed", columns="policy")
    assert found.summary.loc["early", "reward_gain"] == pytest.approx((early["early"] - early["nothing"]).mean())
    with pytest.raises(ValueError, match="all different"):
        compare_policies(env, policies, seeds=[1, 1])
