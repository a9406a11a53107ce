"""Interleukin-6: who makes it, how far it reaches, how long it stays.

Which cell makes most of it is not settled by Chia et al. 2025 (doi:10.1038/s41586-025-09332-0): each source has its own
secretion here, so the split can be changed at a fixed total.
"""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group

SECONDS_PER_HOUR = 3600.0
AVOGADRO = 6.02214076e23
SITE_VOLUME_ML = 1e-9  # 10 x 10 x 10 um
IL6_MASS_G_PER_MOL = 21_700.0  # mouse IL-6
IFN_MASS_G_PER_MOL = 22_000.0  # mouse interferon beta


@compiled
def site_rise(secretion: float, mass: float) -> float:
    """Rise of the concentration on one site [ng/mL/h] by one cell's secretion [molecules/cell/s].

    mass in g/mol; a site holds 1e-9 mL, so 1 ng/mL of IL-6 is 27.8 molecules.
    """
    return secretion * SECONDS_PER_HOUR * mass / AVOGADRO * 1e9 / SITE_VOLUME_ML


@compiled
def macrophage_secretion(activated: bool, activation: float, p: Cytokine) -> float:
    """IL-6 of one macrophage [molecules/cell/s]: from resting to activated, with a power of its activation."""
    if not activated:
        return p.resting_macrophage_secretion
    more = p.activated_macrophage_secretion - p.resting_macrophage_secretion
    return p.resting_macrophage_secretion + more * activation**p.alarm_power


@parameter_group
class Cytokine(NamedTuple):
    """IL-6 field and its sources."""

    diffusion: float = param(36000.0, "um^2/h", 18000.0, 216000.0).peer(
        "diffusion coefficient", "[pc4covid] and [micromets] 9.26 um2/s; no lung measurement found"
    )
    loss: float = param(0.6, "1/h", 0.2, 2.0).peer(
        "all local loss", "[NLISIM] 0.69; [pc4covid] 0.61; [Dwivedi 2014] 1.0"
    )
    epithelial_secretion: float = param(1.8, "molecules/cell/s", 0.0, 100.0).fitted(
        "secretion of an infected epithelial cell",
        "uninfected rat AT2 in culture 1.8, if over 24 h in 1 mL [Crestani 1994]; fitted to mice [Jhutty 2022]",
    )
    resting_macrophage_secretion: float = param(0.053, "molecules/cell/s", 0.0, 0.36).measured(
        "secretion of a CD206+ macrophage", "human lavage cells 165.5 pg/24 h/1e6 = 0.053"
    )
    activated_macrophage_secretion: float = param(1.84, "molecules/cell/s", 0.0, 13.0).fitted(
        "secretion of a fully activated MHCII+ macrophage",
        "lavage budget [Jhutty 2022]; human moDC + LPS 13 [FEBS Lett 2018]; fitted to mice [Jhutty 2022]",
    )
    alarm_power: float = param(2.43, "", 1.0, 4.0).fitted(
        "power with which the IL-6 of an MHCII+ macrophage follows its activation",
        "above 1, IL-6 ends before interferon does, as in lavage on days 7-11 [Jhutty 2022]; fitted to these mice",
    )
    neutrophil_secretion: float = param(0.015, "molecules/cell/s", 0.0, 0.1).peer(
        "secretion of an activated neutrophil", "[NLISIM] 0.0144"
    )
    fibroblast_secretion: float = param(0.5, "molecules/cell/s", 0.0, 10.0).assumed(
        "secretion of an activated fibroblast", "sign: lung fibroblasts beat macrophages after IL-1 [Kotloff 1990]"
    )
    cancer_secretion: float = param(0.0005, "molecules/cell/s", 0.0, 1.0).assumed(
        "secretion of a proliferating cancer cell",
        "assumed: a tenth of a peer's 0.005 [GlobalVsLocal], at which crowded clones keep each other proliferating, "
        "unlike in mice",
    )
    lavage_dilution: float = param(5.8, "", 1.0, 135.0).assumed(
        "tissue concentration over lavage concentration", "map B: the septal slab (0.172 mL) is washed into 1 mL"
    )
