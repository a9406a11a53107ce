import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.core.lattice import SPACING
from abm.rules.cells import CellKind
from abm.rules.motility import (
    Motility,
    dispersal,
    gradient_response,
    guided_share,
    hops_per_hour,
    steepness,
    turning_chance,
)

P = Motility()
shares = st.floats(0.0, 1.0)
speeds = st.floats(0.0, 20.0)


@pytest.mark.interpreted
def test_a_free_cell_makes_its_speed():
    assert hops_per_hour(4.0, SPACING, False, 0.0, P) == pytest.approx(24.0)
    assert hops_per_hour(0.0, SPACING, False, 0.0, P) == 0.0


@pytest.mark.interpreted
def test_targets_and_collagen_slow_a_cell():
    free = hops_per_hour(4.0, SPACING, False, 0.0, P)
    assert hops_per_hour(4.0, SPACING, True, 0.0, P) == pytest.approx(free * P.confinement)
    assert hops_per_hour(4.0, SPACING, False, 1.0, P) == pytest.approx(free * (1.0 - P.collagen_drag))


@given(speed=speeds, faster=speeds, target=st.booleans(), collagen=shares, other=shares)
def test_hops_rise_with_speed_and_fall_with_collagen(speed, faster, target, collagen, other):
    low, high = sorted((collagen, other))
    hops = hops_per_hour(speed, SPACING, target, high, P)
    assert 0.0 <= hops <= hops_per_hour(speed, SPACING, target, low, P)
    assert hops <= hops_per_hour(speed + faster, SPACING, target, high, P)


@pytest.mark.interpreted
def test_a_cell_that_stands_still_has_no_direction_to_keep():
    assert turning_chance(0.0, SPACING, P) == 1.0
    assert turning_chance(1e-6, SPACING, P) == 1.0


@given(speed=st.floats(0.1, 20.0), faster=st.floats(0.0, 20.0))
def test_faster_cells_turn_at_fewer_hops(speed, faster):
    chance = turning_chance(speed, SPACING, P)
    assert 0.0 < turning_chance(speed + faster, SPACING, P) <= chance <= 1.0


@given(speed=st.floats(2.5, 20.0))
def test_a_direction_is_kept_for_the_persistence_time(speed):
    hop_time = SPACING / speed
    assert hop_time / turning_chance(speed, SPACING, P) == pytest.approx(max(hop_time, P.persistence))


@pytest.mark.interpreted
def test_guidance_is_none_on_flat_ground_and_half_at_its_half_steepness():
    assert guided_share(0.0, P) == 0.0
    assert guided_share(P.steepness_half, P) == pytest.approx(P.bias / 2)
    assert guided_share(1e9, P) == pytest.approx(P.bias)
    assert guided_share(0.3, P) == pytest.approx(P.bias * gradient_response(0.3, P))


@given(steepness=st.floats(0.0, 100.0), steeper=st.floats(0.0, 100.0))
def test_guidance_rises_with_steepness(steepness, steeper):
    assert 0.0 <= guided_share(steepness, P) <= guided_share(steepness + steeper, P) <= P.bias


@pytest.mark.interpreted
def test_the_steepness_sensed_is_none_on_flat_ground_and_half_of_the_relative_change_at_half_sensing():
    assert steepness(0.0, 3.0, P) == 0.0
    assert steepness(0.1, P.sensing_half, P) == pytest.approx(0.1 / P.sensing_half / 2)
    assert steepness(1.0, 1e6, P) == pytest.approx(1e-6)


@given(change=st.floats(0.0, 10.0), more=st.floats(0.0, 10.0), il6=st.floats(0.0, 100.0), other=st.floats(0.0, 100.0))
def test_a_change_is_sensed_less_over_more_il6(change, more, il6, other):
    low, high = sorted((il6, other))
    assert 0.0 <= steepness(change, high, P) <= steepness(change, low, P) <= steepness(change + more, low, P)


@pytest.mark.interpreted
def test_a_walker_that_always_turns_spreads_like_a_simple_random_walk():
    assert dispersal(60.0, 1.0) == pytest.approx(60.0 / 2)


@given(turning=st.floats(0.05, 1.0))
def test_directions_that_last_add_their_correlations_to_the_spread(turning):
    lags = range(1, 2000)
    per_hop = 0.5 * (1.0 + 2.0 * sum((1.0 - turning) ** lag for lag in lags))
    assert dispersal(1.0, turning) == pytest.approx(per_hop)


@pytest.mark.interpreted
def test_a_slow_cell_keeps_its_way_too():
    """At 0.5 um/min a site takes 20 minutes, half of a persistence time of 40."""
    assert turning_chance(0.5, SPACING, P._replace(persistence=40.0)) == pytest.approx(0.5)
    assert turning_chance(0.0, SPACING, P) == 1.0


@pytest.mark.interpreted
def test_t_cells_and_nk_cells_are_lymphocytes_and_no_other_kind_is():
    assert {kind for kind in CellKind if kind.type.numbers.is_lymphocyte} == {CellKind.CD8, CellKind.CD4, CellKind.NK}
