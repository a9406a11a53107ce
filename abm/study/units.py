"""Quantities written with their unit, such as "3 h" or "0.02 /h", turned into numbers in the declared unit.

Pint does the dimensions. Its registry here knows only the units of this model and calculates with fractions:
"0.1 d" is exactly the number nearest to 2.4 h. It is loaded at the first unit that is not the declared one.
"""

from __future__ import annotations

import functools
import math
import re
from fractions import Fraction
from typing import Any

from abm.core.quantity import Quantity
from abm.study.catalog import nearest

LONGEST = 100  # characters

_WRITTEN = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL | re.ASCII)
# Only names have powers, of one digit: pint would also work out 9**9**9**9.
_UNIT = re.compile(r"(?:1\s*/|/)?(?:[A-Za-zµμ]++(?:(?:\^|\*\*)-?[1-9]|[²³])?|[()*/·\s])+")
_DEFINITIONS = """
femto- = 1e-15 = f-
pico- = 1e-12 = p-
nano- = 1e-9 = n-
micro- = 1e-6 = u- = µ- = μ-
milli- = 1e-3 = m-
centi- = 1e-2 = c-
kilo- = 1e3 = k-
second = [time] = s = sec
minute = 60 * second = min
hour = 60 * minute = h = hr
day = 24 * hour = d
week = 7 * day
meter = [length] = m = metre
gram = [mass] = g
liter = 1e-3 * meter ** 3 = L = l = litre
cell = [cell]
virion = [virion]
molecule = [molecule]
"""
_FAMILIAR = (
    *("s", "min", "h", "d", "week", "nm", "um", "mm", "cm", "pg", "ng", "ug", "mg", "g", "mL", "uL", "L"),
    *("cell", "virion", "molecule"),
)


class UnitError(ValueError):
    """A value that is not the quantity that is needed: `problem`, and a `hint` how to write it."""

    def __init__(self, problem: str, hint: str = "") -> None:
        """Keep both."""
        super().__init__(problem, hint)
        self.problem, self.hint = problem, hint


def to_number(value: object, quantity: Quantity) -> float:
    """The value as a number in the declared unit of `quantity`, inside its range.

    Args:
        value: text with a unit, or a number where the quantity is a pure number.
        quantity: what it is to be.

    Raises:
        UnitError: wrong type, no number, no or another unit, not finite, out of range.
    """
    number = _with_unit(value, quantity) if quantity.unit else _bare(value)
    if not math.isfinite(number):
        raise UnitError("is not a finite number")
    if not quantity.low <= number <= quantity.high:
        raise UnitError(f"is out of range ({quantity.meaning})")
    return number


def written(number: float, unit: str) -> str:
    """A number as a scenario file has it: "3.0 h" in quotes, or bare without a unit; reads back exactly."""
    return f'"{number!r} {_plain(unit)}"' if unit else repr(number)


def allowed_range(quantity: Quantity) -> str:
    """The range of a quantity in words."""
    return f"{quantity.low:g} to {quantity.high:g} {_plain(quantity.unit)}".rstrip()


def _plain(unit: str) -> str:
    """A unit without the one of "1/h"."""
    return unit[1:] if unit.startswith("1/") else unit


def _bare(value: object) -> float:
    if isinstance(value, str):
        raise UnitError("is text, where a pure number is needed", "write it alone: no quotes, no unit")
    return _float(value)


def _float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnitError("is not a number")
    try:
        return float(value)
    except OverflowError as error:
        raise UnitError("is not a finite number") from error


def _with_unit(value: object, quantity: Quantity) -> float:
    unit = _plain(quantity.unit)
    if not isinstance(value, str):
        number = _float(value)
        if not math.isfinite(number):
            raise UnitError("is not a finite number")
        raise UnitError("has no unit", f'write the unit in quotes: "{number:g} {unit}"')
    parts = _WRITTEN.fullmatch(value) if len(value) <= LONGEST else None
    if parts is None:
        example = min(max(quantity.low, 1.0), quantity.high)
        raise UnitError("is not a number with a unit", f'write it like "{example:g} {unit}"')
    digits, own = parts.groups()
    if not own:
        raise UnitError("has no unit", f'write "{digits} {unit}"')
    number = float(digits)
    try:
        factor = _factor(own, quantity.unit)
        exact = factor == 1 or number == 0.0 or not math.isfinite(number)
        return number if exact else float(Fraction(digits) * factor)
    except OverflowError as error:
        raise UnitError("is not a finite number") from error
    except UnitError as error:
        hint = f'{error.hint}{quantity.meaning}: in "{unit}", or a unit that converts to it'
        raise UnitError(error.problem, hint) from error


@functools.cache
def _factor(own: str, unit: str) -> Fraction:
    """What a number in `own` unit is to be multiplied with to stand in `unit`."""
    if _plain(own) == _plain(unit):
        return Fraction(1)
    source, target = _parsed(own, unit), _parsed(unit, unit)
    if source.dimensionality != target.dimensionality:
        raise UnitError(f'has the unit "{own}", which does not measure the same as "{_plain(unit)}"')
    registry = _registry()
    return Fraction(registry.Quantity(Fraction(1), source).to(target).magnitude)


def _parsed(text: str, unit: str) -> Any:
    """Pint's unit for this text."""
    whole = f"1{text}" if text.startswith("/") else text
    try:
        if not _UNIT.fullmatch(text):
            raise ValueError(text)
        return _registry().parse_units(whole)
    except Exception as error:  # pint lets through whatever its tokenizer and evaluator meet
        near = nearest(text, [*_FAMILIAR, _plain(unit)], 1)
        hint = f'did you mean "{near[0]}"? ' if near else ""
        raise UnitError(f'has the unknown unit "{text}"', hint) from error


@functools.cache
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(None, non_int_type=Fraction)
    registry.load_definitions(_DEFINITIONS.strip().splitlines())
    return registry
