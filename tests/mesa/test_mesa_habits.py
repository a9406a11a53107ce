"""What users of Mesa do with any model: it does what Mesa does, or says in a sentence why it does not."""

import copy
import math
from dataclasses import replace

import pytest
from mesa.datacollection import DataCollector

import abm
from abm.model.agents import GoneError, InfectedCell
from abm.model.lung_model import LungModel
from abm.scenario.read import load_scenario, with_overrides
from abm.treatments.treatments import Infection
from tests.commands import ROOT

SMALL = with_overrides(load_scenario("influenza"), days=4, size="600um")


@pytest.fixture
def model():
    made = LungModel(SMALL, seed=1)
    made.run(1.0)
    return made


def test_an_epithelial_cell_that_has_healed_is_gone_as_an_agent():
    model = LungModel(replace(SMALL, infections=(Infection(dose=50.0),)), seed=1)
    model.run(2.0)
    kept = list(model.agents_by_type[InfectedCell])
    model.run(14.0)
    here = set(model.agents)
    gone = [agent for agent in kept if agent not in here]
    assert gone
    with pytest.raises(GoneError, match="InfectedCell"):
        _ = gone[0].state


def test_a_closed_model_can_be_read_but_not_go_on(model):
    model.close()
    assert len(model.result().series) > 1
    with pytest.raises(RuntimeError, match="closed"):
        model.step()


class WithItsOwn(LungModel):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.datacollector = DataCollector(model_reporters={"cells": lambda m: m.measure("cells_per_seeded")})

    def step(self):
        super().step()
        self.datacollector.collect(self)


def test_a_subclass_may_have_a_collector_of_its_own():
    model = WithItsOwn(SMALL, seed=1)
    for _ in range(3):
        model.step()
    assert len(model.datacollector.get_model_vars_dataframe()) == 3
    assert model.run(0.25).series["hour"].is_monotonic_increasing


def test_a_reporter_that_is_added_gets_a_column_and_changes_nothing(model):
    plain = copy.deepcopy(model)
    model.datacollector._new_model_reporter("agents", lambda m: m.hour)
    run, other = model.run(2.0), plain.run(2.0)
    assert model.digest() == plain.digest()
    added = run.series.pop("agents")
    assert run.series.equals(other.series)
    late = run.series["hour"] > 24.0
    assert added[~late].isna().all()
    assert (added[late] == run.series["hour"][late]).all()


@pytest.mark.parametrize("days", [math.nan, math.inf, "3", -1, True, None.__class__])
def test_what_is_no_number_of_days_is_refused(model, days):
    with pytest.raises(ValueError, match="is not a number of days; allowed: 0 to 3650"):
        model.run(days)


def test_a_measure_that_is_none_gets_the_nearest_names(model):
    with pytest.raises(ValueError, match='no measure "il-6"; nearest: il6'):
        model.measure("il-6")


def test_the_package_shows_its_public_names_and_its_version():
    assert dir(abm) == sorted(abm.__all__)
    assert abm.__version__.count(".") >= 2
    assert (ROOT / "abm" / "py.typed").exists()
