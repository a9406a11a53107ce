"""In whom laws act, in the order in which they are listed."""

from __future__ import annotations

from abm.rules.cells import CellKind

EPITHELIUM = "epithelial cell"
CANCER, DORMANT, PROLIFERATING = "cancer cell", "dormant cancer cell", "proliferating cancer cell"
ARRIVING = "cancer cell that has just arrived"
MOBILE, MACROPHAGE, T_CELL = "mobile cell", "macrophage", "T cell"
TISSUE, LYMPH_NODE, DRUG = "tissue", "lymph node", "drug"
KIND_TITLES = {kind: kind.type.title for kind in CellKind}
ORDER = (
    CANCER, DORMANT, PROLIFERATING, ARRIVING, EPITHELIUM, MOBILE, MACROPHAGE, *KIND_TITLES.values(), T_CELL,
    LYMPH_NODE, TISSUE, DRUG,
)  # fmt: skip


def place_in_list(cell: str) -> int:
    """Where laws of a cell stand in a list; those of cells that a scenario declares stand last."""
    return ORDER.index(cell) if cell in ORDER else len(ORDER)
