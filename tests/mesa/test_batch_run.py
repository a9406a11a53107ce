"""Batches by Mesa's own `batch_run`, as its version at hand takes seeds."""

import inspect
import pickle
from dataclasses import replace

import mesa
import pytest

from abm.model.lung_model import LungModel
from abm.model.measures import MEASURES
from abm.scenario.scenario import Scenario

SEEDS = [1, 2]
if not hasattr(mesa, "batch_run"):
    pytest.skip("Mesa 4 has no batch_run", allow_module_level=True)
# Newer versions give the seed of a model themselves.
TAKES_SEEDS_ITSELF = "rng" in inspect.signature(mesa.batch_run).parameters


def batch(scenarios: list[Scenario], **options) -> list[dict]:
    """Rows of all scenarios at seeds 1 and 2."""
    if TAKES_SEEDS_ITSELF:
        return mesa.batch_run(LungModel, {"scenario": scenarios}, rng=SEEDS, display_progress=False, **options)
    parameters = {"scenario": scenarios, "seed": SEEDS}
    return mesa.batch_run(LungModel, parameters, display_progress=False, **options)


def measured(scenario: Scenario, seed: int, step: int) -> dict[str, float]:
    model = LungModel(scenario, seed=seed)
    model.run_until(step)
    return {name: model.measure(name) for name in MEASURES}


@pytest.fixture(scope="module")
def scenarios(healthy: Scenario, infected: Scenario) -> list[Scenario]:
    return [healthy, replace(infected, duration=24.0)]


def test_a_batch_has_the_same_numbers_as_single_runs(scenarios):
    rows = batch(scenarios, max_steps=30)
    assert len(rows) == len(scenarios) * len(SEEDS)
    assert {(row["scenario"].name, row["seed"]) for row in rows} == {
        (scenario.name, seed) for scenario in scenarios for seed in SEEDS
    }
    for row in rows:
        alone = measured(row["scenario"], row["seed"], row["Step"])
        assert {name: row[name] for name in MEASURES} == alone
        assert row["hour"] == pytest.approx(row["Step"] * row["scenario"].step)


def test_a_batch_has_a_row_for_every_step(scenarios):
    rows = batch(scenarios[:1], max_steps=5, data_collection_period=1)
    for seed in SEEDS:
        steps = [row["Step"] for row in rows if row["seed"] == seed]
        assert steps[:6] == list(range(6))


def test_a_batch_ends_with_the_scenario(healthy):
    rows = batch([replace(healthy, duration=2.0)], max_steps=100)
    assert {row["Step"] for row in rows} <= {11, 12}  # Mesa 3.3 shows the last step but one


def test_a_batch_without_seeds_runs(healthy):
    rows = mesa.batch_run(LungModel, {"scenario": healthy}, max_steps=3, display_progress=False)
    assert len(rows) == 1


def test_what_a_batch_sends_to_its_workers_can_be_pickled(scenarios):
    assert pickle.loads(pickle.dumps((LungModel, scenarios))) == (LungModel, scenarios)


@pytest.mark.slow
def test_a_batch_on_two_workers_has_the_same_numbers(scenarios):
    def numbers(rows: list[dict]) -> dict[tuple[str, int], dict]:
        return {(row["scenario"].name, row["seed"]): {name: row[name] for name in MEASURES} for row in rows}

    assert numbers(batch(scenarios, max_steps=6, number_processes=2)) == numbers(batch(scenarios, max_steps=6))
