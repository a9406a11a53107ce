"""Tissue at rest takes strides: when it rests, and that nothing is lost, doubled or done at another time by it."""

import numpy as np
import pytest

from abm.core.clock import HOUR, begins
from abm.core.lattice import BLOCK
from abm.core.population import ALIVE, fresh_rows
from abm.model.initial_state import records
from abm.model.multirate import (
    NEARLY_INACTIVE,
    OF_RUNS,
    Pace,
    closes_fast_step,
    fast_step,
    is_undisturbed,
    slow_step_before,
    slow_step_of,
)
from abm.processes.cancer.life import update_cancer
from abm.processes.immune import leave
from abm.processes.recruitment import recruit
from abm.rules.cells import CellKind
from abm.rules.states import EpithelialState
from abm.rules.substances import Substance
from abm.tissue.cancer_index import is_proliferating
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT, MOBILE_CELL, Tissue
from abm.treatments.effects_by_step import TreatmentEffects, no_treatment
from abm.treatments.planned_effects import effects_of
from abm.treatments.treatments import Transfer
from tests.processes.tissues import (
    STEP,
    advance,
    assert_books_balance,
    at,
    changed,
    digest,
    effects,
    empty,
    inhabited,
    lay,
    put,
    put_cancer,
    set_epithelium,
)

AN_HOUR = 6  # steps
STILL = {"dormancy.spontaneous_awakening": 0.0, "dormancy.awakening": 0.0, "dormancy.dormant_death": 0.0}
ACTIVE = {**STILL, "dormancy.return_rate": 0.0, "dormancy.proliferating_death": 0.0}


