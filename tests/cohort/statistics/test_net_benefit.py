import numpy as np
import pandas as pd
import pytest

from abm.cohort.analysis import FOUND, INFECTED, NONE, Tables
from abm.cohort.statistics.net_benefit import ALL, PREDICTED, decision_curve, policy_curve
from abm.cohort.statistics.risk_model import RiskModel, risk_model
from tests.cohort.synthetic import made


@pytest.fixture(scope="module")
def cohort():
    """Admitted patients have four times the hazard, and the policy halves it."""
    both = [
        made(600, 6, seed=seed, visible={NONE: f / 3, INFECTED: f, "policy": f / 2})
        for seed, f in ((1, 0.004), (2, 0.016))
    ]
    admitted = both[0].patients["admitted"]
    parts = [one.arms[one.arms["number"].isin(admitted.index[admitted == at])] for at, one in enumerate(both)]
    arms = pd.concat(parts)
    order = {name: at for at, name in enumerate((NONE, INFECTED, "policy"))}
    return Tables(both[0].patients, arms.sort_values("arm", key=lambda names: names.map(order)), both[0].months)


def test_the_model_finds_the_trait_that_matters_and_is_judged_on_patients_it_has_not_seen(cohort):
    model = risk_model(cohort, INFECTED, FOUND)
    odds = model.odds.set_index("trait")
    assert odds.loc["admitted to hospital with the infection", "low"] > 2.5
    others = odds.drop("admitted to hospital with the infection")
    assert ((others["low"] < 1.15) & (others["high"] > 0.87)).all()
    assert len(model.risk) == len(model.happened) == 300
    assert model.risk.mean() == pytest.approx(model.happened.mean(), rel=0.15)
    assert 0.55 < model.concordance < 0.7


def test_concordance_is_the_share_of_pairs_in_the_right_order():
    from abm.cohort.statistics.risk_model import _concordance

    assert _concordance(np.array([0.1, 0.2, 0.3]), np.array([0.0, 1.0, 1.0])) == 1.0
    assert _concordance(np.array([0.3, 0.2, 0.1]), np.array([0.0, 1.0, 1.0])) == 0.0
    assert _concordance(np.array([0.2, 0.2, 0.2]), np.array([0.0, 1.0, 1.0])) == 0.5
    assert _concordance(np.array([0.1, 0.2, 0.2, 0.3]), np.array([0.0, 1.0, 0.0, 1.0])) == 0.875


def test_a_decision_curve_by_hand():
    model = RiskModel(np.array([0.1, 0.4, 0.2, 0.5]), np.array([0.0, 0.0, 0.0, 1.0]), pd.DataFrame(), 1.0)
    curve = decision_curve(model)
    last = curve[curve["threshold"] == 0.5].set_index("who")
    assert last.loc[ALL, "value"] == pytest.approx((1 - 3 * 1.0) / 4)
    assert last.loc[PREDICTED, "value"] == pytest.approx(0.25)
    assert last.loc[PREDICTED, "treated"] == 0.25
    first = curve[curve["threshold"] == 0.0]
    assert list(first["value"]) == [0.25, 0.25]


def test_treating_by_prediction_is_at_least_as_good_as_all_or_none_where_it_predicts(cohort):
    curve = policy_curve(cohort, "policy", FOUND)
    treated_all, predicted = (curve[curve["who"] == who].reset_index(drop=True) for who in (ALL, PREDICTED))
    best = np.maximum(treated_all["value"], 0.0)
    assert (predicted["value"] >= best - 0.004).all()
    assert (predicted["value"] > best + 0.003).any()
    assert (curve["low"] <= curve["value"]).all()
    assert (curve["value"] <= curve["high"]).all()
    assert ((curve["low"] < curve["high"]) | (curve["treated"] == 0.0)).all()
    slope = np.diff(treated_all["value"]) / np.diff(treated_all["threshold"])
    assert slope == pytest.approx(-1.0)


def test_without_events_or_without_effect_there_is_no_curve():
    rare = made(40, 2, visible={NONE: 1e-6, INFECTED: 1e-6, "policy": 1e-6})
    assert risk_model(rare, INFECTED, FOUND) is None
    assert policy_curve(rare, "policy", FOUND) is None
    assert policy_curve(made(200, 2, visible={NONE: 0.01, INFECTED: 0.01, "policy": 0.02}), "policy", FOUND) is None
