import math

import numpy as np
import pytest

from abm.core.lattice import BLOCK, SPACING
from abm.model.initial_state import lay_out
from abm.model.measures import lavage_il6, read
from abm.processes.secretion import spread_cytokines, spread_interferon
from abm.rules.cells import CellKind
from abm.rules.parameters import Parameters
from abm.rules.states import EpithelialState
from abm.rules.substances import SITE_VOLUME_ML, Substance, Substances, site_rise
from abm.tissue.census import mean_amount
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT, SOURCE
from tests.processes.tissues import (
    SIGMAS,
    STEP,
    at,
    chance_within,
    effects,
    empty,
    inhabited,
    lay,
    one_cell_a_site,
    put,
    put_cancer,
    set_epithelium,
)

ROUNDING = 1e-5  # fields are float32
AVOGADRO = 6.02214076e23


def steady(secretion: float, sites: int, loss: float) -> float:
    """Mean IL-6 [ng/mL] at rest: n q / (k V), by hand."""
    grams_per_hour = secretion * 3600.0 / AVOGADRO * Substances().il6.molar_mass
    return grams_per_hour * 1e9 / (loss * sites * SITE_VOLUME_ML)


def test_baseline_il6_comes_out_of_the_resting_macrophages():
    parameters, p = Parameters(), inhabited()
    lavages, expected = [], []
    for seed in range(40):
        tissue = lay_out(alveolar_sheet(60, 60, 1), p, seed, STEP)
        mobile = tissue.mobile[tissue.mobile.alive]
        resting = int((mobile.kind <= CellKind.RECRUITED_MACROPHAGE).sum())
        closed = steady(
            resting * p.cells[CellKind.RESIDENT_MACROPHAGE].secretion[Substance.IL6].at_rest,
            3600,
            p.substances[Substance.IL6].loss,
        )
        assert mean_amount(tissue.fields.il6) == pytest.approx(closed, rel=1e-4)
        lavages.append(lavage_il6(read(tissue, p, 0.0))[0])
    density = parameters.cells.resident_macrophage.resting_density
    expected = steady(
        density * p.cells[CellKind.RESIDENT_MACROPHAGE].secretion[Substance.IL6].at_rest,
        10_000,
        p.substances[Substance.IL6].loss,
    )
    expected *= 1000.0 / p.substances[Substance.IL6].lavage_dilution
    assert 1.8 < expected < 3.5  # pg/mL; 2-3 pg/mL is the baseline of mouse lavage
    assert abs(np.mean(lavages) - expected) < SIGMAS * np.std(lavages) / math.sqrt(len(lavages))


def made_by(tissue, p, **changes: float) -> float:
    """Secretion [molecules/s] of all sources, read off the field after one step."""
    tissue.fields.il6[AMOUNT] = 0.0
    spread_cytokines(tissue, p, effects(**changes), at())
    loss = p.substances[Substance.IL6].loss
    rate = tissue.fields.il6[AMOUNT].mean() * tissue.kind.size * loss / chance_within(loss, STEP)
    return rate / site_rise(1.0, Substances().il6.molar_mass)


def expected_secretion(kind: CellKind, activated: bool, activation: float, p) -> float:
    rates = p.cells[kind.shares_with].secretion[Substance.IL6]
    if kind in (CellKind.RESIDENT_MACROPHAGE, CellKind.RECRUITED_MACROPHAGE):
        return rates.at_rest + (activation**rates.power * (rates.activated - rates.at_rest) if activated else 0.0)
    return rates.activated * activation


@pytest.mark.interpreted
@pytest.mark.parametrize("kind", list(CellKind))
@pytest.mark.parametrize(("activated", "activation"), [(False, 0.0), (False, 0.5), (True, 0.5), (True, 1.0)])
def test_every_mobile_cell_secretes_what_it_is_declared_to(kind, activated, activation):
    p = empty()
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=4)
    cell = put(tissue, kind, 5, 2)
    cell.activated, cell.activation = activated, activation
    assert made_by(tissue, p) == pytest.approx(expected_secretion(kind, activated, activation, p), rel=ROUNDING)
    assert np.count_nonzero(tissue.fields.il6[SOURCE]) <= 1
    assert tissue.fields.il6[SOURCE, 5 // BLOCK, 2 // BLOCK] == tissue.fields.il6[SOURCE].sum()


@pytest.mark.parametrize("state", list(EpithelialState))
def test_infected_epithelium_secretes_and_no_other(state):
    p = empty()
    tissue = lay(one_cell_a_site(8, 8), p)
    set_epithelium(tissue, state, np.arange(10))
    infected = state in (EpithelialState.ECLIPSE, EpithelialState.EXPRESSING)
    assert made_by(tissue, p) == pytest.approx(
        10 * p.substances[Substance.IL6].epithelial_secretion if infected else 0.0, rel=ROUNDING
    )


@pytest.mark.parametrize("awake", [True, False])
def test_awake_cancer_cells_secrete_and_dormant_ones_do_not(awake):
    p = empty()
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=4)
    put_cancer(tissue, 3, 3, p, awake)
    put_cancer(tissue, 6, 3, p, awake)
    assert made_by(tissue, p) == pytest.approx(2 * p.substances[Substance.IL6].cancer_secretion * awake, rel=ROUNDING)


def test_dead_cells_secrete_nothing():
    p = empty()
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=4)
    put(tissue, CellKind.RESIDENT_MACROPHAGE, 1, 1).alive = False
    assert made_by(tissue, p) == 0.0


