import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from abm.core.lattice import BLOCK
from abm.core.quantity import replaced
from abm.core.record import as_record
from abm.model.initial_state import lay_out
from abm.rules.parameters import Parameters
from abm.rules.states import EpithelialState, EpithelialType, SiteKind
from abm.tissue.census import mean_amount
from abm.tissue.section import alveolar_sheet, lung_section, section_of_kinds
from abm.tissue.state import Niche
from tests.processes.tissues import (
    STEP,
    assert_books_balance,
    assert_flags_are_true,
    digest,
    empty,
    inhabited,
    lay,
    one_cell_a_site,
)

ROOT = Path(__file__).resolve().parents[2]
CROWDED = """
from abm.model.initial_state import lay_out
from abm.tissue.section import alveolar_sheet
from tests.processes.tissues import STEP, TURNOVERS, inhabited
changes = {f"cells.{kind}.resting_density": 200.0 for kind in TURNOVERS}
tissue = lay_out(alveolar_sheet(100, 100, 1), inhabited(changes), 1, STEP)
print(tissue.mobile_rows[0], tissue.mobile.size)
"""


@pytest.mark.parametrize("section", [alveolar_sheet(8, 8, 1), lung_section(80, 100, 2), one_cell_a_site(12, 8)])
def test_a_fresh_tissue_is_healthy_whole_and_counted(section):
    p = inhabited()
    tissue = lay_out(section, p, 3, STEP)
    assert (tissue.states == EpithelialState.HEALTHY).all()
    assert (tissue.niche[Niche.INTEGRITY] == 1.0).all()
    assert not tissue.virus.any()
    assert not tissue.fields.interferon.any()
    assert tissue.status[0].events == tissue.status[0].proliferating == 0
    assert_flags_are_true(tissue, p)
    assert_books_balance(tissue, 1)
    columns = section.kind.shape[1]
    np.testing.assert_array_equal(
        section.cell_of_site[tissue.epithelium.y, tissue.epithelium.x], np.arange(len(section.cell_type))
    )
    assert (np.diff(tissue.site_start) == section.size).all()
    assert (tissue.epithelium.cell_type == section.cell_type).all()
    assert tissue.blocks.at2.any() == (section.cell_type == EpithelialType.AT2).any()
    np.testing.assert_array_equal(tissue.blocks.at2_alive, tissue.blocks.at2)
    assert tissue.fields.il6.shape[1:] == (section.kind.shape[0] // BLOCK, columns // BLOCK)


def test_a_cell_stands_on_the_own_site_nearest_to_its_middle():
    section = alveolar_sheet(16, 16, 4)
    tissue = lay(section, empty())
    for index in range(len(section.cell_type)):
        own = np.argwhere(section.cell_of_site == index)
        distance = np.hypot(*(own - own.mean(axis=0)).T)
        here = np.hypot(*(np.array([tissue.epithelium[index].y, tissue.epithelium[index].x]) - own.mean(axis=0)))
        assert here == pytest.approx(distance.min())


def test_the_same_seed_lays_out_the_same_tissue_and_another_another():
    section = alveolar_sheet(40, 40, 1)
    assert digest(lay_out(section, inhabited(), 3, STEP)) == digest(lay_out(section, inhabited(), 3, STEP))
    assert digest(lay_out(section, inhabited(), 3, STEP)) != digest(lay_out(section, inhabited(), 4, STEP))


def test_founders_and_resting_cells_do_not_depend_on_each_other():
    section = alveolar_sheet(40, 40, 1)
    alone = lay_out(section, inhabited({"dormancy.founders": 0.0}), 3, STEP)
    together = lay_out(section, inhabited(), 3, STEP)
    np.testing.assert_array_equal(alone.mobile, together.mobile)
    few = lay_out(section, inhabited({"dormancy.founders": 5.0}), 3, STEP)
    fields = ["uid", "y", "x", "next_event_at"]
    np.testing.assert_array_equal(few.cancer[fields][:5], together.cancer[fields][:5])


def test_il6_is_at_rest_at_day_zero_whatever_the_step():
    section = alveolar_sheet(80, 80, 1)
    means = [mean_amount(lay_out(section, inhabited(), 3, step).fields.il6) for step in (1 / 60, STEP, 0.5)]
    np.testing.assert_allclose(means, means[0], rtol=1e-4)
    tissue = lay_out(section, inhabited(), 3, STEP)
    assert mean_amount(tissue.fields.il6) > 0.0
    assert tissue.node[0].inflammation == 0.0


def test_every_resting_cell_finds_room_at_the_highest_density():
    # In a process of its own: compiled code does not notice a write behind the end of an array.
    result = subprocess.run([sys.executable, "-c", CROWDED], cwd=ROOT, capture_output=True, text=True, check=True)
    used, room = map(int, result.stdout.split())
    assert used <= room
    assert used > 1200


def test_a_section_with_air_and_vessels_only_beside_one_cell_is_laid_out():
    kinds = np.full((8, 8), SiteKind.AIRWAY, dtype=np.uint8)
    kinds[4, 4] = SiteKind.BRONCHIOLE
    kinds[:4] = SiteKind.VESSEL
    tissue = lay(section_of_kinds(kinds, 1), empty({"dormancy.founders": 1.0}))
    cell = tissue.cancer[0]
    assert (cell.y, cell.x) == (4, 4)
    assert tissue.epithelium.size == 1


def test_more_founders_than_sites_are_refused():
    p = as_record(replaced(Parameters(), "dormancy.founders", 100.0))
    with pytest.raises(ValueError, match=r"dormancy\.founders = 100 cells: the section has room for 64"):
        lay_out(alveolar_sheet(8, 8, 1), p, 1, STEP)
