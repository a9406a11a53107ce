"""Regular expressions of quantities with units, for editors; `units` is what reads and checks them."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from abm.scenario.toml.units import LONGEST_SYMBOL, PREFIXES, UNITS

NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
PERCENT = rf"^\s*{NUMBER}\s*%\s*$"
_SIMPLE = {"h": "time", "um": "length"}  # units that are one name: what that measures
_POWER = r"((\^|\*\*)?-?[1-9]|[²³])?"


@functools.cache
def pattern_of(unit: str) -> str:
    """Regular expression of a number with a unit.

    It accepts every text that converts to the unit. Of times and lengths it accepts nothing else; of products of units
    it accepts every product of known units.

    Args:
        unit: declared unit of a quantity, not empty.
    """
    if unit in _SIMPLE:
        return rf"^\s*{NUMBER}\s*{_names(_SIMPLE[unit])}\s*$"
    name = rf"\(*\s*{_names()}{_POWER}\s*\)*"
    between = r"\s*([*/·]|per\s|\s)\s*"
    return rf"^\s*{NUMBER}\s*(1\s*)?((/|per\s)\s*)?{name}({between}{name})*\s*$"


@functools.cache
def _names(measure: str = "") -> str:
    """Alternatives of all names of units, with their prefixes; longer names in any case."""
    own = [name for name, (_, of, power) in UNITS.items() if not measure or (of == measure and power == 1)]
    return f"({_either(PREFIXES)})?({_either(own)})"


def _either(names: Iterable[str]) -> str:
    return "|".join(_in_any_case(name) for name in sorted(names, key=lambda name: (-len(name), name)))


def _in_any_case(name: str) -> str:
    if len(name) <= LONGEST_SYMBOL:
        return name
    return "".join(f"[{letter.lower()}{letter.upper()}]" if letter.isalpha() else letter for letter in name)
