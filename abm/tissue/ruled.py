"""Rates as the rules of a scenario leave them: each rule by its signals at the place of the cell.

A kernel that is called for every cell asks `is_ruled` first, so that nothing is looked up without rules.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.core.compiled import compiled, uncounted
from abm.rules.own.rule import MOST_FOLD, OF_PLACE, change_by


@uncounted
def ruled(
    rate: float, where: float, y: int, x: int, own: tuple[float, float], signals: np.ndarray, p: Any
) -> float:  # fmt: skip
    """A rate as the rules of a scenario leave it.

    Args:
        rate: built-in rate.
        where: address of the rate.
        y: row of the block of the cell.
        x: column of the block of the cell.
        own: activation and age [h] of a mobile cell; else OF_PLACE.
        signals: float32[rules, 2, block rows, block columns], read by `abm.processes.signals`.
        p: parameters of the model.
    """
    added, factor = rate, 1.0
    for number in range(int(p.present.rules)):
        rule = p.rules[number]
        if rule.acts_on == where:
            first, second = np.float64(signals[number, 0, y, x]), np.float64(signals[number, 1, y, x])
            change = change_by(rule, first, second, own)
            if rule.is_factor > 0.0:
                factor *= change
            else:
                added += change
    return added * min(factor, MOST_FOLD)


@compiled
def factor_of_rules(where: float, y: int, x: int, signals: np.ndarray, p: Any) -> float:
    """The product of the factors of rules on the rate at this address, in a block; without what they add."""
    factor = 1.0
    for number in range(int(p.present.rules)):
        rule = p.rules[number]
        if rule.acts_on == where and rule.is_factor > 0.0:
            first, second = np.float64(signals[number, 0, y, x]), np.float64(signals[number, 1, y, x])
            factor *= change_by(rule, first, second, OF_PLACE)
    return min(factor, MOST_FOLD)


@compiled
def ruled_mean(rate: float, where: float, signals: np.ndarray, p: Any) -> float:
    """A rate that is the same in the whole section, as rules leave it: each acts by its mean over all blocks."""
    added, factor = rate, 1.0
    for number in range(int(p.present.rules)):
        rule = p.rules[number]
        if rule.acts_on == where:
            first, second, total = signals[number, 0].ravel(), signals[number, 1].ravel(), 0.0
            for block in range(first.size):
                total += change_by(rule, np.float64(first[block]), np.float64(second[block]), OF_PLACE)
            if rule.is_factor > 0.0:
                factor *= total / first.size
            else:
                added += total / first.size
    return added * min(factor, MOST_FOLD)


@compiled
def is_ruled(rate: int, p: Any) -> bool:
    """Whether rules act on a rate of any cell: what to ask before cells are asked one by one; rate: `Rate`."""
    return p.ruled[rate].rules > 0.0


@compiled
def has_rule(where: float, p: Any) -> bool:
    """Whether a rule acts on the rate at this address."""
    found = False
    for number in range(int(p.present.rules)):
        found = found or p.rules[number].acts_on == where
    return found


@compiled
def ruled_at_most(rate: float, where: float, p: Any) -> float:
    """The most that rules can make of a rate."""
    added, factor = rate, 1.0
    for number in range(int(p.present.rules)):
        rule = p.rules[number]
        if rule.acts_on == where:
            if rule.is_factor > 0.0:
                factor *= max(1.0, rule.without, rule.to)
            else:
                added += max(rule.without, rule.to)
    return added * min(factor, MOST_FOLD)


@compiled
def mean_factor(where: float, signals: np.ndarray, p: Any) -> float:
    """The product of the factors of rules on a rate that is the same in the whole section."""
    return ruled_mean(1.0, where, signals, p) - ruled_mean(0.0, where, signals, p)
