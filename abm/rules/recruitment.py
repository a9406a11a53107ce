"""How fast mobile cells come to resting lung and when it is inflamed, and how long they stay.

Resting influx equals resting loss, so that densities are stationary without infection. Density, influx and loss of each
type of cell stand with its declaration (`abm.rules.cells`).
"""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group
from abm.rules.cell_type import CellNumbers
from abm.rules.response import hill

RELAYS = 3  # marrow, blood, vessel; so that leukocytes come late and together, and not with the first IL-6 (assumed)


@compiled
def influx(inflammation: float, kept_away: float, cell: CellNumbers, p: Recruitment) -> float:
    """Arrivals from vessels [cell/mm2/h] at this mean IL-6 [ng/mL], that of the last relay.

    kept_away: share of the resting influx that does not come, in [0, 1]. cell: the type of cell.
    """
    resting = cell.resting_density * cell.loss * (1.0 - kept_away)
    return resting + cell.peak_influx * hill(inflammation, p.half_inflammation, p.power)


@compiled
def lymphocytes_kept_away(interferon_response: float, p: Recruitment) -> float:
    """Share of resting T and NK cells that interferon keeps from coming; its response in [0, 1] is that to the mean.

    Lymphopenia of the blood, reached within hours and gone with the interferon (Kamphuis 2006). Cells that the lymph
    node sends, and those that inflammation calls, come all the same (*assumed*).
    """
    return p.lymphopenia * interferon_response


@compiled
def attraction(il6: float, p: Recruitment) -> float:
    """Chance that an arriving cell accepts a port with this local IL-6 [ng/mL], in [1 - homing, 1]."""
    return 1.0 - p.homing + p.homing * hill(il6, p.homing_half, 1.0)


@parameter_group
class Recruitment(NamedTuple):
    """Arrival from vessels and loss of mobile cells."""

    inflammation_memory: float = param(13.9, "h", 2.0, 96.0).fitted(
        "mean delay with which marrow, blood and vessels follow the section's mean IL-6",
        "range assumed: neutrophils and NK cells in the lung rise after day 5, IL-6 from day 2 on [Jhutty 2022]; "
        "fitted to these mice",
    )
    half_inflammation: float = param(8.36, "ng/mL", 0.05, 20.0).fitted(
        "mean IL-6, after the delay, for half of the peak influx", "fitted to mice [Jhutty 2022]"
    )
    power: float = param(3.98, "", 1.0, 6.0).fitted("Hill power of recruitment", "fitted to mice [Jhutty 2022]")
    homing: float = param(0.7, "", 0.0, 1.0).assumed("share of arrivals that choose a vessel by the IL-6 around it")
    homing_half: float = param(1.0, "ng/mL", 0.01, 20.0).assumed("local IL-6 that makes a vessel half attractive")
    cd4_survival: float = param(0.189, "", 0.0, 1.0).fitted(
        "loss of a CD4 cell left beside proliferating cancer cells or in a lymphoid aggregate",
        "sign: CD4 cells stay around growing cancer cells to day 28 and later [Chia 2025]; "
        "fitted to mice [Jhutty 2022]",
    )
    memory_share: float = param(0.05, "", 0.0, 0.5).assumed("share of arriving T cells that stay as tissue memory")
    memory_life: float = param(720.0, "h", 240.0, 8760.0).assumed(
        "mean life of a tissue memory T cell", "assumed: a month"
    )
    macrophage_death: float = param(0.0123, "1/h", 0.0, 0.1).fitted(
        "death of a resident macrophage at full activation",
        "BALB/c mice lose them, C57BL/6 do not [Califano 2018]; fitted to mice [Jhutty 2022]",
    )
    maturation: float = param(0.879, "", 0.0, 1.0).fitted(
        "share of recruited macrophages that become alveolar macrophages at the end of their stay",
        "sign: monocytes do after influenza [Aegerter 2020], MHCII+ (assumed); fitted to mice [Jhutty 2022]",
    )
    lymphopenia: float = param(0.807, "", 0.0, 1.0).fitted(
        "share of the resting influx of T and NK cells kept away at full interferon response",
        "sign: interferon takes lymphocytes out of the blood while it lasts [Kamphuis 2006]; in the lung they halve "
        "to day 5 [Jhutty 2022]; fitted to these mice",
    )
