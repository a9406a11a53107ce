"""Killing by contact: CD8 T cells and NK cells, and what holds them back."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import Quantity


class Cytotoxicity(NamedTuple):
    """Killing of infected epithelium and of cancer cells."""

    cd8_infected: Annotated[
        float,
        Quantity(
            "killing of an infected cell by one CD8 cell",
            "1/h",
            0.083,
            0.67,
            "Halle 2016, doi:10.1016/j.immuni.2016.01.010: 2-16 targets a day; fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 0.114
    cooperation: Annotated[
        float,
        Quantity(
            "rise of a CD8 cell's rate for every further one in contact",
            "",
            0.0,
            2.0,
            "sign: better with more than two (Halle 2016); fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 1.03
    cd8_awake_cancer: Annotated[
        float,
        Quantity(
            "killing of an awake cancer cell by one CD8 cell",
            "1/h",
            0.02,
            0.25,
            "no lung measurement; fitted to Chia 2025",
            "fitted",
        ),
    ] = 0.0278
    cd8_dormant_cancer: Annotated[
        float,
        Quantity(
            "killing of a dormant cancer cell by one CD8 cell",
            "1/h",
            0.0,
            0.05,
            "sign: scarcity, rare contact (Goddard 2024)",
            "assumed",
        ),
    ] = 0.01
    cd4_brake: Annotated[
        float,
        Quantity(
            "fall of CD8 killing of cancer cells with many CD4 cells within 50 um",
            "",
            0.5,
            0.95,
            "sign: CD4 cells keep the burden by curbing CD8 cells (Chia 2025)",
            "assumed",
        ),
    ] = 0.8
    cd4_half: Annotated[
        float, Quantity("CD4 cells within 50 um for half of the brake", "cell", 0.1, 10.0, "assumed", "assumed")
    ] = 0.5
    cluster_brake: Annotated[
        float,
        Quantity(
            "fall of CD8 killing inside a cancer cluster",
            "",
            0.0,
            0.6,
            "sign: cancer cells impair CD8 activation (Chia 2025)",
            "assumed",
        ),
    ] = 0.3
    cluster_half: Annotated[
        float, Quantity("cancer cells within 50 um for half of the cluster brake", "cell", 1.0, 100.0, "assumed")
    ] = 10.0
    nk_infected: Annotated[
        float,
        Quantity(
            "killing of an infected cell by one NK cell just landed",
            "1/h",
            0.0,
            2.0,
            "range assumed; for want of better, of tumor cells: Ichise 2022, doi:10.7554/eLife.76269, 0.5 a meeting; "
            "fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 0.0155
    nk_fresh: Annotated[
        float, Quantity("time after landing with full NK killing", "h", 1.0, 12.0, "assumed", "assumed")
    ] = 4.0
    nk_spent: Annotated[
        float, Quantity("time after landing with no NK killing left", "h", 12.0, 72.0, "assumed", "assumed")
    ] = 24.0
    nk_kills: Annotated[float, Quantity("kills an NK cell has in it", "cell", 1.0, 20.0, "assumed", "assumed")] = 4.0


@compiled
def team_rate(single: float, contacts: int, p: Cytotoxicity) -> float:
    """Killing hazard [1/h] of a target with this many CD8 cells in contact: n k (1 + cooperation (n - 1))."""
    if contacts == 0:
        return 0.0
    return single * contacts * (1.0 + p.cooperation * (contacts - 1))


@compiled
def suppression(cd4_nearby: float, cancer_nearby: float, p: Cytotoxicity) -> float:
    """Share of CD8 killing of cancer cells left in [0, 1], by CD4 cells and by cancer cells within 50 um."""
    by_cd4 = p.cd4_brake * cd4_nearby / (cd4_nearby + p.cd4_half)
    by_cluster = p.cluster_brake * cancer_nearby / (cancer_nearby + p.cluster_half)
    return (1.0 - by_cd4) * (1.0 - by_cluster)


@compiled
def nk_vigor(age: float, p: Cytotoxicity) -> float:
    """Share of an NK cell's killing left in [0, 1] at this time after landing [h]: full, then falling to none."""
    return min(1.0, max(0.0, (p.nk_spent - age) / (p.nk_spent - p.nk_fresh)))
