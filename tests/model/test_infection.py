"""What drugs, immunity and leukocytes do to the virus of a section without cancer cells, run by run."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from abm.core.quantity import replaced
from abm.model.lung_model import LungModel
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario
from abm.treatments.drugs import Antiviral
from abm.treatments.treatments import Depletion, Vaccination

SEEDS, MANY = (1, 2, 3), tuple(range(1, 13))
DAYS = 18.0
DETECTED = 1.0  # virion/mm2


@cache
def arm(*treatments, dose: float = 1.0, again: float = 0.0, name: str = "influenza", **changes: float) -> Scenario:
    """An infection of a section of 4 mm2; changes: of parameters of the virus."""
    base = load_scenario(name)
    parameters = replaced(base.parameters, "dormancy.founders", 0.0)
    for name_of, value in changes.items():
        parameters = replaced(parameters, f"virus.{name_of}", value)
    infections = tuple(replace(one, dose=dose) for one in base.infections)
    if again:
        infections += (replace(infections[0], time=24.0 * again),)
    days = DAYS if not again else again + 6.0
    return replace(
        base, treatments=treatments, parameters=parameters, infections=infections, duration=24.0 * days, snapshots=()
    )


@cache
def virions(scenario: Scenario, seeds: Sequence[int] = SEEDS) -> np.ndarray:
    """Virions [1/mm2] every 6 h in each of a few sections: float64[sections, times]."""
    return np.array(
        [LungModel(scenario, seed=seed, checked=False).run().series["virions"].to_numpy() for seed in seeds]
    )


def on_day(scenario: Scenario, day: float) -> float:
    """Mean virions on a day."""
    return float(virions(scenario)[:, round(4 * day)].mean())


def last_day(scenario: Scenario) -> float:
    """Mean of the last days on which virus is detected."""
    return float(np.mean([np.flatnonzero(row >= DETECTED)[-1] / 4.0 for row in virions(scenario)]))


def test_an_antiviral_from_the_start_lets_less_virus_come_than_one_a_day_later():
    drug = "oseltamivir (mouse)"
    first, later = (arm(Antiviral(drug, start=start, stop=start + 120.0)) for start in (0.0, 24.0))
    assert on_day(first, 1.0) < 0.01 * on_day(later, 1.0)
    assert virions(first).sum() < 0.01 * virions(later).sum()


def test_virus_that_comes_again_into_an_immune_lung_is_held_back():
    again = arm(again=30.0)
    assert on_day(again, 31.5) < 0.01 * on_day(again, 1.5)


def test_a_large_dose_overcomes_a_vaccine_and_the_more_so_the_less_it_protects():
    vaccine = Vaccination()
    found = [virions(arm(vaccine, dose=dose)).sum() for dose in (1.0, 100.0, 1000.0)]
    assert found[2] > 10.0 * found[1] > 0.0
    assert found[1] > 10.0 * found[0]
    assert virions(arm(replace(vaccine, efficacy=0.9), dose=1000.0)).sum() < 0.1 * found[2]
    assert virions(arm(dose=1000.0), MANY).sum() > 100.0 * virions(arm(vaccine, dose=1000.0), MANY).sum()


def test_cd8_cells_clear_virus_without_antibody():
    assert last_day(arm()) < last_day(arm(antibody_clearance=1.0)) < DAYS


def test_cd8_cells_clear_virus_without_antibody_later_than_with_it():
    without = arm(antibody_clearance=1.0)
    assert last_day(arm()) + 2.0 < last_day(without) < DAYS


def test_without_cd4_cells_the_last_virus_goes_later():
    assert last_day(arm(Depletion("CD4"))) > last_day(arm())


def test_without_cd4_cells_the_last_virus_goes_half_a_day_later():
    assert last_day(arm(Depletion("CD4"))) > last_day(arm()) + 0.5


def test_without_neutrophils_there_is_more_virus():
    for day in (3.0, 5.0):
        assert on_day(arm(Depletion("neutrophil")), day) > 1.3 * on_day(arm(), day)


def test_without_nk_cells_there_is_no_less_virus():
    assert on_day(arm(Depletion("NK")), 5.0) > 0.9 * on_day(arm(), 5.0)
    assert last_day(arm(Depletion("NK"))) > last_day(arm()) - 0.5


@pytest.mark.parametrize(("name", "first", "last"), [("rsv", 4.0, 6.0), ("influenza", 4.5, 6.5)])
def test_virus_in_the_mouse_is_highest_about_day_5(name, first, last):
    course = virions(arm(name=name), MANY).mean(axis=0)
    assert first <= np.argmax(course) / 4.0 <= last


def test_rsv_gives_less_virus_than_influenza_and_is_gone_by_day_10():
    assert virions(arm(name="rsv")).max() < 0.3 * virions(arm()).max()
    assert last_day(arm(name="rsv")) < 10.0
