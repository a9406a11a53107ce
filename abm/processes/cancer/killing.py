"""Killing of cancer cells by CD8 cells in contact, and its suppression by nearby CD4 and cancer cells."""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK, inside
from abm.core.population import Record
from abm.rules import cytotoxicity
from abm.rules.cells import CellKind
from abm.rules.own.rates import Rate, address
from abm.rules.own.rule import OF_PLACE
from abm.rules.parameters import Parameters
from abm.tissue.cancer_index import is_proliferating
from abm.tissue.ruled import is_ruled, ruled
from abm.tissue.state import Niche

CD4_REACH = 2  # blocks, which is 100 um
CD4_BLOCKS = (2 * CD4_REACH + 1) ** 2


@inlined
def suppression_in(y: int, x: int, niche: np.ndarray, p: cytotoxicity.Cytotoxicity) -> float:
    """Share of CD8 killing left to the cells of a block by the CD4 and cancer cells around.

    CD4 cells within 100 um are those of 5 x 5 blocks.
    """
    rows, columns = niche.shape[1:]
    cd4 = 0.0
    for near_y in range(max(0, y - CD4_REACH), min(rows, y + CD4_REACH + 1)):
        for near_x in range(max(0, x - CD4_REACH), min(columns, x + CD4_REACH + 1)):
            cd4 += niche[Niche.CD4, near_y, near_x]
    return suppression_by(cd4, y, x, niche, p)


@inlined
def suppression_by(cd4: float, y: int, x: int, niche: np.ndarray, p: cytotoxicity.Cytotoxicity) -> float:
    """The same where the CD4 cells within reach of the block are known.

    Cancer cells within 50 um are those of its own 40 um block and the four beside it: 8,000 um2, as a disk of 50 um.
    """
    rows, columns = niche.shape[1:]
    others = -1.0
    for dy, dx in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
        if inside(y + dy, x + dx, rows, columns):
            others += niche[Niche.CANCER, y + dy, x + dx]
    return cytotoxicity.suppression(cd4, others, p)


@compiled
def cd4_within_reach(niche: np.ndarray) -> np.ndarray:
    """CD4 cells within reach of each block, float64[rows, columns]: each cell is added to the blocks around it."""
    rows, columns = niche.shape[1:]
    found = np.zeros((rows, columns))
    for y in range(rows):
        for x in range(columns):
            cells = niche[Niche.CD4, y, x]
            if cells > 0.0:
                for near_y in range(max(0, y - CD4_REACH), min(rows, y + CD4_REACH + 1)):
                    for near_x in range(max(0, x - CD4_REACH), min(columns, x + CD4_REACH + 1)):
                        found[near_y, near_x] += cells
    return found


@compiled
def single_killing(awake: bool, y: int, x: int, signals: np.ndarray, p: Parameters) -> float:
    """Hazard [1/h] that a single CD8 cell in contact kills a cancer cell of a block, as rules leave it."""
    single = p.cytotoxicity.cd8_proliferating_cancer if awake else p.cytotoxicity.cd8_dormant_cancer
    which = Rate.KILLING_OF_PROLIFERATING.value if awake else Rate.KILLING_OF_DORMANT.value
    if is_ruled(which, p):
        return ruled(single, address(which, CellKind.CD8.value, 0), y, x, OF_PLACE, signals, p)
    return single


@inlined
def killing_rate(cell: Record, contacts: int, share_left: float, signals: np.ndarray, p: Parameters) -> float:
    """Hazard [1/h] that the CD8 cells in contact kill a cancer cell.

    share_left: share of this killing that nearby CD4 and cancer cells leave (`suppression_in`).
    """
    if contacts == 0:
        return 0.0
    single = single_killing(is_proliferating(cell), cell.y // BLOCK, cell.x // BLOCK, signals, p)
    return cytotoxicity.team_rate(single, contacts, p.cytotoxicity) * share_left
