from dataclasses import replace

import numpy as np
import pytest

from abm.cohort.death import CANCER, INFECTION, TREATMENT, Death
from abm.cohort.disease import YEAR
from abm.cohort.fate import TO_HARM, fate_of
from abm.cohort.lesions import lesions_of
from abm.cohort.person import Draw, draw
from abm.cohort.plan import Care
from abm.model.quiet.resting_contacts import resting_contacts
from tests.cohort.courses import at_rest
from tests.cohort.patients import BLOCKADE, small


@pytest.fixture(scope="module")
def cohort():
    return replace(small(BLOCKADE), follow_up=52 * 730.5)


def fates(cohort, care=None, infected=True, people=40, turns=20, **traits):
    rest, found = at_rest(cohort), []
    for number in range(1, people + 1):
        person = draw(cohort, number, resting_contacts(cohort.scenario))._replace(infections=(1000,), **traits)
        for turn in range(turns):
            lesions = lesions_of(cohort, person, rest, rest, 0.1, turn)
            found.append(fate_of(cohort, person, care or cohort.care, lesions, (5000, 20_000), infected, turn))
    return found


def share(found, cause):
    return np.mean([fate.cause == cause for fate in found])


def test_of_an_infection_die_as_many_as_the_law_says_and_none_without_it(cohort):
    found = fates(cohort, age=80.0, female=True, comorbidity=1.0)
    expected = 0.084 / (0.5 + 0.5 * 1.59)
    assert share(found, INFECTION) == pytest.approx(expected, abs=4 * np.sqrt(expected / 800))
    assert share(fates(cohort, infected=False, age=80.0), INFECTION) == 0.0
    died = [fate.died for fate in found if fate.cause == INFECTION]
    assert min(died) > 1000.0
    assert np.median(died) == pytest.approx(1000.0 + 18 * 24.0, rel=0.1)


def test_twins_die_at_the_same_hour_of_what_the_infection_does_not_change(cohort):
    one, other = fates(cohort), fates(cohort, infected=False)
    for infected, spared in zip(one, other, strict=True):
        if infected.cause not in (INFECTION, ""):
            assert infected.died == spared.died


def test_nobody_dies_of_a_lesion_that_would_have_been_found_before_the_start(cohort):
    told = replace(cohort, disease=cohort.disease._replace(incidence=2e-5, lethal=1e9, lethal_spread=3.0))
    found = fates(told, infected=False, age=45.0, female=True, comorbidity=1.0)
    assert sum(fate.cause == CANCER for fate in found) > 50
    assert min(fate.died for fate in found) > 0.0


def test_a_share_of_deaths_from_the_infection_is_recorded_as_cancer(cohort):
    told = replace(cohort, death=Death()._replace(recorded_as_cancer=0.4))
    of_infection = [fate for fate in fates(told, age=90.0) if fate.cause == INFECTION]
    assert np.mean([fate.recorded == CANCER for fate in of_infection]) == pytest.approx(0.4, abs=0.15)
    assert all(fate.recorded == fate.cause for fate in fates(cohort, age=90.0))


def test_deaths_from_metastases_elsewhere_come_at_their_rate(cohort):
    told = replace(
        cohort, disease=cohort.disease._replace(incidence=0.0), death=Death()._replace(elsewhere=0.05 / YEAR)
    )  # without lesions of the lung
    found = fates(told, infected=False, age=45.0, female=True, comorbidity=1.0)
    assert share(found, CANCER) == pytest.approx(1.0 - np.exp(-0.05 * 52 / 12), abs=0.06)


def test_nothing_is_found_after_death_and_scans_before_it_were_clear(cohort):
    for fate in fates(cohort, age=85.0):
        if np.isfinite(fate.found):
            assert fate.found < fate.died
            assert 0.0 <= fate.last_clear < fate.found
            assert fate.size > 0.0
        else:
            assert fate.last_clear == max([0, *(scan for scan in (5000, 20_000) if scan < fate.died)])
        assert (fate.cause == "") == np.isinf(fate.died)


def test_a_treatment_harms_the_share_that_the_policy_says_and_a_part_of_it_dies(cohort):
    care = replace(cohort.policies[0].care, serious_infection=0.3)
    told = replace(cohort, death=Death()._replace(fatal_harm=0.5))
    found = fates(told, care, age=50.0)
    assert np.mean([fate.harmed for fate in found]) == pytest.approx(0.3, abs=0.06)
    assert share(found, TREATMENT) == pytest.approx(0.15, abs=0.05)
    assert not any(fate.harmed for fate in fates(told, care, infected=False, age=50.0))
    assert not any(fate.harmed for fate in fates(told, Care(serious_infection=0.3), age=50.0))


def test_a_treatment_neither_harms_nor_protects_before_its_first_dose(cohort):
    care = cohort.policies[0].care
    drug = replace(care.blockade[0], start=600.0, stop=624.0)
    late = replace(care, blockade=(drug,), infection_death=0.0, serious_infection=1.0)
    told = replace(cohort, death=Death()._replace(fatal_harm=1.0))
    usual, treated = fates(cohort, age=88.0), fates(told, late, age=88.0)
    before = [one.died for one in usual if one.cause == INFECTION and one.died < 1000.0 + 600.0]
    assert len(before) > 10
    assert [one.died for one in treated if one.cause == INFECTION] == before
    of_treatment = {one.died for one in treated if one.cause == TREATMENT}
    assert of_treatment == {1000.0 + 600.0 + TO_HARM}


def test_care_that_makes_the_infection_less_deadly_saves_the_same_patients(cohort):
    care = replace(cohort.policies[0].care, infection_death=0.5)
    usual, milder = fates(cohort, age=88.0), fates(cohort, care, age=88.0)
    saved = [one.cause == INFECTION and other.cause != INFECTION for one, other in zip(usual, milder, strict=True)]
    harmed = [one.cause != INFECTION and other.cause == INFECTION for one, other in zip(usual, milder, strict=True)]
    assert share(milder, INFECTION) == pytest.approx(0.5 * share(usual, INFECTION), rel=0.3)
    assert sum(saved) > 10
    assert sum(harmed) == 0


def test_no_two_decisions_on_death_share_a_random_number_however_many_infections(cohort, monkeypatch):
    person = draw(cohort, 1, resting_contacts(cohort.scenario))
    person = person._replace(infections=tuple(range(0, 30_000, 100)))
    rest = at_rest(cohort)
    lesions = lesions_of(cohort, person, rest, rest, 0.1, 0)
    addresses = {}
    for deadly in (0, 150):
        asked = addresses[deadly] = set()

        def told(*address, asked=asked, deadly=deadly):
            asked.add(address)
            return 0.0 if address[1:3] == (Draw.FATAL, 1000 + deadly) else 0.999

        monkeypatch.setattr("abm.cohort.fate.uniform", told)
        fate_of(cohort, person, cohort.care, lesions, (5000, 20_000), True, 0)
    assert len(addresses[0] - addresses[150]) == 1  # time from the first infection to death
    assert len(addresses[150] - addresses[0]) == 151  # 150 more survived or not, and the time from the last
