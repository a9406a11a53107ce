import numpy as np
import pandas as pd
import pytest
from PIL import Image

from abm.studies.design.study import Study
from abm.studies.sweep.outcome import MeasureAtTime, PointRow
from abm.studies.sweep.overview import rows_of, table_lines, write
from abm.studies.sweep.overview_figure import draw
from tests.commands import embers
from tests.studies.studies import small

CELLS, IL6 = MeasureAtTime("cells_per_seeded", 48.0, True), MeasureAtTime("il6", 48.0, False)
GRID = """
arms = ["influenza", "influenza_blockade"]
duration = "2 d"
replicates = 3
measures = ["cells_per_seeded", "il6"]
[section]
width = "240 um"
height = "240 um"
[[axis]]
vary = "treatment (anti-IL-6).start"
values = ["0 d", "3 h", "6 h"]
[[axis]]
vary = "infection.dose"
values = [1.0, 10.0]
"""
CLOUD = """
arms = ["influenza"]
duration = "1 d"
replicates = 2
[section]
width = "240 um"
height = "240 um"
[sample]
method = "sobol"
points = 64
[[axis]]
vary = "infection.dose"
low = 0.1
high = 10.0
scale = "logarithmic"
"""


def at(rows: list[PointRow], study: Study, arm: str, *coordinates: float | None) -> PointRow:
    (row,) = [row for row in rows if study.arms[row.point.arm].name == arm and row.point.coordinates == coordinates]
    return row


def grown(study: Study, noise: float = 0.0) -> np.ndarray:
    """An outcome that is known: dose x (start + 1 h), tenfold without a start, ten times as much in the next seed."""
    chance = np.random.default_rng(3)
    exact = [
        float(dose or 0.0) * (10.0 if start is None else float(start) + 1.0)
        for start, dose in (point.coordinates for point in study.points)
    ]
    powers = np.arange(study.replicates) + noise * chance.standard_normal((len(exact), study.replicates))
    return np.array(exact)[:, None] * 10.0**powers


def infected(study: Study) -> np.ndarray:
    """An infection that established in every run."""
    return np.full((len(study.points), study.replicates), 0.2)


def test_each_point_has_its_mean_and_range_and_its_ratio_to_the_twins_of_the_first_arm():
    study = small(text=GRID)
    rows = rows_of(study, CELLS, grown(study), infected(study))
    assert len(rows) == len(study.points) == 2 + 6
    reference, treated = at(rows, study, "influenza", None, 10.0), at(rows, study, "influenza_blockade", 3.0, 10.0)
    assert reference.found == pytest.approx((3700.0, 100.0, 10_000.0, 3))  # 100, 1,000, 10,000
    assert treated.found == pytest.approx((1480.0, 40.0, 4000.0, 3))
    assert treated.ratio[:3] == pytest.approx((0.4, 0.4, 0.4))  # twins differ all alike, so the interval has no width
    assert reference.ratio.n == 0


def test_noise_between_twins_widens_the_interval_of_the_ratio():
    study = small(text=GRID)
    row = at(rows_of(study, CELLS, grown(study, noise=0.1), infected(study)), study, "influenza_blockade", 6.0, 1.0)
    assert row.ratio.low < row.ratio.value < row.ratio.high
    assert row.ratio.n == 3


def test_nothing_is_told_as_nothing_and_has_no_ratio(tmp_path):
    study = small(text=GRID)
    values = grown(study)
    dead = [place for place, point in enumerate(study.points) if point.coordinates == (0.0, 1.0)]
    values[dead] = 0.0
    values[:, 0] = 0.0
    rows = rows_of(study, CELLS, values, infected(study))
    assert at(rows, study, "influenza_blockade", 0.0, 1.0).found[:3] == (0.0, 0.0, 0.0)
    assert np.isnan(at(rows, study, "influenza_blockade", 0.0, 1.0).ratio.value)
    row = at(rows, study, "influenza_blockade", 3.0, 10.0)
    assert (row.found.low, row.ratio.n, row.ratio.value) == (0.0, 3, pytest.approx(0.4))
    draw(study, CELLS, rows, tmp_path / "overview.png")


def test_an_outcome_that_does_not_multiply_has_no_ratios():
    study = small(text=GRID)
    rows = rows_of(study, IL6, grown(study), infected(study))
    assert at(rows, study, "influenza", None, 10.0).found == pytest.approx((3700.0, 100.0, 10_000.0, 3))
    assert all(row.ratio.n == 0 for row in rows)
    assert "95 % interval" not in table_lines(study, rows)[0]


