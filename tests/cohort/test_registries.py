import math

import numpy as np
import pandas as pd
import pytest

from abm.cohort.expected.inputs import UnfinishedCohortError, filled, read_expected
from abm.cohort.expected.outlook import UnknownFactors
from abm.cohort.registries import calibration as registries
from abm.cohort.registries.calibration import (
    BIOBANK,
    EVIDENCE,
    FLATIRON,
    NO_ORDER,
    RANGES,
    SOFT,
    STRICT,
    USED,
    RegistryFit,
    ReportedRatio,
    correlations,
    drawn,
    fit_registries,
    log_likelihood,
    narrowing,
    predicted_ratios,
    prior_points,
    weighted_range,
)
from abm.cohort.registries.policies import differences, needed_to_treat, results_over
from abm.cohort.registries.report import headline, section, write_registries
from tests.cohort.finished_cohort import finished
from tests.cohort.synthetic_cohort import CONSTANTS, cohort, regular_scans

TRUTH = UnknownFactors(0.5, 1.5, 0.8, 0.2)
TITLES = {"no infection": "No infection", "infection": "Infection, usual care", "policy": "Vaccinated before"}


@pytest.fixture(scope="module")
def made():
    return cohort(40)


@pytest.fixture(scope="module")
def fitted(made):
    return fit_registries(made, 512, 120)


def planted(made, error):
    """Evidence as two registries would report it where TRUTH is true."""
    ratios = predicted_ratios(made, TRUTH)
    widen = math.exp(1.959964 * error)
    told = tuple(
        ReportedRatio(one.title, one.quantity, value, value / widen, value * widen, one.column)
        for one, value in ((FLATIRON, ratios["hazard_ratio"]), (BIOBANK, ratios["odds_ratio"]))
    )
    return EVIDENCE | {USED: (told, NO_ORDER)}


def test_the_standard_error_is_that_of_the_interval():
    assert FLATIRON.error == pytest.approx(math.log(2.05 / 1.01) / 3.919928)
    assert BIOBANK.error == pytest.approx(0.2486, abs=1e-4)


def test_points_of_the_prior_are_spread_evenly_over_the_ranges():
    points = prior_points(1024, 3)
    for name, (low, high) in RANGES.items():
        assert points[name].between(low, high).all()
    assert np.log10(points["reach"]).mean() == pytest.approx(-1.0, abs=0.01)
    assert points["recorded"].mean() == pytest.approx(0.5, abs=0.005)


def test_a_planted_point_is_inside_the_set_and_only_the_product_is_known(made, monkeypatch):
    monkeypatch.setattr(registries, "EVIDENCE", planted(made, 0.05))
    fit = fit_registries(made, 1024, 120)
    for name, true in TRUTH._asdict().items():
        _, low, high = weighted_range(fit.points[name].to_numpy(), fit.weights[USED])
        assert low <= true <= high, name
    product = (fit.points["reach"] * fit.points["expansion"]).to_numpy()
    _, low, high = weighted_range(product, fit.weights[USED])
    assert low <= TRUTH.reach * TRUTH.expansion <= high
    spread = narrowing(fit, USED)
    assert spread["product"] < 0.6 * min(spread["reach"], spread["expansion"])
    assert correlations(fit).loc["reach", "expansion"] < -0.5


def test_without_evidence_all_points_count_alike_and_nothing_is_narrowed(fitted):
    name = "neither registry (prior)"
    assert fitted.effective(name) == pytest.approx(512)
    np.testing.assert_allclose(narrowing(fitted, name), 1.0)


def test_each_registry_moves_its_own_ratio_towards_what_it_reports(fitted):
    for evidence, one in (("Flatiron alone", FLATIRON), ("UK Biobank alone", BIOBANK)):
        middle, low, high = weighted_range(fitted.points[one.column].to_numpy(), fitted.weights[evidence])
        before = weighted_range(fitted.points[one.column].to_numpy(), fitted.weights["neither registry (prior)"])
        assert high - low < before[2] - before[1]
        assert one.low < middle < one.high or abs(math.log(middle / one.value)) < abs(math.log(before[0] / one.value))


def test_the_order_in_time_is_soft_strict_or_left_out():
    rows = pd.DataFrame({"early": [2.0, 1.0, 1.0], "late": [1.0, 1.0, 2.0]})
    assert log_likelihood(rows, (), NO_ORDER).tolist() == [0.0, 0.0, 0.0]
    soft = log_likelihood(rows, (), SOFT)
    assert soft[0] > soft[1] > soft[2] > -np.inf
    assert soft[1] == pytest.approx(math.log(0.5))
    assert log_likelihood(rows, (), STRICT).tolist() == [0.0, -np.inf, -np.inf]


def test_a_point_whose_ratios_are_not_defined_has_no_weight():
    rows = pd.DataFrame({"hazard_ratio": [np.nan, 1.44]})
    assert log_likelihood(rows, (FLATIRON,), NO_ORDER).tolist() == [-np.inf, 0.0]


