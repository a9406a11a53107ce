"""The checks of the step see what they are made to see."""

import numpy as np
import pytest

from abm.verify import process_steps, time_step
from abm.verify.figure import draw
from abm.verify.suite import CheckResult
from abm.verify.time_step import (
    NUMBERS,
    STEPS,
    TWINS,
    TimeStepRun,
    conclude,
    outcome,
    pairs,
    scenario_of,
    smallest_seen,
)

DAYS = np.linspace(0.0, 15.0, 61)


def made_up(coarse: float, noise: float, established: float = 1.0) -> list[TimeStepRun]:
    """Runs of all arms and steps: sections differ, ten-minute steps give so many times what the others give."""
    chance = np.random.default_rng(1)
    sections = chance.gamma(4.0, 25.0, size=(len(TWINS), len(NUMBERS)))
    return [
        TimeStepRun(
            sections[at] * chance.lognormal(0.0, noise, size=len(NUMBERS)) * (coarse if step == STEPS[0] else 1.0),
            chance.random() < established, DAYS, np.ones(DAYS.size),
        )
        for _, step in pairs() for at in range(len(TWINS))
    ]  # fmt: skip


def test_steps_that_agree_pass():
    assert conclude(made_up(1.0, 0.05)).verdict == "passed"


@pytest.mark.parametrize("factor", [1.3, 1 / 1.3])
def test_a_difference_of_a_third_fails(factor):
    finding = conclude(made_up(factor, 0.05))
    failed = [one.name for one in finding.measured if one.verdict == "failed"]
    assert any("cells on day 15, influenza, 10 vs 1 min: ratio" in name for name in failed)
    assert not any("5 vs 1 min" in name for name in failed)


def test_a_comparison_that_could_not_see_a_third_does_not_pass():
    finding = conclude(made_up(1.0, 0.8))
    assert finding.verdict == "failed"
    assert any("factor detectable with power" in one.name for one in finding.measured if one.verdict == "failed")


def test_the_power_is_that_of_a_t_test():
    """24 pairs, standard error e of the mean log ratio: exp((t + z) e)."""
    finding = conclude(made_up(1.0, 0.05))
    (told,) = [one for one in finding.measured if one.name.startswith("cells on day 15, CD8") and "power" in one.name]
    error = 0.05 * np.sqrt(2.0) / np.sqrt(len(TWINS))
    assert np.log(told.value) == pytest.approx((2.07 + 0.84) * error, rel=0.35)
    assert smallest_seen(time_step.ratio_of_means([1.0, 1.1, 0.9], [1.0, 1.0, 1.0])) > 1.0


def test_sections_without_an_infection_do_not_count():
    finding = conclude(made_up(1.0, 0.05, established=0.7))
    assert finding.verdict == "passed"
    assert "in at least 24 of them" not in finding.note


def test_every_arm_differs_by_its_treatment_and_step_alone():
    arms = {arm for arm, _ in pairs()}
    assert len({scenario_of(arm, 10).treatments for arm in arms}) == len(arms) == 4
    assert {scenario_of(arm, 1).step for arm in arms} == {1 / 60}


def test_an_outcome_reads_its_numbers_from_a_run(monkeypatch):
    monkeypatch.setattr(time_step, "SIDE", 400.0)
    monkeypatch.setattr(time_step, "FOUNDERS", 5)
    run = outcome("CD8 depleted", 10, 3)
    assert run.numbers.shape == (len(NUMBERS),)
    assert run.numbers[0] == pytest.approx(run.cells[-1])


def test_one_process_alone_gives_the_same_at_both_steps(monkeypatch):
    monkeypatch.setattr(
        process_steps, "SECTION", process_steps.replace(process_steps.SECTION, width=480.0, height=480.0)
    )
    for name in ("epithelium", "lymph node", "IL-6"):
        coarse, fine = process_steps.outcome(name, 1)
        assert coarse == pytest.approx(fine, rel=0.02)


def test_a_process_that_knows_the_step_is_found_out():
    steady = [(1.0, 1.0)] * (len(process_steps.PROCESSES) * len(process_steps.SEEDS))
    assert process_steps.conclude(steady).verdict == "passed"
    jumping = [(0.5, 1.0)] * len(process_steps.SEEDS) + steady[len(process_steps.SEEDS) :]
    assert process_steps.conclude(jumping).verdict == "failed"


def test_the_figures_of_many_intervals_are_drawn(tmp_path):
    steady = [(1.0, 1.01)] * (len(process_steps.PROCESSES) * len(process_steps.SEEDS))
    for check, given in ((process_steps.CHECKS[0], steady), (time_step.CHECKS[0], made_up(1.0, 0.05))):
        path = tmp_path / f"{check.name}.png"
        assert draw(CheckResult(check, check.conclude(given), 1.0), path)
        assert path.stat().st_size > 20_000
