import math

import numpy as np
import pytest

from abm.core.record import as_record
from abm.rules.own.rule import Form, change_by, response
from abm.rules.own.signals import Signal
from abm.scenario.scenario import Scenario


@pytest.mark.parametrize("form", Form)
def test_a_response_is_half_at_half_the_signal(form):
    expected = 1.0 if form == Form.THRESHOLD else 0.5
    assert response(0.3, int(form), 0.3, 2.0) == pytest.approx(expected)
    assert response(0.0, int(form), 0.3, 2.0) == 0.0


@pytest.mark.parametrize("form", Form)
def test_a_response_never_falls_with_its_signal_and_stays_below_one(form):
    found = [response(signal, int(form), 0.3, 3.0) for signal in np.linspace(0.0, 5.0, 60)]
    assert found == sorted(found)
    assert max(found) <= 1.0


def test_a_linear_response_is_full_at_twice_the_half():
    assert response(0.6, int(Form.LINEAR), 0.3, 1.0) == 1.0
    assert response(0.15, int(Form.LINEAR), 0.3, 1.0) == pytest.approx(0.25)


def test_a_threshold_is_a_step():
    below = np.nextafter(0.3, 0.0)
    assert (response(below, int(Form.THRESHOLD), 0.3, 1.0), response(0.3, int(Form.THRESHOLD), 0.3, 1.0)) == (0.0, 1.0)


def test_a_signal_without_end_gives_the_full_response():
    assert response(math.inf, int(Form.HILL), 40.0, 4.0) == 1.0


def test_what_a_cell_carries_is_read_from_the_cell():
    scenario = Scenario(name="own").with_rule("neutrophil", "own age", lowers="speed", to="0 %", half="10 h")
    rule = as_record(scenario.parameters).rules[0]
    assert (rule.signal, change_by(rule, 99.0, 0.0, (0.0, 10.0))) == (Signal.AGE, pytest.approx(0.5))
    scenario = Scenario(name="own").with_rule("neutrophil", "own activation", lowers="speed", to="0 %", half=0.5)
    assert change_by(as_record(scenario.parameters).rules[0], 99.0, 0.0, (0.5, 10.0)) == pytest.approx(0.5)
