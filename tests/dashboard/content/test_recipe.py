import time
from pathlib import Path

import pytest

from abm import LungModel
from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import TYPICAL_SEED, Recipe, RecipeArm, recipe_of, scenario_for, scenarios_for
from abm.scenario.errors import ScenarioError
from abm.treatments.drugs import AntiIL6
from abm.treatments.treatments import Depletion, Infection


def influenza(*edits: dict) -> Recipe:
    return Recipe((RecipeArm("influenza", edits=edits),))


def test_the_usual_views_are_four_twins_of_28_days() -> None:
    scenarios = scenarios_for(Recipe())
    assert [one.name for one in scenarios] == ["no_virus", "influenza", "influenza_blockade", "late_blockade"]
    assert {one.duration for one in scenarios} == {672.0}


def test_a_recipe_survives_the_way_to_the_browser_and_back() -> None:
    edit = {"op": "set", "key": "parameters.dormancy.cycle_time", "value": "24 h"}
    recipe = Recipe((RecipeArm("influenza", edits=(edit,)), RecipeArm("no_virus")), seed=7, side=1000, days=10)
    assert recipe_of(recipe.plain()) == recipe


def test_a_treatment_is_added_changed_and_dropped() -> None:
    entry = {"type": "anti-IL-6", "drug": "MP5-20F3", "start": "223.2 h"}
    add = {"op": "add", "list": "treatment", "entry": entry}
    stop = {"op": "put", "list": "treatment", "at": 0, "key": "stop", "value": "12 d"}
    assert scenario_for(influenza(add), 0).treatments == (AntiIL6("MP5-20F3", 223.2),)
    assert scenario_for(influenza(add, stop), 0).treatments == (AntiIL6("MP5-20F3", 223.2, 288.0),)
    assert scenario_for(influenza(add, {"op": "drop", "list": "treatment", "at": 0}), 0).treatments == ()


def test_virus_infections_and_parameters_are_set() -> None:
    dose = {"op": "put", "list": "infection", "at": 0, "key": "dose", "value": 3.0}
    virus = {"op": "set", "key": "virus", "value": "SARS-CoV-2"}
    cycle = {"op": "set", "key": "parameters.dormancy.cycle_time", "value": "24 h"}
    scenario = scenario_for(influenza(dose, virus, cycle), 0)
    assert scenario.infections == (Infection(0.0, 3.0),)
    assert scenario.virus == "SARS-CoV-2"
    assert scenario.parameters.dormancy.cycle_time == 24.0


def test_one_recipe_does_not_change_what_another_reads() -> None:
    add = {"op": "add", "list": "treatment", "entry": {"type": "depletion", "cells": "CD8"}}
    assert scenario_for(influenza(add), 0).treatments == (Depletion("CD8"),)
    assert scenario_for(influenza(), 0).treatments == ()


def test_the_text_of_a_file_is_a_scenario_and_may_extend_a_packaged_one() -> None:
    text = 'extends = "influenza"\ntitle = "Mine"\n[parameters.dormancy]\ncycle_time = "24 h"\n'
    scenario = scenario_for(Recipe((RecipeArm("mine.toml", text),)), 0)
    assert (scenario.name, scenario.title, len(scenario.infections)) == ("mine", "Mine", 1)


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        ({"seed": "abc"}, 'seed: "abc" must be a whole number'),
        ({"seed": -1}, "must be a whole number"),
        ({"seed": True}, "must be a whole number"),
        ({"side": 100_000}, "from 400 to 5000 um"),
        ({"side": 1010}, "must be a multiple of 40 um, such as 1000 um"),
        ({"days": 0}, "from 1 to 120 days"),
        ({"arms": []}, "0 views"),
        ({"arms": ["influenza"] * 5}, "one to 4"),
        ({"arms": "influenza"}, "does not understand"),
        ({"arms": [{}]}, "needs the name of a scenario"),
        ({"arms": [{"base": "influenza", "edits": [1]}]}, "must be a list"),
        ({"arms": [{"base": "influenza", "edits": [{}] * 100}]}, "at most 60"),
        ("nonsense", "does not understand"),
    ],
)
def test_what_is_no_recipe_is_refused_with_a_reason(plain: object, told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        recipe_of(plain)


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"op": "drop", "list": "treatment", "at": 3},
        {"op": "add", "list": "section", "entry": {}},
        {"op": "add", "list": "treatment", "entry": 5},
        {"op": "set", "key": "title.deeper", "value": 1},
        {"op": "explode", "list": "treatment"},
    ],
)
def test_an_edit_that_means_nothing_is_refused(edit: dict) -> None:
    with pytest.raises(RecipeError, match="does not fit"):
        scenario_for(influenza(edit), 0)


