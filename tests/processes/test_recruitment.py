import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from abm.core.lattice import BLOCK
from abm.core.population import ALIVE, USED
from abm.model.lung_model import LungModel
from abm.processes.immune import AGGREGATE, leave
from abm.processes.recruitment import recruit
from abm.rules.cells import CellKind
from abm.rules.recruitment import attraction, influx
from abm.rules.states import SiteKind
from abm.scenario.scenario import Scenario
from abm.tissue.section import alveolar_sheet, section_of_kinds
from abm.tissue.state import AMOUNT, Niche, Tissue
from abm.treatments.treatments import Infection, Transfer
from tests.processes.tissues import (
    SIGMAS,
    STEP,
    assert_books_balance,
    assert_count,
    assert_share,
    at,
    chance_within,
    changed,
    effects,
    empty,
    inhabited,
    lay,
    of_kind,
    put,
)

AREA = 0.16  # mm2, 40 x 40 sites
DAYS_OF_STEPS = 144
ROOT = Path(__file__).resolve().parents[2]
TRANSFER_OF_MANY = """
from abm import LungModel
from abm.treatments.treatments import Transfer
from abm.scenario.scenario import Scenario
transfer = Transfer("CD8", density=500.0)
model = LungModel(Scenario(width={side}, height={side}, treatments=(transfer,), snapshots=()), seed=1)
model.step()
cells = model.tissue.mobile
print(model.tissue.mobile_rows[0], cells.size, (cells.alive & (cells.kind == 4)).sum())
"""


def counted(tissue: Tissue) -> np.ndarray:
    """Living cells of each kind, int64[KINDS]."""
    return np.bincount(tissue.mobile.kind[tissue.mobile.alive], minlength=len(CellKind))


@pytest.mark.slow
def test_densities_of_resting_lung_stand_still_for_twenty_days():
    seeds, p = 24, inhabited()
    total = np.zeros(len(CellKind))
    for seed in range(seeds):
        tissue = lay(alveolar_sheet(40, 40, 1), p, seed)
        for tick in range(0, 20 * DAYS_OF_STEPS, 3):
            recruit(tissue, p, effects(), at(tick, seed, 3 * STEP))
            leave(tissue, p, effects(), at(tick, seed, 3 * STEP))
        total += counted(tissue)
    for kind in CellKind:
        expected = seeds * AREA * p.cells[kind].resting_density
        assert abs(total[kind] - expected) <= SIGMAS * math.sqrt(expected), kind.name


def test_resting_cells_are_scattered_with_their_densities():
    p, seeds = inhabited(), 40
    total = sum(counted(lay(alveolar_sheet(40, 40, 1), p, seed)) for seed in range(seeds))
    for kind in CellKind:
        assert_count(total[kind], seeds * AREA * p.cells[kind].resting_density + 1e-12)


def test_resting_cells_are_as_old_as_their_stay_has_it():
    p = inhabited()
    tissue = lay(alveolar_sheet(200, 200, 1), p)
    mobile = tissue.mobile[tissue.mobile.alive]
    for kind in (CellKind.NEUTROPHIL, CellKind.NK):
        ages = -mobile.born[mobile.kind == kind] * p.cells[kind].loss
        assert_share(ages > 1.0, math.exp(-1.0))


@pytest.mark.parametrize("kind", list(CellKind))
@pytest.mark.parametrize("inflammation", [0.0, 2.0, 1e6])
def test_each_kind_arrives_by_its_influx_law(kind, inflammation):
    p = inhabited()
    tissue = lay(alveolar_sheet(40, 40, 1), p, room=8000)
    tissue.node.inflammation = inflammation
    ticks = 2000
    others = 1.0 - of_kind(kind, 1.0)
    for tick in range(ticks):
        recruit(tissue, p, effects(influx_left=1.0 - others), at(tick))
    expected = AREA * ticks * STEP * influx(inflammation, p.cells[kind], p.recruitment)
    assert_count(counted(tissue)[kind], expected + 1e-12)
    assert counted(tissue).sum() == counted(tissue)[kind]


