import pytest

from abm.core.quantity import declared
from abm.rules.parameters import Parameters
from abm.rules.renamed import RENAMED, current_name, why_dropped
from abm.scenario.change import Change
from abm.scenario.describe import entries, matching
from abm.scenario.errors import ScenarioError
from abm.scenario.read import load_scenario, read_scenario
from abm.studies.design.study_file import read_study
from abm.studies.design.target import target_of

NAMES = {item.name: item for item in declared(Parameters())}


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_an_older_name_stands_for_a_parameter_of_today_and_is_none_itself(old, new):
    assert new in NAMES
    assert old not in NAMES
    assert current_name(old) == new
    assert current_name(f"parameters.{old}") == f"parameters.{new}"


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_scenario_file_an_axis_and_a_change_with_an_older_name_mean_what_they_meant(old, new, tmp_path):
    item = NAMES[new]
    value = 0.5 * (item.value + item.quantity.high)
    written = f'"{value!r} {item.quantity.unit}"' if item.quantity.unit else repr(value)
    text = f'extends = "influenza"\n[parameters]\n{old} = {written}\n'
    text += f'[[change]]\nparameter = "{old}"\nvalue = {written}\ntime = "3 d"\n'
    scenario = read_scenario(tmp_path / "old.toml", text)
    found = {one.name: one.value for one in declared(scenario.parameters)}
    assert found[new] == pytest.approx(value)
    assert [one.parameter for one in scenario.changes] == [new]
    assert target_of(f"parameters.{old}").name == f"parameters.{new}"
    assert load_scenario("influenza").with_parameters({old: value}).parameters == scenario.parameters


def test_a_number_that_is_out_of_range_is_told_by_its_line_and_name_of_today(tmp_path):
    text = 'extends = "influenza"\n\n[parameters.cytokine]\nloss = "9 /h"\n'
    with pytest.raises(ScenarioError, match=r"old\.toml, line 4: parameters\.substances\.il6\.loss = (?s:.*)0\.2 to 2"):
        read_scenario(tmp_path / "old.toml", text)


def test_a_number_under_both_names_is_refused(tmp_path):
    text = '[parameters]\ncytokine.loss = "0.5 /h"\nsubstances.il6.loss = "0.7 /h"\n'
    with pytest.raises(ScenarioError, match=r"old\.toml, line 2: parameters\.cytokine\.loss = 0\.5 /h: is given twice"):
        read_scenario(tmp_path / "old.toml", text)


def test_an_older_name_beside_an_unknown_one_leaves_that_refused_and_tells_the_name_of_today(tmp_path):
    text = '[parameters.cytokine]\nloss = "0.5 /h"\ndifusion = "40000 um^2/h"\n'
    with pytest.raises(ScenarioError, match=r'cytokine(?s:.*)did you mean "parameters\.substances\.il6\.diffusion"'):
        read_scenario(tmp_path / "old.toml", text)
    text = '[[change]]\nparameter = "motility.nkk"\nvalue = "1 um/min"\n'
    with pytest.raises(ScenarioError, match=r'did you mean "cells\.nk\.speed"'):
        read_scenario(tmp_path / "old.toml", text)


def test_an_empty_table_of_older_names_says_nothing(tmp_path):
    text = "[parameters.cytokine]\n[parameters.recruitment.nk]\n"
    assert read_scenario(tmp_path / "old.toml", text).parameters == Parameters()


def test_a_parameter_under_both_names_is_refused_in_python_in_either_order():
    both = {"motility.nk": 2.0, "cells.nk.speed": 3.0}
    for values in (both, dict(reversed(both.items()))):
        with pytest.raises(ScenarioError, match="is given twice"):
            load_scenario("influenza").with_parameters(values)


def test_a_change_made_in_python_may_have_an_older_name():
    assert Change("motility.nk", 2.0) == Change("cells.nk.speed", 2.0)


def test_axes_with_older_names_have_columns_named_as_before(tmp_path):
    names = ("activated_macrophage_secretion", "fibroblast_secretion")
    text = 'arms = ["influenza"]\n'
    for name in names:
        text += f'[[axis]]\nvary = "parameters.cytokine.{name}"\nvalues = ["1 molecules/cell/s"]\n'
    study = read_study(tmp_path / "old.toml", text)
    assert tuple(axis.name for axis in study.axes) == names
    assert study.axes[0].targets[0].name == "parameters.cells.resident_macrophage.secretion.il6.activated"


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_search_for_an_older_name_finds_that_of_today(old, new):
    found = [entry.name for entry in matching(entries(), old)]
    assert f"parameters.{new}" in found
    assert len(found) <= 2  # "activation.switch" is also the beginning of another


def test_a_search_for_an_older_group_finds_all_that_was_in_it():
    found = {entry.name for entry in matching(entries(), "cytokine.")}
    assert found == {f"parameters.{new}" for old, new in RENAMED.items() if old.startswith("cytokine.")}


@pytest.mark.parametrize(
    ("name", "meant"),
    [("dormancy.awakenin", "dormancy.awakening"), ("dormancy.awake_deaht", "dormancy.proliferating_death")],
)
def test_a_misspelt_name_is_answered_with_the_nearest_of_all_names_of_its_group(name, meant, tmp_path):
    texts = (f'[parameters]\n{name} = "0.1 /h"\n', f'[[change]]\nparameter = "{name}"\nvalue = "0.1 /h"\n')
    for text in texts:
        with pytest.raises(ScenarioError, match=rf'did you mean "(parameters\.)?{meant}|did you mean "{meant[9:]}"'):
            read_scenario(tmp_path / "mine.toml", f'extends = "influenza"\n{text}')


@pytest.mark.parametrize("name", ["recruitment.power", "recruitment.lymphopenia", "cytokine.alarm_power"])
def test_a_parameter_of_a_dropped_law_is_refused_with_what_holds_instead(name):
    group, last = name.split(".")
    text = f'[parameters.{group}]\n{last} = 1\n[[change]]\ntime = "1 d"\nparameter = "{name}"\nvalue = 1\n'
    with pytest.raises(ScenarioError) as caught:
        read_scenario("mine.toml", text)
    faults = [str(fault) for fault in caught.value.faults]
    assert len(faults) == 2
    assert all(why_dropped(name) in fault and "dropped" in fault for fault in faults), faults
    assert "mine.toml" in faults[0]
    with pytest.raises(ScenarioError, match="dropped"):
        load_scenario("influenza").with_parameters({name: 1.0})


def test_dropped_names_are_no_parameters_of_today():
    assert not any(why_dropped(name) for name in NAMES)
