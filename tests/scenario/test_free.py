import numpy as np
import pytest

from abm.rules.infection import VIRUSES
from abm.scenario.free import free, with_values
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario


def test_the_range_of_the_declaration_is_the_prior():
    one = free("interferon.power")
    assert (one.low, one.high) == (1.0, 4.0)
    assert not one.is_logarithmic
    assert one.value(0.0) == pytest.approx(2.5)


def test_a_wide_range_is_taken_as_a_logarithm():
    one = free("interferon.half_response")
    assert one.is_logarithmic
    assert one.value(0.0) == pytest.approx((one.low * one.high) ** 0.5)


@pytest.mark.parametrize("name", ["interferon.power", "interferon.half_response"])
def test_a_value_comes_back_from_its_place_and_none_leaves_the_range(name):
    one = free(name)
    for value in np.linspace(one.low * 1.1, one.high * 0.9, 7):
        assert one.value(one.z(value)) == pytest.approx(value)
    assert one.low <= one.value(-9.0) <= one.value(9.0) <= one.high
    assert np.isfinite([one.z(one.low), one.z(one.high)]).all()


def test_a_flat_prior_is_a_standard_normal():
    one, z = free("interferon.power"), np.random.default_rng(1).standard_normal(20_000)
    values = np.array([one.value(each) for each in z])
    counts, _ = np.histogram(values, bins=10, range=(1.0, 4.0))
    assert abs(counts - 2000).max() < 5 * 2000**0.5


def test_an_unknown_parameter_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"nearest: .*virus\.infectivity"):
        free("virus.infectivty")


def test_an_unknown_parameter_that_resembles_none_is_refused_without_a_hint():
    with pytest.raises(ValueError, match=r'"foo"$'):
        free("foo")


def test_an_unknown_virus_is_refused():
    with pytest.raises(ValueError, match="SARS-CoV-2"):
        free("virus.infectivity", "measles")


def test_a_range_outside_the_declared_one_is_refused():
    with pytest.raises(ValueError, match=r"1 to 4"):
        free("interferon.power", low=0.9)


def test_a_parameter_of_one_virus_leaves_the_arms_of_others_alone():
    influenza = Scenario()
    sars = Scenario(virus="SARS-CoV-2")
    own, common = free("virus.infectivity", "SARS-CoV-2"), free("activation.fall_time")
    z = np.array([own.z(0.3), common.z(20.0)])
    assert with_values(influenza, [own, common], z).parameters.virus == influenza.parameters.virus
    changed = with_values(sars, [own, common], z).parameters
    assert changed.virus.infectivity == pytest.approx(0.3)
    assert changed.activation.fall_time == pytest.approx(20.0)
    assert own.default == VIRUSES["SARS-CoV-2", "mouse"].infectivity


def test_what_is_fitted_to_influenza_leaves_the_own_values_of_another_virus_alone():
    sars = load_scenario("sars_cov_2")
    own, shared = free("virus.clearance"), free("virus.mixing")
    z = np.array([own.z(0.2), shared.z(0.005)])
    changed = with_values(sars, [own, shared], z).parameters.virus
    assert changed.clearance == VIRUSES["SARS-CoV-2", "mouse"].clearance != 0.2
    assert changed.mixing == pytest.approx(0.005)
    assert with_values(load_scenario("influenza"), [own, shared], z).parameters.virus.clearance == pytest.approx(0.2)
