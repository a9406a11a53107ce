"""The address of a run stands for everything that a scenario says."""

from dataclasses import fields, replace

import pytest

from abm.core.own_function import OwnFunction
from abm.core.own_laws import OwnLaw
from abm.core.quantity import declared
from abm.runs.identity import run_id
from abm.scenario.change import Change
from abm.scenario.hypothesis.declared import OwnCell, OwnSubstance, Rule
from abm.scenario.read import load_scenario
from abm.treatments.drugs import AntiIL6
from abm.treatments.treatments import Infection

BASE = load_scenario("influenza")
OTHER = {
    "name": "other", "title": "other", "story": "other", "expect": "other", "host": "human", "virus": "SARS-CoV-2",
    "duration": 24.0, "step": 0.25, "record_every": 12.0, "snapshots": (0.0,), "layout": "sheet", "layout_seed": 2,
    "width": 80.0, "height": 80.0, "infections": (Infection(dose=1.0000001),), "treatments": (AntiIL6("MP5-20F3"),),
    "parameters": BASE.parameters._replace(dormancy=BASE.parameters.dormancy._replace(awakening=0.2000000001)),
    "changes": (Change("dormancy.awakening", 0.02, 24.0),),
    "substances": (OwnSubstance("X", 10.0),), "cells": (OwnCell("Y", "fibroblast", 1.0, 0.0, 0.01, 1.0),),
    "rules": (Rule("z", "neutrophil", "IL-6", "speed", "raises", 0.0, 1.0, 1.0),),
    "laws": (OwnLaw("return_rate", "abm.rules.dormancy", OwnFunction("f", "def f(signal, p):\n    return 0.0", ())),),
}  # fmt: skip


@pytest.mark.parametrize("field", [item.name for item in fields(BASE)])
def test_another_value_of_a_field_is_another_address(field):
    assert run_id(replace(BASE, **{field: OTHER[field]}), 1) != run_id(BASE, 1)


def test_the_least_change_of_any_parameter_is_another_address():
    names = [item.name for item in declared(BASE.parameters)]
    values = {item.name: item.value for item in declared(BASE.parameters)}
    nudged = [BASE.with_parameters({name: _nudged(name, values[name])}) for name in names]
    addresses = {run_id(replace(one, expect=BASE.expect), 1) for one in nudged}
    assert len(addresses) == len(names)
    assert run_id(BASE, 1) not in addresses


def _nudged(name, value):
    """A value next to this one, within the range."""
    quantity = next(item.quantity for item in declared(BASE.parameters) if item.name == name)
    up = value * (1.0 + 1e-12) or 1e-12
    return up if up <= quantity.high else value * (1.0 - 1e-12)
