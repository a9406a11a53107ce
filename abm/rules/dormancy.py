"""Disseminated cancer cells: signal, awakening, phenotype, division, return to dormancy, death."""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group
from abm.rules.response import hill
from abm.rules.states import Phenotype


@compiled
def occupancy(il6: float, signal_left: float, p: Dormancy) -> float:
    """Receptor response in [0, 1] at this IL-6 [ng/mL]: c^n / (EC50^n + c^n).

    signal_left: share of receptors that an anti-IL-6R antibody leaves free; fewer receptors bind proportionally less.
    """
    return hill(il6 * signal_left, p.half_response, p.power)


@compiled
def niche_permissiveness(hold: float, collagen: float, p: Dormancy) -> float:
    """Factor on IL-6 awakening: `hold` of the matrix (1 intact, 0 remodeled) closes the niche, collagen stiffens it."""
    return (1.0 - hold * (1.0 - p.closed_niche)) * (1.0 + p.stiffness_gain * collagen)


@compiled
def il6_awakening_rate(signal: float, permissiveness: float, cd8_contacts: int, p: Dormancy) -> float:
    """Hazard [1/h] that IL-6 awakens a dormant cell: k_aw * signal * permissiveness * (1 - hold by a CD8 cell)."""
    held = p.cd8_hold if cd8_contacts > 0 else 0.0
    return p.awakening * signal * permissiveness * (1.0 - held)


@compiled
def macrophage_hold(tgfb2: float, p: Dormancy) -> float:
    """Share in [0, 1] of the hold of macrophages on dormant cells that TGF-beta2 at this level [ng/mL] exerts."""
    return hill(tgfb2, p.tgfb2_half, 3.0)


@compiled
def awakening_without_il6(hold: float, p: Dormancy) -> float:
    """Hazard [1/h] that a dormant cell awakens without IL-6: spontaneously, or as macrophages no longer hold it."""
    return p.spontaneous_awakening + p.released_awakening * (1.0 - hold)


@compiled
def arrival_loss_rate(interferon_response: float, p: Dormancy) -> float:
    """Hazard [1/h] by interferon, whose response is in [0, 1], that a cell that has just arrived does not settle."""
    return p.interferon_barrier * interferon_response


@compiled
def return_rate(signal: float, p: Dormancy) -> float:
    """Hazard [1/h] that a proliferating cell returns to dormancy: full once its signal is gone, none at full signal."""
    return p.return_rate * (1.0 - signal)


@compiled
def phenotype_transition_rate(awake: bool, phenotype: int, p: Dormancy) -> float:
    """Hazard [1/h] of one step on the phenotype axis: towards epithelial while proliferating, back after return."""
    if not awake:
        return p.to_mesenchymal if phenotype > Phenotype.MESENCHYMAL else 0.0
    if phenotype == Phenotype.MESENCHYMAL:
        return p.to_hybrid
    return p.to_epithelial if phenotype == Phenotype.HYBRID else 0.0


@compiled
def cycle_speed(signal: float, p: Dormancy) -> float:
    """Progress of the cell cycle per hour of time, relative to a cell at full signal, in [0, 1]."""
    return p.cycling_without_signal + (1.0 - p.cycling_without_signal) * signal


