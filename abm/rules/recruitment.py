"""How fast mobile cells come to resting lung and when it is inflamed, and how long they stay.

Interferon-gamma of NK and T cells recruits: where antibodies take it, fewer leukocytes come to the lung with influenza
(Baumgarth 1996). It rises with the influx in both experiments of mice, while IL-6 rises two days before.
Resting influx equals resting loss, so that densities are stationary without infection. Density, influx and loss of each
type of cell stand with its declaration (`abm.rules.cells`).
"""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group
from abm.rules.cell_type import CellNumbers
from abm.rules.response import hill


@compiled
def influx(inflammation: float, cell: CellNumbers, p: Recruitment) -> float:
    """Arrivals of a type of cell from vessels [cell/mm2/h] at this inflammation, the delayed mean IFN-gamma [ng/mL]."""
    return cell.resting_density * cell.loss + cell.peak_influx * hill(inflammation, p.half_ifn_gamma, 1.0)


@compiled
def loss_left_by_il6(il6: float, p: Recruitment) -> float:
    """Share of the loss of neutrophils that is left at the IL-6 [ng/mL] that they feel, which keeps them alive."""
    return 1.0 - p.neutrophil_survival * hill(il6, p.survival_half, 2.0)


@compiled
def attraction(il6: float, p: Recruitment) -> float:
    """Chance that an arriving cell accepts a port with this local IL-6 [ng/mL], in [1 - homing, 1]."""
    return 1.0 - p.homing + p.homing * hill(il6, p.homing_half, 1.0)


@parameter_group
class Recruitment(NamedTuple):
    """Arrival from vessels and loss of mobile cells."""

    delay: float = param(8.58, "h", 1.0, 48.0).fitted(
        "mean delay with which chemokines, blood and vessels follow the section's mean IFN-gamma",
        "sign: [Baumgarth 1996]; range assumed; fitted to mice [Jhutty 2022]",
    )
    half_ifn_gamma: float = param(4.47, "ng/mL", 0.01, 50.0).fitted(
        "mean IFN-gamma, after the delay, for half of the peak influx", "fitted to mice [Jhutty 2022]"
    )
    neutrophil_survival: float = param(0.278, "", 0.0, 1.0).fitted(
        "share of the loss of neutrophils that IL-6 prevents at most",
        "sign: IL-6 keeps neutrophils of the lung with influenza alive [Dienz 2012]; fitted to mice [Jhutty 2022]",
    )
    survival_half: float = param(0.5, "ng/mL", 0.01, 20.0).assumed(
        "IL-6 around a neutrophil for half of this; its power is 2"
    )
    homing: float = param(0.7, "", 0.0, 1.0).assumed("share of arrivals that choose a vessel by the IL-6 around it")
    homing_half: float = param(1.0, "ng/mL", 0.01, 20.0).assumed("local IL-6 that makes a vessel half attractive")
    cd4_survival: float = param(0.467, "", 0.0, 1.0).fitted(
        "loss of a CD4 cell left beside proliferating cancer cells or in a lymphoid aggregate",
        "sign: CD4 cells stay around growing cancer cells to day 28 and later [Chia 2025]; "
        "fitted to mice [Jhutty 2022]",
    )
    memory_share: float = param(0.05, "", 0.0, 0.5).assumed("share of arriving T cells that stay as tissue memory")
    memory_life: float = param(720.0, "h", 240.0, 8760.0).assumed(
        "mean life of a tissue memory T cell", "assumed: a month"
    )
    macrophage_death: float = param(0.0025, "1/h", 0.0, 0.1).fitted(
        "death of a resident macrophage at full activation",
        "BALB/c mice lose them, C57BL/6 do not [Califano 2018]; fitted to mice [Jhutty 2022]",
    )