def test_in_a_knockout_there_is_no_il6_at_all():
    p = inhabited()
    tissue = lay_out(alveolar_sheet(60, 60, 1), p, 1, STEP, secretion_left=0.0)
    assert tissue.mobile_rows[2] > 0
    set_epithelium(tissue, EpithelialState.EXPRESSING)
    spread_cytokines(tissue, p, effects(secretion_left=0.0), at())
    assert not tissue.fields.il6[AMOUNT].any()


def test_an_antibody_adds_to_the_loss():
    p = empty()
    tissue = lay(alveolar_sheet(8, 8, 1), p)
    tissue.fields.il6[AMOUNT] = 3.0
    spread_cytokines(tissue, p, effects(added_loss=11.4), at())
    np.testing.assert_allclose(
        tissue.fields.il6[AMOUNT], 3.0 * math.exp(-(p.substances[Substance.IL6].loss + 11.4) * STEP), rtol=ROUNDING
    )


def test_what_an_antibody_takes_it_holds_and_lets_go_until_free_il6_is_as_low_as_what_it_holds_is_lost():
    p = empty({"substances.il6.epithelial_secretion": 5.0})
    tissue, q = lay(one_cell_a_site(16, 16), p), p.substances[Substance.IL6]
    set_epithelium(tissue, EpithelialState.EXPRESSING, np.array([0]))
    given, held, free = effects(added_loss=3.0, unbinding=0.3), [], []
    for tick in range(6000):
        spread_cytokines(tissue, p, given, at(tick))
        held.append(tissue.status[0].held[Substance.IL6])
        free.append(mean_amount(tissue.fields.il6))
    assert np.all(np.diff(held) >= 0.0)
    assert held[-1] > 9.0 * free[-1]
    made = steady(5.0, 256, 1.0)
    assert free[-1] == pytest.approx(made / (q.loss + 3.0 * q.complex_loss / (q.complex_loss + 0.3)), rel=0.01)
    assert held[-1] * q.complex_loss + free[-1] * q.loss == pytest.approx(made, rel=0.01)


def test_il6_rises_where_its_receptor_is_blocked_and_takes_none_up():
    p = empty({"substances.il6.epithelial_secretion": 5.0, "substances.il6.receptor_uptake": 0.8})
    means = []
    for left in (1.0, 0.0):
        tissue = lay(one_cell_a_site(16, 16), p)
        set_epithelium(tissue, EpithelialState.EXPRESSING, np.array([0]))
        for tick in range(600):
            spread_cytokines(tissue, p, effects(receptor_left=left), at(tick))
        means.append(mean_amount(tissue.fields.il6))
    assert means[1] == pytest.approx(5.0 * means[0], rel=0.01)


def test_at_a_fixed_total_the_split_between_sources_does_not_change_the_mean():
    means = []
    for share in (0.0, 0.3, 1.0):
        p = empty(
            {
                "substances.il6.epithelial_secretion": 8 * share,
                "cells.neutrophil.secretion.il6.activated": 8 * (1 - share),
            }
        )
        tissue = lay(one_cell_a_site(16, 16), p, room=4)
        set_epithelium(tissue, EpithelialState.EXPRESSING, np.array([0]))
        put(tissue, CellKind.NEUTROPHIL, 12, 12).activation = 1.0
        for tick in range(20):
            spread_cytokines(tissue, p, effects(), at(tick))
        means.append(tissue.fields.il6[AMOUNT].mean())
    np.testing.assert_allclose(means, means[0], rtol=ROUNDING)


def test_il6_reaches_some_hundred_micrometers_and_not_further():
    p = empty()
    tissue = lay(one_cell_a_site(8, 400), p)
    set_epithelium(tissue, EpithelialState.EXPRESSING, np.array([0]))
    for tick in range(240):
        spread_cytokines(tissue, p, effects(), at(tick))
    line = tissue.fields.il6[AMOUNT, 0]
    reach = math.sqrt(p.substances[Substance.IL6].diffusion / p.substances[Substance.IL6].loss)
    blocks = np.arange(2, 40)
    slope = np.polyfit(blocks * BLOCK * SPACING, np.log(line[blocks]), 1)[0]
    assert -1.0 / slope == pytest.approx(reach, rel=0.02)


def test_il6_that_nobody_secretes_decays_as_ever_however_little_is_left():
    p = empty()
    tissue = lay_out(alveolar_sheet(20, 20, 1), p, 1, STEP)
    tissue.fields.il6[AMOUNT] = 1e-9
    for tick in range(20):
        before = mean_amount(tissue.fields.il6)
        spread_cytokines(tissue, p, effects(), at(tick))
        assert 0.0 < mean_amount(tissue.fields.il6) < before


def test_interferon_stays_present_while_macrophages_are_activated_also_where_they_are_set_to_secrete_none():
    p = empty({"cells.resident_macrophage.secretion.interferon.activated": 0.0})
    tissue = lay_out(alveolar_sheet(20, 20, 1), p, 1, STEP)
    cell = put(tissue, CellKind.RECRUITED_MACROPHAGE, 5, 5)
    cell.activated, cell.activation = True, 0.5
    tissue.status[0].any_activated = True
    tissue.fields.interferon[AMOUNT] = 1e-9
    spread_interferon(tissue, p, effects(), at())
    assert tissue.status[0].present[Substance.INTERFERON] == 1
    assert tissue.fields.interferon[AMOUNT].all()
