import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.cell_type import Secretion, secretes, secretion_rate
from abm.rules.cells import Cells

P = Cells().resident_macrophage.secretion.il6
activations = st.floats(0.0, 1.0)


def test_a_cell_that_secretes_what_is_not_declared_is_refused():
    with pytest.raises(TypeError, match="il99: is not a declared substance; the declared ones are interferon, il6"):
        secretes(il99=Secretion(1.0))


@pytest.mark.interpreted
def test_macrophages_secrete_at_rest_and_fully_at_full_activation():
    assert secretion_rate(True, 1.0, P) == P.at_rest
    assert secretion_rate(False, 0.0, P) == P.at_rest
    assert secretion_rate(False, 1.0, P) == pytest.approx(P.activated)


@pytest.mark.interpreted
@pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
def test_secretion_follows_a_power_of_the_activation(power):
    half = P.at_rest + (P.activated - P.at_rest) * 0.5**power
    assert secretion_rate(False, 0.5, P._replace(power=power)) == pytest.approx(half)


@given(activation=activations, other=activations, held_back=st.booleans())
def test_secretion_rises_with_activation(activation, other, held_back):
    low, high = sorted((activation, other))
    assert P.at_rest <= secretion_rate(held_back, low, P)
    assert secretion_rate(held_back, low, P) <= secretion_rate(held_back, high, P)
