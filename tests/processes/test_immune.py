import math

import numpy as np
import pytest

from abm.core.lattice import BLOCK
from abm.core.population import ALIVE
from abm.processes.epithelium import kill_infected
from abm.processes.immune import INACTIVE, act, leave
from abm.processes.movement import move
from abm.processes.recruitment import recruit
from abm.rules.activation import stimulus
from abm.rules.cells import CellKind
from abm.rules.cytotoxicity import nk_vigor, team_rate
from abm.rules.states import EpithelialState
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT, Niche, Tissue
from tests.processes.tissues import (
    STEP,
    assert_books_balance,
    assert_share,
    at,
    chance_within,
    effects,
    empty,
    lay,
    one_cell_a_site,
    put,
    put_everywhere,
    raise_flags,
    set_epithelium,
)

PHAGOCYTES = (CellKind.RESIDENT_MACROPHAGE, CellKind.RECRUITED_MACROPHAGE, CellKind.NEUTROPHIL)
MACROPHAGES = PHAGOCYTES[:2]
SENSING = tuple(kind for kind in CellKind if kind.type.numbers.senses_infection)
SIDE = 40


def crowd(
    kind: CellKind, state: EpithelialState, each: int = 1, changes: dict[str, float] | None = None
) -> tuple[Tissue, np.record]:
    """A sheet of 1,600 epithelial cells in one state, with so many mobile cells on each."""
    p = empty(changes)
    tissue = lay(one_cell_a_site(SIDE, SIDE), p, room=each * SIDE**2)
    set_epithelium(tissue, state)
    for _ in range(each):
        put_everywhere(tissue, kind)
    return tissue, p


@pytest.mark.parametrize("fresh", [0.0, 0.5, 0.9])
def test_an_nk_cell_kills_what_makes_virus_by_its_vigor(fresh):
    tissue, p = crowd(CellKind.NK, EpithelialState.EXPRESSING)
    age = p.cytotoxicity.nk_spent * fresh
    tick = 1000
    tissue.mobile.born = tick * STEP - age
    act(tissue, p, at(tick))
    rate = p.cytotoxicity.nk_infected * nk_vigor(age, p.cytotoxicity)
    killed = tissue.states == EpithelialState.APOPTOTIC
    assert_share(killed, chance_within(rate, STEP))
    np.testing.assert_array_equal(tissue.mobile.kills, killed)
    assert_books_balance(tissue, 1)


@pytest.mark.parametrize("state", [s for s in EpithelialState if s != EpithelialState.EXPRESSING])
def test_an_nk_cell_spares_what_makes_no_virus(state):
    tissue, p = crowd(CellKind.NK, state)
    act(tissue, p, at(1))
    assert (tissue.states == state).all()


def test_a_spent_nk_cell_kills_no_more():
    tissue, p = crowd(CellKind.NK, EpithelialState.EXPRESSING, changes={"cytotoxicity.nk_infected": 100.0})
    tissue.mobile.born = -p.cytotoxicity.nk_spent
    act(tissue, p, at(0))
    assert (tissue.states == EpithelialState.EXPRESSING).all()


def test_an_nk_cell_has_only_so_many_kills_in_it():
    tissue, p = crowd(CellKind.NK, EpithelialState.EXPRESSING, changes={"cytotoxicity.nk_infected": 1000.0})
    for kills in range(1, int(p.cytotoxicity.nk_kills) + 1):
        act(tissue, p, at(kills))
        assert (tissue.mobile.kills == kills).all()
        set_epithelium(tissue, EpithelialState.EXPRESSING)
    act(tissue, p, at(99))
    assert (tissue.states == EpithelialState.EXPRESSING).all()


@pytest.mark.parametrize("team", [1, 2, 3])
def test_cd8_cells_kill_infected_cells_together_by_the_law_of_cooperation(team):
    tissue, p = crowd(CellKind.CD8, EpithelialState.EXPRESSING, team)
    kill_infected(tissue, p, at(1))
    rate = team_rate(p.cytotoxicity.cd8_infected, team, p.cytotoxicity)
    assert rate == pytest.approx(team * p.cytotoxicity.cd8_infected * (1 + p.cytotoxicity.cooperation * (team - 1)))
    assert_share(tissue.states == EpithelialState.APOPTOTIC, chance_within(rate, STEP))
    assert_books_balance(tissue, 1)


