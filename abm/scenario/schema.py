"""JSON Schema of scenario files, written from the declarations, for completion and checks in an editor.

Draft 4, since editors of TOML support no later one in full. It knows keys, types, units and names; ranges of quantities
with a unit, and what must hold between values, are checked by Embers itself.
"""

from __future__ import annotations

import re
from typing import Any

from abm.core.quantity import Quantity, declared, fields_of, quantities
from abm.rules.infection import VIRUSES
from abm.rules.own.replaceable import REPLACEABLE
from abm.rules.parameters import Parameters
from abm.scenario.change import Change
from abm.scenario.check import HOSTS, LAYOUTS, SNAPSHOT, VIRUS_NAMES
from abm.scenario.hypothesis.declared import CONFIDENCES, FORMS, LIKE, POWER, OwnCell, OwnSubstance
from abm.scenario.scenario import Scenario
from abm.scenario.toml.unit_pattern import NUMBER, PERCENT, pattern_of
from abm.scenario.toml.units import allowed_range
from abm.treatments.drugs import OwnDrugGiven, RepeatedDoses
from abm.treatments.treatments import DEPLETABLE, TREATMENTS, Depletion, Infection, Transfer, Vaccination

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-04/schema#"
OWN = ("substances", "cells", "rules")  # groups of parameters that a scenario may add names to
_TEXT: Schema = {"type": "string"}


def scenario_schema() -> Schema:
    """The schema of a scenario file (JSON Schema, draft 4), as plain data."""
    sides = ("width", "height")
    own = quantities(Scenario)
    top: Schema = {
        "extends": _TEXT | {"description": "packaged scenario, or .toml file beside this one, to take over"},
        "title": _TEXT | {"description": "label in figures"},
        "story": _TEXT | {"description": "what happens, for people"},
        "expect": _TEXT | {"description": "what is expected, and whether it is a prediction"},
        "host": _one_of(HOSTS, "host"),
        "virus": _one_of(VIRUS_NAMES, "virus of the scenario"),
        **{name: _quantity(one) for name, one in own.items() if name not in sides},
        "snapshots": {"type": "array", "items": _quantity(SNAPSHOT), "description": "times of snapshots, rising"},
        "section": _section({name: own[name] for name in sides}),
        "infection": _list(_table(_numbers(Infection) | {"virus": _virus()})),
        "treatment": _list({"oneOf": [_treatment(name, kind) for name, kind in TREATMENTS.items()]}),
        "change": _list(_change()),
        "parameters": _group(_every_parameter()),
        "substance": _by_name(_table(_numbers(OwnSubstance) | _evidence(), ["molar_mass"])),
        "cell": _by_name(_table(_numbers(OwnCell) | {"like": _one_of(LIKE, "built-in type")} | _evidence(), ["like"])),
        "rule": _list(_rule()),
    }
    units = sorted({item.quantity.unit for item in declared(_every_parameter())} | _units_beside_parameters())
    written = {_key(unit): {"type": "string", "pattern": pattern_of(unit)} for unit in units if unit}
    return {"$schema": DRAFT, "title": "Embers scenario", "definitions": written, **_table(top)}


def _units_beside_parameters() -> set[str]:
    groups = (Scenario, Infection, Change, OwnSubstance, OwnCell, *TREATMENTS.values())
    return {SNAPSHOT.unit, *(one.unit for group in groups for one in quantities(group).values())}


def _key(unit: str) -> str:
    """A unit as the name of a definition."""
    return re.sub(r"[^A-Za-z0-9]+", "_", unit)


def _every_parameter() -> Parameters:
    """Parameters with those of a second virus."""
    return Parameters(second_virus=next(iter(VIRUSES.values())))


def _quantity(quantity: Quantity) -> Schema:
    """A number: with its unit as text, or bare where it has none."""
    about = f"{quantity.meaning}: {allowed_range(quantity)} ({quantity.confidence})"
    if quantity.unit:
        return {"allOf": [{"$ref": f"#/definitions/{_key(quantity.unit)}"}], "description": about}
    number = {"type": "number", "minimum": quantity.low, "maximum": quantity.high}
    return {"anyOf": [number, {"type": "string", "pattern": PERCENT}], "description": about}


