"""A user's own biology as the text of a scenario file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from abm.core.quantity import quantities
from abm.scenario.hypothesis.check import KEYS
from abm.scenario.hypothesis.declared import OwnCell, OwnSubstance, Rule
from abm.scenario.hypothesis.words import rule_quantities, words_of
from abm.scenario.toml.text import quoted
from abm.scenario.toml.units import written

if TYPE_CHECKING:
    from abm.scenario.hypothesis.words import Words
    from abm.scenario.scenario import Scenario


def own_lines(scenario: Scenario) -> Iterator[str]:
    """The lines of what a scenario declares of its own."""
    for substance in scenario.substances:
        yield from ("", f"[substance.{quoted(substance.title)}]", *_numbers(substance), *_known(substance))
    for cell in scenario.cells:
        yield from ("", f"[cell.{quoted(cell.title)}]", f"like = {quoted(cell.like)}", *_numbers(cell), *_known(cell))
    words = words_of(scenario)
    for rule in scenario.rules:
        yield from ("", "[[rule]]", *_rule(rule, words), *_known(rule))


def _numbers(one: OwnSubstance | OwnCell) -> Iterator[str]:
    for name, quantity in quantities(type(one)).items():
        yield f"{name} = {written(float(getattr(one, name)), quantity.unit)}"


def _known(one: OwnSubstance | OwnCell | Rule) -> Iterator[str]:
    yield f"source = {quoted(one.source)}"
    yield f"confidence = {quoted(one.confidence)}"


def _rule(rule: Rule, words: Words) -> Iterator[str]:
    yield f"name = {quoted(rule.name)}"
    yield f"cell = {quoted(rule.cell)}"
    yield f"signal = {quoted(rule.signal)}"
    yield f"{rule.direction} = {quoted(rule.rate)}"
    if rule.second:
        yield f"and = {quoted(rule.second)}"
    yield f"form = {quoted(rule.form)}"
    for name, quantity in rule_quantities(rule, words).items():
        value = float(getattr(rule, name))
        fold = rule.is_factor and name in ("without", "to")
        yield f"{KEYS.get(name, name)} = {quoted(f'{value!r}-fold') if fold else written(value, quantity.unit)}"
    if rule.replaces:
        yield f"replaces = {quoted(rule.replaces)}"
    if not rule.on:
        yield "on = false"
