"""What users of Mesa do with any model: it does what Mesa does, or says in a sentence why it does not."""

import copy
import math
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from mesa.datacollection import DataCollector

import abm
from abm.agents import GoneError, InfectedCell, MobileCell
from abm.core.seeds import MOST_SEED, SeedError
from abm.interventions import Infection
from abm.model import LungModel
from abm.scenario_files.read import load_scenario, with_overrides
from tests.commands import ROOT, environment

SMALL = with_overrides(load_scenario("influenza"), days=4, size="600um")


@pytest.fixture
def model():
    made = LungModel(SMALL, seed=1)
    made.run(1.0)
    return made


def test_a_kept_agent_says_that_it_is_gone(model):
    kept = list(model.agents_by_type[MobileCell])
    uids = {agent: agent.uid for agent in kept}
    model.run(3.0)
    here = set(model.agents)
    gone = [agent for agent in kept if agent not in here]
    assert 0 < len(gone) < len(kept)
    for agent in gone:
        with pytest.raises(GoneError, match=f"MobileCell {agent.uid} is gone by day 4"):
            _ = agent.cell
    assert all(int(agent.cell.uid) == uids[agent] for agent in kept if agent in here)


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


def test_cells_cannot_be_removed_by_hand(model):
    agent = next(iter(model.agents))
    for removes in (agent.remove, model.remove_all_agents):
        with pytest.raises(RuntimeError, match="by the laws of the model"):
            removes()
    before = len(model.agents)
    assert before > 0


def test_what_a_cell_is_cannot_be_set(model):
    agent = next(iter(model.agents_by_type[MobileCell]))
    with pytest.raises(AttributeError, match="alarm cannot be set: agents only show cells"):
        agent.alarm = 1.0
    with pytest.raises(AttributeError, match="kind cannot be set"):
        model.agents_by_type[MobileCell].set("kind", 3)
    with pytest.raises(ValueError, match="read-only"):
        agent.cell.alarm = 0.5
    model.agents_by_type[MobileCell].set("color", "red")  # an attribute of a user's own
    assert agent.color == "red"


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


def test_a_model_can_be_pickled_and_goes_on_the_same_in_another_process(model, tmp_path):
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(model))
    code = (
        f"import pickle; m = pickle.load(open({str(tmp_path / 'model.pickle')!r}, 'rb')); m.run(1.0); print(m.digest())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    model.run(1.0)
    assert told.stdout.strip() == model.digest()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_is_a_model_of_its_own(model, copied):
    other = copied(model)
    before = model.digest()
    other.run(1.0)
    assert model.digest() == before
    model.run(1.0)
    assert model.digest() == other.digest()


@pytest.mark.parametrize("seed", [2**63, 10**29, -1, 1.9, True, math.nan, "1", [1], np.random.default_rng(1)])
def test_what_is_no_seed_is_refused_in_one_sentence(seed):
    for name in ("seed", "rng"):
        with pytest.raises(
            SeedError, match=rf"^{name} = .*: is not a whole number in the range; allowed: 0 to {MOST_SEED}"
        ):
            LungModel(SMALL, **{name: seed})


@pytest.mark.parametrize("seed", [0, MOST_SEED, np.int32(7), np.uint8(3)])
def test_whole_numbers_are_seeds(seed):
    assert LungModel(SMALL, seed=seed).chance_seed == int(seed)


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
