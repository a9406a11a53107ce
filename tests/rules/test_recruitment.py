import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.cells import Cells
from abm.rules.recruitment import Recruitment, attraction, influx, loss_left_by_il6

P = Recruitment()
CELLS = Cells()._asdict()
concentrations = st.floats(0.0, 1e3)
KINDS = pytest.mark.parametrize("kind", CELLS.values(), ids=CELLS.keys())


@KINDS
@pytest.mark.interpreted
def test_resting_influx_makes_up_for_resting_loss(kind):
    assert influx(0.0, kind, P) == pytest.approx(kind.resting_density * kind.loss)


@KINDS
@pytest.mark.interpreted
def test_half_of_the_peak_influx_comes_at_half_ifn_gamma(kind):
    resting = influx(0.0, kind, P)
    assert influx(P.half_ifn_gamma, kind, P) == pytest.approx(resting + kind.peak_influx / 2)
    assert influx(1e9, kind, P) == pytest.approx(resting + kind.peak_influx)


@KINDS
@given(il6=concentrations, more=concentrations)
def test_influx_rises_with_inflammation(kind, il6, more):
    assert 0.0 <= influx(il6, kind, P) <= influx(il6 + more, kind, P)


@pytest.mark.interpreted
def test_il6_keeps_neutrophils_alive_and_none_keeps_nobody():
    assert loss_left_by_il6(0.0, P) == 1.0
    assert loss_left_by_il6(P.survival_half, P) == pytest.approx(1.0 - P.neutrophil_survival / 2)
    assert loss_left_by_il6(1e9, P) == pytest.approx(1.0 - P.neutrophil_survival)


@pytest.mark.interpreted
def test_a_door_without_il6_takes_who_does_not_choose():
    assert attraction(0.0, P) == pytest.approx(1.0 - P.homing)
    assert attraction(P.homing_half, P) == pytest.approx(1.0 - P.homing / 2)
    assert attraction(1e9, P) == pytest.approx(1.0)


@given(il6=concentrations, more=concentrations)
def test_attraction_is_a_chance_that_rises_with_il6(il6, more):
    assert 1.0 - P.homing - 1e-12 <= attraction(il6, P) <= attraction(il6 + more, P) <= 1.0 + 1e-12


def test_resting_lung_has_every_kind_but_recruited_macrophages():
    assert [name for name, kind in CELLS.items() if kind.resting_density == 0.0] == ["recruited_macrophage"]


def test_t_cells_come_from_the_lymph_node_and_not_by_inflammation():
    assert CELLS["cd8"].peak_influx == CELLS["cd4"].peak_influx == 0.0


@pytest.mark.interpreted
def test_vessels_attract_without_a_threshold():
    """Three times the half-attracting IL-6 accepts three quarters of those that choose (power 1)."""
    assert attraction(3.0 * P.homing_half, P) == pytest.approx(1.0 - 0.25 * P.homing)
