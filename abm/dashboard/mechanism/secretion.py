"""Which cells secrete a substance, and where.

The law is that of the model (`abm.processes.secretion.secrete`): it is called once for each type of cell, on a copy of
the section in which only the cells of that type secrete. So rules, drugs and own cells of a scenario count as they do
in a run, and the parts add up to the source of the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from abm.core.lattice import BLOCK
from abm.core.own_laws import laws_of
from abm.core.population import USED
from abm.model.lung_model import LungModel
from abm.plots.palette import CANCER_COLORS, CELL_COLORS, EPITHELIUM_COLORS, OWN_CELL_COLORS, Color, capitalized
from abm.processes.secretion import secrete
from abm.rules.cells import CellKind, secretes_activated, secretes_at_rest
from abm.rules.own.slots import ALL_KINDS
from abm.rules.states import CancerState, EpithelialState
from abm.rules.substances import Substance
from abm.tissue.state import SOURCE, Niche, Tissue

EPITHELIUM, CANCER, MOBILE = 0, 1, 2  # places of sources; those of the mobile cells follow by their kind
SOURCES = MOBILE + ALL_KINDS


class SecretionSource(NamedTuple):
    """A type of cell that may secrete: its name and color, and whether it is declared to secrete IL-6."""

    title: str
    color: Color
    secretes_il6: bool = True


def sources() -> list[SecretionSource]:
    """All of them, in the order of the results; own cells of a scenario are numbered."""
    return [
        SecretionSource("Infected epithelium", EPITHELIUM_COLORS[EpithelialState.EXPRESSING]),
        SecretionSource("Cancer cells", CANCER_COLORS[CancerState.PROLIFERATING]),
        *(SecretionSource(capitalized(kind.type.plural), CELL_COLORS[kind], _secretes_il6(kind)) for kind in CellKind),
        *(
            SecretionSource(f"Cells of the scenario, type {at + 1}", color, False)
            for at, color in enumerate(OWN_CELL_COLORS)
        ),
    ][:SOURCES]


def _secretes_il6(kind: CellKind) -> bool:
    return secretes_at_rest(kind, Substance.IL6) or secretes_activated(kind, Substance.IL6)


def secretion_by_source(model: LungModel, substance: int) -> np.ndarray:
    """Rise of a substance [ng/mL/h] by each type of cell in each square of its field: float32[SOURCES, rows, columns].

    Args:
        model: read, not changed.
        substance: its number.
    """
    tissue = model.tissue
    found = np.zeros((SOURCES, *tissue.fields[substance][SOURCE].shape), dtype=np.float32)
    tick = min(model.tick, model._treatment_effects.size - 1)
    with laws_of(model.experiment.laws):
        for source, part in _parts(tissue, substance):
            secrete(substance, part, model.parameters, model._treatment_effects[tick], model.hour)
            found[source] = part.fields[substance][SOURCE]
    return found


def total_by_source(model: LungModel, substance: int) -> list[float]:
    """The same as means of the section [ng/mL/h], one number per source."""
    return [float(one) for one in secretion_by_source(model, substance).mean(axis=(1, 2))]


def _parts(tissue: Tissue, substance: int) -> Iterator[tuple[int, Tissue]]:
    """Sources that there are, each with a copy of the section in which nothing else secretes."""
    silent = _without_cells(tissue, substance)
    infected = tissue.niche[Niche.INFECTED]
    if infected.any():
        niche = silent.niche.copy()
        niche[Niche.INFECTED] = infected
        yield EPITHELIUM, silent._replace(states=tissue.states, epithelial_counts=tissue.epithelial_counts, niche=niche)
    if tissue.niche[Niche.CANCER].any():
        niche = silent.niche.copy()
        niche[Niche.PROLIFERATING] = tissue.niche[Niche.PROLIFERATING]
        yield CANCER, silent._replace(status=tissue.status, cancer_rows=tissue.cancer_rows, niche=niche)
    mobile: Any = tissue.mobile[: tissue.mobile_rows[USED]]
    alive = mobile.alive
    for kind in np.unique(mobile.kind[alive]):
        cells = mobile[alive & (mobile.kind == kind)]
        rows = tissue.mobile_rows.copy()
        rows[USED] = cells.size
        yield MOBILE + int(kind), silent._replace(mobile=cells, mobile_rows=rows)


def _without_cells(tissue: Tissue, substance: int) -> Tissue:
    """The section as if it had no cell that secretes; what it shares with the section is not written to."""
    status, niche, book = tissue.status.copy(), tissue.niche.copy(), tissue.mobile_rows.copy()
    status.proliferating = 0
    niche[[Niche.INFECTED, Niche.PROLIFERATING]] = 0.0
    book[USED] = 0
    cancer_book = tissue.cancer_rows.copy()
    cancer_book[USED] = 0
    field: Any = tissue.fields._replace(**{tissue.fields._fields[substance]: tissue.fields[substance].copy()})
    return tissue._replace(
        status=status, niche=niche, mobile_rows=book, cancer_rows=cancer_book, fields=field,
        states=np.zeros_like(tissue.states), epithelial_counts=np.zeros_like(tissue.epithelial_counts),
    )  # fmt: skip


def on_blocks(squares: np.ndarray, sites: tuple[int, ...]) -> np.ndarray:
    """What stands on the squares of a field as means of blocks of 40 um: float32[..., block rows, block columns]."""
    rows, columns = (side // BLOCK for side in sites)
    down, across = squares.shape[-2] // rows, squares.shape[-1] // columns
    return squares.reshape(*squares.shape[:-2], rows, down, columns, across).mean(axis=(-3, -1))
