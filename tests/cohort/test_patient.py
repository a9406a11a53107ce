from dataclasses import replace

import numpy as np
import pytest

from abm.cohort.patient import fate_of, scans_of, simulate, weights_of
from abm.cohort.person import draw
from abm.cohort.plan import Care, Distribution, Occasion
from abm.cohort.timeline import _blank, treatments_of
from abm.model.quiet.resting_contacts import resting_contacts
from abm.treatments.effects_by_step import no_treatment
from tests.cohort.patients import BLOCKADE, SCANS, small


@pytest.fixture(scope="module")
def arms():
    cohort = small(SCANS + BLOCKADE)
    return cohort, [simulate(cohort, number) for number in (1, 2)]


def test_twins_are_the_same_until_the_infection(arms):
    _, patients = arms
    for person, (none, infected, *_) in patients:
        before = infected.course.hours < person.infections[0]
        assert none.infections == ()
        assert infected.course.cells[before].max() == none.course.cells[0]
        assert infected.course.infected.max() > 0.0
        assert none.course.infected.max() == 0.0


def test_infection_wakes_cells_and_blockade_of_il6_keeps_them_asleep(arms):
    _, patients = arms
    awake = {arm.name: 0.0 for arm in patients[0][1]}
    for _, own in patients:
        for arm in own:
            awake[arm.name] += arm.course.awake_hours[-1]
    assert awake["infection"] > 20.0 * (awake["no infection"] + 1.0)
    assert awake["block"] < 0.2 * awake["infection"]


def test_care_that_does_not_touch_the_tissue_leaves_the_disease_as_it_is(arms):
    _, patients = arms
    for _, own in patients:
        infected, scanned = (next(arm for arm in own if arm.name == name) for name in ("infection", "scan"))
        assert scanned.course is infected.course
        assert scanned.fate.visible == infected.fate.visible
        assert scanned.fate.found <= infected.fate.found
        assert set(infected.scans) < set(scanned.scans)


def test_the_course_is_wiped_after_each_arm(arms):
    cohort, _ = arms
    idle = no_treatment(1)[0]
    assert (_blank(cohort.hours, cohort.scenario.step) == idle).all()


def test_infections_that_reach_more_of_the_lung_do_more_harm(arms):
    cohort, patients = arms
    months = []
    for scale in (0.001, 0.01, 0.1):
        times = [
            fate_of(cohort, person, own[1].course, own[1].scans, scale, turn).visible
            for person, own in patients
            for turn in range(60)
        ]
        months.append(np.minimum(times, cohort.hours).mean())
    assert months[0] > months[1] > months[2]


def test_at_no_reach_infected_and_uninfected_have_the_same_fate(arms):
    cohort, patients = arms
    for person, own in patients:
        fates = [fate_of(cohort, person, arm.course, own[0].scans, 1e-12, turn) for arm in own[:2] for turn in range(5)]
        assert fates[:5] == fates[5:]


def test_a_patient_does_not_depend_on_how_many_there_are():
    cohort = small()
    means = resting_contacts(cohort.scenario)
    assert draw(cohort, 3, means) == draw(replace(cohort, patients=1000), 3, means)
    assert draw(cohort, 3, means) != draw(replace(cohort, seed=2), 3, means)


def test_patients_follow_their_distributions():
    usual = replace(small(), burden=Distribution("log-normal", 100.0, 2.0, 1.0, 1e9))
    winter = Occasion(Distribution("uniform", 0.0, 100.0), 0.3, 1000.0)
    cohort = replace(
        usual,
        since_diagnosis=Distribution("fixed", 0.0),
        occasions=(winter,),
        viruses=(("influenza", 0.2), ("SARS-CoV-2", 0.8)),
    )
    people = [draw(cohort, number, resting_contacts(cohort.scenario)) for number in range(1, 3001)]
    burdens = np.log([person.burden for person in people])
    assert burdens.mean() == pytest.approx(np.log(100.0), abs=0.05)
    assert burdens.std() == pytest.approx(np.log(2.0), abs=0.04)
    assert np.mean([person.virus == "influenza" for person in people]) == pytest.approx(0.2, abs=0.03)
    occasions = 1 + (cohort.hours - 50) // 1000
    assert np.mean([len(person.infections) for person in people]) == pytest.approx(0.3 * occasions, rel=0.06)


def test_dormant_cells_are_lost_in_the_years_since_diagnosis():
    cohort = replace(small(), burden=Distribution("fixed", 1000.0))
    recent, long_ago = (
        draw(
            replace(cohort, since_diagnosis=Distribution("fixed", years * 8766.0)), 1, resting_contacts(cohort.scenario)
        )
        for years in (1.0, 10.0)
    )
    loss = weights_of(cohort, recent).loss
    assert long_ago.burden / recent.burden == pytest.approx(np.exp(-loss * 9 * 8766.0), rel=1e-6)


def test_the_usual_patient_has_the_incidence_that_was_measured():
    cohort = small()
    person = draw(cohort, 1, resting_contacts(cohort.scenario))
    weights = weights_of(cohort, person)
    assert weights.escape * cohort.disease.usual_burden * weights.awake == pytest.approx(cohort.disease.incidence)


def test_scans_come_at_their_times_and_only_within_follow_up():
    cohort = small()
    person = draw(cohort, 1, resting_contacts(cohort.scenario))._replace(infections=(100, 5000))
    care = Care(scan_every=2000.0, scans_after=(50.0, 1000.0))
    assert scans_of(cohort, care, person) == (150, 1100, 2000, 4000, 5050)


def test_only_those_admitted_get_what_the_admitted_get():
    cohort = small(BLOCKADE.replace('name = "block"', 'name = "block"\nwho = "admitted"'))
    person, care = draw(cohort, 1, resting_contacts(cohort.scenario)), cohort.policies[0].care
    assert treatments_of(person._replace(reach=0.3), care, 0.25) == care.blockade
    assert treatments_of(person._replace(reach=0.2), care, 0.25) == ()