def _numbers(group: type) -> Schema:
    """The declared quantities of a class, by field."""
    return {name: _quantity(one) for name, one in quantities(group).items()}


def _group(parameters: Any, own: Any = None) -> Schema:
    """A (nested) group of parameters."""
    found = {
        name: _group(value, within) if quantity is None else _quantity(quantity)
        for name, value, quantity, within in fields_of(parameters, own)
    }
    table = _table(found | ({"rules": {"type": "object"}} if isinstance(parameters, Parameters) else {}))
    if isinstance(parameters, Parameters):
        for name in OWN:
            table["properties"][name]["additionalProperties"] = {"type": "object"}
    return table


def _section(sides: dict[str, Quantity]) -> Schema:
    layout = {
        "anyOf": [{"enum": list(LAYOUTS)}, {"type": "string", "pattern": r"\.[pP][nN][gG]$"}],
        "description": f"{', '.join(LAYOUTS)}, or a .png map beside this file",
    }
    seed = {"type": "integer", "minimum": 0, "description": "which section is drawn"}
    return _table({name: _quantity(one) for name, one in sides.items()} | {"layout": layout, "layout_seed": seed})


def _treatment(name: str, kind: type) -> Schema:
    """The entries of one type of treatment."""
    keys: Schema = {"type": _one_of([name], "type of treatment"), **_numbers(kind)}
    needed = ["type"]
    if issubclass(kind, RepeatedDoses):
        keys["drug"] = _one_of(kind.LIBRARY, "drug, with its usual dose and interval by default")
        needed.append("drug")
    if kind is OwnDrugGiven:
        keys["drug"] = _TEXT | {"description": 'the drug of a rule: a signal "drug NAME" has the drug NAME'}
        needed.append("drug")
    if issubclass(kind, Depletion | Transfer):
        keys["cells"] = _one_of(DEPLETABLE, "type of cell")
        needed.append("cells")
    if kind is Vaccination:
        keys["virus"] = _virus()
    return _table(keys, needed)


def _change() -> Schema:
    parameter = _TEXT | {"description": "dotted name, as `embers describe` lists it, without `parameters.`"}
    value = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": rf"^\s*{NUMBER}"}]}
    return _table({"parameter": parameter, "value": value, **_numbers(Change)}, ["parameter"])


def _rule() -> Schema:
    amount = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": rf"^\s*{NUMBER}"}]}
    keys = {
        **dict.fromkeys(("name", "cell", "signal", "and"), _TEXT),
        "raises": _TEXT | {"description": "the rate that the signal raises"},
        "lowers": _TEXT | {"description": "the rate that the signal lowers"},
        "from": amount | {"description": "without the signal"},
        "to": amount | {"description": "at full response"},
        "half": amount | {"description": "signal at half of the response"},
        "and_half": amount | {"description": "second signal at half of its response"},
        "power": _quantity(POWER),
        "and_power": _quantity(POWER),
        "form": _one_of(FORMS, "form of the response"),
        "replaces": _one_of(REPLACEABLE, "built-in law that the rule takes the place of"),
        "on": {"type": "boolean", "description": "false: the rule does not act"},
    }
    either = {"oneOf": [{"required": ["raises"]}, {"required": ["lowers"]}]}
    return _table(keys | _evidence(), ["cell", "signal", "to", "half"]) | either


def _evidence() -> Schema:
    return {"source": _TEXT, "confidence": _one_of(CONFIDENCES, "evidence behind the numbers")}


def _virus() -> Schema:
    return _one_of(VIRUS_NAMES, "virus, by default that of the scenario")


def _one_of(names: Any, meaning: str) -> Schema:
    return {"enum": list(names), "description": meaning}


def _table(keys: Schema, needed: list[str] | None = None) -> Schema:
    table: Schema = {"type": "object", "properties": keys, "additionalProperties": False}
    return table | ({"required": needed} if needed else {})


def _list(entry: Schema) -> Schema:
    return {"type": "array", "items": entry}


def _by_name(entry: Schema) -> Schema:
    return {"type": "object", "additionalProperties": entry}
