"""What the page is told of rules, substances and cells of a scenario."""

import pytest

from abm.dashboard.content.charts import CHARTS
from abm.dashboard.content.edits import with_edits
from abm.dashboard.content.facts import facts
from abm.dashboard.content.own import declarations, own_of
from abm.dashboard.content.recipe import Recipe, RecipeArm, scenario_for
from abm.model.measures import MEASURES, own_measures
from abm.scenario.catalog import hypothesis_paths
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario
from abm.studies.rules import rules_of

HYPOTHESES = [name for name in hypothesis_paths() if name != "il6"]  # that one has no rules


def arm(name: str, *edits: dict) -> Scenario:
    return scenario_for(Recipe((RecipeArm(name, edits=with_edits((), edits)),)), 0)


@pytest.mark.parametrize("name", HYPOTHESES)
def test_every_rule_has_the_sentence_that_the_command_prints(name: str) -> None:
    scenario = arm(name)
    printed = [line.strip() for line in rules_of(scenario).text().splitlines()]
    rules = declarations(scenario)["rules"]
    assert len(rules) == len(scenario.rules)
    for rule in rules:
        listed = printed[printed.index(f"rules.{rule['name']}") + 1] if not rule["whyNot"] else None
        assert rule["sentences"] == [listed] if listed else rule["whyNot"] in " ".join(printed)


def test_a_change_during_the_run_is_told_with_its_day() -> None:
    entry = {"parameter": "rules.awakening_by_il17a.to", "value": "0.05 /h", "time": "72 h"}
    rule = declarations(arm("il17a", {"op": "add", "list": "change", "entry": entry}))["rules"][1]
    assert [text[:13] for text in rule["sentences"]] == ["The awakening", "From 3 d on: "]
    assert "to 0.05 /h" in rule["sentences"][1]
    assert {number["key"]: number["value"] for number in rule["numbers"]}["to"] == 0.05


def test_numbers_have_the_keys_units_and_ranges_of_a_file() -> None:
    drug = declarations(arm("il6_trans_signalling"))["rules"][2]
    told = {number["key"]: (number["value"], number["unit"], number["allowed"]) for number in drug["numbers"]}
    assert told == {
        "from": (1.0, "-fold", "0 to 1000"), "to": (0.02, "-fold", "0 to 1000"), "half": (0.2, "", "0.001 to 1"),
        "power": (1.0, "", "0.5 to 10"),
    }  # fmt: skip
    assert drug["whyNot"] == "no treatment gives the drug sgp130Fc"
    both = declarations(arm("il6_trans_signalling"))["rules"][1]
    assert {"and_half", "and_power"} <= {number["key"] for number in both["numbers"]}
    assert both["replaces"] == "il6_awakening_rate"


def test_every_number_that_is_shown_can_be_put_back_as_it_is() -> None:
    for name in HYPOTHESES:
        scenario = arm(name)
        for at, rule in enumerate(declarations(scenario)["rules"]):
            for number in rule["numbers"]:
                text = f"{number['value']}{'' if number['unit'].startswith('-') else ' '}{number['unit']}"
                value = text if number["unit"] else number["value"]
                edit = {"op": "put", "list": "rule", "at": at, "key": number["key"], "value": value}
                assert arm(name, edit) == scenario, (name, number["name"])


def test_a_rule_that_is_off_says_so() -> None:
    rule = declarations(arm("il17a", {"op": "put", "list": "rule", "at": 0, "key": "on", "value": False}))["rules"][0]
    assert (rule["on"], rule["whyNot"]) == (False, "it is switched off (on = false)")


def test_curves_and_cells_have_the_names_of_measures_and_charts_of_the_page() -> None:
    scenario = (
        load_scenario("influenza")
        .with_substance("IL-17A", molar_mass="31 kDa")
        .with_cell("mast cell", like="fibroblast")
    )
    own = own_of(scenario)
    assert own["cells"] == ["mast cell"]
    assert [one["name"] for one in own["curves"]] == list(own_measures(scenario)) == ["il_17a", "mast_cell"]
    assert [one["title"] for one in own["curves"]] == ["IL-17A", "mast cell"]
    assert {one["chart"] for one in own["curves"]} <= {chart.title for chart in CHARTS}
    assert not {one["name"] for one in own["curves"]} & set(MEASURES)


def test_a_scenario_without_rules_has_none_to_show() -> None:
    assert declarations(load_scenario("influenza")) == {"text": "", "rules": []}
    assert own_of(load_scenario("influenza")) == {"cells": [], "drugs": [], "curves": [], "overlays": {}}


def test_drugs_of_rules_are_offered() -> None:
    assert own_of(arm("il6_trans_signalling"))["drugs"] == ["sgp130Fc"]


def test_hypotheses_are_in_the_menu_and_the_example_can_be_applied() -> None:
    scenarios, rivals = facts()["menu"]
    assert {item["name"] for item in rivals["scenarios"]} == set(hypothesis_paths())
    assert not {item["name"] for item in scenarios["scenarios"]} & set(hypothesis_paths())
    assert all(item["title"] and item["story"] for item in rivals["scenarios"])
    assert arm("no_virus", {"op": "own", "text": facts()["ownExample"]}).rules == arm("il17a").rules
