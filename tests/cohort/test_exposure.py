from dataclasses import replace

import numpy as np
import pytest

from abm.cohort.exposure import ESTABLISHED, exposed, looks_of
from abm.cohort.patient import simulate
from abm.cohort.person import draw
from abm.cohort.timeline import treatments_of, written
from abm.model.quiet.resting_contacts import resting_contacts
from tests.cohort.patients import BLOCKADE, small


@pytest.fixture(scope="module")
def cohort():
    """A cohort whose inoculum misses most sections."""
    usual = small(BLOCKADE)
    return replace(usual, dose=replace(usual.dose, first=3.0))


def test_the_sections_of_every_infected_patient_are_infected(cohort):
    exposures = []
    for number in range(1, 7):
        _, (none, infected, *_) = simulate(cohort, number, turns=1)
        assert none.course.infected.max() == 0.0
        assert not none.infected
        assert infected.infected
        assert infected.course.infected.max() >= ESTABLISHED
        exposures.append(infected.exposures)
    assert max(exposures) > 1  # some inocula missed


def test_arms_share_the_section_and_its_past(cohort):
    person = draw(cohort, 1, resting_contacts(cohort.scenario))
    section = exposed(cohort, person, 0)
    rest, _ = looks_of(cohort, section, False, (), None)
    infected, _ = looks_of(cohort, section, True, (), None)
    again, _ = looks_of(cohort, section, True, (), None)
    assert infected == again
    past = [look for look in infected if look.hour < person.infections[0]]
    assert past == rest[: len(past)]
    assert section.before.hour == person.infections[0]


def test_an_arm_continues_from_the_last_look_up_to_which_it_is_treated_as_without_treatment(cohort):
    person = draw(cohort, 1, resting_contacts(cohort.scenario))
    section = exposed(cohort, person, 0)
    assert section.untreated[-1].looks[-1].infected >= ESTABLISHED
    anew = replace(section, untreated=())
    starts = []
    for given in ((), treatments_of(cohort, person, cohort.policies[0].care)):
        with written(cohort, person, section.scenario.parameters, given, None) as (effects, _):
            starts.append(section.latest(effects).hour)
        assert looks_of(cohort, section, True, given, None) == looks_of(cohort, anew, True, given, None)
    usual, treated = starts
    assert usual == section.untreated[-1].hour
    assert section.before.hour < treated <= section.before.hour + 24  # the first dose is on day 1


def test_a_branch_goes_on_as_the_section_itself_would(cohort):
    person = draw(cohort, 2, resting_contacts(cohort.scenario))
    section = exposed(cohort, person, 0).before
    other = section.branch(section.course, ())
    section.run(section.hour + 400)
    other.run(other.hour + 400)
    assert section.looks == other.looks
    assert (section.tissue.epithelium == other.tissue.epithelium).all()


def test_a_vaccine_may_keep_the_same_exposure_from_taking_hold(cohort):
    care = replace(cohort.care, vaccinated=1.0, before=720.0)
    told = replace(cohort, policies=(replace(cohort.policies[0], name="vaccine", care=care),))
    late = replace(told, occasions=(replace(told.occasions[0], time=replace(told.occasions[0].time, first=1500.0,
                                                                            second=1600.0)),))  # fmt: skip
    arms = [simulate(late, number, turns=1)[1] for number in range(1, 6)]
    assert all(own[1].infected for own in arms)
    assert sum(own[2].infected for own in arms) < 5
    assert all(own[2].reach <= own[1].reach for own in arms)


def test_a_patient_without_infection_has_one_section_at_rest(cohort):
    person = draw(cohort, 1, resting_contacts(cohort.scenario))._replace(infections=())
    section = exposed(cohort, person, 0)
    assert (section.establishes, section.exposures, section.before.hour) == (False, 0, 0)


@pytest.mark.slow
def test_several_sections_of_a_patient_are_averaged(cohort):
    three = replace(cohort, sections=3)
    _, arms = simulate(three, 1, turns=1)
    _, (_, single, *_) = simulate(cohort, 1, turns=1)
    course = arms[1].course
    assert (np.diff(course.hours) > 0.0).all()
    assert (np.diff(course.awake_hours) >= -1e-9).all()
    assert arms[1].exposures >= 3
    assert course.awake_hours[-1] != single.course.awake_hours[-1]
