import re

import pytest

from abm.rules.infection import SARS_COV_2_MOUSE
from abm.scenario.read import ScenarioError, load_scenario, read_scenario
from abm.treatments.treatments import IL6Knockout, Infection, Vaccination


def faults_of(text, path="mine.toml"):
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path, text)
    return caught.value.faults


def test_own_keys_win_and_own_entries_are_added(tmp_path):
    (tmp_path / "base.toml").write_text(
        'extends = "influenza"\nduration = "40 d"\n'
        '[parameters.dormancy]\nawakening = "0.01 /h"\npower = 3.0\n'
        '[[treatment]]\ntype = "IL-6 knockout"\n'
    )
    text = (
        'extends = "base.toml"\n[section]\nwidth = "1 mm"\n[parameters.dormancy]\npower = 1.5\n'
        '[[treatment]]\ntype = "vaccination"\n[[infection]]\ntime = "30 d"\n'
    )
    scenario = read_scenario(tmp_path / "mine.toml", text)
    assert scenario.duration == 960.0
    assert (scenario.width, scenario.height) == (1000.0, 2000.0)
    assert (scenario.parameters.dormancy.awakening, scenario.parameters.dormancy.power) == (0.01, 1.5)
    assert scenario.treatments == (IL6Knockout(), Vaccination())
    assert scenario.infections == (Infection(0.0), Infection(720.0))


def test_a_shorter_run_keeps_the_snapshots_that_it_reaches():
    scenario = read_scenario("mine.toml", 'extends = "influenza"\nduration = "48 h"')
    assert scenario.snapshots == (*(time for time in load_scenario("influenza").snapshots if time < 48.0), 48.0)
    told = faults_of('extends = "influenza"\nduration = "48 h"\nsnapshots = ["1 d", "3 d"]')
    assert [(fault.file, fault.key) for fault in told] == [("mine.toml", "snapshots 2")]
    longer = read_scenario("mine.toml", 'extends = "influenza"\nduration = "40 d"')
    assert longer.snapshots == load_scenario("influenza").snapshots


def test_a_fault_names_the_file_in_which_it_stands(tmp_path):
    (tmp_path / "base.toml").write_text('[[treatment]]\ntype = "vaccination"\n\nbefor = "1 d"\n')
    text = 'extends = "base.toml"\n[[treatment]]\ntype = "vaccination"\n[section]\nwidth = 3\n'
    faults = faults_of(text, tmp_path / "mine.toml")
    found = [(re.sub(r".*/", "", fault.file), fault.line, fault.key) for fault in faults]
    assert found == [
        ("base.toml", 4, "treatment 1: befor"),
        ("mine.toml", 3, "treatment 2: type"),
        ("mine.toml", 5, "section.width"),
    ]


def test_a_circle_is_refused(tmp_path):
    (tmp_path / "a.toml").write_text('\nextends = "b.toml"\n')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n')
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "a.toml")
    (fault,) = caught.value.faults
    assert "circle" in fault.problem
    assert fault.file.endswith("b.toml")


@pytest.mark.parametrize("value", ['"influenca"', "3", '"nothing.toml"', '["influenza"]', "true"])
def test_what_cannot_be_extended_is_refused_with_the_other_faults(value):
    faults = faults_of(f"extends = {value}\nfoo = 1")
    assert [(fault.line, fault.key) for fault in faults] == [(1, "extends"), (2, "foo")]


def test_another_virus_keeps_the_parameters_that_were_set(tmp_path):
    (tmp_path / "base.toml").write_text("[parameters.virus]\neclipse_shape = 7.0\n")
    virus = read_scenario(tmp_path / "m.toml", 'extends = "base.toml"\nvirus = "SARS-CoV-2"').parameters.virus
    assert virus == SARS_COV_2_MOUSE._replace(eclipse_shape=7.0)
