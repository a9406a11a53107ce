import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.core.clock import DAY, begins
from abm.core.lattice import BLOCK
from abm.core.population import ALIVE, FREE, USED, release_row
from abm.model.agents import MobileCell
from abm.model.lung_model import LungModel
from abm.rules.cells import CellKind
from abm.tissue.cell_order import sort_by_place
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import Tissue
from tests.processes.tissues import STEP, assert_books_balance, at, digest, empty, lay, put

SIDE = 24


def crowd(seed: int, dead: float) -> Tissue:
    """Cells of all types anywhere, a share of which has died."""
    rng = np.random.default_rng(seed)
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), empty(), room=80)
    for _ in range(60):
        kind, y, x = rng.integers((len(CellKind), SIDE, SIDE))
        put(tissue, CellKind(kind), int(y), int(x)).activation = rng.random()
    for row in np.flatnonzero(rng.random(60) < dead).tolist():
        tissue.mobile[row].alive = False
        release_row(row, tissue.mobile_rows)
    return tissue


@pytest.mark.interpreted
@settings(max_examples=15)
@given(seed=st.integers(0, 2**31), dead=st.floats(0.0, 1.0))
def test_the_living_stand_in_order_of_their_blocks_and_nothing_else_changes(seed, dead):
    tissue = crowd(seed, dead)
    before = tissue.mobile[tissue.mobile.alive].copy()
    sort_by_place(tissue)
    after = tissue.mobile[tissue.mobile.alive]
    blocks = after.y // BLOCK * tissue.blocks.shape[1] + after.x // BLOCK
    assert (np.diff(blocks) >= 0).all()
    np.testing.assert_array_equal(np.sort(after, order="uid"), np.sort(before, order="uid"))
    assert tissue.mobile.alive[: after.size].all()
    assert (tissue.mobile_rows[USED], tissue.mobile_rows[FREE], tissue.mobile_rows[ALIVE]) == (
        after.size,
        0,
        after.size,
    )
    once = digest(tissue)
    sort_by_place(tissue)
    assert digest(tissue) == once


def test_days_begin_every_24_hours_at_any_step():
    for step in (STEP, STEP / 2, 1.0, 0.7):
        days = [tick * step for tick in range(round(200 / step)) if begins(DAY, at(tick, step=step))]
        assert len(days) == 9  # day 0 too
        np.testing.assert_allclose(days, 24.0 * np.arange(9), atol=0.999 * step)


def test_a_run_is_tidied_once_a_day_and_where_it_stops_changes_nothing(infected):
    whole, stopped = LungModel(infected, seed=2), LungModel(infected, seed=2)
    whole.run(days=3)
    for hours in (23, 1, 1 / 6, 23, 5, 10):
        stopped.run(days=hours / 24)
    stopped.run_until(whole.tick)
    assert stopped.digest() == whole.digest()
    mobile = whole.tissue.mobile[: whole.tissue.mobile_rows[USED]]
    assert mobile.alive.all()
    assert (np.diff(mobile.y // BLOCK) >= 0).all()
    assert_books_balance(whole.tissue, int(infected.parameters.dormancy.site_capacity))


def test_an_agent_goes_with_its_cell_to_another_row(infected):
    model = LungModel(infected, seed=2)
    model.run(days=0.9)
    rows = {agent.uid: agent.row for agent in model.agents_by_type[MobileCell]}
    model.run(days=0.2)
    agents = list(model.agents_by_type[MobileCell])
    assert any(agent.row != rows.get(agent.uid, agent.row) for agent in agents)
    assert all(agent.cell.uid == agent.uid for agent in agents)


def test_an_agent_that_is_kept_shows_its_own_cell_on_the_next_day(infected):
    model = LungModel(infected, seed=2)
    model.run(days=0.9)
    kept = list(model.agents_by_type[MobileCell])
    model.run(days=0.2)
    alive = set(model.tissue.mobile.uid[model.tissue.mobile.alive].tolist())
    same = [agent for agent in kept if agent.uid in alive]
    assert len(same) > 3
    assert all(agent.cell.uid == agent.uid for agent in same)
