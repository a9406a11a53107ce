import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.core.field import field_total
from abm.core.lattice import SPACING, area_of
from abm.processes.secretion import VANISHED, spread_interferon
from abm.processes.virus import spread_virions
from abm.rules.adaptive import unbound_antibody
from abm.rules.cells import CellKind
from abm.rules.infection import virion_loss
from abm.rules.interferon import response
from abm.rules.states import EpithelialState
from abm.rules.substances import Substance, Substances, site_rise
from abm.tissue.epithelial_cells import infected_cells
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT
from tests.processes.tissues import (
    STEP,
    at,
    chance_within,
    digest,
    effects,
    empty,
    lay,
    look_around,
    one_cell_a_site,
    put,
    raise_flags,
    set_epithelium,
)

ROUNDING = 1e-5  # fields are float32
STILL = {"virus.diffusion": 0.0, "virus.mixing": 0.0}


def made_in_a_step(rate: float, loss: float) -> float:
    """What is left at the end of a step of what was made in it at a steady rate [1/h]."""
    return rate * chance_within(loss, STEP) / loss


@pytest.mark.interpreted
@settings(max_examples=25)
@given(
    makers=st.integers(0, 40),
    start=st.floats(0.001, 5.0),
    antibody=st.floats(0.0, 1.0),
    mixing=st.floats(0.0, 0.02),
    left=st.floats(0.0, 1.0),
)
def test_the_budget_of_virions_closes_in_every_step(makers, start, antibody, mixing, left):
    p = empty({"virus.mixing": mixing})
    tissue = lay(one_cell_a_site(8, 8), p)
    if makers:
        set_epithelium(tissue, EpithelialState.EXPRESSING, np.arange(makers))
    tissue.virus[AMOUNT] = np.linspace(0.5 * start, 1.5 * start, 64).reshape(8, 8)
    tissue.viruses[0].present = True
    tissue.node.antibody = antibody
    expected = 64 * start
    for tick in range(3):
        unbound = unbound_antibody(antibody, expected / area_of(64), p.adaptive)
        loss = virion_loss(p.virus.clearance, unbound, p.virus.antibody_clearance)
        spread_virions(tissue, p, effects(release_left=left), at(tick))
        expected = expected * math.exp(-loss * STEP) + made_in_a_step(makers * p.virus.release * left, loss)
    assert tissue.virus[AMOUNT].sum() == pytest.approx(expected, rel=ROUNDING)
    assert tissue.virus[AMOUNT].min() >= 0.0


def test_an_inoculum_is_spread_evenly_per_area():
    p = empty()
    tissue = lay(alveolar_sheet(12, 20, 1), p)
    spread_virions(tissue, p, effects(inoculum=1e4), at())
    np.testing.assert_allclose(tissue.virus[AMOUNT], math.exp(-p.virus.clearance * STEP), rtol=ROUNDING)


def test_a_cell_releases_evenly_over_its_own_sites_and_nowhere_else():
    p = empty(STILL)
    section = alveolar_sheet(16, 16, 1)
    tissue = lay(section, p)
    cell = int(np.argmax(section.size))
    set_epithelium(tissue, EpithelialState.EXPRESSING, np.array([cell]))
    spread_virions(tissue, p, effects(), at())
    own = section.cell_of_site == cell
    expected = made_in_a_step(p.virus.release, p.virus.clearance) / section.size[cell]
    np.testing.assert_allclose(tissue.virus[AMOUNT][own], expected, rtol=ROUNDING)
    assert (tissue.virus[AMOUNT][~own] == 0.0).all()


def test_mixing_carries_a_share_of_the_release_to_the_far_end_at_once():
    share = 0.01
    p = empty({**STILL, "virus.mixing": share})
    section = one_cell_a_site(4, 200)
    tissue = lay(section, p)
    set_epithelium(tissue, EpithelialState.EXPRESSING, np.array([0]))
    spread_virions(tissue, p, effects(), at())
    made = made_in_a_step(p.virus.release, p.virus.clearance)
    np.testing.assert_allclose(tissue.virus[AMOUNT].ravel()[1:], share * made / 800, rtol=ROUNDING)
    assert tissue.virus[AMOUNT, 0, 0] == pytest.approx(made * (1 - share + share / 800))


def test_diffusion_alone_reaches_only_the_neighborhood():
    p = empty({"virus.mixing": 0.0})
    tissue = lay(one_cell_a_site(4, 200), p)
    set_epithelium(tissue, EpithelialState.EXPRESSING, np.array([0]))
    for tick in range(60):
        spread_virions(tissue, p, effects(), at(tick))
    line = tissue.virus[AMOUNT].sum(axis=0)
    assert (np.diff(line) <= 0.0).all()
    reach = (p.virus.diffusion / p.virus.clearance) ** 0.5 / SPACING  # sites
    assert line[: round(6.0 * reach)].sum() > 0.99 * line.sum()


