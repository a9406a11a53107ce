"""A simple model of risk from what a doctor knows beforehand: logistic regression on one half of the patients."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.cohort.analysis import Endpoint, Tables
from abm.cohort.statistics.ratios import MANY

KNOWN = {
    "age": "age, per 10 years",
    "comorbidity": "other illnesses, each",
    "admitted": "admitted to hospital with the infection",
    "vaccinated": "vaccinated",
    "since_diagnosis": "years since diagnosis, per 5 years",
}
UNITS = {"age": 10.0, "since_diagnosis": 5.0}


class RiskModel(NamedTuple):
    """Risk of an event under an arm, fitted on infected patients with odd numbers, for those with even ones.

    Attributes:
        risk: predicted, per patient of the other half. happened: share of their turns with the event.
        odds: trait, ratio, low, high. concordance: chance that a patient with the event had the higher prediction.
    """

    risk: np.ndarray
    happened: np.ndarray
    odds: pd.DataFrame
    concordance: float


def risk_model(tables: Tables, arm: str, endpoint: Endpoint) -> RiskModel | None:
    """Fit and apply the model; None where fewer than MANY patients of a half have, or lack, the event."""
    import statsmodels.api as sm

    people = tables.patients[tables.infected]
    share = tables.follow(arm, endpoint).of(tables.infected).event.mean(axis=1)
    fits = (people.index % 2 == 1).astype(bool)
    if any(((share[half] > 0.0).sum() < MANY) or ((share[half] < 1.0).sum() < MANY) for half in (fits, ~fits)):
        return None
    traits = pd.DataFrame({name: people[name].astype(float) / UNITS.get(name, 1.0) for name in KNOWN})
    traits = traits.loc[:, traits[fits].std() > 0.0]
    design = sm.add_constant(traits - traits[fits].mean(), has_constant="add").to_numpy()
    counts = tables.turns * np.column_stack([share, 1.0 - share])
    fit = sm.GLM(counts[fits], design[fits], family=sm.families.Binomial()).fit(cov_type="HC0")
    odds = pd.DataFrame(np.exp(np.column_stack([fit.params, fit.conf_int()])), columns=["ratio", "low", "high"])
    odds.insert(0, "trait", ["", *(KNOWN[name] for name in traits)])
    risk = np.asarray(fit.predict(design[~fits]))
    return RiskModel(risk, share[~fits], odds.iloc[1:].reset_index(drop=True), _concordance(risk, share[~fits]))


def _concordance(risk: np.ndarray, share: np.ndarray) -> float:
    """The area under the receiver operating curve, with turns as observations: patients with weights."""
    _, group = np.unique(risk, return_inverse=True)
    events, others = (np.bincount(group, weight) for weight in (share, 1.0 - share))
    below = np.concatenate([[0.0], np.cumsum(others)[:-1]])
    return float((events * (below + others / 2.0)).sum() / (events.sum() * others.sum()))
