"""What the controls show of the views: scenarios, infections, treatments, what was changed, what waits for a reset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from abm.core.quantity import declared, quantities
from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.naming import LETTERS
from abm.dashboard.content.own import declarations, own_of
from abm.dashboard.content.quantities import quantity_facts, values_of
from abm.dashboard.content.recipe import scenarios_for
from abm.dashboard.live.stage import Stage
from abm.plots.palette import arm_styles, hexadecimal
from abm.rules.parameters import Parameters
from abm.scenario.change import READ_AT_START
from abm.scenario.errors import ScenarioError
from abm.scenario.prediction import is_prediction
from abm.scenario.scenario import Scenario
from abm.treatments.drugs import RepeatedDoses
from abm.treatments.times import ALWAYS
from abm.treatments.treatments import Treatment

Say = dict[str, Any]


def describe(stage: Stage, pending: Sequence[tuple[int, Mapping[str, Any]]]) -> Say:
    """The recipe as it is, and each arm as people see it; rules as they will be after what waits for a reset."""
    recipe = stage.recipe
    wanted = _after_reset(stage, pending) if pending else stage.scenarios
    keys = [f"{number}" for number in range(len(recipe.arms))]
    names = [arm.base for arm in recipe.arms]
    unique = [name if names.count(name) == 1 else f"{name} {key}" for name, key in zip(names, keys, strict=True)]
    styles = arm_styles(unique)
    return {
        "recipe": recipe.plain(),
        "masked": bool(recipe.mask),
        "pending": [[number, dict(edit)] for number, edit in pending],
        "arms": [
            _arm(scenario)
            | {"letter": letter, "base": arm.base, "edited": bool(arm.edits), "called": arm.title}
            | {"color": hexadecimal(styles[key].color), "dashed": styles[key].dashed}
            | {"own": own_of(scenario), "declared": declarations(later)}
            for letter, scenario, later, key, arm in zip(
                LETTERS, stage.scenarios, wanted, unique, recipe.arms, strict=False
            )
        ],
    }


def _after_reset(stage: Stage, pending: Sequence[tuple[int, Mapping[str, Any]]]) -> list[Scenario]:
    """The scenarios with what waits for a reset; without it where it does not fit any more, as the reset will say."""
    try:
        return scenarios_for(stage.recipe.with_waiting(pending))
    except (RecipeError, ScenarioError):
        return stage.scenarios


def _arm(scenario: Scenario) -> Say:
    defaults = {item.name: item.value for item in declared(scenario.usual_parameters())}
    own = values_of(scenario)
    return {
        "name": scenario.name,
        "title": scenario.title or scenario.name,
        "story": scenario.story,
        "expect": scenario.expect.removesuffix(" A prediction."),
        "prediction": is_prediction(scenario),
        "host": scenario.host,
        "virus": scenario.virus,
        "infections": [
            {"time": one.time, "dose": one.dose, "virus": one.virus or scenario.virus} for one in scenario.infections
        ],
        "treatments": [_treatment(one) for one in scenario.treatments],
        "changes": [{"parameter": one.parameter, "value": one.value, "time": one.time} for one in scenario.changes],
        "parameters": {name: value for name, value in own.items() if value != defaults.get(name)},
    }


def _treatment(treatment: Treatment) -> Say:
    """A treatment by its fields; hours, and no end where it goes on."""
    told: Say = {"type": treatment.type}
    for item in fields(treatment):
        value = getattr(treatment, item.name)
        told[item.name] = None if item.name == "stop" and value == ALWAYS else value
    return told


def forms() -> Say:
    """What can be said of an infection and of each type of treatment, with unit, range, meaning and source."""
    from abm.treatments.treatments import DEPLETABLE, TREATMENTS, Infection

    return {
        "infection": _fields(Infection),
        "treatments": {
            name: {
                "fields": _fields(kind),
                "drugs": {
                    drug: {"host": told.binds, "virus": told.acts_on, "dose": told.usual_dose,
                           "every": told.usual_interval}
                    for drug, told in kind.LIBRARY.items()
                } if issubclass(kind, RepeatedDoses) else {},
                "cells": list(DEPLETABLE) if any(item.name == "cells" for item in fields(kind)) else [],
            }
            for name, kind in TREATMENTS.items()
        },
    }  # fmt: skip


def parameters() -> list[Say]:
    """Every parameter: name, default, unit, range, meaning, source (with links), confidence."""
    return [
        {"name": item.name, "value": item.value, "atStart": item.name in READ_AT_START, **quantity_facts(item.quantity)}
        for item in declared(Parameters())
    ]


def _fields(group: type) -> Say:
    return {name: quantity_facts(quantity) for name, quantity in quantities(group).items()}
