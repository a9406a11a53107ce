"""The error of the model: exact on made-up curves, and a command that runs."""

import csv

import numpy as np
import pytest
from typer.testing import CliRunner

from abm.cli.main import app
from abm.validate.own_data.columns import CurveColumns
from abm.validate.own_data.comparison import best_factor, own_score
from abm.validate.own_data.measurements import OwnCurve

DAYS = np.array([1.0, 3.0, 5.0, 7.0])
HILL = np.array([10.0, 1000.0, 300.0, 20.0])


def own(center=HILL, spread=0.2, floor=0.0):
    """A curve with these values."""
    columns = CurveColumns("day", "d", "value", "pg/mL", "il6_lavage")
    n = np.full(center.size, 3)
    return OwnCurve(columns, "pg/mL", DAYS, n, center, center / 2.0, center * 2.0, spread, floor, 0)


def test_a_model_that_is_right_has_no_error():
    score = own_score(own(), np.tile(HILL, (6, 1)), is_shape=False)
    assert score.error.value == 0.0
    assert score.factor == 1.0


def test_the_error_is_in_decades_and_in_spreads_between_replicates():
    score = own_score(own(), np.tile(10.0 * HILL, (6, 1)), is_shape=False)
    assert score.residuals == pytest.approx([1.0] * 4)
    assert score.error.value == pytest.approx(1.0)
    assert score.in_spreads.value == pytest.approx(5.0)


def test_without_replicates_there_is_no_error_in_spreads():
    assert own_score(own(spread=float("nan")), np.tile(HILL, (6, 1)), is_shape=False).in_spreads is None


def test_a_factor_is_free_where_only_the_shape_counts():
    score = own_score(own(), np.tile(HILL / 7.0, (6, 1)), is_shape=True)
    assert score.factor == pytest.approx(7.0)
    assert score.error.value == pytest.approx(0.0, abs=1e-9)


def test_what_lies_below_the_detection_limit_in_both_is_no_error():
    data = np.array([20.0, 1000.0, 300.0, 20.0])
    model = np.array([0.0, 500.0, 150.0, 1.0])
    assert best_factor(model, own(data, floor=20.0)) == pytest.approx(2.0, rel=1e-2)


def test_the_interval_is_that_of_the_sections():
    sections = np.outer(np.geomspace(0.5, 2.0, 12), HILL)
    score = own_score(own(), sections, is_shape=False)
    assert score.error.low < score.error.value < score.error.high
    assert own_score(own(), sections, is_shape=True).error.value == pytest.approx(0.0, abs=1e-9)


def score_of(folder, text, *options):
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["score", str(path), "--out", str(folder / "out"), *options])


def test_the_command_runs_an_arm_and_writes_table_and_figure(tmp_path):
    text = "day,mouse,neutrophils (cell/mm^2)\n0,1,20\n0,2,25\n2,1,18\n2,2,26\n"
    ended = score_of(tmp_path, text, "--arm", "no_virus", "--replicates", "5", "--workers", "1")
    assert ended.exit_code == 0, ended.output
    assert "error, in SDs between replicates: " in ended.output
    lines = [line for line in (tmp_path / "out" / "score.csv").read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert [row["day"] for row in rows] == ["0", "2"]
    assert all(abs(float(row["residual_log10"])) < 0.1 for row in rows)  # resting lung has 22
    assert (tmp_path / "out" / "score.png").read_bytes().startswith(b"\x89PNG")


def test_a_model_that_has_nothing_asks_for_the_detection_limit(tmp_path):
    ended = score_of(tmp_path, "day,virions (virion/mm^2)\n1,5\n2,9", "--arm", "no_virus", "--replicates", "1")
    assert ended.exit_code == 2
    assert "the model has nothing of virions on day 1" in ended.output
    assert "--floor" in ended.output


def test_faults_of_the_data_end_the_command_before_anything_runs(tmp_path):
    ended = score_of(tmp_path, "time,il6 (pg/mL)\n1,5\n2,9")
    assert ended.exit_code == 2
    assert "--time-unit" in ended.output
    assert not (tmp_path / "out").exists()


def test_days_after_infection_count_from_that_of_the_scenario(tmp_path):
    late = tmp_path / "late.toml"
    late.write_text('extends = "no_virus"\n[[infection]]\ntime = "2 d"\n', encoding="utf-8")
    text = "dpi,virions (virion/mm^2)\n0.25,5\n1,9\n"
    ended = score_of(tmp_path, text, "--arm", str(late), "--replicates", "2", "--workers", "1")
    assert ended.exit_code == 0, ended.output  # on day 1 of the run there is no virus, which would be refused
    assert "Days count from the infection, which comes on day 2 of the run." in ended.output
    ended = score_of(tmp_path, text.replace("dpi", "day"), "--arm", str(late), "--replicates", "2", "--workers", "1")
    assert "the model has nothing of virions on day 0.25" in ended.output
