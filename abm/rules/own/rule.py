"""How a rule acts: the numbers of a rule, its response to a signal, and how rules of one rate combine.

Rules of one rate combine by one law, which does not depend on their order:

    rate = (built-in rate + everything that rules add) * all factors of rules, at most 1,000 together

A rule that has the unit of the rate adds `without + (to - without) * response`; one that is a factor multiplies by it.
The response to a signal s is in [0, 1], and `half` is in all forms the signal at half of it:

- Hill: s^n / (half^n + s^n), with the power n;
- linear: s / (2 half), at most 1;
- threshold: 0 below `half`, 1 from there on.

A second signal multiplies the response by its own, a Hill function.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

from abm.core.compiled import compiled
from abm.rules.own.signals import Signal
from abm.rules.response import hill

NOTHING = -1.0  # address of a rule that is switched off; signal of a rule without a second one
MOST_FOLD = 1000.0  # most that the factors of all rules make of a rate; assumed
OF_PLACE = (0.0, 0.0)  # activation and age of what is no mobile cell


class Form(IntEnum):
    """Shape of the response to a signal."""

    HILL = 0
    LINEAR = 1
    THRESHOLD = 2


class RuleNumbers(NamedTuple):
    """A rule, as compiled code takes it.

    Attributes:
        acts_on: address of its rate (`abm.rules.own.rates.address`).
        signal: number of its `Signal`.
        signal_of: number of the substance, type of cell or drug that the signal concerns.
        second, second_of: the same of a second signal; NOTHING if there is none.
        form: `Form`.
        is_factor: 1 if it multiplies the rate, 0 if it adds to it.
        infected_at: hour of the first inoculation, from which "time since infection" counts; 0 without this signal.
        without: without the signal, in the unit of the rate or as a factor.
        to: at full response, likewise.
        half: signal at half of the full response, in the unit of the signal.
        power: of a Hill function.
        second_half, second_power: those of the second signal.
    """

    acts_on: float = NOTHING
    signal: float = 0.0
    signal_of: float = 0.0
    second: float = NOTHING
    second_of: float = 0.0
    form: float = 0.0
    is_factor: float = 0.0
    infected_at: float = 0.0
    without: float = 0.0
    to: float = 0.0
    half: float = 1.0
    power: float = 1.0
    second_half: float = 1.0
    second_power: float = 1.0


@compiled
def response(signal: float, form: int, half: float, power: float) -> float:
    """Response in [0, 1] to a signal, 0 or more; half: the signal at half of it, in its unit."""
    if form == Form.LINEAR:
        return min(1.0, signal / (2.0 * half))
    if form == Form.THRESHOLD:
        return 1.0 if signal >= half else 0.0
    return hill(signal, half, power)


@compiled
def _of_cell(signal: int, place: float, own: tuple[float, float]) -> float:
    """A signal: what a cell carries with itself, or what was read at its place."""
    if signal == Signal.ACTIVATION:
        return own[0]
    return own[1] if signal == Signal.AGE else place


@compiled
def change_by(rule: Any, first: float, second: float, own: tuple[float, float]) -> float:
    """What a rule adds, or the factor that it is.

    rule: RuleNumbers. first, second: its signals at the place. own: activation and age [h] of the cell.
    """
    share = response(_of_cell(int(rule.signal), first, own), int(rule.form), rule.half, rule.power)
    if rule.second != NOTHING:
        share *= hill(_of_cell(int(rule.second), second, own), rule.second_half, rule.second_power)
    return rule.without + (rule.to - rule.without) * share
