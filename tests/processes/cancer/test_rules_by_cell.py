"""Rules that respond to the phenotype of a cancer cell or to cells in contact, and those that change its phenotype."""

import math

import numpy as np
import pytest

from abm.core.quantity import replaced
from abm.core.record import as_record
from abm.processes.cancer.life import update_cancer
from abm.processes.secretion_by_rules import secrete_by_rules
from abm.processes.signals import read_signals
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, Cause, EventKind, Phenotype
from abm.rules.substances import SUBSTANCES
from abm.scenario.scenario import Scenario
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import SOURCE
from tests.processes.tissues import (
    NOBODY,
    STEP,
    assert_books_balance,
    assert_share,
    at,
    chance_within,
    changed,
    effects,
    lay,
    put,
    put_cancer_everywhere,
)

SIDE = 40
QUIET = {
    f"dormancy.{name}": 0.0
    for name in (
        *("migration_speed", "proliferating_death", "return_rate", "dormant_death", "spontaneous_awakening"),
        *("awakening", "to_hybrid", "to_epithelial", "to_mesenchymal"),
    )
} | {"dormancy.cycle_time": 1e9}
DORMANT, AWAKE = "dormant cancer cell", "proliferating cancer cell"
FULL = {"form": "threshold", "half": 0.5}


BARE = Scenario(name="own", parameters=changed(NOBODY))


def crowd(scenario, awake=False, thirds=True, **dormancy):
    """1,600 cancer cells, one a site, which do nothing but by rules and these numbers; thirds: a phenotype in turn."""
    parameters = scenario.parameters
    for name, value in (QUIET | {f"dormancy.{name}": value for name, value in dormancy.items()}).items():
        parameters = replaced(parameters, name, value)
    p = as_record(parameters)
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), p, room=SIDE**2 + 2000)
    cells = put_cancer_everywhere(tissue, p, awake)
    if thirds:
        cells.phenotype = np.arange(cells.size) % 3
    return tissue, cells, p


def run(tissue, p, hours):
    for tick in range(1, round(hours / STEP) + 1):
        read_signals(tissue, p, effects(), at(tick))
        update_cancer(tissue, p, effects(), at(tick))


@pytest.mark.parametrize(("cell", "awake", "rate"), [(DORMANT, False, "death"), (AWAKE, True, "death")])
def test_cells_of_one_block_die_each_by_its_phenotype(cell, awake, rate):
    scenario = BARE.with_rule(cell, "own phenotype", raises=rate, to=0.02, half=0.5)
    tissue, cells, p = crowd(scenario, awake)
    phenotype = cells.phenotype.copy()
    run(tissue, p, 40)
    for kind, share in zip(Phenotype, (0.0, 0.5, 2.0 / 3.0), strict=True):
        assert_share(~cells.alive[phenotype == kind], chance_within(0.02 * share, 40.0))
    assert_books_balance(tissue, 1)


def test_a_phenotype_holds_back_what_awakens_the_other_cells_of_a_block():
    scenario = BARE.with_rule(DORMANT, "own phenotype", lowers="awakening", to="0 %", **FULL | {"half": 1.0})
    tissue, cells, p = crowd(scenario, spontaneous_awakening=0.01)
    phenotype = cells.phenotype.copy()
    run(tissue, p, 40)
    awake = cells.state != CancerState.DORMANT
    assert not awake[phenotype == Phenotype.EPITHELIAL].any()
    assert_share(awake[phenotype != Phenotype.EPITHELIAL], chance_within(0.01, 40.0))
    assert (cells.cause[awake] == Cause.SPONTANEOUS).all()


def test_a_cell_that_a_rule_of_its_own_signal_awakens_has_that_cause():
    tissue, cells, p = crowd(BARE.with_rule(DORMANT, "own phenotype", raises="awakening", to=0.03, **FULL))
    phenotype = cells.phenotype.copy()
    run(tissue, p, 20)
    awake = cells.state != CancerState.DORMANT
    assert_share(awake[phenotype > Phenotype.MESENCHYMAL], chance_within(0.03, 20.0))
    assert not awake[phenotype == Phenotype.MESENCHYMAL].any()
    assert (cells.cause[awake] == Cause.RULE).all()


def test_proliferating_cells_return_and_divide_each_by_its_phenotype():
    scenario = BARE.with_rule(AWAKE, "own phenotype", lowers="return to dormancy", to="0 %", **FULL | {"half": 1.0})
    tissue, cells, p = crowd(scenario, awake=True, return_rate=0.02)
    phenotype = cells.phenotype.copy()
    run(tissue, p, 20)
    back = cells.state == CancerState.REDORMANT
    assert not back[phenotype == Phenotype.EPITHELIAL].any()
    assert_share(back[phenotype != Phenotype.EPITHELIAL], chance_within(0.02, 20.0))