@pytest.mark.parametrize("kind", [CellKind.CD8, CellKind.CD4])
def test_t_cells_of_the_lymph_node_arrive_in_the_declared_number(kind):
    p = empty()
    tissue = lay(alveolar_sheet(40, 40, 1), p, room=4000)
    tissue.node[0].arriving = 0.1  # of a full response an hour
    for tick in range(600):
        recruit(tissue, p, effects(), at(tick))
    output = p.cells[kind].node_output
    assert_count(counted(tissue)[kind], AREA * 0.1 * 100.0 * output)
    memory = tissue.mobile.memory[tissue.mobile.alive & (tissue.mobile.kind == kind)]
    assert_share(memory, p.recruitment.memory_share)


def test_cells_of_resting_lung_are_no_memory_cells():
    p = inhabited()
    tissue = lay(alveolar_sheet(40, 40, 1), p, room=4000)
    for tick in range(6000):
        recruit(tissue, p, effects(), at(tick))
    assert counted(tissue)[CellKind.CD8] > 0
    assert not tissue.mobile.memory.any()


def test_depletion_holds_back_arrivals_of_its_kind_and_leaves_the_others():
    p = inhabited()
    numbers = []
    for left in (1.0, 0.2, 0.0):
        tissue = lay(alveolar_sheet(40, 40, 1), p, room=8000)
        tissue.node.inflammation = 1e6
        for tick in range(3000):
            recruit(tissue, p, effects(influx_left=of_kind(CellKind.NEUTROPHIL, left, 1.0)), at(tick))
        numbers.append(counted(tissue))
    assert numbers[2][CellKind.NEUTROPHIL] == 0
    assert_count(numbers[1][CellKind.NEUTROPHIL], 0.2 * numbers[0][CellKind.NEUTROPHIL])
    for number in numbers[1:]:
        np.testing.assert_array_equal(
            np.delete(number, CellKind.NEUTROPHIL), np.delete(numbers[0], CellKind.NEUTROPHIL)
        )


def arrivals(inflammation: float, il6: float, transfer: float = 0.0) -> dict[int, set[int]]:
    """Identities of all that arrive in two days, by kind."""
    p = inhabited()
    tissue = lay(alveolar_sheet(40, 40, 1), p, room=4000)
    tissue.node.inflammation = inflammation
    tissue.fields.il6[AMOUNT] = il6
    for tick in range(288):
        recruit(tissue, p, effects(transfer=of_kind(CellKind.CD8, transfer)), at(tick))
    cells = tissue.mobile[tissue.mobile.alive]
    return {int(kind): set(cells.uid[cells.kind == kind].tolist()) for kind in CellKind}


def test_twins_get_the_same_cells_where_their_rates_are_the_same():
    assert arrivals(1.0, 0.0) == arrivals(1.0, 5.0)
    plain, more = arrivals(1.0, 0.0), arrivals(1.0, 0.0, transfer=1.0)
    assert len(more[CellKind.CD8]) > len(plain[CellKind.CD8])
    assert all(plain[kind] == more[kind] for kind in plain if kind != CellKind.CD8)


def test_a_twin_that_is_more_inflamed_gets_the_same_cells_and_some_more():
    calm, inflamed = arrivals(4.0, 0.0), arrivals(12.0, 0.0)
    assert all(calm[kind] <= inflamed[kind] for kind in calm)
    assert len(inflamed[CellKind.NEUTROPHIL]) > len(calm[CellKind.NEUTROPHIL])


