"""Two viruses in one section: which infects, who makes virions, who responds to what."""

import numpy as np
import pytest

from abm.model.initial_state import lay_out
from abm.processes.epithelium import kill_infected, update_epithelium
from abm.processes.immune import act
from abm.processes.lymph_node import run_lymph_node
from abm.processes.virus import spread_virions
from abm.rules.cells import CellKind
from abm.rules.infection import SARS_COV_2_MOUSE, Virus
from abm.rules.states import EVERY_VIRUS, EpithelialState
from abm.rules.substances import Substance
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT
from abm.tissue.viruses import has_two_viruses, virions_on_sites, with_viruses
from abm.treatments.drugs import Antiviral
from abm.treatments.effects_by_step import effects_on_virus, is_untouched, no_treatment
from abm.treatments.planned_effects import effects_of
from abm.treatments.treatments import Infection, Vaccination
from tests.processes.tissues import STEP, at, effects, empty, lay, put, set_epithelium

FIRST, SECOND = 0, 1


def section(p, rows=20, columns=20):
    return with_viruses(True, lay(alveolar_sheet(rows, columns, 1), p, room=1000))


def infect_half(tissue, state=EpithelialState.EXPRESSING):
    """Every other epithelial cell is infected by the second virus, the others by the first."""
    tissue.epithelium.virus[::2] = SECOND
    set_epithelium(tissue, state)


@pytest.mark.interpreted
def test_each_virus_has_virions_of_its_own():
    p = empty()
    tissue = section(p, 8, 8)
    given = effects()
    given.inoculum = 0.0, 1e4
    spread_virions(tissue, p, given, at())
    assert not tissue.virus[AMOUNT].any()
    assert tissue.second_virus[AMOUNT].min() > 0.0
    assert tissue.viruses.present.tolist() == [False, True]
    np.testing.assert_array_equal(virions_on_sites(tissue), tissue.second_virus[AMOUNT])


def test_infected_cells_release_the_virus_that_infected_them():
    p = empty({"virus.mixing": 0.0, "virus.diffusion": 0.0})
    p.second_virus.mixing = p.second_virus.diffusion = 0.0
    p.second_virus.release = 2.0 * p.virus.release
    tissue = section(p)
    infect_half(tissue)
    spread_virions(tissue, p, effects(), at())
    made = [field[AMOUNT].sum() for field in (tissue.virus, tissue.second_virus)]
    cells = np.bincount(tissue.epithelium.virus)
    assert made[SECOND] / made[FIRST] == pytest.approx(2.0 * cells[SECOND] / cells[FIRST], rel=1e-4)
    assert tissue.viruses.infected.tolist() == cells.tolist()


def test_a_cell_that_both_viruses_reach_is_infected_by_each_in_proportion():
    p = empty({"interferon.refractory_rate": 0.0})
    p.second_virus.infectivity = 3.0 * p.virus.infectivity
    tissue = section(p, 120, 120)
    tissue.virus[AMOUNT] = tissue.second_virus[AMOUNT] = 10.0 / p.virus.infectivity
    tissue.viruses.present = True
    for tick in range(6):
        update_epithelium(tissue, p, effects(), at(tick))
    infected = tissue.epithelium.virus[tissue.states != EpithelialState.HEALTHY]
    assert infected.size > 200
    error = np.sqrt(0.75 * 0.25 / infected.size)
    assert abs(infected.mean() - 0.75) < 4.0 * error
    assert tissue.viruses.infected.sum() == infected.size


def test_a_cell_that_interferon_protects_is_protected_from_both_viruses():
    p = empty()
    tissue = section(p)
    set_epithelium(tissue, EpithelialState.REFRACTORY)
    tissue.virus[AMOUNT] = tissue.second_virus[AMOUNT] = 1e6
    tissue.viruses.present = True
    for tick in range(3):
        update_epithelium(tissue, p, effects(), at(tick))
    assert tissue.viruses.infected.sum() == 0


def test_a_cd8_cell_kills_only_cells_whose_virus_it_recognizes():
    p = empty({"cytotoxicity.cd8_infected": 0.67})
    tissue = section(p)
    infect_half(tissue)
    for y, x in np.ndindex(tissue.kind.shape):
        put(tissue, CellKind.CD8, y, x).recognizes = 0b10
    for tick in range(600):
        kill_infected(tissue, p, at(tick))
    killed = tissue.states == EpithelialState.APOPTOTIC
    assert killed.sum() > 0
    assert (tissue.epithelium.virus[killed] == SECOND).all()


