"""A small film: two twins of a section of 0.6 mm over six days."""

import pytest

from abm.replay.film import Film
from abm.replay.recording import record
from abm.scenario.read import load_arms
from tests.dashboard.conftest import browser  # noqa: F401 - a fixture

SEED = 9  # the infection establishes


def small_film(seed: int = SEED) -> Film:
    return record(load_arms(["no_virus", "influenza_blockade"], 6, "600um"), seed, 12.0, ("il6", "virus"))


@pytest.fixture(scope="session")
def film() -> Film:
    return small_film()