def resting(founders: int = 3, awake: bool = False, side: int = 24) -> tuple[Tissue, np.record]:
    """A sheet with the cells of resting lung, and some cancer cells."""
    tissue, p = lay(alveolar_sheet(side, side, 1), empty(), room=2000), inhabited()
    for number in range(28):
        put(tissue, CellKind(number % len(CellKind)), number % side, number // side)
    for number in range(founders):
        put_cancer(tissue, 7 * number, 3 * number, p, awake=awake)
    return tissue, p


def rests(tissue: Tissue) -> bool:
    return slow_step_of(tissue, OF_RUNS) > 0.0


def ends(tissue: Tissue, p: np.record, course: TreatmentEffects, until: int) -> list[int]:
    """Steps after which nothing waits, one step after the other."""
    found = []
    for tick in range(until):
        assert advance(tissue, p, course, at(tick), tick + 1) == tick + 1
        if tissue.status[0].fast_steps_since_sync == 0:
            found.append(tick + 1)
    return found


def test_a_healthy_section_rests_and_virus_infection_debris_or_alarm_stir_it():
    tissue, _ = resting()
    assert rests(tissue)
    virus, activation = (tissue.viruses, "present"), (tissue.status, "max_activation")
    for (part, field), value, back in ((virus, True, False), (activation, NEARLY_INACTIVE, 0.9 * NEARLY_INACTIVE)):
        part[field] = value
        assert not rests(tissue), field
        part[field] = back
        assert rests(tissue), field
    for state in EpithelialState:
        set_epithelium(tissue, state)
        calm = state in (EpithelialState.HEALTHY, EpithelialState.REFRACTORY, EpithelialState.DENUDED)
        assert rests(tissue) == calm, state


def test_at_rest_all_else_is_brought_up_to_date_at_every_whole_hour():
    tissue, p = resting()
    assert ends(tissue, p, no_treatment(20), 20) == [6, 12, 18]


@pytest.mark.parametrize(("step", "hours"), [(1 / 60, 60), (1 / 12, 12), (1 / 6, 6), (0.25, 4), (1.0, 1), (2.0, 1)])
def test_strides_end_at_whole_hours_at_any_step(step, hours):
    whole = [tick for tick in range(1, 5 * hours + 1) if begins(HOUR, at(tick, step=step))]
    assert whole == list(range(hours, 5 * hours + 1, hours))


def test_a_step_that_does_not_divide_an_hour_ends_a_stride_with_the_step_that_reaches_it():
    assert [tick for tick in range(1, 13) if begins(HOUR, at(tick, step=0.35))] == [3, 6, 9, 12]


def strikes(**change: float) -> TreatmentEffects:
    """A course in which something changes at step 9 and stays."""
    course = no_treatment(30)
    for name, value in change.items():
        course[name][9:] = value
    return course


@pytest.mark.parametrize("change", [{"secretion_left": 0.5}, {"added_loss": 1.0}, {"removal": 0.1}, {"stat_left": 0.4}])
def test_a_stride_ends_before_a_step_in_which_a_treatment_begins(change):
    tissue, p = resting()
    course, twin = strikes(**change), resting()[0]
    advance(tissue, p, course, at(0), 10)
    assert tissue.status[0].fast_steps_since_sync == 0
    advance(twin, p, no_treatment(9), at(0), 9)
    assert twin.status[0].fast_steps_since_sync == 3
    advance(twin, p, no_treatment(9), at(9), 9)
    assert twin.status[0].fast_steps_since_sync == 0
    advance(twin, p, course, at(9), 10)
    assert digest(tissue) == digest(twin)


def test_what_is_put_in_finds_a_tissue_that_is_up_to_date():
    p = changed().virus
    for treatments, virus in (((Transfer("CD8", 1.5, 300.0),), False), ((), True)):
        tissue, q = resting()
        course = effects_of(treatments, (), p, 30, STEP)
        course.inoculum[9] = 1000.0 if virus else 0.0
        advance(tissue, q, course, at(0), 9)
        assert tissue.status[0].fast_steps_since_sync == 3
        advance(tissue, q, course, at(9), 10)
        assert tissue.status[0].fast_steps_since_sync == 0
        assert tissue.viruses[0].present == virus
        assert (tissue.mobile.born[: tissue.mobile_rows[0]] == 1.5).any() or virus


def test_an_antibody_that_fades_over_days_lets_tissue_rest_and_a_drug_that_fades_in_hours_does_not():
    tissue, _ = resting()
    tissue.status.fast_steps_since_sync = 1
    course = no_treatment(200)
    for half_life, steady in ((5 * 24.0, True), (6.0, False)):
        course.added_loss[:, Substance.IL6] = 3.0 * 0.5 ** (np.arange(200) * STEP / half_life)
        assert is_undisturbed(course, at(100)) == steady


def test_stops_change_nothing():
    states = []
    for stops in ((100,), (1, 5, 6, 13, 100), tuple(range(1, 101))):
        tissue, p = resting(awake=True)
        tick = 0
        for stop in stops:
            tick = advance(tissue, p, no_treatment(100), at(tick), stop)
        assert_books_balance(tissue, int(p.dormancy.site_capacity))
        states.append(digest(tissue))
    assert len(set(states)) == 1


COARSE = Pace(resting=6.0, active=1.0, fast=0.5)


def test_a_coarser_pace_rests_longer_and_waits_although_cells_are_activated():
    tissue, _ = resting()
    assert slow_step_of(tissue, COARSE) == 6.0
    tissue.status.max_activation = NEARLY_INACTIVE
    assert slow_step_of(tissue, COARSE) == 1.0
    tissue.viruses.present = True
    assert slow_step_of(tissue, COARSE) == 0.0


def test_fast_steps_follow_each_other_without_gap_whenever_the_slow_step_ends():
    for first, stop in ((0, 36), (1, 14), (4, 5), (2, 3), (5, 40)):  # steps of 10 min
        passed, waiting = [], 0
        for tick in range(first, stop):
            waiting += 1
            if closes_fast_step(at(tick), COARSE):
                passed.append(fast_step(at(tick), waiting, COARSE).dt_fast)
        if not closes_fast_step(at(stop - 1), COARSE):
            passed.append(fast_step(at(stop - 1), waiting, COARSE).dt_fast)
        assert sum(passed) == pytest.approx((stop - first) * STEP)
        assert max(passed) <= 0.5 + 1e-9
        assert len(passed) <= (stop - first) / 3 + 2


def test_stops_change_nothing_at_a_coarser_pace_either():
    states = []
    for stops in ((100,), (1, 5, 6, 13, 100), tuple(range(1, 101))):
        tissue, p = resting(awake=True)
        tissue.status.max_activation = tissue.mobile.activation[:1] = 0.5
        course, tick = strikes(secretion_left=0.5), 0
        course = np.concatenate([course, np.repeat(course[-1:], 100)]).view(np.recarray)
        for stop in stops:
            tick = advance(tissue, p, course, at(tick), stop, COARSE)
        assert_books_balance(tissue, int(p.dormancy.site_capacity))
        states.append(digest(tissue))
    assert len(set(states)) == 1


def test_clocks_that_run_by_strides_have_gone_as_far_as_clocks_that_run_by_steps():
    readings = []
    for by_strides in (True, False):
        tissue, p = resting()
        tissue.fields.il6[AMOUNT] = 0.002
        for tick in range(24 * AN_HOUR):
            if not by_strides:
                update_cancer(tissue, p, effects(), at(tick))
            elif begins(HOUR, at(tick + 1)):
                update_cancer(tissue, p, effects(), slow_step_before(at(tick + 1), AN_HOUR))
        held = tissue.blocks[tissue.blocks.first_dormant >= 0]
        readings.append((held.dormant_hazard.copy(), held.signal.copy()))
    np.testing.assert_allclose(readings[0][0], readings[1][0], rtol=1e-3)
    np.testing.assert_allclose(readings[0][1], readings[1][1], rtol=1e-9)


def test_dormant_cells_beside_an_awake_one_run_ahead_and_wait_at_the_end_of_the_stride():
    tissue, _ = resting(founders=0)
    p = inhabited(ACTIVE)
    put_cancer(tissue, 1, 1, p)
    put_cancer(tissue, 1, 1, p, awake=True)
    put_cancer(tissue, 9, 9, p)
    tissue.fields.il6[AMOUNT] = 0.002
    busy, calm = tissue.blocks[0, 0], tissue.blocks[9 // BLOCK, 9 // BLOCK]
    for waiting in range(1, AN_HOUR + 1):
        update_cancer(tissue, p, effects(), fast_step(at(waiting - 1), waiting, OF_RUNS))
        assert busy.slow_time_done == pytest.approx(waiting * STEP)
        assert calm.signal == 0.0
    update_cancer(tissue, p, effects(), slow_step_before(at(AN_HOUR), AN_HOUR))
    assert busy.slow_time_done == calm.slow_time_done == 0.0
    assert busy.signal == pytest.approx(calm.signal, rel=1e-9)
    assert busy.cycle_progress > 0.0


@pytest.mark.interpreted
def test_as_many_leukocytes_stay_as_the_law_of_their_coming_and_going_says_however_fast_they_go():
    p = inhabited({"cells.neutrophil.resting_density": 200.0, "cells.neutrophil.loss": 0.2})
    tissue = lay(alveolar_sheet(120, 120, 1), p)
    tissue = tissue._replace(mobile=records(3000, MOBILE_CELL), mobile_rows=fresh_rows(3000))
    counts = []
    for hour in range(100):
        now = slow_step_before(at(AN_HOUR * (hour + 1)), AN_HOUR)
        recruit(tissue, p, effects(), now)
        leave(tissue, p, effects(), now)
        cells = tissue.mobile[tissue.mobile.alive]
        counts.append((cells.kind == CellKind.NEUTROPHIL).sum())
    expected = 200.0 * 1.44
    error = np.sqrt(2.0 * expected / (0.2 * 75))
    # A tenth less, were they charged in full.
    assert abs(np.mean(counts[25:]) - expected) <= 3.0 * error < 0.07 * expected


def test_awake_cells_divide_and_crawl_as_often_at_rest_as_when_something_is_going_on():
    counts = []
    for stirred in (False, True):
        born = 0
        for seed in range(1, 7):
            tissue, _ = resting(founders=0, side=48)
            p = inhabited({**ACTIVE, "dormancy.cycling_without_signal": 1.0})
            for number in range(12):
                put_cancer(tissue, 4 * number, 4 * number, p, awake=True, seed=seed)
            for tick in range(48 * AN_HOUR):
                tissue.viruses[0].present = stirred
                advance(tissue, p, no_treatment(tick + 1), at(tick, seed), tick + 1)
            assert all(is_proliferating(cell) for cell in tissue.cancer[tissue.cancer.alive])
            assert_books_balance(tissue, int(p.dormancy.site_capacity))
            born += int(tissue.cancer_rows[ALIVE]) - 12
        counts.append(born)
    assert counts[0] > 100
    assert counts[0] == pytest.approx(counts[1], rel=0.12)
