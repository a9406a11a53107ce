"""Policies compared by twins: each policy treats the same sections, so that what differs is what the policy does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from gymnasium import Env
from numpy.typing import ArrayLike, NDArray

from abm.core.seeds import seed_of
from abm.gym.dosing import BURDEN
from abm.reporting.statistics import mean_by_chance, ratio_of_means

Policy = Callable[[NDArray[np.float32]], ArrayLike]  # from an observation to an action


@dataclass(frozen=True)
class PolicyComparison:
    """Policies and their episodes.

    Attributes:
        episodes: one row per policy and seed: policy, seed, reward (sum), burden (cells per seeded cell at the end),
            given (drug-days).
        summary: one row per policy: mean reward, burden and drug-days; difference of the reward from that of the first
            policy and ratio of the burden, each with its 95 % interval, paired by twin (none below five seeds for the
            difference, below two for the ratio). All of it is a prediction.
    """

    episodes: pd.DataFrame
    summary: pd.DataFrame


def compare_policies(
    env: Env[Any, Any], policies: Mapping[str, Policy], seeds: Sequence[int] = tuple(range(1, 9))
) -> PolicyComparison:
    """Run an episode of every policy with every seed, in this process.

    Args:
        env: a dosing environment, also within wrappers.
        policies: functions from an observation to an action, by name; the first is what others are compared with.
        seeds: one per twin.

    Raises:
        ValueError: no policy or no seed, or a seed that is given twice. SeedError: it is no seed.
    """
    numbers = [seed_of(seed) for seed in seeds]
    if not policies or not numbers or len(set(numbers)) < len(numbers):
        raise ValueError("compare_policies needs at least one policy, and seeds that are all different")
    rows = [
        {"policy": name, "seed": seed, **_episode(env, policy, seed)}
        for seed in numbers
        for name, policy in policies.items()
    ]
    episodes = pd.DataFrame(rows)
    return PolicyComparison(episodes, _summary(episodes, list(policies)))


def _episode(env: Env[Any, Any], policy: Policy, seed: int) -> dict[str, float]:
    observation, info = env.reset(seed=seed)
    total, is_over = 0.0, False
    while not is_over:
        observation, reward, terminated, truncated, info = env.step(policy(observation))
        total += float(reward)
        is_over = terminated or truncated
    given = sum(len(days) for days in info["given"].values())
    return {"reward": total, "burden": info["measures"][BURDEN], "given": given}


def _summary(episodes: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    tables = {
        name: episodes.pivot_table(name, index="seed", columns="policy") for name in ("reward", "burden", "given")
    }
    first, rows = names[0], []
    for name in names:
        difference = mean_by_chance(tables["reward"][name] - tables["reward"][first])
        ratio = ratio_of_means(tables["burden"][name], tables["burden"][first])
        rows.append(
            {
                "policy": name,
                **{column: float(table[name].mean()) for column, table in tables.items()},
                "reward_gain": difference.value, "reward_gain_low": difference.low, "reward_gain_high": difference.high,
                "burden_ratio": ratio.value, "burden_ratio_low": ratio.low, "burden_ratio_high": ratio.high,
                "n": difference.n,
            }
        )  # fmt: skip
    return pd.DataFrame(rows).set_index("policy")
