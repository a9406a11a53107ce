"""Snapshots of a running model: to go back without running from day 0."""

from __future__ import annotations

from typing import Any, NamedTuple

from abm.model.lung_model import LungModel
from abm.model.quiet.table import QUIET, How, Passes
from abm.tissue.state import arrays_of, tissue_of

NEVER_WRITTEN = {name for name, parts in QUIET.items() if parts == (Passes(How.FIXED),)}  # arrays of a tissue


class KeptState(NamedTuple):
    """A model at one step. Its arrays are copies (compressing them would cost more than the steps between two)."""

    tick: int
    arrays: dict[str, Any]

    @property
    def size(self) -> int:
        """Bytes, about."""
        return sum(array.nbytes for array in self.arrays.values())


def keep(model: LungModel) -> KeptState:
    """The state of a model now."""
    changing = {name: array for name, array in arrays_of(model.tissue).items() if name not in NEVER_WRITTEN}
    return KeptState(model.tick, {name: array.copy() for name, array in changing.items()})


def put_back(model: LungModel, kept: KeptState) -> None:
    """Make the model what it was; its scenario stays what it is now."""
    copies = {name: array.copy() for name, array in kept.arrays.items()}
    model.tissue = tissue_of(arrays_of(model.tissue) | copies)
    model.tick = kept.tick
    model.running = model.tick < model.ticks
