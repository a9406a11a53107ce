"""Infections of people, against volunteers (nasal wash) and patients (sputum)."""

from functools import cache

import numpy as np
import pytest

from abm.model.lung_model import LungModel
from abm.scenario.read import load_scenario
from abm.validate.scoring import PEOPLE, observables, reading, score

OF = {"influenza": "human_influenza", "covid_19": "human_covid_19"}


@cache
def sections(name):
    """Runs of an infection of people, in sections without cancer cells."""
    days = float(observables(PEOPLE)[name].days[-1])
    scenario = load_scenario(OF[name]).with_parameters({"dormancy.founders": 0}).with_duration(f"{days} d")
    return [LungModel(scenario, seed=seed).run().series for seed in (1, 2, 3, 4)]


def test_the_unit_is_the_spread_between_people():
    assert observables(PEOPLE)["influenza"].distance == pytest.approx(1.4, abs=0.1)  # decades
    assert all(one.distance == one.spread for one in observables(PEOPLE).values())


@pytest.mark.parametrize("name", OF)
def test_virus_is_within_one_spread_between_people(name):
    one = observables(PEOPLE)[name]
    mean = np.mean([reading(series, one) for series in sections(name)], axis=0)
    assert score(mean, one).error < 1.0


def test_influenza_of_people_is_highest_on_days_2_to_4():
    mean = np.mean([series["virions"] for series in sections("influenza")], axis=0)
    assert 2.0 <= sections("influenza")[0]["hour"][int(np.argmax(mean))] / 24.0 <= 4.0


def test_rna_outlasts_virus_in_people():
    for series in sections("covid_19"):
        assert series["virions"].iloc[-1] == 0.0
        assert series["viral_rna"].iloc[-1] > 0.0
