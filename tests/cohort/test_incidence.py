from dataclasses import replace

import numpy as np
import pytest

from abm.cohort.disease import YEAR
from abm.cohort.fate import fate_of
from abm.cohort.incidence import escape_hazard, share_found
from abm.cohort.lesions import lesions_of
from abm.cohort.patient import scans_of
from abm.cohort.person import draw
from abm.cohort.plan import Distribution
from abm.model.quiet.resting_contacts import resting_contacts
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


def test_no_incidence_no_escapes(cohort):
    assert escape_hazard(replace(cohort, disease=cohort.disease._replace(incidence=0.0))) == 0.0


def test_lesions_are_found_neither_before_nor_after_follow_up(cohort):
    person = draw(cohort, 1, resting_contacts(cohort.scenario))
    person = person._replace(growth=2e-4)  # visible after 4,600 h, felt after 8,300 h
    chance = share_found(cohort, person, np.array([-1e6, -6000.0, 5000.0, cohort.hours - 1.0]))
    assert chance[0] == pytest.approx(0.0, abs=1e-9)
    assert chance[-1] == 0.0
    assert (chance[1:3] > 0.05).all()
