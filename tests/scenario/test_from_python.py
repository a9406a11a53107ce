"""A scenario that Python code makes is refused for the same reasons, in the same words, as a file."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from abm.core.quantity import declared, replaced
from abm.model.lung_model import LungModel
from abm.rules.infection import VIRUSES
from abm.scenario.catalog import scenario_names
from abm.scenario.change import Change
from abm.scenario.errors import ScenarioError
from abm.scenario.from_python import check
from abm.scenario.given import scenario_from
from abm.scenario.read import load_scenario, read_scenario
from abm.scenario.scenario import Scenario
from abm.studies.compare import plan
from abm.treatments.drugs import AntiIL6
from abm.treatments.treatments import Depletion, Infection, Transfer

INFLUENZA = load_scenario("influenza")


def parameter(name, value):
    return replace(INFLUENZA, parameters=replaced(INFLUENZA.parameters, name, value))


@pytest.mark.parametrize("name", scenario_names())
def test_what_a_file_says_passes(name):
    check(load_scenario(name))


def test_a_model_takes_a_name_and_a_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('extends = "influenza"\n')
    for given in ("influenza", path, str(path)):
        assert LungModel(given, seed=1).experiment.infections == INFLUENZA.infections


@pytest.mark.parametrize("given", [{}, 3, ["influenza"], object()])
def test_what_is_no_scenario_is_refused(given):
    with pytest.raises(TypeError, match=f"a scenario is needed.*not a {type(given).__name__}"):
        LungModel(given)


def test_a_typo_gets_the_nearest_names():
    with pytest.raises(ScenarioError, match="nearest: influenza"):
        LungModel("influnza")


WRONG = [
    (replace(INFLUENZA, virus="ebola"), "virus = 'ebola': is not known; allowed: influenza, SARS-CoV-2"),
    (replace(INFLUENZA, host="zebrafish"), "host = 'zebrafish': is not known; allowed: mouse, human"),
    (replace(INFLUENZA, duration=-3), "duration = -3 h: is out of range"),
    (replace(INFLUENZA, width=123.0), "section.width = 123 um: is not a whole number of 40 um"),
    (replace(INFLUENZA, step=math.nan), "step = nan h: is not a finite number"),
    (replace(INFLUENZA, step="10 min"), "step = '10 min': is not a number"),
    (replace(INFLUENZA, layout="liver"), "section.layout = 'liver': is not known; allowed: lung, sheet"),
    (replace(INFLUENZA, layout_seed=1.5), "section.layout_seed = 1.5: is not a whole number"),
    (replace(INFLUENZA, snapshots=(5.0, 2.0)), "snapshots 2 = 2 h: is not later than the one before"),
    (replace(INFLUENZA, infections=Infection()), "infections = .*: is not a tuple"),
    (replace(INFLUENZA, infections=(Infection(dose=-1.0),)), "infection 1: dose = -1: is out of range"),
    (replace(INFLUENZA, treatments=("anti-IL-6",)), "treatment 1 = 'anti-IL-6': is not of a known kind"),
    (replace(INFLUENZA, treatments=(Depletion("CD9"),)), "treatment 1: cells = 'CD9': is not known"),
    (replace(INFLUENZA, treatments=(Transfer("NK", 24.0, 1e9),)), r"treatment 1: density = 1e\+09 cell/mm\^2: is out"),
    (replace(INFLUENZA, changes=(Change("dormancy.awake", 1.0),)), "change 1: parameter = .*: is not known"),
    (replace(INFLUENZA, changes=(Change("dormancy.awakening", 9.0),)), "change 1: value = 9 /h: is out of range"),
    (parameter("substances.il6.diffusion", -5000.0), r"substances\.il6\.diffusion = -5000 .*18000 to 216000"),
    (parameter("dormancy.awakening", math.nan), "parameters.dormancy.awakening = nan /h: is not a finite number"),
    (replace(INFLUENZA, parameters={}), "parameters = {}: is not of a known kind"),
    (replace(INFLUENZA, virus="SARS-CoV-2"), "parameters.virus: are those of influenza in the mouse, not of SARS"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "told"), WRONG, ids=[told[:30] for _, told in WRONG])
def test_what_a_file_could_not_say_is_refused(wrong, told):
    with pytest.raises(ScenarioError, match=told):
        LungModel(wrong)


def test_all_faults_are_told_at_once():
    with pytest.raises(ScenarioError) as caught:
        check(replace(INFLUENZA, virus="ebola", host="zebrafish", duration=-3))
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize("end", ["low", "high"])
def test_every_parameter_is_held_to_the_range_that_a_file_is_held_to(end):
    """For each parameter, a value just outside is refused by both, with the same problem and range."""
    for item in declared(INFLUENZA.parameters):
        edge = getattr(item.quantity, end)
        value = math.nextafter(edge, -math.inf if end == "low" else math.inf)
        group, _, name = item.name.rpartition(".")
        unit = item.quantity.unit.removeprefix("1") if item.quantity.unit.startswith("1/") else item.quantity.unit
        written = f'"{value!r} {unit}"' if unit else repr(value)
        with pytest.raises(ScenarioError) as in_file:
            read_scenario(Path("x.toml"), f'extends = "influenza"\n[parameters.{group}]\n{name} = {written}\n')
        with pytest.raises(ScenarioError) as in_python:
            check(parameter(item.name, value))
        (one,), (other,) = in_file.value.faults, in_python.value.faults
        assert (one.key, one.problem, one.allowed) == (other.key, other.problem, other.allowed)


def test_numbers_of_numpy_and_whole_numbers_are_numbers():
    check(parameter("dormancy.awakening", np.float64(0.02)))
    check(replace(INFLUENZA, duration=672))


def test_an_unknown_drug_is_refused_where_it_is_made():
    with pytest.raises(ValueError, match=r'drug = "aspirin": is not known; allowed: .*MP5-20F3'):
        AntiIL6("aspirin")


def test_another_virus_with_its_own_parameters_passes():
    parameters = INFLUENZA.parameters._replace(virus=VIRUSES["SARS-CoV-2", "mouse"])
    check(replace(INFLUENZA, virus="SARS-CoV-2", parameters=parameters))


def test_values_out_of_their_ranges_are_let_through_where_that_is_asked_for():
    never = parameter("dormancy.awakening", 0.0)
    with pytest.raises(ScenarioError):
        scenario_from(never)
    assert LungModel(never, seed=1, checked=False).experiment is never


def test_a_scenario_has_the_parameters_of_its_virus_in_its_host():
    for (virus, host), known in VIRUSES.items():
        scenario = Scenario(virus=virus, host=host)
        assert scenario.parameters.virus == known
        check(scenario)


def test_snapshots_that_nobody_named_follow_the_length_of_the_run():
    check(Scenario(duration=24.0))
    assert replace(Scenario(), duration=240.0).snapshots == (0.0, 72.0, 120.0, 216.0, 240.0)
    assert replace(Scenario(duration=24.0), duration=672.0).snapshots == Scenario().snapshots
    named = replace(Scenario(), snapshots=(0.0, 240.0))
    assert replace(named, duration=24.0).snapshots == named.snapshots


@pytest.mark.parametrize("wrong", [{"dose": -5}, {"every": -1.0}])
def test_less_than_no_dose_is_not_the_usual_one(wrong):
    with pytest.raises(ScenarioError, match="is out of range"):
        check(replace(INFLUENZA, treatments=(AntiIL6("MP5-20F3", **wrong),)))


def test_text_with_a_unit_is_told_its_number():
    substances = INFLUENZA.parameters.substances
    substances = substances._replace(il6=substances.il6._replace(diffusion="10 um^2/s"))
    with pytest.raises(ScenarioError, match=r"a number in this unit, 36000\.0"):
        check(replace(INFLUENZA, parameters=INFLUENZA.parameters._replace(substances=substances)))


def test_a_scenario_without_a_name_is_refused():
    with pytest.raises(ScenarioError, match='name = "": is empty'):
        check(replace(INFLUENZA, name=""))


def test_all_faults_of_all_arms_of_a_study_are_told_at_once():
    with pytest.raises(ScenarioError) as caught:
        plan((replace(INFLUENZA, virus="ebola"), replace(INFLUENZA, name="other", duration=-3)), (1, 2))
    assert {fault.file for fault in caught.value.faults} == {'scenario "influenza"', 'scenario "other"'}