def test_runs_that_are_missing_are_left_out():
    study = small(text=GRID)
    values = grown(study)
    values[:, 1:] = np.nan
    row = at(rows_of(study, CELLS, values, infected(study)), study, "influenza_blockade", 3.0, 10.0)
    assert (row.found.n, row.ratio.n) == (1, 1)
    values[:] = np.nan
    rows = rows_of(study, CELLS, values, infected(study))
    assert all(row.found.n == 0 for row in rows)
    assert "nan" not in "\n".join(table_lines(study, rows))


def test_runs_that_the_infection_missed_are_counted_and_left_out_where_that_is_asked_for():
    study = small(text=GRID)
    missed = infected(study)
    missed[:, 0] = 0.001
    blocked = [place for place, point in enumerate(study.points) if study.arms[point.arm].name == "influenza_blockade"]
    missed[blocked, 1] = 0.0  # stopped in this arm, not in its twins
    row = at(rows_of(study, CELLS, grown(study), missed), study, "influenza_blockade", 3.0, 10.0)
    assert (row.established, row.found.n, row.found.value) == (2, 3, pytest.approx(1480.0))
    asked = small(text="established_only = true\n" + GRID)
    assert asked.text() == study.text()  # it changes no run
    row = at(rows_of(asked, CELLS, grown(asked), missed), asked, "influenza_blockade", 3.0, 10.0)
    assert (row.established, row.found.n, row.ratio.n) == (2, 2, 2)
    assert row.found.value == pytest.approx(2200.0)
    assert row.ratio.value == pytest.approx(0.4)


def test_an_axis_that_one_arm_lacks_still_tells_twins_of_the_others_apart():
    study = small(text=GRID.replace('["influenza"', '["no_virus", "influenza"'))
    peak = np.zeros((len(study.points), study.replicates))
    for place, point in enumerate(study.points):
        if study.arms[point.arm].name == "influenza" and point.coordinates[1] == 10.0:
            peak[place] = 0.3
    rows = rows_of(study, CELLS, grown(study), peak)
    assert at(rows, study, "influenza", None, 1.0).established == 0
    assert at(rows, study, "influenza_blockade", 3.0, 1.0).established == 0
    assert at(rows, study, "influenza", None, 10.0).established == 3
    assert at(rows, study, "influenza_blockade", 3.0, 10.0).established == 3
    assert at(rows, study, "no_virus", None, None).established == 3


def test_the_table_stands_by_arm_and_axes_and_is_written_with_the_picture(tmp_path):
    study = small(text=GRID)
    rows = rows_of(study, CELLS, grown(study), infected(study))
    lines = table_lines(study, rows)
    assert lines[0].split(" | ")[:4] == ["| arm", "start [h]", "dose", "runs"]
    assert lines[0].split(" | ")[4] == "infected"
    assert lines[2].startswith("| influenza |  | 1 | 3 | 3 |")
    assert [line.split(" | ")[1] for line in lines[4:]] == ["0", "0", "3", "3", "6", "6"]
    paths = write(tmp_path, study, CELLS, rows)
    table = pd.read_csv(tmp_path / "overview.csv")
    assert len(table) == len(rows)
    assert table.set_index(["arm", "start", "dose"]).loc[("influenza_blockade", 6.0, 10.0), "ratio"] == pytest.approx(
        0.7
    )
    text = (tmp_path / "overview.md").read_text(encoding="utf-8")
    assert text.count("\n| ") >= len(rows)
    assert "not medical advice" in text
    assert all(path.exists() for path in paths)


@pytest.mark.parametrize("text", [GRID, CLOUD, GRID[: GRID.index("[[axis]]")]])
def test_a_picture_is_drawn_of_a_grid_of_a_sample_and_of_arms_alone(tmp_path, text):
    study = small(text=text)
    chance = np.random.default_rng(1).random((len(study.points), study.replicates))
    path = draw(study, CELLS, rows_of(study, CELLS, chance, infected(study)), tmp_path / "overview.png")
    with Image.open(path) as picture:
        assert picture.size[0] > 500
        assert len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 20


@pytest.mark.slow
def test_the_command_shows_it_and_says_what_it_cannot_show(tmp_path):
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    done = embers("sweep", "grid.toml", "--replicates", 1, "--measure", "il6", "--day", 0.5, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "mean IL-6 of the section [ng/mL] on day 0.5" in done.stdout
    assert "| influenza_blockade | 6 | 10 | 1 | 0 |" in done.stdout
    assert (tmp_path / "outputs/grid/figures/overview.png").exists()
    odd = embers("sweep", "grid.toml", "--replicates", 1, "--days", 1.125, cwd=tmp_path)  # not a multiple of 6 h
    assert "per seeded cell on day 1\n" in odd.stdout
    wrong = embers("sweep", "grid.toml", "--measure", "virions", cwd=tmp_path)
    assert wrong.returncode != 0
    assert "cells_per_seeded, il6" in wrong.stdout + wrong.stderr
