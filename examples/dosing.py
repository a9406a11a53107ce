"""Dosing: an agent decides each day which drugs are given, and two policies are compared by twins."""

# %%
# `abm.gym` is the model as an environment of Gymnasium, in which programs that learn from rewards can act. It needs the
# extra `gym`. One step is one day, and an action says of each drug whether it is given on this day.
import gymnasium
import numpy as np

import abm
from abm.gym import ID, compare_policies

small = abm.load_scenario("influenza").with_section(width="1 mm", height="1 mm")
env = gymnasium.make(ID, scenario=small, days=15, drugs=["MP5-20F3", "oseltamivir (mouse)"])

# %%
# What is observed is what a patient can be tested for; `observation="full"` shows every measure of the model.
observation, info = env.reset(seed=1)
for name, unit, value in zip(
    env.unwrapped.observation_names, env.unwrapped.observation_units, observation, strict=True
):
    print(f"{name:<32} {value:8.3g} {unit}")

# %%
# A policy is a function from an observation to an action. One gives nothing; one gives the antibody against IL-6 every
# third day from day 1 on; one waits until IL-6 in the lavage is high.
NOTHING, ANTIBODY = np.array([0, 0], np.int8), np.array([1, 0], np.int8)
DAY, IL6, SINCE = 0, 2, 4


def early(seen: np.ndarray) -> np.ndarray:
    """Give the antibody from day 1 on."""
    return ANTIBODY if seen[DAY] >= 1 and seen[SINCE] >= 3 else NOTHING


def by_lavage(seen: np.ndarray) -> np.ndarray:
    """Give the antibody while IL-6 in the lavage is above 20 pg/mL."""
    return ANTIBODY if seen[IL6] > 20.0 and seen[SINCE] >= 3 else NOTHING


# %%
# With the same seed, all policies treat the same tissue, and each cell meets the same draws: what differs is what the
# doses changed. Rewards are minus the burden-days and the cost of the drugs. All of it is a prediction.
found = compare_policies(env, {"nothing": lambda _: NOTHING, "early": early, "by lavage": by_lavage}, seeds=range(1, 6))
print(found.summary.round(2).T)
