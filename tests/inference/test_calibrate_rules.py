"""Numbers of rules as what is fitted: a planted number is found again."""

import pandas as pd
import pytest

import abm
from abm.scenario.read import read_scenario
from tests.commands import embers

PLANTED = 8.0  # molecules/cell/s
MINE = """
extends = "no_virus"
[substance."X"]
molar_mass = "20 kDa"
[[rule]]
name = "made"
cell = "fibroblast"
signal = "niche integrity"
raises = "secretion of X"
to = "{to} molecules/cell/s"
half = 0.5
form = "threshold"
"""
STUDY = """
arms = ["mine.toml"]
duration = "1 d"
replicates = 6
[section]
width = "400 um"
height = "400 um"
[sample]
method = "sobol"
points = 8
[[axis]]
name = "made"
vary = "rule made.to"
low = "0.5 molecules/cell/s"
high = "40 molecules/cell/s"
scale = "logarithmic"
[calibrate]
data = "data.csv"
first = 8
generations = 2
population = 5
draws = 16
[[calibrate.curve]]
measure = "x"
error = 0.05
scale = "logarithmic"
"""


@pytest.mark.slow
def test_a_number_of_a_rule_that_was_planted_is_found_again(tmp_path):
    (tmp_path / "mine.toml").write_text(MINE.format(to=2.0), encoding="utf-8")
    (tmp_path / "fit.toml").write_text(STUDY, encoding="utf-8")
    planted = read_scenario(tmp_path / "planted.toml", MINE.format(to=PLANTED)).with_duration("1 d")
    planted = planted.with_section(width="400 um", height="400 um")
    runs = [abm.simulate(planted, seed=seed).series.set_index("hour")["x"] for seed in range(1, 7)]
    means = sum(runs)[[12.0, 18.0, 24.0]] / 6.0
    rows = "".join(f"{hour / 24.0},{value}\n" for hour, value in means.items())
    (tmp_path / "data.csv").write_text(f"day,value\n{rows}")
    done = embers("calibrate", "fit.toml", "--workers", 2, "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    best = read_scenario(tmp_path / "out/fit/mine-fitted.toml")
    assert best.rules[0].to == pytest.approx(PLANTED, rel=0.03)
    low, high = pd.read_csv(tmp_path / "out/fit/posterior.csv")["made"].quantile([0.025, 0.975])
    assert low < PLANTED < high
    assert high < 3.0 * low  # of a range of 80-fold
