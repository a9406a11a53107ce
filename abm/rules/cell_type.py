"""What is declared of a type of mobile cell: its numbers, what it secretes, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group
from abm.core.table import group_by
from abm.rules.substances import Substance

ITSELF = -1.0  # for `shares_with`: a type with its own secretion and phagocytosis
NOTHING = -1  # for `held_on`: a type that no epithelial cell holds


class Secretion(NamedTuple):
    """Secretion of one substance by one mobile cell [molecules/cell/s]."""

    at_rest: float = 0.0
    activated: float = 0.0  # at full activation
    power: float = 1.0  # exponent of the activation


@compiled
def secretion_rate(is_cd206: bool, activation: float, s: Secretion) -> float:
    """Secretion of one cell [molecules/cell/s]: at_rest + (activated - at_rest) * activation^power.

    is_cd206: whether it is a CD206+ macrophage, which secretes at the resting rate at any activation.
    """
    if is_cd206:
        return s.at_rest
    share = activation if s.power == 1.0 else activation**s.power
    return s.at_rest + (s.activated - s.at_rest) * share


def secretes(**rates: Secretion) -> Any:
    """Secretion of the named substances; the type secretes no others.

    Raises:
        TypeError: a name is not that of a declared substance.
    """
    unknown = [name for name in rates if name not in _NAMES]
    if unknown:
        raise TypeError(f"{unknown[0]}: is not a declared substance; the declared ones are {', '.join(_NAMES)}")
    return Secretions(**rates)


_NAMES = tuple(substance.key for substance in Substance)
Secretions: Any = group_by(Substance, "Secretions", __name__, {each: Secretion() for each in Substance})


_DENSITY, _INFLUX, _LOSS = ("cell/mm^2", 0.0, 200.0), ("cell/mm^2/h", 0.0, 20.0), ("1/h", 0.0005, 0.2)
_DENSITY_MEANING = "density in resting lung"
_INFLUX_MEANING = "influx at full inflammation, in addition to the resting influx"


def density_in_mice(value: float) -> Any:
    """A density in resting lung, measured in mice."""
    return param(value, *_DENSITY).measured(_DENSITY_MEANING, "[Jhutty 2022]")


def influx_in_mice(value: float) -> Any:
    """An influx at full inflammation, fitted to mice."""
    return param(value, *_INFLUX).fitted(_INFLUX_MEANING, "computed from the steepest net rise, [Jhutty 2022]")


def loss_in_mice(value: float) -> Any:
    """A loss, fitted to mice."""
    return param(value, *_LOSS).fitted("loss", "inverse of the mean life; fitted to mice [Jhutty 2022]")


def loss_of_peers(value: float) -> Any:
    """A loss taken from other simulators."""
    return param(value, *_LOSS).peer("loss", "inverse of the mean life; peers")


@parameter_group
class CellNumbers(NamedTuple):
    """Numbers of a type of mobile cell. The first four are parameters; any other becomes one by `param(...)`.

    A plain number of the first four is marked *assumed*; `param(...)` states a source.

    Attributes:
        resting_density: density in resting lung [cell/mm2].
        peak_influx: influx at full inflammation, in addition to the resting influx [cell/mm2/h].
        loss: loss [1/h].
        speed: speed [um/min].
        node_output: cells that the lymph node sends to the lung per response [cell/mm2].
        phagocytosis: clearance of the dead epithelial cell on its site [1/h].
        secretion: secretion of each substance.
        held_on: state of the epithelial cells that hold it; NOTHING if none do.
        is_lymphocyte: whether collagen slows it and proliferating cancer cells hold it.
        is_t_cell: whether a share of its cells stay as tissue memory.
        is_macrophage: whether it changes between CD206+ and MHCII+, and secretes at the resting rate while CD206+.
        senses_infection: whether virions, infected and dead cells activate it. The activation of others stays 0.
        shares_with: number of the type whose secretion and phagocytosis it has; ITSELF for its own.
    """

    resting_density: float = param(None, *_DENSITY).assumed(_DENSITY_MEANING)
    peak_influx: float = param(None, *_INFLUX).assumed(_INFLUX_MEANING)
    loss: float = param(None, *_LOSS).assumed("loss", "assumed: inverse of the mean life")
    speed: float = param(None, "um/min", 0.0, 20.0).assumed("speed")
    node_output: float = 0.0
    phagocytosis: float = 0.0
    secretion: Any = Secretions()
    held_on: float = NOTHING
    is_lymphocyte: float = 0.0
    is_t_cell: float = 0.0
    is_macrophage: float = 0.0
    senses_infection: float = 0.0
    shares_with: float = ITSELF


@dataclass(frozen=True)
class CellType:
    """Declaration of a type of mobile cell.

    Attributes:
        title: name on figures and on the page.
        curve: name of the measure of its density.
        plural: name of its cells in the title of that measure.
        color: red, green and blue in pictures.
        radius: radius in pictures [sites].
        numbers: density, influx, loss, speed, secretion and functions.
        treated_as: name in depletions and transfers, shared by types that are depleted together; "" if it is in none.
        is_stroma: whether it is a stromal cell, drawn in the layer below the leukocytes.
        repairs_matrix: whether its cells are simulated one by one in quiet time while the matrix is repaired.
    """

    title: str
    curve: str
    plural: str
    color: tuple[int, int, int]
    radius: float
    numbers: CellNumbers
    treated_as: str = ""
    is_stroma: bool = False
    repairs_matrix: bool = False
