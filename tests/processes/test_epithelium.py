import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from abm.model.lung_model import LungModel
from abm.processes.epithelium import SAMPLING_INTERVAL, sampled_cells, update_epithelium
from abm.rules.infection import regeneration_rate
from abm.rules.interferon import response
from abm.rules.states import EpithelialState, EpithelialType
from abm.scenario.scenario import Scenario
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT
from abm.treatments.treatments import Infection
from tests.processes.tissues import (
    FAR,
    RARE,
    STEP,
    assert_books_balance,
    at,
    chance_within,
    changed,
    digest,
    effects,
    empty,
    lay,
    look_around,
    one_cell_a_site,
    raise_flags,
    set_epithelium,
)

FINE = 0.05  # h
HAZARD = 0.5  # 1/h
NEXT = {0: 2, 2: 3, 3: 4, 4: 5, 5: 6, 6: 0}
QUICK = {"epithelium.clearing_rate": 0.2, "epithelium.regeneration_time": 20.0, "virus.expressing_time": 20.0}


def passed(before: int, now: int) -> list[tuple[int, int]]:
    """The changes of a cell within one step, one after the other; two short states may both end in it."""
    steps = [(before, NEXT[before])]
    while steps[-1][1] != now and len(steps) < 3:
        steps.append((steps[-1][1], NEXT[steps[-1][1]]))
    return steps if steps[-1][1] == now else [(before, now)]


