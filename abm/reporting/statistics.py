"""What replicates tell: means with their range, and ratios between twins with their interval.

Twins are runs of two arms with the same seed: the same lung, the same dormant cells, the same chance. What differs
between twins is what the arms differ in, so an interval is that of twins, which stay together. Replicates are sections
of lung: how they differ is how sections differ, not how mice or people do.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, stdtrit

CONFIDENCE = 0.95
RESAMPLES = 10_000
FEWEST_FOR_RESAMPLING = 5  # below, resampled replicates say next to nothing about those not run
NO_WIDTH = 1e-9  # percent; an interval that is narrower is rounding
HALF_MARGIN = 1e-9  # by which summed weights must pass a half
LEAST_EXPANSION = 0.1  # cells gained per seeded cell; what expands less has no expansion to be reduced


class Estimate(NamedTuple):
    """A number with its lower and upper end (not a number where there are none) and the replicates behind it."""

    value: float
    low: float
    high: float
    n: int


NOTHING = Estimate(np.nan, np.nan, np.nan, 0)


class Spread(NamedTuple):
    """How the replicates of an arm are summed up.

    Attributes:
        ends: what the lower and the upper end are. mean, median: of replicates, with these ends. contrasts: whether
            ratios between arms have an interval.
    """

    ends: str
    mean: Callable[[ArrayLike], Estimate]
    median: Callable[[ArrayLike], Estimate]
    contrasts: bool = True


def mean_and_range(values: ArrayLike) -> Estimate:
    """Mean, smallest and largest of the values that are numbers."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if not known.size:
        return NOTHING
    return Estimate(float(known.mean()), float(known.min()), float(known.max()), known.size)


def median_and_range(values: ArrayLike) -> Estimate:
    """Median, smallest and largest of the values that are numbers."""
    return mean_and_range(values)._replace(value=_median(values))


def mean_by_chance(values: ArrayLike) -> Estimate:
    """Mean of the values that are numbers, with the 95 % interval of a bootstrap over replicates (none below 5)."""
    return _by_chance(values, lambda known, weights: weights @ known)


def median_by_chance(values: ArrayLike) -> Estimate:
    """Median of the values that are numbers, with the same interval."""
    return _by_chance(values, _weighted_medians)._replace(value=_median(values))


def _median(values: ArrayLike) -> float:
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if known.size else float("nan")


