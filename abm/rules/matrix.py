"""The dormancy niche: how far the local matrix holds a cancer cell dormant, and the collagen laid down.

The weakest block of the model: no rate in absolute units was found. All fields are dimensionless in [0, 1], every rate
is *assumed*, only signs are sourced (NETs cut laminin: Albrengues 2018, doi:10.1126/science.aao4227; proliferating
cells raise MMP8, MMP14 and LOX: Chia 2025, doi:10.1038/s41586-025-09332-0).
"""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group


@compiled
def cutting_rate(activated_neutrophils: float, proliferating_cancer: float, nets: float, p: Matrix) -> float:
    """Rate [1/h] at which the niche of a block is degraded; counts in the block, neutrophils weighted by activation."""
    return p.neutrophil_protease * activated_neutrophils + p.cancer_protease * proliferating_cancer + p.net_cut * nets


@compiled
def hold_target(cutting: float, repair: float) -> float:
    """Integrity that the niche approaches under constant cutting and repair [1/h], in [0, 1]."""
    return repair / (cutting + repair) if cutting > 0.0 else 1.0


@compiled
def collagen_target(laid: float, p: Matrix) -> float:
    """Where collagen settles while it is laid at this rate [1/h]; that of resting lung where none is."""
    return (laid + p.collagen_decay * p.collagen_start) / (laid + p.collagen_decay)


@compiled
def deposition_rate(fibroblasts: float, hold: float, p: Matrix) -> float:
    """Rate [1/h] at which fibroblasts of a block lay collagen: in step with how far its niche is remodeled."""
    return p.collagen_deposition * fibroblasts * (1.0 - hold)


@parameter_group
class Matrix(NamedTuple):
    """Remodeling of the niche and collagen, per 40 um block."""

    neutrophil_protease: float = param(0.5, "1/h", 0.0, 5.0).assumed(
        "niche degraded by a fully activated neutrophil", "sign: elastase, MMP9"
    )
    cancer_protease: float = param(0.05, "1/h", 0.0, 0.5).assumed(
        "niche degraded by a proliferating cancer cell", "sign: MMP8, MMP14 [Chia 2025]"
    )
    net_cut: float = param(0.5, "1/h", 0.0, 5.0).assumed(
        "niche degraded by one unit of NETs", "sign: [Albrengues 2018]"
    )
    net_loss: float = param(0.05, "1/h", 0.01, 1.0).assumed("loss of NETs")
    niche_repair: float = param(0.003, "1/h", 0.0, 0.05).assumed(
        "repair of the niche per fibroblast in the block", "assumed: weeks"
    )
    collagen_deposition: float = param(0.005, "1/h", 0.0, 0.02).assumed(
        "collagen deposited by one fibroblast beside remodeled matrix", "shape: [pc4covid]"
    )
    collagen_decay: float = param(0.0005, "1/h", 1e-4, 0.01).assumed("loss of collagen", "assumed: half-life 58 d")
    collagen_start: float = param(0.1, "", 0.0, 1.0).assumed("collagen of resting lung")
