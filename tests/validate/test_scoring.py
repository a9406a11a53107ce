import numpy as np
import pytest

from abm.validate import scoring
from abm.validate.scoring import Observable, observables, reading, score, scores

DAYS = np.array([0.0, 1.0, 2.0, 3.0])
MICE = np.array([2.0, 20.0, 200.0, 20.0])


def observable(median=MICE, floor=1.0, lowest=None, highest=None, days=DAYS, background=0.0, distance=1.0):
    median = np.asarray(median, dtype=float)
    lowest = median / 2.0 if lowest is None else lowest
    highest = median * 2.0 if highest is None else highest
    return Observable(
        "one", "One", "1", ("a", "b"), 1.0, "first", background, days, np.broadcast_to(floor, days.shape),
        np.full(days.size, 5.0), median, np.asarray(lowest, dtype=float), np.asarray(highest, dtype=float), distance,
    )  # fmt: skip


def test_a_scaled_copy_has_no_error_and_its_scale_is_found():
    found = score(0.01 * MICE, observable())
    assert found.error == pytest.approx(0.0, abs=1e-4)
    assert found.scale == pytest.approx(100.0, rel=1e-4)


def test_the_error_of_one_day_off_is_known():
    one = observable(distance=0.5)
    found = score(MICE * [1.0, 1.0, 10.0, 1.0], one)
    assert found.scale == pytest.approx(10**-0.25, rel=1e-4)
    decades = np.sqrt((3 * 0.25**2 + 0.75**2) / 4)
    assert found.error == pytest.approx(decades / 0.5, abs=1e-6)
    assert found.between_mice == pytest.approx(decades / one.spread, abs=1e-6)
    assert found.residuals == pytest.approx([-0.5, -0.5, 1.5, -0.5], abs=1e-4)


def test_the_spread_is_that_of_normal_mice():
    drawn = np.random.default_rng(1).normal(0.0, 0.3, (20_000, 5))
    days = np.arange(len(drawn), dtype=float)
    ends = 10.0 ** drawn.min(axis=1), 10.0 ** drawn.max(axis=1)
    assert observable(np.ones(days.size), 1e-9, *ends, days).spread == pytest.approx(0.3, rel=0.01)


def test_ranges_of_normal_numbers_are_those_of_the_table():
    for n, expected in scoring.RANGE_OF.items():
        drawn = np.random.default_rng(n).normal(size=(200_000, n))
        assert np.sqrt(np.mean(np.ptp(drawn, axis=1) ** 2)) == pytest.approx(expected, rel=0.005)


def test_below_the_floor_mice_and_model_are_alike():
    one = observable([1.0, 20.0, 200.0, 20.0], floor=2.0)
    assert score([0.0, 20.0, 200.0, 20.0], one).error == pytest.approx(0.0, abs=1e-4)
    assert score([2.0, 20.0, 200.0, 20.0], one).error == pytest.approx(0.0, abs=1e-4)


def test_what_the_assay_reads_at_rest_is_added_to_what_the_model_gives():
    one = observable([20.0, 25.0, 120.0, 70.0], floor=15.0, background=20.0)
    found = score([0.0, 0.5, 10.0, 5.0], one)
    assert found.error == pytest.approx(0.0, abs=1e-4)
    assert found.scale == pytest.approx(10.0, rel=1e-4)
    assert one.shown([0.0, 5.0]).tolist() == [20.0, 25.0]


def test_a_model_that_has_nothing_where_mice_have_something_lies_on_the_floor():
    one = observable(floor=1.0)
    found = score([2.0, 20.0, 200.0, 0.0], one)
    assert found.residuals[3] == pytest.approx(-np.log10(20.0), abs=1e-4)
    assert found.scale == pytest.approx(1.0, rel=1e-3)


def test_a_model_without_anything_still_has_an_error_but_no_scale():
    found = score(np.zeros(4), observable())
    assert np.isnan(found.scale)
    assert found.error > 1.0


