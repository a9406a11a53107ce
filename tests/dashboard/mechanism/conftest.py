"""A small stage with an infected arm and its treated twin, a few days old."""

from collections.abc import Iterator

import pytest

from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.live.stage import Stage

SMALL = Recipe((RecipeArm("influenza"), RecipeArm("influenza_blockade")), seed=6, side=600, days=6)


def played(recipe: Recipe, hour: float) -> Stage:
    """A stage at an hour."""
    stage = Stage(recipe)
    while stage.hour < hour:
        stage.advance(1000)
    return stage


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Day 5, on which cells have awakened; read, never advanced."""
    made = played(SMALL, 120)
    yield made
    made.close()
