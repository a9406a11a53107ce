"""Size of a trial that shows an effect: two separate arms by the log-rank test, or simulated twins.

A prediction, not a protocol: accrual, drop-out, crossover and interim analyses are left out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from abm.cohort.expected.arm_parts import WHOLE_HOURS

OUTCOMES = {"found": "lung metastasis found", "death": "death from any cause", "cancer-death": "death from cancer"}

BIN = 0.25  # months by which times are grouped; a scan is at the end of a bin
REPEATS = 2000  # simulated trials
MOST = 10_000_000  # patients per arm; more are reported as no effect to show
LEAST_EFFECT = 1e-3  # in the logarithm of the hazard ratio


def events_needed(log_ratio: float, power: float, alpha: float) -> float:
    """Events needed in both arms together to show a hazard ratio with this power, at a two-sided level, in equal arms.

    4 (z(1 - alpha / 2) + z(power))^2 / (ln HR)^2: Schoenfeld 1983, doi:10.2307/2531021. Assumes proportional
    hazards and arms that keep their proportion. Infinite without an effect.
    """
    if not abs(log_ratio) > LEAST_EFFECT:
        return math.inf
    return 4.0 * float((ndtri(1.0 - alpha / 2.0) + ndtri(power)) / log_ratio) ** 2


def patients_per_arm(log_ratio: float, share: float, other: float, power: float, alpha: float) -> float:
    """Patients per arm for the events needed, if these shares have the event within follow-up."""
    both = share + other
    events = events_needed(log_ratio, power, alpha)
    return math.ceil(events / both - 1e-9) if both > 0.0 and events / both <= MOST else math.inf


def power_of(log_ratio: float, events: np.ndarray, alpha: float) -> np.ndarray:
    """Power of the log-rank test, by number of events in both arms together (Schoenfeld 1983, doi:10.2307/2531021)."""
    reached = abs(log_ratio) * np.sqrt(events) / 2.0
    limit = ndtri(1.0 - alpha / 2.0)
    return np.asarray(ndtr(reached - limit) + ndtr(-reached - limit))


def twins_needed(only_one: float, only_other: float, power: float, alpha: float) -> float:
    """Pairs of twins needed to show a difference in the share with an event, by McNemar's test.

    Args:
        only_one: share of the pairs with the event in the first arm only.
        only_other: in the second arm only.
        power: probability of showing the difference.
        alpha: two-sided level.

    Source: Connor 1987, Biometrics 43:207-211. Infinite without a difference.
    """
    differing, difference = only_one + only_other, abs(only_one - only_other)
    if difference <= 0.0:
        return math.inf
    low, high = ndtri(1.0 - alpha / 2.0), ndtri(power)
    root = low * math.sqrt(differing) + high * math.sqrt(max(0.0, differing - difference**2))
    return math.ceil(float(root / difference) ** 2 - 1e-9)


class FollowedArm(NamedTuple):
    """An arm grouped by time: shares of the patients with an event, and censored, in each BIN, float64[bins] each."""

    events: np.ndarray
    censored: np.ndarray

    @property
    def share(self) -> float:
        """Share of the patients with an event within follow-up."""
        return float(self.events.sum())


def followed(rows: pd.DataFrame, outcome: str, months: float) -> FollowedArm:
    """Group the rows of an arm by time, up to the end of follow-up.

    Args:
        rows: with the columns `found`, `died` and `cause`.
        outcome: one of OUTCOMES. Patients are censored at other deaths.
        months: follow-up.
    """
    time, event = times_and_events(rows, outcome, months)
    bins = math.ceil(months / BIN - 1e-9)
    at = np.clip(np.ceil((time - WHOLE_HOURS) / BIN).astype(int) - 1, 0, bins - 1)
    events, censored = (np.bincount(at[part], minlength=bins) / max(1, len(rows)) for part in (event, ~event))
    return FollowedArm(events, censored)


def times_and_events(rows: pd.DataFrame, outcome: str, months: float) -> tuple[np.ndarray, np.ndarray]:
    """Months to the event or to the end, and whether it is the event: float64[rows], bool[rows]."""
    died = pd.to_numeric(rows["died"]).to_numpy(dtype=float)
    when = pd.to_numeric(rows["found"]).to_numpy(dtype=float) if outcome == "found" else died
    event = ~np.isnan(when)
    if outcome == "cancer-death":
        event = event & (rows["cause"] == "cancer").to_numpy()
    last = np.fmin(died, months)
    event &= np.nan_to_num(when, nan=np.inf) <= months + WHOLE_HOURS
    return np.where(event, when, last), event


def simulated_power(one: FollowedArm, other: FollowedArm, per_arm: int, alpha: float, seed: int) -> float:
    """Share of simulated trials in which the log-rank test shows a difference.

    Simulated patients are drawn with replacement and independently for the two arms, so the arms contain no twins.

    Args:
        one: the first arm.
        other: the second arm.
        per_arm: patients in each.
        alpha: two-sided level.
        seed: of chance.
    """
    rng, bins = np.random.default_rng(seed), one.events.size
    drawn = []
    for arm in (one, other):
        shares = np.maximum(np.concatenate((arm.events, arm.censored)), 0.0)
        drawn.append(rng.multinomial(per_arm, shares / shares.sum(), size=REPEATS).astype(float))
    events = [part[:, :bins] for part in drawn]
    at_risk = [per_arm - np.cumsum(part[:, :bins] + part[:, bins:], axis=1) + part[:, :bins] + part[:, bins:]
               for part in drawn]  # fmt: skip
    total, both = at_risk[0] + at_risk[1], events[0] + events[1]
    share = at_risk[0] / np.maximum(total, 1.0)
    excess = (events[0] - both * share).sum(axis=1)
    spread = (both * share * (1.0 - share) * (total - both) / np.maximum(total - 1.0, 1.0)).sum(axis=1)
    statistic = np.abs(excess) / np.sqrt(np.maximum(spread, 1e-300))
    return float(np.mean((spread > 0.0) & (statistic > ndtri(1.0 - alpha / 2.0))))


def simulated_size(
    one: FollowedArm, other: FollowedArm, guess: float, power: float, alpha: float, seed: int
) -> float:  # fmt: skip
    """Patients per arm with this power in simulated trials, within 2 %; infinite if more than MOST are needed."""
    if not math.isfinite(guess):
        return math.inf
    low, high = 2.0, max(4.0, guess)
    while simulated_power(one, other, int(high), alpha, seed) < power:
        low, high = high, 2.0 * high
        if high > MOST:
            return math.inf
    while high / low > 1.02 and high - low > 1.0:
        middle = math.sqrt(low * high)
        if simulated_power(one, other, int(middle), alpha, seed) < power:
            low = middle
        else:
            high = middle
    return float(math.ceil(high))
