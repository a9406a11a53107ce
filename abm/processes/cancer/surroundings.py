"""What the cancer cells of a block sense, and the hazards of its dormant cells: in steps as in quiet time.

IL-6 binds its receptor, and STAT3 follows with a delay; the matrix opens or closes the niche; TGF-beta2 of macrophages
holds dormant cells. Cells of a block sense the same.
"""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK, PATCH
from abm.core.population import Record
from abm.rules import dormancy, interferon
from abm.rules.own.rates import Rate, Where, address
from abm.rules.own.rule import OF_PLACE
from abm.rules.parameters import Parameters
from abm.rules.response import relax_towards
from abm.tissue.ruled import factor_of_rules, is_ruled, ruled
from abm.tissue.single_cells import SingleCell, look_at
from abm.tissue.state import AMOUNT, Niche, Tissue


@inlined
def receptor_response(il6: float, effects: Record, q: dormancy.Dormancy) -> float:
    """Response of cancer cells to the IL-6 [ng/mL] around them, in [0, 1], also under drugs."""
    return dormancy.occupancy(np.float64(il6), effects.receptor_left, q) * effects.stat_left


@compiled
def _arrival_loss(y: int, x: int, tissue: Tissue, effects: Record, p: Parameters) -> float:
    """Hazard [1/h] of cells of a block that have not settled yet, by the interferon in its middle."""
    per_block = BLOCK // PATCH
    amount = np.float64(
        tissue.fields.interferon[AMOUNT, y * per_block + per_block // 2, x * per_block + per_block // 2]
    )
    return dormancy.arrival_loss_rate(interferon.response(amount, effects.interferon_left, p.interferon), p.dormancy)


@inlined
def _set_built_in(block: Record, q: dormancy.Dormancy) -> None:
    """Set what the cancer cells of a block do without rules, by their signal."""
    block.awakening_by_rules, block.awakening_left = 0.0, 1.0
    block.dormant_death, block.proliferating_death = q.dormant_death, q.proliferating_death
    block.return_rate, block.cycle_speed = dormancy.return_rate(block.signal, q), dormancy.cycle_speed(block.signal, q)


@inlined
def sense(y: int, x: int, hour: float, tissue: Tissue, effects: Record, old_share: float, p: Parameters) -> None:
    """Update what the cancer cells of a block sense: STAT3 signal, niche, and hold of macrophages.

    hour: now; interferon counts as long as cells there have not settled. old_share: of the signal that is left.
    """
    block, niche, fields, q = tissue.blocks[y, x], tissue.niche, tissue.fields, p.dormancy
    block.signal = relax_towards(block.signal, receptor_response(fields.il6[AMOUNT, y, x], effects, q), old_share)
    block.permissiveness = dormancy.niche_permissiveness(niche[Niche.INTEGRITY, y, x], niche[Niche.COLLAGEN, y, x], q)
    block.macrophage_hold = dormancy.macrophage_hold(np.float64(fields.tgfb2[AMOUNT, y, x]), q)
    if hour < block.unsettled_until:
        block.arrival_loss = _arrival_loss(y, x, tissue, effects, p)
    _set_built_in(block, q)


@inlined
def rules_on_cancer(p: Parameters) -> bool:
    """Whether rules act on what cancer cells do."""
    dormant = is_ruled(Rate.AWAKENING.value, p) or is_ruled(Rate.DEATH.value, p)
    return dormant or is_ruled(Rate.RETURN.value, p) or is_ruled(Rate.DIVISION.value, p)


@compiled
def follow_rules(y: int, x: int, block: Record, signals: np.ndarray, p: Parameters) -> None:
    """Change what the cancer cells of a block do as rules say, after they have sensed their surroundings.

    Not a part of `sense`: a call of so long a function would make numba count all arrays of the tissue there, which
    took thirty times as long as sensing.
    """
    awakening = address(Rate.AWAKENING.value, Where.DORMANT.value, 0)
    block.awakening_by_rules = ruled(0.0, awakening, y, x, OF_PLACE, signals, p)  # with the factors of rules
    block.awakening_left = factor_of_rules(awakening, y, x, signals, p)
    block.dormant_death = ruled(
        block.dormant_death, address(Rate.DEATH.value, Where.DORMANT.value, 0), y, x, OF_PLACE, signals, p
    )
    awake = Where.PROLIFERATING.value
    block.proliferating_death = ruled(
        block.proliferating_death, address(Rate.DEATH.value, awake, 0), y, x, OF_PLACE, signals, p
    )
    block.return_rate = ruled(block.return_rate, address(Rate.RETURN.value, awake, 0), y, x, OF_PLACE, signals, p)
    block.cycle_speed = ruled(block.cycle_speed, address(Rate.DIVISION.value, awake, 0), y, x, OF_PLACE, signals, p)


@compiled
def hazards_of_one(cell: Record, block: Record, single: SingleCell, p: Parameters) -> None:
    """Enter the block of a cancer cell in `single`, with the hazards of this cell, which its own signals change."""
    look_at(cell, single, p)
    single.block[0] = block
    here = single.block[0]
    _set_built_in(here, p.dormancy)
    follow_rules(0, 0, here, single.signals, p)


@inlined
def awakening_in(block: Record, q: dormancy.Dormancy) -> float:
    """Hazard [1/h] that a dormant cell of a block, which nobody touches, awakens: by IL-6, without, by rules."""
    by_il6 = dormancy.il6_awakening_rate(block.signal, block.permissiveness, 0, q)
    alone = dormancy.awakening_without_il6(block.macrophage_hold, q)
    return (by_il6 + alone) * block.awakening_left + block.awakening_by_rules


@inlined
def dormant_hazard(block: Record, q: dormancy.Dormancy) -> float:
    """Hazard [1/h] of a dormant cell of a block that nobody touches: awakening and death."""
    return awakening_in(block, q) + block.dormant_death
