"""Macrophages hold cells dormant; NK cells kill cells that proliferate; CD4 cells curb CD8 cells."""

import numpy as np
import pytest

from abm.core.quantity import replaced
from abm.model.quiet.resting_contacts import resting_contacts
from abm.processes.cancer.killing import CD4_REACH, suppression_in
from abm.processes.cancer.life import update_cancer
from abm.rules.cells import CellKind
from abm.rules.cytotoxicity import Cytotoxicity, nk_cancer_rate, suppression
from abm.rules.dormancy import awakening_without_il6, macrophage_hold
from abm.rules.parameters import Parameters
from abm.rules.states import Cause, EventKind
from abm.scenario.scenario import Scenario
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT, Niche, Tissue
from tests.cohort.lungs import lung, small
from tests.processes.tissues import (
    STEP,
    assert_books_balance,
    assert_share,
    at,
    chance_within,
    effects,
    empty,
    lay,
    put,
    put_cancer_everywhere,
    put_everywhere,
)

SIDE = 40
RELEASED = 0.01  # 1/h
LASTING = {
    "dormancy.migration_speed": 0.0, "dormancy.cycle_time": 1e9, "dormancy.proliferating_death": 0.0,
    "dormancy.return_rate": 0.0, "dormancy.dormant_death": 0.0, "dormancy.spontaneous_awakening": 0.0,
}  # fmt: skip


def crowd(awake: bool, **changes: float) -> tuple[Tissue, np.recarray, np.record]:
    """1,600 cancer cells, one a site, with room for as many killers."""
    p = empty({**LASTING, **{f"dormancy.{name}": value for name, value in changes.items()}})
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), p, room=SIDE**2 + 2000)
    return tissue, put_cancer_everywhere(tissue, p, awake), p


def run(tissue: Tissue, p: np.record, ticks: int) -> None:
    for tick in range(1, ticks + 1):
        update_cancer(tissue, p, effects(), at(tick))


@pytest.mark.parametrize("tgfb2", [0.0, 0.02, 0.25])
def test_cells_awaken_as_far_as_tgfb2_of_macrophages_does_not_hold_them(tgfb2):
    tissue, _, p = crowd(awake=False, released_awakening=RELEASED)
    tissue.fields.tgfb2[AMOUNT] = tgfb2
    run(tissue, p, 240)
    awakenings = tissue.log[: int(tissue.status[0].events)]
    assert (awakenings.kind == EventKind.AWAKENING).all()
    assert (awakenings.cause == Cause.SPONTANEOUS).all()
    rate = awakening_without_il6(macrophage_hold(tgfb2, p.dormancy), p.dormancy)
    assert_share(np.isin(tissue.cancer.uid[: SIDE**2], awakenings.uid), chance_within(rate, 40.0))


def test_resting_lung_holds_its_cells_and_lung_without_macrophages_does_not():
    resting = resting_contacts(Scenario(width=1000.0, height=1000.0))
    assert resting.macrophage_hold.mean() > 0.99
    nobody = replaced(Parameters(), "cells.resident_macrophage.resting_density", 0.0)
    assert resting_contacts(Scenario(width=1000.0, height=1000.0, parameters=nobody)).macrophage_hold.max() == 0.0


def test_quiet_time_without_macrophages_awakens_cells_as_steps_do():
    scenario = small(20, side=200.0, released_awakening=1e-3, dormant_death=0.0)
    parameters = replaced(scenario.parameters, "cells.resident_macrophage.resting_density", 0.0)
    scenario = scenario.__class__(width=200.0, height=200.0, parameters=parameters)
    hours = []
    for seed in range(300):
        one = lung(scenario, seed, 40)
        one._pass(40 * 24)
        hours.append(one.hour)
    assert np.mean(hours) - 0.5 == pytest.approx(1.0 / (20 * 1e-3), rel=0.2)


@pytest.mark.parametrize("awake", [True, False])
def test_fresh_nk_cells_kill_proliferating_cells_and_spare_settled_dormant_ones(awake):
    tissue, cells, p = crowd(awake)
    for y in range(1, SIDE, 3):
        for x in range(1, SIDE, 3):
            put(tissue, CellKind.NK, y, x)
    hours = p.cytotoxicity.nk_fresh - STEP
    run(tissue, p, round(hours / STEP))
    touched = (cells.y < SIDE - 1) & (cells.x < SIDE - 1)
    rate = nk_cancer_rate(0.0, p.cytotoxicity)
    assert_share(~cells.alive[touched], chance_within(rate, hours) if awake else 0.0)
    assert_books_balance(tissue, 1)


def test_macrophages_and_spent_nk_cells_kill_no_settled_cancer_cell():
    tissue, cells, p = crowd(awake=True)
    put_everywhere(tissue, CellKind.RESIDENT_MACROPHAGE).training = 1.0
    tissue.mobile.kind[::2] = CellKind.NK
    tissue.mobile.born = -1e6
    run(tissue, p, 60)
    assert cells.alive.all()


def test_cd4_cells_curb_cd8_cells_within_a_hundred_micrometers():
    p, niche = Cytotoxicity(), np.zeros((len(Niche), 12, 12))
    niche[Niche.CANCER, 6, 6] = 1.0
    assert suppression_in(6, 6, niche, p) == 1.0
    niche[Niche.CD4, 6 + CD4_REACH, 6 - CD4_REACH] = 2.0
    assert suppression_in(6, 6, niche, p) == pytest.approx(suppression(2.0, 0.0, p))
    assert suppression_in(6 - 1, 6, niche, p) == pytest.approx(suppression(0.0, 0.0, p))