def test_the_scale_is_the_best_there_is():
    one = observable(floor=3.0)
    rng = np.random.default_rng(2)
    shifts = np.linspace(-4, 4, 8001)
    for curve in 10.0 ** rng.uniform(-2, 3, (50, 4)):
        moved = np.maximum(np.log10(curve) + shifts[:, None], np.log10(one.floor))
        errors = np.sqrt(np.mean((moved - np.log10(np.maximum(one.median, one.floor))) ** 2, axis=1))
        assert score(curve, one).error <= errors.min() + 1e-6
        assert score(curve, one).error == pytest.approx(errors.min(), abs=1e-3)


def test_many_curves_are_scored_as_one_by_one():
    curves = 10.0 ** np.random.default_rng(3).uniform(-2, 3, (6, 4))
    curves[0, 1], curves[1] = 0.0, 0.0
    together = score(curves, observable())
    for at, curve in enumerate(curves):
        alone = score(curve, observable())
        assert together.error[at] == alone.error
        assert together.scale[at] == pytest.approx(alone.scale, nan_ok=True)


def test_days_without_any_mouse_above_the_floor_do_not_count():
    one = observable([0.0, 20.0, 200.0, 20.0])
    assert one.scored.tolist() == [False, True, True, True]
    assert one.scored_median.tolist() == [20.0, 200.0, 20.0]
    assert score([1e6, 20.0, 200.0, 20.0], one).error == pytest.approx(0.0, abs=1e-4)
    assert one.spread == pytest.approx(observable().spread)


def test_measures_are_added_up_on_the_days_of_the_mice():
    series = {"hour": [0.0, 12.0, 24.0, 48.0, 72.0], "a": [0.0, 9.0, 1.0, 2.0, 3.0], "b": [5.0, 9.0, 5.0, 5.0, 5.0]}
    assert reading(series, observable()).tolist() == [5.0, 6.0, 7.0, 8.0]
    with pytest.raises(ValueError, match="ends on day 2, the mice on day 3"):
        reading({name: values[:-1] for name, values in series.items()}, observable())


def test_a_lung_is_the_mean_of_its_sections():
    days = np.arange(12.0)
    names = {name for one in observables().values() for name in one.measures}
    series = [{"hour": 24.0 * days} | {name: np.full(12, level) for name in names} for level in (1.0, 3.0)]
    assert scores(series)["cd8"].scale == pytest.approx(float(score(np.full(9, 2.0), observables()["cd8"]).scale))


def test_a_day_with_a_higher_limit_of_detection_says_only_that_much():
    one = observable([2.0, 20.0, 60.0, 20.0], floor=[1.0, 1.0, 60.0, 1.0], highest=[4.0, 40.0, 90.0, 40.0])
    for below in (3.0, 50.0):
        assert score([2.0, 20.0, below, 20.0], one).error == pytest.approx(0.0, abs=1e-4)
    assert score([2.0, 20.0, 600.0, 20.0], one).residuals[2] > 0.5


def test_only_what_a_run_measures_is_scored():
    series = {"hour": 24.0 * np.arange(12.0), "virions": np.ones(12)}
    assert list(scores([series])) == ["virus"]


# ---- two experiments -----------------------------------------------------------------------------------------------


def test_the_distance_of_two_experiments_is_known():
    first = observable([1.0, 10.0, 100.0, 100.0], floor=0.1)
    second = observable(np.array([100.0, 1000.0, 1000.0]), floor=0.1, days=np.array([0.5, 1.5, 3.0]))
    gaps = np.array([2.0, 3.0, 3.0]) - [0.5, 1.5, 2.0]  # between the days of the first on a line in log10
    assert scoring.distance_between(first, second) == pytest.approx(gaps.std())


def test_a_scaled_copy_of_an_experiment_is_at_no_distance():
    assert scoring.distance_between(observable(), observable(7.0 * MICE)) == pytest.approx(0.0, abs=1e-12)


def test_below_the_higher_of_their_floors_experiments_are_alike():
    one, other = observable([0.0, 20.0, 200.0, 20.0], floor=1.0), observable([5.0, 20.0, 200.0, 20.0], floor=5.0)
    assert scoring.distance_between(one, other) == pytest.approx(0.0, abs=1e-12)


