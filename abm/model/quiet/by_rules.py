"""Quiet time under rules: which cells are simulated individually, what they kill, and which fields relax.

In each stride, rules read the tissue as the previous stride left it, as they do in steps.
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.clock import TimeStep
from abm.core.compiled import compiled, uncounted
from abm.core.population import USED, Record, as_int64
from abm.model.quiet.fields import calls_for
from abm.processes.secretion import AT_REST, loss_of, spread
from abm.processes.secretion_by_rules import is_secreted_by_rules
from abm.rules.cells import KINDS, CellKind
from abm.rules.own.rates import Rate, Where, address, who_of
from abm.rules.own.rule import NOTHING
from abm.rules.own.signals import Signal
from abm.rules.own.slots import ALL_KINDS
from abm.rules.parameters import Parameters, kinds_in, substances_in
from abm.tissue.ruled import has_rule, is_ruled, ruled, ruled_at_most
from abm.tissue.state import Tissue

# A stride is at most this share of the mean life of the cells that rules act in or count, and of the mean time that a
# dormant cell has by the hazards of the stride before; for in a stride cells stay and hazards are constant. Assumed.
SHARE_OF_LIFE, SHARE_OF_DORMANCY = 0.1, 0.2
# Killing [1/h] by one cell above which a section is stepped. A fast killer has soon killed those that it meets again
# and again, while strides only know how many cells it touches on average. Assumed.
FAST_KILLING = 1.0


@compiled
def kills_within_a_contact(p: Parameters) -> bool:
    """Whether rules may let a cell kill dormant cells so fast that the mean of contacts says too much."""
    found = False
    if is_ruled(Rate.KILLING_OF_DORMANT.value, p):
        for kind in range(kinds_in(p)):
            built_in = p.cytotoxicity.cd8_dormant_cancer if kind == CellKind.CD8 else 0.0
            most = ruled_at_most(built_in, address(Rate.KILLING_OF_DORMANT.value, kind, 0), p)
            found = found or most > FAST_KILLING
    return found


@compiled
def kinds_of_rules(p: Parameters) -> np.ndarray:
    """Which types of mobile cells rules act in or count, and which the scenario brings: bool[ALL_KINDS]."""
    carried = np.zeros(ALL_KINDS, dtype=np.bool_)
    carried[KINDS : kinds_in(p)] = True
    for number in range(int(p.present.rules)):
        rule = p.rules[number]
        if rule.acts_on == NOTHING:
            continue
        who = who_of(rule.acts_on)
        if who < ALL_KINDS:
            carried[who] = True
        for signal, of in ((rule.signal, rule.signal_of), (rule.second, rule.second_of)):
            heard = int(signal)
            if heard == Signal.CELLS or heard == Signal.ACTIVATED or heard == Signal.CONTACT:
                carried[int(of)] = True
    return carried


@compiled
def longest_stride(p: Parameters) -> float:
    """The longest stride [h] under rules; without them there is no limit."""
    longest, carried = math.inf, kinds_of_rules(p)
    for kind in range(kinds_in(p)):
        if carried[kind]:
            loss = ruled_at_most(p.cells[kind].loss, address(Rate.LOSS.value, kind, 0), p)
            longest = min(longest, SHARE_OF_LIFE / loss)
    return longest


@compiled
def next_stride(longest: float, hazards: np.ndarray, p: Parameters) -> float:
    """The longest stride [h] after one with these hazards: float64[blocks with dormant cells, 3], see `hazards_at`."""
    if p.present.rules > 0.0 and hazards.size > 0 and hazards[:, 2].max() > 0.0:
        return min(longest, SHARE_OF_DORMANCY / hazards[:, 2].max())
    return longest


@compiled
def is_made_at_rest(substance: int, p: Parameters) -> bool:
    """Whether cells secrete a substance in resting lung, or may do so by rules."""
    return bool(AT_REST[substance]) or is_secreted_by_rules(substance, p)


@compiled
def relaxes_by_rules(substance: int, p: Parameters) -> bool:
    """Whether a field relaxes around its sources in each stride, because rules act on its secretion or its loss."""
    loss = has_rule(address(Rate.LOSS_OF_SUBSTANCE.value, Where.TISSUE.value, substance), p)
    return loss or (is_secreted_by_rules(substance, p) and not AT_REST[substance])


@uncounted
def relax_fields_of_rules(tissue: Tissue, p: Parameters, effects: Record, stride: TimeStep) -> None:
    """Let the fields that rules make relax around the cells that are there now, for the length of the stride."""
    if int(p.present.rules) == 0:
        return
    for substance in range(substances_in(p)):
        if relaxes_by_rules(substance, p):
            calls, time = calls_for(1.0 / loss_of(substance, tissue, p, effects), stride.dt_slow)
            part = TimeStep(stride.seed, stride.tick, stride.dt, 0.0, time, True)
            for _ in range(calls):
                spread(substance, tissue, p, effects, part)


@uncounted
def dormant_killing_by_rules(y: int, x: int, touching: float, hour: float, tissue: Tissue, p: Parameters) -> float:
    """Mean hazard [1/h] by rules that mobile cells other than CD8 cells kill a dormant cell of a block.

    touching: mean share of the mobile cells of the section that touch it; hour: now.
    """
    found = 0.0
    if not is_ruled(Rate.KILLING_OF_DORMANT.value, p):
        return found
    for row in range(tissue.mobile_rows[USED]):
        cell = tissue.mobile[row]
        if cell.alive and cell.kind != CellKind.CD8:
            own, where = (
                (float(cell.activation), hour - cell.born),
                address(Rate.KILLING_OF_DORMANT.value, as_int64(cell.kind), 0),
            )
            found += ruled(0.0, where, y, x, own, tissue.signals, p)
    return touching * found
