import numpy as np
import pandas as pd
import pytest

from abm.validate.curves import (
    DERIVED,
    ArmCurves,
    arrived_per_seeded,
    awakened_per_seeded,
    cd206_share,
    killed_per_cell_day,
)
from abm.validate.operations import OPERATIONS, MeasureCourse, measure, on
from abm.validate.scoring import observables, score
from tests.validate.courses import DAYS, curves, value


def ramp(days):
    return 1.0 + days


def hill(days):
    """1 at rest, 5 on day 8, at rest again from day 16 on."""
    return 1.0 + np.maximum(0.0, 4.0 - np.abs(days - 8.0) / 2.0)


def read(one, **arms):
    return measure(one, curves(**arms), 100).value


def test_a_value_is_read_on_a_day():
    assert read(value(day=10.0), a=ramp) == 11.0
    assert read(value(day=10.1), a=ramp) == pytest.approx(11.1)


def test_a_value_on_a_recorded_day_does_not_ask_what_was_before_or_comes_after():
    course = MeasureCourse(np.array([0.0, 1.0, 2.0, 3.0]), np.array([[1.0, np.inf, 5.0, np.inf]]))
    assert on(course, 2.0) == 5.0
    assert on(course, (1.0, 2.0)).tolist() == [[np.inf, 5.0]]
    assert on(course, 1.5) == np.inf


def test_a_day_after_the_end_is_refused():
    with pytest.raises(ValueError, match=r"day 40 is asked for, the curve ends on day 28\.75"):
        read(value(day=40.0), a=ramp)


def test_an_arm_is_compared_with_its_twin():
    assert read(value(day=10.0, compare="arm", against="b"), a=ramp, b=lambda _: 2.0) == 5.5


def test_a_day_is_compared_with_another():
    assert read(value(day=7.0, compare="day", base=1.0), a=ramp) == 4.0


def test_a_change_is_compared_with_that_of_another_arm():
    change = value(day=8.0, compare="change", against="b")
    assert read(change, a=lambda days: 1.0 + 0.1 * days, b=ramp) == pytest.approx(0.1)
    assert read(change, a=lambda _: 1.0, b=ramp) == 0.0
    less = value(day=8.0, compare="less", against="b")
    assert read(less, a=lambda days: 1.0 + 0.1 * days, b=ramp) == pytest.approx(0.9)


def test_the_peak_is_found():
    assert read(value("peak_day"), a=hill) == 8.0


def test_a_rise_is_found_between_recorded_times():
    assert read(value("rise_day", times=2.0), a=hill) == pytest.approx(2.0)
    assert read(value("rise_day", times=2.1), a=hill) == pytest.approx(2.2)
    assert read(value("rise_day", times=9.0), a=hill) == np.inf


def test_a_return_is_found_between_recorded_times():
    assert read(value("return_day", times=2.0), a=hill) == pytest.approx(14.0)
    assert read(value("return_day", times=2.1), a=hill) == pytest.approx(13.8)
    assert read(value("return_day", times=9.0), a=hill) == 0.0
    assert read(value("return_day", times=2.0), a=ramp) == np.inf


def test_the_highest_value_is_found():
    assert read(value("peak"), a=hill) == 5.0


def test_a_clearance_is_the_last_day_above_a_share_of_the_peak():
    """The hill is above 2 until day 14, and its start at 1 is never below a fifth of the peak."""
    assert read(value("clearance_day", share=0.4), a=hill) == pytest.approx(14.0)
    assert read(value("clearance_day", share=0.1), a=hill) == np.inf
    assert read(value("clearance_day", share=0.1), a=lambda days: 0.0 * days) == 0.0


def test_a_second_wave_counts_for_a_clearance():
    waves = read(
        value("clearance_day", share=0.5), a=lambda days: np.where((days < 2) | (abs(days - 20) < 1), 4.0, 0.0)
    )
    assert waves == pytest.approx(20.9, abs=0.1)


def test_a_day_is_later_by_the_difference_of_two_arms():
    later = value("clearance_day", share=0.4, compare="later", against="b")
    made = {"a": lambda days: hill(days - 3.0), "b": hill}
    assert read(later, **made) == pytest.approx(3.0)
    assert read(later, a=hill, b=hill) == 0.0
    assert read(later, a=lambda days: 1.0 + 0.0 * days, b=hill) == np.inf  # never gone


