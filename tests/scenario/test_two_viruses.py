"""Scenarios that name a second virus: what may stand in a file, and what a fault says."""

from dataclasses import replace

import pytest

from abm.rules.infection import VIRUSES
from abm.scenario.errors import ScenarioError
from abm.scenario.read import read_scenario, write_scenario
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Infection, Vaccination

TWO = """
virus = "influenza"
[[infection]]
time = "0 d"
[[infection]]
time = "20 d"
virus = "SARS-CoV-2"
"""


def read(text, tmp_path):
    return read_scenario(tmp_path / "two.toml", text)


def test_an_infection_may_name_another_virus_with_parameters_of_its_own(tmp_path):
    scenario = read(TWO + '[parameters.second_virus]\ninfectivity = "0.05 /virion/h"\n', tmp_path)
    assert scenario.viruses == ("influenza", "SARS-CoV-2")
    assert scenario.second_virus == "SARS-CoV-2"
    assert scenario.parameters.second_virus == VIRUSES["SARS-CoV-2", "mouse"]._replace(infectivity=0.05)
    assert scenario.parameters.virus == VIRUSES["influenza", "mouse"]
    assert read(write_scenario(scenario), tmp_path) == scenario


def test_without_another_virus_there_are_no_parameters_of_one(tmp_path):
    scenario = read('[[infection]]\nvirus = "influenza"\n', tmp_path)
    assert scenario.second_virus == ""
    assert scenario.parameters.second_virus is None
    with pytest.raises(ScenarioError, match=r"two\.toml(?s:.*)second_virus(?s:.*)an infection that names another"):
        read('[parameters.second_virus]\ninfectivity = "0.05 /virion/h"\n', tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            TWO + '[[infection]]\nvirus = "RSV"\n',
            r'line 9(?s:.*)"RSV": is a third virus beside influenza and SARS-CoV-2',
        ),
        (TWO + '[[infection]]\nvirus = "measles"\n', r'"measles": is not known(?s:.*)influenza, SARS-CoV-2, RSV'),
        (
            TWO + '[[treatment]]\ntype = "vaccination"\nvirus = "RSV"\n',
            r'treatment 1: virus = "RSV": is a third virus',
        ),
        (
            TWO + 2 * '[[treatment]]\ntype = "vaccination"\nvirus = "SARS-CoV-2"\n',
            "against SARS-CoV-2 is given a second time",
        ),
        (
            '[[infection]]\n[[treatment]]\ntype = "antiviral"\ndrug = "nirmatrelvir (mouse)"\n',
            "does not act on influenza, only on SARS-CoV-2",
        ),
    ],
)
def test_faults_say_where_what_and_what_is_allowed(text, told, tmp_path):
    with pytest.raises(ScenarioError, match=told):
        read(text, tmp_path)


def test_an_antiviral_may_act_on_either_virus(tmp_path):
    drugs = [
        f'[[treatment]]\ntype = "antiviral"\ndrug = "{name} (mouse)"\n' for name in ("oseltamivir", "nirmatrelvir")
    ]
    assert len(read(TWO + "".join(drugs), tmp_path).treatments) == 2


def test_a_scenario_in_python_follows_its_infections():
    one = Scenario()
    two = one.with_infection(time="20 days", virus="SARS-CoV-2")
    assert two.parameters.second_virus == VIRUSES["SARS-CoV-2", "mouse"]
    assert two.with_virus(host="human").parameters.second_virus == VIRUSES["SARS-CoV-2", "human"]
    assert two.without_infections().parameters.second_virus is None
    assert two.with_virus("SARS-CoV-2").parameters.second_virus is None
    with pytest.raises(ScenarioError, match="is a third virus"):
        two.with_infection(virus="RSV")
    with pytest.raises(ScenarioError, match="are those of SARS-CoV-2 in the mouse, not of RSV in the mouse"):
        replace(two, infections=(Infection(virus="RSV"),)).with_name("other")
    assert replace(one, treatments=(Vaccination(virus="RSV"),)).second_virus == "RSV"
    assert "virus SARS-CoV-2" in repr(two)


def test_parameters_of_the_second_virus_may_change_during_a_run():
    two = Scenario().with_infection(virus="SARS-CoV-2")
    changed = two.with_change("second_virus.infectivity", "0.05 /virion/h", "10 days")
    assert changed.changes[0].parameter == "second_virus.infectivity"
    with pytest.raises(ScenarioError):
        Scenario().with_change("second_virus.infectivity", "0.05 /virion/h", "10 days")
