"""Quiet time under rules: jumped against stepped."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from abm.model.quiet.by_rules import kinds_of_rules, longest_stride, next_stride
from abm.rules.cells import KINDS, CellKind
from abm.rules.states import Phenotype
from abm.tissue.state import AMOUNT
from tests.cohort.lungs import first_awakenings, lung, small

LEAST_P = 1e-3
QUIET = {"spontaneous_awakening": 1e-7, "awakening": 0.005}


def resting(**dormancy):
    """A section of 0.04 mm2 in which dormant cells do nothing but by rules."""
    return small(12, side=200.0, **(QUIET | dormancy))


IL17A = (
    resting()
    .with_substance("IL-17A", molar_mass="31 kDa", loss="0.5 /h")
    .with_rule("CD4 T cell", "IL-6", raises="secretion of IL-17A", to="40 molecules/cell/s", half="0.02 ng/mL")
    .with_rule("dormant cancer cell", "IL-17A", raises="awakening", to="0.002 /h", half="0.05 ng/mL", power=2)
)
MAST_CELLS = (
    resting()
    .with_substance("histamine", molar_mass="0.111 kDa", loss="0.6 /h", diffusion="10 um^2/s")
    .with_cell("mast cell", like="fibroblast", density="100 cell/mm^2", loss="0.01 /h")
    .with_rule("mast cell", "own age", raises="secretion of histamine", to="900 molecules/cell/s", half="10 h")
    .with_rule("dormant cancer cell", "histamine", raises="awakening", to="0.0003 /h", half="0.0005 ng/mL", power=2)
)
MACROPHAGES_NEAR = resting().with_rule(
    "dormant cancer cell", "resident macrophage within 50 um", raises="death", to="0.003 /h", half="1 cell", power=3
)
NK_KILL = resting().with_rule(
    "NK cell", "niche integrity", raises="killing of dormant cancer cells", to="0.4 /h", half=0.5
)
CD8_KILL_MORE = resting().with_rule(
    "CD8 T cell", "niche integrity", raises="killing of dormant cancer cells", to="30-fold", half=0.5
)
TOUCHING_KILL = resting().with_rule(
    "dormant cancer cell", "contact with resident macrophage", raises="death", to="0.02 /h", half="1 cell",
    form="threshold",
)  # fmt: skip
TOUCHING_AWAKEN = resting().with_rule(
    "dormant cancer cell", "contact with CD4 T cell", raises="awakening", to="0.1 /h", half="1 cell", power=2
)
SLOWER_LOSS = (
    small(12, side=200.0, awakening=0.02, spontaneous_awakening=1e-7, half_response=0.2, closed_niche=0.5)
    .with_rule("tissue", "niche integrity", lowers="loss of IL-6", to="30 %", half=0.1)
)  # fmt: skip
SCENARIOS = {
    "a substance of CD4 cells awakens": IL17A,
    "mast cells awaken": MAST_CELLS,
    "macrophages nearby kill": MACROPHAGES_NEAR,
    "NK cells kill dormant cells": NK_KILL,
    "CD8 cells kill more": CD8_KILL_MORE,
    "macrophages in contact kill": TOUCHING_KILL,
    "CD4 cells in contact awaken": TOUCHING_AWAKEN,
    "IL-6 is lost slower": SLOWER_LOSS,
}


def ends(scenario, days, seeds, jump):
    """Hours to the first awakening, or to the end, and share of the cells left then, of one section a seed."""
    found = first_awakenings(scenario, days, seeds, jump)
    return found[:, 0], found[:, 1]


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_sections_under_rules_awaken_and_lose_cells_jumped_as_stepped(name):
    scenario, days = SCENARIOS[name], 20
    stepped, left_stepped = ends(scenario, days, range(150), jump=False)
    jumped, left_jumped = ends(scenario, days, range(50_000, 50_300), jump=True)
    assert stats.ks_2samp(stepped, jumped).pvalue > LEAST_P
    assert stats.ks_2samp(left_stepped, left_jumped).pvalue > LEAST_P
    acted = (stepped < days * 24).mean() + (left_stepped < 12).mean()
    assert acted > 0.2, "the rule hardly acts: the comparison says nothing"


PHENOTYPES_TELL = (
    resting(to_mesenchymal=0.001)
    .with_rule("dormant cancer cell", "niche integrity", raises="transition to mesenchymal", to="0.004 /h", half=0.5)
    .with_rule("dormant cancer cell", "own phenotype", raises="death", to="0.004 /h", half=0.5, power=2)
)


@pytest.mark.slow
def test_cells_change_phenotype_and_die_by_it_jumped_as_stepped():
    found = {True: [], False: []}
    for jump, ends_at in found.items():
        for seed in range(150):
            one = lung(PHENOTYPES_TELL, seed + 50_000 * jump, 20, jump)
            one.tissue.cancer.phenotype[one.tissue.cancer.alive] = Phenotype.EPITHELIAL
            one._pass(20 * 24) if jump else one._step_to(20 * 24)
            left = one.tissue.cancer[one.tissue.cancer.alive]
            ends_at.append((left.size, (left.phenotype == Phenotype.MESENCHYMAL).sum(), left.phenotype.sum()))
    stepped, jumped = np.array(found[False]), np.array(found[True])
    assert 2.0 < stepped[:, 0].mean() < 10.0
    assert 1.0 < stepped[:, 1].mean() < stepped[:, 0].mean() - 0.5
    for column in range(3):
        assert stats.ks_2samp(stepped[:, column], jumped[:, column]).pvalue > LEAST_P
        error = np.sqrt((stepped[:, column].var() + jumped[:, column].var()) / 150)
        assert abs(stepped[:, column].mean() - jumped[:, column].mean()) < 4.0 * error


def test_the_field_of_a_substance_that_rules_make_is_that_of_stepping():
    found = {True: [], False: []}
    for jump, means in found.items():
        for seed in range(100):
            one = lung(IL17A, seed, 12, jump)
            one._pass(12 * 24) if jump else one._step_to(12 * 24)
            means.append(one.tissue.fields.own_1[AMOUNT].mean())
    assert np.mean(found[False]) > 0.01  # ng/mL
    assert stats.ks_2samp(found[True], found[False]).pvalue > LEAST_P


def test_cells_that_rules_act_in_or_count_are_carried_and_so_are_own_ones():
    both = MAST_CELLS.with_rule("NK cell", "CD4 T cell within 50 um", lowers="speed", to="50 %", half="1 cell")
    assert set(np.flatnonzero(kinds_of_rules(lung(both, 1, 1).p))) == {CellKind.NK, CellKind.CD4, KINDS}
    touching = resting().with_rule("dormant cancer cell", "contact with CD8 T cell", raises="death", to=0.1, half=1.0)
    assert set(np.flatnonzero(kinds_of_rules(lung(touching, 1, 1).p))) == {CellKind.CD8}
    off = replace(both, rules=tuple(replace(rule, on=False) for rule in both.rules))
    assert set(np.flatnonzero(kinds_of_rules(lung(off, 1, 1).p))) == {KINDS}


def test_inflammation_that_rules_keep_recruits_in_quiet_time_as_in_steps():
    scenario = (
        resting()
        .with_cell("T helper 1 cell", like="CD8 T cell", density="60 cell/mm^2", influx="20 cell/mm^2/h")
        .with_rule("T helper 1 cell", "niche integrity", raises="secretion of IFN-gamma", to=40.0, half=0.1)
    )
    found = {True: [], False: []}
    for jump, counts in found.items():
        for seed in range(40):
            one = lung(scenario, seed + 100 * jump, 24, jump)
            one._pass(24 * 24) if jump else one._step_to(24 * 24)
            counts.append((one.tissue.mobile.kind[one.tissue.mobile.alive] == KINDS).sum())
    expected = 0.04 * scenario.parameters.cells.t_helper_1_cell.resting_density
    assert np.mean(found[False]) > 2.0 * expected
    error = np.sqrt((np.var(found[True]) + np.var(found[False])) / 40)
    assert abs(np.mean(found[True]) - np.mean(found[False])) < 4.0 * error


def test_strides_are_short_where_cells_of_rules_live_shortly_or_hazards_are_large():
    p = lung(NK_KILL, 1, 1).p
    assert longest_stride(p) == pytest.approx(0.1 / p.cells[CellKind.NK].loss)
    assert longest_stride(lung(resting(), 1, 1).p) == np.inf
    assert next_stride(48.0, np.array([[0.01, 0.0, 0.01], [0.01, 0.01, 0.02]]), p) == pytest.approx(10.0)
    assert next_stride(48.0, np.empty((0, 3)), p) == 48.0
    assert next_stride(48.0, np.array([[1.0, 0.0, 1.0]]), lung(resting(), 1, 1).p) == 48.0


def test_a_section_that_rules_keep_activated_or_let_kill_fast_is_never_quiet():
    activated = replace(resting(), width=400.0, height=400.0).with_rule(
        "resident macrophage", "niche integrity", raises="activation", to=0.5, half=0.1
    )
    fast = NK_KILL.with_rule("NK cell", "IL-6", raises="killing of dormant cancer cells", to="5 /h", half="1 ng/mL")
    for scenario, quiet in ((activated, False), (fast, False), (MACROPHAGES_NEAR, True), (NK_KILL, True)):
        one = lung(scenario, 1, 3)
        one._step_to(24)
        one._look()
        assert one._is_quiet() == quiet


def test_a_law_that_a_rule_replaces_does_not_act_in_a_section_of_years():
    p = resting(dormant_death=1e-4)
    switched = p.with_rule(
        "dormant cancer cell", "NETs", raises="death", to="0.001 /h", half=0.5, replaces="dormant_death"
    )
    assert lung(switched, 1, 1).p.dormancy.dormant_death == 0.0
    assert lung(p, 1, 1).p.dormancy.dormant_death == 1e-4
