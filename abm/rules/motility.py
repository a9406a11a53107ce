"""Movement: a biased persistent walk over the sites, several hops a step."""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group

MINUTES_PER_HOUR = 60.0


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
def gradient_response(relative_steepness: float, p: Motility) -> float:
    """Response in [0, 1] to a gradient: the part of its bias that a cell follows."""
    return relative_steepness / (relative_steepness + p.steepness_half)


@compiled
def dispersal(hops: float, turning: float) -> float:
    """Variance along each axis [sites^2] of the displacement after n hops, long-run: n (2 - q) / (2 q); q: turning.

    A walker that turns with chance q before a hop, to any of four sides, keeps its direction for 1 / q hops on
    average (Codling, Plank & Benhamou 2008, doi:10.1098/rsif.2008.0014).
    """
    return 0.5 * hops * (2.0 - turning) / turning


@parameter_group
class Motility(NamedTuple):
    """Persistence and guidance of mobile cells; speeds stand with the cells (`abm.rules.cells`)."""

    persistence: float = param(5.0, "min", 0.5, 30.0).peer("time a cell keeps its direction", "[pc4covid] 5 min")
    bias: float = param(0.4, "", 0.0, 1.0).peer(
        "share of turns that follow a steep IL-6 gradient", "[pc4covid] 0.3-0.7"
    )
    steepness_half: float = param(0.1, "", 0.001, 1.0).assumed(
        "relative IL-6 change over 80 um that gives half of the bias"
    )
    sensing_half: float = param(1.0, "ng/mL", 0.01, 10.0).assumed(
        "IL-6 at which a cell senses half of the relative change",
        "assumed; far above rest, else resting macrophages would gather around each other",
    )
    confinement: float = param(0.1, "", 0.0, 1.0).peer(
        "speed left on a target", "[pc4covid] 0.4 of 4 um/min when eating or attached"
    )
    collagen_drag: float = param(0.5, "", 0.0, 1.0).assumed("fall of T-cell speed in full collagen")
