"""Which unknown factors agree with two registries of people: a posterior sample by importance weights.

Nobody has measured how much of a human lung an infection reaches, how far human cells expand, how many lesions grow
undetected, or how many deaths from the infection are recorded as deaths from cancer. Points are spread evenly over wide
*assumed* ranges (Sobol sequence). Each is weighted by the likelihood of the results of two registries and of the order
in time. Results over the weighted points show what follows from the registries, and what they leave open.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import log_ndtr
from scipy.stats import qmc

from abm.cohort.expected.lesion_hazard import NO_INFECTION
from abm.cohort.expected.outcomes import ExpectedCohort
from abm.cohort.expected.outlook import INFECTION, SINCE_INFECTION, Outlook, UnknownFactors
from abm.cohort.expected.ratios import (
    GroupedCounts,
    counts_of_deaths,
    counts_of_found,
    log_hazard_ratio,
    log_odds_ratio,
)

NORMAL = 1.959964
EARLY = 12  # months since infection within which the excess is strongest
BIOBANK_MONTHS = 24  # after the infection in which deaths are counted (assumed)
SOFTNESS = 0.2  # of the order in time, in the logarithm of a ratio (assumed)
POINTS, SET_SIZE = 4096, 200
LOGARITHMIC = ("reach", "expansion", "occult")
RANGES = {"reach": (1e-3, 10.0), "expansion": (0.01, 10.0), "occult": (0.1, 10.0), "recorded": (0.0, 1.0)}  # assumed
SOFT, STRICT, NO_ORDER = "soft", "strict", "none"


class ReportedRatio(NamedTuple):
    """A ratio reported by a registry, with its 95 % interval.

    Attributes:
        title: of the registry. quantity: for people. value, low, high: of the ratio. column: of the predictions.
    """

    title: str
    quantity: str
    value: float
    low: float
    high: float
    column: str

    @property
    def error(self) -> float:
        """Standard error of the logarithm."""
        return math.log(self.high / self.low) / (2.0 * NORMAL)


FLATIRON = ReportedRatio("Flatiron", "hazard ratio of lung metastasis", 1.44, 1.01, 2.05, "hazard_ratio")
BIOBANK = ReportedRatio("UK Biobank", "odds ratio of recorded cancer death", 1.85, 1.14, 3.02, "odds_ratio")
EVIDENCE: dict[str, tuple[tuple[ReportedRatio, ...], str]] = {
    "neither registry (prior)": ((), NO_ORDER),
    "Flatiron alone": ((FLATIRON,), NO_ORDER),
    "UK Biobank alone": ((BIOBANK,), NO_ORDER),
    "order in time alone": ((), SOFT),
    "both": ((FLATIRON, BIOBANK), NO_ORDER),
    "both, order in time": ((FLATIRON, BIOBANK), SOFT),
    "both, strict order in time": ((FLATIRON, BIOBANK), STRICT),
}
USED = "both, order in time"


class RegistryFit(NamedTuple):
    """Points of the prior with their predictions and weights, and the set drawn from them.

    Attributes:
        points: one row per point: the factors, `hazard_ratio`, `odds_ratio`, `early`, `late` (hazard ratios of
            recorded cancer death up to month EARLY since infection, and afterwards), `odds_ratio_of_cancer` (of deaths
            that are from cancer).
        weights: by evidence, float64[points], with sum 1; all 0 if no point agrees.
        chosen: rows of the points that make up the set, drawn by their weights under USED.
    """

    points: pd.DataFrame
    weights: dict[str, np.ndarray]
    chosen: pd.DataFrame

    def effective(self, evidence: str = USED) -> float:
        """Effective number of points, (sum w)^2 / sum w^2 (Kong 1992)."""
        weights = self.weights[evidence]
        return float(weights.sum() ** 2 / max(1e-300, (weights**2).sum()))


def prior_points(count: int, seed: int) -> pd.DataFrame:
    """Points spread evenly over RANGES: log-uniform factors, and a uniform share; count: a power of 2."""
    shares = qmc.Sobol(len(RANGES), rng=seed).random(count)
    columns = {}
    for (name, (low, high)), share in zip(RANGES.items(), shares.T, strict=True):
        columns[name] = low * (high / low) ** share if name in LOGARITHMIC else low + (high - low) * share
    return pd.DataFrame(columns)


def predicted_ratios(cohort: ExpectedCohort, factors: UnknownFactors) -> dict[str, float]:
    """The ratios that the registries would report, among infected patients, by months since infection.

    Both arms consist of the same patients, so there is no confounding; that idealizes the registries.
    """
    one, other = (cohort.outlook(arm, factors, SINCE_INFECTION) for arm in (INFECTION, NO_INFECTION))
    found = log_hazard_ratio(counts_of_found(one), counts_of_found(other))
    deaths = [_recorded(outlook, factors.recorded) for outlook in (one, other)]
    early, late = (
        log_hazard_ratio(*(GroupedCounts(part.events[months], part.at_risk[months]) for part in deaths))
        for months in (slice(0, EARLY), slice(EARLY, None))
    )
    risks = [float(part.events[:BIOBANK_MONTHS].sum() / outlook.alive[:, 0].sum())
             for part, outlook in zip(deaths, (one, other), strict=True)]  # fmt: skip
    true = [float(outlook.deaths[0, :, :BIOBANK_MONTHS].sum() / outlook.alive[:, 0].sum()) for outlook in (one, other)]
    ratios = {"hazard_ratio": found, "odds_ratio": log_odds_ratio(*risks), "early": early, "late": late,
              "odds_ratio_of_cancer": log_odds_ratio(*true)}  # fmt: skip
    return {name: math.exp(value) for name, value in ratios.items()}


def _recorded(outlook: Outlook, share: float) -> GroupedCounts:
    return counts_of_deaths(outlook, outlook.recorded_as_cancer(share))


def log_likelihood(predicted: pd.DataFrame, reported: tuple[ReportedRatio, ...], order: str) -> np.ndarray:
    """Logarithm of the likelihood of each row, float64[rows].

    Ratios are normal on the log scale. The order in time, that the early ratio is above the late one, is a normal
    probability with standard deviation SOFTNESS (SOFT), a condition (STRICT) or not used (NO_ORDER).
    """
    total = np.zeros(len(predicted))
    for one in reported:
        total -= 0.5 * ((np.log(predicted[one.column].to_numpy()) - math.log(one.value)) / one.error) ** 2
    if order != NO_ORDER:
        excess = np.log(predicted["early"].to_numpy() / predicted["late"].to_numpy())
        total += log_ndtr(excess / SOFTNESS) if order == SOFT else np.where(excess > 0.0, 0.0, -np.inf)
    return np.where(np.isnan(total), -np.inf, total)


def fit_registries(
    cohort: ExpectedCohort,
    count: int = POINTS,
    size: int = SET_SIZE,
    seed: int = 1,
    advance: Callable[[int], None] = lambda _: None,
) -> RegistryFit:
    """Weight points of the prior by the registries, and draw the set.

    Args:
        cohort: the patients.
        count: points, a power of 2.
        size: of the set.
        seed: of the Sobol sequence and of the draw.
        advance: called with the number of points that are finished.
    """
    points = prior_points(count, seed)
    rows = []
    for at, row in enumerate(points.itertuples(index=False)):
        rows.append(predicted_ratios(cohort, UnknownFactors(*row)))
        advance(at + 1)
    points = pd.concat([points, pd.DataFrame(rows)], axis=1)
    weights = {name: _weights(log_likelihood(points, *evidence)) for name, evidence in EVIDENCE.items()}
    return RegistryFit(points, weights, points.iloc[drawn(weights[USED], size, seed)].reset_index(drop=True))


def _weights(logarithms: np.ndarray) -> np.ndarray:
    if not np.isfinite(logarithms).any():
        return np.zeros_like(logarithms)
    weights = np.exp(logarithms - logarithms.max())
    return weights / weights.sum()


def drawn(weights: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Rows drawn by their weights, int64[size]: systematic resampling (Kitagawa 1996, doi:10.2307/1390750)."""
    if not weights.sum() > 0.0:
        return np.zeros(0, dtype=np.int64)
    levels = (np.arange(size) + np.random.default_rng(seed).random()) / size
    return np.minimum(np.searchsorted(np.cumsum(weights / weights.sum()), levels), weights.size - 1)