def test_the_cycle_of_a_cell_runs_at_the_speed_of_its_phenotype():
    numbers = {"cycling_without_signal": 1.0, "cycle_time": 20.0, "cycle_shape": 60.0, "site_capacity": 8.0}
    scenario = BARE.with_rule(AWAKE, "own phenotype", lowers="division", to="0 %", **FULL | {"half": 1.0})
    tissue, cells, p = crowd(scenario, awake=True, **numbers)
    phenotype = cells.phenotype.copy()
    run(tissue, p, 30)
    born = tissue.log[: int(tissue.status[0].events)]
    mothers = np.isin(cells.uid[: SIDE**2], born.parent[born.kind == EventKind.BIRTH])
    assert not mothers[: phenotype.size][phenotype == Phenotype.EPITHELIAL].any()
    assert mothers[: phenotype.size][phenotype == Phenotype.MESENCHYMAL].mean() > 0.95


@pytest.mark.parametrize(("cell", "awake"), [(DORMANT, False), (AWAKE, True)])
def test_only_cells_in_contact_die_where_a_rule_says_so(cell, awake):
    scenario = BARE.with_rule(cell, "contact with resident macrophage", raises="death", to=0.04, half=1.0, power=3)
    tissue, cells, p = crowd(scenario, awake, thirds=False)
    for y in range(1, SIDE, 6):
        for x in range(1, SIDE, 6):
            put(tissue, CellKind.RESIDENT_MACROPHAGE, y, x)
            put(tissue, CellKind.RESIDENT_MACROPHAGE, y, x)
    y, x = cells.y.copy(), cells.x.copy()
    near = (y % 6 < 3) & (x % 6 < 3)
    run(tissue, p, 20)
    assert_share(~cells.alive[near], chance_within(0.04 * 8.0 / 9.0, 20.0))
    assert cells.alive[~near].all()
    assert_books_balance(tissue, 1)


def share_of(cells, phenotype):
    return cells.phenotype == phenotype


@pytest.mark.parametrize("built_in", [0.0, 0.01])
def test_rules_raise_both_transitions_by_rates_with_units(built_in):
    scenario = BARE.with_rule(AWAKE, "niche integrity", raises="transition to epithelial", to="0.04 /h", **FULL)
    tissue, cells, p = crowd(scenario, awake=True, thirds=False, to_hybrid=built_in)
    run(tissue, p, 20)
    assert_share(share_of(cells, Phenotype.MESENCHYMAL), math.exp(-20.0 * (built_in + 0.04)))
    second = 0.04  # from hybrid on, to_epithelial is 0
    first = built_in + second
    hybrid = first * 20.0 * math.exp(-0.8) if built_in == 0.0 else first / built_in * (math.exp(-0.8) - math.exp(-1.0))
    assert_share(share_of(cells, Phenotype.HYBRID), hybrid)


def test_a_rule_stops_the_way_back_and_one_with_a_signal_of_the_cell_acts_on_it_alone():
    scenario = BARE.with_rule(
        DORMANT, "own phenotype", lowers="transition to mesenchymal", to="0 %", **FULL | {"half": 1.0}
    )
    tissue, cells, p = crowd(scenario, thirds=False, to_mesenchymal=0.01)
    for cell, phenotype in zip(cells, np.arange(cells.size) % 3, strict=True):
        cell.phenotype = phenotype  # the clocks are drawn when rules first look at the cells
    run(tissue, p, 40)
    epithelial = np.arange(cells.size) % 3 == 2
    assert (cells.phenotype[epithelial] == Phenotype.EPITHELIAL).all()
    hybrid = np.arange(cells.size) % 3 == 1
    assert_share(cells.phenotype[hybrid] == Phenotype.MESENCHYMAL, chance_within(0.01, 40.0))


def test_a_rule_that_changes_nothing_changes_no_phenotype():
    found = []
    for rules in (False, True):
        scenario = BARE
        if rules:
            idle = {"raises": "transition to epithelial", "to": 0.5, "half": 0.5}
            scenario = scenario.with_rule(AWAKE, "drug nobody", **idle)
        tissue, cells, p = crowd(scenario, awake=True, thirds=False, to_hybrid=0.05, to_epithelial=0.02)
        run(tissue, p, 24)
        found.append((cells.phenotype.copy(), tissue.cancer_proliferating.transition_at.copy()))
    assert (found[0][0] == found[1][0]).all()
    assert (found[0][1] == found[1][1]).all()
    assert len(set(found[0][0])) == 3


def test_secretion_follows_the_phenotype_of_each_cell():
    scenario = BARE.with_substance("X", molar_mass="20 kDa").with_rule(
        DORMANT, "own phenotype", raises="secretion of X", to=9.0, half=0.5
    )  # fmt: skip
    made = []
    for phenotype in Phenotype:
        tissue, cells, p = crowd(scenario, thirds=False)
        cells.phenotype = phenotype
        read_signals(tissue, p, effects(), at(1))
        secrete_by_rules(SUBSTANCES, tissue, p, effects(), 1.0)
        made.append(tissue.fields[SUBSTANCES][SOURCE].sum())
    assert made[0] == 0.0
    assert made[1] / made[2] == pytest.approx(0.75, rel=1e-5)
