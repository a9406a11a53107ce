"""Collectors and reporters of a user's own, in a step and in a run."""

import mesa
import pytest
from mesa.datacollection import DataCollector

from abm.model.lung_model import LungModel
from abm.model.measures import MEASURES
from abm.scenario.scenario import Scenario

HOURS = [1 / 6, 1 / 3, 6.0, 12.0, 18.0, 24.0]


def count(model: LungModel) -> int:
    return len(model.agents)


class Collecting(LungModel):
    """A model with a collector of its own."""

    def __init__(self, *given, **named) -> None:
        super().__init__(*given, **named)
        self.datacollector = DataCollector({"agents": count, "hour": "hour"}, {"uid": "uid"})


class Stepping(Collecting):
    """A model that also steps as Mesa teaches."""

    def step(self) -> None:
        super().step()
        self.datacollector.collect(self)


def two_steps_and_a_day(model: LungModel) -> LungModel:
    model.step()
    model.step()
    model.run(days=1 - model.day)
    return model


def test_a_collector_of_a_subclass_has_a_row_for_every_time_that_is_recorded(infected):
    model = two_steps_and_a_day(Collecting(infected, seed=5))
    assert model.datacollector.get_model_vars_dataframe()["hour"].tolist() == pytest.approx(HOURS)
    assert model.result().series["hour"].tolist() == pytest.approx([0.0, *HOURS])
    assert len(model.datacollector.get_agent_vars_dataframe()) > len(HOURS)


def test_a_step_of_a_subclass_is_taken_by_a_run(infected):
    model = two_steps_and_a_day(Stepping(infected, seed=5))
    hours = model.datacollector.get_model_vars_dataframe()["hour"].tolist()
    assert hours == pytest.approx([tick / 6 for tick in range(1, 145)])
    assert model.result().series["hour"].tolist() == pytest.approx([0.0, *HOURS])
    assert model.steps == model.tick == 144


@pytest.mark.parametrize("kind", [Collecting, Stepping])
def test_being_watched_changes_nothing(kind, infected):
    model, blind = two_steps_and_a_day(kind(infected, seed=5)), LungModel(infected, seed=5)
    blind.run(days=1)
    assert model.digest() == blind.digest()


def test_one_more_reporter_is_one_more_column(infected):
    model = LungModel(infected, seed=5)
    model.step()
    model.datacollector._new_model_reporter("agents", count)
    assert model.result().series["agents"].isna().all()
    model.step()
    model.run(days=1 - model.day)
    series = model.result().series
    assert series["hour"].tolist() == pytest.approx([0.0, *HOURS])
    assert series["agents"].isna().tolist() == [True, True, False, False, False, False, False]
    assert series["agents"].iloc[-1] == len(model.agents)
    assert {"hour", *MEASURES, "agents"} == set(series.columns)


def test_reporters_of_agents_can_be_added(infected):
    model = LungModel(infected, seed=5)
    model.datacollector._new_agent_reporter("uid", "uid")
    model.run(days=1)
    agents = model.datacollector.get_agent_vars_dataframe()
    assert sorted(set(agents.index.get_level_values("Step"))) == [36, 72, 108, 144]
    assert set(agents.loc[144, "uid"]) == {agent.uid for agent in model.agents}


def test_collecting_a_time_that_is_recorded_already_adds_no_row(infected):
    model = LungModel(infected, seed=5)
    for _ in range(3):
        model.step()
        model.datacollector.collect(model)
    assert model.result().series["hour"].tolist() == pytest.approx([0.0, 1 / 6, 1 / 3, 0.5])


def test_a_step_that_does_not_go_on_is_told(infected):
    class Standing(LungModel):
        def step(self) -> None:
            """Forget the model."""

    with pytest.raises(RuntimeError, match=r"it must call super\(\)\.step\(\)"):
        Standing(infected, seed=5).run(days=1)


def test_a_batch_collects_with_the_collector_of_a_subclass(infected: Scenario):
    if not hasattr(mesa, "batch_run"):
        pytest.skip("this version of Mesa has no batch_run")
    rows = mesa.batch_run(Stepping, {"scenario": infected}, max_steps=4, display_progress=False)
    assert rows
    assert {"agents", "uid"} <= set(rows[0])
