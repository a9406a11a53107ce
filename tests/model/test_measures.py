import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from abm.core.lattice import BLOCK
from abm.core.record import as_record
from abm.model.lung_model import LungModel
from abm.model.measures import MEASURES, OF_SECOND_VIRUS, read
from abm.rules.cells import CellKind
from abm.rules.parameters import Parameters
from abm.rules.states import CancerState, EpithelialState, Phenotype
from abm.rules.substances import Substance
from abm.scenario.scenario import Scenario
from abm.tissue.state import Niche, Tissue, arrays_of, tissue_of

DAYS = (0, 1, 3, 5, 7, 9, 13)
P = Parameters()


class Day(NamedTuple):
    """The tissue as it stood on a day, and what the measures said then."""

    hour: float
    tissue: Tissue
    measured: dict[str, float]

    def cancer(self) -> list:
        return [cell for cell in self.tissue.cancer if cell.alive]

    def mobile(self, *kinds: CellKind) -> list:
        return [cell for cell in self.tissue.mobile if cell.alive and cell.kind in kinds]

    def epithelium(self, *states: EpithelialState) -> float:
        every = self.tissue.states.tolist()
        return sum(state in states for state in every) / len(every)

    def area(self) -> float:
        rows, columns = self.tissue.kind.shape
        return rows * 0.01 * columns * 0.01  # mm2


def copied(tissue: Tissue) -> Tissue:
    return tissue_of({name: array.copy() for name, array in arrays_of(tissue).items()})


@pytest.fixture(scope="module")
def days(infected: Scenario) -> dict[int, Day]:
    """A small infected section on several days; its cancer cells awake, divide and rest meanwhile."""
    model, seen = LungModel(replace(infected, width=800.0, height=800.0), seed=3), {}
    for day in DAYS:
        model.run_until(round(day * 24.0 / infected.step))
        tissue = copied(model.tissue)
        seen[day] = Day(model.hour, tissue, {name: model.measure(name) for name in MEASURES})
    model.close()
    return seen


def share(cells: list, chosen: Callable) -> float:
    return sum(bool(chosen(cell)) for cell in cells) / len(cells) if cells else 0.0


def per_seeded(*states: CancerState) -> Callable[[Day], float]:
    return lambda day: sum(cell.state in states for cell in day.cancer()) / len(day.tissue.clones)


def density(kind: CellKind) -> Callable[[Day], float]:
    return lambda day: len(day.mobile(kind)) / day.area()


def mean(values: np.ndarray) -> float:
    return math.fsum(values.ravel().tolist()) / values.size


def concentration(substance: Substance) -> Callable[[Day], float]:
    return lambda day: mean(day.tissue.fields[substance][0])


def ki67(day: Day) -> float:
    cells = day.cancer()
    return sum(1.0 if cell.ki67_until > day.hour else P.dormancy.ki67_at_rest for cell in cells) / len(cells)


