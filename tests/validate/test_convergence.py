"""Convergence of the scoreboard: what hangs on the step or the section is seen, what cannot be told is left open."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.cli.main import app
from abm.reporting.measured import Measured
from abm.validate import convergence
from abm.validate.convergence import ConvergenceSetting, agreement, examine, sections_of, write
from abm.validate.curves import ArmCurves
from abm.validate.suite import TargetResult, load_arm
from abm.validate.target import find_targets
from tests.studies.studies import silent

N = 24


def setting(name: str, factor: float = 1.0, noise: float = 0.02) -> ConvergenceSetting:
    """F2 from made-up runs: sections differ by factors, this setting gives so many times the cells."""
    (target,) = find_targets(["F2"])
    chance, own = np.random.default_rng(1), np.random.default_rng(len(name))
    levels, hours = chance.gamma(4.0, 75.0, size=N), np.array([0.0, 360.0])

    def run(level: float) -> pd.DataFrame:
        return pd.DataFrame({"cells_per_seeded": [1.0, level]}, index=hours)

    runs = {
        "influenza": [run(factor * level * own.lognormal(0.0, noise)) for level in levels],
        "no_virus": [run(1.0) for _ in levels],
    }
    return ConvergenceSetting(name, True, ArmCurves(runs), (TargetResult(target, (), N),))


def cells():
    """The number of F2."""
    (only,) = find_targets(["F2"])[0].values  # noqa: PD011 - no table
    return only


def told(factor: float, noise: float = 0.02):
    return agreement(cells(), setting("one"), setting("other", factor, noise))


def test_twins_that_agree_are_within_though_sections_differ_a_lot():
    found = told(1.02)
    assert found.verdict == "passed"
    assert found.low > 0.98
    assert found.high < 1.06


@pytest.mark.parametrize(
    ("factor", "noise", "verdict"), [(1.3, 0.02, "failed"), (0.7, 0.02, "failed"), (1.0, 0.5, "inconclusive")]
)
def test_a_difference_is_seen_and_one_that_cannot_be_told_is_left_open(factor, noise, verdict):
    assert told(factor, noise).verdict == verdict


def test_what_is_nothing_in_both_has_no_ratio():
    assert agreement(cells(), setting("one", 0.0), setting("other", 0.0)) is None


def test_sections_of_other_sizes_cover_the_same_area():
    assert sections_of(3000.0) == convergence.SECTIONS
    assert sections_of(2000.0) * 4.0 == pytest.approx(convergence.SECTIONS * 9.0)


def test_founders_lie_as_densely_on_every_section():
    arm = load_arm("influenza")
    density = arm.parameters.dormancy.founders / (arm.width * arm.height)
    for side in convergence.SIDES:
        other = convergence._with_side(side)(arm)
        assert other.parameters.dormancy.founders / side**2 == pytest.approx(density)


def test_the_page_tells_every_number_and_counts(tmp_path):
    first = setting("as it is")
    measured = Measured("cells on day 15 / twin without virus", 300.0, 100.0, 1000.0, 250.0, 350.0)
    first = replace(first, results=(replace(first.results[0], measured=(measured,)),))
    path = write(tmp_path, [first, setting("5 min", 1.01), setting("2 mm", 1.4)])
    text = path.read_text(encoding="utf-8")
    assert "5 min: 1 within, 0 undecided, 0 outside" in text
    assert "2 mm: 0 within, 0 undecided, 1 outside" in text
    assert "| F2 | cells on day 15 / twin without virus | 300 (250 to 350) |" in text


def test_every_setting_is_run_with_its_step_or_section(monkeypatch, tmp_path):
    asked = []

    def made_up(*given):
        plan, changed = given[-2:]
        arm = changed(load_arm("influenza"))
        asked.append((round(60.0 * arm.step, 6), arm.width, plan.first))
        targets.append(given[0])
        return [], ArmCurves({})

    targets: list[list[str]] = []
    monkeypatch.setattr(convergence, "validate", made_up)
    examine(["F2"], tmp_path, 1, silent())
    assert targets == 6 * [["F2"]]
    assert asked == [(10, 3000, 12), (5, 3000, 12), (2.5, 3000, 12), (1, 3000, 12), (10, 2000, 27), (10, 5000, 5)]


@pytest.mark.parametrize(
    "options",
    [
        ("--assumptions", "--only", "F2"),
        ("--assumptions", "--convergence"),
        ("--convergence", "--quick"),
        ("--readme", "README.md", "--only", "F2"),
    ],
)
def test_options_that_exclude_each_other_are_refused_before_anything_is_written(options, tmp_path):
    ended = CliRunner().invoke(app, ["validate", *options, "--out", str(tmp_path / "out")])
    assert ended.exit_code == 2
    assert f"{options[0]} goes with" in ended.output
    assert not (tmp_path / "out").exists()
