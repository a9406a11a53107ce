from dataclasses import replace

import numpy as np
import pytest

from abm.cohort.lesions import lesions_of
from abm.cohort.patient import scans_of, simulate
from abm.cohort.person import draw
from abm.cohort.plan import Care, Distribution, Occasion
from abm.cohort.timeline import blank, treatments_of
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
        assert before.sum() > 0
        assert (infected.course.cells[before] == none.course.cells[: before.sum()]).all()
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
        for one, other in zip(scanned.fates, infected.fates, strict=True):
            assert (one.visible, one.died) == (other.visible, other.died)
            assert one.found <= other.found
        assert set(infected.scans) < set(scanned.scans)


def test_the_course_is_wiped_after_each_arm(arms):
    cohort, _ = arms
    idle = no_treatment(1)[0]
    assert (blank(cohort.hours, cohort.scenario.step) == idle).all()


def test_infections_that_reach_more_of_the_lung_bring_more_lesions(arms):
    cohort, patients = arms
    counts = [
        sum(
            lesions_of(cohort, person, own[1].course, own[0].course, reach, turn).hours.size
            for person, own in patients
            for turn in range(60)
        )
        for reach in (0.0, 0.01, 0.1, 1.0)
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[2] < counts[3]


def test_at_no_reach_infected_and_uninfected_have_the_same_lesions(arms):
    cohort, patients = arms
    for person, own in patients:
        for turn in range(5):
            one, other = (lesions_of(cohort, person, arm.course, own[0].course, 0.0, turn) for arm in own[:2])
            assert (one.hours == other.hours).all()
            assert not one.reached.any()


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
    assert long_ago.burden / recent.burden == pytest.approx(np.exp(-recent.loss * 9 * 8766.0), rel=1e-6)


def test_scans_come_at_their_times_and_only_within_follow_up():
    cohort = small()
    person = draw(cohort, 1, resting_contacts(cohort.scenario))._replace(infections=(100, 5000))
    care = Care(scan_every=2000.0, scans_after=(50.0, 1000.0))
    assert scans_of(cohort, care, person) == (150, 1100, 2000, 4000, 5050)


def test_only_those_admitted_get_what_the_admitted_get():
    cohort = small(BLOCKADE.replace('name = "block"', 'name = "block"\nwho = "admitted"'))
    person, care = draw(cohort, 1, resting_contacts(cohort.scenario)), cohort.policies[0].care
    wide, narrow = person._replace(widest=0.3), person._replace(widest=0.2)
    assert treatments_of(cohort, wide, care) == care.blockade
    assert treatments_of(cohort, narrow, care) == ()
    assert treatments_of(cohort, narrow, replace(care, who="everyone", severity=0.1)) == care.blockade
    assert treatments_of(cohort, narrow, replace(care, who="everyone", severity=0.25)) == ()


def test_a_patient_is_described_by_the_laws_of_hosts():
    cohort = replace(small(), age=Distribution("fixed", 85.0), variant="Omicron", female=0.0)
    person = draw(cohort, 1, resting_contacts(cohort.scenario))
    assert not person.female
    assert person.immunity == pytest.approx(0.81)
    assert person.reach(cohort, Care()) < person.widest * cohort.hosts.reach_per_decade**2
    assert person.fatality(cohort, Care(vaccinated=1.0)) == pytest.approx(0.25 * person.fatality(cohort, Care()))
    usual = draw(replace(cohort, age=Distribution("fixed", 65.0), variant=""), 1, resting_contacts(cohort.scenario))
    assert usual.immunity == 1.0
    assert usual.reach(cohort, Care()) > 0.0
