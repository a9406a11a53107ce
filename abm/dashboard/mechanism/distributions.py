"""How a number is distributed over the cells, or clones, of an arm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from abm.core.lattice import BLOCK
from abm.core.own_laws import laws_of
from abm.dashboard.live.stage import Stage
from abm.model.lung_model import LungModel
from abm.processes.cancer.surroundings import awakening_in
from abm.rules.states import CancerState
from abm.tissue.state import AMOUNT, Niche


class CellDistribution(NamedTuple):
    """A number that differs between cells.

    Attributes:
        title, unit: for people. counted: what has it. edges: of the bins; what lies outside counts in the outer ones.
        log: whether the axis is logarithmic. of: its values in a model, float64[cells].
    """

    title: str
    unit: str
    counted: str
    edges: np.ndarray
    log: bool
    of: Callable[[LungModel], np.ndarray]


def _living(model: LungModel) -> Any:
    cells = model.tissue.cancer
    return cells[cells.alive]


def _signal(model: LungModel) -> np.ndarray:
    cells = _living(model)
    signal: np.ndarray = model.tissue.blocks.signal[cells.y // BLOCK, cells.x // BLOCK]
    return signal


def _il6(model: LungModel) -> np.ndarray:
    cells = _living(model)
    return np.asarray(model.tissue.fields.il6[AMOUNT][cells.y // BLOCK, cells.x // BLOCK], dtype=float)


def _integrity(model: LungModel) -> np.ndarray:
    cells = _living(model)
    integrity: np.ndarray = model.tissue.niche[Niche.INTEGRITY][cells.y // BLOCK, cells.x // BLOCK]
    return integrity


def _clone_size(model: LungModel) -> np.ndarray:
    sizes = model.tissue.clones.cells[: model.tissue.status[0].clones].astype(float)
    alive: np.ndarray = sizes[sizes > 0]
    return alive


def _hazard(model: LungModel) -> np.ndarray:
    cells = _living(model)
    dormant = cells[cells.state != CancerState.PROLIFERATING]
    places = np.unique(np.stack([dormant.y // BLOCK, dormant.x // BLOCK]), axis=1, return_inverse=True)
    with laws_of(model.experiment.laws):
        rates = [awakening_in(model.tissue.blocks[y, x], model.parameters.dormancy) for y, x in places[0].T]
    found: np.ndarray = np.array(rates, dtype=float)[places[1].ravel()] if dormant.size else np.empty(0)
    return found


DISTRIBUTIONS: dict[str, CellDistribution] = {
    "signal": CellDistribution("STAT3 signal", "1 = full", "cancer cells", np.linspace(0.0, 1.0, 21), False, _signal),
    "il6": CellDistribution("IL-6 at the cell", "ng/mL", "cancer cells", 10.0 ** np.arange(-3, 2.01, 0.25), True, _il6),
    "integrity": CellDistribution(
        "Integrity of the niche", "1 = intact", "cancer cells", np.linspace(0.0, 1.0, 21), False, _integrity
    ),
    "hazard": CellDistribution(
        "Hazard of awakening", "1/h", "dormant cells", 10.0 ** np.arange(-6, 0.01, 0.25), True, _hazard
    ),
    "clone": CellDistribution(
        "Clone size", "cells", "clones", 2.0 ** (np.arange(0, 15) - 0.5), True, _clone_size
    ),
}  # fmt: skip


def distribution_of(stage: Stage, name: str) -> dict[str, Any]:
    """The distribution of a number in all arms now, for JSON: edges, and of each arm counts, total and median."""
    kind = DISTRIBUTIONS[name]
    arms = []
    for run in stage.arms:
        values = kind.of(run.model)
        inside = np.clip(values, kind.edges[0], np.nextafter(kind.edges[-1], kind.edges[0]))
        counts = np.histogram(inside, kind.edges)[0]
        median = float(f"{np.median(values):.4g}") if values.size else None
        arms.append({"counts": counts.tolist(), "total": int(values.size), "median": median})
    told = {"name": name, "title": kind.title, "unit": kind.unit, "counted": kind.counted, "log": kind.log}
    return {**told, "edges": kind.edges.tolist(), "hour": stage.hour, "arms": arms}