def test_the_other_experiment_has_an_error_of_about_one_and_the_curve_between_both_half_of_it():
    for name, second in observables("second").items():
        first = observables()[name]
        curve = 10.0 ** np.interp(second.days, first.days, np.log10(np.maximum(first.median, first.floor)))
        between = np.sqrt(curve * np.maximum(second.median, second.floor))
        if not np.ptp(second.floor) and not first.background:
            assert score(curve, second).error == pytest.approx(1.0, abs=0.1), name  # floors differ
            assert score(between, second).error == pytest.approx(0.5, abs=0.05), name


def test_the_distances_are_those_of_the_mice():
    expected = {
        "virus": 0.31, "il6": 0.33, "interferon": 0.23, "neutrophils": 0.31, "nk": 0.33, "cd4": 0.23, "cd8": 0.27,
        "macrophages": 0.11, "ifn_gamma": 0.43, "tnf": 0.14, "mcp1": 0.43, "il10": 0.58, "il1b": 0.29,
    }  # fmt: skip
    for experiment in scoring.EXPERIMENTS:
        found = {name: one.distance for name, one in observables(experiment).items()}
        assert found == pytest.approx(expected, abs=0.006)


# ---- the mouse data ------------------------------------------------------------------------------------------------


INFECTION = ("virus", "il6", "interferon", "neutrophils", "nk", "cd4", "cd8", "macrophages")
CYTOKINES = ("ifn_gamma", "tnf", "mcp1", "il10", "il1b")


def test_the_mice_are_those_of_the_experiments():
    assert scoring.source()["doi"] == "10.1101/2022.02.23.481638"
    for experiment in scoring.EXPERIMENTS:
        assert tuple(observables(experiment)) == INFECTION + CYTOKINES
        for one in observables(experiment).values():
            assert one.experiment == experiment
            assert np.all((one.lowest <= one.median) & (one.median <= one.highest))
            assert np.all(one.floor > 0.0)
    for one in observables().values():
        assert one.days.tolist() == [0, 1, 2, 3, 4, 5, 7, 9, 11]
        assert one.n.sum() == 45
    second = observables("second")
    assert second["virus"].days.tolist() == [2, 4, 6, 9, 11]
    for name in set(second) - {"virus"}:
        assert second[name].days.tolist() == [0, 2, 4, 6, 9, 11]
        assert second[name].n.sum() == (30 if name in ("il6", "interferon", *CYTOKINES) else 17)


def test_lavage_of_the_second_experiment_is_five_times_diluted_on_two_days():
    for name in ("il6", "interferon", *CYTOKINES):
        one = observables("second")[name]
        assert one.floor[3:5] / one.floor[0] == pytest.approx(5.0, rel=0.01)
    assert observables("second")["il1b"].scored.tolist() == [True, True, True, False, True, True]  # day 6: all below


def test_some_medians_are_those_of_the_tables():
    assert observables()["virus"].n.tolist() == [5, 6, 5, 4, 5, 5, 5, 5, 5]
    assert observables()["virus"].median.tolist() == [0, 772, 19500, 581500, 800000, 2210000, 287000, 3450, 187]
    assert observables()["il6"].median[6] == 654.28


def test_goals_are_stricter_for_virus_and_il6():
    goals = {name: one.goal for name, one in observables().items()}
    assert goals == dict.fromkeys(INFECTION + CYTOKINES, 1.0) | {"virus": 0.7, "il6": 0.7}


def test_the_spread_between_mice_is_that_of_the_single_mice():
    # standard deviation of log10 pooled over days, from the 45 mice one by one
    single = {
        "virus": 0.436, "il6": 0.263, "interferon": 0.130, "neutrophils": 0.210, "nk": 0.172, "cd4": 0.172,
        "cd8": 0.188, "macrophages": 0.101,
    }  # fmt: skip
    for name, expected in single.items():
        one = observables()[name]
        assert one.spread == pytest.approx(expected, rel=0.08)