def test_virus_far_from_a_corner_without_any_goes_on_being_cleared():
    p = empty({"virus.mixing": 0.0})
    tissue = lay(one_cell_a_site(4, 400), p)
    set_epithelium(tissue, EpithelialState.EXPRESSING, np.array([399]))
    for tick in range(60):
        spread_virions(tissue, p, effects(), at(tick))
    set_epithelium(tissue, EpithelialState.HEALTHY)
    assert tissue.virus[AMOUNT, 0, 0] == 0.0
    before = float(tissue.virus[AMOUNT].sum())
    spread_virions(tissue, p, effects(), at(60))
    assert tissue.virus[AMOUNT].sum() == pytest.approx(before * math.exp(-p.virus.clearance * STEP), rel=ROUNDING)


def test_antibody_raises_the_loss_of_virions_up_to_its_fold():
    p = empty({"adaptive.antibody_excess": 1e30})
    left = []
    for antibody in (0.0, 0.5, 1.0):
        tissue = lay(one_cell_a_site(8, 8), p)
        tissue.virus[AMOUNT] = 1.0
        tissue.viruses[0].present = True
        tissue.node.antibody = antibody
        spread_virions(tissue, p, effects(), at())
        left.append(-math.log(tissue.virus[AMOUNT].mean()) / STEP)
    fold = np.array(left) / p.virus.clearance
    np.testing.assert_allclose(
        fold, [1.0, (1 + p.virus.antibody_clearance) / 2, p.virus.antibody_clearance], rtol=ROUNDING
    )


def test_neutrophils_raise_the_loss_of_virions_and_none_lowers_it():
    left = []
    for neutrophils in (0, 2, 6):
        p = empty({"cells.neutrophil.resting_density": 2 / area_of(64), "virus.neutrophil_uptake": 0.4})
        tissue = lay(one_cell_a_site(8, 8), p)
        tissue.mobile.alive[tissue.mobile.kind == CellKind.NEUTROPHIL] = False
        for number in range(neutrophils):
            put(tissue, CellKind.NEUTROPHIL, number, 0)
        tissue.virus[AMOUNT] = 1.0
        tissue.viruses[0].present = True
        spread_virions(tissue, p, effects(), at())
        left.append(-math.log(tissue.virus[AMOUNT].mean()) / STEP)
    np.testing.assert_allclose(np.array(left) / p.virus.clearance, [0.6, 1.0, 1.8], rtol=ROUNDING)


def arrived(days: float = 1.0, step: float = STEP, **given: float) -> float:
    """Virions [1/mm2] on a section that one should reach per mm2 and hour for some time [d]; given: by treatments."""
    p = empty({"virus.clearance": 1e-9})
    tissue = lay(one_cell_a_site(8, 8), p)
    for tick in range(round(24.0 * days / step)):
        spread_virions(tissue, p, effects(inoculum=step, **given), at(tick, step=step))
    return float(tissue.virus[AMOUNT].sum()) / area_of(64)


def test_untreated_virus_arrives_from_the_rest_of_the_lung_as_planned():
    assert arrived() == pytest.approx(24.0, rel=1e-4)


def test_an_antiviral_and_a_vaccine_slow_the_growth_of_virus_in_the_rest_of_the_lung():
    at_first = arrived(STEP / 24.0, release_left=0.1)
    assert at_first == pytest.approx(0.1 * STEP)  # as much less as is made
    assert 0.2 * 144.0 * at_first < arrived(release_left=0.1) < 0.6 * 144.0 * at_first  # by fewer and fewer cells
    assert arrived(STEP / 24.0, vaccinated=1.0) == pytest.approx(STEP)
    assert arrived(vaccinated=1.0) < 0.8 * arrived()


def test_as_much_virus_arrives_under_a_drug_at_any_step():
    assert arrived(release_left=0.1, step=STEP / 5.0) == pytest.approx(arrived(release_left=0.1), rel=0.01)


def test_the_growth_of_arriving_virus_begins_anew_with_each_inoculation():
    p = empty()
    tissue = lay(one_cell_a_site(8, 8), p)
    for tick in range(36):
        spread_virions(tissue, p, effects(inoculum=STEP, release_left=0.1), at(tick))
    assert tissue.viruses[0].arrival_growth < -0.5
    spread_virions(tissue, p, effects(), at(36))
    assert tissue.viruses[0].arrival_growth == 0.0


def test_interferon_and_an_antiviral_hold_back_release():
    p = empty()
    tissue = lay(one_cell_a_site(8, 8), p)
    set_epithelium(tissue, EpithelialState.EXPRESSING)
    tissue.fields.interferon[AMOUNT] = p.interferon.half_response
    raise_flags(tissue)
    share = response(p.interferon.half_response, 0.5, p.interferon)
    look_around(tissue, p, effects(interferon_left=0.5))
    spread_virions(tissue, p, effects(interferon_left=0.5, release_left=0.25), at())
    rate = 64 * p.virus.release * (1 - p.interferon.release_blunting * share) * 0.25
    assert tissue.virus[AMOUNT].sum() == pytest.approx(made_in_a_step(rate, p.virus.clearance), rel=ROUNDING)


