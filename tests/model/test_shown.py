import numpy as np
import pytest

from abm.model.lung_model import LungModel
from abm.rules.cells import CellKind
from abm.rules.states import CancerState
from abm.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def model() -> LungModel:
    """A small infected section on day 1, with a treatment to come."""
    scenario = Scenario(name="small", title="Small & short", layout="sheet", width=400.0, height=400.0)
    scenario = scenario.with_duration("4 days").with_infection(time="0 days", dose=50)
    model = LungModel(scenario.with_treatment("anti-IL-6", drug="MP5-20F3", start="3 days"), seed=3)
    model.run(days=2)
    return model


def test_a_model_shows_what_is_simulated_and_how_far_it_is(model):
    lines = repr(model).splitlines()
    assert lines[0] == 'LungModel of "small": Small & short'
    assert lines[1] == "├── seed: 3"
    assert lines[2] == "├── time: day 2 of 4, in steps of 10 min"
    assert lines[3].startswith("├── section: sheet, 0.4 mm x 0.4 mm")
    assert "MP5-20F3" in lines[-1]
    assert str(model) == repr(model)


def test_a_model_shows_the_numbers_of_its_cells(model):
    tissue, shown = model.tissue, repr(model)
    cancer, mobile = tissue.cancer[tissue.cancer.alive], tissue.mobile[tissue.mobile.alive]
    assert f"cancer cells: {cancer.size:,}" in shown
    assert f"dormant: {(cancer.state == CancerState.DORMANT).sum():,}" in shown
    assert f"mobile cells: {mobile.size:,}" in shown
    counts = np.bincount(mobile.kind, minlength=len(CellKind))
    assert f"fibroblast: {counts[CellKind.FIBROBLAST]:,}" in shown
    infected = model.reading().census["epithelium"][0, 2:4].sum()
    assert infected > 0
    assert f"of which {infected:,} infected" in shown


def test_a_notebook_shows_the_tree_of_a_model(model):
    assert "Small &amp; short" in model._repr_html_()
    assert "<details" in model._repr_html_()


def test_showing_a_model_does_not_change_it(model):
    before = model.digest()
    repr(model)
    assert model.digest() == before


def test_a_subclass_shows_its_name_also_before_it_is_laid_out():
    class Mine(LungModel):
        pass

    assert repr(Mine.__new__(Mine)) == "Mine: not laid out"
    assert repr(Mine(Scenario(width=200.0, height=200.0))).startswith('Mine of "unnamed"')


def test_a_model_that_is_let_go_is_still_shown():
    model = LungModel(Scenario(width=200.0, height=200.0))
    model.close()
    assert "day 0 of 28" in repr(model)
