import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.core.lattice import BLOCK, SPACING
from abm.core.record import as_record
from abm.processes.movement import move
from abm.processes.signals import read_signals
from abm.rules.cells import CellKind
from abm.rules.motility import guided_share, turning_chance
from abm.rules.states import EpithelialState, SiteKind
from abm.scenario.scenario import Scenario
from abm.tissue.section import alveolar_sheet, section_of_kinds
from abm.tissue.state import AMOUNT, Niche, Tissue
from abm.treatments.effects_by_step import no_treatment
from tests.processes.tissues import (
    SIGMAS,
    STEP,
    assert_share,
    at,
    digest,
    empty,
    lay,
    one_cell_a_site,
    put,
    put_everywhere,
    set_epithelium,
)

WALKERS = 3000
MIDDLE = 60
LYMPHOCYTES = (CellKind.NK, CellKind.CD8, CellKind.CD4)


def one_hop(kind: CellKind, p: np.record) -> float:
    """A step [h] in which a free cell of this kind makes one hop."""
    return SPACING / (p.cells[kind].speed * 60.0)


def walkers(kind: CellKind) -> tuple[Tissue, np.recarray, np.record]:
    """Many cells in the middle of a wide sheet, without a common heading."""
    p = empty({"matrix.collagen_start": 0.0})
    tissue = lay(alveolar_sheet(2 * MIDDLE, 2 * MIDDLE, 1), p, room=WALKERS)
    for _ in range(WALKERS):
        put(tissue, kind, MIDDLE, MIDDLE)
    tissue.mobile.heading = np.arange(WALKERS) % 4
    return tissue, tissue.mobile, p


def away(cells: np.recarray) -> np.ndarray:
    """How far cells are from the middle, float64[cells, 2] (down, right) in sites."""
    return np.column_stack([cells.y, cells.x]).astype(float) - MIDDLE


def squared_reach(hops: int, turning: float) -> float:
    """Mean squared displacement [sites^2] of a walk that goes straight on unless it turns to any of the four sides."""
    straight = 1.0 - turning
    if straight == 1.0:
        return float(hops**2)
    steady = hops * (1 + straight) / (1 - straight)
    return steady - 2 * straight * (1 - straight**hops) / (1 - straight) ** 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", [CellKind.RESIDENT_MACROPHAGE, CellKind.NEUTROPHIL, CellKind.CD8])
@pytest.mark.parametrize("hops", [1, 4, 30])
def test_the_reach_of_an_unguided_cell_grows_as_that_of_a_persistent_walk(kind, hops):
    tissue, cells, p = walkers(kind)
    move(tissue, p, at(1, step=hops * one_hop(kind, p)))
    squared = (away(cells) ** 2).sum(axis=1)
    expected = squared_reach(hops, turning_chance(p.cells[kind].speed, SPACING, p.motility))
    assert abs(squared.mean() - expected) <= SIGMAS * squared.std() / np.sqrt(WALKERS) + 1e-9


def test_persistence_lasts_over_steps():
    tissue, cells, p = walkers(CellKind.NEUTROPHIL)
    for tick in range(1, 31):
        move(tissue, p, at(tick, step=one_hop(CellKind.NEUTROPHIL, p)))
    squared = (away(cells) ** 2).sum(axis=1)
    expected = squared_reach(30, turning_chance(p.cells[CellKind.NEUTROPHIL].speed, SPACING, p.motility))
    assert abs(squared.mean() - expected) <= SIGMAS * squared.std() / np.sqrt(WALKERS)


def test_the_number_of_hops_has_the_mean_of_the_speed_at_any_step():
    for share in (0.3, 0.75):
        tissue, cells, p = walkers(CellKind.CD4)
        move(tissue, p, at(1, step=share * one_hop(CellKind.CD4, p)))
        assert_share(np.abs(away(cells)).sum(axis=1) == 1, share)


@pytest.mark.parametrize("kind", [CellKind.NEUTROPHIL, CellKind.CD8])
def test_a_cell_that_has_just_arrived_favors_no_direction(kind):
    p = empty()
    tissue = lay(alveolar_sheet(2 * MIDDLE, 2 * MIDDLE, 1), p, room=WALKERS)
    for _ in range(WALKERS):
        put(tissue, kind, MIDDLE, MIDDLE)
    move(tissue, p, at(1, step=6 * one_hop(kind, p)))
    moved = away(tissue.mobile)
    assert (np.abs(moved.mean(axis=0)) <= SIGMAS * moved.std(axis=0) / np.sqrt(WALKERS)).all(), moved.mean(axis=0)


