"""Killing by contact: CD8 T cells and NK cells, and what holds them back."""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group


@compiled
def team_rate(single: float, contacts: int, p: Cytotoxicity) -> float:
    """Killing hazard [1/h] of a target with this many CD8 cells in contact: n k (1 + cooperation (n - 1))."""
    if contacts == 0:
        return 0.0
    return single * contacts * (1.0 + p.cooperation * (contacts - 1))


@compiled
def mean_team_rate(single: float, mean_contacts: float, p: Cytotoxicity) -> float:
    """Mean of `team_rate` [1/h] over a Poisson number of contacts n: E[n] = m and E[n (n - 1)] = m^2."""
    return single * mean_contacts * (1.0 + p.cooperation * mean_contacts)


@compiled
def suppression(cd4_nearby: float, cancer_nearby: float, p: Cytotoxicity) -> float:
    """Share of CD8 killing of cancer cells left in [0, 1]: by CD4 cells within 100 um, cancer cells within 50 um."""
    by_cd4 = p.cd4_suppression * cd4_nearby / (cd4_nearby + p.cd4_half)
    by_cluster = p.cluster_suppression * cancer_nearby / (cancer_nearby + p.cluster_half)
    return (1.0 - by_cd4) * (1.0 - by_cluster)


@compiled
def nk_vigor(age: float, p: Cytotoxicity) -> float:
    """Share of an NK cell's killing left in [0, 1] at this time after landing [h]: full, then falling to none."""
    return min(1.0, max(0.0, (p.nk_spent - age) / (p.nk_spent - p.nk_fresh)))


@compiled
def nk_cancer_rate(age: float, p: Cytotoxicity) -> float:
    """Hazard [1/h] that an NK cell, at this time after landing [h], kills a proliferating cancer cell in contact."""
    return p.nk_proliferating_cancer * nk_vigor(age, p)


@compiled
def trained_rate(training: float, p: Cytotoxicity) -> float:
    """Hazard [1/h] that a resident macrophage, so far trained, kills a cancer cell in contact that has just arrived."""
    return p.trained_arriving_cancer * training


@parameter_group
class Cytotoxicity(NamedTuple):
    """Killing of infected epithelium and of cancer cells."""

    cd8_infected: float = param(0.109, "1/h", 0.083, 0.67).fitted(
        "killing of an infected cell by one CD8 cell", "[Halle 2016]: 2-16 targets a day; fitted to mice [Jhutty 2022]"
    )
    cooperation: float = param(1.69, "", 0.0, 2.0).fitted(
        "rise of a CD8 cell's rate for every further one in contact",
        "sign: better with more than two [Halle 2016]; fitted to mice [Jhutty 2022]",
    )
    cd8_proliferating_cancer: float = param(0.24, "1/h", 0.02, 0.67).assumed(
        "killing of a proliferating cancer cell by one CD8 cell",
        "no lung measurement; up to the rate for infected cells [Halle 2016]; chosen so that CD4 depletion lowers the "
        "burden [Chia 2025]",
    )
    cd8_dormant_cancer: float = param(0.01, "1/h", 0.0, 0.05).assumed(
        "killing of a dormant cancer cell by one CD8 cell", "sign: scarcity, rare contact [Goddard 2024]"
    )
    cd4_suppression: float = param(1.0, "", 0.5, 1.0).assumed(
        "fall of CD8 killing of cancer cells with many CD4 cells within 100 um",
        "sign: CD4 cells keep the burden by curbing CD8 cells [Chia 2025]; 1, so that depleting CD8 cells changes it "
        "little",
    )
    cd4_half: float = param(0.02, "cell", 0.01, 10.0).assumed(
        "CD4 cells within 100 um for half of this fall of CD8 killing",
        "assumed; reach: CD4 cells gather within 100 um of the growing cancer cells [Chia 2025]",
    )
    cluster_suppression: float = param(0.1, "", 0.0, 0.6).assumed(
        "fall of CD8 killing inside a cancer cluster",
        "sign: cancer cells impair CD8 activation [Chia 2025]; chosen for the burden without CD4 cells there",
    )
    cluster_half: float = param(10.0, "cell", 1.0, 100.0).assumed(
        "cancer cells within 50 um for half of this fall of CD8 killing"
    )
    nk_infected: float = param(0.533, "1/h", 0.0, 2.0).fitted(
        "killing of an infected cell by one NK cell just landed",
        "range assumed; for want of better, of tumor cells: [Ichise 2022], 0.5 a meeting; fitted to mice [Jhutty 2022]",
    )
    nk_proliferating_cancer: float = param(0.05, "1/h", 0.0, 2.0).assumed(
        "killing of a proliferating cancer cell, or of one that has just arrived, by one NK cell just landed",
        "assumed, modest; tumor cells in the lung: 0.5 a meeting of minutes [Ichise 2022]",
    )
    trained_arriving_cancer: float = param(5.0, "1/h", 0.0, 20.0).assumed(
        "killing of a cancer cell that has just arrived by one fully trained macrophage",
        "sign: after influenza trained macrophages keep cancer cells that arrive from forming metastases [Wang 2023]; "
        "the clones of an earlier infection persist [Chia 2025]",
    )
    nk_fresh: float = param(4.0, "h", 1.0, 12.0).assumed("time after landing with full NK killing")
    nk_spent: float = param(24.0, "h", 12.0, 72.0).assumed("time after landing with no NK killing left")
    nk_kills: float = param(4.0, "cell", 1.0, 20.0).assumed("kills per NK cell")
