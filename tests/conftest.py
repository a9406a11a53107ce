"""What all tests share: steady property-based tests, a small scenario and a small infected section."""

from dataclasses import replace

import pytest
from hypothesis import settings

from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Infection

# Compilation takes as long as it takes, and a test gives the same answer every time.
settings.register_profile("embers", deadline=None, derandomize=True, database=None)
settings.load_profile("embers")


@pytest.fixture(scope="session")
def healthy() -> Scenario:
    """A small section without virus, for a day."""
    return Scenario(name="healthy", width=400.0, height=400.0, duration=24.0, snapshots=())


@pytest.fixture(scope="session")
def infected(healthy: Scenario) -> Scenario:
    """The same section under so much virus that every process has work within days."""
    return replace(healthy, name="infected", infections=(Infection(dose=50.0),), duration=240.0)
