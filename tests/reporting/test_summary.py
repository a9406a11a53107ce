import io
import json

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from abm.reporting.report import number, print_summary, write_summary
from abm.reporting.summary import Curves, SummaryArm, cleared, contrasts, summarize


def curves_of(values, hours=(0.0, 360.0, 672.0)):
    """Curves from {arm: {measure: one list of values a replicate}}."""
    rows = []
    for arm, measures in values.items():
        for measure, replicates in measures.items():
            for replicate, curve in enumerate(replicates, start=1):
                points = zip(hours, curve, strict=True)
                rows += [(arm, replicate, hour, measure, value) for hour, value in points]
    long = pd.DataFrame(rows, columns=["arm", "replicate", "hour", "measure", "value"])
    return Curves(long.pivot_table("value", ["arm", "replicate", "hour"], "measure").reset_index())


def by_name(rows, arm, against=""):
    return {row.quantity: row for row in rows if (row.arm, row.against) == (arm, against)}


def one_curve(cells):
    zero = [[0.0] * len(curve) for curve in cells]
    others = ("ki67_share", "lesions", "il6_lavage", "il6", "virions")
    return {"cells_per_seeded": cells} | dict.fromkeys(others, zero)


def test_the_numbers_of_an_arm_are_those_of_its_curves():
    arm = one_curve([[1.0, 30.0, 50.0], [1.0, 10.0, 20.0]])
    arm |= {"ki67_share": [[0.02, 0.6, 0.1], [0.02, 0.4, 0.5]], "lesions": [[0, 1, 3], [0, 0, 1]]}
    arm |= {"il6": [[0.01, 2.0, 0.1], [0.01, 4.0, 0.1]], "virions": [[5.0, 0.0, 0.0], [5.0, 1.0, 0.0]]}
    rows = by_name(summarize(curves_of({"a": arm}), [SummaryArm("a", False)]), "a")
    assert rows["cells_day_15"][4:8] == (20.0, 10.0, 30.0, 2)
    assert rows["cells_end"].value == 35.0
    assert rows["ki67_peak"].value == pytest.approx(55.0)
    assert rows["ki67_peak_day"][4:7] == (21.5, 15.0, 28.0)
    assert rows["lesions_end"].value == 2.0
    assert (rows["il6_peak"].value, rows["il6_peak_day"].value) == (3.0, 15.0)
    assert rows["virus_cleared_day"][4:7] == (21.5, 15.0, 28.0)


def test_sections_that_the_infection_missed_are_told_and_can_be_left_out():
    arm = one_curve([[1.0, 30.0, 50.0], [1.0, 1.0, 1.0], [1.0, 9.0, 9.0]])
    arm |= {"infected_share": [[0.0, 0.3, 0.0], [0.0, 0.009, 0.0], [0.0, 0.01, 0.0]]}
    arm |= {"il6": [[0.0, 4.0, 0.0], [0.0, 0.0, 0.1], [0.0, 4.0, 0.0]]}
    none = one_curve([[1.0, 1.0, 1.0]]) | {"infected_share": [[0.0, 0.0, 0.0]]}
    arm |= {"virions": [[5.0, 3.0, 0.0], [5.0, 0.0, 0.0], [5.0, 3.0, 1.0]]}
    rows = summarize(curves_of({"a": arm, "b": none}), [SummaryArm("a", False), SummaryArm("b", False, infected=False)])
    assert by_name(rows, "a")["sections_infected"].note == "2 of 3 sections"
    assert by_name(rows, "a")["virus_cleared_day"][4:8] == (28.0, 28.0, 28.0, 1)
    assert by_name(rows, "a")["virus_cleared_day"].note == "2 of 3 sections, virus still there in 1 of 2"
    assert by_name(rows, "b")["virus_cleared_day"].note == "no virus"
    assert by_name(rows, "a")["cells_day_15"][4:8] == (pytest.approx(40 / 3), 1.0, 30.0, 3)
    assert by_name(rows, "a")["cells_day_15_established"][4:8] == (19.5, 9.0, 30.0, 2)
    assert by_name(rows, "a")["il6_peak_day"][4:8] == (15.0, 15.0, 15.0, 2)  # not of the one without
    assert by_name(rows, "b")["sections_infected"].n == 0


