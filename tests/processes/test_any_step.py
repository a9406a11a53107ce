"""No law knows the step: in a tissue that stands still the same cells do the same at any step, bit for bit."""

import math

import numpy as np
import pytest
from scipy import stats

from abm.processes.epithelium import kill_infected
from abm.processes.immune import act
from abm.processes.lymph_node import travel
from abm.processes.movement import move
from abm.processes.recruitment import recruit
from abm.processes.virus import spread_virions
from abm.rules.adaptive import STAGES
from abm.rules.cells import CellKind
from abm.rules.states import EpithelialState
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT, Tissue
from tests.processes.tissues import (
    SIGMAS,
    at,
    effects,
    empty,
    inhabited,
    lay,
    one_cell_a_site,
    put,
    put_everywhere,
    set_epithelium,
)

SIDE = 48
HOUR_PARTS = (2, 6, 60)  # steps in an hour: half an hour, ten minutes, one minute
HUNTERS = {
    CellKind.CD8: EpithelialState.EXPRESSING,
    CellKind.NK: EpithelialState.EXPRESSING,
    CellKind.NEUTROPHIL: EpithelialState.DEAD,
    CellKind.RECRUITED_MACROPHAGE: EpithelialState.DEAD,
}


def scattered(kind: CellKind, share: float) -> tuple[Tissue, np.record]:
    """Cells of a kind everywhere on a sheet on which one cell wide targets are scattered, and IL-6 rises to a side."""
    p = empty(
        {
            "matrix.collagen_start": 0.0,
            "cells.resident_macrophage.phagocytosis": 0.0,
            "cells.neutrophil.phagocytosis": 0.0,
        }
    )
    tissue = lay(one_cell_a_site(SIDE, SIDE), p, room=SIDE**2)
    targets = np.flatnonzero(np.random.default_rng(1).random(SIDE**2) < share)
    set_epithelium(tissue, HUNTERS[kind], targets)
    tissue.fields.il6[AMOUNT] = np.linspace(0.0, 5.0, SIDE // 4, dtype=np.float32)
    put_everywhere(tissue, kind)
    return tissue, p


def walked(kind: CellKind, parts: int, hours: int = 2) -> np.ndarray:
    tissue, p = scattered(kind, 0.1)
    for tick in range(hours * parts):
        move(tissue, p, at(tick, step=1.0 / parts))
    return np.column_stack([tissue.mobile[name].astype(np.int64) for name in ("y", "x", "heading", "hops", "under")])


@pytest.mark.parametrize("kind", list(HUNTERS))
def test_cells_walk_the_same_way_at_any_step(kind):
    coarse, fine = walked(kind, 6), walked(kind, 60)
    same = (coarse == fine).all(axis=1)
    assert same.mean() > 0.999  # all but those whose last hop ends with the last step, but for rounding
    assert np.unique(coarse[:, 3]).size > 3  # held on targets for different times
    np.testing.assert_array_equal(walked(kind, 2)[same], coarse[same])


@pytest.mark.parametrize("kind", list(HUNTERS))
def test_a_cell_stays_on_its_targets_as_long_as_its_speed_there_says_at_any_step(kind):
    """In the long run the time per site goes as one over the pace there, so nobody jumps over a target."""
    share = 0.1
    for parts in HOUR_PARTS:
        tissue, p = scattered(kind, share)
        tissue.fields.il6[AMOUNT] = 0.0
        aim, seen = HUNTERS[kind], []
        actual = float(np.mean(tissue.states == aim))
        for tick in range(12 * parts):
            move(tissue, p, at(tick, step=1.0 / parts))
            if (tick + 1) % parts == 0 and tick >= 4 * parts:
                seen.append(np.mean(tissue.states[tissue.mobile.under] == aim))
        slow = 1.0 / p.motility.confinement
        expected = actual * slow / (actual * slow + 1.0 - actual)
        error = SIGMAS * math.sqrt(expected * (1.0 - expected) / SIDE**2)
        assert abs(np.mean(seen) - expected) < error + 0.03, (parts, np.mean(seen), expected)


@pytest.mark.interpreted
def test_a_cell_that_is_held_for_good_never_leaves_its_target():
    p = empty({"motility.confinement": 0.0, "matrix.collagen_start": 0.0})
    tissue = lay(one_cell_a_site(8, 8), p, room=4)
    set_epithelium(tissue, EpithelialState.EXPRESSING)
    cell = put(tissue, CellKind.CD8, 4, 4)
    cell.progress = 1.0
    for tick in range(12):
        move(tissue, p, at(tick))
    assert (cell.y, cell.x, cell.hops, cell.progress) == (4, 4, 0, 1.0)


def test_the_same_cells_are_killed_and_eaten_at_any_step():
    killed, eaten = [], []
    for parts in HOUR_PARTS:
        tissue, p = scattered(CellKind.CD8, 0.3)
        for tick in range(5 * parts):
            kill_infected(tissue, p, at(tick, step=1.0 / parts))
        killed.append(tissue.states == EpithelialState.APOPTOTIC)
        tissue, p = scattered(CellKind.NEUTROPHIL, 0.3)
        p.cells[CellKind.NEUTROPHIL].phagocytosis = 0.1
        for tick in range(5 * parts):
            act(tissue, p, at(tick, step=1.0 / parts))
        eaten.append(tissue.states == EpithelialState.DENUDED)
    for found in (killed, eaten):
        assert found[0].sum() > 20
        assert all(np.array_equal(found[0], other) for other in found[1:])


def test_the_same_cells_arrive_at_any_step():
    arrived = []
    for parts in HOUR_PARTS:
        p = inhabited()
        tissue = lay(alveolar_sheet(80, 80, 1), p, room=4000)
        tissue.node.inflammation, tissue.node.arriving = 12.0, 0.01
        for tick in range(8 * parts):
            recruit(tissue, p, effects(), at(tick, step=1.0 / parts))
        cells = tissue.mobile[tissue.mobile.alive]
        arrived.append({(int(cell.uid), int(cell.kind), int(cell.y), int(cell.x)) for cell in cells})
    assert len(arrived[0]) > 30
    assert arrived[0] == arrived[1] == arrived[2]


def test_arms_in_which_different_numbers_arrived_meet_the_same_chance_again_in_the_next_hour():
    arrived = []
    for extra in (0.0, 5.0):
        p = inhabited()
        tissue = lay(alveolar_sheet(80, 80, 1), p, room=4000)
        for tick in range(12):
            tissue.node.inflammation = 12.0 + (extra if tick < 6 else 0.0)
            recruit(tissue, p, effects(), at(tick))
        cells = tissue.mobile[tissue.mobile.alive]
        arrived.append({int(cell.uid) for cell in cells if cell.born >= 1.0 - 1e-9})
    assert arrived[0] == arrived[1]


@pytest.mark.parametrize("step", [1 / 60, 1 / 6, 0.5, 1.0])
def test_responders_leave_the_lymph_node_at_erlang_times_at_any_step(step):
    stages, left = np.zeros(STAGES), []
    stages[0] = 1.0  # all of them at once, now
    for _ in range(round(150.0 / step)):
        left.append(travel(stages, 0.0, 96.0, step))
    law = stats.gamma(STAGES, scale=96.0 / STAGES)
    hours = (np.arange(len(left)) + 1) * step
    np.testing.assert_allclose(np.cumsum(left), law.cdf(hours), atol=1e-9)


def test_a_trace_of_virus_that_arrives_is_not_taken_for_the_end_of_an_infection():
    """At short steps each arrival is less than the trace below which a section has none."""
    totals = []
    for parts in (6, 60):
        p = empty()
        tissue = lay(alveolar_sheet(80, 80, 1), p)
        for tick in range(parts):
            spread_virions(tissue, p, effects(inoculum=0.06 / parts), at(tick, step=1.0 / parts))
        totals.append(float(tissue.virus[AMOUNT].sum()))
    assert p.epithelium.extinction > 0.06 / 60 * 0.64
    assert totals[1] == pytest.approx(totals[0], rel=0.05)
    assert totals[1] > 0.02
