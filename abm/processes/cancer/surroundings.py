"""What the cancer cells of a block sense, and the hazards of its dormant cells: in steps as in quiet time.

IL-6 binds its receptor, STAT3 follows with a delay, and SOCS3, slower, takes a share of its signal away again; the
matrix opens or closes the niche; TGF-beta2 of macrophages holds dormant cells. Cells of a block sense the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK, PATCH
from abm.core.population import Record
from abm.rules import dormancy, interferon
from abm.rules.parameters import Parameters
from abm.rules.response import decay_factor, relax_towards
from abm.tissue.state import AMOUNT, Niche, Tissue


@inlined
def receptor_response(il6: float, effects: Record, q: dormancy.Dormancy) -> float:
    """Response of cancer cells to the IL-6 [ng/mL] around them, in [0, 1], also under drugs."""
    return dormancy.occupancy(np.float64(il6), effects.receptor_left, q) * effects.stat_left


class SharesLeft(NamedTuple):
    """What is left after a time of the distance of each to where it is on its way."""

    signal: float
    socs3: float


@compiled
def shares_left(q: dormancy.Dormancy, hours: float) -> SharesLeft:
    """What is left after these hours."""
    return SharesLeft(decay_factor(q.signal_memory, hours), decay_factor(q.socs3_time, hours))


@compiled
def sense(y: int, x: int, tissue: Tissue, effects: Record, left: SharesLeft, p: Parameters) -> None:
    """Update what the cancer cells of a block sense: STAT3 signal, niche, and hold of macrophages."""
    block, niche, fields, q = tissue.blocks[y, x], tissue.niche, tissue.fields, p.dormancy
    bound = receptor_response(fields.il6[AMOUNT, y, x], effects, q)
    block.socs3 = relax_towards(block.socs3, bound, left.socs3)
    block.signal = relax_towards(block.signal, dormancy.signal_target(bound, block.socs3, q), left.signal)
    block.permissiveness = dormancy.niche_permissiveness(niche[Niche.INTEGRITY, y, x], niche[Niche.COLLAGEN, y, x], q)
    block.macrophage_hold = dormancy.macrophage_hold(np.float64(fields.tgfb2[AMOUNT, y, x]), q)


@compiled
def sense_interferon(y: int, x: int, tissue: Tissue, effects: Record, p: Parameters) -> None:
    """Update the hazard of cells of a block that have not settled yet, by the interferon in its middle."""
    middle, patch = BLOCK // 2, PATCH
    amount = np.float64(tissue.fields.interferon[AMOUNT, (y * BLOCK + middle) // patch, (x * BLOCK + middle) // patch])
    share = interferon.response(amount, effects.interferon_left, p.interferon)
    tissue.blocks[y, x].arrival_loss = dormancy.arrival_loss_rate(share, p.dormancy)


@inlined
def dormant_hazard(block: Record, q: dormancy.Dormancy) -> float:
    """Hazard [1/h] of a dormant cell that nobody touches: awakening (by IL-6 or without) and death."""
    by_il6 = dormancy.il6_awakening_rate(block.signal, block.permissiveness, 0, q)
    return by_il6 + dormancy.awakening_without_il6(block.macrophage_hold, q) + q.dormant_death