def test_arriving_cells_prefer_doors_with_more_il6_by_their_attraction():
    p = empty()
    tissue = lay(alveolar_sheet(40, 40, 1), p, room=4000)
    tissue.fields.il6[AMOUNT, :, :5] = 4.0
    recruit(tissue, p, effects(transfer=of_kind(CellKind.NEUTROPHIL, 500.0)), at(0))
    for tick in range(1, 30):
        recruit(tissue, p, effects(transfer=of_kind(CellKind.NEUTROPHIL, 500.0)), at(tick))
    cells = tissue.mobile[tissue.mobile.alive]
    here, there = attraction(4.0, p.recruitment), attraction(0.0, p.recruitment)
    missed = (1.0 - (here + there) / 2) ** 8  # nowhere taken: the last door is as good as any
    assert_share(cells.x < 20, (1 - missed) * here / (here + there) + missed / 2)


def test_cells_arrive_only_at_doors():
    kinds = np.full((8, 8), SiteKind.SEPTUM, dtype=np.uint8)
    kinds[:4] = SiteKind.AIRWAY
    kinds[6, 3] = kinds[7, 7] = SiteKind.VESSEL
    p = empty()
    tissue = lay(section_of_kinds(kinds, 1), p, room=4000)
    for tick in range(200):
        recruit(tissue, p, effects(transfer=of_kind(CellKind.NK, 500.0)), at(tick))
    cells = tissue.mobile[tissue.mobile.alive]
    assert set(zip(cells.y.tolist(), cells.x.tolist(), strict=True)) == {(6, 3), (7, 7)}


def test_resting_cells_stand_anywhere_but_in_the_air():
    kinds = np.full((40, 40), SiteKind.SEPTUM, dtype=np.uint8)
    kinds[:, :20] = SiteKind.AIRWAY
    tissue = lay(section_of_kinds(kinds, 1), inhabited())
    cells = tissue.mobile[tissue.mobile.alive]
    assert cells.size > 0
    assert (cells.x >= 20).all()


def one_in_each_block(kind: CellKind) -> tuple[Tissue, np.record]:
    """1,600 cells of a kind, far enough apart to be no aggregate."""
    p = empty()
    tissue = lay(alveolar_sheet(40 * BLOCK, 40 * BLOCK, 1), p, room=1600)
    for y, x in np.ndindex(tissue.blocks.shape):
        put(tissue, kind, y * BLOCK, x * BLOCK)
    return tissue, p


@pytest.mark.parametrize("kind", list(CellKind))
def test_each_kind_is_lost_at_its_rate(kind):
    tissue, p = one_in_each_block(kind)
    loss = p.cells[kind].loss
    ticks = round(0.7 / loss / STEP)
    for tick in range(ticks):
        leave(tissue, p, effects(), at(tick))
    assert_share(~tissue.mobile.alive, chance_within(loss, ticks * STEP))
    assert tissue.mobile_rows[ALIVE] == tissue.mobile.alive.sum()


def lost_in_ten_hours(
    kind: CellKind, changes: dict[str, object], **treated: np.ndarray
) -> tuple[np.ndarray, np.record]:
    """Which of 1,600 cells with these fields are lost within 10 h."""
    tissue, p = one_in_each_block(kind)
    for name, value in changes.items():
        tissue.mobile[name] = value
    for tick in range(60):
        leave(tissue, p, effects(**treated), at(tick))
    return ~tissue.mobile.alive, p


@pytest.mark.parametrize("activation", [0.25, 1.0])
def test_recruited_macrophages_stay_while_they_are_alarmed(activation):
    tissue, p = one_in_each_block(CellKind.RECRUITED_MACROPHAGE)
    tissue.mobile.activation = activation
    for tick in range(360):
        leave(tissue, p, effects(), at(tick))
    rate = p.cells[CellKind.RECRUITED_MACROPHAGE].loss * (1.0 - activation)
    assert_share(~tissue.mobile.alive, chance_within(rate, 60.0))


@pytest.mark.parametrize("receptor_left", [1.0, 0.0])
def test_neutrophils_live_longer_where_they_feel_il6(receptor_left):
    tissue, p = one_in_each_block(CellKind.NEUTROPHIL)
    tissue.fields.il6[AMOUNT] = p.recruitment.survival_half
    for tick in range(60):
        leave(tissue, p, effects(receptor_left=receptor_left), at(tick))
    left = 1.0 - 0.5 * p.recruitment.neutrophil_survival * receptor_left
    assert_share(~tissue.mobile.alive, chance_within(left * p.cells[CellKind.NEUTROPHIL].loss, 10.0))


