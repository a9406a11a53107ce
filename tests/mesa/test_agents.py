"""Agents that a user keeps stay those of their cells, and show them without changing them."""

import mesa
import pytest

from abm.model.agents import CancerCell, CellView, GoneError, InfectedCell, MobileCell
from abm.model.lung_model import LungModel
from abm.rules.states import EpithelialState
from abm.scenario.scenario import Scenario

SHOWN = {
    CancerCell: ("cell", "pos", "state", "phenotype", "cause", "clone", "signal"),
    MobileCell: ("cell", "pos", "kind", "activation"),
    InfectedCell: ("cell", "pos", "state"),
}


@pytest.fixture(scope="module")
def model(infected: Scenario) -> LungModel:
    model = LungModel(infected, seed=2)
    model.run(days=4)
    return model


def is_there(agent: CellView) -> bool:
    """Whether the arrays hold its cell."""
    tissue = agent.model.tissue
    if isinstance(agent, InfectedCell):
        return tissue.states[agent.uid] != EpithelialState.HEALTHY
    cells = getattr(tissue, agent.population)
    return agent.uid in cells.uid[cells.alive]


def test_a_kept_agent_shows_its_own_cell_or_says_that_it_is_gone(infected):
    model = LungModel(infected, seed=2)
    model.run(days=3)
    kept, gone, lost = list(model.agents), set(), set()
    for _ in range(4):
        model.run(days=1)
        for agent in kept:
            if is_there(agent) and id(agent) not in lost:  # an epithelial cell may be infected again
                assert isinstance(agent, InfectedCell) or agent.cell.uid == agent.uid
                assert agent.pos == (agent.cell.x, agent.cell.y)
                continue
            gone.add(type(agent))
            lost.add(id(agent))
            for name in SHOWN[type(agent)]:
                with pytest.raises(GoneError, match=f"{agent.uid} is gone by day {model.day:g}: it died"):
                    getattr(agent, name)
    assert gone >= {MobileCell, InfectedCell}


def test_an_agent_that_was_kept_since_before_anyone_looked_again_is_told_apart(infected):
    looked, blind = LungModel(infected, seed=2), LungModel(infected, seed=2)
    kept = list(blind.agents)
    for _ in range(3):
        looked.run(days=1)
        len(looked.agents)
    blind.run(days=3)
    assert {agent.uid for agent in kept if is_there(agent)} <= {agent.uid for agent in looked.agents}


def test_a_cell_cannot_be_removed(model):
    before, agents = model.digest(), set(model.agents)
    agent = next(iter(model.agents))
    for remove in (agent.remove, model.remove_all_agents, lambda: model.deregister_agent(agent)):
        with pytest.raises(RuntimeError):
            remove()
    assert set(model.agents) == agents
    assert model.digest() == before


@pytest.mark.parametrize("kind", [CancerCell, MobileCell, InfectedCell])
def test_nothing_of_a_cell_can_be_written(model, kind):
    before = model.digest()
    cells = model.agents_by_type[kind]
    agent = next(iter(cells))
    names = {*SHOWN[kind], *(agent.cell.dtype.names or ())}
    for name in names:
        with pytest.raises((AttributeError, ValueError)):
            setattr(agent, name, 1)
        with pytest.raises((AttributeError, ValueError)):
            cells.set(name, 1)
    for name in agent.cell.dtype.names or ():
        with pytest.raises((AttributeError, ValueError)):
            setattr(agent.cell, name, 1)
        with pytest.raises((AttributeError, ValueError)):
            agent.cell[name] = 1
    assert model.digest() == before


def test_what_a_user_notes_on_an_agent_stays_with_it(infected):
    model = LungModel(infected, seed=2)
    model.agents_by_type[CancerCell].set("seen", True)
    model.step()
    assert all(agent.seen for agent in model.agents_by_type[CancerCell])


class Visitor(mesa.Agent):
    """An agent of a user's own."""


def test_agents_of_a_users_own_come_and_go(infected):
    model = LungModel(infected, seed=2)
    visitor = Visitor(model)
    model.step()
    assert visitor in model.agents
    visitor.remove()
    model.step()
    assert visitor not in model.agents
