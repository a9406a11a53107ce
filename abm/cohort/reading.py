"""What is recorded of a section at a look, read in one call, and the conditions of a growing lesion in it.

These conditions, the speed of the cell cycle and the rate of killing, are the laws of the section for its own
proliferating cells (`abm.processes.cancer`), averaged over all blocks, because a lesion may lie anywhere. The lesion
itself is not in the section.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.core.chance import uniform
from abm.core.clock import TimeStep
from abm.core.compiled import compiled
from abm.core.population import ALIVE, USED, Record, as_int64
from abm.model.quiet.conditions import is_disturbed
from abm.processes.cancer.killing import cd4_within_reach, single_killing, suppression_by
from abm.processes.cancer.surroundings import receptor_response
from abm.rules import cytotoxicity, dormancy
from abm.rules.cells import CellKind
from abm.rules.own.rates import Rate, Where, address
from abm.rules.own.rule import OF_PLACE
from abm.rules.parameters import Parameters
from abm.rules.states import CancerState, EpithelialState
from abm.tissue.census import mean_amount, number_of
from abm.tissue.ruled import ruled
from abm.tissue.state import AMOUNT, Tissue

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


@compiled
def growth_in(tissue: Tissue, p: Parameters, touching: np.ndarray, effects: Record) -> tuple[float, float]:
    """Means over all blocks of the speed of the cell cycle, relative to full signal, and of the killing rate [1/h].

    touching: as in `RestingContacts`. effects: current effects of treatments. Killing is by the CD8 cells present, plus
    the death of proliferating cells added by rules.
    """
    cycling, killing, awake = 0.0, 0.0, Where.PROLIFERATING.value
    cd8 = float(number_of(CellKind.CD8.value, tissue.mobile, as_int64(tissue.mobile_rows[USED])))
    (rows, columns), cd4 = tissue.blocks.shape, cd4_within_reach(tissue.niche)
    for y in range(rows):
        for x in range(columns):
            signal = receptor_response(tissue.fields.il6[AMOUNT, y, x], effects, p.dormancy)
            speed, death = dormancy.cycle_speed(signal, p.dormancy), 0.0
            if p.present.rules > 0.0:
                division = address(Rate.DIVISION.value, awake, 0)
                speed = ruled(speed, division, y, x, OF_PLACE, tissue.signals, p)
                death = ruled(0.0, address(Rate.DEATH.value, awake, 0), y, x, OF_PLACE, tissue.signals, p)
            single = single_killing(True, y, x, tissue.signals, p)
            team = cytotoxicity.mean_team_rate(single, touching[y, x] * cd8, p.cytotoxicity)
            cycling += speed
            killing += death + team * suppression_by(cd4[y, x], y, x, tissue.niche, p.cytotoxicity)
    return cycling / (rows * columns), killing / (rows * columns)