@parameter_group
class Dormancy(NamedTuple):
    """Dormancy, awakening and growth of disseminated cancer cells."""

    half_response: float = param(0.286, "ng/mL", 0.2, 20.0).assumed(
        "IL-6 for half of the full STAT3 response, for exposures of about a day (EC50)",
        "near the high-affinity Kd, 10-20 pM [Hansen 2020]; 4 h dose response 20 ng/mL; chosen for the growth "
        "in [Chia 2025]",
    )
    power: float = param(3.0, "", 1.0, 4.0).assumed(
        "Hill power of the STAT3 response",
        "sign: 4 bound give signal, 16 strong [Hansen 2020]; 3 so that resting IL-6 awakens no cell in months",
    )
    signal_memory: float = param(6.0, "h", 2.0, 12.0).assumed("time constant of the STAT3 signal")
    spontaneous_awakening: float = param(2e-6, "1/h", 1e-7, 1e-5).assumed(
        "awakening without IL-6", "count flat for 60 d needs < 7e-6"
    )
    released_awakening: float = param(0.003, "1/h", 0.0, 0.02).assumed(
        "awakening of a cell that no macrophage holds dormant",
        "sign: without resident macrophages dormant cells in the lung proliferate [Dalla 2024]; no rate was measured",
    )
    tgfb2_half: float = param(0.02, "ng/mL", 0.001, 10.0).assumed(
        "TGF-beta2 for half of the hold of macrophages; its power is 3",
        "assumed: far below the mean of resting lung, so that cells between macrophages are held, too",
    )
    awakening: float = param(0.332, "1/h", 0.005, 1.0).assumed(
        "awakening at full IL-6 signal in an open niche",
        "no rate was measured; chosen for Ki67 up by day 3 and a hundredfold growth by day 15 [Chia 2025]",
    )
    closed_niche: float = param(0.0124, "", 0.0, 1.0).assumed(
        "share of the awakening rate left while the matrix is intact",
        "sign: neutrophils that cut laminin awaken cells [Albrengues 2018]; depleting them reverses the expansion "
        "(AACR 2023, abstract 5131)",
    )
    stiffness_gain: float = param(0.5, "", 0.0, 2.0).assumed(
        "rise of awakening in full collagen", "sign: stiff matrix awakens cells"
    )
    cd8_hold: float = param(0.5, "", 0.0, 1.0).assumed(
        "fall of awakening by a CD8 cell in contact", "sign: CD8 cells keep 4T07 cells dormant [Nat Commun 2021]"
    )
    return_rate: float = param(0.029, "1/h", 0.005, 0.1).assumed(
        "return to dormancy once the signal is gone",
        "range assumed: within half a day to a week; chosen for Ki67: peak day 9, near base by day 28 [Chia 2025]",
    )
    cycle_time: float = param(13.8, "h", 12.0, 30.0).assumed(
        "mean cell cycle at full signal",
        "mammary cell lines in culture 14-15 h (4T1 14 h, read second-hand); [micromets] 21.3 h; chosen for "
        "[Chia 2025]",
    )
    cycle_shape: float = param(10.0, "", 1.0, 60.0).assumed("Erlang stages of the cycle")
    cycling_without_signal: float = param(0.448, "", 0.0, 1.0).assumed(
        "speed of the cycle of a proliferating cell without IL-6 signal",
        "range assumed: STAT3 is a growth signal; share of proliferating cells cycling 0.57-0.85 over the growth; "
        "chosen for [Chia 2025]",
    )
    proliferating_death: float = param(6e-4, "1/h", 1e-4, 3e-3).peer(
        "death of a proliferating cell", "[micromets] 1e-5/min"
    )
    dormant_death: float = param(1e-5, "1/h", 0.0, 1e-4).assumed("death of a dormant cell", "count flat for months")
    settling_time: float = param(96.0, "h", 0.0, 240.0).assumed(
        "time in which a cell that has arrived settles in the lung", "assumed: days"
    )
    interferon_barrier: float = param(0.2, "1/h", 0.0, 1.0).assumed(
        "loss of cells that have not yet settled at full interferon response",
        "sign: interferon alone, or RSV a day before, leaves 65-70 % fewer nodules of the same size [Farias 2024]",
    )
    to_hybrid: float = param(0.02, "1/h", 0.005, 0.05).assumed(
        "mesenchymal to hybrid while proliferating", "sign: vimentin falls [Chia 2025]"
    )
    to_epithelial: float = param(0.004, "1/h", 0.0, 0.02).assumed(
        "hybrid to epithelial while proliferating", "sign: EpCAM rises [Chia 2025]"
    )
    to_mesenchymal: float = param(0.001, "1/h", 0.0, 0.01).assumed(
        "epithelial or hybrid to one step more mesenchymal after return", "assumed: slow and partial"
    )
    ki67_lag: float = param(24.0, "h", 12.0, 72.0).assumed(
        "time Ki67 stays after the cycle stops", "protein decays slowly"
    )
    ki67_at_rest: float = param(0.02, "", 0.0, 0.05).assumed(
        "share of dormant cells that stain for Ki67", "low; value not found"
    )
    migration_speed: float = param(0.02, "um/min", 0.0, 0.3).assumed(
        "speed of a proliferating cell", "assumed: clones stay together; bladder tumor 0.2 [GlobalVsLocal]"
    )
    site_capacity: float = param(1.0, "cell", 1.0, 8.0).assumed(
        "cancer cells that fit on one site", "a site holds 1,000 um3, about the volume of one cell"
    )
    push_reach: float = param(20.0, "um", 10.0, 120.0).assumed(
        "distance over which a dividing cell makes space by pushing",
        "assumed: cells deeper in a clone rest, as clones without vessels of their own stay small [Holmgren 1995]",
    )
    founders: float = param(20.0, "cell", 0.0, 10000.0).assumed(
        "dormant cells seeded on the section",
        "assumed; far denser than 0.05/mm2 in a real lung, so results are per seeded cell",
    )
    lesion_size: float = param(80.0, "cell", 2.0, 1000.0).assumed(
        "cells of one clone from which it counts as a lesion",
        "assumed; 80 transplanted cells sufficed to kill [Huesemann 2008]",
    )