def test_an_infection_that_failed_in_all_sections_is_told(tmp_path):
    arm = one_curve([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    arm |= {"infected_share": [[0.0, 0.001, 0.0], [0.0, 0.0, 0.0]], "virions": [[5.0, 0.0, 0.0], [5.0, 1.0, 0.0]]}
    none = one_curve([[1.0, 1.0, 1.0]]) | {"infected_share": [[0.0, 0.0, 0.0]]}
    rows = summarize(curves_of({"none": none, "a": arm}), [SummaryArm("none", False, False), SummaryArm("a", False)])
    own = by_name(rows, "a")
    assert (own["sections_infected"].value, own["sections_infected"].note) == (0.0, "0 of 2 sections")
    assert (own["virus_cleared_day"].n, own["virus_cleared_day"].note) == (0, "no infection established")
    write_summary(tmp_path, "x", rows, [])
    assert "established in no section of a, by chance or because of a treatment" in (tmp_path / "summary.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(("value", "digits", "text"), [(99.7, 2, "100"), (9.96, 2, "10"), (1234.5, 2, "1,234")])
def test_a_number_of_few_digits_is_written_out(value, digits, text):
    assert number(value, digits) == text


def test_contrasts_pair_twins_and_leave_out_those_that_miss_their_partner():
    first = one_curve([[1.0, 1.0, 2.0], [1.0, 1.0, 4.0], [1.0, 1.0, 9.0]])
    second = one_curve([[1.0, 8.0, 20.0], [1.0, 32.0, 40.0]])
    rows = summarize(curves_of({"a": first, "b": second}), [SummaryArm("a", False), SummaryArm("b", True)])
    contrast = by_name(rows, "b", "a")
    assert contrast["cells_ratio_day_15"].value == pytest.approx(20.0)
    assert contrast["cells_ratio_end"][4:8] == (pytest.approx(10.0), pytest.approx(10.0), pytest.approx(10.0), 2)
    assert contrast["cells_ratio_end"].prediction


def test_the_end_of_a_contrast_is_the_earlier_end_of_its_arms():
    curves = curves_of({"a": one_curve([[1.0, 2.0, 4.0]])})
    shorter = curves_of({"b": one_curve([[1.0, 8.0]])}, hours=(0.0, 360.0))
    curves._curves |= shorter._curves
    contrast = by_name(summarize(curves, [SummaryArm("a", False), SummaryArm("b", False)]), "b", "a")
    assert contrast["cells_ratio_end"].value == pytest.approx(4.0)
    assert contrast["cells_ratio_end"].note == "day 15"


def test_a_run_that_ends_before_day_15_has_no_number_for_it():
    curves = curves_of({"a": one_curve([[1.0, 2.0]])}, hours=(0.0, 48.0))
    rows = by_name(summarize(curves, [SummaryArm("a", False)]), "a")
    assert rows["cells_day_15"].n == 0
    assert rows["cells_end"].value == 2.0


def test_an_arm_without_a_finished_run_has_empty_rows():
    rows = summarize(curves_of({"a": one_curve([[1.0, 2.0, 3.0]])}), [SummaryArm("a", False), SummaryArm("b", False)])
    assert {row.n for row in rows if row.arm == "b"} == {0}


def test_virus_is_cleared_when_it_stays_away_not_when_it_pauses():
    hours = np.arange(6) * 24.0
    assert cleared(np.array([5.0, 0.0, 3.0, 0.0, 0.0, 0.0]), hours) == 72.0
    assert cleared(np.array([5.0, 9.0, 3.0, 0.0, 0.0, 1.0]), hours) == np.inf
    assert np.isnan(cleared(np.zeros(6), hours))


def test_each_arm_is_compared_with_the_first_and_with_what_it_is_a_variant_of():
    four = ("no_virus", "influenza", "no_virus_blockade", "influenza_blockade")
    assert contrasts(four) == [
        ("influenza", "no_virus"),
        ("no_virus_blockade", "no_virus"),
        ("influenza_blockade", "influenza"),
        ("influenza_blockade", "no_virus"),
    ]
    assert contrasts(("influenza", "il6_knockout")) == [("il6_knockout", "influenza")]
    assert contrasts(("influenza",)) == []


# ---- the table -------------------------------------------------------------------------------------------------------


def four_arms():
    """The summary of the four arms, each with two replicates."""
    names = ("no_virus", "influenza", "no_virus_blockade", "influenza_blockade")
    curves = {name: one_curve([[1.0, 2.0 + at, 3.0], [1.0, 4.0, 5.0 + at]]) for at, name in enumerate(names)}
    return summarize(curves_of(curves), [SummaryArm(name, name.endswith("blockade")) for name in names])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234.5, "1,234"),
        (99.96, "100"),
        (0.01234, "0.0123"),
        (2e-5, "2.00e-05"),
        (np.nan, "-"),
        (-3.14, "-3.14"),
    ],
)
def test_numbers_have_three_digits_that_count(value, text):
    assert number(value) == text


@pytest.mark.parametrize("width", [60, 80, 110, 200])
def test_the_table_fits_the_terminal_and_marks_predictions(width):
    console = Console(file=io.StringIO(), width=width)
    print_summary(console, four_arms(), ["FAILED: somewhere"])
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert "(prediction)" in text
    assert "not medical advice" in text
    assert "FAILED: somewhere" in text


def test_a_single_twin_has_no_interval_and_the_table_says_so(tmp_path):
    first, second = (one_curve([[1.0, cells, cells]]) for cells in (2.0, 6.0))
    rows = summarize(curves_of({"a": first, "b": second}), [SummaryArm("a", False), SummaryArm("b", False)])
    write_summary(tmp_path, "title", rows, [])
    text = (tmp_path / "summary.md").read_text()
    assert "| Cells, ratio on day 15 | 3 |" in text
    assert "| Twins | 1: no interval |" in text


def test_csv_and_json_hold_the_same_numbers(tmp_path):
    rows = four_arms()
    write_summary(tmp_path, "title", rows, [])
    table = pd.read_csv(tmp_path / "summary.csv", keep_default_na=False)
    entries = json.loads((tmp_path / "summary.json").read_text())
    assert len(table) == len(entries) == len(rows)
    for row, entry in zip(table.to_dict("records"), entries, strict=True):
        assert (row["arm"], row["quantity"], row["n"]) == (entry["arm"], entry["quantity"], entry["n"])
        value = row["value"]
        assert entry["value"] == (None if value == "" else pytest.approx(float(value)))
