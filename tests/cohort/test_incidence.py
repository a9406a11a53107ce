from dataclasses import replace

import numpy as np
import pytest

from abm.cohort.disease import YEAR
from abm.cohort.fate import fate_of
from abm.cohort.incidence import escape_hazard, share_found, unseen_before
from abm.cohort.lesions import lesions_of
from abm.cohort.patient import scans_of
from abm.cohort.person import draw
from abm.cohort.plan import Distribution
from abm.model.quiet.resting_contacts import resting_contacts
from abm.scenario.errors import ScenarioError
from tests.cohort.courses import at_rest
from tests.cohort.patients import small


@pytest.fixture(scope="module")
def cohort():
    usual = small()
    disease = usual.disease._replace(incidence=0.02 / YEAR)
    since = Distribution("uniform", 2 * YEAR, 15 * YEAR)
    return replace(usual, follow_up=52 * 730.5, since_diagnosis=since, disease=disease, occasions=())


@pytest.mark.parametrize("scans", [0.0, 6000.0])
@pytest.mark.parametrize("occult", [0.0, 1.0, 3.0])
def test_as_many_metastases_are_found_without_infection_as_the_file_says(cohort, scans, occult):
    care = replace(cohort.care, scan_every=scans)
    asked = replace(cohort, care=care, disease=cohort.disease._replace(occult_lesions=occult))
    rest, found, years = at_rest(asked), 0, 0.0
    for number in range(1, 401):
        person = draw(asked, number, resting_contacts(asked.scenario))
        for turn in range(20):
            lesions = lesions_of(asked, person, rest, rest, 0.0, turn)
            fate = fate_of(asked, person, care, lesions, scans_of(asked, care, person), False, turn)
            found += np.isfinite(fate.found)
            years += min(fate.found, fate.died, asked.hours) / YEAR
    assert found > 400
    assert found / years == pytest.approx(0.02, rel=0.1)


def test_an_incidence_that_cannot_be_is_refused(cohort):
    unseen = cohort.disease._replace(symptoms=2e5, doubling_time=24_000.0, doubling_spread=0.0)
    slow = cohort.disease._replace(incidence=1e-4, doubling_time=24_000.0, doubling_spread=2.0)
    strong = Distribution("fixed", 20.0)  # T cells, which leave no dormant cell
    for asked, told in (
        (replace(cohort, disease=unseen, care=replace(cohort.care, scan_every=0.0)), "no lesion can be found"),
        (replace(cohort, disease=slow, follow_up=20 * YEAR), "too slowly"),
        (replace(cohort, follow_up=24.0, care=replace(cohort.care, scan_every=2200.0)), "lesions on average"),
        (replace(cohort, immunity=strong, since_diagnosis=Distribution("fixed", 60 * YEAR)), "too slowly"),
    ):
        with pytest.raises(ScenarioError, match=told):
            escape_hazard(asked)


def test_scans_come_as_regularly_up_to_the_start_as_after_it(cohort):
    usual = replace(cohort, care=replace(cohort.care, scan_every=6000.0), sensitivity=0.9)
    missed = unseen_before(usual, np.array([-12_001.0, -6001.0, -5999.0, 0.0, 1.0]))
    assert missed == pytest.approx([1e-3, 1e-2, 0.1, 0.1, 1.0])


def test_no_incidence_no_escapes(cohort):
    assert escape_hazard(replace(cohort, disease=cohort.disease._replace(incidence=0.0))) == 0.0


def test_lesions_are_found_neither_before_nor_after_follow_up(cohort):
    person = draw(cohort, 1, resting_contacts(cohort.scenario))
    person = person._replace(growth=2e-4)  # visible after 4,600 h, felt after 8,300 h
    chance = share_found(cohort, person, np.array([-1e6, -6000.0, 5000.0, cohort.hours - 1.0]))
    assert chance[0] == pytest.approx(0.0, abs=1e-9)
    assert chance[-1] == 0.0
    assert (chance[1:3] > 0.05).all()
