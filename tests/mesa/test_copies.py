"""A model that is pickled or copied goes on by itself, bit for bit."""

import copy
import os
import pickle
import subprocess
import sys

import pytest
from mesa.datacollection import DataCollector

from abm.model.agents import GoneError
from abm.model.lung_model import LungModel
from abm.scenario.change import Change
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Depletion
from tests.commands import ROOT
from tests.mesa.test_agents import Visitor

ELSEWHERE = """
import pickle, sys
model = pickle.load(sys.stdin.buffer)
model.run(days=1)
print(model.digest(), model.steps, len(model.agents), len(model.result().series))
"""
WAYS = {"pickle": lambda model: pickle.loads(pickle.dumps(model)), "deepcopy": copy.deepcopy, "copy": copy.copy}


@pytest.fixture
def model(infected: Scenario) -> LungModel:
    """Under way, with a treatment and a change ahead, and agents that were looked at."""
    scenario = Scenario(
        width=400.0, height=400.0, duration=240.0, infections=infected.infections, snapshots=(24.0, 60.0),
        treatments=(Depletion("NK", 60.0),), changes=(Change("virus.infectivity", 0.1, 54.0),),
    )  # fmt: skip
    model = LungModel(scenario, seed=5)
    model.run(days=2)
    assert len(model.agents) > 0
    return model


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_goes_on_as_the_model_would(way, model):
    twin = WAYS[way](model)
    before = model.digest()
    assert twin.digest() == before
    twin.run(days=1)
    assert model.digest() == before, "the copy goes on with the tissue of the model"
    model.run(days=1)
    assert twin.digest() == model.digest()
    assert twin.result().series.equals(model.result().series)
    assert twin.events().equals(model.events())
    assert [shot.hour for shot in twin.snapshots] == [24.0, 60.0]
    assert {agent.uid for agent in twin.agents} == {agent.uid for agent in model.agents}
    assert twin.random.random() == model.random.random()
    assert twin.rng.random() == model.rng.random()
    twin.step()
    assert (twin.steps, model.steps) == (433, 432)


def test_a_pickled_model_goes_on_in_another_process(model):
    command = [sys.executable, "-c", ELSEWHERE]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, input=pickle.dumps(model), capture_output=True, check=True
    )
    model.run(days=1)
    expected = [model.digest(), model.steps, len(model.agents), len(model.result().series)]
    assert ended.stdout.decode().split() == [str(one) for one in expected]


def test_a_copy_takes_along_what_a_subclass_and_a_user_added(infected):
    model = LungModel(infected, seed=5)
    visitor = model.visitor = Visitor(model)
    visitor.name = "Ada"
    model.datacollector = DataCollector({"hour": "hour"})
    model.run(days=1)
    twin = pickle.loads(pickle.dumps(model))
    assert twin.visitor is not visitor
    assert twin.visitor in twin.agents
    assert (twin.visitor.name, twin.visitor.model) == ("Ada", twin)
    assert twin.datacollector.get_model_vars_dataframe()["hour"].tolist() == [6.0, 12.0, 18.0, 24.0]


def test_an_agent_that_is_pickled_brings_its_model(model):
    agent = next(iter(model.agents))
    agent.seen = True
    twin = pickle.loads(pickle.dumps(agent))
    assert twin.model is not model
    assert (twin.uid, twin.pos, twin.seen) == (agent.uid, agent.pos, True)


def test_an_agent_that_was_gone_is_gone_in_a_copy(infected):
    model = LungModel(infected, seed=5)
    model.run(days=3)
    kept = list(model.agents)
    model.run(days=4)
    uids = {agent.uid for agent in model.agents}
    gone = next(agent for agent in kept if agent.uid not in uids)
    with pytest.raises(GoneError):
        _ = pickle.loads(pickle.dumps(gone)).pos
