"""What one cell secretes, and what that adds to a square of a field."""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK
from abm.core.population import Record, as_int64
from abm.rules import cells as cell_types
from abm.rules.cell_type import secretion_rate
from abm.rules.own.slots import OWN_SUBSTANCES
from abm.rules.parameters import Parameters, parameters_of_virus
from abm.rules.substances import Substance, site_rise

LOWEST = np.array([  # activation above which each type of mobile cell secretes each substance; 1.0: never
    [
        -1.0 if cell_types.secretes_at_rest(kind, one) else 0.0 if cell_types.secretes_activated(kind, one) else 1.0
        for kind in cell_types.CellKind
    ]
    for one in Substance
])  # fmt: skip
BY_MOBILE = LOWEST.min(axis=1) < 1.0  # whether any of them does
SIDES = np.array(
    [each.type.side for each in Substance] + OWN_SUBSTANCES * [BLOCK]
)  # of the squares of each field, in sites


@inlined
def is_cd206(cell: Record, p: Parameters) -> bool:
    """Whether a cell is a CD206+ macrophage, which secretes as at rest whatever its activation."""
    return p.cells[as_int64(cell.kind)].is_macrophage > 0.0 and not cell.activated


@inlined
def secretion(cell: Record, substance: int, p: Parameters) -> float:
    """Secretion of a substance by one mobile cell [molecules/cell/s]."""
    rates = p.cells[cell_types.shares_with(as_int64(cell.kind), p.cells)].secretion[substance]
    return secretion_rate(is_cd206(cell, p), cell.activation, rates)


@compiled
def rise_by_one(substance: int, virus: int, p: Parameters, effects: Record) -> float:
    """Rise in a square of a field [ng/mL/h] per secreted molecule per second; zero under a knockout.

    virus: `VirusOfRun` to which the cell responds.
    """
    per_site = site_rise(1.0, p.substances[substance].molar_mass)
    if substance == Substance.INTERFERON:
        per_site *= parameters_of_virus(virus, p).interferon_induction
    return effects.secretion_left[substance] * per_site / SIDES[substance] ** 2
