"""What a fit sets free, and the prior of each parameter: the range of its declaration, or a narrower one of the plan.

A parameter is moved on a normal scale: its place in that range, from 0 to 1, is the share of a standard normal
distribution below. There the flat prior over the range is a standard normal, and no step can leave the range. The
range is taken as a logarithm where it spans a decade or more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from abm.core.names import nearest
from abm.core.quantity import Quantity, declared, replaced
from abm.rules.infection import VIRUSES
from abm.rules.parameters import Parameters
from abm.rules.renamed import current_name
from abm.scenario.scenario import Scenario

DECADE = 10.0
EDGE = 1e-3  # places nearer than this to the end of a range are held there: the end itself lies infinitely far away


@dataclass(frozen=True)
class Free:
    """A parameter that is set free.

    Attributes:
        name: dotted, as in `embers describe`. virus: of a virus in the mouse whose own value it is; "" for all arms.
        quantity: its declaration. low, high: range of its prior, within the declared one.
    """

    name: str
    virus: str
    quantity: Quantity
    low: float
    high: float

    @property
    def label(self) -> str:
        """What it is called in tables."""
        return f"{self.name} ({self.virus})" if self.virus else self.name

    @property
    def is_logarithmic(self) -> bool:
        """Whether its range spans a decade or more."""
        return self.low > 0.0 and self.high / self.low >= DECADE

    @property
    def default(self) -> float:
        """Its value in the code."""
        parameters = Parameters(virus=VIRUSES[self.virus or "influenza", "mouse"])
        return next(item.value for item in declared(parameters) if item.name == self.name)

    def value(self, z: float) -> float:
        """The value at a point of the normal scale."""
        place = float(ndtr(z))
        if self.is_logarithmic:
            return self.low * (self.high / self.low) ** place
        return self.low + (self.high - self.low) * place

    def z(self, value: float) -> float:
        """The point of the normal scale at which it has this value."""
        if self.is_logarithmic:
            place = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            place = (value - self.low) / (self.high - self.low)
        return float(ndtri(np.clip(place, EDGE, 1.0 - EDGE)))


def free(name: str, virus: str = "", low: float | None = None, high: float | None = None) -> Free:
    """A parameter to be set free; its range is the declared one where none is given.

    Raises:
        ValueError: there is no such parameter or virus, or the range is not within the declared one.
    """
    name = current_name(name)
    known = {item.name: item.quantity for item in declared(Parameters())}
    if name not in known:
        near = nearest(name, known)
        raise ValueError(f'there is no parameter "{name}"{"; nearest: " if near else ""}{", ".join(near)}')
    if virus and (virus, "mouse") not in VIRUSES:
        raise ValueError(f'there is no virus "{virus}"; there are: {", ".join(sorted({one for one, _ in VIRUSES}))}')
    quantity = known[name]
    least, most = quantity.low if low is None else low, quantity.high if high is None else high
    if not quantity.low <= least < most <= quantity.high:
        declared_range = f"{quantity.low:g} to {quantity.high:g} {quantity.unit}".rstrip()
        raise ValueError(f"{name}: the range {least:g} to {most:g} is not within the declared one, {declared_range}")
    return Free(name, virus, quantity, least, most)


def with_values(scenario: Scenario, parameters: Sequence[Free], z: np.ndarray) -> Scenario:
    """The scenario at a point of the normal scale, float[parameters]."""
    return with_numbers(scenario, parameters, [one.value(float(at)) for one, at in zip(parameters, z, strict=True)])


def with_numbers(scenario: Scenario, parameters: Sequence[Free], values: Sequence[float]) -> Scenario:
    """The scenario with these values of its parameters; what its virus has of its own stays."""
    changed: Any = scenario.parameters
    for one, value in zip(parameters, values, strict=True):
        if is_for(one, scenario):
            changed = replaced(changed, one.name, float(value))
    return replace(scenario, parameters=changed)


def is_for(one: Free, scenario: Scenario) -> bool:
    """Whether a scenario has this parameter from what it was fitted to.

    Each virus is made from influenza in the mouse, and that in people from that in the mouse: where its own number
    differs from the one that was fitted, it keeps it.
    """
    if one.virus not in ("", scenario.virus):
        return False
    group, _, field_name = one.name.partition(".")
    if group != "virus":
        return True
    fitted, own = VIRUSES[one.virus or "influenza", "mouse"], VIRUSES[scenario.virus, scenario.host]
    return bool(getattr(own, field_name) == getattr(fitted, field_name))