@pytest.fixture(scope="module")
def lives() -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Hours at which 1,600 cells under constant virus first enter each state (healthy: again), and all changes seen."""
    p = empty(QUICK)
    tissue = lay(one_cell_a_site(40, 40), p)
    tissue.virus[AMOUNT] = HAZARD / p.virus.infectivity
    tissue.viruses[0].present = True
    entered = np.full((7, 1600), np.nan)
    changes = set()
    before = tissue.states.copy()
    for tick in range(6000):
        update_epithelium(tissue, p, effects(), at(tick, step=FINE))
        now = tissue.states.copy()
        moved = np.flatnonzero(now != before)
        for cell in moved:
            for step in passed(int(before[cell]), int(now[cell])):
                changes.add(step)
                if np.isnan(entered[step[1], cell]):
                    entered[step[1], cell] = tick * FINE
        before = now
    assert not np.isnan(np.delete(entered, EpithelialState.REFRACTORY, axis=0)).any()
    return entered, sorted(changes)


def erlang_law(mean: float, shape: float) -> stats.rv_continuous:
    return stats.gamma(int(shape), scale=mean / int(shape))


def test_an_infected_cell_goes_through_its_states_in_order(lives):
    assert lives[1] == sorted(NEXT.items())


def test_infection_under_constant_virus_is_exponential(lives):
    times = lives[0][EpithelialState.ECLIPSE] + FINE / 2
    assert stats.kstest(times, stats.expon(scale=1 / HAZARD).cdf).pvalue > RARE


@pytest.mark.parametrize("state", list(EpithelialState)[2:])
def test_the_time_in_each_state_follows_its_law(lives, state):
    p = changed(QUICK)
    law = {
        EpithelialState.ECLIPSE: erlang_law(p.virus.eclipse_time, p.virus.eclipse_shape),
        EpithelialState.EXPRESSING: erlang_law(p.virus.expressing_time, p.virus.expressing_shape),
        EpithelialState.APOPTOTIC: stats.expon(scale=p.epithelium.apoptosis_time),
        EpithelialState.DEAD: stats.expon(scale=1 / p.epithelium.clearing_rate),
        EpithelialState.DENUDED: stats.expon(scale=p.epithelium.regeneration_time),
    }[state]
    after = NEXT[int(state)]
    times = lives[0][after] - lives[0][state] - FINE / 2
    assert stats.kstest(times, law.cdf).pvalue > RARE


def test_a_whole_infection_lasts_as_long_at_a_longer_step():
    p = empty({"epithelium.clearing_rate": 1e-9})
    means = []
    for step in (STEP, STEP / 8):
        tissue = lay(one_cell_a_site(60, 60), p)
        tissue.epithelium.hazard = FAR
        tissue.virus[AMOUNT] = 1.0
        tissue.viruses[0].present = True
        dead = np.full(3600, np.nan)
        tick = 0
        while np.isnan(dead).any():
            update_epithelium(tissue, p, effects(), at(tick, step=step))
            tick += 1
            dead[np.isnan(dead) & (tissue.states == EpithelialState.DEAD)] = tick * step
        means.append((dead - tissue.epithelium.infected_at).mean())
    assert means[0] == pytest.approx(means[1], abs=0.02 * STEP)  # the same clocks, so hardly any sampling error


def test_interferon_protects_at_the_rate_of_its_response():
    p = empty()
    tissue = lay(one_cell_a_site(40, 40), p)
    tissue.fields.interferon[AMOUNT] = p.interferon.half_response
    raise_flags(tissue)
    share = response(p.interferon.half_response, 1.0, p.interferon)
    for tick in range(60):
        update_epithelium(tissue, p, effects(), at(tick))
    protected = tissue.states == EpithelialState.REFRACTORY
    expected = chance_within(p.interferon.refractory_rate * share, 60 * STEP)
    assert abs(protected.mean() - expected) < 4 * math.sqrt(expected * (1 - expected) / 1600)


def test_a_jak_inhibitor_takes_the_protection_away():
    p = empty()
    tissue = lay(one_cell_a_site(8, 8), p)
    tissue.fields.interferon[AMOUNT] = 10.0
    raise_flags(tissue)
    for tick in range(600):
        update_epithelium(tissue, p, effects(interferon_left=0.0), at(tick))
    assert (tissue.states == EpithelialState.HEALTHY).all()


def test_a_protected_cell_is_not_infected_however_much_virus_there_is():
    p = empty()
    tissue = lay(one_cell_a_site(20, 20), p)
    set_epithelium(tissue, EpithelialState.REFRACTORY)
    tissue.fields.interferon[AMOUNT] = 1e12
    raise_flags(tissue)
    tissue.virus[AMOUNT] = 1e9
    tissue.viruses[0].present = True
    for tick in range(100):
        update_epithelium(tissue, p, effects(), at(tick))
    assert (tissue.states == EpithelialState.REFRACTORY).all()


def test_protection_wanes_by_its_law_once_interferon_is_gone():
    p = empty()
    tissue = lay(one_cell_a_site(40, 40), p)
    set_epithelium(tissue, EpithelialState.REFRACTORY)
    ticks = round(p.interferon.refractory_time / STEP)
    for tick in range(ticks):
        update_epithelium(tissue, p, effects(), at(tick))
    left = (tissue.states == EpithelialState.REFRACTORY).mean()
    assert abs(left - math.exp(-1.0)) < 4 * math.sqrt(math.exp(-1.0) * (1 - math.exp(-1.0)) / 1600)


def test_a_vaccine_lowers_infectivity():
    p = empty()
    tissue = lay(one_cell_a_site(8, 8), p)
    tissue.virus[AMOUNT] = 1e-3
    tissue.viruses[0].present = True
    look_around(tissue, p, effects(vaccinated=1.0))
    expected = (
        p.virus.infectivity
        * (1 - p.adaptive.vaccine_protection)
        * float(tissue.virus[AMOUNT, 0, 0])
        * SAMPLING_INTERVAL
    )
    np.testing.assert_allclose(tissue.epithelium.hazard, expected, rtol=1e-12)


def test_a_cell_meets_the_virions_on_all_of_its_sites():
    p = empty()
    section = alveolar_sheet(16, 16, 1)
    tissue = lay(section, p)
    tissue.virus[AMOUNT] = np.arange(256, dtype=float).reshape(16, 16) * 1e-6 + 1e-6
    tissue.viruses[0].present = True
    virions = tissue.virus[AMOUNT].astype(float)
    look_around(tissue, p, effects())
    here = np.bincount(section.cell_of_site.ravel(), weights=virions.ravel())
    np.testing.assert_allclose(tissue.epithelium.hazard, p.virus.infectivity * here * SAMPLING_INTERVAL, rtol=1e-12)


@pytest.mark.interpreted
@settings(max_examples=10)
@given(seed=st.integers(0, 2**31), slow=st.floats(0.01, 0.3), faster=st.floats(1.0, 10.0))
def test_in_twins_the_more_infective_virus_infects_each_cell_no_later(seed, slow, faster):
    hours = []
    for infectivity in (slow, slow * faster):
        p = empty({"virus.infectivity": infectivity})
        tissue = lay(alveolar_sheet(16, 16, 1), p, seed)
        tissue.virus[AMOUNT] = np.linspace(0.0, 1.0, 256).reshape(16, 16)
        tissue.viruses[0].present = True
        tissue.epithelium.infected_at = FAR
        tissue.virus[AMOUNT, 0, 0] = 1e-9
        tissue.viruses[0].present = True
        for tick in range(30):
            update_epithelium(tissue, p, effects(), at(tick, seed))
        hours.append(tissue.epithelium.infected_at.copy())
    assert (hours[1] <= hours[0]).all()


def denuded(chosen: str) -> tuple[np.ndarray, np.record]:
    """Hazard of regeneration [1/h] of AT1 cells without any living AT2 cell ("all") or with all of them ("AT1")."""
    p = empty()
    tissue = lay(alveolar_sheet(16, 16, 1), p)
    at1 = tissue.epithelium.cell_type == EpithelialType.AT1
    set_epithelium(tissue, EpithelialState.DENUDED, slice(None) if chosen == "all" else at1)
    tissue.epithelium.hazard = 0.0
    look_around(tissue, p, effects())
    return tissue.epithelium.hazard[at1] / SAMPLING_INTERVAL, p


def test_epithelium_grows_back_at_full_rate_beside_living_at2_cells():
    rates, p = denuded("AT1")
    np.testing.assert_allclose(rates, 1 / p.epithelium.regeneration_time, rtol=1e-12)


def test_epithelium_grows_back_slower_without_at2_cells():
    rates, p = denuded("all")
    np.testing.assert_allclose(
        rates, p.epithelium.regeneration_without_at2 / p.epithelium.regeneration_time, rtol=1e-12
    )
    assert rates.max() < regeneration_rate(1.0, p.epithelium)


def test_a_bronchiolar_cell_is_renewed_from_its_own_kind():
    p = empty()
    tissue = lay(one_cell_a_site(8, 8), p)
    set_epithelium(tissue, EpithelialState.DENUDED)
    tissue.epithelium.hazard = 0.0
    look_around(tissue, p, effects())
    np.testing.assert_allclose(
        tissue.epithelium.hazard / SAMPLING_INTERVAL, 1 / p.epithelium.regeneration_time, rtol=1e-12
    )


def test_a_regenerated_cell_can_be_infected_anew():
    p = empty({"epithelium.regeneration_time": 1e-6})
    tissue = lay(one_cell_a_site(8, 8), p)
    set_epithelium(tissue, EpithelialState.DENUDED)
    tick = look_around(tissue, p, effects())
    assert (tissue.states == EpithelialState.HEALTHY).all()
    assert (tissue.epithelium.hazard == 0.0).all()
    assert np.unique(tissue.epithelium.threshold).size == 64
    tissue.virus[AMOUNT] = 1e6
    tissue.viruses[0].present = True
    look_around(tissue, p, effects(), tick)
    assert (tissue.states == EpithelialState.ECLIPSE).all()


@pytest.mark.parametrize("step", [SAMPLING_INTERVAL / 6, STEP, SAMPLING_INTERVAL, 2 * SAMPLING_INTERVAL])
def test_every_cell_looks_around_once_in_half_an_hour_or_in_every_step_that_is_longer(step):
    looked, turns = np.zeros(17), max(1, round(SAMPLING_INTERVAL / step))
    for tick in range(5 * turns, 6 * turns):
        first, end, time = sampled_cells(17, at(tick, step=step))
        looked[first:end] += time
    np.testing.assert_allclose(looked, turns * step, rtol=1e-12)


def test_looking_every_half_hour_hardly_changes_what_a_cell_meets_while_the_virus_doubles():
    p = empty()
    growth = math.log(2.0) / p.virus.arrival_doubling  # 1/h, as fast as it ever grows
    tissue = lay(one_cell_a_site(24, 24), p)
    tissue.epithelium.threshold = FAR
    tissue.viruses[0].present = True
    ticks = round(12 * SAMPLING_INTERVAL / STEP)
    for tick in range(ticks):
        tissue.virus[AMOUNT] = math.exp(growth * (tick + 0.5) * STEP)
        update_epithelium(tissue, p, effects(), at(tick))
    exact = p.virus.infectivity * (math.exp(growth * ticks * STEP) - 1.0) / growth
    # Midpoint rule: g^2 T^2 / 24 of it, and cells that look first or last in a half hour are 10 minutes early or late.
    assert tissue.epithelium.hazard.mean() == pytest.approx(exact, rel=1e-3)
    assert np.abs(tissue.epithelium.hazard / exact - 1.0).max() < 1.1 * growth * STEP


@pytest.mark.interpreted
def test_nothing_happens_in_a_healthy_section_without_virus():
    p = empty()
    tissue = lay(alveolar_sheet(8, 8, 1), p)
    before = digest(tissue)
    for tick in range(100):
        update_epithelium(tissue, p, effects(), at(tick))
    assert digest(tissue) == before


@settings(max_examples=8)
@given(seed=st.integers(0, 2**31), days=st.integers(4, 12), layout=st.sampled_from(["sheet", "lung"]))
def test_tallies_always_equal_a_recount(seed, days, layout):
    scenario = Scenario(width=200.0, height=160.0, layout=layout, infections=(Infection(dose=500.0),), snapshots=())
    model = LungModel(scenario, seed)
    model.run(days=days)
    assert model.tissue.epithelial_counts[EpithelialState.HEALTHY] < model.tissue.epithelium.size
    assert_books_balance(model.tissue, int(scenario.parameters.dormancy.site_capacity))
