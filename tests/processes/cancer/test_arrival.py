"""Cancer cells that arrive on a day."""

import numpy as np
import pytest

from abm.core.population import ALIVE
from abm.model.lung_model import LungModel
from abm.processes.cancer.arrival import arrive
from abm.processes.cancer.life import update_cancer
from abm.rules.cells import CellKind
from abm.rules.dormancy import arrival_loss_rate
from abm.rules.states import CancerState, EventKind
from abm.scenario.read import ScenarioError, read_scenario, write_scenario
from abm.scenario.scenario import Scenario
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT, Tissue
from abm.treatments.arrivals import CancerCellArrival
from tests.processes.tissues import (
    STEP,
    assert_books_balance,
    assert_share,
    at,
    chance_within,
    effects,
    empty,
    lay,
    put,
)

SIDE, MANY = 80, 400  # sites; cells
AREA = (SIDE * 10e-3) ** 2  # mm2
STILL = {"dormancy.spontaneous_awakening": 0.0, "dormancy.dormant_death": 0.0, "dormancy.settling_time": 48.0}
SEEDED = Scenario(width=800.0, height=800.0, duration=96.0, snapshots=(), treatments=(CancerCellArrival(25.5, 20.0),))


def arrived(seed: int = 1, **changes: float) -> tuple[Tissue, np.recarray, np.record]:
    """A sheet in which many cells have just arrived."""
    p = empty({**STILL, **changes})
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), p, room=2000)
    arrive(tissue, p, effects(arriving_cancer=MANY / AREA), at(0, seed))
    return tissue, tissue.cancer[:MANY], p


def run(tissue: Tissue, p: np.record, hours: float) -> None:
    for tick in range(1, round(hours / STEP) + 1):
        update_cancer(tissue, p, effects(), at(tick))


def test_each_cell_that_arrives_is_dormant_and_begins_a_clone():
    tissue, cells, _ = arrived()
    assert tissue.cancer_rows[ALIVE] == tissue.status[0].clones == MANY
    assert (cells.state == CancerState.DORMANT).all()
    assert sorted(cells.clone) == list(range(MANY))
    assert tissue.cancer_at.max() == 1
    assert (tissue.log.kind[:MANY] == EventKind.ARRIVAL).all()
    assert_books_balance(tissue, 1)


def test_interferon_keeps_cells_from_settling_and_does_nothing_to_settled_ones():
    tissue, cells, p = arrived(**{"dormancy.interferon_barrier": 0.02})
    tissue.fields.interferon[AMOUNT] = 1e6
    run(tissue, p, 30.0)
    rate = arrival_loss_rate(1.0, p.dormancy)
    assert_share(~cells.alive, chance_within(rate, 30.0))
    run(tissue, p, 18.0)
    settled = cells.alive.sum()
    for tick in range(1 + round(48.0 / STEP), round(96.0 / STEP)):
        update_cancer(tissue, p, effects(), at(tick))
    assert cells.alive.sum() == settled > 0
    arrive(tissue, p, effects(), at(tick + 1))
    assert tissue.status[0].unsettled_until == 0.0
    assert_books_balance(tissue, 1)


def test_without_interferon_and_killers_all_settle():
    tissue, cells, p = arrived()
    run(tissue, p, 60.0)
    assert cells.alive.all()


def test_trained_macrophages_kill_cells_that_have_not_settled():
    tissue, cells, p = arrived()
    for y in range(1, SIDE, 3):
        for x in range(1, SIDE, 3):
            put(tissue, CellKind.RESIDENT_MACROPHAGE, y, x).training = 1.0
    run(tissue, p, 0.5)
    touched = (cells.y < SIDE - 1) & (cells.x < SIDE - 1)
    assert_share(~cells.alive[touched], chance_within(p.cytotoxicity.trained_arriving_cancer, 0.5))
    assert (tissue.log.kind[MANY : int(tissue.status[0].events)] == EventKind.KILLED).all()


@pytest.fixture(scope="module")
def seeded() -> LungModel:
    """A run in which cells arrive after a day beside the founders."""
    model = LungModel(SEEDED, 3)
    model.run()
    return model


def test_counts_are_per_cell_seeded_so_far(seeded):
    series = seeded.result().series
    founders, come = int(SEEDED.parameters.dormancy.founders), round(0.64 * 20.0)
    assert seeded.tissue.status[0].clones == seeded.tissue.clones.size == founders + come
    assert series["cells_per_seeded"].max() < 1.2  # not 33 over the 20 founders
    assert series["cells_per_seeded"].iloc[-1] == pytest.approx(
        seeded.tissue.cancer_rows[ALIVE] / (founders + come), rel=1e-12
    )
    assert (seeded.events().kind == "arrival").sum() == come


def test_where_cells_arrive_does_not_depend_on_the_step():
    places = []
    for step in (STEP, STEP / 2):
        model = LungModel(Scenario(**{**_fields(SEEDED), "step": step}), 3)
        model.run(1.25)
        come = model.tissue.cancer[model.tissue.cancer.born > 0.0]
        places.append(sorted(zip(come.uid.tolist(), come.y.tolist(), come.x.tolist(), strict=True)))
    assert places[0] == places[1]
    assert len(places[0]) == 13


def test_a_run_without_them_goes_on_with_them_as_if_they_had_been_planned(seeded):
    model = LungModel(SEEDED.without_treatments(), 3)
    model.run(1.0)
    model.amend(SEEDED)
    model.run()
    assert model.digest() == seeded.digest()


def test_they_stand_in_a_scenario_file_and_arrive_before_its_end():
    assert read_scenario("x.toml", write_scenario(SEEDED)).treatments == SEEDED.treatments
    text = 'duration = "10 d"\n[[treatment]]\ntype = "cancer cells"\nstart = "12 d"\n'
    with pytest.raises(ScenarioError, match=r'start = "12 d".*after the end of the run'):
        read_scenario("x.toml", text)


def _fields(scenario: Scenario) -> dict:
    return {name: getattr(scenario, name) for name in scenario.__dataclass_fields__}
