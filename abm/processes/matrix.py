"""The niche: NETs and proteases cut it, fibroblasts repair it and lay collagen."""

from __future__ import annotations

import numpy as np

from abm.core.clock import TimeStep
from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, SPACING
from abm.rules import matrix
from abm.rules.cells import CellKind
from abm.rules.own.rates import Rate, Where, address
from abm.rules.own.rule import OF_PLACE
from abm.rules.parameters import Parameters
from abm.rules.response import exp_neg_approx, relax_towards
from abm.tissue.ruled import is_ruled, ruled
from abm.tissue.state import Niche, Tissue

LAYERS = len(Niche)
GONE = 1e-9  # less NETs than this are none
INTACT = 1.0 - 1e-6  # more hold than this is full
SETTLED = 1e-6  # collagen this near to that of resting lung is at rest


@compiled
def _cut_and_repair(
    hold: np.ndarray, nets: np.ndarray, activation: np.ndarray, awake: np.ndarray, activity: np.ndarray,
    q: matrix.Matrix,
    step: float,
) -> None:  # fmt: skip
    """One step of the niche integrity of every block; activity: its fibroblasts over those of resting lung."""
    for block in range(hold.size):
        cutting = matrix.cutting_rate(activation[block], awake[block], nets[block], q)
        repair = q.niche_repair * activity[block]
        left = exp_neg_approx((cutting + repair) * step)
        held = relax_towards(hold[block], matrix.hold_target(cutting, repair), left)
        hold[block] = held if held < INTACT else 1.0


@compiled
def _release_nets(nets: np.ndarray, activation: np.ndarray, release: float, loss: float, step: float) -> None:
    """One step of the traps of every block: activated neutrophils release them, they are lost at a rate [1/h]."""
    left = exp_neg_approx(loss * step)
    for block in range(nets.size):
        traps = relax_towards(nets[block], release / loss * activation[block], left)
        nets[block] = min(1.0, traps) if traps > GONE else 0.0


@compiled
def _lay_collagen(collagen: np.ndarray, hold: np.ndarray, activity: np.ndarray, q: matrix.Matrix, step: float) -> None:
    """One step of the collagen of every block."""
    for block in range(collagen.size):
        laid = matrix.deposition_rate(activity[block], hold[block], q)
        fiber = relax_towards(
            collagen[block], matrix.collagen_target(laid, q), exp_neg_approx((laid + q.collagen_decay) * step)
        )
        at_rest = hold[block] == 1.0 and abs(fiber - q.collagen_start) < SETTLED
        collagen[block] = q.collagen_start if at_rest else fiber


@compiled
def _change_by_rules(tissue: Tissue, activity: np.ndarray, p: Parameters, step: float) -> None:
    """One step of niche integrity and NETs as rules leave their rates; activity: see `_cut_and_repair`."""
    niche, q = tissue.niche.reshape((LAYERS, tissue.blocks.size)), p.matrix
    hold, nets, activation = niche[Niche.INTEGRITY], niche[Niche.NETS], niche[Niche.NEUTROPHIL_ACTIVATION]
    columns, here = tissue.blocks.shape[1], Where.TISSUE.value
    cuts, repairs = address(Rate.DEGRADATION.value, here, 0), address(Rate.REPAIR.value, here, 0)
    releases, left_of_nets = address(Rate.NET_RELEASE.value, here, 0), exp_neg_approx(q.net_loss * step)
    for block in range(hold.size):
        y, x = block // columns, block % columns
        cutting = matrix.cutting_rate(activation[block], niche[Niche.PROLIFERATING][block], nets[block], q)
        cutting = ruled(cutting, cuts, y, x, OF_PLACE, tissue.signals, p)
        repair = ruled(q.niche_repair * activity[block], repairs, y, x, OF_PLACE, tissue.signals, p)
        left = exp_neg_approx((cutting + repair) * step)
        held = relax_towards(hold[block], matrix.hold_target(cutting, repair), left)
        hold[block] = held if held < INTACT else 1.0
        release = ruled(p.activation.net_release, releases, y, x, OF_PLACE, tissue.signals, p)
        traps = relax_towards(nets[block], release / q.net_loss * activation[block], left_of_nets)
        nets[block] = min(1.0, traps) if traps > GONE else 0.0


@compiled
def _is_at_rest(niche: np.ndarray, q: matrix.Matrix) -> bool:
    """Whether no block is cut or on its way back."""
    for y in range(niche.shape[1]):
        for x in range(niche.shape[2]):
            intact = niche[Niche.INTEGRITY, y, x] == 1.0 and niche[Niche.NETS, y, x] == 0.0
            if not intact or niche[Niche.COLLAGEN, y, x] != q.collagen_start:
                return False
    return True


@compiled
def resting_fibroblasts(p: Parameters) -> float:
    """Mean number of fibroblasts in a block of resting lung."""
    return p.cells[CellKind.FIBROBLAST].resting_density * (BLOCK * SPACING / 1000.0) ** 2


@compiled
def remodel(tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """One step of the matrix of every block; nothing to do while it is at rest and nobody cuts it."""
    status = tissue.status[0]
    by_rules = is_ruled(Rate.DEGRADATION.value, p) or is_ruled(Rate.REPAIR.value, p)
    by_rules = by_rules or is_ruled(Rate.NET_RELEASE.value, p)
    cut = status.any_activated or status.proliferating > 0 or by_rules
    if not cut and not status.remodeled:
        return
    niche = tissue.niche.reshape((LAYERS, tissue.blocks.size))
    hold, nets, activation = niche[Niche.INTEGRITY], niche[Niche.NETS], niche[Niche.NEUTROPHIL_ACTIVATION]
    resting = resting_fibroblasts(p)
    activity = niche[Niche.FIBROBLASTS] * (1.0 / resting if resting > 0.0 else 0.0)
    if by_rules:
        _change_by_rules(tissue, activity, p, now.dt_slow)
    else:
        _cut_and_repair(hold, nets, activation, niche[Niche.PROLIFERATING], activity, p.matrix, now.dt_slow)
        _release_nets(nets, activation, p.activation.net_release, p.matrix.net_loss, now.dt_slow)
    _lay_collagen(niche[Niche.COLLAGEN], hold, activity, p.matrix, now.dt_slow)
    status.remodeled = cut or not _is_at_rest(tissue.niche, p.matrix)
