"""Shares of patients with an event by a month: Aalen-Johansen where death competes, Kaplan-Meier where it censors.

Intervals are Wilson's with the number of patients that the clustered variance amounts to (effective sample size: Korn
and Graubard 1998, Survey Methodology 24:193; Dean and Pagano 2015, doi:10.1093/jssam/smv024). They have a width also
where nobody or everybody has an event.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.cohort.analysis import CAUSES, Followed, Tables

NORMAL = 1.959964
FEW = 5  # patients with an event below which turns add nothing to an interval


def share_interval(
    share: np.ndarray, variance: np.ndarray, deciding: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """95 % intervals of shares.

    Args:
        share: estimates.
        variance: of them, with patients as clusters.
        deciding: patients with an event, and without one in at least a turn, whichever are fewer.
        shape: patients, turns.

    Returns:
        Low and high ends.
    """
    patients, turns = shape
    known = (variance > 0.0) & (share > 0.0) & (share < 1.0)
    size = np.where(known, share * (1.0 - share) / np.where(known, variance, 1.0), patients * turns)
    size = np.minimum(size, patients * turns)
    size = np.where(deciding < FEW, np.minimum(size, patients), size)
    squared = NORMAL**2 / size
    middle = (share + squared / 2.0) / (1.0 + squared)
    width = NORMAL * np.sqrt(share * (1.0 - share) / size + squared / (4.0 * size)) / (1.0 + squared)
    return np.clip(middle - width, 0.0, share), np.clip(middle + width, share, 1.0)


def share_with(events: np.ndarray) -> tuple[float, float, float]:
    """Share of turns with an event, with its 95 % interval.

    Args:
        events: patients by turns.
    """
    found = _over_patients(np.asarray(events, dtype=float)[..., None])
    return float(found[0][0]), float(found[1][0]), float(found[2][0])


def incidence(followed: Followed, months: np.ndarray) -> pd.DataFrame:
    """Aalen-Johansen: share of all patients with the event by these months, where death without it competes.

    Nobody is lost before death or the end, so the estimator is the plain share (tested against statsmodels and
    lifelines). Its variance is that of the means of the patients.

    Returns:
        month, share, low, high, at_risk (patients; the mean over turns).
    """
    when = np.where(followed.event, followed.time, np.inf)
    share, low, high = _over_patients((when[..., None] <= months + 1e-9).astype(float))
    return pd.DataFrame(
        {"month": months, "share": share, "low": low, "high": high, "at_risk": at_risk(followed, months)}
    )


def kaplan_meier(followed: Followed, months: np.ndarray) -> pd.DataFrame:
    """Kaplan-Meier: share without the event if nobody could die of anything else, at these months.

    The variance is that of the sums, over the turns of a patient, of the influence of each turn on the logarithm of the
    curve, so that turns are not taken for patients (Ying and Wei 1994, J Multivar Anal 50:17).

    Returns:
        month, share, low, high, at_risk.
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    time, event, shape = followed.time, followed.event, followed.time.shape
    risk = at_risk(followed, months)
    if not event.any():
        share, variance = np.ones(months.size), np.zeros(months.size)
    else:
        fit = SurvfuncRight(time.ravel(), event.ravel().astype(float))
        at = np.searchsorted(fit.surv_times, months + 1e-9, side="right")
        share = np.concatenate([[1.0], fit.surv_prob])[at]
        variance = share**2 * _log_variance(followed, fit, months)
    deciding = _deciding(np.where(event, time, np.inf)[..., None] <= months + 1e-9)
    low, high = share_interval(share, variance, deciding, (shape[0], shape[1]))
    return pd.DataFrame({"month": months, "share": share, "low": low, "high": high, "at_risk": risk})


def causes(tables: Tables, arm: str, column: str, months: np.ndarray) -> pd.DataFrame:
    """Deaths by cause (`cause` or `recorded`) by these months; all causes compete.

    Returns:
        cause, month, share, low, high, at_risk.
    """
    left, cause = tables.left(arm), tables.column(arm, column)
    parts = [incidence(Followed(left, cause == one), months).assign(cause=one) for one in CAUSES]
    return pd.concat(parts, ignore_index=True)


def at_risk(followed: Followed, months: np.ndarray) -> np.ndarray:
    """Patients still followed just before these months; the mean over turns."""
    ordered = np.sort(followed.time.ravel())
    left = np.searchsorted(ordered, months - 1e-9, side="left")
    return (ordered.size - left) / followed.time.shape[1]


def _log_variance(followed: Followed, fit: object, months: np.ndarray) -> np.ndarray:
    times = np.asarray(fit.surv_times)  # type: ignore[attr-defined]
    risk, events = (np.asarray(getattr(fit, name), dtype=float) for name in ("n_risk", "n_events"))
    left = np.maximum(risk - events, 0.5)
    summed = np.concatenate([[0.0], np.cumsum(events / (risk * left))])
    own = np.searchsorted(times, followed.time.ravel(), side="left").clip(max=times.size - 1)
    jump = np.where(followed.event.ravel(), 1.0 / left[own], 0.0)
    until = np.searchsorted(times, followed.time.ravel(), side="right")
    found = np.empty(months.size)
    for at, month in enumerate(months + 1e-9):
        passed = np.searchsorted(times, month, side="right")
        influence = jump * (followed.time.ravel() <= month) - summed[np.minimum(until, passed)]
        found[at] = (influence.reshape(followed.time.shape).sum(axis=1) ** 2).sum()
    return found


def _deciding(events: np.ndarray) -> np.ndarray:
    """Patients with an event in any turn, or without it in any, whichever are fewer; by month."""
    return np.minimum(events.any(axis=1).sum(axis=0), (~events.astype(bool)).any(axis=1).sum(axis=0))


def _over_patients(events: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares with intervals; events are patients by turns by months."""
    means = events.mean(axis=1)
    count = len(means)
    share = means.mean(axis=0)
    variance = means.var(axis=0) / max(1, count - 1)
    low, high = share_interval(share, variance, _deciding(events.astype(bool)), (count, events.shape[1]))
    return share, low, high
