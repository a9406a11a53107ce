"""The niche: NETs and proteases cut it, fibroblasts repair it and lay collagen."""

from __future__ import annotations

import numpy as np

from abm.core.clock import TimeStep
from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, SPACING
from abm.rules import matrix
from abm.rules.parameters import Parameters
from abm.rules.response import approached, left_of
from abm.tissue.state import Niche, Tissue

LAYERS = len(Niche)
GONE = 1e-9  # less NETs than this are none
INTACT = 1.0 - 1e-6  # more hold than this is full
SETTLED = 1e-6  # collagen this near to that of resting lung is at rest


@compiled
def _cut_and_repair(
    hold: np.ndarray, nets: np.ndarray, alarm: np.ndarray, awake: np.ndarray, activity: np.ndarray, q: matrix.Matrix,
    step: float,
) -> None:  # fmt: skip
    """One step of the hold of every block; activity: its fibroblasts over those of resting lung."""
    for block in range(hold.size):
        cutting = matrix.cutting_rate(alarm[block], awake[block], nets[block], q)
        repair = q.niche_repair * activity[block]
        left = left_of((cutting + repair) * step)
        held = approached(hold[block], matrix.hold_target(cutting, repair), left)
        hold[block] = held if held < INTACT else 1.0


@compiled
def _release_nets(nets: np.ndarray, alarm: np.ndarray, release: float, loss: float, step: float) -> None:
    """One step of the traps of every block: alarmed neutrophils release them, they are lost at a rate [1/h]."""
    left = left_of(loss * step)
    for block in range(nets.size):
        traps = approached(nets[block], release / loss * alarm[block], left)
        nets[block] = min(1.0, traps) if traps > GONE else 0.0


@compiled
def _lay_collagen(collagen: np.ndarray, hold: np.ndarray, activity: np.ndarray, q: matrix.Matrix, step: float) -> None:
    """One step of the collagen of every block."""
    for block in range(collagen.size):
        laid = matrix.deposition_rate(activity[block], hold[block], q)
        fiber = approached(collagen[block], matrix.collagen_target(laid, q), left_of((laid + q.collagen_decay) * step))
        at_rest = hold[block] == 1.0 and abs(fiber - q.collagen_start) < SETTLED
        collagen[block] = q.collagen_start if at_rest else fiber


@compiled
def _is_at_rest(niche: np.ndarray, q: matrix.Matrix) -> bool:
    """Whether no block is cut or on its way back."""
    for y in range(niche.shape[1]):
        for x in range(niche.shape[2]):
            intact = niche[Niche.HOLD, y, x] == 1.0 and niche[Niche.NETS, y, x] == 0.0
            if not intact or niche[Niche.COLLAGEN, y, x] != q.collagen_start:
                return False
    return True


@compiled
def remodel(tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """One step of the matrix of every block; nothing to do while it is at rest and nobody cuts it."""
    ledger = tissue.ledger[0]
    cut = ledger.alarmed or ledger.awake > 0
    if not cut and not ledger.remodeled:
        return
    niche = tissue.niche.reshape((LAYERS, tissue.blocks.size))
    hold, nets, alarm = niche[Niche.HOLD], niche[Niche.NETS], niche[Niche.NEUTROPHIL_ALARM]
    resting = p.recruitment.fibroblast.resting_density * (BLOCK * SPACING / 1000.0) ** 2
    activity = niche[Niche.FIBROBLASTS] * (1.0 / resting if resting > 0.0 else 0.0)
    _cut_and_repair(hold, nets, alarm, niche[Niche.AWAKE], activity, p.matrix, now.dt_slow)
    _release_nets(nets, alarm, p.activation.net_release, p.matrix.net_loss, now.dt_slow)
    _lay_collagen(niche[Niche.COLLAGEN], hold, activity, p.matrix, now.dt_slow)
    ledger.remodeled = cut or not _is_at_rest(tissue.niche, p.matrix)
