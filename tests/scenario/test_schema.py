"""The JSON Schema of scenario files: it accepts what Embers accepts, and marks the faults that an editor can know."""

import json
import tomllib

import jsonschema
import pytest
from typer.testing import CliRunner

from abm.cli.main import app
from abm.core.quantity import Quantity, declared
from abm.rules.parameters import Parameters
from abm.scenario.catalog import scenario_names, scenarios_folder
from abm.scenario.errors import ScenarioError
from abm.scenario.read import load_scenario, read_scenario
from abm.scenario.schema import scenario_schema
from abm.scenario.toml.unit_pattern import pattern_of
from abm.scenario.toml.units import UnitError, to_number
from abm.scenario.write import write_scenario

SCHEMA = scenario_schema()
CHECKER = jsonschema.Draft4Validator(SCHEMA)
FILES = sorted([*scenarios_folder().glob("*.toml"), *scenarios_folder().glob("hypotheses/*.toml")])


def faults(text):
    return [error.message for error in CHECKER.iter_errors(tomllib.loads(text))]


def test_it_is_a_schema_of_the_draft_that_it_names():
    jsonschema.Draft4Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert len(json.dumps(SCHEMA)) < 200_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_packaged_scenario_is_valid(path):
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_with_all_defaults_written_out_is_valid(name):
    assert faults(write_scenario(load_scenario(name))) == []


def test_it_knows_every_parameter_with_its_meaning_and_range():
    for item in declared(Parameters()):
        entry = SCHEMA["properties"]["parameters"]
        for part in item.name.split("."):
            entry = entry["properties"][part]
        assert entry["description"].startswith(f"{item.quantity.meaning}: {item.quantity.low:g} to")


ENTRY = '[[treatment]]\ntype = "anti-IL-6"\ndrug = "MP5-20F3"\n'
RULE = '[[rule]]\ncell = "dormant cancer cell"\nsignal = "IL-6"\nraises = "awakening"\nto = "0.02 /h"\n'
PLANTED = {
    "unknown key": 'durration = "3 d"',
    "unknown parameter": '[parameters.dormancy]\nawakning = "0.02 /h"',
    "unknown group": "[parameters.dormansy]\nx = 1",
    "number without its unit": "duration = 3",
    "unit of something else": 'duration = "3 um"',
    "length for a time": '[section]\nwidth = "2 days"',
    "unknown unit": '[parameters.dormancy]\nawakening = "0.02 /hrz"',
    "no number": 'step = "ten minutes"',
    "text for a pure number": '[[infection]]\ndose = "much"',
    "pure number out of range": "[[infection]]\ndose = 5000",
    "unknown virus": 'virus = "ebola"',
    "unknown host": 'host = "zebrafish"',
    "unknown layout": '[section]\nlayout = "lungs"',
    "layout seed that is no whole number": "[section]\nlayout_seed = 1.5",
    "unknown type of treatment": '[[treatment]]\ntype = "anti-IL-7"',
    "drug of another type": ENTRY.replace("MP5-20F3", "ruxolitinib"),
    "no drug": '[[treatment]]\ntype = "anti-IL-6"',
    "key of another type of treatment": f"{ENTRY}efficacy = 0.9",
    "unknown cells": '[[treatment]]\ntype = "depletion"\ncells = "CD19"',
    "change of nothing": '[[change]]\nvalue = "0.02 /h"',
    "rule that raises and lowers": f'{RULE}lowers = "death"\nhalf = "1 ng/mL"',
    "rule without a response": RULE,
    "unknown form": f'{RULE}half = "1 ng/mL"\nform = "bell"',
    "substance without its mass": '[substance.X]\nloss = "1 /h"',
    "one table for a list": '[infection]\ntime = "1 d"',
    "function of Python": '[[law]]\nname = "return_rate"',
}


@pytest.mark.parametrize("text", PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_marked_and_is_one_for_embers_too(text):
    assert faults(text) != []
    with pytest.raises(ScenarioError):
        read_scenario("mine.toml", text)


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("h", "3 days"), ("h", "1.5e1 Hours"), ("h", "2wk"), ("h", "10 minutes"), ("um", "2 mm"), ("um", "5 µm"),
        ("1/h", "0.02 /h"), ("1/h", "0.02 per hour"), ("1/h", "2 d^-1"), ("1/h", "1/h"), ("um^2/h", "20 um²/s"),
        ("cell/mm^2", "3 cells/mm^2"), ("cell/mm^2/h", "1 cell/(mm^2 d)"), ("ng/mL", "200 pg/ml"),
        ("molecules/cell/s", "5 molecules per cell per s"), ("kDa", "31 kDa"), ("mg", "0.5 mg"), ("cell", "10 Cells"),
    ],
)  # fmt: skip
def test_what_embers_reads_is_no_fault_in_the_editor(unit, text):
    try:
        to_number(text, Quantity("x", unit, 0.0, 1e12, "test"))
        is_read = True
    except UnitError:
        is_read = False
    assert bool(jsonschema.Draft4Validator({"pattern": pattern_of(unit)}).is_valid(text)) is is_read


def test_the_command_prints_it():
    ended = CliRunner().invoke(app, ["describe", "--schema"])
    assert ended.exit_code == 0
    assert json.loads(ended.output) == SCHEMA
    assert CliRunner().invoke(app, ["describe", "dose", "--schema"]).exit_code == 2
