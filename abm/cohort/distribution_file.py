"""A distribution in a cohort file: a single quantity for all patients, or a table that describes its spread."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from abm.cohort.plan import KINDS, Distribution
from abm.core.quantity import Quantity
from abm.scenario.toml.table import Table

CONFIDENCE = ("measured", "fitted", "peer", "assumed")
LEAST_SHARE = 1e-3  # of a distribution that must lie within its range
SPREAD = Quantity("factor of one standard deviation of the logarithm", "", 1.001, 100.0, "cohort")


def read_distribution(table: Table, name: str, quantity: Quantity, default: Distribution) -> Distribution:
    """Read the distribution under this key; the default, and an error, if it is invalid."""
    default = replace(default, low=quantity.low, high=quantity.high)
    value = table.content.get(name)
    if value is None:
        return default
    if not isinstance(value, dict):
        return replace(default, kind="fixed", first=table.number(name, quantity, default.first), second=0.0)
    own = table.table(name)
    kind = own.choice("distribution", tuple(KINDS))
    if (*own.key, "distribution") in own.reading.faulty:
        own.content.clear()
        return default
    wide = replace(quantity, low=-quantity.high) if kind == "normal" else quantity
    first, second = _numbers(own, kind, wide)
    low, high = quantity.low, quantity.high
    if kind in ("normal", "log-normal"):
        low, high = own.number("low", quantity, low), own.number("high", quantity, high)
    source, confidence = own.text("source", "assumed"), own.choice("confidence", CONFIDENCE, "assumed")
    own.finish(("distribution", *KINDS[kind], "low", "high", "source", "confidence"))
    found = Distribution(kind, first, second, low, high, source, confidence)
    return found if _is_possible(own, found, quantity.unit) else default


def _numbers(own: Table, kind: str, quantity: Quantity) -> tuple[float, float]:
    """The two numbers of a kind of distribution; the second is 0 if it has only one."""
    found: list[float] = []
    for name in KINDS[kind]:
        if name not in own.content:
            own.reading.refuse((*own.key, name), "", f"is missing: a {kind} distribution has {', '.join(KINDS[kind])}")
            own.reading.faulty.add((*own.key, name))
            found.append(1.0)
        else:
            found.append(own.number(name, _meaning(name, quantity), 1.0))
    return found[0], found[1] if len(found) > 1 else 0.0


def _meaning(name: str, quantity: Quantity) -> Quantity:
    if name == "spread":
        return SPREAD
    if name == "sd":
        return replace(quantity, meaning=f"standard deviation of {quantity.meaning}", low=quantity.high * 1e-9)
    return quantity


def _is_possible(own: Table, found: Distribution, unit: str) -> bool:
    """Whether the numbers define a distribution; an error if not."""
    if any(key[: len(own.key)] == own.key for key in own.reading.faulty):
        return False

    def refuse(name: str, value: Any, problem: str, allowed: str) -> bool:
        own.reading.refuse(
            (*own.key, name), own.reading.written.get((*own.key, name), f"{value:g}"), problem, allowed=allowed
        )
        return False

    if found.kind == "uniform" and found.first >= found.second:
        return refuse("high", found.second, "is not above low", f"more than {found.first:g} {unit}".strip())
    if found.low >= found.high:
        return refuse("high", found.high, "is not above low", f"more than {found.low:g} {unit}".strip())
    if found.kind == "log-normal" and found.first <= 0.0:
        return refuse("median", found.first, "has no logarithm", "more than 0")
    if found.within() < LEAST_SHARE:
        name = "median" if found.kind == "log-normal" else "mean"
        return refuse(name, found.first, "leaves nearly nothing of the distribution within its range",
                      f"{found.low:g} to {found.high:g} {unit}".strip())  # fmt: skip
    return True
