import math

import numpy as np
import pytest

from abm.processes.lymph_node import run_lymph_node, travel
from abm.rules.adaptive import STAGES, priming_rate
from abm.rules.cells import CellKind
from abm.rules.states import EpithelialState
from abm.tissue.census import mean_amount
from abm.tissue.state import AMOUNT, Tissue
from tests.processes.tissues import (
    STEP,
    at,
    chance_within,
    digest,
    effects,
    empty,
    lay,
    one_cell_a_site,
    set_epithelium,
)

# A delay and a size of response that do not depend on what has left already.
PLAIN = {"adaptive.recall_gain": 1.0, "adaptive.delay": 96.0, "adaptive.recall_delay": 96.0}


def infected_node(changes: dict[str, float] | None = None, infected: int = 64) -> tuple[Tissue, np.record]:
    """A section in which so many of 64 cells are infected."""
    p = empty(changes)
    tissue = lay(one_cell_a_site(8, 8), p)
    set_epithelium(tissue, EpithelialState.ECLIPSE, np.arange(infected))
    return tissue, p


def pulse(
    changes: dict[str, float], memory: float, hours: float, step: float = STEP
) -> tuple[np.ndarray, float, np.record]:
    """What leaves the node in each step after one step of antigen, float64[ticks], and what was primed in it."""
    tissue, p = infected_node(changes)
    tissue.node.memory = memory
    left = []
    for tick in range(round(hours / step)):
        run_lymph_node(tissue, p, effects(), at(tick, step=step))
        left.append(float(tissue.node[0].arriving) * step)
        if tick == 0:
            entering = float(tissue.node[0].stages.sum()) + left[0]
            set_epithelium(tissue, EpithelialState.HEALTHY)
    return np.array(left), entering, p


def mean_delay(left: np.ndarray, step: float) -> float:
    return float(np.average(np.arange(left.size) * step, weights=left))


@pytest.mark.parametrize("step", [STEP, STEP / 2, 0.5])
def test_mean_time_from_priming_to_arrival_is_the_declared_delay_at_any_step(step):
    left, _, p = pulse(PLAIN, 0.0, 400.0, step)
    assert mean_delay(left, step) == pytest.approx(p.adaptive.delay, rel=0.01)


def test_arrival_times_have_the_spread_of_the_chain_of_stages():
    left, _, p = pulse(PLAIN, 0.0, 400.0, STEP / 8)
    hours = np.arange(left.size) * STEP / 8
    variance = np.average((hours - mean_delay(left, STEP / 8)) ** 2, weights=left)
    assert variance == pytest.approx(p.adaptive.delay**2 / STAGES, rel=0.03)


@pytest.mark.interpreted
def test_everything_that_is_primed_leaves_once():
    left, entering, _ = pulse(PLAIN, 0.0, 600.0)
    assert entering > 0.0
    assert left.sum() == pytest.approx(entering, rel=1e-9)


def test_memory_shortens_the_delay_to_that_of_recall_and_enlarges_the_response():
    first, primed, _ = pulse({}, 0.0, 600.0, STEP / 2)
    recall, primed_again, p = pulse({}, 1.0, 600.0, STEP / 2)
    assert mean_delay(recall, STEP / 2) == pytest.approx(p.adaptive.recall_delay, rel=0.05)
    assert mean_delay(first, STEP / 2) > 1.5 * mean_delay(recall, STEP / 2)
    assert primed_again == pytest.approx(p.adaptive.recall_gain * primed, rel=1e-9)
    assert recall.sum() == pytest.approx(primed_again, rel=1e-9)


@pytest.mark.parametrize("infected", [1, 16, 64])
def test_antigen_uses_up_the_pool_at_the_priming_rate(infected):
    tissue, p = infected_node({"adaptive.pool_recovery": 1e12}, infected)
    for tick in range(12):
        run_lymph_node(tissue, p, effects(), at(tick))
    expected = math.exp(-priming_rate(infected / 64, p.adaptive) * 12 * STEP)
    assert tissue.node[0].pool == pytest.approx(expected, rel=1e-9)


def test_the_pool_fills_again():
    tissue, p = infected_node(infected=0)
    tissue.node.pool = 0.2
    ticks = round(p.adaptive.pool_recovery / STEP)
    for tick in range(ticks):
        run_lymph_node(tissue, p, effects(), at(tick))
    assert tissue.node[0].pool == pytest.approx(1 - 0.8 * math.exp(-1.0), rel=1e-3)


