import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from abm.core.record import as_record
from abm.model.initial_state import offsets_within
from abm.model.lung_model import LungModel
from abm.processes.cancer.life import update_cancer
from abm.rules.states import CancerState, Cause, EventKind, SiteKind
from abm.scenario.scenario import Scenario
from abm.tissue.cancer_index import free_site_near, stands_on
from abm.tissue.section import alveolar_sheet, section_of_kinds
from abm.tissue.state import Tissue
from abm.treatments.treatments import Infection
from tests.processes.tissues import (
    RARE,
    SIGMAS,
    STEP,
    assert_books_balance,
    assert_flags_are_true,
    assert_share,
    at,
    chance_within,
    changed,
    effects,
    empty,
    lay,
    put_cancer,
    put_cancer_everywhere,
    waits_of,
)

AWAKE_FOR_GOOD = {
    "dormancy.return_rate": 0.0,
    "dormancy.proliferating_death": 0.0,
    "dormancy.migration_speed": 0.0,
    "dormancy.cycling_without_signal": 1.0,
}
FINE = 0.05  # h


def logged(tissue: Tissue, kind: EventKind) -> np.ndarray:
    """Events of one kind, oldest first."""
    log = tissue.log[: int(tissue.status[0].events)]
    return log[log.kind == kind]


