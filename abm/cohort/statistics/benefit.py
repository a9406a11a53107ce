"""Effect of a policy on a patient: each random draw is compared with the same draw under usual care."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.cohort.analysis import CANCER, DEATH, FOUND, INFECTED, Endpoint, Tables
from abm.cohort.statistics.pairs import difference_interval, mean_interval
from abm.cohort.statistics.ratios import FEW, Ratio
from abm.cohort.statistics.shares import NORMAL, share_with

EARLIER = 1.0  # months by which a lesion must be found earlier or later to count as such
GOALS = {FOUND: "without a found metastasis", DEATH: "alive at the end", CANCER: "without death from cancer"}
TRAITS = {
    "age": "age",
    "comorbidity": "other illnesses",
    "reach": "share of the lung reached",
    "burden": "dormant cells",
    "growth": "growth of lesions",
    "dose": "dose of virus",
    "immunity": "strength of T cells",
    "since_diagnosis": "years since diagnosis",
    "first_infection": "month of infection",
}


class Benefit(NamedTuple):
    """What an arm changes for infected patients, compared with usual care; shares of all their turns.

    Attributes:
        spared: no metastasis is found by the end, unlike without. harmed: the other way round. same: neither.
        earlier, later: found in both, by more than a month earlier or later. earlier_by: months, median.
        gained: mean months without a found metastasis gained, with its interval.
    """

    spared: float
    harmed: float
    same: float
    earlier: float
    later: float
    earlier_by: float
    gained: Ratio


def benefit(tables: Tables, arm: str) -> Benefit:
    """Individual benefit of an arm in metastases found, twin by twin."""
    one, other = (tables.follow(name, FOUND).of(tables.infected) for name in (arm, INFECTED))
    both = one.event & other.event
    shift = np.where(both, one.time - other.time, 0.0)
    spared, harmed = float((~one.event & other.event).mean()), float((one.event & ~other.event).mean())
    earlier = -shift[shift < -EARLIER]
    gained = (one.time - other.time).mean(axis=1)
    return Benefit(
        spared, harmed, 1.0 - spared - harmed, earlier.size / shift.size, float((shift > EARLIER).mean()),
        float(np.median(earlier)) if earlier.size else 0.0,
        Ratio(float(gained.mean()), *mean_interval(gained, -tables.months, tables.months)),
    )  # fmt: skip


def prevented(tables: Tables, arm: str, endpoint: Endpoint) -> Ratio:
    """Share of the infected patients whom an arm spares an event by the end, less those whom it causes one."""
    usual, own = (tables.follow(name, endpoint).of(tables.infected).event for name in (INFECTED, arm))
    return _difference(usual, own)


def _difference(one: np.ndarray, other: np.ndarray) -> Ratio:
    """How much larger the share with an event is in the first, with its interval; bool[patients, turns]."""
    one, other = one.mean(axis=1), other.mean(axis=1)
    return Ratio(float(one.mean() - other.mean()), *difference_interval(one, other))


def harms(tables: Tables, arm: str) -> dict[str, Ratio]:
    """Shares of the infected patients whom an arm harms more than usual care does, by what happens to them.

    Where usual care harms nobody, no arm can do less harm, and the share is that of the arm itself.
    """
    found = {}
    for what, column, value in (("harmed by a serious infection under the treatment", "harmed", True),
                                ("killed by the treatment", "cause", "treatment")):  # fmt: skip
        own, usual = (tables.column(name, column)[tables.infected] == value for name in (arm, INFECTED))
        found[what] = Ratio(*share_with(own)) if not usual.any() else _difference(own, usual)
    return found


def number_needed(difference: Ratio, better: str = "to treat", worse: str = "to harm one") -> str:
    """Patients per one who fares differently, with its interval.

    Where the interval includes no effect, it goes through infinity (Altman 1998, doi:10.1136/bmj.317.7168.1309).

    Args:
        difference: of shares, positive where more fare as `better` says.
        better: words for a positive difference.
        worse: words for a negative one.
    """
    value, low, high = difference
    if value == 0.0:
        return "no difference" + (f" (at most 1 in {1.0 / max(-low, high):,.0f})" if max(-low, high) > 0.0 else "")
    words = better if value > 0.0 else worse
    if low <= 0.0 <= high:
        return f"{_patients(value)} {words} (interval includes no effect: {_end(high, better)}, {_end(low, worse)})"
    few, many = sorted((1.0 / abs(high), 1.0 / abs(low)))
    return f"{_patients(value)} {words} ({few:,.0f} to {many:,.0f})"


def _patients(difference: float) -> str:
    return f"{max(1.0, abs(1.0 / difference)):,.0f}"


def _end(difference: float, words: str) -> str:
    return f"{_patients(difference) if difference else 'any number'} or more {words}"


def predictors(tables: Tables, arm: str) -> pd.DataFrame:
    """Rank correlation of what is known of a patient with the mean months gained in an arm, with 95 % intervals.

    Fisher's intervals, with the variance of Bonett and Wright 2000 (Psychometrika 65:23). Empty where the arm changes
    fewer than FEW patients: a single patient would determine it.

    Returns:
        trait, rho, low, high; strongest first.
    """
    from scipy.stats import spearmanr

    infected = tables.patients[tables.infected]
    one, other = (tables.follow(name, FOUND).of(tables.infected).time for name in (arm, INFECTED))
    gained = (one - other).mean(axis=1)
    rows = []
    for trait, meaning in TRAITS.items():
        values = infected[trait].to_numpy(dtype=float)
        if len(values) < 10 or np.unique(values).size < 2 or (gained != np.median(gained)).sum() < FEW:
            continue
        rho = float(spearmanr(values, gained).statistic)
        width = NORMAL * math.sqrt((1.0 + rho**2 / 2.0) / (len(values) - 3))
        middle = math.atanh(min(max(rho, -0.999999), 0.999999))
        rows.append((meaning, rho, math.tanh(middle - width), math.tanh(middle + width)))
    found = pd.DataFrame(rows, columns=["trait", "rho", "low", "high"])
    return found.iloc[found["rho"].abs().argsort()[::-1]].reset_index(drop=True)
