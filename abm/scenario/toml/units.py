"""Quantities written with their unit, such as "3 h" or "0.02 /h", turned into numbers in the declared unit.

Only the units of this model are known. They are converted with fractions: "0.1 d" is exactly the number nearest to
2.4 h.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from abm.core.names import nearest
from abm.core.quantity import Quantity

LONGEST = 100  # characters
LONGEST_SYMBOL = 3  # characters; longer names of units are words
TWO_DAYS = 48.0  # h: times from here on are told in days, too

_WRITTEN = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL | re.ASCII)
# A name with its power, of one digit, or what stands between names.
_PART = re.compile(r"(?P<name>[A-Za-zµμ]+)(?:(?:\^|\*\*)?(?P<power>-?[1-9])|(?P<mark>[²³]))?|(?P<sign>[()*/·])|\s+")
PREFIXES = {"f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "μ": -6, "m": -3, "c": -2, "k": 3} | {
    "femto": -15, "pico": -12, "nano": -9, "micro": -6, "milli": -3, "centi": -2, "kilo": 3,
}  # fmt: skip
# Name: how many base units of what it measures, and what that is, with its power.
UNITS = {
    **dict.fromkeys(("s", "sec", "second"), (Fraction(1), "time", 1)),
    **dict.fromkeys(("min", "minute"), (Fraction(60), "time", 1)),
    **dict.fromkeys(("h", "hr", "hour"), (Fraction(3600), "time", 1)),
    **dict.fromkeys(("d", "day"), (Fraction(86400), "time", 1)),
    **dict.fromkeys(("wk", "week"), (Fraction(604800), "time", 1)),
    "month": (Fraction(2629800), "time", 1),  # a twelfth of a year
    "year": (Fraction(31557600), "time", 1),  # 365.25 days
    **dict.fromkeys(("m", "meter", "metre"), (Fraction(1), "length", 1)),
    **dict.fromkeys(("l", "L", "liter", "litre"), (Fraction(1, 1000), "length", 3)),
    **dict.fromkeys(("g", "gram"), (Fraction(1), "mass", 1)),
    **{name: (Fraction(1), name, 1) for name in ("cell", "virion", "molecule")},
    **dict.fromkeys(("Da", "dalton"), (Fraction(1), "molar mass", 1)),
}
UNITS |= {f"{name}s": unit for name, unit in UNITS.items() if len(name) > 1}
_FAMILIAR = (
    *("s", "min", "h", "d", "second", "minute", "hour", "hours", "day", "days", "week", "weeks", "month", "months"),
    *("year", "years", "nm", "um", "mm", "cm"),
    *("pg", "ng", "ug", "mg", "g", "mL", "uL", "L"),
    *("cell", "virion", "molecule", "kDa"),
)


class UnitError(ValueError):
    """A value that is not the quantity that is needed: `problem`, and a `hint` how to write it."""

    def __init__(self, problem: str, hint: str = "") -> None:
        """Keep both."""
        super().__init__(problem, hint)
        self.problem, self.hint = problem, hint


def to_number(value: object, quantity: Quantity, bare: bool = False) -> float:
    """The value as a number in the declared unit of `quantity`, inside its range.

    Args:
        value: text with a unit, or a number where the quantity is a pure number.
        quantity: what it is to be.
        bare: whether a number without a unit stands for one in the declared unit, as in Python code.

    Raises:
        UnitError: wrong type, no number, no or another unit, not finite, out of range.
    """
    if not quantity.unit or (bare and not isinstance(value, str)):
        return in_range(_bare(value), quantity)
    return in_range(_with_unit(value, quantity), quantity)


def in_range(number: float, quantity: Quantity) -> float:
    """The number, which is in the declared unit.

    Raises:
        UnitError: it is not finite, or out of range.
    """
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
    if quantity.unit == "h":
        return f"{quantity.low:g} to {hours_and_days(quantity.high)}"
    return f"{quantity.low:g} to {quantity.high:g} {_plain(quantity.unit)}".rstrip()


def hours_and_days(hours: float) -> str:
    """A time in hours, as it is kept, and in days, as people think of it where it is long: "672 h (28 d)"."""
    return f"{hours:.10g} h" + (f" ({round(hours / 24.0, 2):.10g} d)" if hours >= TWO_DAYS else "")


def _plain(unit: str) -> str:
    """A unit without the one of "1/h"."""
    return unit[1:] if unit.startswith("1/") else unit


def _bare(value: object) -> float:
    if isinstance(value, str):
        percent = _WRITTEN.fullmatch(value) if len(value) <= LONGEST else None
        if percent and percent[2] == "%":
            return float(percent[1]) / 100.0
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
    other_size, other_measures = _parsed(unit)
    try:
        size, measures = _parsed(own)
    except ValueError as error:
        alike = (name for name in _FAMILIAR if _parsed(name)[1] == other_measures)
        near = nearest(own, [*alike, _plain(unit)], 1)
        raise UnitError(f'has the unknown unit "{own}"', f'did you mean "{near[0]}"? ' if near else "") from error
    if measures != other_measures:
        raise UnitError(f'has the unit "{own}", which does not measure the same as "{_plain(unit)}"')
    return size / other_size


def _parsed(text: str) -> tuple[Fraction, Counter[str]]:
    """How many base units this is, and the power of each thing it measures.

    Raises:
        ValueError: it is no unit.
    """
    size, measures = Fraction(1), Counter[str]()
    for name, power in _powers(text):
        factor, measure, exponent = _named(name)
        size *= factor**power
        measures[measure] += exponent * power
    return size, measures


def _powers(text: str) -> Iterator[tuple[str, int]]:
    """The names in a product such as "1/h", "ng/mL" or "cell/(mm^2 d)", each with its power.

    Raises:
        ValueError: it is no product of names.
    """
    text = re.sub(r"^1\s*(?=/)", "", re.sub(r"(?:^|\s+)per\s+", "/", text))
    place, outer, sign, due = 0, [1], 1, not text.startswith("/")  # due: a name or a bracket must come
    while place < len(text):
        part = _PART.match(text, place)
        if part is None:
            raise ValueError(text)
        place = part.end()
        if part["name"]:
            yield part["name"], outer[-1] * sign * int(part["power"] or {"²": 2, "³": 3}.get(part["mark"], 1))
            sign, due = 1, False
        elif part["sign"] == "(":
            outer.append(outer[-1] * sign)
            sign, due = 1, True
        elif part["sign"]:
            if due or (part["sign"] == ")" and len(outer) == 1):
                raise ValueError(text)
            if part["sign"] == ")":
                outer.pop()
            else:
                sign, due = (-1 if part["sign"] == "/" else 1), True
    if due or len(outer) > 1:
        raise ValueError(text)


def _named(name: str) -> tuple[Fraction, str, int]:
    """The unit of this name, which may have a prefix: its size, what it measures, with which power.

    Raises:
        ValueError: there is none.
    """
    name = name.lower() if len(name) > LONGEST_SYMBOL else name  # "Hours"; symbols such as "mL" keep their case
    if name in UNITS:
        return UNITS[name]
    for prefix, ten in PREFIXES.items():
        rest = name.removeprefix(prefix)
        if rest != name and rest in UNITS:
            size, measure, power = UNITS[rest]
            return size * Fraction(10) ** ten, measure, power
    raise ValueError(name)
