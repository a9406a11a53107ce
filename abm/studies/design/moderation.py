"""Variances of which each is estimated from few: moderated towards what they have in common.

A variance from five animals may come out ten times too small by luck, and its number then counts for ten. The more
alike the variances of a curve are, beyond such luck, the more each one borrows from the others (empirical Bayes,
Smyth 2004, doi:10.2202/1544-6115.1027).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

LEAST_FREEDOM, MOST_FREEDOM = 1e-3, 1e6  # of what they have in common


def moderated(variances: np.ndarray, freedom: float) -> np.ndarray:
    """The variances, moderated: float64[n]; zeros stay as they are.

    Args:
        variances: float64[n], of the numbers of one curve, each estimated with the same degrees of freedom.
        freedom: these degrees of freedom.
    """
    known = variances > 0.0
    if known.sum() < 2 or freedom < 1.0 or np.isinf(freedom):
        return variances
    half = 0.5 * freedom
    logs = np.log(variances[known]) - digamma(half) + np.log(half)
    beyond = float(logs.var(ddof=1) - polygamma(1, half))  # how much they differ, beyond luck
    result = variances.copy()
    if beyond <= polygamma(1, MOST_FREEDOM):
        result[known] = np.exp(logs.mean())
        return result
    if beyond >= polygamma(1, LEAST_FREEDOM):
        return variances
    shared = brentq(lambda x: float(polygamma(1, x)) - beyond, LEAST_FREEDOM, MOST_FREEDOM)
    common = np.exp(logs.mean() + digamma(shared) - np.log(shared))
    result[known] = (shared * common + half * variances[known]) / (shared + half)
    return result
