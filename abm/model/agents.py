"""Cells as Mesa agents: views on rows. They hold no state of their own; what they show is what the arrays hold."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from abm.core.lattice import BLOCK
from abm.rules.cells import KINDS, CellKind
from abm.rules.states import CancerState, Cause, EpithelialState, Phenotype
from abm.tissue.state import CANCER_CELL, EPITHELIAL_CELL, MOBILE_CELL, Tissue

RECORDS = {  # what the record of a cell holds, by population
    "cancer": CANCER_CELL.names or (), "mobile": MOBILE_CELL.names or (), "epithelium": EPITHELIAL_CELL.names or (),
}  # fmt: skip
GONE = -1  # the row of a cell that has died or left
ONLY_SHOWN = "agents only show cells: these come, change and leave by the laws of the model"


class GoneError(LookupError):
    """An agent was kept, and its cell has died, left or healed since."""


class ModelOfTissue(mesa.Model):
    """What agents look into: a Mesa model with a tissue, as `abm.model.lung_model.LungModel` is one."""

    tissue: Any = None  # its cells, None until it is laid out

    own_cells: tuple[str, ...] = ()  # names of the types of cells that the scenario declares

    @property
    def day(self) -> float:
        """Time since day 0, in days."""
        raise NotImplementedError

    def update_agents(self) -> None:
        """Bring the agents up to date."""
        raise NotImplementedError


class CellView(mesa.Agent):
    """A cell of the tissue as a Mesa agent: reads its row, never writes it."""

    uid: int
    population: str  # the array of the tissue that it looks into
    model: ModelOfTissue

    def __init__(self, model: ModelOfTissue, row: int) -> None:
        """Look at one row of the population."""
        super().__init__(model)
        self.row = row

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse to set what a cell is; attributes of a user's own are kept as long as the cell lives."""
        shown = isinstance(getattr(type(self), name, None), property) or name in RECORDS[self.population]
        if shown and not (name == "pos" and value is None):  # which Mesa sets
            raise AttributeError(f"{name} cannot be set: {ONLY_SHOWN}")
        super().__setattr__(name, value)

    @property
    def place(self) -> int:
        """The row of this cell now, which may be another one than when it was last looked at.

        Raises:
            GoneError: the cell has died, left or healed since.
        """
        self.model.update_agents()
        if self.row == GONE:
            told = f"{type(self).__name__} {self.uid} is gone by day {self.model.day:.4g}"
            raise GoneError(f"{told}: it died, left or healed since this agent was taken")
        return self.row

    @property
    def cell(self) -> np.record:
        """The record of this cell, to be read only.

        Raises:
            GoneError: the cell has died, left or healed since.
        """
        place = self.place
        cells = getattr(self.model.tissue, self.population).view()
        cells.flags.writeable = False
        return cells[place]

    def remove(self) -> None:
        """Refuse: a cell that is taken out here would be back in the next step.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError(f"a cell cannot be removed: {ONLY_SHOWN}")

    def let_go(self) -> None:
        """The cell is gone, or the model is closed."""
        self.row = GONE
        super().remove()

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

    def __init__(self, model: ModelOfTissue, row: int) -> None:
        """Remember the identity, which outlives the row."""
        super().__init__(model, row)
        self.__dict__["uid"] = int(self.cell.uid)

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
        """Cause of its last awakening."""
        return Cause(self.cell.cause)

    @property
    def clone(self) -> int:
        """Number of its founder."""
        return int(self.cell.clone)

    @property
    def signal(self) -> float:
        """STAT3 signal in [0, 1], that of its block."""
        cell = self.cell
        return float(self.model.tissue.blocks[cell.y // BLOCK, cell.x // BLOCK].signal)


class MobileCell(CellView):
    """A leukocyte or fibroblast."""

    population = "mobile"

    def __init__(self, model: ModelOfTissue, row: int) -> None:
        """Remember the identity, which outlives the row."""
        super().__init__(model, row)
        self.__dict__["uid"] = int(self.cell.uid)

    @property
    def kind(self) -> CellKind | str:
        """What it is; for a type of cell that the scenario declares, its name."""
        number = int(self.cell.kind)
        return CellKind(number) if number < KINDS else str(self.model.own_cells[number - KINDS])

    @property
    def activation(self) -> float:
        """Activation in [0, 1]."""
        return float(self.cell.activation)


class InfectedCell(CellView):
    """An epithelial cell that is not healthy: refractory, infected, dying or lost."""

    population = "epithelium"

    def __init__(self, model: ModelOfTissue, row: int) -> None:
        """An epithelial cell is known by its index."""
        super().__init__(model, row)
        self.__dict__["uid"] = row

    @property
    def state(self) -> EpithelialState:
        """State of the epithelial cell."""
        return EpithelialState(self.model.tissue.states[self.place])


def _rows_shown(tissue: Tissue, view: type[CellView]) -> np.ndarray:
    """Rows of a population that agents stand for."""
    if view is InfectedCell:
        return np.flatnonzero(tissue.states != EpithelialState.HEALTHY)
    cells: Any = getattr(tissue, view.population)
    return np.flatnonzero(cells.alive)


def mirror(model: ModelOfTissue, views: dict[tuple[type[CellView], int], CellView]) -> None:
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
        views.pop(key).let_go()
