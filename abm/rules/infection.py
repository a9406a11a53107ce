"""Virus and epithelium: infection, eclipse, release of virions, death, clearing, regeneration.

Viruses differ in the values of the same parameters (`VIRUSES`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group
from abm.rules.states import VirusOfRun

BISECTIONS = 30  # the growth of virus is known to a billionth of its range
ROUNDING = 1e-9


@compiled
def infection_rate(virions: float, infectivity: float, protection: float) -> float:
    """Hazard [1/h] that a cell with this many virions on it is infected: b V (1 - protection).

    The mass-action law of Baccam 2006 (doi:10.1128/JVI.01623-05), applied to one cell.
    """
    return infectivity * virions * (1.0 - protection)


@compiled
def infecting_virus(first: float, second: float, chance: float) -> int:
    """Which of two viruses has infected a cell, given the hazards [1/h] of both: each in proportion to its hazard.

    chance: drawn in [0, 1). The virus of the larger hazard comes first, so that it does not matter which is called so.
    """
    more_of_first = first >= second
    larger = first if more_of_first else second
    is_first = (chance * (first + second) < larger) == more_of_first
    return VirusOfRun.FIRST.value if is_first else VirusOfRun.SECOND.value


@compiled
def release_rate(release: float, interferon_blunting: float, antiviral_factor: float) -> float:
    """Virions that an expressing cell releases [virion/cell/h]."""
    return release * (1.0 - interferon_blunting) * antiviral_factor


@compiled
def virion_loss(clearance: float, antibody: float, antibody_clearance: float) -> float:
    """Loss of free virions [1/h]; antibody in [0, 1] raises it linearly up to `antibody_clearance` fold."""
    return clearance * (1.0 + (antibody_clearance - 1.0) * antibody)


@compiled
def uptake(neutrophils: float, clearance: float, share: float) -> float:
    """Loss of free virions [1/h] with this many neutrophils, 1 as in resting lung, where `share` of it is their uptake.

    clearance: in resting lung [1/h].
    """
    return clearance * (1.0 - share + share * neutrophils)


@compiled
def infections_per_cell(growth: float, clearance: float, virus: Virus) -> float:
    """Infections that one cell causes, up to a factor, each discounted by exp(-growth * its age).

    The Lotka-Euler sum of a cell that makes virus after its eclipse and as long as it lives, where free virions are
    lost at `clearance` [1/h]. growth [1/h] is above `-fastest_decay`.
    """
    waits, lives = max(1, int(virus.eclipse_shape)), max(1, int(virus.expressing_shape))
    eclipse = (1.0 + growth * virus.eclipse_time / waits) ** -waits
    time = virus.expressing_time
    if abs(growth) * time > ROUNDING:
        time = (1.0 - (1.0 + growth * virus.expressing_time / lives) ** -lives) / growth
    return eclipse * time / (clearance + growth)


@compiled
def fastest_decay(clearance: float, virus: Virus) -> float:
    """Rate [1/h] at which virus decays where no cell is infected any more: that of its slowest stage."""
    waits, lives = max(1, int(virus.eclipse_shape)), max(1, int(virus.expressing_shape))
    return min(clearance, waits / virus.eclipse_time, lives / virus.expressing_time)


@compiled
def growth_rate(left: float, clearance: float, virus: Virus) -> float:
    """Growth [1/h] of the virus in the rest of the lung, negative where it dies out.

    Without treatment and immunity it doubles in `arrival_doubling`. left: share of the infections per virion that
    treatments leave, in [0, 1]; clearance: loss of free virions [1/h]. Solves Lotka-Euler by bisection.
    """
    high = math.log(2.0) / virus.arrival_doubling
    if left >= 1.0 and clearance <= virus.clearance:
        return high
    wanted, low = infections_per_cell(high, virus.clearance, virus), -0.999 * fastest_decay(clearance, virus)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if left * infections_per_cell(middle, clearance, virus) > wanted:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@compiled
def regeneration_rate(at2_share: float, p: Epithelium) -> float:
    """Hazard [1/h] that a denuded cell is replaced; AT2 cells are the progenitors (share alive nearby, in [0, 1])."""
    left = p.regeneration_without_at2 + (1.0 - p.regeneration_without_at2) * at2_share
    return left / p.regeneration_time


@parameter_group
class Virus(NamedTuple):
    """A respiratory virus in the epithelium of one host."""

    infectivity: float = param(0.0212, "1/virion/h", 6e-4, 6.0).fitted(
        "infection rate of a cell per virion on it",
        "fitted to viral RNA, days 1-11 [Jhutty 2022], with the whole cell exposed; peers, per site: [CyCells] 0.5, "
        "[SIMCoV] 0.06; [Smith 2018] mean field 5.7",
    )
    eclipse_time: float = param(6.0, "h", 4.0, 10.0).fitted(
        "mean time from infection to the first virion", "[Smith 2018]; [Baccam 2006]"
    )
    eclipse_shape: float = param(30.0, "", 1.0, 60.0).peer("Erlang stages of the eclipse", "peer models 10-60")
    expressing_time: float = param(42.7, "h", 4.6, 57.0).fitted(
        "mean virus-making life of a cell without immune killing",
        "[Miao 2010]: 41.5 h before day 5, 17.3 h after; fitted to mice [Jhutty 2022]",
    )
    expressing_shape: float = param(3.28, "", 1.0, 60.0).fitted(
        "Erlang stages of the virus-making life", "fitted to mice [Jhutty 2022]"
    )
    release: float = param(60.0, "virion/cell/h", 20.0, 2100.0).peer(
        "virions released by an expressing cell", "[Smith 2018] 1.6 TCID50/cell/d x 300-1,000 virions; [SIMCoV] 66/h"
    )
    clearance: float = param(0.341, "1/h", 0.12, 0.6).fitted(
        "loss of free virions", "[Smith 2018] 13/d; [Miao 2010] half-life 4 h; fitted to mice [Jhutty 2022]"
    )
    diffusion: float = param(150.0, "um^2/h", 36.0, 2340.0).peer(
        "virion diffusion coefficient", "[pc4covid] 2.5 um2/min"
    )
    mixing: float = param(0.00589, "", 0.0, 0.02).fitted(
        "share of released virions spread evenly by air flow and mucus",
        "range assumed; without it a focus fills 1 mm2 in 2.5 d, far too slowly; fitted to mice [Jhutty 2022]",
    )
    inoculum: float = param(26.3, "virion/mm^2", 0.0, 1e5).fitted(
        "all virions that reach a section while the virus spreads through the lung",
        "range assumed: a few founder cells a section (75 of 1e7 cells, [Smith 2018], would be none); "
        "fitted to mice [Jhutty 2022]",
    )
    arrival_time: float = param(56.5, "h", 0.0, 96.0).fitted(
        "time over which virus reaches a section from the rest of the lung",
        "range assumed: until a section of a few mm2 grows its own; fitted to mice [Jhutty 2022]",
    )
    arrival_doubling: float = param(9.42, "h", 1.0, 48.0).fitted(
        "doubling time of the virus that arrives",
        "lung viral RNA doubles in 4.1 h on days 1-2 [Jhutty 2022]; fitted to these mice",
    )
    interferon_induction: float = param(1.0, "", 0.1, 30.0).assumed(
        "interferon that cells secrete in response to this virus, relative to influenza"
    )
    neutrophil_uptake: float = param(0.3, "", 0.0, 0.9).assumed(
        "share of the clearance in resting lung that is uptake by neutrophils",
        "assumed; sign: more virus without neutrophils [Tate 2009], [Tate 2011]",
    )
    rna_loss: float = param(0.23, "1/h", 0.005, 1.0).assumed(
        "loss of viral RNA, free or in remains, which assays of RNA show",
        "assumed: as that of virions, since lung RNA of mice falls as fast as virions do [Jhutty 2022]; in people "
        "0.022 /h: RNA in sputum falls tenfold in four days [Woelfel 2020]",
    )
    antibody_clearance: float = param(23.7, "", 1.0, 45.0).fitted(
        "fold rise of virion loss at full antibody",
        "[Miao 2010]: half-life 4 h falls to 1.8 min; peers x10; fitted to mice [Jhutty 2022]",
    )


@parameter_group
class Epithelium(NamedTuple):
    """Death, clearing and repair of epithelial cells, the same for every virus."""

    apoptosis_time: float = param(3.0, "h", 1.0, 10.0).peer(
        "mean time from the end of virus-making to death", "[SIMCoV] 180 min"
    )
    clearing_rate: float = param(0.05, "1/h", 0.02, 0.2).peer(
        "clearing of a dead cell without phagocytes", "[Rao 2023], half-life 14 h"
    )
    regeneration_time: float = param(210.0, "h", 168.0, 456.0).peer(
        "mean time from clearing to a regenerated cell beside AT2 cells", "[CC3D] 168 h; [Rao 2023] 208 h; 456 h"
    )
    regeneration_without_at2: float = param(0.3, "", 0.0, 1.0).assumed(
        "regeneration left where no AT2 cell lives nearby", "sign: areas without AT2 stay abnormal, [Kanegai 2016]"
    )
    sentinel_virions: float = param(0.763, "virion", 0.01, 100.0).fitted(
        "virions on a site at which a macrophage is half activated", "fitted to mice [Jhutty 2022]"
    )
    extinction: float = param(0.01, "virion", 0.0, 1.0).assumed(
        "virions on the whole section below which none is left", "assumed: less than a hundredth of one virion"
    )


# Only influenza in the mouse is fitted to a course of infection. The infectivity of SARS-CoV-2 in the mouse is chosen
# for the tenfold expansion of cells that Chia 2025 reports; that in people is assumed such that an infected cell
# infects about as many others as there. Human influenza is cleared as Kamal 2015 has it; its infectivity, mixing,
# inoculum and arrival are chosen for the virus of volunteers (Baccam 2006), which is highest on days 2 to 4, and for
# how much an antiviral from a day on lowers it (finding H2).
INFLUENZA_MOUSE = Virus()
INFLUENZA_HUMAN = Virus(
    infectivity=0.0227,
    mixing=0.00143,
    expressing_time=10.0,
    clearance=0.14,
    rna_loss=0.022,
    inoculum=40.0,
    arrival_time=20.0,
    arrival_doubling=3.0,
)
SARS_COV_2_MOUSE = Virus(eclipse_time=7.0, expressing_time=15.0, infectivity=0.0074, clearance=0.4)
SARS_COV_2_HUMAN = Virus(
    eclipse_time=8.0, expressing_time=24.0, infectivity=0.0088, clearance=0.24, release=66.0, rna_loss=0.022
)

# RSV in the mouse is assumed such that its virus is low, peaks on days 4 to 5 and is gone by days 8 to 10, after an
# inoculum far larger than that of influenza. It spreads more slowly from cell to cell (Gonzalez-Parra 2018,
# doi:10.1371/journal.pone.0192645) and induces much interferon, mostly in alveolar macrophages (Goritzka 2015,
# doi:10.1084/jem.20140825; how much more is assumed). In volunteers it comes later and lasts longer (DeVincenzo 2010,
# PMC3001267).
RSV_MOUSE = Virus(
    eclipse_time=9.0, expressing_time=30.0, infectivity=0.02, release=40.0, clearance=0.25, inoculum=100.0,
    arrival_time=48.0, arrival_doubling=12.0, interferon_induction=5.0,
)  # fmt: skip
RSV_HUMAN = Virus(
    eclipse_time=9.0, expressing_time=36.0, infectivity=0.011, release=40.0, clearance=0.2, inoculum=20.0,
    arrival_time=96.0, arrival_doubling=12.0, interferon_induction=3.0,
)  # fmt: skip

VIRUSES: dict[tuple[str, str], Virus] = {
    ("influenza", "mouse"): INFLUENZA_MOUSE,
    ("influenza", "human"): INFLUENZA_HUMAN,
    ("SARS-CoV-2", "mouse"): SARS_COV_2_MOUSE,
    ("SARS-CoV-2", "human"): SARS_COV_2_HUMAN,
    ("RSV", "mouse"): RSV_MOUSE,
    ("RSV", "human"): RSV_HUMAN,
}
