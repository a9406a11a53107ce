"""What a browser asks for, as numbers and names that can be used."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from abm.dashboard.content.edits import RecipeError

UNCLEAR = "the page asked for something that is not understood"


def number_of(value: Any) -> float:
    """A number from a browser.

    Raises:
        RecipeError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RecipeError(UNCLEAR)
    return float(value)


def number_within(value: Any, low: float, high: float, name: str, unit: str = "") -> float:
    """A number from a browser within these ends.

    Raises:
        RecipeError: it is none, or lies elsewhere; the message has its name, value, unit and range.
    """
    found = number_of(value)
    if not low <= found <= high:
        raise RecipeError(f"{name}: {found:g} must be from {low:g} to {high:g} {unit}".rstrip())
    return found


def whole_within(value: Any, low: int, high: int, name: str, unit: str = "") -> int:
    """The same for whole numbers."""
    found = number_within(value, low, high, name, unit)
    if found != round(found):
        raise RecipeError(f"{name}: {found:g} must be a whole number from {low} to {high} {unit}".rstrip())
    return round(found)


def one_of(value: Any, known: Collection[str], name: str) -> str:
    """A name from a browser that is one of those known.

    Raises:
        RecipeError: it is not; the message lists them.
    """
    if not isinstance(value, str) or value not in known:
        raise RecipeError(f'{name}: "{str(value)[:40]}" is not known; allowed: {", ".join(known)}')
    return value
