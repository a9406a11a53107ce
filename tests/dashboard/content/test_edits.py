"""Edits of an arm, above all those of rules, substances and cells, which may come from strangers."""

from pathlib import Path

import pytest

from abm.dashboard.content.edits import LARGEST_OWN, RecipeError, with_edits
from abm.dashboard.content.own import declarations
from abm.dashboard.content.recipe import Recipe, RecipeArm, recipe_of, scenario_for
from abm.scenario.errors import ScenarioError
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario

ONE = """[cell."mast cell"]
like = "fibroblast"

[[rule]]
cell = "dormant cancer cell"
signal = "mast cell within 50 um"
raises = "awakening"
to = "0.02 /h"
half = "1 cell"
"""
OWN = {"op": "own", "text": ONE}


def made(base: str, *edits: dict, text: str = "") -> Scenario:
    return scenario_for(recipe_of({"arms": [{"base": base, "text": text, "edits": list(edits)}]}), 0)


def put(at: int, key: str, value: object) -> dict:
    return {"op": "put", "list": "rule", "at": at, "key": key, "value": value}


@pytest.mark.parametrize("name", ["il17a", "il6_trans_signalling", "interferon_barrier", "macrophage_hold", "nets"])
def test_the_text_of_a_hypothesis_makes_another_arm_declare_the_same(name: str) -> None:
    whole = made(name)
    copied = made("influenza", {"op": "own", "text": declarations(whole)["text"]})
    assert (copied.substances, copied.cells, copied.rules) == (whole.substances, whole.cells, whole.rules)
    assert copied.parameters.rules == whole.parameters.rules


def test_a_text_takes_the_place_of_all_that_was_declared() -> None:
    scenario = made("il17a", OWN)
    assert [cell.title for cell in scenario.cells] == ["mast cell"]
    assert [rule.to for rule in scenario.rules] == [0.02]
    assert not scenario.substances
    assert made("il17a", {"op": "own", "text": ""}).rules == ()


def test_a_rule_is_switched_off_and_on_and_its_numbers_are_set_as_in_a_file() -> None:
    off = made("il17a", put(1, "on", False))
    assert [rule.on for rule in off.rules] == [True, False]
    assert made("il17a", put(1, "on", False), put(1, "on", True)) == made("il17a")
    assert made("il17a", put(1, "half", "300 pg/mL")).rules[1].half == pytest.approx(0.3)
    assert made("il17a", {"op": "drop", "list": "rule", "at": 1}).rules == made("il17a").rules[:1]


def test_a_wrong_number_names_rule_key_value_and_range() -> None:
    with pytest.raises(ScenarioError, match=r'^il17a: rule 2: to = "7 /h": is out of range.*allowed: 0 to 1 /h$'):
        made("il17a", put(1, "to", "7 /h"))


def test_a_fault_in_a_text_names_its_line() -> None:
    with pytest.raises(ScenarioError, match=r'^rules, line 8: rule 1: to = "7 /h": is out of range'):
        made("il17a", {"op": "own", "text": ONE.replace("0.02", "7")})
    with pytest.raises(ScenarioError, match=r"^rules, line 2: is not valid TOML"):
        made("il17a", {"op": "own", "text": "[[rule]]\ncell = = 1\n"})


def test_what_is_wrong_with_a_later_change_names_no_line_of_the_text() -> None:
    with pytest.raises(ScenarioError, match=r"^influenza: rule 1: to"):
        made("influenza", OWN, put(0, "to", "7 /h"))


@pytest.mark.parametrize(
    "line",
    [
        'extends = "influenza"',
        'extends = "../secret.toml"',
        'section = { layout = "/etc/map.png" }',
        'title = "Another"',
        'parameters = { dormancy = { cycle_time = "24 h" } }',
        'treatment = [{ type = "vaccination" }]',
    ],
)
def test_a_text_can_hold_nothing_but_substances_cells_and_rules(line: str) -> None:
    with pytest.raises(ScenarioError, match=r"rules, line 1: ") as caught:
        made("influenza", {"op": "own", "text": f"{line}\n{ONE}"})
    assert str(Path(__file__).resolve().parents[3]) not in str(caught.value)


def test_a_text_that_is_too_large_or_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ScenarioError, match="larger than 20,000 bytes"):
        made("influenza", {"op": "own", "text": "#" * (LARGEST_OWN + 1)})
    with pytest.raises(ScenarioError, match=r"line 1.*nested too deeply"):
        made("influenza", {"op": "own", "text": "a." * 9_000 + "b = 1"})


@pytest.mark.parametrize(
    "edit",
    [{"op": "own"}, {"op": "own", "text": 5}, put(7, "on", False), put(0, "on", False), {"op": "add", "list": "rule"}],
)
def test_an_edit_of_rules_that_means_nothing_is_refused(edit: dict) -> None:
    with pytest.raises(RecipeError, match="does not fit"):
        made("influenza", edit)


def test_numbers_of_the_parameters_do_not_win_over_those_of_a_text() -> None:
    file = (
        'extends = "influenza"\n[substance."IL-17A"]\nmolar_mass = "31 kDa"\n[[rule]]\nname = "one"\n'
        'cell = "CD4 T cell"\nsignal = "IL-6"\nraises = "secretion of IL-17A"\nto = "5 molecules/cell/s"\n'
        'half = "0.2 ng/mL"\n[parameters.rules.one]\nto = "9 molecules/cell/s"\n'
        '[parameters.substances.il_17a]\nloss = "2 /h"\n'
    )
    before = made("mine.toml", text=file)
    assert (before.rules[0].to, before.substances[0].loss) == (9.0, 2.0)
    text = declarations(before)["text"].replace("9.0", "4.0").replace('"2.0 /h"', '"3 /h"')
    after = made("mine.toml", {"op": "own", "text": text}, text=file)
    assert (after.rules[0].to, after.substances[0].loss) == (4.0, 3.0)


def test_a_text_leaves_out_earlier_edits_of_rules_and_no_others() -> None:
    dose = {"op": "put", "list": "infection", "at": 0, "key": "dose", "value": 2.0}
    kept = with_edits((OWN, dose, put(0, "to", "0.01 /h")), ({"op": "own", "text": ""}, put(0, "on", False)))
    assert kept == (dose, {"op": "own", "text": ""}, put(0, "on", False))


def test_a_hypothesis_is_a_base_by_its_name_and_no_path_is() -> None:
    whole, packaged = made("il17a"), load_scenario("influenza")
    assert (whole.name, len(whole.rules), whole.infections) == ("il17a", 2, packaged.infections)
    for name in ("hypotheses/il17a", "../hypotheses/il17a", "scenarios/hypotheses/il17a.toml"):
        with pytest.raises(ScenarioError, match="there is no scenario of this name"):
            scenario_for(Recipe((RecipeArm(name),)), 0)


def test_parameters_of_substances_and_cells_are_set_as_well() -> None:
    edit = {"op": "set", "key": "parameters.substances.il6.loss", "value": "0.9 /h"}
    assert made("influenza", edit).parameters.substances.il6.loss == 0.9
