import numpy as np
import pytest

from abm.core.record import as_record
from abm.rules.own.rates import Rate, Where, address
from abm.rules.own.rule import OF_PLACE
from abm.scenario.scenario import Scenario
from abm.tissue.ruled import factor_of_rules, has_rule, is_ruled, ruled, ruled_at_most, ruled_mean

AWAKENING = address(Rate.AWAKENING.value, Where.DORMANT.value, 0)
SUM = {"raises": "awakening", "to": "0.02 /h", "half": "0.2 ng/mL"}
FACTOR = {"lowers": "awakening", "to": "20 %", "half": "1 ng/mL"}


def with_rules(*rules):
    """Parameters of a scenario with these rules on dormant cells, as compiled code takes them."""
    scenario = Scenario(name="own")
    for signal, values in rules:
        scenario = scenario.with_rule("dormant cancer cell", signal, **values)
    return as_record(scenario.parameters)


def layers(*signals):
    """What was read of each rule in a single block."""
    return np.array([[[[first]], [[second]]] for first, second in signals], dtype=np.float32)


def test_a_rate_is_the_sum_of_what_rules_add_times_their_factors():
    p = with_rules(("IL-6", SUM), ("TNF-alpha", FACTOR), ("IL-10", SUM | {"to": "0.1 /h"}))
    added = 0.01 + 0.02 * 0.5 + 0.1 * (0.6 / 0.8)
    factor = 1.0 - 0.8 * (3.0 / 4.0)
    assert ruled(0.01, AWAKENING, 0, 0, OF_PLACE, layers((0.2, 0), (3.0, 0), (0.6, 0)), p) == pytest.approx(
        added * factor
    )


def test_the_order_of_rules_does_not_matter():
    one = with_rules(("IL-6", SUM), ("TNF-alpha", FACTOR))
    other = with_rules(("TNF-alpha", FACTOR), ("IL-6", SUM))
    values = (0.3, 0), (2.0, 0)
    found = ruled(0.01, AWAKENING, 0, 0, OF_PLACE, layers(*values), one)
    assert found == ruled(0.01, AWAKENING, 0, 0, OF_PLACE, layers(*values[::-1]), other)


def test_without_its_signal_a_rule_gives_its_base():
    p = with_rules(("IL-6", {"lowers": "awakening", "from_": "0.05 /h", "to": "0.01 /h", "half": "1 ng/mL"}))
    assert ruled(0.0, AWAKENING, 0, 0, OF_PLACE, layers((0.0, 0)), p) == pytest.approx(0.05)
    assert ruled(0.0, AWAKENING, 0, 0, OF_PLACE, layers((1e9, 0)), p) == pytest.approx(0.01)


def test_a_second_signal_multiplies_the_response():
    p = with_rules(("IL-6", SUM | {"and_": "IL-10", "and_half": "1 ng/mL"}))
    assert ruled(0.0, AWAKENING, 0, 0, OF_PLACE, layers((0.2, 1.0)), p) == pytest.approx(0.02 * 0.5 * 0.5)
    assert ruled(0.0, AWAKENING, 0, 0, OF_PLACE, layers((0.2, 0.0)), p) == 0.0


def test_a_rule_that_is_switched_off_does_nothing():
    p = with_rules(("IL-6", SUM | {"on": False}))
    assert ruled(0.01, AWAKENING, 0, 0, OF_PLACE, layers((5.0, 0)), p) == 0.01
    assert not is_ruled(Rate.AWAKENING.value, p)


def test_a_mean_is_that_of_the_response_over_all_blocks():
    p = with_rules(("IL-6", SUM))
    signals = np.zeros((1, 2, 1, 4), dtype=np.float32)
    signals[0, 0] = [[0.0, 0.2, 0.0, 0.0]]
    assert ruled_mean(0.0, AWAKENING, signals, p) == pytest.approx(0.02 * 0.5 / 4)


def test_the_most_that_rules_make_of_a_rate_is_never_less_than_the_rate():
    p = with_rules(("IL-6", SUM), ("TNF-alpha", FACTOR), ("IL-10", FACTOR | {"to": "10 %"}))
    most = ruled_at_most(0.01, AWAKENING, p)
    for first in (0.0, 0.2, 1e6):
        assert ruled(0.01, AWAKENING, 0, 0, OF_PLACE, layers((first, 0), (first, 0), (first, 0)), p) <= most


def test_factors_alone_leave_out_what_rules_add():
    p = with_rules(("IL-6", SUM), ("TNF-alpha", FACTOR))
    assert factor_of_rules(AWAKENING, 0, 0, layers((5.0, 0), (1.0, 0)), p) == pytest.approx(0.6)


def test_a_rule_acts_at_its_address_only():
    p = with_rules(("IL-6", SUM))
    assert has_rule(AWAKENING, p)
    assert not has_rule(address(Rate.DEATH.value, Where.DORMANT.value, 0), p)
    assert not has_rule(AWAKENING, as_record(Scenario().parameters))
