import inspect
import re

import numpy as np
import pytest

from abm.core.clock import time_step
from abm.core.population import ALIVE, STACK, USED
from abm.model import schedule
from abm.model.measures import empty_census, read
from abm.model.multirate import OF_RUNS
from abm.processes.cancer.arrival import arrive
from abm.processes.cancer.life import update_cancer
from abm.processes.epithelium import kill_infected, update_epithelium
from abm.processes.immune import act, leave
from abm.processes.lymph_node import run_lymph_node
from abm.processes.matrix import remodel
from abm.processes.movement import move
from abm.processes.recruitment import recruit
from abm.processes.secretion import spread_cytokines, spread_interferon
from abm.processes.virus import spread_virions
from abm.rules.cells import CellKind
from abm.tissue.capacity import arrivals_at_most, has_capacity, with_capacity
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT, Tissue, arrays_of
from abm.treatments.effects_by_step import no_treatment
from abm.treatments.planned_effects import effects_of
from abm.treatments.treatments import Infection, Transfer
from tests.processes.tissues import (
    STEP,
    advance,
    assert_books_balance,
    assert_flags_are_true,
    assert_same_state,
    at,
    changed,
    digest,
    empty,
    inhabited,
    lay,
    put,
    put_cancer,
    raise_flags,
)

VIRUS = changed().virus
IDLE = no_treatment(1)[0]
LIVELY = {"dormancy.spontaneous_awakening": 0.01}


