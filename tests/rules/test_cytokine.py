import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.cytokine import IFN_MASS_G_PER_MOL, IL6_MASS_G_PER_MOL, Cytokine, macrophage_secretion, site_rise

P = Cytokine()
alarms = st.floats(0.0, 1.0)


@pytest.mark.interpreted
def test_a_nanogram_per_milliliter_of_il6_is_27_8_molecules_on_a_site():
    # 1e-12 g/mL / (21,700 g/mol / 6.022e23) x 1e-9 mL = 0.0278 molecules for a pg/mL.
    assert 1.0 / site_rise(1.0 / 3600.0, IL6_MASS_G_PER_MOL) == pytest.approx(27.8, rel=0.002)


@given(secretion=st.floats(0.0, 100.0), mass=st.floats(1e3, 1e5))
def test_the_rise_is_in_step_with_secretion_and_mass(secretion, mass):
    assert site_rise(2 * secretion, mass) == pytest.approx(2 * site_rise(secretion, mass))
    assert site_rise(secretion, 2 * mass) == pytest.approx(2 * site_rise(secretion, mass))
    assert site_rise(0.0, IFN_MASS_G_PER_MOL) == 0.0


@pytest.mark.interpreted
def test_macrophages_secrete_at_rest_and_fully_under_full_alarm():
    assert macrophage_secretion(False, 1.0, P) == P.resting_macrophage_secretion
    assert macrophage_secretion(True, 0.0, P) == P.resting_macrophage_secretion
    assert macrophage_secretion(True, 1.0, P) == pytest.approx(P.activated_macrophage_secretion)


@pytest.mark.interpreted
@pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
def test_the_il6_of_a_macrophage_follows_a_power_of_its_alarm(power):
    p = P._replace(alarm_power=power)
    more = p.activated_macrophage_secretion - p.resting_macrophage_secretion
    half_alarmed = p.resting_macrophage_secretion + more * 0.5**power
    assert macrophage_secretion(True, 0.5, p) == pytest.approx(half_alarmed)


@given(activation=alarms, other=alarms, activated=st.booleans())
def test_secretion_rises_with_alarm(activation, other, activated):
    low, high = sorted((activation, other))
    assert P.resting_macrophage_secretion <= macrophage_secretion(activated, low, P)
    assert macrophage_secretion(activated, low, P) <= macrophage_secretion(activated, high, P)


def test_il6_reaches_some_hundred_micrometers():
    assert 95.0 < (P.diffusion / P.loss) ** 0.5 < 1040.0
