"""A scenario changed in Python is a new one, refused for the reasons and in the words of a file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from abm.core.quantity import declared
from abm.rules.infection import VIRUSES
from abm.scenario.change import Change
from abm.scenario.errors import ScenarioError
from abm.scenario.from_python import check
from abm.scenario.read import load_scenario, read_scenario, with_overrides
from abm.scenario.scenario import Scenario
from abm.tissue.section_mask import MASK_COLORS
from abm.treatments.drugs import AntiIL6
from abm.treatments.treatments import Depletion, Infection

INFLUENZA = load_scenario("influenza")


def in_file(text):
    return read_scenario(Path("influenza_2.toml"), f'extends = "influenza"\n{text}')


def same_experiment(one, other):
    names = {"name": "", "expect": ""}
    return replace(one, **names) == replace(other, **names)


PAIRS = [
    (
        lambda base: base.with_parameters({"dormancy.awakening": "0.02 /h", "cells.nk.loss": 0.03}),
        '[parameters]\ndormancy.awakening = "0.02 /h"\nrecruitment.nk.loss = "0.03 /h"',
    ),
    (
        lambda base: base.with_treatment("anti-IL-6", drug="MP5-20F3", start="3 days", every=48),
        '[[treatment]]\ntype = "anti-IL-6"\ndrug = "MP5-20F3"\nstart = "3 days"\nevery = "48 h"',
    ),
    (
        lambda base: base.with_treatment("depletion", cells="CD8", start=24, efficacy="90 %"),
        '[[treatment]]\ntype = "depletion"\ncells = "CD8"\nstart = "1 d"\nefficacy = 0.9',
    ),
    (lambda base: base.with_treatment("vaccination"), '[[treatment]]\ntype = "vaccination"'),
    (lambda base: base.with_infection(time="10 d", dose=2), '[[infection]]\ntime = "10 d"\ndose = 2.0'),
    (
        lambda base: base.with_section("sheet", width="1 mm", height=800, layout_seed=3),
        '[section]\nlayout = "sheet"\nwidth = "1 mm"\nheight = "0.8 mm"\nlayout_seed = 3',
    ),
    (
        lambda base: base.with_change("dormancy.awakening", "0.005 /h", time="4 days"),
        '[[change]]\nparameter = "dormancy.awakening"\nvalue = "0.005 /h"\ntime = "4 days"',
    ),
    (lambda base: base.with_virus("SARS-CoV-2"), 'virus = "SARS-CoV-2"'),
    (lambda base: base.with_virus(host="human"), 'host = "human"'),
]


@pytest.mark.parametrize(("edit", "text"), PAIRS, ids=[text[:24] for _, text in PAIRS])
def test_a_change_in_python_gives_the_scenario_that_a_file_gives(edit, text):
    assert same_experiment(edit(INFLUENZA), in_file(text))


FAULTY = [
    (lambda base: base.with_parameters({"dormancy.awakening": "9 /h"}), 'parameters.dormancy.awakening = "9 /h"'),
    (lambda base: base.with_parameters({"dormancy.awakening": "3 kg"}), 'parameters.dormancy.awakening = "3 kg"'),
    (lambda base: base.with_parameters({"dormancy.awakning": "0.02 /h"}), 'parameters.dormancy.awakning = "0.02 /h"'),
    (lambda base: base.with_parameters({"awakening": "0.02 /h"}), 'parameters.awakening = "0.02 /h"'),
    (lambda base: base.with_parameters({"dormancy": 3}), "parameters.dormancy = 3"),
    (lambda base: base.with_treatment("anti_il6"), '[[treatment]]\ntype = "anti_il6"'),
    (lambda base: base.with_treatment("MP5-20F3"), '[[treatment]]\ntype = "MP5-20F3"'),
    (lambda base: base.with_treatment("anti-IL-6"), '[[treatment]]\ntype = "anti-IL-6"'),
    (
        lambda base: base.with_treatment("anti-IL-6", drug="siltuximab"),
        '[[treatment]]\ntype = "anti-IL-6"\ndrug = "siltuximab"',
    ),
    (
        lambda base: base.with_treatment("anti-IL-6", drug="MP5-20F3", strat="3 d"),
        '[[treatment]]\ntype = "anti-IL-6"\ndrug = "MP5-20F3"\nstrat = "3 d"',
    ),
    (lambda base: base.with_infection(time="90 d"), '[[infection]]\ntime = "90 d"'),
    (lambda base: base.with_infection(dose=True), "[[infection]]\ndose = true"),
    (lambda base: base.with_section("liver"), 'section.layout = "liver"'),
    (lambda base: base.with_section(width="123 um"), 'section.width = "123 um"'),
    (lambda base: base.with_duration("0 h"), 'duration = "0 h"'),
    (lambda base: base.with_virus("ebola"), 'virus = "ebola"'),
    (lambda base: base.with_virus(host=["mouse"]), 'host = ["mouse"]'),
    (
        lambda base: base.with_change("dormancy.founders", "30 cell", "1 d"),
        '[[change]]\nparameter = "dormancy.founders"\nvalue = "30 cell"\ntime = "1 d"',
    ),
]


@pytest.mark.parametrize(("edit", "text"), FAULTY, ids=[text[-30:] for _, text in FAULTY])
def test_what_a_file_may_not_say_is_refused_for_the_same_reason(edit, text):
    with pytest.raises(ScenarioError) as told:
        edit(INFLUENZA)
    with pytest.raises(ScenarioError) as in_a_file:
        in_file(text)
    (mine,), (other,) = told.value.faults, in_a_file.value.faults
    known = {"parameters.", "infection ", "treatment ", "section.", "duration", "change ", "virus", "host"}
    assert mine.file == 'scenario "influenza"'
    assert any(mine.key.startswith(start) for start in known)
    assert (mine.problem, mine.allowed, mine.hint) == (other.problem, other.allowed, other.hint)


def test_all_faults_are_told_at_once():
    with pytest.raises(ScenarioError) as told:
        INFLUENZA.with_parameters(
            {"dormancy.awakening": "9 /h", "dormancy.awakning": 1, "substances.il6.diffusion": -5}
        )
    assert len(told.value.faults) == 3


def test_every_parameter_can_be_set_by_its_name_and_in_its_unit():
    for item in declared(INFLUENZA.parameters):
        edge = item.quantity.high if item.name != "dormancy.founders" else 30.0
        changed = INFLUENZA.with_parameters({item.name: edge})
        values = {one.name: one.value for one in declared(changed.parameters)}
        assert values[item.name] == edge


def test_numbers_of_numpy_are_numbers():
    values = {"dormancy.awakening": np.float32(0.05), "dormancy": {"cycle_time": np.int64(20)}}
    dormancy = INFLUENZA.with_parameters(values).parameters.dormancy
    assert (dormancy.awakening, dormancy.cycle_time) == (float(np.float32(0.05)), 20.0)


def test_the_old_scenario_stays_as_it_was():
    before = replace(INFLUENZA)
    INFLUENZA.with_treatment("vaccination").with_infection(time=48).without_infections()
    assert before == INFLUENZA


def test_treatments_and_infections_may_be_objects():
    scenario = INFLUENZA.with_treatment(AntiIL6("MP5-20F3")).with_infection(Infection(48.0))
    assert scenario.treatments == (AntiIL6("MP5-20F3"),)
    assert scenario.infections[-1] == Infection(48.0)
    with pytest.raises(ScenarioError, match="treatment 1: cells = 'CD9': is not known"):
        INFLUENZA.with_treatment(Depletion("CD9"))
    with pytest.raises(ScenarioError, match="treatment 1 = 3: is not of a known kind"):
        INFLUENZA.with_treatment(3)


def test_values_beside_an_object_are_refused():
    with pytest.raises(TypeError, match="start: the treatment that is given has values of its own"):
        INFLUENZA.with_treatment(AntiIL6("MP5-20F3"), start="3 d")


def test_without_takes_all_of_them_away():
    scenario = load_scenario("influenza_blockade").without_infections().without_treatments()
    assert (scenario.infections, scenario.treatments) == ((), ())


def test_a_shorter_run_has_the_snapshots_of_the_command_line():
    assert INFLUENZA.with_duration("10 d").snapshots == with_overrides(INFLUENZA, days=10).snapshots


def test_a_treatment_after_the_new_end_is_refused():
    with pytest.raises(ScenarioError, match="the treatment starts after the end of the run"):
        load_scenario("late_blockade").with_duration("1 d")


def test_a_section_may_be_a_picture_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pixels = np.full((16, 16, 3), next(iter(MASK_COLORS.values())), dtype=np.uint8)
    Image.fromarray(pixels).save("mine.png")
    scenario = INFLUENZA.with_parameters({"dormancy.founders": 5}).with_section(Path("mine.png"), width=160, height=160)
    assert Path(scenario.layout) == (tmp_path / "mine.png").resolve()
    assert scenario.with_section(layout_seed=2).layout == scenario.layout
    with pytest.raises(ScenarioError, match="no such file"):
        INFLUENZA.with_section("yours.png")


def test_another_virus_brings_its_parameters_and_keeps_the_others():
    scenario = INFLUENZA.with_parameters({"dormancy.awakening": 0.02}).with_virus("SARS-CoV-2", "human")
    assert scenario.parameters.virus == VIRUSES["SARS-CoV-2", "human"]
    assert scenario.parameters.dormancy.awakening == 0.02
    with pytest.raises(ScenarioError, match="does not bind the host"):
        load_scenario("influenza_blockade").with_virus(host="human")


@pytest.mark.parametrize("name", ["a/b", "con", "", " x", 3, [], np.array([1, 2])])
def test_a_name_that_no_file_can_have_is_refused(name):
    with pytest.raises(ScenarioError, match="name"):
        INFLUENZA.with_name(name)
    with pytest.raises(ScenarioError, match="name"):
        check(Scenario(name=name))


def test_what_was_expected_of_a_scenario_is_not_expected_of_another():
    assert INFLUENZA.with_parameters({"dormancy.awakening": 0.02}).expect == ""
    assert load_scenario("influenza_blockade").with_duration("20 d").expect == "A prediction."
    assert INFLUENZA.with_name("mine").expect == INFLUENZA.expect
    assert INFLUENZA.with_change("dormancy.awakening", 0.02, 48).changes == (Change("dormancy.awakening", 0.02, 48.0),)
