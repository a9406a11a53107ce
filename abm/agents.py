"""Cells as Mesa agents: views on rows. They hold no state of their own; what they show is what the arrays hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from abm.core.lattice import BLOCK
from abm.processes.tissue import Tissue
from abm.rules.states import CancerState, Cause, CellKind, EpithelialState, Phenotype

if TYPE_CHECKING:
    from abm.model import LungModel


class CellView(mesa.Agent):
    """A cell of the tissue as a Mesa agent: reads its row, never writes it."""

    population: str  # the array of the tissue that it looks into
    model: LungModel

    def __init__(self, model: LungModel, row: int) -> None:
        """Look at one row of the population."""
        super().__init__(model)
        self.row = row

    @property
    def cell(self) -> np.record:
        """The record of this cell, which may stand in another row than when it was last looked at."""
        self.model.update_agents()
        return getattr(self.model.tissue, self.population)[self.row]

    @property
    def pos(self) -> tuple[int, int]:
        """Site (x, y), in sites of 10 um."""
        return int(self.cell.x), int(self.cell.y)

    @pos.setter
    def pos(self, value: object) -> None:
        """Mesa sets None on removal; a view has no place of its own."""


class CancerCell(CellView):
    """A disseminated cancer cell."""

    population = "cancer"

    def __init__(self, model: LungModel, row: int) -> None:
        """Remember the identity, which outlives the row."""
        super().__init__(model, row)
        self.uid = int(self.cell.uid)

    @property
    def state(self) -> CancerState:
        """Dormant, proliferating or re-dormant."""
        return CancerState(self.cell.state)

    @property
    def phenotype(self) -> Phenotype:
        """Place on the mesenchymal - hybrid - epithelial axis."""
        return Phenotype(self.cell.phenotype)

    @property
    def cause(self) -> Cause:
        """Why it awoke last."""
        return Cause(self.cell.cause)

    @property
    def clone(self) -> int:
        """Number of its founder."""
        return int(self.cell.clone)

    @property
    def signal(self) -> float:
        """STAT3 signal in [0, 1], that of its block."""
        return float(self.model.tissue.blocks[self.cell.y // BLOCK, self.cell.x // BLOCK].signal)


class MobileCell(CellView):
    """A leukocyte or fibroblast."""

    population = "mobile"

    def __init__(self, model: LungModel, row: int) -> None:
        """Remember the identity, which outlives the row."""
        super().__init__(model, row)
        self.uid = int(self.cell.uid)

    @property
    def kind(self) -> CellKind:
        """What it is."""
        return CellKind(self.cell.kind)

    @property
    def alarm(self) -> float:
        """Alarm in [0, 1]."""
        return float(self.cell.alarm)


class InfectedCell(CellView):
    """An epithelial cell that is not healthy: refractory, infected, dying or lost."""

    population = "epithelium"

    def __init__(self, model: LungModel, row: int) -> None:
        """An epithelial cell is known by its index."""
        super().__init__(model, row)
        self.uid = row

    @property
    def state(self) -> EpithelialState:
        """State of the epithelial cell."""
        return EpithelialState(self.model.tissue.states[self.row])


def _rows_shown(tissue: Tissue, view: type[CellView]) -> np.ndarray:
    """Rows of a population that agents stand for."""
    if view is InfectedCell:
        return np.flatnonzero(tissue.states != EpithelialState.HEALTHY)
    cells: Any = getattr(tissue, view.population)
    return np.flatnonzero(cells.alive)


def mirror(model: LungModel, views: dict[tuple[type[CellView], int], CellView]) -> None:
    """Bring agents and rows together: an agent for every living cell, none for the dead.

    Args:
        model: whose tissue is shown.
        views: the agents there are, by class and identity; changed in place.
    """
    seen = set()
    for view in (CancerCell, MobileCell, InfectedCell):
        cells = getattr(model.tissue, view.population)
        for row in _rows_shown(model.tissue, view).tolist():
            key = (view, row if view is InfectedCell else int(cells[row].uid))
            seen.add(key)
            if key in views:
                views[key].row = row
            else:
                views[key] = view(model, row)
    for key in [key for key in views if key not in seen]:
        views.pop(key).remove()
