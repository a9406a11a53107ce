"""The picture of all findings: where each number lies, and that everything is in it."""

import math
import re

import pytest

from abm.reporting.measured import Measured
from abm.validate.panel import COMMON, row_of
from abm.validate.panel_figure import draw_panel
from abm.validate.suite import TargetResult
from abm.validate.target import find_targets, target_ids
from tests.validate.test_validate_command import PNG, invoke, without_runs  # noqa: F401 - a fixture


def result_of(name, *measured):
    """A result of a target with these numbers."""
    (target,) = find_targets([name])
    return TargetResult(target, measured, 6)


def test_ratios_share_a_logarithmic_scale():
    row = row_of(result_of("F2", Measured("cells", 100.0, 10.0, 1000.0, 10.0, 1000.0)))
    assert row.scale is COMMON
    assert (row.value, row.low, row.high) == (pytest.approx(0.8), pytest.approx(0.6), pytest.approx(1.0))
    assert (row.least, row.most) == (pytest.approx(0.6), pytest.approx(1.0))


def test_a_ratio_of_nothing_lies_beyond_the_left_end():
    assert row_of(result_of("F19", Measured("cells", 0.0, most=1.0))).value == -math.inf


def test_days_have_their_own_scale_and_differences_of_days_one_around_none():
    row = row_of(result_of("F4", Measured("day", 7.0, 6.0, 12.0)))
    assert (row.value, row.scale.ends) == (pytest.approx(0.25), ("0", "28 d"))
    later = row_of(result_of("N1", Measured("day", 5.0, 0.0)))
    assert (later.value, later.least, later.scale.ends) == (
        pytest.approx(0.75),
        pytest.approx(0.5),
        ("10 d sooner", "10 d later"),
    )


def test_what_never_comes_lies_beyond_the_right_end():
    row = row_of(result_of("N8", Measured("day", math.inf, most=14.0)))
    assert (row.value, row.simulated) == (math.inf, "never")


def test_a_finding_is_shown_by_the_first_number_that_has_its_verdict():
    good, bad = Measured("good", 1.5, 1.0), Measured("bad", 0.5, 1.0)
    row = row_of(result_of("N4", good, bad))
    assert (row.name, row.outcome, len(row.others)) == ("bad (2 of 2)", "failed", 1)


def test_a_finding_that_cannot_be_run_says_what_it_needs():
    row = row_of(result_of("G7"))
    assert row.scale is None
    assert row.name.startswith("needs cancer cells that grow without a signal")


def test_the_picture_has_a_row_for_every_finding_and_is_the_same_each_time(tmp_path):
    results = [
        TargetResult(target, tuple(Measured(one.name, 1.0, one.least, one.most, 0.9, 1.2) for one in target.values), 6)
        for target in find_targets(target_ids())
    ]
    (tmp_path / "again").mkdir()
    png, svg = draw_panel(results, "1.2.3", tmp_path)
    assert png.read_bytes().startswith(PNG)
    text = svg.read_text(encoding="utf-8")
    assert {f"<!-- {name} -->" for name in target_ids()} <= set(re.findall(r"<!-- \w+ -->", text))
    assert draw_panel(results, "1.2.3", tmp_path / "again")[1].read_text(encoding="utf-8") == text


@pytest.mark.usefixtures("without_runs")
def test_the_command_draws_the_picture_when_asked(tmp_path):
    assert "panel.png and " in invoke("--only", "F3,G5", "--panel", "--out", tmp_path).output.replace("\n", "")
    assert (tmp_path / "panel.png").is_file()
    assert (tmp_path / "panel.svg").is_file()