def busy_tissue() -> tuple[Tissue, np.record]:
    """A small sheet in which every process has work, with room for what comes."""
    tissue, p = lay(alveolar_sheet(16, 16, 1), empty(), room=2000), inhabited(LIVELY)
    tissue.virus[AMOUNT] = 1.0
    tissue.viruses[0].present = True
    for number in range(70):
        put(tissue, CellKind(number % len(CellKind)), number % 16, number // 16)
    for number in range(12):
        put_cancer(tissue, number, number, p, awake=number % 2 == 0)
    return tissue, p


def quiet_tissue() -> Tissue:
    """A small sheet at rest, with a few cells of every kind and room for what comes."""
    tissue = lay(alveolar_sheet(16, 16, 1), empty(), room=8000)
    for number in range(28):
        put(tissue, CellKind(number % len(CellKind)), number % 16, number // 16)
    for number in range(3):
        put_cancer(tissue, 5 * number, 15 - 5 * number, inhabited())
    return tissue


def test_one_turn_of_the_loop_is_the_events_of_a_step_in_their_order():
    treatments = (Transfer("CD8", 5.0, 200.0), Transfer("CD4", 5.0, 200.0))
    course = effects_of(treatments, (Infection(0.0, 1000.0),), VIRUS, 120, STEP)
    by_loop, p = busy_tissue()
    by_hand, _ = busy_tissue()
    assert advance(by_loop, p, course, at(0), 120) == 120
    for tick in range(120):
        now, effects = at(tick), course[tick]
        spread_virions(by_hand, p, effects, now)  # the order of the description of the model
        spread_interferon(by_hand, p, effects, now)
        update_epithelium(by_hand, p, effects, now)
        spread_cytokines(by_hand, p, effects, now)
        run_lymph_node(by_hand, p, effects, now)
        recruit(by_hand, p, effects, now)
        leave(by_hand, p, effects, now)
        move(by_hand, p, now)
        act(by_hand, p, now)
        kill_infected(by_hand, p, now)
        remodel(by_hand, p, now)
        arrive(by_hand, p, effects, now)
        update_cancer(by_hand, p, effects, now)
    assert by_loop.epithelial_counts[2:].sum() > 0
    assert by_loop.status[0].events > 3
    assert digest(by_loop) == digest(by_hand)


def test_books_balance_after_every_step_of_a_busy_tissue():
    treatments = (Transfer("CD8", 2.0, 200.0), Transfer("CD4", 2.0, 200.0))
    course = effects_of(treatments, (Infection(0.0, 1000.0),), VIRUS, 300, STEP)
    tissue, p = busy_tissue()
    capacity, cells = int(p.dormancy.site_capacity), set()
    for tick in range(300):
        assert advance(tissue, p, course, at(tick), tick + 1) == tick + 1
        assert_books_balance(tissue, capacity)
        assert_flags_are_true(tissue, p)
        cells.add(int(tissue.cancer_rows[ALIVE]))
    assert len(cells) > 3


ASLEEP = {"dormancy.awakening": 0.0, "dormancy.spontaneous_awakening": 0.0}
SHORT_ALARM = {**ASLEEP, "activation.fall_time": 2.0}


@pytest.mark.parametrize(("dose", "changes"), [(0.0, ASLEEP), (1000.0, {}), (1000.0, SHORT_ALARM)])
def test_skipping_what_is_at_rest_changes_nothing(dose, changes):
    course = effects_of((), (Infection(24.0, dose),), VIRUS, 1500, STEP)
    p = inhabited(changes)
    skipping, thorough = (quiet_tissue() for _ in range(2))
    at_rest, healing = 0, 0
    for tick in range(1500):
        raise_flags(thorough)
        status = skipping.status[0]
        at_rest += not status.remodeled
        healing += status.remodeled and not status.any_activated and status.proliferating == 0
        for tissue in (skipping, thorough):
            assert advance(tissue, p, course, at(tick), tick + 1) == tick + 1
        if tick % 50 == 0 or tick == 1499:
            assert_same_state(skipping, thorough)
    assert at_rest >= 144 if dose else at_rest > 1000
    assert healing > 50 if changes is SHORT_ALARM else True
    assert thorough.epithelial_counts[1:].any() == (dose > 0.0)


def test_a_step_reads_its_rules_then_has_thirteen_events_numbered_in_its_docstring():
    events = inspect.unwrap(schedule.step).__code__.co_names
    assert len(events) == 14
    assert all(callable(getattr(schedule, name)) for name in events)
    assert re.findall(r"^ *(\d+)\. ", schedule.step.__doc__, re.MULTILINE) == [str(n) for n in range(14)]


def test_a_run_in_pieces_reaches_the_same_state_as_one():
    course = effects_of((), (Infection(0.0, 1000.0),), VIRUS, 90, STEP)
    ends = []
    for stops in ((90,), (1, 2, 30, 89, 90), tuple(range(1, 91))):
        tissue, p = busy_tissue()
        tick = 0
        for stop in stops:
            tick = advance(tissue, p, course, at(tick), stop)
        assert tick == 90
        ends.append(digest(tissue))
    assert len(set(ends)) == 1


@pytest.mark.parametrize("dose", [0.0, 1000.0])
def test_the_loop_counts_what_is_there_at_each_multiple_of_some_steps(dose):
    course = effects_of((), (Infection(0.0, dose),), VIRUS, 90, STEP)
    (counted, p), (stopped, _) = busy_tissue(), busy_tissue()
    census = empty_census(12)
    assert schedule.advance(counted, p, course, at(0), 10, 4, census[:2], OF_RUNS) == 10
    assert schedule.advance(counted, p, course, at(10), 50, 4, census[2:], OF_RUNS) == 50
    for number, tick in enumerate(range(4, 49, 4)):
        advance(stopped, p, course, at(tick - 4), tick)
        assert census[number] == read(stopped, p, tick * STEP).census[0]
    advance(stopped, p, course, at(48), 50)
    assert census["hour"].tolist() == pytest.approx([tick * STEP for tick in range(4, 49, 4)])
    assert digest(counted) == digest(stopped)


def test_the_loop_runs_no_step_that_is_not_asked_for():
    tissue, p = busy_tissue()
    before = digest(tissue)
    assert advance(tissue, p, effects_of((), (), VIRUS, 10, STEP), at(7), 7) == 7
    assert digest(tissue) == before


def cut(tissue: Tissue, name: str) -> Tissue:
    """The same tissue with hardly a free row in one array."""
    if name == "log":
        return tissue._replace(log=tissue.log[: int(tissue.status[0].events) + 5])
    rows = getattr(tissue, f"{name}_rows")
    size = int(rows[USED]) + 3
    return tissue._replace(**{name: getattr(tissue, name)[:size], f"{name}_rows": rows[: STACK + size]})


GROW_TOGETHER = {
    "log": {"log"}, "mobile": {"mobile", "mobile_rows"},
    "cancer": {"cancer", "cancer_rows", "cancer_next", "cancer_proliferating"},
}  # fmt: skip


@pytest.mark.parametrize("name", GROW_TOGETHER)
def test_the_loop_stops_before_an_array_is_full(name):
    tissue, p = busy_tissue()
    assert has_capacity(tissue, p, IDLE, STEP)
    small = cut(tissue, name)
    assert not has_capacity(small, p, IDLE, STEP)
    before = digest(small)
    assert advance(small, p, effects_of((), (), VIRUS, 50, STEP), at(0), 50) == 0
    assert digest(small) == before
    wide = with_capacity(small, p, IDLE, STEP)
    assert has_capacity(wide, p, IDLE, STEP)
    longer = {each for each, array in arrays_of(wide).items() if array is not arrays_of(small)[each]}
    assert longer == GROW_TOGETHER[name]
    for each in longer:
        held = getattr(small, each)
        assert getattr(wide, each)[: held.size].tobytes() == held.tobytes()
        assert not getattr(wide, each)[held.size :].view(np.uint8).any()


def test_the_loop_stops_before_a_transfer_for_which_there_is_no_room():
    tissue, p = busy_tissue()
    course = effects_of((Transfer("NK", 5.0, 500.0), Transfer("NK", 5.0, 200_000.0)), (), VIRUS, 60, STEP)
    assert advance(tissue, p, course, at(0), 60) == 30
    assert advance(tissue, p, course, at(30), 60) == 30
    assert advance(with_capacity(tissue, p, course[30], STEP), p, course, at(30), 60) == 60


def test_there_is_always_room_for_a_division_of_every_cell():
    tissue, p = busy_tissue()
    rows = tissue.cancer_rows.copy()
    alive = int(rows[ALIVE])
    for size in range(alive, 4 * alive):
        short = tissue._replace(cancer=tissue.cancer[:size], cancer_rows=rows[: STACK + size])
        left = has_capacity(short, p, IDLE, STEP)
        assert left == (size >= 2 * alive + 1)


@pytest.mark.parametrize("step", [1 / 60, STEP, 0.5])
def test_there_is_always_room_for_those_who_arrive_also_at_the_ends_of_all_ranges(step):
    """An array that is too short is written over, and what lies behind it is lost without a word."""
    most = {f"cells.{kind}.peak_influx": 20.0 for kind in ("neutrophil", "nk", "cd8", "cd4", "fibroblast")}
    most |= {f"cells.{kind}.resting_density": 200.0 for kind in ("neutrophil", "nk", "cd8", "cd4", "fibroblast")}
    most |= {f"cells.{kind}.loss": 0.2 for kind in ("neutrophil", "nk", "cd8", "cd4", "fibroblast")}
    p = inhabited(
        most | {"cells.cd8.node_output": 1000.0, "cells.cd4.node_output": 1000.0, "adaptive.recall_delay": 24.0}
    )
    node_filled = lay(alveolar_sheet(64, 64, 1), empty(), room=200_000)
    node_filled.node[0].stages[:], node_filled.node[0].memory = 0.2, 1.0
    node_filled.node[0].inflammation = 1000.0
    arrived = 0
    for tick in range(round(24.0 / step)):
        effects = IDLE.copy()
        effects.transfer[CellKind.NK] = 500.0 * (tick == 3)
        before, most_now = int(node_filled.mobile_rows[ALIVE]), arrivals_at_most(node_filled, p, effects, step)
        now = time_step(7, tick, step)
        run_lymph_node(node_filled, p, effects, now)
        recruit(node_filled, p, effects, now)
        came = int(node_filled.mobile_rows[ALIVE]) - before
        assert came <= most_now
        arrived += came
    assert arrived > 10_000  # about 40 times what was taken for the most once