def test_an_edit_out_of_range_names_value_and_range() -> None:
    edit = {"op": "set", "key": "parameters.dormancy.cycle_time", "value": "1 h"}
    with pytest.raises(ScenarioError, match=r"cycle_time.*1 h.*12 to 30 h"):
        scenario_for(influenza(edit), 0)


@pytest.mark.parametrize("text", ['extends = "../secret.toml"', '[section]\nlayout = "/etc/map.png"'])
def test_an_upload_cannot_name_other_files(text: str) -> None:
    with pytest.raises(ValueError, match="names another file"):
        scenario_for(Recipe((RecipeArm("mine.toml", text),)), 0)


@pytest.mark.parametrize(
    "edit",
    [
        {"op": "set", "key": "section.layout", "value": "/any/map.png"},
        {"op": "set", "key": "section", "value": {"layout": "../map.png"}},
        {"op": "set", "key": "extends", "value": "../secret.toml"},
        {"op": "set", "key": "parameters", "value": {}},
        {"op": "set", "key": "parameters.dormancy.cycle_time.deeper", "value": 1},
        {"op": "set", "key": "title", "value": "Another"},
    ],
)
def test_a_link_or_order_sets_no_key_but_those_it_may(edit: dict) -> None:
    linked = recipe_of({"arms": [{"base": "influenza", "edits": [edit]}]})
    with pytest.raises(RecipeError, match="does not fit"):
        scenario_for(linked, 0)


def test_the_finished_table_names_no_file_but_the_map_that_was_uploaded(tmp_path: Path) -> None:
    map_of_server = tmp_path / "map.png"
    map_of_server.write_bytes(b"not read")
    text = f"extends = \"influenza\"\n[section]\nlayout = '{map_of_server}'\n"
    with pytest.raises(RecipeError, match=r"section\.layout can be lung or sheet here"):
        scenario_for(Recipe((RecipeArm("mine.toml", text),)), 0)


def test_a_change_that_is_nested_deeply_is_refused() -> None:
    value: list = []
    for _ in range(400):
        value = [value]
    edit = {"op": "set", "key": "parameters.dormancy.cycle_time", "value": value}
    with pytest.raises(RecipeError, match="nested more than 8 levels"):
        recipe_of({"arms": [{"base": "influenza", "edits": [edit]}]})


def test_a_file_of_a_hundred_thousand_dots_is_refused_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(ScenarioError, match=r"line 1.*nested too deeply"):
        scenario_for(Recipe((RecipeArm("mine.toml", "a." * 49_000 + "b = 1"),)), 0)
    assert time.monotonic() - began < 5


def test_a_value_of_an_upload_that_is_refused_names_its_line() -> None:
    text = 'extends = "influenza"\n[parameters.dormancy]\ncycle_time = "1 h"\n'
    with pytest.raises(ScenarioError, match=r"^mine.toml, line 3: .*cycle_time.*1 h.*12 to 30 h"):
        scenario_for(Recipe((RecipeArm("mine.toml", text),)), 0)


def test_the_usual_seed_is_a_typical_one() -> None:
    """Within a fifth of the median of 64 seeds: else `python benchmarks/default_seed.py` finds another one."""
    model = LungModel(scenario_for(Recipe((RecipeArm("influenza"),)), 0), seed=TYPICAL_SEED)
    model.run_until(15 * 144)
    assert model.measure("cells_per_seeded") == pytest.approx(430, rel=0.2)


def test_a_broken_upload_names_the_line() -> None:
    with pytest.raises(ScenarioError, match="line 2"):
        scenario_for(Recipe((RecipeArm("mine.toml", 'title = "x"\nstep = = 3\n'),)), 0)


def test_an_upload_that_is_too_large_is_refused() -> None:
    with pytest.raises(RecipeError, match="larger than"):
        scenario_for(Recipe((RecipeArm("mine.toml", "#" * 100_001),)), 0)


def test_scenarios_of_different_steps_share_no_clock() -> None:
    finer = {"op": "set", "key": "step", "value": "5 min"}
    with pytest.raises(RecipeError, match="clock"):
        scenarios_for(Recipe((RecipeArm("influenza", edits=(finer,)), RecipeArm("no_virus"))))
