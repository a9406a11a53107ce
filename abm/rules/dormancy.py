"""Disseminated cancer cells: signal, awakening, phenotype, division, return to dormancy, death."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import Quantity
from abm.rules.response import hill
from abm.rules.states import Phenotype


class Dormancy(NamedTuple):
    """What keeps a cancer cell asleep, wakes it and lets it grow."""

    half_response: Annotated[
        float,
        Quantity(
            "IL-6 for half of the full STAT3 response, for exposures of about a day (EC50)",
            "ng/mL",
            0.2,
            20.0,
            "near the high-affinity Kd, 10-20 pM (Hansen 2020, doi:10.1002/iid3.292); 4 h dose response 20 ng/mL; "
            "fitted to Chia 2025",
            "fitted",
        ),
    ] = 0.498
    power: Annotated[
        float,
        Quantity(
            "Hill power of the STAT3 response",
            "",
            1.0,
            4.0,
            "sign: 4 bound give signal, 16 strong (Hansen 2020); 3 so that resting IL-6 wakes no cell in months",
            "assumed",
        ),
    ] = 3.0
    signal_memory: Annotated[
        float, Quantity("time constant of the STAT3 signal", "h", 2.0, 12.0, "assumed", "assumed")
    ] = 6.0
    spontaneous_awakening: Annotated[
        float,
        Quantity("awakening without IL-6", "1/h", 1e-7, 1e-5, "count flat for 60 d needs < 7e-6", "assumed"),
    ] = 2e-6
    awakening: Annotated[
        float,
        Quantity(
            "awakening at full IL-6 signal in an open niche",
            "1/h",
            0.005,
            0.1,
            "no rate was measured; fitted to Ki67 up by day 3 and a hundredfold growth by day 15 (Chia 2025)",
            "fitted",
        ),
    ] = 0.0367
    closed_niche: Annotated[
        float,
        Quantity(
            "share of the awakening rate left while the matrix is intact", "", 0.0, 1.0, "fitted to Chia 2025", "fitted"
        ),
    ] = 0.658
    stiffness_gain: Annotated[
        float, Quantity("rise of awakening in full collagen", "", 0.0, 2.0, "sign: stiff matrix wakes cells", "assumed")
    ] = 0.5
    cd8_hold: Annotated[
        float,
        Quantity(
            "fall of awakening by a CD8 cell in contact",
            "",
            0.0,
            1.0,
            "sign: CD8 cells hold 4T07 cells dormant (doi:10.1038/s41467-021-21045-2)",
            "assumed",
        ),
    ] = 0.5
    return_rate: Annotated[
        float,
        Quantity(
            "return to dormancy once the signal is gone",
            "1/h",
            0.005,
            0.03,
            "fitted to Ki67: peak day 9, near base by day 28 (Chia 2025)",
            "fitted",
        ),
    ] = 0.0289
    cycle_time: Annotated[
        float,
        Quantity(
            "mean cell cycle at full signal",
            "h",
            15.0,
            30.0,
            "cell lines 15 h; micromets 21.3 h; fitted to Chia 2025",
            "fitted",
        ),
    ] = 15.2
    cycle_shape: Annotated[float, Quantity("Erlang stages of the cycle", "", 1.0, 60.0, "assumed", "assumed")] = 10.0
    cycling_without_signal: Annotated[
        float,
        Quantity(
            "speed of the cycle of an awake cell without IL-6 signal",
            "",
            0.0,
            1.0,
            "range assumed: STAT3 is a growth signal; share of awake cells cycling 0.57-0.85 over the growth; "
            "fitted to Chia 2025",
            "fitted",
        ),
    ] = 0.331
    awake_death: Annotated[
        float, Quantity("death of an awake cell", "1/h", 1e-4, 3e-3, "micromets 1e-5/min", "peer")
    ] = 6e-4
    dormant_death: Annotated[
        float, Quantity("death of a dormant cell", "1/h", 0.0, 1e-4, "count flat for months", "assumed")
    ] = 1e-5
    to_hybrid: Annotated[
        float,
        Quantity(
            "mesenchymal to hybrid while awake", "1/h", 0.005, 0.05, "sign: vimentin falls (Chia 2025)", "assumed"
        ),
    ] = 0.02
    to_epithelial: Annotated[
        float,
        Quantity("hybrid to epithelial while awake", "1/h", 0.0, 0.02, "sign: EpCAM rises (Chia 2025)", "assumed"),
    ] = 0.004
    drift_back: Annotated[
        float,
        Quantity(
            "epithelial or hybrid to one step more mesenchymal after return",
            "1/h",
            0.0,
            0.01,
            "assumed: slow and partial",
            "assumed",
        ),
    ] = 0.001
    ki67_lag: Annotated[
        float, Quantity("time Ki67 stays after the cycle stops", "h", 12.0, 72.0, "protein decays slowly", "assumed")
    ] = 24.0
    ki67_at_rest: Annotated[
        float, Quantity("share of dormant cells that stain for Ki67", "", 0.0, 0.05, "low; value not found", "assumed")
    ] = 0.02
    crawl_speed: Annotated[
        float, Quantity("speed of an awake cell", "um/min", 0.0, 0.3, "bladder tumor 0.2", "peer")
    ] = 0.1
    site_capacity: Annotated[
        float, Quantity("cancer cells that fit on one site", "cell", 1.0, 8.0, "assumed: 2D needs a rule", "assumed")
    ] = 4.0
    push_reach: Annotated[
        float,
        Quantity(
            "distance over which a dividing cell finds room by pushing",
            "um",
            10.0,
            120.0,
            "assumed: a clone must be able to grow 1,000-fold in 12 days",
            "assumed",
        ),
    ] = 100.0
    founders: Annotated[
        float,
        Quantity(
            "dormant cells seeded on the section",
            "cell",
            0.0,
            10000.0,
            "assumed; far denser than 0.05/mm2 in a real lung, so results are per seeded cell",
            "assumed",
        ),
    ] = 20.0
    lesion_size: Annotated[
        float,
        Quantity(
            "cells of one clone from which it counts as a lesion",
            "cell",
            2.0,
            1000.0,
            "assumed; 80 transplanted cells sufficed to kill (Huesemann 2008, doi:10.1016/j.ccr.2007.12.003)",
            "assumed",
        ),
    ] = 80.0


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
    """Hazard [1/h] that IL-6 wakes a dormant cell: k_aw * signal * openness * (1 - hold by a contacting CD8 cell)."""
    held = p.cd8_hold if cd8_contacts > 0 else 0.0
    return p.awakening * signal * permissiveness * (1.0 - held)


@compiled
def return_rate(signal: float, p: Dormancy) -> float:
    """Hazard [1/h] that an awake cell returns to dormancy: full once its signal is gone, none at full signal."""
    return p.return_rate * (1.0 - signal)


@compiled
def phenotype_transition_rate(awake: bool, phenotype: int, p: Dormancy) -> float:
    """Hazard [1/h] of one step on the phenotype axis: towards epithelial while awake, back after return."""
    if not awake:
        return p.drift_back if phenotype > Phenotype.MESENCHYMAL else 0.0
    if phenotype == Phenotype.MESENCHYMAL:
        return p.to_hybrid
    return p.to_epithelial if phenotype == Phenotype.HYBRID else 0.0


@compiled
def cycle_speed(signal: float, p: Dormancy) -> float:
    """Progress of the cell cycle per hour of time, relative to a cell at full signal, in [0, 1]."""
    return p.cycling_without_signal + (1.0 - p.cycling_without_signal) * signal