def test_memory_cells_live_by_their_own_life():
    lost, p = lost_in_ten_hours(CellKind.CD8, {"memory": True})
    assert_share(lost, chance_within(1 / p.recruitment.memory_life, 10.0))


def test_cd4_cells_stay_beside_awake_cancer_cells():
    tissue, p = one_in_each_block(CellKind.CD4)
    tissue.niche[Niche.PROLIFERATING] = 1.0
    for tick in range(300):
        leave(tissue, p, effects(), at(tick))
    assert_share(~tissue.mobile.alive, chance_within(p.cells[CellKind.CD4].loss * p.recruitment.cd4_survival, 50.0))


@pytest.mark.parametrize("number", [AGGREGATE - 1, 16])
def test_cd4_cells_stay_in_aggregates(number):
    p = empty()
    tissue = lay(alveolar_sheet(80, 80, 1), p, room=6400)
    for y, x in np.ndindex(tissue.blocks.shape):
        for site in range(number):
            put(tissue, CellKind.CD4, y * BLOCK + site // BLOCK, x * BLOCK + site % BLOCK)
    assert (tissue.niche[Niche.CD4] == number).all()
    for tick in range(60):
        leave(tissue, p, effects(), at(tick))
    survival = p.recruitment.cd4_survival if number >= AGGREGATE else 1.0
    gone = ~tissue.mobile.alive[: 400 * number]
    assert_share(gone, chance_within(p.cells[CellKind.CD4].loss * survival, 10.0))
    assert_books_balance(tissue, 1)


def test_alarmed_resident_macrophages_die_sooner():
    lost, p = lost_in_ten_hours(CellKind.RESIDENT_MACROPHAGE, {"activation": 0.5})
    rate = p.cells[CellKind.RESIDENT_MACROPHAGE].loss + 0.5 * p.recruitment.macrophage_death
    assert_share(lost, chance_within(rate, 10.0))


def test_depletion_removes_its_kind_at_its_rate_and_no_other():
    removal = of_kind(CellKind.NK, 0.05)
    lost, p = lost_in_ten_hours(CellKind.NK, {}, removal=removal)
    assert_share(lost, chance_within(p.cells[CellKind.NK].loss + 0.05, 10.0))
    spared, p = lost_in_ten_hours(CellKind.CD8, {}, removal=removal)
    assert_share(spared, chance_within(p.cells[CellKind.CD8].loss, 10.0))


@pytest.mark.slow
@pytest.mark.parametrize("side", [1000.0, 2000.0])
def test_every_cell_of_the_largest_transfer_arrives_and_finds_room(side):
    # In a process of its own: compiled code does not notice a write behind the end of an array.
    code = TRANSFER_OF_MANY.format(side=side)
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    used, room, cd8 = map(int, result.stdout.split())
    assert used <= room
    assert_count(cd8, (500.0 + changed().cells.cd8.resting_density) * (side / 1000.0) ** 2)


def test_identity_never_repeats_in_a_run():
    treatments = tuple(Transfer(name, hour / 6, 200.0) for name in ("NK", "CD8", "CD4") for hour in range(5))
    scenario = Scenario(
        width=400.0, height=400.0, infections=(Infection(dose=300.0),), treatments=treatments, snapshots=()
    )
    model = LungModel(scenario, 3)
    born: dict[int, tuple[str, float]] = {}
    for _ in range(288):
        for name in ("mobile", "cancer"):
            cells = getattr(model.tissue, name)
            for cell in cells[cells.alive]:
                assert born.setdefault(int(cell.uid), (name, float(cell.born))) == (name, float(cell.born))
        model.step()
    assert len(born) > 300
    assert model.tissue.mobile_rows[USED] < len(born)  # rows were used again