@pytest.mark.interpreted
def test_less_than_a_trace_of_virus_is_none():
    p = empty()
    tissue = lay(one_cell_a_site(8, 8), p)
    tissue.virus[AMOUNT] = 2.0 * p.epithelium.extinction / 64
    tissue.viruses[0].present = True
    totals = []
    for tick in range(60):
        spread_virions(tissue, p, effects(), at(tick))
        totals.append(field_total(tissue.virus[AMOUNT]))
    last = max(tick for tick in range(60) if totals[tick] > 0.0)
    assert totals[last] >= p.epithelium.extinction
    assert totals[last] * math.exp(-p.virus.clearance * STEP) < p.epithelium.extinction
    assert not tissue.virus[AMOUNT].any()


def test_virus_does_not_die_out_while_a_cell_is_infected():
    p = empty()
    tissue = lay(one_cell_a_site(8, 8), p)
    set_epithelium(tissue, EpithelialState.ECLIPSE, np.array([3]))
    tissue.virus[AMOUNT] = 0.1 * p.epithelium.extinction / 64
    tissue.viruses[0].present = True
    spread_virions(tissue, p, effects(), at())
    assert infected_cells(tissue.epithelial_counts) == 1
    assert tissue.virus[AMOUNT].min() > 0.0


@pytest.mark.interpreted
def test_a_section_without_virus_is_left_alone():
    p = empty()
    tissue = lay(alveolar_sheet(8, 8, 1), p)
    before = digest(tissue)
    spread_virions(tissue, p, effects(), at())
    spread_interferon(tissue, p, effects(), at())
    assert digest(tissue) == before


def interferon_made(rate: float, sites: int, loss: float) -> float:
    """Mean interferon [ng/mL] after one step of steady secretion [molecules/s]."""
    return made_in_a_step(site_rise(rate, Substances().interferon.molar_mass) / sites, loss)


@pytest.mark.parametrize("state", [EpithelialState.ECLIPSE, EpithelialState.EXPRESSING])
def test_an_infected_cell_makes_interferon_after_a_delay(state):
    p = empty()
    tissue = lay(alveolar_sheet(16, 16, 1), p)
    set_epithelium(tissue, state, np.array([0, 1]))
    tissue.epithelium.infected_at = 5.0
    early = math.floor((5.0 + p.substances[Substance.INTERFERON].delay) / STEP) - 1
    spread_interferon(tissue, p, effects(), at(early))
    assert not tissue.fields.interferon[AMOUNT].any()
    spread_interferon(tissue, p, effects(), at(early + 2))
    expected = interferon_made(
        2 * p.substances[Substance.INTERFERON].epithelial_secretion, 256, p.substances[Substance.INTERFERON].loss
    )
    assert tissue.fields.interferon[AMOUNT].mean() == pytest.approx(expected, rel=ROUNDING)


@pytest.mark.parametrize("kind", list(CellKind))
@pytest.mark.parametrize("activated", [True, False])
def test_only_alarmed_mhcii_macrophages_make_interferon_among_mobile_cells(kind, activated):
    p = empty()
    tissue = lay(alveolar_sheet(16, 16, 1), p, room=4)
    cell = put(tissue, kind, 5, 9)
    cell.activation, cell.activated = 0.25, activated
    raise_flags(tissue)
    spread_interferon(tissue, p, effects(), at())
    makes = activated and kind <= CellKind.RECRUITED_MACROPHAGE
    expected = (
        interferon_made(
            0.25 * p.cells[CellKind.RESIDENT_MACROPHAGE].secretion[Substance.INTERFERON].activated,
            256,
            p.substances[Substance.INTERFERON].loss,
        )
        if makes
        else 0.0
    )
    assert tissue.fields.interferon[AMOUNT].mean() == pytest.approx(expected, rel=ROUNDING)


@pytest.mark.parametrize("corner", [(0, 0), (-1, -1)])
def test_interferon_decays_by_its_law_wherever_it_is_once_nobody_makes_it(corner):
    p = empty()
    tissue = lay(alveolar_sheet(200, 200, 1), p)
    tissue.fields.interferon[AMOUNT][corner] = 1.0
    raise_flags(tissue)
    before = tissue.fields.interferon[AMOUNT].sum()
    spread_interferon(tissue, p, effects(), at())
    assert tissue.fields.interferon[AMOUNT].sum() == pytest.approx(
        before * math.exp(-p.substances[Substance.INTERFERON].loss * STEP), rel=ROUNDING
    )


def test_interferon_comes_to_an_end():
    p = empty()
    tissue = lay(alveolar_sheet(8, 8, 1), p)
    tissue.fields.interferon[AMOUNT] = 2.0 * VANISHED
    raise_flags(tissue)
    amounts = []
    for tick in range(200):
        spread_interferon(tissue, p, effects(), at(tick))
        amounts.append(tissue.fields.interferon[AMOUNT].mean())
        assert tissue.status[0].present[Substance.INTERFERON] == (amounts[-1] > 0.0)
    assert amounts[0] > VANISHED
    assert not tissue.fields.interferon[AMOUNT].any()
    assert min(amount for amount in amounts if amount > 0.0) >= VANISHED
