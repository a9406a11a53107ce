"""What is recorded of a section at a look, read in one call."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.cohort.growing import growth_in
from abm.core.chance import uniform
from abm.core.clock import TimeStep
from abm.core.compiled import compiled
from abm.core.population import ALIVE, USED, Record
from abm.model.quiet.passage import is_disturbed
from abm.rules.parameters import Parameters
from abm.rules.states import CancerState, EpithelialState
from abm.tissue.census import mean_amount
from abm.tissue.state import Tissue

PICK = 101  # decision that chooses a proliferating cell; those of the model are below 100


class SectionReading(NamedTuple):
    """A section now.

    Attributes:
        cells: living cancer cells. proliferating: of them. clone: cells of the clone of a randomly chosen proliferating
            cell, 0 without one. il6: mean [ng/mL]. infected: share of the epithelium.
        cycling, killing: conditions of a growing lesion, see `growth_in`. disturbed: see `is_disturbed`.
    """

    cells: int
    proliferating: int
    clone: int
    il6: float
    infected: float
    cycling: float
    killing: float
    disturbed: bool


@compiled
def read_section(tissue: Tissue, p: Parameters, touching: np.ndarray, effects: Record, now: TimeStep) -> SectionReading:
    """Read a section.

    Args:
        tissue: the section.
        p: parameters.
        touching: as in `RestingContacts`.
        effects: current effects of treatments.
        now: its seed and tick address the choice of a cell.
    """
    counts, cells, proliferating = (
        tissue.epithelial_counts, tissue.cancer_rows[ALIVE], int(tissue.status[0].proliferating)
    )  # fmt: skip
    infected = counts[EpithelialState.ECLIPSE] + counts[EpithelialState.EXPRESSING]
    cycling, killing = growth_in(tissue, p, touching, effects)
    return SectionReading(
        cells, proliferating, _clone_of_one(proliferating, tissue, now), mean_amount(tissue.fields.il6),
        infected / tissue.epithelium.size, cycling, killing, is_disturbed(tissue, p),
    )  # fmt: skip


@compiled
def _clone_of_one(proliferating: int, tissue: Tissue, now: TimeStep) -> int:
    """Cells of the clone of a randomly chosen proliferating cell."""
    left = int(uniform(now.seed, PICK, 0, now.tick) * proliferating)
    for row in range(tissue.cancer_rows[USED]):
        cell = tissue.cancer[row]
        if cell.alive and cell.state == CancerState.PROLIFERATING:
            if left == 0:
                return int(tissue.clones[cell.clone].cells)
            left -= 1
    return 0
