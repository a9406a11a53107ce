"""Room for more cells: the arrays of a population grow between steps; what they hold keeps its place."""

from __future__ import annotations

import numpy as np

from abm.core.population import ALIVE, grown
from abm.processes.tissue import Tissue

MARGIN = 64  # cancer cells


def more_cells(tissue: Tissue) -> int:
    """For how many more cancer cells `with_room` makes room."""
    return 2 * int(tissue.cancer_rows[ALIVE]) + MARGIN


def with_room(tissue: Tissue, log: np.recarray) -> Tissue:
    """The same tissue with room for more cells, and with this log of events; nothing changes but lengths."""
    cells, mobile = more_cells(tissue), tissue.mobile.size
    return tissue._replace(
        cancer=grown(tissue.cancer, cells), cancer_rows=grown(tissue.cancer_rows, cells),
        cancer_next=grown(tissue.cancer_next, cells), cancer_awake=grown(tissue.cancer_awake, cells),
        mobile=grown(tissue.mobile, mobile), mobile_rows=grown(tissue.mobile_rows, mobile), log=log,
    )  # fmt: skip
