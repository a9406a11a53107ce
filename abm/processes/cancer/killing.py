"""Killing of cancer cells by the CD8 cells that touch them, and how much of it CD4 cells around leave."""

from __future__ import annotations

import numpy as np

from abm.core.compiled import inlined
from abm.core.lattice import inside
from abm.core.population import Record
from abm.rules import cytotoxicity
from abm.tissue.cancer_index import is_proliferating
from abm.tissue.state import Niche


@inlined
def suppression_in(y: int, x: int, niche: np.ndarray, p: cytotoxicity.Cytotoxicity) -> float:
    """Share of CD8 killing left to the cells of a block by the CD4 and cancer cells around.

    Neighbors within 50 um are those of its own 40 um block and the four beside it: 8,000 um2, as a disk of 50 um.
    """
    rows, columns = niche.shape[1:]
    cd4, others = 0.0, -1.0
    for dy, dx in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
        if inside(y + dy, x + dx, rows, columns):
            cd4 += niche[Niche.CD4, y + dy, x + dx]
            others += niche[Niche.CANCER, y + dy, x + dx]
    return cytotoxicity.suppression(cd4, others, p)


@inlined
def killing_rate(cell: Record, contacts: int, share_left: float, p: cytotoxicity.Cytotoxicity) -> float:
    """Hazard [1/h] that the CD8 cells in contact kill a cancer cell; share_left: of it, by CD4 cells."""
    if contacts == 0:
        return 0.0
    single = p.cd8_proliferating_cancer if is_proliferating(cell) else p.cd8_dormant_cancer
    return cytotoxicity.team_rate(single, contacts, p) * share_left
