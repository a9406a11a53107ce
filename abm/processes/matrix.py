"""The niche: NETs and proteases cut it, fibroblasts repair it and lay collagen."""

from __future__ import annotations

from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, SPACING
from abm.core.population import Record
from abm.processes.tissue import Now, Tissue
from abm.rules import matrix
from abm.rules.parameters import Parameters
from abm.rules.response import relaxed

GONE = 1e-9  # less NETs than this are none
INTACT = 1.0 - 1e-6  # more hold than this is full
SETTLED = 1e-6  # collagen this near to that of resting lung is at rest


@compiled
def _remodel_block(block: Record, cutting: float, resting_fibroblasts: float, p: Parameters, step: float) -> None:
    """One step of one block."""
    q = p.matrix
    released = p.activation.net_release * block.neutrophil_alarm
    nets = relaxed(block.nets, released / q.net_loss, 1.0 / q.net_loss, step)
    block.nets = min(1.0, nets) if nets > GONE else 0.0
    activity = block.fibroblasts / resting_fibroblasts if resting_fibroblasts > 0.0 else 0.0
    repair = q.niche_repair * activity
    if cutting + repair > 0.0:
        hold = relaxed(block.hold, matrix.hold_target(cutting, repair), 1.0 / (cutting + repair), step)
        block.hold = hold if hold < INTACT else 1.0
    laid = matrix.deposition_rate(activity, block.hold, q)
    turnover = laid + q.collagen_decay
    target = (laid + q.collagen_decay * q.collagen_start) / turnover
    collagen = relaxed(block.collagen, target, 1.0 / turnover, step)
    at_rest = block.hold == 1.0 and abs(collagen - q.collagen_start) < SETTLED
    block.collagen = q.collagen_start if at_rest else collagen


@compiled
def remodel(tissue: Tissue, p: Parameters, now: Now) -> None:
    """One step of every block whose matrix is cut or on its way back."""
    blocks = tissue.blocks
    resting_fibroblasts = p.recruitment.fibroblast.resting_density * (BLOCK * SPACING / 1000.0) ** 2
    for y in range(blocks.shape[0]):
        for x in range(blocks.shape[1]):
            block = blocks[y, x]
            cutting = matrix.cutting_rate(block.neutrophil_alarm, block.awake, block.nets, p.matrix)
            if cutting > 0.0 or block.hold < 1.0 or block.collagen != p.matrix.collagen_start or block.nets > 0.0:
                _remodel_block(block, cutting, resting_fibroblasts, p, now.step)
