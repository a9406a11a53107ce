from abm.core.quantity import declared, quantities
from abm.rules.cell_type import CellNumbers
from abm.rules.cells import CellKind, Cells, shares_with
from abm.treatments.treatments import DEPLETABLE


def test_titles_curves_and_colors_of_cell_types_are_their_own():
    for attribute in ("title", "curve", "plural", "color"):
        assert len({getattr(kind.type, attribute) for kind in CellKind}) == len(CellKind)


def test_recruited_macrophages_secrete_as_resident_ones_and_others_as_themselves():
    cells = Cells()
    for kind in CellKind:
        expected = CellKind.RESIDENT_MACROPHAGE if kind == CellKind.RECRUITED_MACROPHAGE else kind
        assert shares_with(int(kind), cells) == expected == kind.shares_with


def test_numbers_of_a_cell_that_are_no_parameters_have_no_quantity():
    assert isinstance(CellKind.NK.type.numbers, CellNumbers)
    assert Cells().nk.is_lymphocyte == 1.0
    assert Cells().nk.phagocytosis == 0.0


def test_a_plain_number_of_a_type_is_marked_assumed_and_only_a_declared_one_has_a_source():
    found = {item.name: item.quantity for item in declared(Cells())}
    assert found["fibroblast.resting_density"].confidence == found["fibroblast.peak_influx"].confidence == "assumed"
    assert found["nk.resting_density"].confidence == "measured"
    assert quantities(CellNumbers)["resting_density"].source == "assumed"


def test_depletions_and_transfers_name_the_types_as_these_are_declared():
    assert list(DEPLETABLE) == ["macrophage", "neutrophil", "NK", "CD8", "CD4"]
    assert DEPLETABLE["macrophage"] == (CellKind.RESIDENT_MACROPHAGE, CellKind.RECRUITED_MACROPHAGE)
    assert {kind for kinds in DEPLETABLE.values() for kind in kinds} == set(CellKind) - {CellKind.FIBROBLAST}
