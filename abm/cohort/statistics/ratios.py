"""Ratios of two arms of a cohort, with 95 % intervals: of hazards, risks and odds.

Hazard ratios are those of statsmodels. Arms hold the same patients, so intervals are those of pairs: Cox with the
variance that is robust to clusters, and for the risk ratio the paired one.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.cohort.pairs import CHI_SQUARED, ratio_interval

NORMAL = 1.959964
FEW = 5  # events in an arm below which a ratio is told with a warning
MANY = 10  # twins that fare differently from which on a variance made of them is trusted
FARTHEST_LOG = 15.0  # of a ratio, from its estimate


class Ratio(NamedTuple):
    """A ratio with its 95 % interval; NaN where there are no events."""

    value: float
    low: float
    high: float

    @property
    def text(self) -> str:
        """In words."""
        if not math.isfinite(self.value):
            return "not defined (an arm without events)"
        return f"{self.value:.3g} ({self.low:.3g} to {self.high:.3g})"


UNDEFINED = Ratio(math.nan, math.nan, math.nan)


def hazard_ratio(one: pd.DataFrame, other: pd.DataFrame) -> Ratio:
    """Cox hazard ratio of `one` over `other`; twins are clusters."""
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    if not one["event"].any() or not other["event"].any():
        return UNDEFINED
    both = pd.concat([one, other])
    arm = np.repeat([1.0, 0.0], [len(one), len(other)])[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("error", ConvergenceWarning)
        model = PHReg(both["time"].to_numpy(), arm, status=both["event"].to_numpy(dtype=float), ties="efron")
        try:
            fit = model.fit(groups=both.index.to_numpy())
        except ConvergenceWarning:  # every patient of one arm before any of the other
            return UNDEFINED
    value, error = float(fit.params[0]), float(fit.bse[0])
    ends = (value - NORMAL * error, value + NORMAL * error)
    if _differing(one, other) < MANY:
        ends = _profile(lambda at: float(model.loglike(np.array([at]))), value)
    return Ratio(math.exp(value), math.exp(ends[0]), math.exp(ends[1]))


def _differing(one: pd.DataFrame, other: pd.DataFrame) -> int:
    """Twins who fare differently, which is what a variance that is robust to clusters is made of."""
    there = other.loc[one.index] if other.index.is_unique else other
    return int(((one["time"].to_numpy() != there["time"].to_numpy())
                | (one["event"].to_numpy() != there["event"].to_numpy())).sum())  # fmt: skip


def _profile(log_likelihood: Callable[[float], float], value: float) -> tuple[float, float]:
    """Where the partial likelihood has lost as much as 95 % allow: it leaves out that they are twins, so it is wide."""
    from scipy.optimize import brentq

    best = log_likelihood(value)

    def loss(at: float) -> float:
        return 2.0 * (best - log_likelihood(at)) - CHI_SQUARED

    ends = []
    for side in (-1.0, 1.0):
        far = value + side * FARTHEST_LOG
        ends.append(float(brentq(loss, value, far)) if loss(far) > 0.0 else far)
    return ends[0], ends[1]


def risk_ratio(one: pd.DataFrame, other: pd.DataFrame) -> Ratio:
    """Ratio of the shares found by the end, of pairs, with the interval of `abm.cohort.pairs`.

    a: twins of whom both have a metastasis, b: only that in `one`, c: only that in `other`.
    """
    first, second = one["event"].to_numpy(), other.loc[one.index, "event"].to_numpy()
    a, b, c = (int(part.sum()) for part in (first & second, first & ~second, ~first & second))
    if a + b == 0 or a + c == 0:
        return UNDEFINED
    return Ratio((a + b) / (a + c), *ratio_interval(a, b, c, len(one) - a - b - c))


def odds_ratio(one: pd.DataFrame, other: pd.DataFrame) -> Ratio:
    """Odds ratio of a metastasis by the end, as if they were no twins: wide.

    The interval is Woolf's, and the exact conditional one where a count is below FEW.
    """
    from scipy.stats.contingency import odds_ratio as odds_ratio_of
    from statsmodels.stats.contingency_tables import Table2x2

    cells = np.array([[rows["event"].sum(), (~rows["event"]).sum()] for rows in (one, other)], dtype=float)
    if (cells == 0.0).any():
        return UNDEFINED
    table = Table2x2(cells)
    if cells.min() < FEW:
        exact = odds_ratio_of(cells.astype(int), kind="conditional").confidence_interval(0.95)
        return Ratio(float(table.oddsratio), float(exact.low), float(exact.high))
    low, high = table.oddsratio_confint()
    return Ratio(float(table.oddsratio), float(low), float(high))