def test_killing_by_cd8_cells_does_not_depend_on_the_step():
    shares = []
    for step in (STEP, STEP / 4):
        tissue, p = crowd(CellKind.CD8, EpithelialState.EXPRESSING)
        for tick in range(round(4.0 / step)):
            kill_infected(tissue, p, at(tick, step=step))
        shares.append(tissue.states == EpithelialState.APOPTOTIC)
    for share in shares:
        assert_share(share, chance_within(p.cytotoxicity.cd8_infected, 4.0))


@pytest.mark.parametrize("state", [s for s in EpithelialState if s != EpithelialState.EXPRESSING])
def test_cd8_cells_spare_what_makes_no_virus(state):
    tissue, p = crowd(CellKind.CD8, state, changes={"cytotoxicity.cd8_infected": 1000.0})
    kill_infected(tissue, p, at(1))
    assert (tissue.states == state).all()


def test_a_killed_cell_dies_after_the_time_of_apoptosis():
    tissue, p = crowd(CellKind.CD8, EpithelialState.EXPRESSING, changes={"cytotoxicity.cd8_infected": 1000.0})
    kill_infected(tissue, p, at(60))
    left = tissue.epithelium.clock - 60 * STEP
    assert left.mean() == pytest.approx(p.epithelium.apoptosis_time, rel=0.1)


def alarm_after(
    kind: CellKind, state: EpithelialState, virions: float, start: float, ticks: int
) -> tuple[float, np.record]:
    """Alarm of a cell after some steps on this epithelium with so many virions on the site."""
    p = empty({"cells.resident_macrophage.phagocytosis": 0.0, "cells.neutrophil.phagocytosis": 0.0})
    tissue = lay(one_cell_a_site(8, 8), p, room=4)
    set_epithelium(tissue, state)
    tissue.virus[AMOUNT] = virions
    tissue.viruses[0].present = True
    cell = put(tissue, kind, 1, 1)
    cell.activation = start
    for tick in range(ticks):
        act(tissue, p, at(tick))
    return float(cell.activation), p


@pytest.mark.interpreted
@pytest.mark.parametrize("kind", list(CellKind))
def test_alarm_rises_on_debris_by_its_time_constant(kind):
    activation, p = alarm_after(kind, EpithelialState.DEAD, 0.0, 0.0, 12)
    expected = 1.0 - math.exp(-12 * STEP / p.activation.rise_time) if kind in SENSING else 0.0
    assert activation == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", SENSING)
def test_alarm_falls_by_its_own_time_constant(kind):
    activation, p = alarm_after(kind, EpithelialState.HEALTHY, 0.0, 0.8, 60)
    assert activation == pytest.approx(0.8 * math.exp(-10.0 / p.activation.fall_time), rel=1e-9)


def test_alarm_ends():
    activation, p = alarm_after(CellKind.NEUTROPHIL, EpithelialState.HEALTHY, 0.0, 10.0 * INACTIVE, 1)
    assert activation > 0.0
    ticks = round(3.0 * p.activation.fall_time / STEP)
    assert alarm_after(CellKind.NEUTROPHIL, EpithelialState.HEALTHY, 0.0, 10.0 * INACTIVE, ticks)[0] == 0.0


@pytest.mark.parametrize("state", list(EpithelialState))
def test_alarm_heads_for_its_stimulus(state):
    activation, p = alarm_after(CellKind.RECRUITED_MACROPHAGE, state, 0.7, 0.0, 3000)
    debris = EpithelialState.EXPRESSING <= state <= EpithelialState.DEAD
    assert activation == pytest.approx(stimulus(0.7, debris, p.epithelium.sentinel_virions), rel=1e-6)