def test_antibody_rises_about_its_delay_after_priming_and_stays():
    tissue, p = infected_node({**PLAIN, "adaptive.antibody_life": 1e12})
    antibody = []
    for tick in range(round(400.0 / STEP)):
        run_lymph_node(tissue, p, effects(), at(tick))
        antibody.append(float(tissue.node[0].antibody))
        if tick == 0:
            set_epithelium(tissue, EpithelialState.HEALTHY)
    final = antibody[-1]
    half = STEP * np.searchsorted(antibody, final / 2)
    delay = p.adaptive.antibody_delay
    assert final == pytest.approx(chance_within(priming_rate(1.0, p.adaptive), STEP), rel=1e-6)
    assert antibody[round(delay / 2 / STEP)] < 0.01 * final
    assert half == pytest.approx(delay, rel=0.05)
    assert np.diff(antibody).min() > -1e-12


def test_antibody_and_memory_never_exceed_full():
    tissue, p = infected_node()
    for tick in range(round(1500.0 / STEP)):
        run_lymph_node(tissue, p, effects(), at(tick))
    node = tissue.node[0]
    assert node.memory == 1.0
    assert 0.9 < node.antibody <= 1.0


@pytest.mark.interpreted
def test_without_antigen_there_is_no_response():
    tissue, p = infected_node(infected=0)
    before = digest(tissue)
    for tick in range(200):
        run_lymph_node(tissue, p, effects(), at(tick))
    assert digest(tissue) == before


def test_antibody_wanes_with_its_life():
    tissue, p = infected_node(infected=0)
    tissue.node.antibody = 0.7
    for tick in range(600):
        run_lymph_node(tissue, p, effects(), at(tick))
    assert tissue.node[0].antibody == pytest.approx(0.7 * math.exp(-100.0 / p.adaptive.antibody_life), rel=1e-9)


def test_vaccination_gives_memory_and_antibody_and_takes_none_away():
    tissue, p = infected_node({"adaptive.antibody_life": 1e12}, infected=0)
    tissue.node.memory = 0.9
    run_lymph_node(tissue, p, effects(memory_given=0.7, antibody_given=0.6), at())
    assert tissue.node[0].memory == 0.9
    assert tissue.node[0].antibody == pytest.approx(0.6)


@pytest.mark.interpreted
def test_without_cd4_cells_as_many_t_cells_come_but_less_antibody_and_memory():
    made = {}
    for left in (1.0, 0.0):
        tissue, p = infected_node({"adaptive.antibody_life": 1e12})
        influx = np.ones(len(CellKind))
        influx[CellKind.CD4] = left
        sent = 0.0
        for tick in range(round(300.0 / STEP)):
            run_lymph_node(tissue, p, effects(influx_left=influx), at(tick))
            sent += float(tissue.node[0].arriving) * STEP
            if tick == 0:
                set_epithelium(tissue, EpithelialState.HEALTHY)
        made[left] = np.array([sent, tissue.node[0].antibody, tissue.node[0].memory])
    expected = [1.0, p.adaptive.antibody_without_cd4, p.adaptive.memory_without_cd4]
    np.testing.assert_allclose(made[0.0] / made[1.0], expected, rtol=0.02)


def test_inflammation_follows_the_mean_ifn_gamma_of_the_section_with_a_delay():
    tissue, p = infected_node(infected=0)
    tissue.fields.ifn_gamma[AMOUNT] = np.arange(4.0).reshape(2, 2)
    assert mean_amount(tissue.fields.ifn_gamma) == 1.5
    missing = 0.0
    for tick in range(int(20.0 * p.recruitment.delay / STEP)):
        run_lymph_node(tissue, p, effects(), at(tick))
        missing += (1.0 - tissue.node[0].inflammation / 1.5) * STEP
    assert missing == pytest.approx(p.recruitment.delay, rel=0.02)  # the mean delay


def test_all_responders_have_left_after_a_time_as_long_as_quiet_time():
    stages = np.full(STAGES, 1e-11)
    assert travel(stages, 0.0, 123.0, 5000.0) == pytest.approx(STAGES * 1e-11)
    assert not stages.any()
