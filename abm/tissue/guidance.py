"""How substances guide mobile cells under the rules of a scenario: block by block, all substances together.

Each substance that attracts a type of cell directs a fraction of its changes of direction up the gradient, by the law
for IL-6 (`abm.rules.motility`) and with its numbers (assumed). The fractions of all substances add up along each axis,
to at most 1.
"""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled
from abm.core.field import FIELD, block_means
from abm.rules import motility
from abm.rules.own.rates import Rate, address
from abm.rules.own.rule import OF_PLACE
from abm.rules.own.slots import ALL_KINDS
from abm.rules.parameters import Parameters, kinds_in, substances_in
from abm.rules.substances import Substance
from abm.tissue.ruled import has_rule, is_ruled, ruled
from abm.tissue.state import AMOUNT, Tissue

OF_ALL = 65536.0  # chances in a walk are compared with 16 random bits
NOT_RULED = -1  # in the place of the first number of a type of cell on whose attraction no rule acts


@compiled
def guides_by_rules(tissue: Tissue, p: Parameters) -> np.ndarray:
    """How cells on whose attraction rules act are guided: int32[ALL_KINDS, blocks, 4], numbers as a walk takes them.

    Empty where no rule acts on the attraction of any cell.
    """
    rows, columns = tissue.blocks.shape
    ruled_here = is_ruled(Rate.ATTRACTION.value, p)
    guides = np.full((ALL_KINDS if ruled_here else 0, rows * columns, 4), NOT_RULED, dtype=np.int32)
    if not ruled_here:
        return guides
    amounts = np.empty((substances_in(p), rows, columns), FIELD)
    for substance in range(substances_in(p)):
        block_means(tissue.fields[substance][AMOUNT], amounts[substance])
    for kind in range(kinds_in(p)):
        acts = False
        for substance in range(substances_in(p)):
            acts = acts or has_rule(address(Rate.ATTRACTION.value, kind, substance), p)
        if acts:
            _fill(kind, amounts, tissue.signals, p, guides[kind])
    return guides


@compiled
def _fill(kind: int, amounts: np.ndarray, signals: np.ndarray, p: Parameters, guide: np.ndarray) -> None:
    """Enter how cells of a type are guided in each block; amounts: float32[substances, block rows, block columns]."""
    rows, columns = amounts.shape[1:]
    for y in range(rows):
        for x in range(columns):
            down, right = 0.0, 0.0
            for substance in range(amounts.shape[0]):
                built_in = p.motility.bias if substance == Substance.IL6 else 0.0
                where = address(Rate.ATTRACTION.value, kind, substance)
                bias = ruled(built_in, where, y, x, OF_PLACE, signals, p)
                if bias > 0.0:
                    more_down, more_right = _pull(y, x, amounts[substance], bias, p.motility)
                    down += more_down
                    right += more_right
            turns, index = abs(down) + abs(right), y * columns + x
            guide[index, 0] = int(min(1.0, turns) * OF_ALL)
            guide[index, 1] = int(abs(down) / turns * OF_ALL) if turns > 0.0 else 0
            guide[index, 2] = int(down > 0.0)
            guide[index, 3] = 2 + int(right > 0.0)


@compiled
def _pull(y: int, x: int, amount: np.ndarray, bias: float, p: motility.Motility) -> tuple[float, float]:
    """Shares of turns that a substance directs down and to the right (negative: up and to the left) in a block.

    amount: ng/mL of each block. bias: share of turns that a steep gradient directs.
    """
    rows, columns = amount.shape
    here = np.float64(amount[y, x])
    down = np.float64(amount[min(y + 1, rows - 1), x]) - np.float64(amount[max(y - 1, 0), x])
    right = np.float64(amount[y, min(x + 1, columns - 1)]) - np.float64(amount[y, max(x - 1, 0)])
    steep_y, steep_x = motility.steepness(abs(down), here, p), motility.steepness(abs(right), here, p)
    steep = steep_y + steep_x
    if steep == 0.0:
        return 0.0, 0.0
    directed = bias * motility.gradient_response(steep, p)
    return np.sign(down) * directed * steep_y / steep, np.sign(right) * directed * steep_x / steep