@pytest.mark.parametrize("kind", list(CellKind))
def test_dead_cells_are_eaten_by_phagocytes_at_their_rates(kind):
    tissue, p = crowd(kind, EpithelialState.DEAD)
    act(tissue, p, at(1))
    rate = {**dict.fromkeys(MACROPHAGES, 1.6), CellKind.NEUTROPHIL: 1.0}.get(kind, 0.0)
    assert_share(tissue.states == EpithelialState.DENUDED, chance_within(rate, STEP))
    assert_books_balance(tissue, 1)


def test_two_phagocytes_on_one_dead_cell_clear_it_once():
    tissue, p = crowd(
        CellKind.RESIDENT_MACROPHAGE, EpithelialState.DEAD, 2, {"cells.resident_macrophage.phagocytosis": 1000.0}
    )
    act(tissue, p, at(1))
    assert (tissue.states == EpithelialState.DENUDED).all()
    assert (tissue.epithelium.turn == 1).all()
    assert_books_balance(tissue, 1)


@pytest.mark.parametrize("kind", list(CellKind))
@pytest.mark.parametrize("activation", [0.0, 0.5, 1.0])
def test_macrophages_turn_mhcii_under_alarm_and_nobody_else(kind, activation):
    changes = {"activation.rise_time": 1e12, "activation.fall_time": 1e12, "activation.depolarization_time": 1e12}
    tissue, p = crowd(kind, EpithelialState.HEALTHY, changes=changes)
    tissue.mobile.activation = activation
    for tick in range(30):
        act(tissue, p, at(tick))
    rate = p.activation.polarization * activation if kind in MACROPHAGES else 0.0
    assert_share(tissue.mobile.activated, chance_within(rate, 30 * STEP))


@pytest.mark.parametrize("activation", [0.0, 0.5, 1.0])
def test_mhcii_macrophages_turn_back_once_alarm_is_gone(activation):
    changes = {"activation.rise_time": 1e12, "activation.fall_time": 1e12, "activation.polarization": 0.0}
    tissue, p = crowd(CellKind.RECRUITED_MACROPHAGE, EpithelialState.HEALTHY, changes=changes)
    tissue.mobile.activation = activation
    tissue.mobile.activated = True
    for tick in range(600):
        act(tissue, p, at(tick))
    assert_share(~tissue.mobile.activated, chance_within((1.0 - activation) / p.activation.depolarization_time, 100.0))


@pytest.mark.interpreted
def test_the_alarm_of_neutrophils_is_summed_in_their_blocks():
    p = empty()
    tissue = lay(alveolar_sheet(16, 16, 1), p, room=400)
    rng = np.random.Generator(np.random.Philox(1))
    for kind in rng.integers(0, len(CellKind), 300):
        put(tissue, CellKind(kind), *map(int, rng.integers(0, 16, 2))).activation = 0.5
    raise_flags(tissue)
    for tick in range(1, 3):  # the second time what was counted first is forgotten
        act(tissue, p, at(tick))
        cells = tissue.mobile[(tissue.mobile.kind == CellKind.NEUTROPHIL) & tissue.mobile.alive]
        counts = np.zeros((4, 4))
        np.add.at(counts, (cells.y // BLOCK, cells.x // BLOCK), 1)
        activation = 0.5 * math.exp(-tick * STEP / p.activation.fall_time) * counts
        np.testing.assert_allclose(tissue.niche[Niche.NEUTROPHIL_ACTIVATION], activation, rtol=1e-9)
    assert_books_balance(tissue, 1)


def test_cells_are_counted_where_they_stand_however_they_come_move_and_go():
    p = empty()
    tissue = lay(alveolar_sheet(24, 16, 1), p, room=4000)
    gone = 0
    for tick in range(60):
        recruit(tissue, p, effects(transfer=np.full(len(CellKind), 100.0)), at(tick))
        before = int(tissue.mobile_rows[ALIVE])
        leave(tissue, p, effects(removal=np.full(len(CellKind), 0.5)), at(tick))
        gone += before - int(tissue.mobile_rows[ALIVE])
        move(tissue, p, at(tick))
        act(tissue, p, at(tick))
        assert_books_balance(tissue, 1)
    assert gone > 50
