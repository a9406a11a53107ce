"""Sources are parts of what the model itself secretes."""

import numpy as np
import pytest

from abm import LungModel
from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.live.frames import SOURCE_OVERLAYS, cell_arrays
from abm.dashboard.live.stage import SECRETED_EVERY, Stage
from abm.dashboard.mechanism.secretion import (
    CANCER,
    EPITHELIUM,
    MOBILE,
    SOURCES,
    on_blocks,
    secretion_by_source,
    sources,
    total_by_source,
)
from abm.processes.secretion import secrete
from abm.rules.cells import CellKind
from abm.rules.substances import Substance
from abm.tissue.state import SOURCE, Niche
from tests.dashboard.mechanism.conftest import played


def of_model(model: LungModel, substance: Substance) -> np.ndarray:
    """What the model secretes of a substance in its present state."""
    fields = model.tissue.fields._replace(**{substance.key: model.tissue.fields[substance].copy()})
    secrete(
        int(substance), model.tissue._replace(fields=fields), model.parameters,
        model._treatment_effects[model.tick], model.hour,
    )  # fmt: skip
    return fields[substance][SOURCE]


@pytest.mark.parametrize("substance", list(Substance))
def test_the_parts_add_up_to_the_source_of_the_model_and_nothing_changes(stage: Stage, substance: Substance) -> None:
    model = stage.arms[0].model
    before = model.digest()
    parts = secretion_by_source(model, int(substance))
    assert parts.shape[0] == SOURCES == len(sources())
    assert np.allclose(parts.sum(axis=0), of_model(model, substance), rtol=1e-5, atol=1e-6)
    assert model.digest() == before


def test_infected_epithelium_secretes_most_and_only_where_it_is_infected(stage: Stage) -> None:
    model = stage.arms[0].model
    parts = secretion_by_source(model, int(Substance.IL6))
    assert parts[EPITHELIUM].sum() > 0.5 * parts.sum() > 0
    assert np.array_equal(parts[EPITHELIUM] > 0, model.tissue.niche[Niche.INFECTED] > 0)
    assert parts[MOBILE + CellKind.CD8].sum() == 0  # it secretes none
    assert parts[CANCER].sum() > 0


def test_rules_of_a_scenario_count_among_the_sources() -> None:
    stage = played(Recipe((RecipeArm("il17a"),), seed=4, side=600, days=6), 120)
    model = stage.arms[0].model
    assert np.allclose(
        secretion_by_source(model, int(Substance.IL6)).sum(axis=0), of_model(model, Substance.IL6), rtol=1e-5, atol=1e-6
    )
    own = len(Substance)  # the first substance of the scenario
    parts = secretion_by_source(model, own)
    assert parts.sum() > 0
    stage.close()


def test_a_knockout_secretes_none() -> None:
    stage = played(Recipe((RecipeArm("il6_knockout"),), seed=1, side=400, days=2), 36)
    assert sum(total_by_source(stage.arms[0].model, int(Substance.IL6))) == 0.0
    stage.close()


def test_sources_are_noted_every_six_hours_and_forgotten_on_the_way_back() -> None:
    stage = played(Recipe((RecipeArm("influenza"),), seed=1, side=400, days=3), 49)
    rows = list(stage.arms[0].secreted)
    assert len(rows) == 48 // SECRETED_EVERY + 1
    stage.back_to(30 * stage.per_hour)
    assert stage.arms[0].secreted == rows[: 24 // SECRETED_EVERY + 1]
    while stage.hour < 49:
        stage.advance(1000)
    assert stage.arms[0].secreted == rows
    stage.close()


def test_the_map_has_the_largest_source_of_each_square(stage: Stage) -> None:
    (name,) = SOURCE_OVERLAYS
    arrays = cell_arrays(stage.arms[0], 0, name)
    parts = secretion_by_source(stage.arms[0].model, int(Substance.IL6))
    assert np.array_equal(arrays["0.source"], parts.argmax(axis=0))
    low, high = SOURCE_OVERLAYS[name].low, SOURCE_OVERLAYS[name].high
    value = low * (high / low) ** (arrays["0.secreted"] / 255)
    inside = (parts.sum(axis=0) > low) & (parts.sum(axis=0) < high)
    assert inside.any()
    assert np.allclose(value[inside], parts.sum(axis=0)[inside], rtol=0.02)


def test_squares_become_blocks_by_their_means() -> None:
    squares = np.arange(16.0).reshape(4, 4)
    assert on_blocks(squares, (8, 8)).tolist() == [[2.5, 4.5], [10.5, 12.5]]
