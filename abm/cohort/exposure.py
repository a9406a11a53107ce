"""The sections of a patient: they represent the part of the lung that an infection reaches, so each is infected.

The inoculum of a usual dose leaves most sections of 1 mm2 without an infected cell. Such a section does not represent
lung that was reached. Sections are therefore drawn until the first infection establishes in one, without vaccine and
treatment. All arms then share this section, its past, and the inoculum. In an arm with vaccine or treatment, the same
exposure may fail to establish. Later infections establish or fail in the same section.
"""

from __future__ import annotations

from dataclasses import dataclass

from abm.cohort.at_rest import growth_at_rest
from abm.cohort.lung import Lung, SectionAtTime
from abm.cohort.person import Person, scenario_of
from abm.cohort.plan import Cohort
from abm.cohort.timeline import blank, written
from abm.core.chance import identity_of
from abm.model.quiet.resting_contacts import resting_contacts
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Treatment

MOST_EXPOSURES = 200  # sections drawn at most; after that, the patient counts as not infected
ESTABLISHED = 0.01  # least infected share of the epithelium at which an infection has established (assumed)
LOOK = 12  # h between looks at an exposed section
LEFT = 12  # h after the inoculum without an infected cell; the infection has then failed (assumed)
LONGEST = 480  # h within which an infection establishes (assumed)


@dataclass(frozen=True)
class ExposedSection:
    """A section of a patient.

    Attributes:
        before: the section at the hour of the first infection, or at the start if there is none. establishes:
            whether this infection does. exposures: sections drawn until it did. person, scenario: of the patient.
    """

    before: Lung
    establishes: bool
    exposures: int
    person: Person
    scenario: Scenario


def exposed(cohort: Cohort, person: Person, number: int) -> ExposedSection:
    """Draw a section of a patient in which the infection establishes; number: of the section, from 0."""
    scenario = scenario_of(cohort, person)
    if not person.infections:
        return ExposedSection(_fresh(cohort, person, scenario, number, 0), False, 0, person, scenario)
    hour = person.infections[0]
    for attempt in range(MOST_EXPOSURES):
        fresh = _fresh(cohort, person, scenario, number, attempt)
        if not _establishes(fresh, cohort, person, scenario, 0):  # most that fail later fail at the start, too
            continue
        fresh.run(hour)
        is_late = hour + LONGEST > cohort.hours  # too late to see it: the trial at the start decides
        if is_late or _establishes(fresh, cohort, person, scenario, hour):
            return ExposedSection(fresh, True, attempt + 1, person, scenario)
    return ExposedSection(_fresh(cohort, person, scenario, number, 0), False, MOST_EXPOSURES, person, scenario)


def looks_of(
    cohort: Cohort, section: ExposedSection, infected: bool, given: tuple[Treatment, ...], vaccinated: float | None
) -> tuple[list[SectionAtTime], int]:
    """Records of a section in an arm over the whole follow-up, and its initial number of dormant cells.

    Args:
        cohort: of the patient.
        section: of the patient.
        infected: whether the arm has the infections.
        given: treatments at each infection.
        vaccinated: time from vaccination to the first infection [h]; None: not vaccinated.
    """
    person = section.person if infected else section.person._replace(infections=())
    with written(cohort, person, section.scenario.parameters, given, vaccinated) as (effects, events):
        if infected and vaccinated is not None:  # it differs from before the infection on
            lung = _lung(cohort, section.scenario, section.before.seed)
            lung.follow(effects, events)
        else:
            lung = section.before.branch(effects, events)
        lung.run(cohort.hours)
    return lung.looks, lung.seeded


def _fresh(cohort: Cohort, person: Person, scenario: Scenario, number: int, attempt: int) -> Lung:
    """A section at the start."""
    return _lung(cohort, scenario, identity_of(person.seed, number, 1 + attempt) >> 1)


def _lung(cohort: Cohort, scenario: Scenario, seed: int) -> Lung:
    at_rest = growth_at_rest(cohort.scenario, scenario.parameters)
    nothing = blank(cohort.hours, scenario.step)
    return Lung(scenario, seed, nothing, contacts=resting_contacts(cohort.scenario), growth_at_rest=at_rest)


def _establishes(section: Lung, cohort: Cohort, person: Person, scenario: Scenario, hour: int) -> bool:
    """Whether an infection at the current hour establishes in a section without vaccine and treatment."""
    there = person._replace(infections=(hour,))
    with written(cohort, there, scenario.parameters, (), None) as (effects, events):
        trial = section.branch(effects, events)
        arrived = events[0][1] + LEFT
        while trial.hour < min(hour + LONGEST, cohort.hours):
            trial.run(min(trial.hour + LOOK, cohort.hours))
            infected = trial.looks[-1].infected
            if infected >= ESTABLISHED:
                return True
            if infected == 0.0 and trial.hour >= arrived:
                return False
    return False
