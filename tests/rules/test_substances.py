import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.core.lattice import BLOCK, PATCH
from abm.rules.substances import Substance, Substances, local_loss, lost_while_held, site_rise


@pytest.mark.interpreted
def test_a_nanogram_per_milliliter_of_il6_is_27_8_molecules_on_a_site():
    # 1e-12 g/mL / (21,700 g/mol / 6.022e23) x 1e-9 mL = 0.0278 molecules for a pg/mL.
    assert 1.0 / site_rise(1.0 / 3600.0, Substances().il6.molar_mass) == pytest.approx(27.8, rel=0.002)


@given(secretion=st.floats(0.0, 100.0), mass=st.floats(1e3, 1e5))
def test_the_rise_is_in_step_with_secretion_and_mass(secretion, mass):
    assert site_rise(2 * secretion, mass) == pytest.approx(2 * site_rise(secretion, mass))
    assert site_rise(secretion, 2 * mass) == pytest.approx(2 * site_rise(secretion, mass))
    assert site_rise(0.0, mass) == 0.0


def test_il6_reaches_some_hundred_micrometers():
    il6 = Substances().il6
    assert 95.0 < (il6.diffusion / il6.loss) ** 0.5 < 1040.0


@pytest.mark.parametrize("substance", list(Substance))
def test_each_substance_lies_on_a_grid_of_the_lattice_and_is_lost(substance):
    assert substance.type.side in (PATCH, BLOCK)
    assert Substances()[substance].loss > 0.0
    assert 0.0 < substance.type.scale[0] < substance.type.scale[1]


@pytest.mark.interpreted
def test_blocked_receptors_take_up_no_il6():
    q = Substances().il6
    assert local_loss(1.0, q) == q.loss
    assert local_loss(0.0, q) == pytest.approx(q.loss * (1.0 - q.receptor_uptake))


@pytest.mark.interpreted
def test_what_is_held_is_lost_unless_it_is_let_go_sooner():
    q = Substances().il6
    assert lost_while_held(0.0, q) == 1.0
    assert lost_while_held(q.complex_loss, q) == pytest.approx(0.5)
    assert lost_while_held(1e9, q) == pytest.approx(0.0, abs=1e-9)
