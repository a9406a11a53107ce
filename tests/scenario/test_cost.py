"""What a run may cost is told before it begins, where that is worth a word."""

from dataclasses import replace

from abm.scenario.cost import seconds_at_most, warning
from abm.scenario.read import load_scenario
from tests.commands import SMALL, embers

INFLUENZA = load_scenario("influenza")


def test_usual_runs_need_no_word():
    assert warning([INFLUENZA] * 4, replicates=8, workers=2) == ""


def test_what_may_take_hours_is_said_with_what_makes_it_long():
    large = replace(INFLUENZA, width=10000.0, height=10000.0, step=1 / 60, duration=24.0 * 120)
    told = warning([INFLUENZA, large], replicates=1, workers=1)
    assert "The longest is influenza, with 172,800 steps and at most 1,000,000 cells." in told
    assert " min if the sections fill" in told


def test_cost_rises_with_steps_and_area():
    longer, wider = replace(INFLUENZA, duration=2 * INFLUENZA.duration), replace(INFLUENZA, width=2 * INFLUENZA.width)
    assert seconds_at_most(longer) == 2 * seconds_at_most(INFLUENZA)
    assert seconds_at_most(wider) == 2 * seconds_at_most(INFLUENZA)


def test_embers_says_it(tmp_path):
    done = embers("run", "no_virus", *SMALL, cwd=tmp_path)
    assert done.returncode == 0
    assert "may take" not in done.stderr
