"""What a scenario declares of its own, for the page: rules in words and numbers, names of its curves and cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abm.core.quantity import Quantity
from abm.dashboard.content.charts import MOBILE_CELLS, SUBSTANCES
from abm.dashboard.content.quantities import links_of, quantity_facts, values_of
from abm.dashboard.live.frames import own_overlays
from abm.laws.catalogue import LawInScenario, laws_in
from abm.model.measures import own_measures
from abm.reporting.laws import sentences_of
from abm.scenario.hypothesis.check import KEYS
from abm.scenario.hypothesis.declared import Rule
from abm.scenario.hypothesis.numbers import has_own
from abm.scenario.hypothesis.words import Words, rule_quantities, words_of
from abm.scenario.hypothesis.write import own_lines
from abm.scenario.scenario import Scenario

FOLD = "-fold"  # unit of a factor


def own_of(scenario: Scenario) -> dict[str, Any]:
    """Names of the cells, drugs, curves and overlays of a scenario's own; curves in the order of their measures."""
    titles = [
        *((SUBSTANCES, one.title) for one in scenario.substances),
        *((MOBILE_CELLS, one.title) for one in scenario.cells),
    ]
    return {
        "cells": [one.title for one in scenario.cells],
        "drugs": list(words_of(scenario).drugs),
        "overlays": {name: overlay._asdict() for name, overlay in own_overlays(scenario).items()},
        "curves": [
            {"name": name, "title": title, "chart": chart}
            for name, (chart, title) in zip(own_measures(scenario), titles, strict=True)
        ],
    }


def declarations(scenario: Scenario) -> dict[str, Any]:
    """The rules of a scenario, and the text of a file that declares them with its substances and cells."""
    if not has_own(scenario):
        return {"text": "", "rules": []}
    laws = {law.law.name: law for law in laws_in(scenario)}
    words, values = words_of(scenario), values_of(scenario)
    return {
        "text": "\n".join(own_lines(scenario)).strip() + "\n",
        "rules": [_rule(rule, laws[f"rules.{rule.name}"], words, values) for rule in scenario.rules],
    }


def _rule(rule: Rule, law: LawInScenario, words: Words, values: Mapping[str, float]) -> dict[str, Any]:
    """A rule in words, and its numbers with the keys that a file has for them."""
    return {
        "name": rule.name,
        "on": rule.on,
        "sentences": list(sentences_of(law)),
        "whyNot": law.why_not,
        "replaces": rule.replaces,
        "confidence": rule.confidence,
        "source": rule.source,
        "links": links_of(rule.source),
        "numbers": [
            {
                **quantity_facts(quantity),
                "key": KEYS.get(field, field),
                "name": f"rules.{rule.name}.{field}",
                "value": values[f"rules.{rule.name}.{field}"],
                **_units(quantity, rule.is_factor and field in ("without", "to")),
            }
            for field, quantity in rule_quantities(rule, words).items()
        ],
    }


def _units(quantity: Quantity, factor: bool) -> dict[str, str]:
    """Unit of a number of a rule in a file, and that of the parameter, where a factor is a pure number."""
    unit = quantity_facts(quantity)["unit"]
    return {"unit": FOLD if factor else unit, "parameterUnit": unit}
