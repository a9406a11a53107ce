import numpy as np
import pytest

from abm.core.lattice import BLOCK
from abm.core.population import USED
from abm.processes.movement import move
from abm.rules.cells import CellKind
from abm.tissue.contacts import UNTOUCHED, Contacts, killer_contacts
from abm.tissue.section import alveolar_sheet
from abm.tissue.single_cells import single_cell
from abm.tissue.state import Tissue
from tests.processes.tissues import at, cd8_near, empty, lay, put, put_cd8_contacts

NOBODY = np.zeros((BLOCK, BLOCK), dtype=int)
P, LONG_AFTER = empty(), 1e6  # h
ALL = np.arange(16, dtype=np.int32)  # blocks of a sheet of 16 x 16 sites


def killers(tissue: Tissue, asked: np.ndarray = ALL, hour: float = LONG_AFTER) -> Contacts:
    """All contacts; by default so late that the NK cells are spent."""
    mobile, single = tissue.mobile[: tissue.mobile_rows[USED]], single_cell(tissue, P)
    return killer_contacts(asked, tissue.cancer_at, mobile, hour, single, P)


def contacts_of(tissue: Tissue, asked: np.ndarray = ALL) -> np.ndarray:
    """CD8 cells that touch each site with cancer cells, of all asked blocks; only touched ones have a place."""
    place, counts, *_ = killers(tissue, asked)
    assert sorted(place[place != UNTOUCHED]) == list(range(len(counts)))
    assert set(np.flatnonzero(place != UNTOUCHED)) <= set(asked)
    assert counts.any(axis=(1, 2)).all()
    return np.array([counts[place[block]] if place[block] != UNTOUCHED else NOBODY for block in asked])


def sheet(room: int) -> Tissue:
    """16 x 16 sites, with a cancer cell on each."""
    tissue = lay(alveolar_sheet(16, 16, 1), empty(), room=room)
    tissue.cancer_at[:] = 1
    return tissue


def by_blocks(sites: np.ndarray) -> np.ndarray:
    """Sites of a sheet sorted into its blocks."""
    return sites.reshape(4, BLOCK, 4, BLOCK).swapaxes(1, 2).reshape(16, BLOCK, BLOCK)


@pytest.mark.interpreted
@pytest.mark.parametrize(("y", "x"), [(0, 0), (3, 5), (4, 4), (6, 6), (15, 15), (11, 8), (0, 15), (12, 3)])
def test_a_cd8_cell_touches_its_site_and_the_eight_around_it(y, x):
    tissue = sheet(room=4)
    put(tissue, CellKind.CD8, y, x)
    expected = np.zeros((16, 16), dtype=int)
    expected[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2] = 1
    np.testing.assert_array_equal(contacts_of(tissue), by_blocks(expected))


@pytest.mark.interpreted
def test_a_site_without_a_cancer_cell_is_not_touched():
    tissue = sheet(room=4)
    put(tissue, CellKind.CD8, 4, 4)
    tissue.cancer_at[:4] = tissue.cancer_at[:, :4] = 0
    expected = np.zeros((16, 16), dtype=int)
    expected[4:6, 4:6] = 1
    np.testing.assert_array_equal(contacts_of(tissue), by_blocks(expected))


@pytest.mark.interpreted
def test_only_living_cd8_cells_are_counted_and_only_where_asked():
    tissue = sheet(room=60)
    for number in range(60):
        put(tissue, CellKind(number % len(CellKind)), number * 7 % 16, number * 5 % 16)
    tissue.mobile.alive[:30] = False
    expected = by_blocks(cd8_near(tissue))
    asked = np.array([1, 6, 11, 12], dtype=np.int32)
    assert expected[asked].any()
    np.testing.assert_array_equal(contacts_of(tissue, asked), expected[asked])
    assert contacts_of(tissue, asked[:0]).size == 0


def test_contacts_follow_cells_that_walk():
    p, tissue = empty(), sheet(room=20)
    for _ in range(20):
        put(tissue, CellKind.CD8, 8, 8)
    for tick in range(20):
        move(tissue, p, at(tick))
        np.testing.assert_array_equal(contacts_of(tissue), by_blocks(cd8_near(tissue)))


@pytest.mark.interpreted
def test_the_count_of_cd8_cells_near_a_site_does_not_run_over():
    tissue = sheet(room=300)
    for _ in range(300):
        put(tissue, CellKind.CD8, 2, 2)
    assert contacts_of(tissue)[0, 1, 3] == 300


@pytest.mark.parametrize("side", [8, 12, 16])
def test_cells_put_for_contacts_touch_every_site_just_as_often(side):
    tissue = lay(alveolar_sheet(side, side, 1), empty(), room=100)
    put_cd8_contacts(tissue, 2)
    assert (cd8_near(tissue) == 2).all()


@pytest.mark.interpreted
def test_fresh_nk_cells_and_trained_macrophages_add_up_their_hazards_and_no_others_do():
    tissue = sheet(room=40)
    for kind in CellKind:
        put(tissue, kind, 5, 5)
    put(tissue, CellKind.NK, 6, 6)
    put(tissue, CellKind.RESIDENT_MACROPHAGE, 6, 6).training = 0.5
    found = killers(tissue, hour=0.0)
    single, half = P.cytotoxicity.nk_proliferating_cancer, 0.5 * P.cytotoxicity.trained_arriving_cancer
    nk, trained = np.zeros((16, 16)), np.zeros((16, 16))
    nk[4:7, 4:7] += single
    nk[5:8, 5:8] += single
    trained[5:8, 5:8] += half
    for layer, expected in ((found.nk, nk), (found.trained, trained)):
        for block in ALL:
            here = layer[found.place[block]] if found.place[block] != UNTOUCHED else NOBODY
            np.testing.assert_allclose(here, by_blocks(expected)[block], rtol=1e-12)
