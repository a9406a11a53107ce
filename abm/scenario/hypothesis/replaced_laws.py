"""Parameters as a run uses them: those of built-in laws that rules replace are 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.rules.own.replaceable import REPLACEABLE

if TYPE_CHECKING:
    from abm.rules.parameters import Parameters
    from abm.scenario.scenario import Scenario


def replaced_laws(scenario: Scenario) -> dict[str, str]:
    """The built-in laws that rules of a scenario take the place of, with the name of the rule."""
    return {rule.replaces: rule.name for rule in scenario.rules if rule.on and rule.replaces}


def parameters_in_use(parameters: Parameters, scenario: Scenario) -> Parameters:
    """The parameters of a scenario with the laws that its rules replace switched off."""
    used: Any = parameters
    for law in replaced_laws(scenario):
        for name in REPLACEABLE[law]:
            used = _put(used, name.split("."))
    return used


def _put(group: Any, path: list[str]) -> Any:
    """The group with the number at this path at 0, whether or not it is a parameter."""
    head, *rest = path
    return group._replace(**{head: _put(getattr(group, head), rest) if rest else 0.0})