def test_a_peak_is_compared_with_the_peak_of_another_arm_not_day_by_day():
    """A drug that comes late cuts the peak, while both curves begin alike."""
    fold = value("peak", compare="fold", against="b")
    made = {"a": lambda days: np.minimum(hill(days), 2.0), "b": hill}
    assert read(fold, **made) == pytest.approx(0.4)


def test_a_difference_of_twins_has_the_interval_of_twins():
    """Sections differ in when the virus clears, each twin by a day."""
    shifts = np.linspace(0.0, 6.0, 12)
    moved = {
        "a": [lambda days, by=by: np.maximum(hill(days - 1.0 - by) - 1.0, 0.0) for by in shifts],
        "b": [lambda days, by=by: np.maximum(hill(days - by) - 1.0, 0.0) for by in shifts],
    }
    found = measure(value("clearance_day", share=0.01, compare="later", against="b", least=0.0), curves(**moved), 12)
    assert found.verdict == "passed"
    assert found.low == pytest.approx(1.0, abs=0.05)


def test_steps_tell_whether_a_curve_goes_one_way():
    days = (0.0, 4.0, 8.0, 12.0)
    assert read(value("smallest_step", days=days), a=ramp) == 4.0
    assert read(value("largest_step", days=days), a=lambda t: -t) == -4.0
    assert read(value("largest_step", days=days), a=hill) == 2.0
    assert read(value("smallest_step", days=days), a=hill) == -2.0


def test_a_distance_is_in_spreads_between_mice():
    twins = value("distance", days=(1.0, 2.0), compare="arm", against="b", observable="virus")
    apart = read(twins, a=lambda _: 100.0, b=lambda _: 10.0)
    assert apart == pytest.approx(1.0 / observables()["virus"].spread)
    assert read(twins, a=ramp, b=ramp) == 0.0


def test_an_error_is_that_of_the_score():
    mice = observables()["virus"]
    table = pd.DataFrame({"virions": 7.0 * mice.median}, index=pd.Index(24.0 * mice.days, name="hour"))
    one = value("error", measure="", observable="virus", most=0.7)
    found = measure(one, ArmCurves({"a": [table] * 5}), 5)
    assert found.value == pytest.approx(0.0, abs=1e-9)
    assert found.verdict == "passed"
    assert found.beside == (pytest.approx(0.0, abs=1e-9), "SDs between mice")


def test_an_error_is_told_in_both_units_and_against_the_mice_of_its_experiment():
    for experiment in ("first", "second"):
        mice, first = (observables(name)["il6"] for name in (experiment, "first"))
        days, curve = first.days, first.median * [1.0, 1.0, 1.0, 1.0, 9.0, 1.0, 1.0, 1.0, 1.0]
        table = pd.DataFrame({"il6_lavage": curve}, index=pd.Index(24.0 * days, name="hour"))
        one = value("error", measure="", observable="il6", experiment=experiment)
        found = measure(one, ArmCurves({"a": [table] * 5}), 5)
        wanted = score(np.interp(mice.days, days, curve), mice)
        assert found.value == pytest.approx(wanted.error)
        assert found.beside.value == pytest.approx(wanted.between_mice)


def test_every_operation_was_tested_here():
    assert set(OPERATIONS) == {
        "at", "peak", "peak_day", "rise_day", "return_day", "clearance_day", "largest_step", "smallest_step",
        "distance", "error",
    }  # fmt: skip


# ---- replicates ----------------------------------------------------------------------------------------------------


def levels(*numbers):
    return [lambda days, level=level: level * np.ones_like(days) for level in numbers]


def test_means_are_those_of_a_lung_made_of_its_sections():
    assert read(value(day=1.0), a=levels(1.0, 100.0)) == 50.5
    assert read(value(day=1.0, floor=3.0), a=levels(1.0, 100.0)) == 51.5


