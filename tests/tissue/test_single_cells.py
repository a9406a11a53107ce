import numpy as np
import pytest

from abm.core.record import as_record
from abm.rules.cells import CellKind
from abm.rules.states import Phenotype
from abm.scenario.scenario import Scenario
from abm.tissue.section import alveolar_sheet
from abm.tissue.single_cells import cells_differ, look_at, single_cell
from tests.processes.tissues import NOBODY, changed, lay, put, put_cancer

BARE = Scenario(name="own", parameters=changed(NOBODY))
SIDE = 16  # sites


def ruled(signal, scenario=BARE, cell="dormant cancer cell", **values):
    values = {"raises": "awakening", "to": 0.1, "half": 0.5} | values
    return scenario.with_rule(cell, signal, **values)


def looked_at(scenario, y, x, phenotype=Phenotype.MESENCHYMAL, mobile=(), shared=0.0):
    """Both signals of each rule as a cancer cell on a site has them: float32[rules, 2]."""
    p = as_record(scenario.parameters)
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), p, room=40)
    tissue.signals[:] = shared
    cell = put_cancer(tissue, y, x, p)
    cell.phenotype = phenotype
    for kind, at_y, at_x in mobile:
        put(tissue, kind, at_y, at_x)
    single = single_cell(tissue, p)
    assert single.differs
    look_at(cell, single, p)
    return single.signals[:, :, 0, 0]


@pytest.mark.interpreted
@pytest.mark.parametrize(("phenotype", "value"), list(zip(Phenotype, (0.0, 0.5, 1.0), strict=True)))
def test_the_phenotype_of_a_cell_is_a_number_from_0_to_1(phenotype, value):
    assert looked_at(ruled("own phenotype"), 5, 5, phenotype).tolist() == [[value, 0.0]]


@pytest.mark.interpreted
def test_mobile_cells_on_the_site_and_the_eight_around_it_are_in_contact():
    mobile = [(CellKind.NK, 5, 5), (CellKind.NK, 6, 4), (CellKind.NK, 5, 7), (CellKind.NK, 7, 5), (CellKind.CD4, 5, 6)]
    both = ruled("contact with NK cell", ruled("contact with CD4 T cell"))
    assert looked_at(both, 5, 5, mobile=mobile)[:, 0].tolist() == [1.0, 2.0]
    assert looked_at(both, 0, 0, mobile=[(CellKind.CD4, 1, 1), (CellKind.CD4, 0, 2)])[:, 0].tolist() == [1.0, 0.0]


@pytest.mark.interpreted
def test_a_cell_has_all_other_signals_of_its_block():
    two = ruled("IL-6", and_="own phenotype", and_half=0.5)
    assert looked_at(two, 9, 2, Phenotype.EPITHELIAL, shared=0.25).tolist() == [[0.25, 1.0]]


@pytest.mark.interpreted
@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (BARE, False),
        (ruled("IL-6"), False),
        (ruled("own activation", cell="neutrophil", raises="loss"), False),
        (ruled("own phenotype", on=False), False),
        (ruled("own phenotype"), True),
        (ruled("IL-6", and_="contact with NK cell", and_half=1.0), True),
        (ruled("IL-6", raises="transition to mesenchymal"), True),
        (ruled("IL-6", cell="proliferating cancer cell", raises="transition to epithelial"), True),
    ],
)
def test_cells_are_looked_at_one_by_one_only_where_rules_tell_them_apart(scenario, expected):
    assert cells_differ(as_record(scenario.parameters)) == expected


def test_nothing_is_kept_for_single_cells_without_such_rules():
    p = as_record(ruled("IL-6").parameters)
    single = single_cell(lay(alveolar_sheet(SIDE, SIDE, 1), p), p)
    assert not single.differs
    assert single.signals.size == single.touching.size == 0
    assert np.all(single.layer < 0)
