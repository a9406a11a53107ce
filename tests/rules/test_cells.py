import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.core.quantity import declared, quantities
from abm.rules.cells import CellKind, CellNumbers, Cells, Secretion, secretes, secretion_rate, shares_with

P = Cells().resident_macrophage.secretion.il6
activations = st.floats(0.0, 1.0)


def test_titles_curves_and_colors_of_cell_types_are_their_own():
    for attribute in ("title", "curve", "plural", "color"):
        assert len({getattr(kind.type, attribute) for kind in CellKind}) == len(CellKind)


def test_a_cell_that_secretes_what_is_not_declared_is_refused():
    with pytest.raises(TypeError, match="il99: is not a declared substance; the declared ones are interferon, il6"):
        secretes(il99=Secretion(1.0))


def test_recruited_macrophages_secrete_as_resident_ones_and_others_as_themselves():
    cells = Cells()
    for kind in CellKind:
        expected = CellKind.RESIDENT_MACROPHAGE if kind == CellKind.RECRUITED_MACROPHAGE else kind
        assert shares_with(int(kind), cells) == expected == kind.shares_with


def test_numbers_of_a_cell_that_are_no_parameters_have_no_quantity():
    assert isinstance(CellKind.NK.type.numbers, CellNumbers)
    assert Cells().nk.is_lymphocyte == 1.0
    assert Cells().nk.phagocytosis == 0.0


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


def test_a_plain_number_of_a_type_is_marked_assumed_and_only_a_declared_one_has_a_source():
    found = {item.name: item.quantity for item in declared(Cells())}
    assert found["fibroblast.resting_density"].confidence == found["fibroblast.peak_influx"].confidence == "assumed"
    assert found["nk.resting_density"].confidence == "measured"
    assert quantities(CellNumbers)["resting_density"].source == "assumed"