def test_a_ratio_of_arms_has_the_interval_of_twins():
    """The levels of twins differ a lot, their ratio not at all."""
    many = np.geomspace(1.0, 1000.0, 12)
    one = value(day=1.0, compare="arm", against="b", least=2.9, most=3.1)
    found = measure(one, curves(a=levels(*(3.0 * many)), b=levels(*many)), 12)
    assert (found.low, found.high) == (pytest.approx(3.0), pytest.approx(3.0))
    assert found.verdict == "passed"


@pytest.mark.parametrize(
    ("least", "most", "verdict"),
    [(0.0, 20.0, "passed"), (5.5, 20.0, "inconclusive"), (11.0, 20.0, "failed"), (-np.inf, np.inf, "skipped")],
)
def test_the_whole_interval_decides(least, most, verdict):
    found = measure(value(day=1.0, least=least, most=most), curves(a=levels(*range(1, 11))), 10)
    assert found.value == pytest.approx(5.5)
    assert 3.0 < found.low < 4.0
    assert 7.0 < found.high < 8.0
    assert found.verdict == verdict


def test_only_so_many_replicates_are_used_as_asked_for_and_as_all_arms_have():
    made = curves(a=levels(1.0, 2.0, 9.0), b=levels(1.0, 1.0))
    assert measure(value(day=1.0), made, 2).value == 1.5
    assert measure(value(day=1.0), made, 9).value == 4.0
    assert measure(value(day=1.0, compare="arm", against="b"), made, 9).value == 1.5


def test_few_replicates_have_no_interval():
    found = measure(value(day=1.0), curves(a=levels(1.0, 2.0)), 2)
    assert (found.low, found.high) == (None, None)


def test_an_event_that_never_comes_is_no_number_within_a_bound():
    found = measure(value("rise_day", times=3.0, most=4.0), curves(a=levels(*range(1, 11))), 10)
    assert found.value == np.inf
    assert found.verdict == "failed"


# ---- curves worked out from events ----------------------------------------------------------------------------------

HOURS = np.array([0.0, 6.0, 12.0])
EVENTS = pd.DataFrame({"hour": [0.0, 6.0, 11.0, 11.5], "kind": ["birth", "birth", "killed", "death"]})


def table(cells):
    return pd.DataFrame({"cells_per_seeded": np.array(cells) / 10.0}, index=pd.Index(HOURS, name="hour"))


def test_cells_that_were_neither_seeded_nor_born_have_arrived():
    assert arrived_per_seeded(table([10, 11, 10]), EVENTS, 10).tolist() == [0.0, 0.0, 0.0]
    assert arrived_per_seeded(table([10, 13, 12]), EVENTS, 10).tolist() == [0.0, 0.2, 0.2]


def test_cells_that_came_later_are_counted_from_then_on():
    come = pd.concat([EVENTS, pd.DataFrame({"hour": [0.0] * 5, "kind": ["arrival"] * 5})])
    cells = pd.DataFrame({"cells_per_seeded": [10 / 10, 16 / 15, 15 / 15]}, index=pd.Index(HOURS, name="hour"))
    assert arrived_per_seeded(cells, come, 10).tolist() == [0.0, 5 / 15, 5 / 15]
    lived = (13.0 * 6.0 + 15.5 * 6.0) / 24.0
    assert killed_per_cell_day(cells, come, 10).tolist()[-1] == pytest.approx(1.0 / lived)


def test_killing_is_per_cell_and_day():
    found = killed_per_cell_day(table([10, 10, 10]), EVENTS, 10)
    assert found.tolist() == [0.0, 0.0, pytest.approx(1.0 / (10 * 0.5))]


def test_awakenings_are_counted_per_cell_seeded_and_not_undone_by_killing():
    woken = pd.DataFrame({"hour": [0.0, 6.0, 7.0, 11.0], "kind": ["awakening", "awakening", "killed", "awakening"]})
    assert awakened_per_seeded(table([10, 10, 9]), woken, 10).tolist() == [0.0, 0.1, 0.3]


def test_macrophages_that_are_not_mhcii_are_cd206():
    shares = pd.DataFrame({"mhcii_share": [0.0, 0.25]})
    assert cd206_share(shares, EVENTS, 10).tolist() == [1.0, 0.75]


def test_derived_curves_have_words():
    assert all(one.words for one in DERIVED.values())
    assert DAYS[-1] == 28.75