def on_scale(points: pd.DataFrame) -> pd.DataFrame:
    """The factors, and the product of reach and expansion, as in the prior: logarithms to base 10 but for a share."""
    columns = {name: np.log10(points[name]) if name in LOGARITHMIC else points[name] for name in RANGES}
    return pd.DataFrame(columns | {"product": columns["reach"] + columns["expansion"]})


def narrowing(fit: RegistryFit, evidence: str) -> pd.Series:
    """Standard deviation of each factor, and of the product, relative to that in the prior: 1 if nothing is learned."""
    values, weights = on_scale(fit.points), fit.weights[evidence]
    middle = weights @ values
    return np.sqrt(weights @ (values - middle) ** 2) / values.std(ddof=0)


def correlations(fit: RegistryFit, evidence: str = USED) -> pd.DataFrame:
    """Correlations of the factors over the weighted points."""
    values = on_scale(fit.points)[list(RANGES)]
    around = values - fit.weights[evidence] @ values
    covariance = around.mul(fit.weights[evidence], axis=0).T @ around
    spread = np.sqrt(np.diag(covariance))
    return covariance / np.outer(spread, spread)


def weighted_range(values: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    """Median, 2.5 % and 97.5 % of weighted values; NaN where there are none."""
    known = np.isfinite(values) & (weights > 0.0)
    if not known.any():
        return math.nan, math.nan, math.nan
    order = np.argsort(values[known])
    passed = np.cumsum(weights[known][order])
    at = np.searchsorted(passed / passed[-1], (0.5, 0.025, 0.975))
    middle, low, high = values[known][order][np.minimum(at, order.size - 1)]
    return float(middle), float(low), float(high)
