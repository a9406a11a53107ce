"""An infected sheet of lung, small enough for every test to read all of it."""

import pytest

import abm


@pytest.fixture(scope="session")
def run():
    scenario = (
        abm.load_scenario("influenza")
        .without_infections()
        .with_infection(dose=50)
        .with_section("sheet", width=480, height=320)
        .with_duration("5 d")
    )
    return abm.simulate(scenario, seed=1)
