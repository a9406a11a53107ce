"""Cancer cells one by one, for rules that respond to what differs between the cells of a block.

Cancer cells of a block share their hazards and clocks. A rule may respond to the phenotype of a cell or to the mobile
cells in contact with it, and then each cell is read by itself: it has the signals of its block, with its own in their
place, as if it were alone in a block.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.core.compiled import compiled, inlined
from abm.core.field import FIELD
from abm.core.lattice import BLOCK
from abm.core.population import USED, Record
from abm.rules.own.rates import Rate
from abm.rules.own.rule import NOTHING
from abm.rules.own.signals import Signal
from abm.rules.own.slots import ALL_KINDS
from abm.rules.parameters import Parameters
from abm.rules.states import PHENOTYPES
from abm.tissue.ruled import is_ruled
from abm.tissue.state import Tissue

_NOT_HEARD = -1  # layer of a type of cell whose contacts no rule responds to


class SingleCell(NamedTuple):
    """A cancer cell by itself: what was entered for the cell that was looked at last.

    Attributes:
        shared: float32[rules, 2, block rows, block columns], signals of rules that cells of a block share.
        differs: whether rules tell cells of a block apart; the rest is empty if not.
        signals: float32[rules, 2, 1, 1], signals of the rules for this cell.
        block: BLOCK_OF_TISSUE[1], its block, with the hazards of this cell.
        touching: int16[types heard, rows, columns], mobile cells of a type on each site and the eight around it.
        layer: int8[ALL_KINDS], place of a type of mobile cell in `touching`.
    """

    shared: np.ndarray
    differs: bool
    signals: np.ndarray
    block: np.ndarray
    touching: np.ndarray
    layer: np.ndarray


@compiled
def cells_differ(p: Parameters) -> bool:
    """Whether rules tell the cancer cells of a block apart: by signals of their own, or by changes of phenotype."""
    found = is_ruled(Rate.TO_EPITHELIAL.value, p) or is_ruled(Rate.TO_MESENCHYMAL.value, p)
    for number in range(int(p.present.rules)):
        rule = p.rules[number]
        if rule.acts_on != NOTHING:
            for signal in (rule.signal, rule.second):
                found = found or int(signal) == Signal.PHENOTYPE or int(signal) == Signal.CONTACT
    return found


@compiled
def _layers(p: Parameters) -> np.ndarray:
    """Place of each type of mobile cell whose contacts rules respond to: int8[ALL_KINDS]."""
    layer, count = np.full(ALL_KINDS, _NOT_HEARD, dtype=np.int8), 0
    for number in range(int(p.present.rules)):
        rule = p.rules[number]
        for signal, of in ((rule.signal, rule.signal_of), (rule.second, rule.second_of)):
            heard = rule.acts_on != NOTHING and int(signal) == Signal.CONTACT
            if heard and layer[int(of)] == _NOT_HEARD:
                layer[int(of)] = count
                count += 1
    return layer


@compiled
def _count_contacts(layer: np.ndarray, tissue: Tissue) -> np.ndarray:
    """Mobile cells of the types heard on each site and the eight around it."""
    rows, columns = tissue.kind.shape
    touching = np.zeros((layer.max() + 1, rows, columns), dtype=np.int16)
    for row in range(tissue.mobile_rows[USED] if layer.max() >= 0 else 0):
        cell = tissue.mobile[row]
        if cell.alive and layer[cell.kind] != _NOT_HEARD:
            for y in range(max(cell.y - 1, 0), min(cell.y + 2, rows)):
                for x in range(max(cell.x - 1, 0), min(cell.x + 2, columns)):
                    touching[layer[cell.kind], y, x] += 1
    return touching


@compiled
def single_cell(tissue: Tissue, p: Parameters) -> SingleCell:
    """What it takes to look at cancer cells one by one, with contacts as cells stand now."""
    differs, block = cells_differ(p), tissue.blocks.ravel()[:1].copy()
    layer = _layers(p) if differs else np.full(ALL_KINDS, _NOT_HEARD, dtype=np.int8)
    signals = np.zeros((int(p.present.rules) if differs else 0, 2, 1, 1), FIELD)
    return SingleCell(tissue.signals, differs, signals, block, _count_contacts(layer, tissue), layer)


@inlined
def _own(signal: int, of: int, place: float, cell: Record, single: SingleCell) -> float:
    """A signal as a cancer cell has it; place: what was read in its block."""
    if signal == Signal.PHENOTYPE:
        return cell.phenotype / (PHENOTYPES - 1.0)
    if signal == Signal.CONTACT and single.layer[of] != _NOT_HEARD:
        return np.float64(single.touching[single.layer[of], cell.y, cell.x])
    return np.float64(place)


@compiled
def look_at(cell: Record, single: SingleCell, p: Parameters) -> None:
    """Enter the signals of rules as a cancer cell has them in `single`."""
    y, x = cell.y // BLOCK, cell.x // BLOCK
    for number in range(int(p.present.rules)):
        rule = p.rules[number]
        first, second = single.shared[number, 0, y, x], single.shared[number, 1, y, x]
        single.signals[number, 0, 0, 0] = FIELD(_own(int(rule.signal), int(rule.signal_of), first, cell, single))
        single.signals[number, 1, 0, 0] = FIELD(_own(int(rule.second), int(rule.second_of), second, cell, single))
