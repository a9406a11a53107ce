"""Effects of policies over the set of points that agree with the registries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from abm.cohort.expected.outcomes import ExpectedCohort
from abm.cohort.expected.outlook import CAUSES, INFECTION, UnknownFactors
from abm.cohort.registries.calibration import RANGES

OUTCOMES = {
    "found": "lung metastasis found",
    "death": "death, any cause",
    "cancer": "death, cancer",
    "infection": "death, infection",
    "treatment": "death, treatment",
    "other": "death, other causes",
}
NONE_BELOW = 1e-5  # a smaller difference is reported as none


def results_over(cohort: ExpectedCohort, chosen: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Shares of the infected patients by the end of follow-up, at each point of the set.

    Returns:
        One row per point and arm: `point`, `arm`, and a share per key of OUTCOMES.
    """
    infected = np.isfinite(cohort.people.infected_at)
    rows = []
    for point, values in enumerate(chosen[list(RANGES)].itertuples(index=False)):
        for arm in arms:
            outlook = cohort.outlook(arm, UnknownFactors(*values))
            deaths = outlook.deaths[:, infected].sum(axis=2).mean(axis=1)
            found = float(outlook.found[infected].sum(axis=1).mean())
            rows.append(
                {"point": point, "arm": arm, "found": found}
                | dict(zip(CAUSES, map(float, deaths), strict=True))
                | {"death": float(deaths.sum())}
            )
    return pd.DataFrame(rows)


def differences(results: pd.DataFrame, outcome: str, against: str = INFECTION) -> dict[str, np.ndarray]:
    """Share under `against` less that in each other arm at each point, float64[points]; positive: the arm has fewer."""
    by_arm = {
        str(arm): rows[outcome].to_numpy() for arm, rows in results.sort_values("point").groupby("arm", sort=False)
    }
    return {arm: by_arm[against] - values for arm, values in by_arm.items() if arm != against}


def range_of(values: np.ndarray) -> tuple[float, float, float]:
    """Median, 2.5 % and 97.5 %."""
    middle, low, high = np.quantile(values, (0.5, 0.025, 0.975))
    return float(middle), float(low), float(high)


def needed_to_treat(spared: np.ndarray) -> str:
    """Patients to treat so that one more is spared, in words: median and 95 % range, or that there is no effect."""
    middle, low, high = range_of(spared)
    if max(abs(low), abs(high)) < NONE_BELOW:
        return "no difference"
    if low <= 0.0 <= high and min(-low, high) > NONE_BELOW:
        return f"range includes no effect (1 harmed in {1.0 / -low:,.0f} to 1 spared in {1.0 / high:,.0f})"
    few, usual, many = (_number(value) for value in sorted((low, middle, high), key=abs, reverse=True))
    return f"{usual} ({few} to {many}) to {'spare' if high + low > 0.0 else 'harm'} one"


def _number(difference: float) -> str:
    return f"over {1.0 / NONE_BELOW:,.0f}" if abs(difference) < NONE_BELOW else f"{abs(1.0 / difference):,.0f}"
