"""Movement: a biased persistent walk over the sites, several hops a step."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import Quantity
from abm.rules.states import CellKind

MINUTES_PER_HOUR = 60.0


class Motility(NamedTuple):
    """Speeds, persistence and guidance of mobile cells."""

    resident_macrophage: Annotated[
        float, Quantity("speed of a resident macrophage", "um/min", 0.0, 1.6, "Neupane 2020", "measured")
    ] = 0.8
    recruited_macrophage: Annotated[
        float, Quantity("speed of a recruited macrophage", "um/min", 0.0, 8.0, "pc4covid", "peer")
    ] = 4.0
    neutrophil: Annotated[float, Quantity("speed of a neutrophil", "um/min", 0.0, 20.0, "peers 10-19", "assumed")] = (
        10.0
    )
    nk: Annotated[float, Quantity("speed of an NK cell", "um/min", 0.0, 10.0, "assumed", "assumed")] = 5.0
    cd8: Annotated[float, Quantity("speed of a CD8 T cell", "um/min", 0.0, 10.0, "pc4covid 4; lung 4-7", "peer")] = 4.0
    cd4: Annotated[float, Quantity("speed of a CD4 T cell", "um/min", 0.0, 10.0, "pc4covid 4; micromets 2", "peer")] = (
        4.0
    )
    fibroblast: Annotated[float, Quantity("speed of a fibroblast", "um/min", 0.0, 1.0, "assumed", "assumed")] = 0.3
    persistence: Annotated[
        float, Quantity("time a cell keeps its direction", "min", 0.5, 30.0, "pc4covid 5 min", "peer")
    ] = 5.0
    bias: Annotated[
        float,
        Quantity("share of turns that follow a steep IL-6 gradient", "", 0.0, 1.0, "pc4covid 0.3-0.7", "peer"),
    ] = 0.4
    steepness_half: Annotated[
        float,
        Quantity("relative IL-6 change over 80 um that gives half of the bias", "", 0.001, 1.0, "assumed", "assumed"),
    ] = 0.1
    sensing_half: Annotated[
        float,
        Quantity(
            "IL-6 at which a cell senses half of the relative change",
            "ng/mL",
            0.01,
            10.0,
            "assumed; far above rest, else resting macrophages would gather around each other",
            "assumed",
        ),
    ] = 1.0
    confinement: Annotated[
        float,
        Quantity("speed left on a target", "", 0.0, 1.0, "pc4covid 0.4 of 4 um/min when eating or attached", "peer"),
    ] = 0.1
    collagen_drag: Annotated[
        float, Quantity("fall of T-cell speed in full collagen", "", 0.0, 1.0, "assumed", "assumed")
    ] = 0.5


@compiled
def hops_per_hour(speed: float, spacing: float, on_target: bool, collagen: float, p: Motility) -> float:
    """Hops per hour [1/h] of a cell of this free speed [um/min] on sites this wide [um]."""
    confined = p.confinement if on_target else 1.0
    return speed * MINUTES_PER_HOUR / spacing * confined * (1.0 - p.collagen_drag * collagen)


@compiled
def turning_chance(speed: float, spacing: float, p: Motility) -> float:
    """Chance that a hop starts with a new direction: hop time over persistence time, at most 1."""
    if speed <= 0.0:
        return 1.0
    return min(1.0, spacing / speed / p.persistence)


@compiled
def steepness(change: float, il6: float, p: Motility) -> float:
    """Relative change of IL-6 that a cell senses: the change [ng/mL] over the IL-6 around it and `sensing_half`."""
    return change / (il6 + p.sensing_half)


@compiled
def guided_share(relative_steepness: float, p: Motility) -> float:
    """Share of turns that go up the IL-6 gradient, in [0, bias]."""
    return p.bias * relative_steepness / (relative_steepness + p.steepness_half)


@compiled
def dispersal(hops: float, turning: float) -> float:
    """Variance along each axis [sites^2] of where so many hops lead, in the long run: n (2 - q) / (2 q), q turning.

    A walker that turns with chance q before a hop, to any of four sides, keeps its direction for 1 / q hops on
    average (Codling, Plank & Benhamou 2008, doi:10.1098/rsif.2008.0014).
    """
    return 0.5 * hops * (2.0 - turning) / turning


@compiled
def is_lymphocyte(kind: int) -> bool:
    """Whether cells of this kind hunt awake cancer cells and are slowed by collagen."""
    return kind == CellKind.CD8 or kind == CellKind.CD4 or kind == CellKind.NK