@pytest.mark.parametrize(("axis", "sign"), [(0, 1), (0, -1), (1, 1), (1, -1)])
def test_cells_drift_up_the_il6_gradient_by_the_law_of_their_guidance(axis, sign):
    tissue, cells, p = walkers(CellKind.CD8)
    profile = 1e9 * np.exp(sign * 0.05 * np.arange(2 * MIDDLE // BLOCK))
    tissue.fields.il6[AMOUNT] = profile[:, None] if axis == 0 else profile[None, :]
    hops = 10
    move(tissue, p, at(1, step=hops * one_hop(CellKind.CD8, p)))
    guided = guided_share(2 * np.sinh(0.05), p.motility)
    straight = 1.0 - turning_chance(p.cells[CellKind.CD8].speed, SPACING, p.motility)
    expected = np.zeros(2)
    expected[axis] = sign * sum(guided * (1 - straight**hop) for hop in range(1, hops + 1))
    moved = away(cells)
    error = SIGMAS * moved.std(axis=0) / np.sqrt(WALKERS)
    assert expected[axis] * sign > 3 * error[axis]
    assert (np.abs(moved.mean(axis=0) - expected) <= error).all(), (moved.mean(axis=0), expected)


def attracted(**profiles: np.ndarray) -> tuple[np.ndarray, np.record]:
    """Where CD8 cells that IL-10 attracts by a rule are after ten hops, between these fields by substance [ng/mL]."""
    scenario = Scenario().with_rule(
        "CD8 T cell", "IL-10", raises="attraction to IL-10", to=0.4, half="1 ng/mL", form="threshold"
    )
    p = as_record(scenario.with_parameters({"matrix.collagen_start": 0.0}).parameters)
    tissue = lay(alveolar_sheet(2 * MIDDLE, 2 * MIDDLE, 1), p, room=WALKERS)
    for _ in range(WALKERS):
        put(tissue, CellKind.CD8, MIDDLE, MIDDLE)
    tissue.mobile.heading = np.arange(WALKERS) % 4
    for field in tissue.fields:
        field[:] = 0.0
    for name, profile in profiles.items():
        getattr(tissue.fields, name)[AMOUNT] = profile
    read_signals(tissue, p, no_treatment(1)[0], at(1, step=STEP))
    move(tissue, p, at(1, step=10 * one_hop(CellKind.CD8, p)))
    return away(tissue.mobile), p


@pytest.mark.parametrize(("axis", "sign"), [(0, 1), (1, -1)])
def test_a_substance_that_attracts_by_a_rule_guides_as_il6_does(axis, sign):
    profile = 1e9 * np.exp(sign * 0.05 * np.arange(2 * MIDDLE // BLOCK))
    moved, p = attracted(il10=profile[:, None] if axis == 0 else profile[None, :])
    guided = 0.4 / p.motility.bias * guided_share(2 * np.sinh(0.05), p.motility)
    straight = 1.0 - turning_chance(p.cells[CellKind.CD8].speed, SPACING, p.motility)
    expected = np.zeros(2)
    expected[axis] = sign * sum(guided * (1 - straight**hop) for hop in range(1, 11))
    error = SIGMAS * moved.std(axis=0) / np.sqrt(WALKERS)
    assert expected[axis] * sign > 3 * error[axis]
    assert (np.abs(moved.mean(axis=0) - expected) <= error).all(), (moved.mean(axis=0), expected)


def test_two_substances_that_attract_to_opposite_sides_cancel():
    up = (1e9 * np.exp(0.05 * np.arange(2 * MIDDLE // BLOCK)))[:, None]
    moved, p = attracted(il10=up, il6=up[::-1])
    assert p.motility.bias == 0.4  # as strong as the rule makes IL-10
    assert (np.abs(moved.mean(axis=0)) <= SIGMAS * moved.std(axis=0) / np.sqrt(WALKERS)).all(), moved.mean(axis=0)


def test_where_il6_is_flat_or_absent_nobody_drifts():
    for level in (0.0, 5.0):
        tissue, cells, p = walkers(CellKind.CD8)
        tissue.fields.il6[AMOUNT] = level
        move(tissue, p, at(1, step=10 * one_hop(CellKind.CD8, p)))
        moved = away(cells)
        assert (np.abs(moved.mean(axis=0)) <= SIGMAS * moved.std(axis=0) / np.sqrt(WALKERS)).all()


def moved_share(kind: CellKind, state: EpithelialState, awake: int, collagen: float) -> tuple[np.ndarray, np.record]:
    """Which cells inside a sheet leave their site in the time of one free hop."""
    p = empty({"matrix.collagen_start": 0.0})
    tissue = lay(one_cell_a_site(60, 60), p, room=3600)
    set_epithelium(tissue, state)
    tissue.niche[Niche.PROLIFERATING] = awake
    tissue.niche[Niche.COLLAGEN] = collagen
    cells = put_everywhere(tissue, kind)
    cells.heading = np.arange(3600) % 4
    before = cells.copy()
    move(tissue, p, at(1, step=one_hop(kind, p)))
    inner = (before.y % 59 > 0) & (before.x % 59 > 0)
    return ((before.y != cells.y) | (before.x != cells.x))[inner], p


HELD = {
    EpithelialState.HEALTHY: (),
    EpithelialState.ECLIPSE: (),
    EpithelialState.EXPRESSING: (CellKind.NK, CellKind.CD8),
    EpithelialState.DEAD: (CellKind.RESIDENT_MACROPHAGE, CellKind.RECRUITED_MACROPHAGE, CellKind.NEUTROPHIL),
    EpithelialState.DENUDED: (),
}


@pytest.mark.parametrize("kind", list(CellKind))
@pytest.mark.parametrize("state", list(HELD))
def test_a_cell_is_held_on_its_target_and_nowhere_else(kind, state):
    moved, p = moved_share(kind, state, 0, 0.0)
    assert_share(moved, p.motility.confinement if kind in HELD[state] else 1.0)


@pytest.mark.parametrize("kind", list(CellKind))
def test_lymphocytes_are_held_beside_awake_cancer_cells(kind):
    moved, p = moved_share(kind, EpithelialState.HEALTHY, 1, 0.0)
    assert_share(moved, p.motility.confinement if kind in LYMPHOCYTES else 1.0)


@pytest.mark.parametrize("kind", list(CellKind))
@pytest.mark.parametrize("collagen", [0.5, 1.0])
def test_collagen_slows_lymphocytes_only(kind, collagen):
    moved, p = moved_share(kind, EpithelialState.HEALTHY, 0, collagen)
    assert_share(moved, 1.0 - p.motility.collagen_drag * collagen if kind in LYMPHOCYTES else 1.0)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**31), holes=st.lists(st.integers(0, 255), max_size=120))
def test_nobody_leaves_the_section_or_walks_on_air(seed, holes):
    kinds = np.full((16, 16), SiteKind.SEPTUM, dtype=np.uint8)
    kinds.flat[holes] = SiteKind.AIRWAY
    p = empty()
    tissue = lay(section_of_kinds(kinds, 1), p, room=300)
    for site in np.flatnonzero(kinds != SiteKind.AIRWAY):
        put(tissue, list(CellKind)[site % len(CellKind)], int(site // 16), int(site % 16))
    tissue.fields.il6[AMOUNT] = np.arange(16.0).reshape(4, 4)
    for tick in range(20):
        move(tissue, p, at(tick, seed, 0.5))
        cells = tissue.mobile[tissue.mobile.alive]
        assert cells.y.min() >= 0
        assert cells.x.min() >= 0
        assert cells.y.max() < 16
        assert cells.x.max() < 16
        assert (kinds[cells.y, cells.x] == SiteKind.SEPTUM).all()


def test_a_closed_section_stays_evenly_filled():
    p = empty()
    tissue = lay(alveolar_sheet(16, 16, 1), p, room=1024)
    for _ in range(4):
        put_everywhere(tissue, CellKind.CD8)
    for tick in range(100):
        move(tissue, p, at(tick))
    rim = (np.minimum(tissue.mobile.y, 15 - tissue.mobile.y) == 0) | (
        np.minimum(tissue.mobile.x, 15 - tissue.mobile.x) == 0
    )
    assert abs(rim.mean() - 60 / 256) < 0.06


@pytest.mark.interpreted
def test_a_walk_is_the_same_whoever_walks_beside():
    p = empty()
    places = []
    for company in (0, 50):
        tissue = lay(alveolar_sheet(16, 16, 1), p, room=60)
        put(tissue, CellKind.CD8, 8, 8)
        for _ in range(company):
            put(tissue, CellKind.CD8, 3, 3)
        for tick in range(20):
            move(tissue, p, at(tick))
        places.append((int(tissue.mobile.y[0]), int(tissue.mobile.x[0])))
    assert places[0] == places[1]


def test_a_cell_without_speed_stays():
    p = empty({"cells.fibroblast.speed": 0.0})
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=4)
    put(tissue, CellKind.FIBROBLAST, 3, 3)
    before = digest(tissue)
    move(tissue, p, at(1, step=STEP))
    assert digest(tissue) == before
