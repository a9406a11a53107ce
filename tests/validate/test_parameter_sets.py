"""The scoreboard under parameter sets: chance, parameters, and how many sets keep a number within its tolerance."""

import csv
import json

import pytest
from typer.testing import CliRunner

from abm.cli.main import app
from abm.reporting.measured import Measured
from abm.scenario.posterior import read
from abm.validate import parameter_sets, suite
from abm.validate.parameter_sets import NumberUnderSets, ScoreboardUnderSets
from abm.validate.target import find_targets
from tests.scenario.samples import around_the_defaults


def number(values, low=1.0, high=3.0, least=0.0, most=4.0, target="F4"):
    """A number of a target: 2 with the defaults, these under the sets."""
    (found,) = find_targets([target])
    under = tuple(Measured("it", value, least, most) for value in values)
    return NumberUnderSets(target, found.values[0], Measured("it", 2.0, least, most, low, high), under)


def test_chance_and_parameters_of_a_number_and_the_sets_within():
    one = number([1.0, 2.0, 3.0, 4.0, 5.0])
    assert one.half_width == 1.0
    assert one.over == pytest.approx((3.0, 1.2, 4.8, 5))
    assert one.within == 4
    assert number([1.0], least=-float("inf"), most=float("inf")).within is None


def test_an_event_that_never_comes_under_a_set_is_said_and_is_not_within():
    one = number([1.0, 2.0, float("inf")])
    assert one.within == 2
    found = ScoreboardUnderSets(around_the_defaults(3), (one,), 12, (1, 2, 3), (), ())
    assert "| 2 | 1 to never | 2 of 3 |" in parameter_sets.page(found)


def test_the_page_says_where_the_parameters_leave_more_open_than_chance():
    numbers = (number([0.0, 9.0]), number([2.0, 2.1]))
    failed, held = ("Set 3 could not be run: it burst",), ("influenza sets x itself",)
    found = ScoreboardUnderSets(around_the_defaults(2), numbers, 12, (1, 2), failed, held)
    page = parameter_sets.page(found)
    assert "more open than chance in 1 of 2 numbers" in page
    assert "± 1 |" in page
    assert "Set 3 could not be run: it burst" in page
    assert "influenza sets x itself" in page


@pytest.fixture
def quick(monkeypatch):
    """Five sections an arm, so that there is an interval."""
    monkeypatch.setattr(suite, "QUICK", suite.Plan(5, 5))


def validated(out, *more):
    return CliRunner().invoke(
        app, ["validate", "--only", "A2", "--quick", "--size", "400um", "--step", "30 min", "--out", str(out), *more]
    )


@pytest.mark.usefixtures("quick")
def test_targets_are_run_under_every_set_and_a_second_call_runs_nothing(tmp_path, monkeypatch):
    sample = tmp_path / "mine.csv"
    sample.write_text(around_the_defaults(3).text())
    ended = validated(tmp_path / "out", "--posterior", f"{sample}:2", "--workers", "2")
    assert ended.exit_code == 0, ended.output
    out = tmp_path / "out"
    assert read(out / "sets" / "posterior.csv").text() == around_the_defaults(3).evenly(2).text()
    told = json.loads((out / "posterior.json").read_text())
    assert told["sets"] == [1, 2]
    assert all(entry["sets"] <= 2 for entry in told["numbers"])
    with (out / "sets" / "numbers.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["set"] for row in rows} == {"1", "2"}
    assert {row["target"] for row in rows} == {"A2"}
    page = (out / "posterior.md").read_text()
    before = (out / "sets" / "numbers.csv").read_bytes()
    monkeypatch.setattr("abm.runs.engine.run_jobs", lambda batch, *_, **__: bool(sum(batch.missing.values())))
    again = validated(out, "--posterior", str(out), "--workers", "1")
    assert again.exit_code == 0, again.output
    assert (out / "sets" / "numbers.csv").read_bytes() == before
    assert (out / "posterior.md").read_text() == page


@pytest.mark.parametrize("more", [("--readme", "README.md"), ("--panel",), ("--assumptions",), ("--convergence",)])
def test_what_does_not_go_with_parameter_sets_is_refused(more, tmp_path):
    sample = tmp_path / "mine.csv"
    sample.write_text(around_the_defaults(3).text())
    ended = CliRunner().invoke(app, ["validate", "--posterior", str(sample), "--out", str(tmp_path / "out"), *more])
    assert ended.exit_code == 2
    assert not (tmp_path / "out").exists()
