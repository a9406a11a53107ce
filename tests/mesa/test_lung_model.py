"""The model and its cells as Mesa sees them."""

import gc
import weakref
from collections import Counter
from dataclasses import replace

import mesa
import numpy as np
import pytest
from mesa.agent import AgentSet
from mesa.datacollection import DataCollector

from abm.core.lattice import BLOCK
from abm.model.agents import CancerCell, InfectedCell, MobileCell
from abm.model.lung_model import LungModel
from abm.model.measures import MEASURES
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, EpithelialState
from abm.scenario.scenario import Scenario


def days_on(model: LungModel, days: float) -> LungModel:
    model.run(days=days)
    return model


@pytest.fixture(scope="module")
def model(infected: Scenario) -> LungModel:
    """A section on day 6: every kind of cell is there."""
    model = days_on(LungModel(replace(infected, width=800.0, height=800.0), seed=2), 6)
    yield model
    model.close()


def alive(model: LungModel, population: str) -> np.recarray:
    cells = getattr(model.tissue, population)
    return cells[cells.alive]


def assert_mirrored(model: LungModel) -> None:
    """Agents and arrays tell the same."""
    agents = model.agents
    by_type = {
        kind: [agent for agent in agents if type(agent) is kind] for kind in (CancerCell, MobileCell, InfectedCell)
    }
    for kind, population in ((CancerCell, "cancer"), (MobileCell, "mobile")):
        cells = alive(model, population)
        assert Counter(agent.uid for agent in by_type[kind]) == Counter(cells.uid.tolist())
        place = {int(cell.uid): (int(cell.x), int(cell.y)) for cell in cells}
        assert all(agent.pos == place[agent.uid] for agent in by_type[kind])
    unwell = np.flatnonzero(model.tissue.states != EpithelialState.HEALTHY)
    assert sorted(agent.uid for agent in by_type[InfectedCell]) == unwell.tolist()
    assert len(agents) == sum(map(len, by_type.values()))
    shown = {kind: len(members) for kind, members in model.agents_by_type.items() if len(members)}
    assert shown == {kind: len(members) for kind, members in by_type.items() if members}


def test_it_is_a_mesa_model(healthy):
    model = LungModel(healthy, seed=5)
    assert isinstance(model, mesa.Model)
    assert model.running
    assert model.steps == 0
    assert isinstance(model.datacollector, DataCollector)
    assert isinstance(model.agents.select(agent_type=CancerCell), AgentSet)


def test_a_model_without_arguments_is_a_healthy_lung():
    model = LungModel()
    assert model.measure("virions") == 0.0
    assert len(model.agents) > 0


def test_a_step_advances_by_one(healthy):
    model = LungModel(healthy, seed=5)
    for step in range(1, 4):
        model.step()
        assert model.steps == model.tick == step
        assert model.hour == pytest.approx(step * healthy.step)


def test_steps_by_mesa_and_a_run_reach_the_same_state(infected):
    stepped, ran = LungModel(infected, seed=5), LungModel(infected, seed=5)
    for _ in range(40):
        stepped.step()
    ran.run_until(40)
    assert stepped.digest() == ran.digest()
    assert stepped.steps == ran.steps == 40


def test_steps_go_on_after_a_run(infected):
    model = days_on(LungModel(infected, seed=5), 1)
    model.step()
    assert model.steps == model.tick == 145


def test_looking_at_agents_changes_nothing(infected):
    looked, blind = LungModel(infected, seed=5), LungModel(infected, seed=5)
    for _ in range(10):
        looked.agents.select(agent_type=MobileCell).shuffle().get("activation")
        looked.step()
        blind.step()
    assert looked.digest() == blind.digest()


def test_mesa_is_told_when_the_scenario_is_over(healthy):
    model = LungModel(replace(healthy, duration=3.0), seed=5)
    running = []
    for _ in range(18):
        running.append(model.running)
        model.step()
    assert all(running)
    assert not model.running


def test_every_step_of_mesa_is_a_row(infected):
    model = LungModel(infected, seed=5)
    for _ in range(5):
        model.step()
    frame = model.datacollector.get_model_vars_dataframe()
    assert frame["hour"].tolist() == pytest.approx([step * infected.step for step in range(6)])


def test_a_run_records_as_often_as_its_scenario_says(infected):
    series = LungModel(infected, seed=5).run(days=1).series
    assert series["hour"].tolist() == pytest.approx([0.0, 6.0, 12.0, 18.0, 24.0])
    assert set(series.columns) == {"hour", *MEASURES}


def test_agents_and_arrays_agree(model):
    assert_mirrored(model)


def test_views_follow_births_and_deaths(infected):
    model = LungModel(infected, seed=2)
    seen, sizes = {}, []
    for day in range(8):
        if day:
            days_on(model, 1)
        assert_mirrored(model)
        for agent in model.agents.select(agent_type=CancerCell):
            assert seen.setdefault(agent.uid, agent) is agent, "a cell has changed its agent"
        sizes.append(len(model.agents.select(agent_type=CancerCell)))
    assert len(set(sizes)) > 2
    assert set(model.events()["kind"]) >= {"awakening", "birth"}


