"""Net benefit of treating all, none, or those at high predicted risk: decision curves.

The first is that of Vickers and Elkin 2006 (doi:10.1177/0272989X06295361): does the prediction find those whom an event
awaits? A patient who is treated counts 1 if the event awaits them, and else -t / (1 - t), where t is the risk above
which one would treat. The second uses what only twins show, the effect of treatment itself (Vickers, Kattan and
Sargent 2007, Trials 8:14): events prevented, less t per patient treated, where t is the number of events
that must be prevented per patient treated for the treatment to be worth its burden. Predictions are those of
`risk_model`, from one half of the patients, applied to the other; intervals are over these patients.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.cohort.analysis import INFECTED, Endpoint, Tables
from abm.cohort.statistics.pairs import mean_interval
from abm.cohort.statistics.risk_model import RiskModel, risk_model

ALL, PREDICTED = "treat all", "treat by predicted risk"
POINTS = 13


def decision_curve(model: RiskModel) -> pd.DataFrame:
    """Net benefit of a prediction, by the risk above which one would treat.

    Returns:
        threshold, who (ALL or PREDICTED), treated (share), value, low, high; treating none is 0.
    """
    rows = []
    for threshold in np.linspace(0.0, min(0.5, 2.5 * float(model.happened.mean())), POINTS):
        cost = threshold / (1.0 - threshold)
        gained = model.happened - (1.0 - model.happened) * cost
        for who, treated in ((ALL, np.ones(len(gained), dtype=bool)), (PREDICTED, model.risk >= threshold)):
            rows.append((threshold, who, *_mean(np.where(treated, gained, 0.0), treated, -cost, 1.0)))
    return pd.DataFrame(rows, columns=["threshold", "who", "treated", "value", "low", "high"])


def policy_curve(tables: Tables, arm: str, endpoint: Endpoint) -> pd.DataFrame | None:
    """Net benefit of a policy over usual care, by the events that must be prevented per patient treated.

    The risk that decides who is treated is that predicted under usual care, less that under the policy. None where
    either cannot be predicted, or the policy prevents nothing.

    Returns:
        threshold, who (ALL or PREDICTED), treated (share), value, low, high; treating none is 0.
    """
    models = [risk_model(tables, name, endpoint) for name in (INFECTED, arm)]
    if models[0] is None or models[1] is None:
        return None
    prevented = models[0].happened - models[1].happened
    if prevented.mean() <= 0.0:
        return None
    expected = models[0].risk - models[1].risk
    rows = []
    for threshold in np.linspace(0.0, max(0.005, 2.0 * float(prevented.mean())), POINTS):
        for who, treated in ((ALL, np.ones(len(expected), dtype=bool)), (PREDICTED, expected >= threshold)):
            values = np.where(treated, prevented - threshold, 0.0)
            rows.append((threshold, who, *_mean(values, treated, -1.0 - threshold, 1.0)))
    return pd.DataFrame(rows, columns=["threshold", "who", "treated", "value", "low", "high"])


def _mean(values: np.ndarray, treated: np.ndarray, least: float, most: float) -> tuple[float, ...]:
    if not treated.any():
        return 0.0, 0.0, 0.0, 0.0  # by definition
    if least >= 0.0:
        least = -1e-3  # at threshold 0 treating costs nothing, and a mean needs room on both sides
    return float(treated.mean()), float(values.mean()), *mean_interval(values, least, most)