def test_the_set_is_drawn_by_the_weights():
    assert np.bincount(drawn(np.array([0.5, 0.0, 0.25, 0.25]), 100, 1)).tolist() == [50, 0, 25, 25]
    assert drawn(np.zeros(4), 100, 1).size == 0


def test_the_range_of_weighted_values_leaves_out_what_has_no_weight():
    assert weighted_range(np.array([1.0, 2.0, 3.0, 99.0]), np.array([1.0, 1.0, 1.0, 0.0])) == (2.0, 1.0, 3.0)
    assert all(map(math.isnan, weighted_range(np.array([1.0]), np.array([0.0]))))


def test_recorded_deaths_alone_can_raise_the_odds_ratio_but_not_the_hazard_ratio(made):
    small = UnknownFactors(1e-3, 0.01, 1.0, 0.0)
    one, other = (predicted_ratios(made, small._replace(recorded=share)) for share in (0.0, 1.0))
    assert other["odds_ratio"] > 1.3 * one["odds_ratio"]
    assert other["hazard_ratio"] == pytest.approx(one["hazard_ratio"])


def test_policies_are_compared_over_the_set(made, fitted):
    results = results_over(made, fitted.chosen.head(5), made.names)
    assert list(dict.fromkeys(results["arm"])) == ["no infection", "infection", "policy"]
    spared = differences(results, "found")["policy"]
    assert (spared > -1e-9).all()
    by_hand = made.outlook("policy", UnknownFactors(*fitted.chosen.iloc[2][list(RANGES)]))
    here = np.isfinite(made.people.infected_at)
    row = results[(results["point"] == 2) & (results["arm"] == "policy")].iloc[0]
    assert row["found"] == pytest.approx(by_hand.found[here].sum() / here.sum())
    causes = ["cancer", "infection", "treatment", "other"]
    np.testing.assert_allclose(results["death"], results[causes].sum(axis=1))


@pytest.mark.parametrize(
    ("spared", "text"),
    [
        (np.full(3, 0.02), "50 (50 to 50) to spare one"),
        (np.full(3, -0.02), "50 (50 to 50) to harm one"),
        (np.zeros(3), "no difference"),
        (np.array([-0.01] * 10 + [0.02] * 10), "range includes no effect (1 harmed in 100 to 1 spared in 50)"),
    ],
)
def test_the_number_needed_to_treat_is_told_with_its_range(spared, text):
    assert needed_to_treat(spared) == text


def test_the_section_says_what_each_registry_says_and_what_cannot_be_separated(made, fitted, tmp_path):
    results = results_over(made, fitted.chosen, made.names)
    text, figure = write_registries(tmp_path, fitted, results, TITLES)
    for part in (
        "*prediction*",
        "*assumed*",
        "Flatiron alone",
        "cannot separate",
        "number needed to treat",
        "Vaccinated",
    ):
        assert part in text
    assert figure is not None
    assert figure.stat().st_size > 20_000
    assert len(pd.read_csv(tmp_path / "registries.csv")) == 120
    assert "effective" in "\n".join(headline(fitted, results, TITLES))


def test_an_empty_set_is_told(fitted):
    empty = RegistryFit(fitted.points, {name: np.zeros(512) for name in EVIDENCE}, fitted.points.head(0))
    assert "No combination" in section(empty, pd.DataFrame(), TITLES, None)
    assert "no combination" in headline(empty, pd.DataFrame(), TITLES)[0]


# ---- the folder of a cohort ------------------------------------------------------------------------------------------


def test_the_closed_form_is_read_from_the_folder_of_a_cohort(tmp_path):
    made = read_expected(finished(tmp_path))
    assert made.names == ["no infection", "infection", "policy"]
    assert made.constants == CONSTANTS
    assert made.lethal.shape == (12, 3)
    np.testing.assert_array_equal(made.scans["infection"][1], [12.0, 24.0, 36.0])
    assert made.outlook("infection", UnknownFactors()).found_by[-1] > 0.0


def test_of_many_patients_some_are_taken_evenly(tmp_path):
    assert read_expected(finished(tmp_path), most=4).numbers.tolist() == [1, 4, 7, 10]


def test_an_unfinished_cohort_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(UnfinishedCohortError, match=r"(?s)patients\.parquet.*Run `embers cohort"):
        read_expected(tmp_path)
    finished(tmp_path)
    (tmp_path / "expected.json").unlink()
    with pytest.raises(UnfinishedCohortError, match=r"expected\.json"):
        read_expected(tmp_path)


def test_scans_are_sorted_and_filled_up():
    assert filled([[12.0], [], [6.0, 3.0]]).tolist() == [[12.0, np.inf], [np.inf, np.inf], [3.0, 6.0]]
    assert regular_scans(2).shape == (2, 4)