def _by_chance(values: ArrayLike, number: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Estimate:
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if not known.size:
        return NOTHING
    found = number(known, resampling(known.size))
    ends = resampled_interval(found[1:], known.size) or (np.nan, np.nan)
    return Estimate(float(found[0]), float(ends[0]), float(ends[1]), known.size)


def _weighted_medians(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The median of values under each row of weights, float[rows, values], which sum up to 1."""
    order = np.argsort(values)
    summed = np.cumsum(weights[:, order], axis=1)
    middle = [np.argmax(summed > 0.5 + side, axis=1) for side in (-HALF_MARGIN, HALF_MARGIN)]
    found: np.ndarray = values[order][np.array(middle)].mean(axis=0)
    return found


def ratio_of_means(treated: ArrayLike, reference: ArrayLike) -> Estimate:
    """Mean of the treated over the mean of their twins, with its 95 % interval.

    A lung is the sum of its sections, so sections are averaged as they are; a mean of the ratios of twins would depend
    on how large they are (a section that the virus missed has the ratio 1).
    The interval is Student's t on the logarithm of the ratio, linearized (Cochran 1977, Sampling Techniques, 6.4):
    what twins share cancels. A single pair has none.

    Args:
        treated: one number per twin, not negative.
        reference: those of the other arm, in the same order.

    Returns:
        Nothing where either mean is zero.

    Raises:
        ValueError: a number is negative or not finite, or the two differ in length.
    """
    over, under = np.asarray(treated, dtype=float), np.asarray(reference, dtype=float)
    if over.shape != under.shape:
        raise ValueError(f"{over.size} values cannot be paired with {under.size}")
    if not (np.all(over >= 0) and np.all(under >= 0) and np.isfinite(over).all() and np.isfinite(under).all()):
        raise ValueError("a ratio of means needs numbers that are not negative")
    n = over.size
    if n == 0 or over.mean() == 0.0 or under.mean() == 0.0:
        return NOTHING._replace(n=n)
    center = float(np.log(over.mean()) - np.log(under.mean()))
    if n == 1:
        return Estimate(float(np.exp(center)), np.nan, np.nan, 1)
    pulls = over / over.mean() - under / under.mean()  # of each twin on the logarithm of the ratio
    reach = float(stdtrit(n - 1, 0.5 + CONFIDENCE / 2)) * float(pulls.std(ddof=1)) / np.sqrt(n)
    value, low, high = np.exp([center, center - reach, center + reach]).tolist()
    return Estimate(value, low, high, n)


def reduction_of_expansion(treated: ArrayLike, reference: ArrayLike, has_interval: bool = True) -> Estimate:
    """How much less the treated arm expands, in percent of the expansion of its reference.

    Expansion is what is gained over the start, cells per seeded cell - 1; the reduction is
    100 (1 - mean expansion of the treated / mean expansion of the reference), so above 100 where the treated shrink.
    Its 95 % interval is that of a bias-corrected and accelerated bootstrap over twins (BCa, 10,000 resamples, always
    the same ones); there is none for fewer than 5 twins or where a resample has no expansion to be reduced, and none
    exists where all twins agree. There is no reduction where the reference does not expand.

    Args:
        treated: cells per seeded cell, one a twin.
        reference: those of the other arm, in the same order.
        has_interval: whether it is worked out; it takes a tenth of a second.
    """
    gained = np.asarray(treated, dtype=float) - 1.0
    reference_gained = np.asarray(reference, dtype=float) - 1.0
    n = gained.size
    if n == 0 or reference_gained.mean() < LEAST_EXPANSION:
        return NOTHING._replace(n=n)
    value = float(100.0 * (1.0 - gained.mean() / reference_gained.mean()))
    low = high = float("nan")
    if has_interval and n >= FEWEST_FOR_RESAMPLING:
        low, high = _bootstrapped_reduction(gained, reference_gained)
    return Estimate(value, low, high, n)


def _bootstrapped_reduction(gained: np.ndarray, reference_gained: np.ndarray) -> tuple[float, float]:
    """Both ends of the BCa interval of a reduction; not numbers where it is undefined or would have no width."""
    from scipy.stats import bootstrap

    def reduction(own: np.ndarray, twin: np.ndarray, axis: int = -1) -> np.ndarray:
        above, below = own.mean(axis=axis), twin.mean(axis=axis)
        return 100.0 * (1.0 - above / np.where(below > 0.0, below, np.nan))

    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore")  # scipy's on data that all agree, told by an interval that is not there
        low, high = bootstrap(
            (gained, reference_gained), reduction, paired=True, vectorized=True, method="BCa",
            n_resamples=RESAMPLES, confidence_level=CONFIDENCE, rng=np.random.default_rng(0),
        ).confidence_interval  # fmt: skip
    return (float(low), float(high)) if high - low > NO_WIDTH else (float("nan"), float("nan"))


@lru_cache(maxsize=4)
def resampling(n: int) -> np.ndarray:
    """Weights of `n` replicates, float[1 + RESAMPLES, n]: all alike, then each as often as chance takes it.

    Always the same ones. A mean is `weights @ values`; its first row is the estimate, the others are for
    `resampled_interval`.
    """
    drawn = np.random.default_rng(0).multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES)
    return np.vstack([np.ones(n), drawn]) / n


def resampled_interval(values: ArrayLike, n: int) -> tuple[np.ndarray, np.ndarray] | None:
    """95 % interval of what resampled replicates give: their percentiles, expanded as few replicates need it.

    Percentiles of resampled means are too near to each other by the factor that separates Student's t from the normal
    distribution and n from n - 1; Hesterberg 2015 (doi:10.1080/00031305.2015.1089789) moves them outwards by it.

    Args:
        values: float[resamples, ...].
        n: replicates that were resampled; for fewer than 5 there is no interval.

    Returns:
        Lower and upper ends, float[...] each.
    """
    if n < FEWEST_FOR_RESAMPLING:
        return None
    quantile = float(stdtrit(n - 1, 0.5 + CONFIDENCE / 2)) * np.sqrt(n / (n - 1))
    tail = 100.0 * float(ndtr(-quantile))
    low, high = np.percentile(np.asarray(values, dtype=float), [tail, 100.0 - tail], axis=0, method="nearest")
    return low, high


RANGE = Spread("range", mean_and_range, median_and_range)
CHANCE = Spread("95 % interval", mean_by_chance, median_by_chance)
VALUE = RANGE._replace(contrasts=False)  # for what the estimate alone is needed of
