"""Strides of walking cells against the walk hop by hop that they stand for."""

import numpy as np
import pytest
from scipy import stats

from abm.core.lattice import SPACING
from abm.model.multirate import slow_step_before
from abm.processes.movement import WORTH, move
from abm.rules.cells import CellKind
from abm.rules.motility import dispersal, guided_share, turning_chance
from abm.rules.states import SiteKind
from abm.tissue.section import alveolar_sheet, section_of_kinds
from abm.tissue.state import AMOUNT, Tissue
from tests.processes.tissues import RARE, SIGMAS, STEP, at, empty, lay, put

AN_HOUR = 6  # steps
WALKERS, MIDDLE = 1500, 120


def walkers(kind: CellKind, side: int = 2 * MIDDLE) -> tuple[Tissue, np.recarray, np.record]:
    """Many cells in the middle of a wide sheet."""
    p = empty({"matrix.collagen_start": 0.0})
    tissue = lay(alveolar_sheet(side, side, 1), p, room=WALKERS)
    for _ in range(WALKERS):
        put(tissue, kind, side // 2, side // 2)
    tissue.mobile.heading = np.arange(WALKERS) % 4
    return tissue, tissue.mobile, p


def stride(tissue: Tissue, p: np.record, hour: int) -> None:
    """One hour in one go."""
    move(tissue, p, slow_step_before(at(AN_HOUR * (hour + 1)), AN_HOUR))


def places(cells: np.recarray, middle: int = MIDDLE) -> np.ndarray:
    return np.column_stack([cells.y, cells.x]).astype(float) - middle


@pytest.mark.parametrize("kind", [CellKind.NEUTROPHIL, CellKind.RECRUITED_MACROPHAGE, CellKind.NK])
def test_in_the_long_run_strides_lead_as_far_as_the_walk_hop_by_hop(kind):
    hours, squared = 8, []
    for by_strides in (True, False):
        tissue, cells, p = walkers(kind)
        for hour in range(hours):
            if by_strides:
                stride(tissue, p, hour)
            for tick in () if by_strides else range(AN_HOUR * hour, AN_HOUR * (hour + 1)):
                move(tissue, p, at(tick))
        squared.append((places(cells) ** 2).sum(axis=1))
    strides, walk = squared
    error = SIGMAS * np.hypot(strides.std(), walk.std()) / np.sqrt(WALKERS)
    start = 2.0 / turning_chance(p.cells[kind].speed, SPACING, p.motility) ** 2  # how the walk lags
    assert abs(strides.mean() - walk.mean()) <= error + start
    speed = p.cells[kind].speed * 60.0 * hours / SPACING
    law = 2.0 * dispersal(speed, turning_chance(p.cells[kind].speed, SPACING, p.motility))
    assert abs(strides.mean() - law) <= SIGMAS * strides.std() / np.sqrt(WALKERS)


def test_strides_spread_evenly_to_all_sides_like_the_normal_law():
    tissue, cells, p = walkers(CellKind.NEUTROPHIL)
    stride(tissue, p, 0)
    wide = np.sqrt(dispersal(60.0, turning_chance(p.cells[CellKind.NEUTROPHIL].speed, SPACING, p.motility)))
    spread = np.random.default_rng(1).random((WALKERS, 2)) - 0.5  # within a site
    for axis in (0, 1):
        assert stats.kstest((places(cells) + spread)[:, axis] / wide, "norm").pvalue > RARE
    assert abs(np.corrcoef(places(cells).T)[0, 1]) <= SIGMAS / np.sqrt(WALKERS)


@pytest.mark.parametrize(("axis", "sign"), [(0, 1), (0, -1), (1, 1), (1, -1)])
def test_strides_drift_up_the_il6_gradient_by_the_law_of_guidance(axis, sign):
    tissue, cells, p = walkers(CellKind.NEUTROPHIL)
    profile = 1e9 * np.exp(sign * 0.02 * np.arange(2 * MIDDLE // 4))
    tissue.fields.il6[AMOUNT] = profile[:, None] if axis == 0 else profile[None, :]
    stride(tissue, p, 0)
    expected = np.zeros(2)
    expected[axis] = sign * 60.0 * guided_share(2 * np.sinh(0.02), p.motility)
    moved = places(cells)
    error = SIGMAS * moved.std(axis=0) / np.sqrt(WALKERS)
    assert expected[axis] * sign > 3 * error[axis]
    assert (np.abs(moved.mean(axis=0) - expected) <= error + 0.01 * abs(expected)).all()


def test_a_section_with_an_airway_stays_evenly_filled_and_nobody_stands_in_it():
    kinds = np.full((40, 40), SiteKind.SEPTUM, dtype=np.uint8)
    kinds[12:24, 16:32] = SiteKind.AIRWAY
    p = empty()
    tissue = lay(section_of_kinds(kinds, 1), p, room=4000)
    free = np.flatnonzero(kinds.ravel() != SiteKind.AIRWAY)
    for site in np.tile(free, 2):
        put(tissue, CellKind.NEUTROPHIL, int(site // 40), int(site % 40))
    for hour in range(8):
        stride(tissue, p, hour)
    cells = tissue.mobile[tissue.mobile.alive]
    assert (kinds[cells.y, cells.x] != SiteKind.AIRWAY).all()
    found = np.histogram2d(cells.y, cells.x, bins=10, range=[[0, 40], [0, 40]])[0]
    room = 2.0 * (kinds.reshape(10, 4, 10, 4) != SiteKind.AIRWAY).sum(axis=(1, 3))
    assert stats.chisquare(found[room > 0], room[room > 0]).pvalue > RARE


def test_hops_that_are_put_off_are_made_later():
    tissue, cells, p = walkers(CellKind.FIBROBLAST, 48)
    cells.progress = 0.0
    stride(tissue, p, 0)
    assert not places(cells, 24).any()
    rate = p.cells[CellKind.FIBROBLAST].speed * 60.0 / SPACING
    assert 1.0 <= rate < WORTH
    np.testing.assert_allclose(cells.progress, rate)
    for hour in range(1, 10):
        stride(tissue, p, hour)
    squared = (places(cells, 24) ** 2).sum(axis=1)
    assert abs(squared.mean() - (10 * rate - cells.progress.mean())) <= SIGMAS * squared.std() / np.sqrt(WALKERS)


@pytest.mark.interpreted
def test_a_stride_is_the_same_whoever_walks_beside():
    ends = []
    for company in (0, 30):
        tissue = lay(alveolar_sheet(16, 16, 1), empty(), room=40)
        for _ in range(1 + company):
            put(tissue, CellKind.NEUTROPHIL, 8, 8)
        for hour in range(3):
            stride(tissue, empty(), hour)
        ends.append((int(tissue.mobile.y[0]), int(tissue.mobile.x[0])))
    assert ends[0] == ends[1]


def test_a_stride_that_is_cut_short_is_walked_hop_by_hop():
    cut, walked = (walkers(CellKind.NEUTROPHIL, 48) for _ in range(2))
    move(cut[0], cut[2], slow_step_before(at(1), 1))
    move(walked[0], walked[2], at(0, step=STEP))
    np.testing.assert_array_equal(places(cut[1]), places(walked[1]))
