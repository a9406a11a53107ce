"""Numbers of a user's own biology as parameters: a sweep, a fit or a change during a run sets them like any other.

A scenario keeps them twice: in its declarations, as they were written, and among its parameters, which compiled code
takes. `in_step` keeps both equal; where they differ, the parameters are newer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from abm.core.quantity import Quantity, declared, group_of_rows, param, quantities, replaced
from abm.rules.cells import KINDS, CellKind, Cells
from abm.rules.own.rates import address
from abm.rules.own.rule import NOTHING, RuleNumbers
from abm.rules.own.signals import Signal
from abm.rules.substances import SUBSTANCES, Substance, SubstanceNumbers, Substances
from abm.scenario.hypothesis.check import own_conflicts
from abm.scenario.hypothesis.declared import FORMS, OwnCell, OwnSubstance, Rule
from abm.scenario.hypothesis.words import Words, rule_quantities, words_of

if TYPE_CHECKING:
    from abm.rules.parameters import Parameters
    from abm.scenario.scenario import Scenario

_CELL = {"density": "resting_density", "influx": "peak_influx", "loss": "loss", "speed": "speed"}  # fields by own field


def has_own(scenario: Scenario) -> bool:
    """Whether a scenario declares substances, cells or rules of its own."""
    return bool(scenario.substances or scenario.cells or scenario.rules)


def with_own_numbers(parameters: Parameters, scenario: Scenario) -> Parameters:
    """The parameters with those of everything that a scenario declares; without them where it is not valid."""
    if not has_own(scenario) or any(own_conflicts(scenario)):
        return parameters
    words = words_of(scenario)
    if scenario.substances:
        own = {one.key: _substance(one) for one in scenario.substances}
        rows = {each.key: each.type.numbers for each in Substance} | own
        parameters = parameters._replace(substances=group_of_rows("Substances", rows))
    if scenario.cells:
        of_cells = {kind.key: kind.type.numbers for kind in CellKind} | {one.key: _cell(one) for one in scenario.cells}
        parameters = parameters._replace(cells=group_of_rows("Cells", of_cells))
    if scenario.rules:
        infected_at = min((one.time for one in scenario.infections if one.dose > 0.0), default=float("inf"))
        of_rules = {rule.name: _rule(rule, words, infected_at) for rule in scenario.rules}
        parameters = parameters._replace(rules=group_of_rows("Rules", of_rules))
    return parameters


def without_own_numbers(parameters: Parameters) -> Parameters:
    """The parameters of the built-in biology alone."""
    substances, cells = tuple(parameters.substances)[:SUBSTANCES], tuple(parameters.cells)[:KINDS]
    return parameters._replace(substances=Substances(*substances), cells=Cells(*cells), rules=None)


def in_step(scenario: Scenario, usual: Parameters) -> dict[str, Any]:
    """The fields of a scenario in which declarations and parameters say the same.

    usual: the parameters that follow from its declarations alone. Nothing is changed of what is not valid.
    """
    if has_own(scenario) and any(own_conflicts(scenario)):
        return {}
    given = {item.name: item for item in declared(scenario.parameters)}
    parameters: Any = usual._replace(
        **{
            name: value
            for name, value in scenario.parameters._asdict().items()
            if name not in ("substances", "cells", "rules") and value is not None
        }
    )
    for item in list(declared(usual)):
        before = given.get(item.name, item)
        same = before.quantity == item.quantity  # else it is a number of another rule, of the same name
        if item.name.startswith(("substances.", "cells.", "rules.")) and same and before.value != item.value:
            parameters = replaced(parameters, item.name, before.value)
    return {
        "parameters": parameters,
        "substances": tuple(_declared_substance(one, parameters) for one in scenario.substances),
        "cells": tuple(_declared_cell(one, parameters) for one in scenario.cells),
        "rules": tuple(_declared_rule(one, parameters) for one in scenario.rules),
    }


def _parameter(value: float, quantity: Quantity) -> Any:
    """A number that can be set, as `param` declares it."""
    made = param(value, quantity.unit, quantity.low, quantity.high)
    return getattr(made, quantity.confidence)(quantity.meaning, quantity.source)


def _substance(one: OwnSubstance) -> SubstanceNumbers:
    own = quantities(OwnSubstance)
    known = {"source": one.source, "confidence": one.confidence}
    numbers = {
        name: _parameter(getattr(one, name), replace(own[name], **known))  # type: ignore[arg-type]
        for name in ("diffusion", "loss")
    }
    return SubstanceNumbers(molar_mass=1000.0 * one.molar_mass, **numbers)


def _cell(one: OwnCell) -> Any:
    own, kind = quantities(OwnCell), one.model
    known = {"source": one.source, "confidence": one.confidence}
    numbers = {
        field: _parameter(getattr(one, name), replace(own[name], **known))  # type: ignore[arg-type]
        for name, field in _CELL.items()
    }
    shared = {"node_output": 0.0, "phagocytosis": 0.0, "secretion": type(kind.type.numbers.secretion)()}
    return kind.type.numbers._replace(**numbers, **shared, is_t_cell=0.0, shares_with=float(kind.shares_with))


def _rule(rule: Rule, words: Words, infected_at: float) -> RuleNumbers:
    who, target = words.cells[rule.cell], words.rates[rule.rate]
    heard, own = words.signals[rule.signal], rule_quantities(rule, words)
    second = words.signals[rule.second] if rule.second else None
    timed = Signal.TIME in (heard.signal, second.signal if second else None)
    return RuleNumbers(
        acts_on=address(int(target.rate), who.number, target.substance) if rule.on else NOTHING,
        signal=heard.signal, signal_of=heard.of, second=second.signal if second else NOTHING,
        second_of=second.of if second else 0.0, form=FORMS[rule.form], is_factor=rule.is_factor,
        infected_at=infected_at if timed else 0.0, **{name: _parameter(getattr(rule, name), own[name]) for name in own},
    )  # fmt: skip


def _declared_substance(one: OwnSubstance, parameters: Any) -> OwnSubstance:
    row = getattr(parameters.substances, one.key)
    return replace(one, diffusion=row.diffusion, loss=row.loss)


def _declared_cell(one: OwnCell, parameters: Any) -> OwnCell:
    row = getattr(parameters.cells, one.key)
    return replace(one, **{name: getattr(row, field) for name, field in _CELL.items()})


def _declared_rule(one: Rule, parameters: Any) -> Rule:
    row = getattr(parameters.rules, one.name)
    return replace(one, **{name: getattr(row, name) for name in _set_in(one)})


def _set_in(rule: Rule) -> Sequence[str]:
    """The numbers of a rule that are parameters."""
    return (
        "without", "to", "half",
        *(["power"] if rule.form == "hill" else []),
        *(["second_half", "second_power"] if rule.second else []),
    )  # fmt: skip
