"""Hazard ratio of infection by months since it, each patient compared with their uninfected twins from the same day."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from abm.cohort.analysis import NONE, Endpoint, Followed, Tables
from abm.cohort.statistics.ratios import hazard_ratio

SINCE = (0.0, 3.0, 6.0, 12.0, 24.0, 52.0)  # months since infection


def ratios_since(tables: Tables, arm: str, endpoint: Endpoint) -> pd.DataFrame:
    """Cause-specific hazard ratios of an arm over no infection, by months since the first infection.

    In each period those count who are still followed at its begin in the arm in question: the hazard ratio of a later
    period compares survivors (Hernan 2010, doi:10.1097/EDE.0b013e3181c1ea43). Patients who are never infected do not
    count.

    Returns:
        begin, end; events, without (events per 1,000 patients, in the arm and without infection); rate, rate_without
        (per 1,000 person-years); ratio, low, high.
    """
    infected = tables.infected
    first = tables.patients["first_infection"].to_numpy(dtype=float)[infected][:, None]
    arms = [tables.follow(name, endpoint).of(infected) for name in (arm, NONE)]
    rows = []
    for begin, end in pairwise(SINCE):
        parts = [_within(one, first, begin, end) for one in arms]
        row: dict[str, Any] = {"begin": begin, "end": end}
        for part, events, rate in zip(parts, ("events", "without"), ("rate", "rate_without"), strict=True):
            assert part.kept is not None
            count, years = (part.event & part.kept).sum(), part.time[part.kept].sum() / 12.0
            row[events] = 1000.0 * count / part.time.size if part.time.size else np.nan
            row[rate] = 1000.0 * count / years if years else np.nan
        row["ratio"], row["low"], row["high"] = hazard_ratio(*parts)
        rows.append(row)
    return pd.DataFrame(rows)


def _within(followed: Followed, first: np.ndarray, begin: float, end: float) -> Followed:
    since = followed.time - first
    event = followed.event & (since <= end)
    return Followed(np.clip(since, None, end) - begin, event, since > begin)