def test_a_cell_of_resting_lung_recognizes_every_virus():
    tissue = section(empty())
    assert put(tissue, CellKind.CD8, 3, 3).recognizes == EVERY_VIRUS


@pytest.mark.parametrize(("crossing", "memory"), [(0.0, 0.0), (1.0, 1.0)])
def test_the_lymph_node_responds_to_each_virus_by_itself_but_for_cross_reaction(crossing, memory):
    p = empty({"adaptive.cross_reaction": crossing})
    sent = []
    for known in (0.0, 1.0):
        tissue = section(p)
        tissue.node[FIRST].memory = known
        tissue.viruses[SECOND].infected = tissue.epithelium.size // 2
        for tick in range(6):
            run_lymph_node(tissue, p, effects(), at(tick))
        assert tissue.node[FIRST].pool == 1.0
        assert tissue.node[SECOND].pool < 1.0
        sent.append(tissue.node[SECOND].stages.sum())
    assert sent[1] / sent[0] == pytest.approx(1.0 + (p.adaptive.recall_gain - 1.0) * memory, rel=0.05)


@pytest.mark.parametrize("crossing", [0.0, 0.5, 1.0])
def test_antibody_neutralizes_the_other_virus_as_far_as_it_crosses(crossing):
    p = empty({"adaptive.cross_neutralization": crossing, "adaptive.antibody_excess": 1e8})
    p.second_virus = p.virus
    left = []
    for antibody in (0.0, 1.0):
        tissue = section(p, 8, 8)
        tissue.second_virus[AMOUNT] = 1.0
        tissue.viruses[SECOND].present = True
        tissue.node[FIRST].antibody = antibody
        spread_virions(tissue, p, effects(), at())
        left.append(tissue.second_virus[AMOUNT].mean())
    assert (left[1] < 0.9 * left[0]) == (crossing > 0.0)
    assert (left[1] == left[0]) == (crossing == 0.0)


def test_a_macrophage_notes_which_virus_activates_it():
    p = empty()
    tissue = section(p)
    cell = put(tissue, CellKind.RESIDENT_MACROPHAGE, 5, 5)
    tissue.virus[AMOUNT], tissue.second_virus[AMOUNT] = 1.0, 2.0
    tissue.viruses.present = True
    act(tissue, p, at())
    assert cell.activated_by == SECOND
    tissue.virus[AMOUNT] = 3.0
    act(tissue, p, at(1))
    assert cell.activated_by == FIRST
    infect_half(tissue)
    act(tissue, p, at(2))
    assert cell.activated_by == tissue.epithelium.virus[cell.under]


def test_a_second_virus_takes_no_memory_where_there_is_none():
    one = lay_out(alveolar_sheet(20, 20, 1), empty(), 1, STEP)
    assert one.second_virus.size == 0
    assert not has_two_viruses(one)
    two = with_viruses(True, one)
    assert has_two_viruses(two)
    assert with_viruses(False, two).second_virus.size == 0
    assert with_viruses(True, two) is two


def test_treatments_act_on_the_virus_that_they_are_against():
    second = ("SARS-CoV-2", SARS_COV_2_MOUSE)
    treatments = (Antiviral("nirmatrelvir (mouse)", start=0.0), Vaccination(virus="SARS-CoV-2"))
    infections = (Infection(), Infection(24.0, virus="SARS-CoV-2"))
    course = effects_of(treatments, infections, Virus(), 600, STEP, second)
    first, other = (effects_on_virus(number, course) for number in (FIRST, SECOND))
    assert (first.release_left == 1.0).all()
    assert other.release_left.min() < 0.2
    assert first.memory_given[0] == 0.0 < other.memory_given[0]
    assert first.inoculum[0] > 0.0 == other.inoculum[0]
    assert other.inoculum.sum() == pytest.approx(SARS_COV_2_MOUSE.inoculum)
    np.testing.assert_array_equal(course.release_left, np.column_stack([first.release_left, other.release_left]))
    assert is_untouched(SECOND, no_treatment(3))
    assert not is_untouched(SECOND, course)


def test_each_virus_induces_its_own_amount_of_interferon():
    from abm.processes.secretion_rates import rise_by_one

    p = empty()
    p.second_virus.interferon_induction = 5.0 * p.virus.interferon_induction
    rises = [rise_by_one(Substance.INTERFERON.value, number, p, effects()) for number in (FIRST, SECOND)]
    assert rises[SECOND] == pytest.approx(5.0 * rises[FIRST])
    rises = [rise_by_one(Substance.IL6.value, number, p, effects()) for number in (FIRST, SECOND)]
    assert rises[SECOND] == rises[FIRST]
