"""Numbers as the page shows them: what is known of a quantity, and the values of a scenario."""

from __future__ import annotations

from typing import Any

from abm.core.quantity import Quantity, declared
from abm.rules.sources import cited
from abm.scenario.scenario import Scenario
from abm.scenario.toml.units import allowed_range


def quantity_facts(quantity: Quantity) -> dict[str, Any]:
    """Meaning, unit, range, confidence and source (with links) of a quantity."""
    return {
        "meaning": quantity.meaning,
        "unit": quantity.unit.removeprefix("1") if quantity.unit.startswith("1/") else quantity.unit,
        "low": quantity.low,
        "high": quantity.high,
        "allowed": allowed_range(quantity),
        "source": quantity.source,
        "confidence": quantity.confidence,
        "links": links_of(quantity.source),
    }


def links_of(source: str) -> dict[str, str]:
    """Addresses of the sources that a text cites, by key."""
    return {key: one.link for key, one in cited([source]).items() if one.link}


def values_of(scenario: Scenario) -> dict[str, float]:
    """Every parameter of a scenario by dotted name, after all its changes during the run."""
    start = {item.name: item.value for item in declared(scenario.parameters)}
    return start | {one.parameter: one.value for one in sorted(scenario.changes, key=lambda one: one.time)}
