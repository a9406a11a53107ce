import math

import numpy as np
import pytest

from abm.core.record import as_record
from abm.model.initial_state import no_signals
from abm.processes.signals import read_signals
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, EpithelialState
from abm.scenario.scenario import Scenario
from abm.tissue.block_counts import epithelium_of
from abm.tissue.epithelial_cells import set_state
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT, Niche
from abm.treatments.effects_by_step import no_treatment
from abm.treatments.treatments import Infection
from tests.processes.tissues import NOBODY, at, changed, lay, put

SIDE = 40  # sites: ten blocks
MIDDLE = (5, 5)  # block


def rule(signal, **values):
    """Parameters with one rule that listens to a signal, in a tissue without cells."""
    of_cell = "neutrophil" if signal.startswith("own") else "dormant cancer cell"
    values = {"half": 1.0, **values}
    values |= {"lowers": "speed", "to": "0 %"} if signal.startswith("own") else {"raises": "awakening", "to": 0.1}
    scenario = Scenario(name="own", parameters=changed(NOBODY)).with_rule(of_cell, signal, **values)
    return as_record(scenario.parameters)


def nothing(_):
    """Leave a tissue as it is."""


def layer(signal, prepare, tick=0, effects=None, **values):
    """What is read of a signal over the blocks, after something was prepared in the tissue."""
    p = rule(signal, **values)
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), p)
    assert tissue.signals.shape == no_signals(1, tissue.blocks.shape).shape
    prepare(tissue)
    read_signals(tissue, p, no_treatment(1)[0] if effects is None else effects, at(tick))
    return tissue.signals[0, 0]


def beside(block):
    """A block and the four beside it."""
    y, x = block
    return [(y, x), (y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]


def only(blocks, value=1.0):
    found = np.zeros((SIDE // 4, SIDE // 4))
    for block in blocks:
        found[block] = value
    return found


def test_a_substance_is_read_block_by_block():
    def prepare(tissue):
        tissue.fields.il6[AMOUNT] = np.arange(100, dtype=np.float32).reshape(10, 10)

    assert layer("IL-6", prepare).ravel().tolist() == list(range(100))


def test_interferon_on_its_finer_grid_is_read_as_the_mean_of_a_block():
    def prepare(tissue):
        tissue.fields.interferon[AMOUNT][:] = 0.0
        tissue.fields.interferon[AMOUNT][10, 10] = 4.0  # one of the four patches of block (5, 5)

    assert layer("type I interferon", prepare).tolist() == only([MIDDLE]).tolist()


def test_virions_are_the_mean_over_the_sites_of_a_block():
    def prepare(tissue):
        tissue.virus[AMOUNT][20:24, 20:24] = 3.0
        tissue.viruses[0].present = True

    assert layer("virions", prepare, half=1.0) == pytest.approx(only([MIDDLE], 3.0))


def test_mobile_cells_are_counted_in_a_block_and_the_four_beside_it():
    def prepare(tissue):
        put(tissue, CellKind.CD4, 21, 21)
        put(tissue, CellKind.CD4, 22, 22)
        put(tissue, CellKind.CD8, 21, 21)

    assert layer("CD4 T cell within 50 um", prepare).tolist() == only(beside(MIDDLE), 2.0).tolist()


def test_activated_cells_count_by_their_activation():
    def prepare(tissue):
        put(tissue, CellKind.NEUTROPHIL, 21, 21).activation = 0.25
        put(tissue, CellKind.NEUTROPHIL, 22, 22)

    assert layer("activated neutrophil within 50 um", prepare).tolist() == only(beside(MIDDLE), 0.25).tolist()


def test_cells_at_an_edge_are_counted_on_the_section_only():
    def prepare(tissue):
        put(tissue, CellKind.CD4, 0, 0)

    assert layer("CD4 T cell within 50 um", prepare).tolist() == only([(0, 0), (0, 1), (1, 0)]).tolist()


@pytest.mark.parametrize("state", [CancerState.DORMANT, CancerState.PROLIFERATING])
def test_cancer_cells_are_counted_by_state(state):
    def prepare(tissue):
        tissue.niche[Niche.CANCER][MIDDLE] = 3.0
        tissue.niche[Niche.PROLIFERATING][MIDDLE] = 2.0

    expected = 1.0 if state == CancerState.DORMANT else 2.0
    found = layer(f"{state.name.lower()} cancer cell within 50 um", prepare)
    assert found.tolist() == only(beside(MIDDLE), expected).tolist()


def infect(tissue):
    index = int(tissue.cell_of_site[21, 21])
    set_state(index, EpithelialState.EXPRESSING.value, epithelium_of(tissue))
    return tissue.epithelium[index].y // 4, tissue.epithelium[index].x // 4


def test_infected_cells_are_counted_where_their_middle_is():
    found = []
    assert layer("infected epithelium within 50 um", lambda tissue: found.append(infect(tissue))).sum() == 5.0
    assert found


def test_distance_is_along_straight_and_diagonal_steps_and_endless_without_infection():
    where = []
    found = layer("distance to infected epithelium", lambda tissue: where.append(infect(tissue)), half="100 um")
    (y, x) = where[0]
    for row in range(10):
        for column in range(10):
            down, right = sorted((abs(row - y), abs(column - x)))
            expected = 40.0 * (right - down + math.sqrt(2.0) * down)
            assert found[row, column] == pytest.approx(expected, rel=1e-6)
            assert expected <= 1.083 * 40.0 * math.hypot(down, right) + 1e-9
    assert np.isinf(layer("distance to infected epithelium", nothing, half="100 um")).all()


@pytest.mark.parametrize(
    ("signal", "kept"), [("niche integrity", Niche.INTEGRITY), ("collagen", Niche.COLLAGEN), ("NETs", Niche.NETS)]
)
def test_the_matrix_is_read_as_it_is(signal, kept):
    def prepare(tissue):
        tissue.niche[kept] = np.linspace(0.0, 1.0, 100).reshape(10, 10)

    assert layer(signal, prepare).ravel() == pytest.approx(np.linspace(0.0, 1.0, 100))


def test_time_counts_from_the_first_infection():
    scenario = Scenario(name="own", parameters=changed(NOBODY), infections=(Infection(10.0), Infection(5.0)))
    p = as_record(
        scenario.with_rule("dormant cancer cell", "time since infection", raises="death", to=0.1, half=1.0).parameters
    )
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), p)
    for hour, expected in ((0, 0.0), (5, 0.0), (8, 3.0)):
        read_signals(tissue, p, no_treatment(1)[0], at(hour * 6))
        assert (tissue.signals[0, 0] == expected).all()


def test_without_an_infection_no_time_has_passed():
    assert (layer("time since infection", nothing, tick=600) == 0.0).all()


def test_a_drug_is_the_same_everywhere():
    effects = no_treatment(1)[0]
    effects.own_drug[0] = 0.75
    assert (layer("drug any", nothing, effects=effects, half=0.5) == 0.75).all()


def test_the_second_signal_has_a_layer_of_its_own():
    p = rule("IL-6", and_="IL-10", and_half=1.0)
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), p)
    tissue.fields.il6[AMOUNT] = 1.0
    tissue.fields.il10[AMOUNT] = 2.0
    read_signals(tissue, p, no_treatment(1)[0], at(0))
    assert (tissue.signals[0, 0] == 1.0).all()
    assert (tissue.signals[0, 1] == 2.0).all()


def test_what_a_cell_carries_leaves_its_layer_empty():
    assert (layer("own activation", nothing, half=0.5) == 0.0).all()