@pytest.fixture(scope="module")
def divided() -> tuple[Tissue, np.record]:
    """400 cells, awake from hour 0 at full speed, after their first division and most of the second."""
    p = empty({**AWAKE_FOR_GOOD, "dormancy.site_capacity": 4.0, "dormancy.push_reach": 100.0})
    tissue = lay(alveolar_sheet(40, 40, 1), p, room=6000)
    for site in range(0, 1600, 4):
        put_cancer(tissue, site // 40, site % 40, p, awake=True)
    for tick in range(1, round(2.2 * p.dormancy.cycle_time / FINE)):
        update_cancer(tissue, p, effects(), at(tick, step=FINE))
    return tissue, p


def test_the_first_cycle_takes_an_erlang_time(divided):
    tissue, p = divided
    births = logged(tissue, EventKind.BIRTH)
    founders = set(range(1_000_000, 1_000_400))
    first: dict[int, float] = {}
    for birth in births:
        first.setdefault(int(birth.parent), float(birth.hour))
    times = np.array([hour for parent, hour in first.items() if parent in founders]) - FINE / 2
    shape = int(p.dormancy.cycle_shape)
    assert times.size == 400
    assert stats.kstest(times, stats.gamma(shape, scale=p.dormancy.cycle_time / shape).cdf).pvalue > RARE


def test_mother_and_daughter_both_go_on_cycling(divided):
    tissue, p = divided
    births = logged(tissue, EventKind.BIRTH)
    again: dict[int, list[float]] = {}
    for birth in births:
        again.setdefault(int(birth.parent), []).append(float(birth.hour))
        again.setdefault(int(birth.uid), []).append(float(birth.hour))
    seconds = [hours[1] - hours[0] for hours in again.values() if len(hours) > 1]
    daughters = set(births.uid.tolist())
    assert sum(uid in daughters and len(hours) > 1 for uid, hours in again.items()) > 200
    assert np.median(seconds) < 1.3 * p.dormancy.cycle_time


def test_daughters_are_born_awake_in_the_clone_beside_their_mother(divided):
    tissue, p = divided
    births = logged(tissue, EventKind.BIRTH)
    cells = {int(cell.uid): cell for cell in tissue.cancer[tissue.cancer.alive]}
    assert len(cells) == 400 + births.size
    for birth in births:
        daughter, mother = cells[int(birth.uid)], cells[int(birth.parent)]
        assert daughter.parent == mother.uid
        assert daughter.clone == mother.clone == birth.clone
        assert daughter.cause == Cause.BORN_AWAKE
        assert daughter.state == CancerState.PROLIFERATING
        assert daughter.born == birth.hour
        assert math.hypot(daughter.y - mother.y, daughter.x - mother.x) * 10.0 <= p.dormancy.push_reach
    assert_books_balance(tissue, int(p.dormancy.site_capacity))


def test_clones_are_seen_as_lesions_once_when_they_reach_the_size():
    p = empty({**AWAKE_FOR_GOOD, "dormancy.lesion_size": 6.0})
    tissue = lay(alveolar_sheet(40, 40, 1), p, room=4000)
    for site in (0, 820, 1599):
        put_cancer(tissue, site // 40, site % 40, p, awake=True)
    for tick in range(1, round(4 * p.dormancy.cycle_time / STEP)):
        before = tissue.clones.cells[:3].copy()
        update_cancer(tissue, p, effects(), at(tick))
        reached = (before < 6) & (tissue.clones.cells[:3] >= 6)
        new = logged(tissue, EventKind.LESION_DETECTED)
        assert sorted(new.clone[new.hour == tick * STEP]) == np.flatnonzero(reached).tolist()
    assert sorted(logged(tissue, EventKind.LESION_DETECTED).clone) == [0, 1, 2]


def test_a_clone_grows_a_thousandfold_in_twelve_days_at_full_signal():
    p = empty({**AWAKE_FOR_GOOD, "dormancy.migration_speed": changed().dormancy.migration_speed})
    tissue = lay(alveolar_sheet(80, 80, 1), p, room=40_000)
    put_cancer(tissue, 40, 40, p, awake=True)
    for tick in range(1, 12 * 144):
        update_cancer(tissue, p, effects(), at(tick))
    assert tissue.clones.cells[0] > 1000
    assert_books_balance(tissue, int(p.dormancy.site_capacity))


@settings(max_examples=60)
@given(data=st.data())
def test_a_daughter_takes_the_nearest_site_with_room(data):
    seed = data.draw(st.integers(0, 2**31))
    rng = np.random.Generator(np.random.Philox(seed))
    kinds = rng.choice(np.array(list(SiteKind), dtype=np.uint8), (16, 16), p=[0.5, 0.1, 0.15, 0.15, 0.1])
    y, x = data.draw(st.integers(0, 15)), data.draw(st.integers(0, 15))
    kinds[y, x] = SiteKind.SEPTUM
    capacity = data.draw(st.integers(1, 4))
    p = empty({"dormancy.push_reach": data.draw(st.sampled_from([10.0, 25.0, 60.0, 120.0]))})
    tissue = lay(section_of_kinds(kinds, 1), p, room=4)
    cell = put_cancer(tissue, y, x, p)
    crowded = data.draw(st.sampled_from([0.3, 0.9, 0.99, 1.0]))
    tissue.cancer_at[:] = np.where(rng.random((16, 16)) < crowded, capacity, capacity - 1)
    site = free_site_near(cell, tissue.kind, tissue.offsets, tissue.cancer_at, capacity, seed)
    away = np.hypot(*(np.mgrid[:16, :16] - np.array([y, x])[:, None, None])) * 10.0
    stands = (kinds != SiteKind.AIRWAY) & (kinds != SiteKind.VESSEL)
    room = stands & (tissue.cancer_at < capacity) & (away <= p.dormancy.push_reach)
    if not room.any():
        assert site == -1
    else:
        assert room.flat[site]
        assert away.flat[site] == away[room].min()


def test_daughters_favor_no_side():
    p = empty()
    tissue = lay(alveolar_sheet(20, 20, 1), p, room=4)
    cell = put_cancer(tissue, 10, 10, p)
    tissue.cancer_at[10, 10] = 4
    sites = [free_site_near(cell, tissue.kind, tissue.offsets, tissue.cancer_at, 4, seed) for seed in range(4000)]
    number, counts = np.unique(sites, return_counts=True)
    assert number.size == 4
    assert stats.chisquare(counts).pvalue > RARE


def test_offsets_are_all_sites_within_reach_by_rising_distance():
    for reach in (10.0, 35.0, 100.0):
        offsets = offsets_within(reach)
        distance = np.hypot(offsets[:, 0], offsets[:, 1]) * 10.0
        assert (np.diff(distance) >= 0.0).all()
        assert tuple(offsets[0]) == (0, 0)
        around = np.mgrid[-12:13, -12:13].reshape(2, -1).T
        expected = {tuple(step) for step in around if np.hypot(*step) * 10.0 <= reach}
        assert {tuple(step) for step in offsets} == expected
        assert len(offsets) == len(expected)


def test_crowding_stops_division_until_there_is_room():
    p = empty({**AWAKE_FOR_GOOD, "dormancy.site_capacity": 1.0})
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=400)
    put_cancer_everywhere(tissue, p, awake=True)
    ticks = round(5 * p.dormancy.cycle_time / STEP)
    for tick in range(1, ticks):
        update_cancer(tissue, p, effects(), at(tick))
    assert logged(tissue, EventKind.BIRTH).size == 0
    assert tissue.cancer_rows[2] == 64
    cells = tissue.cancer[:64]
    roster = tissue.cancer_proliferating[:64]
    assert (roster.divides_at > tissue.blocks.cycle_progress.ravel()[roster.block]).all()
    assert 10 < cells.crowded.sum() < 54  # about half of the time each
    assert (cells.ki67_until[~cells.crowded] == math.inf).all()
    assert (cells.ki67_until[cells.crowded] <= ticks * STEP + p.dormancy.ki67_lag).all()
    tissue.kind[:] = SiteKind.SEPTUM
    roomy = empty({**AWAKE_FOR_GOOD, "dormancy.site_capacity": 2.0})
    for tick in range(ticks, ticks + round(4 * p.dormancy.cycle_time / STEP)):
        update_cancer(tissue, roomy, effects(), at(tick))
    assert tissue.cancer_rows[2] == 128
    assert_books_balance(tissue, 2)


@pytest.mark.parametrize("signal", [0.0, 0.5, 1.0])
def test_the_cycle_runs_at_the_speed_of_the_signal(signal):
    p = empty({"dormancy.return_rate": 0.0, "dormancy.proliferating_death": 0.0, "dormancy.signal_memory": 1e12})
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=64)
    cell = put_cancer(tissue, 4, 4, p, awake=True)
    tissue.blocks.signal = signal
    slowest = p.dormancy.cycling_without_signal
    waits_of(tissue, cell).divides_at = tissue.blocks[1, 1].cycle_progress + 9.99 * (slowest + (1 - slowest) * signal)
    for tick in range(1, 60):
        update_cancer(tissue, p, effects(), at(tick))
    assert logged(tissue, EventKind.BIRTH).size == 0
    update_cancer(tissue, p, effects(), at(60))
    assert logged(tissue, EventKind.BIRTH).size == 1


