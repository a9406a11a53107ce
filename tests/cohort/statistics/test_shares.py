import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight

from abm.cohort.analysis import CANCER, CAUSES, DEATH, FOUND, INFECTED, NONE, Followed
from abm.cohort.statistics.shares import causes, incidence, kaplan_meier, share_with
from tests.cohort.statistics.with_lifelines import exported, quiet
from tests.cohort.synthetic import made, tables

DEATHS = {NONE: {"other": 0.004}, INFECTED: {"infection": 0.001, "other": 0.004}}
MONTHS = np.array([6.0, 12.0, 30.0, 51.5])


def test_the_curve_of_kaplan_and_meier_of_four_patients():
    found = tables({INFECTED: [10, 20, None, None], NONE: [None] * 4})
    curve = kaplan_meier(found.follow(INFECTED, FOUND), np.array([0.0, 10.0, 15.0, 25.0]))
    assert list(curve["share"]) == pytest.approx([1.0, 0.75, 0.75, 0.5])
    assert list(curve["at_risk"]) == [4, 4, 3, 2]
    assert (curve["low"] < curve["share"]).sum() == 4
    assert (curve["high"] > curve["share"]).sum() == 3


def test_death_competes_with_a_finding_and_does_not_make_it_likelier():
    found = tables({INFECTED: [10, 20, None, None], NONE: [None] * 4}, died={INFECTED: [30, 25, 15, None]})
    followed = found.follow(INFECTED, FOUND)
    assert list(incidence(followed, MONTHS)["share"]) == [0.0, 0.25, 0.5, 0.5]
    assert list(kaplan_meier(followed, MONTHS)["share"]) == pytest.approx([1.0, 0.75, 0.375, 0.375])


def test_kaplan_and_meier_agree_with_lifelines_and_have_its_interval_where_every_turn_is_a_patient():
    found = made(400, 1, symptoms=0.1, deaths=DEATHS)
    mine = kaplan_meier(found.follow(INFECTED, FOUND), MONTHS)
    rows = exported(found, [INFECTED])
    with quiet() as lifelines:
        fit = lifelines.KaplanMeierFitter().fit(rows["time"], rows["event"])
        theirs = fit.survival_function_at_times(MONTHS).to_numpy()
        ends = fit.confidence_interval_survival_function_.asof(MONTHS[-1]).to_numpy()
    assert mine["share"].to_numpy() == pytest.approx(theirs, abs=1e-12)
    assert list(mine[["low", "high"]].iloc[-1]) == pytest.approx(ends, abs=0.005)


@pytest.mark.parametrize("endpoint", [FOUND, CANCER])
def test_aalen_and_johansen_agree_with_lifelines_and_statsmodels(endpoint):
    found = made(400, 1, symptoms=0.1, deaths=DEATHS)
    mine = incidence(found.follow(INFECTED, endpoint), MONTHS)
    rows = exported(found, [INFECTED], endpoint)
    fit = CumIncidenceRight(rows["time"].to_numpy(), rows["kind"].to_numpy())
    at = np.searchsorted(fit.times, MONTHS, side="right") - 1
    assert mine["share"].to_numpy() == pytest.approx(fit.cinc[0][at], abs=1e-12)
    error = ((mine["high"] - mine["low"]) / 3.92).to_numpy()
    assert error[2:] == pytest.approx(fit.cinc_se[0][at][2:], rel=0.06)
    with quiet() as lifelines:
        fitter = lifelines.AalenJohansenFitter(calculate_variance=False)
        theirs = fitter.fit(rows["time"], rows["kind"], event_of_interest=1).cumulative_density_
        assert mine["share"].to_numpy() == pytest.approx(
            [theirs.iloc[:, 0].asof(month) for month in MONTHS], abs=0.0005
        )


def test_causes_of_death_add_up_to_deaths():
    found = made(300, 3, symptoms=0.1, deaths=DEATHS)
    for column in ("cause", "recorded"):
        parts = causes(found, INFECTED, column, MONTHS)
        assert tuple(dict.fromkeys(parts["cause"])) == CAUSES
        together = parts.groupby("month")["share"].sum().to_numpy()
        assert together == pytest.approx(incidence(found.follow(INFECTED, DEATH), MONTHS)["share"].to_numpy())


def test_turns_of_the_same_patients_do_not_narrow_an_interval_as_patients_do():
    events = np.arange(400) % 5 == 0
    once, again = share_with(events[:, None]), share_with(np.repeat(events[:, None], 20, axis=1))
    assert once == pytest.approx(again, abs=1e-4)
    followed = Followed(np.where(events, 10.0, 52.0)[:, None], events[:, None])
    repeated = Followed(*(np.repeat(part, 20, axis=1) for part in followed[:2]))
    first, second = (kaplan_meier(one, MONTHS).to_numpy() for one in (followed, repeated))
    assert first == pytest.approx(second, abs=2e-3)


@pytest.mark.parametrize("share", [0.0, 0.01, 1.0])
def test_a_share_has_an_interval_also_where_nobody_or_everybody_has_the_event(share):
    value, low, high = share_with(np.arange(100)[:, None] < 100 * share * np.ones((1, 5)))
    assert value == share
    assert low < high
    assert low <= value <= high
    assert high - low > 0.03


@pytest.mark.slow
def test_intervals_of_shares_hold_the_truth_in_about_nineteen_of_twenty():
    rng, held = np.random.default_rng(2), []
    for _ in range(600):
        risk = rng.beta(0.4, 3.6, size=(120, 1))  # mean 0.1, patients differ much
        time = rng.exponential(size=(120, 8)) / (-np.log1p(-risk))
        death = rng.exponential(2.0, size=time.shape)
        competing = Followed(np.minimum(np.minimum(time, death), 1.0), (time < 1.0) & (time < death))
        _, low, high = share_with(time < 1.0)
        curve = kaplan_meier(competing, np.array([1.0])).iloc[0]
        held.append((low <= 0.1 <= high, curve["low"] <= 0.9 <= curve["high"]))
    shares = np.mean(held, axis=0)
    assert 0.92 <= shares[0] <= 0.99, shares
    # patients at risk remain likelier the healthy ones, so that the curve itself lies a little above 0.9
    assert 0.90 <= shares[1] <= 0.99, shares
