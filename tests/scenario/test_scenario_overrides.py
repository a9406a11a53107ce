from dataclasses import replace

import numpy as np
import pytest

from abm.scenario.read import ScenarioError, load_arms, load_scenario, with_overrides


def test_days_size_and_step_are_put_in():
    base = load_scenario("influenza")
    assert with_overrides(base) == base
    assert with_overrides(base, days=60).snapshots == (0.0, 72.0, 120.0, 216.0, 360.0, 672.0, 1440.0)
    assert with_overrides(base, days=np.float64(3)).snapshots == (0.0, 72.0)
    assert with_overrides(base, size="1000um") == replace(base, width=1000.0, height=1000.0)
    assert with_overrides(base, size="2 mm x 1 mm") == replace(base, height=1000.0)
    assert with_overrides(base, size="2mm × 800 um").height == 800.0
    assert with_overrides(base, step="5 min").step == 1 / 12


@pytest.mark.parametrize(
    ("options", "key", "allowed"),
    [
        ({"days": 0}, "--days", "1 to 87600 h"),
        ({"days": float("nan")}, "--days", "1 to 87600 h"),
        ({"size": "1000"}, "--size", "80 to 40000 um"),
        ({"size": "1 mm x"}, "--size", "80 to 40000 um"),
        ({"size": ""}, "--size", "80 to 40000 um"),
        ({"step": "1 h"}, "--step", "0.0166667 to 0.5 h"),
        ({"step": "7 min"}, "record_every", "multiples of the step"),
        ({"size": "1 mm x 1010 um"}, "section.height", "multiples of 40 um"),
        ({"days": 5}, "treatment 1: start", "less than 120 h"),
    ],
)
def test_nonsense_is_refused_with_the_option(options, key, allowed):
    with pytest.raises(ScenarioError) as caught:
        with_overrides(load_scenario("late_blockade"), **options)
    assert caught.value.faults[0].key == key
    assert allowed in caught.value.faults[0].allowed


def test_all_faults_of_all_arms_are_told_at_once():
    with pytest.raises(ScenarioError) as error:
        load_arms(("influenza", "influenzo", "no_such"), size="30m")
    text = str(error.value)
    assert "influenzo" in text
    assert "no_such" in text
    assert "--size" in text


def test_an_arm_given_twice_is_refused():
    with pytest.raises(ScenarioError, match="twice"):
        load_arms(("influenza", "influenza"))
