"""What a scenario declares of a user's own: substances, types of mobile cells, and rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from abm.core.quantity import Confidence, Quantity
from abm.rules.cells import CellKind
from abm.rules.own.rule import MOST_FOLD, Form
from abm.rules.own.signals import Signal

RAISES, LOWERS = "raises", "lowers"
FORMS = {form.name.lower(): form for form in Form}
CONFIDENCES = ("measured", "fitted", "peer", "assumed")
LIKE = tuple(kind.type.title for kind in CellKind)
FRACTION = Quantity("factor", "", 0.0, MOST_FOLD, "scenario")
POWER = Quantity("power of the Hill function", "", 0.5, 10.0, "scenario")


def key_of(title: str) -> str:
    """A name of a user's in the dotted names of parameters: "il_17a" for "IL-17A"."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")


@dataclass(frozen=True)
class OwnSubstance:
    """A substance that a scenario declares; cells secrete it where rules say so.

    Attributes:
        title: its name. molar_mass, diffusion, loss: as of the built-in substances.
        source, confidence: where its numbers come from.
    """

    title: str
    molar_mass: Annotated[float, Quantity("molar mass", "kDa", 0.01, 1000.0, "scenario")]
    diffusion: Annotated[float, Quantity("diffusion coefficient", "um^2/h", 1.0, 500_000.0, "scenario")] = 36_000.0
    loss: Annotated[float, Quantity("total local loss", "1/h", 0.01, 20.0, "scenario")] = 0.6
    source: str = "assumed"
    confidence: Confidence = "assumed"

    @property
    def key(self) -> str:
        """Its name in the dotted names of parameters."""
        return key_of(self.title)


@dataclass(frozen=True)
class OwnCell:
    """A type of mobile cell that a scenario declares.

    Attributes:
        title: its name. like: the built-in type whose numbers it has where none are given, also its secretion,
            phagocytosis and response to infection; what only that type does by a law of its own, it does not do.
        density: in resting lung. influx: at full inflammation. loss, speed: as of the built-in types.
        source, confidence: where its numbers come from.
    """

    title: str
    like: str
    density: Annotated[float, Quantity("density in resting lung", "cell/mm^2", 0.0, 200.0, "scenario")]
    influx: Annotated[float, Quantity("influx at full inflammation", "cell/mm^2/h", 0.0, 20.0, "scenario")]
    loss: Annotated[float, Quantity("loss", "1/h", 0.0005, 0.2, "scenario")]
    speed: Annotated[float, Quantity("speed", "um/min", 0.0, 20.0, "scenario")]
    source: str = "assumed"
    confidence: Confidence = "assumed"

    @property
    def key(self) -> str:
        """Its name in the dotted names of parameters."""
        return key_of(self.title)

    @property
    def model(self) -> CellKind:
        """The built-in type that it is like."""
        return next(kind for kind in CellKind if kind.type.title == self.like)


@dataclass(frozen=True)
class Rule:
    """One sentence: in whom, what raises or lowers which rate, from where to where.

    Attributes:
        name: unique in the scenario, and in the dotted names of parameters ("rules.<name>.to").
        cell, signal, rate: in the words of `abm.scenario.hypothesis.words`.
        direction: RAISES or LOWERS.
        without: without the signal, in the unit of the rate; or as a factor, see `is_factor`.
        to: at full response, likewise.
        half: signal at half of the response, in its unit.
        is_factor: whether it multiplies the rate, by 1 without a change; else it adds to the rate.
        form: one of FORMS. power: of a Hill function.
        second: another signal, whose response multiplies that of the first; "" for none. second_half, second_power: of
            its Hill function.
        replaces: name of the built-in law that it takes the place of; "" for none.
        on: whether it acts.
        source, confidence: where its numbers come from.
    """

    name: str
    cell: str
    signal: str
    rate: str
    direction: str
    without: float
    to: float
    half: float
    is_factor: bool = False
    form: str = "hill"
    power: float = 1.0
    second: str = ""
    second_half: float = 1.0
    second_power: float = 1.0
    replaces: str = ""
    on: bool = True
    source: str = "assumed"
    confidence: Confidence = "assumed"


def half_of(signal: Signal) -> Quantity:
    """What `half` means of a signal."""
    return Quantity("signal at half of the response", signal.type.unit, signal.type.low, signal.type.high, "scenario")