@pytest.mark.parametrize("seed", range(6))
def test_no_two_cells_share_an_identity(healthy, seed):
    model = LungModel(replace(healthy, width=1000.0, height=1000.0), seed=seed)
    model.run_until(6)
    uids = [*alive(model, "cancer").uid.tolist(), *alive(model, "mobile").uid.tolist()]
    assert len(set(uids)) == len(uids)


def test_every_type_of_agent_is_known_before_anyone_looked(infected):
    model = days_on(LungModel(infected, seed=2), 3)
    assert set(model.agent_types) == {CancerCell, MobileCell, InfectedCell}


def test_a_view_cannot_write(model):
    cell = next(iter(model.agents_by_type[CancerCell]))
    before = model.digest()
    for name in ("state", "signal", "clone", "phenotype", "cause"):
        with pytest.raises(AttributeError):
            setattr(cell, name, 1)
    cell.pos = None
    assert model.digest() == before


# ---- AgentSet


def test_select_finds_what_the_arrays_hold(model):
    cancer, mobile = alive(model, "cancer"), alive(model, "mobile")
    awake = model.agents_by_type[CancerCell].select(lambda cell: cell.state is CancerState.PROLIFERATING)
    assert len(awake) == (cancer.state == CancerState.PROLIFERATING).sum()
    assert len(model.agents.select(agent_type=MobileCell)) == len(mobile)
    cd8 = model.agents_by_type[MobileCell].select(lambda cell: cell.kind is CellKind.CD8)
    assert len(cd8) == (mobile.kind == CellKind.CD8).sum() > 0


def test_agg_gives_sums_and_means_of_the_arrays(model):
    cancer = alive(model, "cancer")
    cells = model.agents.select(agent_type=CancerCell)
    assert cells.agg("signal", np.mean) == pytest.approx(model.measure("il6_signal"))
    assert cells.agg("signal", max) == model.tissue.blocks.signal[cancer.y // BLOCK, cancer.x // BLOCK].max()
    assert cells.agg("clone", lambda clones: len(set(clones))) == len(np.unique(cancer.clone))


def test_groupby_counts_cells_by_kind_and_clone(model):
    cancer, mobile = alive(model, "cancer"), alive(model, "mobile")
    kinds = model.agents.select(agent_type=MobileCell).groupby("kind").count()
    assert kinds == {CellKind(kind): count for kind, count in Counter(mobile.kind.tolist()).items()}
    clones = model.agents.select(agent_type=CancerCell).groupby("clone").count()
    assert clones == Counter(cancer.clone.tolist())
    states = model.agents.select(agent_type=InfectedCell).groupby(lambda cell: cell.state).count()
    epithelial_counts = {
        EpithelialState(state): count for state, count in enumerate(model.tissue.epithelial_counts.tolist())
    }
    assert states == {state: count for state, count in epithelial_counts.items() if state and count}


def test_get_reads_every_attribute(model):
    mobile = alive(model, "mobile")
    seen = model.agents.select(agent_type=MobileCell).get(["uid", "activation", "pos"])
    expected = {int(cell.uid): [float(cell.activation), (int(cell.x), int(cell.y))] for cell in mobile}
    assert {uid: [activation, pos] for uid, activation, pos in seen} == expected


def test_sort_and_do_work(model):
    cells = model.agents.select(agent_type=CancerCell).sort("signal", ascending=True)
    signals = cells.get("signal")
    assert signals == sorted(signals)
    assert cells.map(lambda cell: cell.clone) == cells.get("clone")


# ---- DataCollector


def test_the_data_collector_holds_the_measures(model):
    frame = model.datacollector.get_model_vars_dataframe()
    assert frame["hour"].iloc[-1] == pytest.approx(model.hour)
    for name in MEASURES:
        assert frame[name].iloc[-1] == model.measure(name)


def test_a_second_data_collector_with_reporters_of_agents_works(infected):
    model = LungModel(infected, seed=2)
    collector = DataCollector(
        model_reporters={"cells": lambda model: len(model.agents), "day": "day"},
        agent_reporters={"uid": "uid", "place": "pos", "signal": lambda cell: getattr(cell, "signal", None)},
        agenttype_reporters={
            CancerCell: {"state": lambda cell: cell.state.name},
            MobileCell: {"activation": "activation"},
        },
    )
    for _ in range(3):
        collector.collect(model)
        days_on(model, 1)
    frame = collector.get_model_vars_dataframe()
    agents = collector.get_agent_vars_dataframe()
    assert frame["day"].tolist() == pytest.approx([0.0, 1.0, 2.0])
    assert agents.groupby("Step").size().tolist() == frame["cells"].tolist()
    assert set(collector.get_agenttype_vars_dataframe(CancerCell)["state"]) <= {state.name for state in CancerState}
    mobile = collector.get_agenttype_vars_dataframe(MobileCell)
    assert mobile.groupby("Step").size().iloc[0] == sum(agents.loc[0, "signal"].isna())


# ---- memory


@pytest.mark.parametrize("look", [False, True])
def test_a_closed_model_is_let_go(healthy, look):
    model = LungModel(healthy, seed=5)
    model.step()
    if look:
        assert len(model.agents) > 0
    gone = weakref.ref(model)
    tissue = weakref.ref(model.tissue.virus)
    model.close()
    del model
    gc.collect()
    assert gone() is None
    assert tissue() is None


def test_closing_twice_does_no_harm(healthy):
    model = LungModel(healthy, seed=5)
    model.close()
    model.close()
