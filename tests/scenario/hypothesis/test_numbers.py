"""Numbers of a user's own biology: declarations and parameters say the same, however a scenario is changed."""

import pickle
from dataclasses import replace

import pytest

import abm
from abm.core.quantity import declared, quantities, replaced
from abm.core.record import as_record
from abm.rules.own.replaceable import REPLACEABLE
from abm.rules.parameters import Parameters
from abm.scenario.errors import ScenarioError
from abm.scenario.hypothesis.declared import Rule
from abm.scenario.hypothesis.replaced_laws import parameters_in_use
from abm.scenario.read import read_scenario, write_scenario
from abm.scenario.scenario import Scenario
from abm.studies.design.target import target_of
from abm.treatments.treatments import Infection
from tests.scenario.hypothesis.made import made

MADE = 150
OWN = (
    Scenario(name="own", infections=(Infection(24.0),))
    .with_substance("IL-17A", molar_mass="31 kDa", loss="0.4 /h", source="mine")
    .with_cell("mast cell", like="fibroblast", density="5 cell/mm^2")
    .with_rule("CD4 T cell", "IL-6", raises="secretion of IL-17A", to="0.5 molecules/cell/s", half="0.5 ng/mL", power=2)
    .with_rule(
        "dormant cancer cell", "IL-17A", raises="awakening", to="0.02 /h", half="0.2 ng/mL", source="mine",
        replaces="il6_awakening_rate", confidence="measured",
    )
)  # fmt: skip


def values(scenario):
    return {item.name: item.value for item in declared(scenario.parameters)}


@pytest.mark.parametrize("first", range(0, MADE, 50))
def test_a_scenario_with_rules_reads_back_equal_and_comes_out_of_a_pickle(first):
    for seed in range(first, first + 50):
        scenario = made(seed)
        assert read_scenario("made.toml", write_scenario(scenario)) == scenario
        assert pickle.loads(pickle.dumps(scenario)) == scenario


@pytest.mark.parametrize("seed", range(20))
def test_every_rule_is_a_sentence_with_its_numbers_and_a_curve(seed):
    scenario = made(seed)
    rules = abm.rules_of(scenario)
    for rule in scenario.rules:
        law = rules.law(f"rules.{rule.name}")
        assert law.sentence[0].isupper()
        assert "{" not in law.sentence
        assert law.curve() is not None


def test_numbers_are_parameters_with_unit_range_source_and_confidence():
    known = {item.name: item for item in declared(OWN.parameters)}
    rate = known["rules.rule_2.to"]
    assert (rate.value, rate.quantity.unit, rate.quantity.source) == (0.02, "1/h", "mine")
    assert rate.quantity.confidence == "measured"
    assert known["substances.il_17a.loss"].value == 0.4
    assert known["cells.mast_cell.resting_density"].value == 5.0
    assert known["cells.mast_cell.speed"].value == known["cells.fibroblast.speed"].value  # as there


def test_a_changed_parameter_changes_its_declaration():
    changed = OWN.with_parameters({"rules.rule_2.to": "0.05 /h", "substances.il_17a.loss": "1 /h"})
    assert changed.rules[1].to == 0.05
    assert changed.substances[0].loss == 1.0
    assert OWN.rules[1].to == 0.02


def test_a_rule_that_is_added_keeps_what_was_changed_before():
    changed = OWN.with_parameters({"rules.rule_2.to": "0.05 /h", "dormancy.awakening": 0.2})
    more = changed.with_rule("neutrophil", "IL-17A", lowers="speed", to="50 %", half="1 ng/mL")
    assert values(more)["rules.rule_2.to"] == 0.05
    assert values(more)["dormancy.awakening"] == 0.2
    assert values(more)["rules.rule_3.to"] == 0.5


def test_without_rules_their_numbers_are_gone_and_others_stay():
    plain = OWN.with_parameters({"dormancy.awakening": 0.2}).without_rules()
    assert not [name for name in values(plain) if name.startswith("rules.")]
    assert values(plain)["dormancy.awakening"] == 0.2
    assert "substances.il_17a.loss" in values(plain)


def test_scenarios_without_biology_of_their_own_have_the_parameters_as_before():
    assert Scenario().parameters == Parameters()
    assert type(Scenario().parameters.substances) is type(Parameters().substances)
    assert as_record(OWN.parameters).dtype == as_record(Parameters()).dtype  # nothing is compiled anew


def test_a_law_that_is_replaced_is_off_in_what_a_run_uses_and_stays_in_what_a_scenario_says():
    assert values(OWN)["dormancy.awakening"] > 0.0
    assert parameters_in_use(OWN.parameters, OWN).dormancy.awakening == 0.0
    off = replace(OWN, rules=(OWN.rules[0], replace(OWN.rules[1], on=False)))
    assert parameters_in_use(off.parameters, off) == off.parameters


def test_laws_that_can_be_replaced_are_laws_and_their_numbers_are_there():
    known = {law.law.name for law in abm.rules_of("influenza").laws}
    numbers = set(quantities(type(Parameters().dormancy)))
    assert numbers
    assert set(REPLACEABLE) <= known | {"secretion_rate.epithelium.ifn_gamma"}
    for names in REPLACEABLE.values():
        for name in names:
            group = Parameters()
            for part in name.split("."):
                group = getattr(group, part)
            assert isinstance(group, float), name


def test_an_axis_of_a_study_names_a_rule_by_number_or_name():
    for name in ("rule 2.to", "rule rule_2.to", "parameters.rules.rule_2.to"):
        target = target_of(name, [OWN])
        assert target.value_in(OWN) == 0.02
        assert target.put(OWN, 0.04).rules[1].to == 0.04
    assert target_of("rule 2.from", [OWN]).name == "parameters.rules.rule_2.without"
    assert not target_of("rule 2.to", [OWN]).is_in(Scenario())
    with pytest.raises(KeyError):
        target_of("rule 9.to", [OWN])


def test_a_number_changes_during_a_run():
    changing = OWN.with_change("rules.rule_2.to", "0 /h", "2 days")
    assert changing.changes[0].parameter == "rules.rule_2.to"


def test_a_rule_from_python_is_checked_as_one_of_a_file():
    with pytest.raises(ScenarioError, match="did you mean"):
        OWN.with_rule("neutrophil", "IL6", raises="speed", to=1.0, half=1.0)
    wrong = Rule("mine", "neutrophil", "IL-6", "awakening", "raises", 0.0, 1.0, 1.0)
    with pytest.raises(ScenarioError, match="no rate of this cell"):
        abm.LungModel(replace(OWN, rules=(wrong,)))
    with pytest.raises(ScenarioError, match="out of range"):
        abm.LungModel(replace(OWN, parameters=replaced(OWN.parameters, "rules.rule_2.to", 99.0)))
    with pytest.raises(ScenarioError, match="not of a known kind"):
        abm.LungModel(replace(OWN, rules=("a rule",)))


def test_room_is_limited():
    many = OWN
    for number in range(22):
        many = many.with_rule("neutrophil", "IL-6", raises="speed", to=1.0, half=1.0, on=False, name=f"more_{number}")
    with pytest.raises(ScenarioError, match="room"):
        many.with_rule("neutrophil", "IL-10", raises="speed", to=1.0, half=1.0)
