"""Conditions of a growing lesion in the section: the speed of its cell cycle and the rate of killing.

These are the laws of the section for its own proliferating cells (`abm.processes.cancer`), averaged over all blocks,
because a lesion may lie anywhere. The lesion itself is not in the section.
"""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled
from abm.core.population import USED, Record, as_int64
from abm.processes.cancer.killing import single_killing, suppression_in
from abm.processes.cancer.surroundings import receptor_response
from abm.rules import cytotoxicity, dormancy
from abm.rules.cells import CellKind
from abm.rules.own.rates import Rate, Where, address
from abm.rules.own.rule import OF_PLACE
from abm.rules.parameters import Parameters
from abm.tissue.census import number_of
from abm.tissue.ruled import ruled
from abm.tissue.state import AMOUNT, Tissue


@compiled
def growth_in(tissue: Tissue, p: Parameters, touching: np.ndarray, effects: Record) -> tuple[float, float]:
    """Means over all blocks of the speed of the cell cycle, relative to full signal, and of the killing rate [1/h].

    touching: as in `RestingContacts`. effects: current effects of treatments. Killing is by the CD8 cells present, plus
    the death of proliferating cells added by rules.
    """
    cycling, killing, awake = 0.0, 0.0, Where.PROLIFERATING.value
    cd8 = float(number_of(CellKind.CD8.value, tissue.mobile, as_int64(tissue.mobile_rows[USED])))
    rows, columns = tissue.blocks.shape
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
            killing += death + team * suppression_in(y, x, tissue.niche, p.cytotoxicity)
    return cycling / (rows * columns), killing / (rows * columns)
