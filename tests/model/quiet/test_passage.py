"""Quiet time that is jumped against quiet time that is stepped, and both against the law."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from abm.cohort.lung import MOST_IN_QUIET, QUIET_LOOK, SAMPLING_INTERVAL
from abm.core.population import ALIVE
from abm.core.quantity import replaced
from abm.model.quiet.conditions import NEARLY_HEALED, SETTLING_TIME, is_healing, is_quiet
from abm.model.quiet.table import QUIET, How
from abm.rules.cells import CellKind
from abm.rules.own.slots import OWN_SUBSTANCES
from abm.rules.substances import Substance
from abm.tissue import state
from abm.tissue.state import AMOUNT, ARRAYS, FIELD_NAMES, FIELDS, Niche, arrays_of
from abm.treatments.effects import EFFECTS, Acts
from tests.cohort.lungs import first_awakenings, infected, lung, small

LEAST_P = 1e-3


def test_jumped_sections_awake_and_lose_cells_by_the_law():
    days, founders = 40, 20
    scenario = small(founders, secretion=0.0, spontaneous_awakening=2e-5)
    found = first_awakenings(scenario, days, range(1500), jump=True)
    end = days * 24.0
    rate = founders * 2e-5
    awoke = found[found[:, 0] < end, 0]
    # Deaths take cells away, so the hazard falls a little: by at most the share that is lost.
    expected = 1.0 - np.exp(-rate * end)
    assert awoke.size / 1500 == pytest.approx(expected, abs=0.04)
    law = stats.truncexpon(b=rate * end, scale=1.0 / rate)
    assert stats.kstest(awoke - 0.5, law.cdf).pvalue > LEAST_P
    lost = (founders - found[:, 1]).sum() / found[:, 0].sum() / founders
    p = scenario.parameters
    contact = 9.0 * p.cells[CellKind.CD8].resting_density * 1e-4
    expected_loss = p.dormancy.dormant_death + p.cytotoxicity.cd8_dormant_cancer * contact
    assert lost == pytest.approx(expected_loss, rel=0.2)


@pytest.mark.slow
def test_jumping_gives_the_distribution_that_stepping_gives():
    scenario, days = small(20, spontaneous_awakening=3e-5), 30
    stepped = first_awakenings(scenario, days, range(1000), jump=False)
    jumped = first_awakenings(scenario, days, range(50_000, 52_000), jump=True)
    assert stats.ks_2samp(stepped[:, 0], jumped[:, 0]).pvalue > LEAST_P
    table = [[np.sum(part[:, 1] == count) for count in (20, 19, 18)] for part in (stepped, jumped)]
    assert stats.chi2_contingency(table).pvalue > LEAST_P


def test_after_a_jump_immune_cells_are_as_many_as_before_it_on_average():
    scenario = small(1, side=400.0, spontaneous_awakening=1e-7)
    counts = []
    for seed in range(150):
        one = lung(scenario, seed, 60)
        one._pass(60 * 24)
        mobile = one.tissue.mobile
        counts.append(np.bincount(mobile.kind[mobile.alive], minlength=len(CellKind)))
        assert one.tissue.niche[Niche.CD4].sum() == counts[-1][CellKind.CD4]
        assert one.tissue.niche[Niche.FIBROBLASTS].sum() == counts[-1][CellKind.FIBROBLAST]
    found, area = np.array(counts), 0.16
    for kind in (CellKind.RESIDENT_MACROPHAGE, CellKind.NEUTROPHIL, CellKind.FIBROBLAST):
        expected = area * scenario.parameters.cells[kind].resting_density
        assert found[:, kind].mean() == pytest.approx(expected, abs=4.0 * np.sqrt(expected / 150))
        assert found[:, kind].var() == pytest.approx(expected, rel=0.5)


def test_matrix_heals_in_a_jump_as_it_does_step_by_step():
    healed = {}
    for jump in (True, False):
        holds = []
        for seed in range(12):
            one = lung(small(1, side=600.0, spontaneous_awakening=1e-7), seed, 30, jump)
            one.tissue.niche[Niche.INTEGRITY] = 0.0
            one.tissue.status[0].remodeled = True
            if jump:
                one._pass(30 * 24)
            else:
                one._step_to(30 * 24)
            holds.append(one.tissue.niche[Niche.INTEGRITY].mean())
        healed[jump] = np.array(holds)
    spread = np.sqrt(healed[True].var() / 12 + healed[False].var() / 12)
    assert 0.1 < healed[False].mean() < 0.9
    assert abs(healed[True].mean() - healed[False].mean()) < 4.0 * spread


def test_the_last_of_the_matrix_heals_at_the_mean_density_of_fibroblasts():
    one = lung(small(1, side=600.0, spontaneous_awakening=1e-7), 1, 30)
    niche, repair = one.tissue.niche, one.p.matrix.niche_repair
    niche[Niche.INTEGRITY] = 1.0 - 0.9 * NEARLY_HEALED
    one.tissue.status[0].remodeled = True
    assert not is_healing(one.tissue)
    one._pass(30 * 24)
    lost = 1.0 - one.tissue.niche[Niche.INTEGRITY]
    np.testing.assert_allclose(lost, 0.9 * NEARLY_HEALED * np.exp(-repair * 720.0), rtol=1e-4)
    alive = one.tissue.mobile.kind[one.tissue.mobile.alive]
    assert one.tissue.niche[Niche.FIBROBLASTS].sum() == np.sum(alive == CellKind.FIBROBLAST)


def test_a_block_with_cancer_cells_far_from_healed_needs_single_fibroblasts():
    one = lung(small(1, side=600.0), 1, 30)
    one.tissue.status[0].remodeled = True
    assert not is_healing(one.tissue)
    cancer = one.tissue.niche[Niche.CANCER] > 0.0
    one.tissue.niche[Niche.INTEGRITY][~cancer] = 1.0 - 2.0 * NEARLY_HEALED
    assert is_healing(one.tissue)  # on average
    one.tissue.niche[Niche.INTEGRITY][~cancer] = 1.0 - 0.5 * NEARLY_HEALED
    assert not is_healing(one.tissue)
    one.tissue.niche[Niche.INTEGRITY] = 1.0
    one.tissue.niche[Niche.INTEGRITY][cancer] = 1.0 - 2.0 * NEARLY_HEALED
    assert is_healing(one.tissue)


def test_antibody_fades_in_a_jump_as_it_does_step_by_step():
    left = []
    for jump in (True, False):
        one = lung(small(1, spontaneous_awakening=1e-7), 3, 20, jump)
        one.tissue.node[0].antibody, one.tissue.node[0].memory, one.tissue.node[0].pool = 1.0, 1.0, 0.2
        if jump:
            one._pass(20 * 24)
        else:
            one._step_to(20 * 24)
        left.append((one.tissue.node[0].antibody, one.tissue.node[0].pool, one.tissue.node[0].memory))
    assert left[0] == pytest.approx(left[1], rel=1e-9)


def test_memory_cells_outlive_a_jump_by_their_own_clocks():
    one = lung(small(1, spontaneous_awakening=1e-7), 5, 100)
    mobile = one.tissue.mobile
    mobile.kind[:4], mobile.memory[:4], mobile.alive[:4] = CellKind.CD8, True, True
    mobile.residence_hazard_left[:4] = [0.1, 0.9, 1.1, 2.0]  # mean lives of 720 h
    one._pass(720)
    kept = one.tissue.mobile[one.tissue.mobile.alive & one.tissue.mobile.memory]
    assert sorted(kept.residence_hazard_left.round(6)) == [0.1, 1.0]


def test_quiet_time_after_an_infection_waits_until_its_traces_are_gone():
    one = infected(small(3, side=400.0), 5, 40)
    one.run(40 * 24)
    seen = [look for look in one.looks if look.infected > 0.0]
    assert seen, "the section was not infected"
    gaps = [(a.hour, b.hour - a.hour) for a, b in zip(one.looks, one.looks[1:], strict=False)]
    assert gaps[0] == (0.0, 48.0)
    waiting = [length for hour, length in gaps if 48.0 <= hour < seen[-1].hour + SETTLING_TIME - 24]
    assert max(waiting) <= SAMPLING_INTERVAL


def test_what_is_seen_of_quiet_time_is_what_stops_would_have_shown():
    scenario = small(60, side=400.0, awakening=0.0, spontaneous_awakening=0.0, dormant_death=1e-4)
    killers = replaced(scenario.parameters, "cytotoxicity.cd8_dormant_cancer", 0.0)  # who come anew after each stop
    scenario = replace(scenario, parameters=killers)
    passed, stopped = lung(scenario, 3, 200), lung(scenario, 3, 200)
    passed.run(200 * 24)
    seen = {look.hour: look.cells for look in passed.looks}
    assert {QUIET_LOOK * number for number in range(1, 7)} < set(seen)
    for hour in sorted(seen)[1:]:
        stopped.run(int(hour))
        assert stopped.looks[-1].cells == seen[hour]
    assert 30 <= seen[200 * 24] < seen[3 * QUIET_LOOK] < seen[QUIET_LOOK] <= 60


def test_the_same_seed_gives_the_same_years():
    runs = []
    for _ in range(2):
        one = infected(small(4, side=400.0), 7, 120)
        one.run(120 * 24)
        runs.append(one.looks)
    assert runs[0] == runs[1]


def test_a_thinned_section_counts_for_as_many_cells():
    counts = []
    for seed in range(30):
        one = lung(small(900, side=600.0, spontaneous_awakening=1e-7), seed, 2)
        one._pass(1)
        counts.append((one.tissue.cancer_rows[ALIVE], one.weight))
        assert one.tissue.niche[Niche.CANCER].sum() == one.tissue.cancer_at.sum() == counts[-1][0]
        assert one.tissue.clones.cells.sum() == counts[-1][0]
    kept, weights = np.array(counts).T
    assert weights == pytest.approx(np.full(30, 900.0 / MOST_IN_QUIET))
    share = MOST_IN_QUIET / 900.0
    error = np.sqrt(900.0 * share * (1.0 - share) / 30.0) / share
    assert kept.mean() / share == pytest.approx(900.0, abs=4.0 * error + 1.0)
    few = lung(small(MOST_IN_QUIET - 10, side=600.0), 1, 2)
    few._pass(1)
    assert few.weight == 1.0


# ------------------------------------------------------------------------------------------------------------------
# The table of what passes quiet time


def parts_of(array):
    """What an array is made of, as far as its parts pass quiet time in different ways."""
    own = {"niche": Niche, "mobile": CellKind}
    types = {"epithelium": state.EPITHELIAL_CELL, "blocks": state.BLOCK_OF_TISSUE, "node": state.LYMPH_NODE}
    types |= {"status": state.SECTION_STATUS, "viruses": state.VIRUS_IN_SECTION}
    return {part.name for part in own[array]} if array in own else set(types[array].names)


def test_every_array_of_the_tissue_declares_how_it_passes_quiet_time():
    assert set(QUIET) == set(ARRAYS)


@pytest.mark.parametrize("array", [array for array, parts in QUIET.items() if parts[0].parts])
def test_every_part_of_an_array_is_declared_once(array):
    declared = [name for passes in QUIET[array] for name in passes.parts]
    assert sorted(declared) == sorted(parts_of(array))


def test_every_field_relaxes_by_a_process_of_the_step():
    fields = [name for name in ARRAYS if is_field(name)]
    assert fields == ["virus", *(FIELDS + substance.key for substance in Substance)]
    assert all(QUIET[name][0].how is How.RELAXES and QUIET[name][0].process for name in fields)


def is_field(name):
    array = arrays_of(lung(small(1), 1, 1).tissue)[name]
    return array.ndim == 3 and array.shape[0] == 3 and array.dtype == np.float32 and array.size > 0


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.name)
def test_no_quiet_time_passes_while_a_treatment_acts_that_strides_do_not_follow(effect):
    one = lung(small(3, side=400.0), 4, 40)
    assert is_quiet(one.tissue, one.p, one.course, 0, SETTLING_TIME)
    one.course[effect.name][0] = 0.5
    stepped = effect.acts in (Acts.AT_ONCE, Acts.STEP_BY_STEP)
    assert is_quiet(one.tissue, one.p, one.course, 0, SETTLING_TIME) != stepped


FOLLOWED = [effect.name for effect in EFFECTS if effect.acts == Acts.AT_REST]


@pytest.mark.parametrize("name", sorted({*FOLLOWED} - {"interferon_left", "unbinding", "own_drug"}))  # there is none
def test_quiet_time_follows_what_acts_on_the_il6_signal(name):
    signals = []
    for value in (None, 0.5):
        one = lung(small(3, side=400.0, spontaneous_awakening=1e-9, awakening=0.0), 4, 40)
        if value is not None:
            one.course[name] = value
        one._pass(40 * 24)
        signals.append(one.tissue.blocks.signal[one.tissue.niche[Niche.CANCER] > 0.0].mean())
    assert 0.0 < signals[1] < 0.8 * signals[0]


@pytest.mark.parametrize("array", [name for name, parts in QUIET.items() if parts[0].how in (How.FIXED, How.KEPT)])
def test_what_never_changes_is_the_same_after_quiet_time_jumped_or_stepped(array):
    for jump in (True, False):
        one = lung(small(3, side=400.0, spontaneous_awakening=1e-9), 4, 10, jump)
        before = getattr(one.tissue, array).copy()
        if jump:
            one._pass(240)
        else:
            one._step_to(240)
        after = arrays_of(one.tissue)[array]
        assert np.array_equal(np.asarray(after).view(np.uint8), np.asarray(before).view(np.uint8))


# ------------------------------------------------------------------------------------------------------------------
# Jumped against stepped


@pytest.mark.parametrize("field", [name for name, parts in QUIET.items() if parts[0].how is How.RELAXES])
def test_what_is_left_of_a_field_is_lost_in_a_jump_as_it_is_step_by_step(field):
    left = []
    for jump in (True, False):
        scenario = small(1, secretion=0.0, spontaneous_awakening=1e-7)
        for number in range(OWN_SUBSTANCES):
            scenario = scenario.with_substance(f"substance {number}", molar_mass="20 kDa", loss="0.3 /h")
        one = lung(scenario, 3, 40, jump)
        amount = arrays_of(one.tissue)[field][AMOUNT]
        amount[:] = 100.0
        one.tissue.viruses[0].present = field == "virus"
        one.tissue.status[0].present[:] = [field == FIELDS + name for name in FIELD_NAMES]
        if jump:
            one._pass(30 * 24)
        else:
            one._step_to(30 * 24)
        left.append(arrays_of(one.tissue)[field][AMOUNT].mean())
    assert left[1] < 1e-3
    assert left[0] < 100.0 * np.exp(-11.0)


def cells_after(jump, seeds, days=20):
    """Counts by kind, ages of NK cells and mean IL-6 of sections after some quiet days."""
    counts, ages, il6 = [], [], []
    scenario = small(1, side=400.0, spontaneous_awakening=1e-9)
    for seed in seeds:
        one = lung(scenario, seed, days, jump)
        if jump:
            one._pass(days * 24)
        else:
            one._step_to(days * 24)
        mobile = one.tissue.mobile[one.tissue.mobile.alive]
        counts.append(np.bincount(mobile.kind, minlength=len(CellKind)))
        ages += list(days * 24 - mobile.born[mobile.kind == CellKind.NK])
        il6.append(one.tissue.fields.il6[AMOUNT].mean().round(4))  # so many macrophages make as much
    return np.array(counts), np.array(ages), np.array(il6)


def test_cells_of_every_kind_are_as_many_and_as_old_as_after_stepping_and_so_is_il6():
    jumped, jumped_ages, jumped_il6 = cells_after(True, range(120))
    stepped, stepped_ages, stepped_il6 = cells_after(False, range(1000, 1120))
    for kind in CellKind:
        error = np.sqrt((jumped[:, kind].var() + stepped[:, kind].var()) / 120)
        assert abs(jumped[:, kind].mean() - stepped[:, kind].mean()) <= 4.0 * error, kind.name
    assert stats.ks_2samp(jumped_ages, stepped_ages).pvalue > LEAST_P
    assert stats.ks_2samp(jumped_il6, stepped_il6).pvalue > LEAST_P