def signal(day: Day) -> float:
    """Mean over the cells of the signal of the block that each is in."""
    cells = day.cancer()
    return math.fsum(day.tissue.blocks[cell.y // BLOCK, cell.x // BLOCK].signal for cell in cells) / max(1, len(cells))


def lesions(day: Day) -> float:
    clones = [cell.clone for cell in day.cancer()]
    return sum(clones.count(clone) >= P.dormancy.lesion_size for clone in set(clones))


def cd4_near_cancer(day: Day) -> float:
    """Share of CD4 cells at most two blocks (along rows and columns) from one with cancer, over that of such blocks."""
    cd4, cancer = day.mobile(CellKind.CD4), day.cancer()
    if not cd4 or not cancer:
        return 1.0
    occupied = {(cell.y // 4, cell.x // 4) for cell in cancer}
    near = {
        (y, x)
        for y in range(day.tissue.blocks.shape[0])
        for x in range(day.tissue.blocks.shape[1])
        if min(abs(y - other_y) + abs(x - other_x) for other_y, other_x in occupied) <= 2
    }
    inside = share(cd4, lambda cell: (cell.y // 4, cell.x // 4) in near)
    return inside / (len(near) / day.tissue.blocks.size)


SLOWLY: dict[str, Callable[[Day], float]] = {
    **{kind.type.curve: density(kind) for kind in CellKind},
    **{substance.key: concentration(substance) for substance in Substance},
    "cells_per_seeded": lambda day: len(day.cancer()) / len(day.tissue.clones),
    "awake_per_seeded": per_seeded(CancerState.PROLIFERATING),
    "dormant_per_seeded": per_seeded(CancerState.DORMANT),
    "redormant_per_seeded": per_seeded(CancerState.REDORMANT),
    "ki67_share": ki67,
    "lesions": lesions,
    "mesenchymal_share": lambda day: share(day.cancer(), lambda cell: cell.phenotype == Phenotype.MESENCHYMAL),
    "epcam_share": lambda day: share(day.cancer(), lambda cell: cell.phenotype != Phenotype.MESENCHYMAL),
    "il6_signal": signal,
    "il6_lavage": lambda day: 1000.0 * mean(day.tissue.fields.il6[0]) / P.substances.il6.lavage_dilution,
    "il6_held": lambda day: float(day.tissue.status[0].held[Substance.IL6]),
    "viral_rna": lambda day: float(day.tissue.viruses[0].rna) / day.area(),
    "virions": lambda day: math.fsum(day.tissue.virus[0].ravel().tolist()) / day.area(),
    "infected_share": lambda day: day.epithelium(EpithelialState.ECLIPSE, EpithelialState.EXPRESSING),
    "refractory_share": lambda day: day.epithelium(EpithelialState.REFRACTORY),
    "lost_share": lambda day: day.epithelium(EpithelialState.APOPTOTIC, EpithelialState.DEAD, EpithelialState.DENUDED),
    "antibody": lambda day: float(day.tissue.node[0].antibody),
    "viral_rna_second": lambda day: float(day.tissue.viruses[1].rna) / day.area(),
    "virions_second": lambda day: math.fsum(day.tissue.second_virus[0].ravel().tolist()) / day.area(),
    "infected_share_second": lambda day: float(day.tissue.viruses[1].infected) / day.tissue.states.size,
    "antibody_second": lambda day: float(day.tissue.node[1].antibody),
    "mhcii_share": lambda day: share(
        day.mobile(CellKind.RESIDENT_MACROPHAGE, CellKind.RECRUITED_MACROPHAGE), lambda cell: cell.activated
    ),
    "cd4_near_cancer": cd4_near_cancer,
    "niche_hold": lambda day: mean(day.tissue.niche[Niche.INTEGRITY]),
    "collagen": lambda day: mean(day.tissue.niche[Niche.COLLAGEN]),
}


def test_every_measure_has_a_slow_twin_here():
    assert set(SLOWLY) == set(MEASURES)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("name", SLOWLY)
def test_a_measure_is_what_counting_by_hand_gives(name, day, days):
    assert days[day].measured[name] == pytest.approx(SLOWLY[name](days[day]), rel=1e-12, abs=1e-300)


def test_the_days_have_something_to_measure(days):
    seen = {name: [days[day].measured[name] for day in DAYS] for name in MEASURES}
    constant = {name for name, values in seen.items() if len(set(values)) == 1}
    of_second = {measure.name for measure in OF_SECOND_VIRUS}
    assert constant <= {"lesions", "antibody", "il6_held", *of_second}  # nobody is treated


@pytest.mark.parametrize("day", DAYS)
def test_states_and_phenotypes_add_up(day, days):
    measured = days[day].measured
    parts = ("awake_per_seeded", "dormant_per_seeded", "redormant_per_seeded")
    assert sum(measured[part] for part in parts) == pytest.approx(measured["cells_per_seeded"])
    assert measured["mesenchymal_share"] + measured["epcam_share"] == pytest.approx(1.0)


def test_a_tissue_without_any_cell_can_be_measured(days):
    tissue = copied(days[0].tissue)
    tissue.cancer.alive[:] = False
    tissue.mobile.alive[:] = False
    tissue.niche[[Niche.CANCER, Niche.PROLIFERATING, Niche.FIBROBLASTS, Niche.CD4]] = 0.0
    reading = read(tissue, as_record(P), 0.0)
    measured = {name: measure.of(reading)[0] for name, measure in MEASURES.items()}
    assert all(map(math.isfinite, measured.values()))
    assert measured["cells_per_seeded"] == measured["cd4"] == measured["ki67_share"] == measured["epcam_share"] == 0.0
    assert measured["cd4_near_cancer"] == 1.0


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_a_measure_has_a_name_a_unit_and_a_meaning(measure):
    assert MEASURES[measure.name] is measure
    assert measure.name == measure.name.lower()
    assert measure.meaning
    assert measure.unit in ("", "ng/mL", "pg/mL", "virion/mm^2", "copy/mm^2", "cell/mm^2")


def test_reading_changes_nothing(days):
    tissue = days[7].tissue
    before = [array.tobytes() for array in arrays_of(tissue).values()]
    reading = read(tissue, as_record(P), days[7].hour)
    for measure in MEASURES.values():
        assert measure.of(reading).dtype == np.float64
    assert [array.tobytes() for array in arrays_of(tissue).values()] == before