def test_ki67_stays_for_its_lag_after_the_last_cycle():
    p = empty({"dormancy.return_rate": 1e9})
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=64)
    cell = put_cancer(tissue, 4, 4, p, awake=True)
    waits_of(tissue, cell).next_event_at = 1e9 * STEP * 3.5
    for tick in range(1, 100):
        update_cancer(tissue, p, effects(), at(tick))
    assert cell.state == CancerState.REDORMANT
    assert cell.ki67_until == pytest.approx(4 * STEP + p.dormancy.ki67_lag)  # the clock read 4e9 steps then


def test_awake_cells_crawl_at_their_speed_and_keep_off_airways_and_vessels():
    kinds = np.full((40, 40), SiteKind.SEPTUM, dtype=np.uint8)
    kinds[:, 20] = SiteKind.VESSEL
    kinds[20, :20] = SiteKind.AIRWAY
    changes = {"dormancy.migration_speed": 0.1, "dormancy.cycle_time": 1e9, "dormancy.site_capacity": 4.0}
    p = empty({**AWAKE_FOR_GOOD, **changes})
    tissue = lay(section_of_kinds(kinds, 1), p, room=1600)
    for site in np.flatnonzero(kinds == SiteKind.SEPTUM):
        put_cancer(tissue, int(site // 40), int(site % 40), p, awake=True)
    cells = tissue.cancer[: int(tissue.cancer_rows[0])]
    inner = (cells.x > 22) & (cells.x < 38) & (cells.y > 1) & (cells.y < 38)
    before = cells[["y", "x"]].copy()
    update_cancer(tissue, p, effects(), at(1))
    moved = (cells[["y", "x"]] != before)[inner]
    assert_share(moved, chance_within(p.dormancy.migration_speed * 60.0 / 10.0, STEP))
    for tick in range(2, 300):
        update_cancer(tissue, p, effects(), at(tick))
    assert_books_balance(tissue, int(p.dormancy.site_capacity))


def test_cells_crawl_as_often_as_their_speed_says_and_no_way_is_favored():
    p = empty({**AWAKE_FOR_GOOD, "dormancy.migration_speed": 0.3, "dormancy.cycle_time": 1e9})
    tissue = lay(alveolar_sheet(120, 120, 1), p, room=600)
    for site in range(400):
        put_cancer(tissue, 20 + 4 * (site // 20), 20 + 4 * (site % 20), p, awake=True)
    cells = tissue.cancer[:400]
    ways: dict[tuple[int, int], int] = {}
    ticks = 60
    for tick in range(1, ticks + 1):
        y, x = cells.y.copy(), cells.x.copy()
        update_cancer(tissue, p, effects(), at(tick))
        for way in zip((cells.y - y).tolist(), (cells.x - x).tolist(), strict=True):
            ways[way] = ways.get(way, 0) + 1
    stayed = ways.pop((0, 0))
    # A hop falls due at any time and is made at the next step, never two in a step: at most one waits at the end.
    made = 400 * ticks - stayed
    due = 400 * p.dormancy.migration_speed * 60.0 / 10.0 * ticks * STEP
    assert due - 400 <= made + SIGMAS * math.sqrt(due)
    assert made <= due + SIGMAS * math.sqrt(due)
    assert set(ways) == {(0, 1), (0, -1), (1, 0), (-1, 0)}
    assert stats.chisquare(list(ways.values())).pvalue > RARE


def test_only_tissue_holds_cancer_cells():
    assert [kind for kind in SiteKind if stands_on(int(kind))] == [
        SiteKind.SEPTUM,
        SiteKind.BRONCHIOLE,
        SiteKind.INTERSTITIUM,
    ]


LIVELY = {"dormancy.spontaneous_awakening": 0.02, "dormancy.proliferating_death": 0.004, "dormancy.founders": 15.0}


@settings(max_examples=8)
@given(seed=st.integers(0, 2**31), capacity=st.integers(1, 4), days=st.integers(5, 10))
def test_after_a_random_run_every_count_equals_a_recount(seed, capacity, days):
    rng = np.random.Generator(np.random.Philox(seed))
    kinds = rng.choice(np.array(list(SiteKind), dtype=np.uint8), (16, 16), p=[0.6, 0.1, 0.1, 0.1, 0.1])
    parameters = changed({**LIVELY, "dormancy.site_capacity": capacity, "dormancy.push_reach": 40.0})
    scenario = Scenario(
        width=160.0, height=160.0, infections=(Infection(dose=2000.0),), snapshots=(), parameters=parameters
    )
    model = LungModel(scenario, seed, section_of_kinds(kinds, 1), checked=False)
    known = set(model.tissue.cancer.uid[model.tissue.cancer.alive].tolist())
    for _ in range(days):
        model.run(days=1.0)
        assert_books_balance(model.tissue, capacity)
        assert_flags_are_true(model.tissue, as_record(parameters))
    births = logged(model.tissue, EventKind.BIRTH)
    assert births.size > 0
    for birth in births:
        assert int(birth.parent) in known
        assert int(birth.uid) not in known
        known.add(int(birth.uid))
    log = model.tissue.log[: int(model.tissue.status[0].events)]
    gone = np.isin(log.kind, (EventKind.DEATH, EventKind.KILLED)).sum()
    assert model.tissue.cancer_rows[2] == 15 + births.size - gone
    assert (np.diff(log.hour) >= 0.0).all()


def test_rows_of_the_dead_are_used_again_and_their_identity_is_not():
    parameters = changed({**LIVELY, "dormancy.proliferating_death": 0.02})
    scenario = Scenario(width=160.0, height=160.0, layout="sheet", parameters=parameters, snapshots=())
    model = LungModel(scenario, 2, checked=False)
    model.run(days=15.0)
    tissue = model.tissue
    births = logged(tissue, EventKind.BIRTH)
    deaths = logged(tissue, EventKind.DEATH)
    assert deaths.size > 10
    assert tissue.cancer_rows[0] < 15 + births.size
    assert np.unique(births.uid).size == births.size
    assert np.unique(deaths.uid).size == deaths.size
