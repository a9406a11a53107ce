"""The sections of a patient: they represent the part of the lung that an infection reaches, so each is infected.

The inoculum of a usual dose leaves most sections of 1 mm2 without an infected cell. Such a section does not represent
lung that was reached. Sections are therefore drawn until the first infection establishes in one, without vaccine and
treatment. All arms then share this section, its past, and the inoculum, and an arm continues from the hour up to which
it is treated as without treatment. In an arm with vaccine or treatment, the same exposure may fail to establish. Later
infections establish or fail in the same section.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.cohort.at_rest import growth_at_rest
from abm.cohort.lung import Lung, SectionAtTime
from abm.cohort.person import Person, scenario_of
from abm.cohort.plan import Cohort
from abm.cohort.timeline import blank, written
from abm.core.chance import identity_of
from abm.model.quiet.resting_contacts import resting_contacts
from abm.scenario.scenario import Scenario
from abm.treatments.effects_by_step import NEUTRAL, TreatmentEffects
from abm.treatments.treatments import Treatment

MOST_EXPOSURES = 200  # sections drawn at most; after that, the patient counts as not infected
ESTABLISHED = 0.01  # least infected share of the epithelium at which an infection has established (assumed)
LEFT = 12  # h after the inoculum without an infected cell; the infection has then failed (assumed)
LONGEST = 480  # h within which an infection establishes (assumed)


@dataclass(frozen=True)
class ExposedSection:
    """A section of a patient.

    Attributes:
        before: the section at the hour of the first infection, or at the start if there is none. untreated: the section
            after this infection without vaccine and treatment, at each look until it has established; empty if it does
            not or if that is not known in time. effects: by step, from this infection to the last of these looks,
            float64[steps, numbers]. establishes: whether this infection does. exposures: sections drawn until it did.
            person, scenario: of the patient.
    """

    before: Lung
    untreated: tuple[Lung, ...]
    effects: np.ndarray
    establishes: bool
    exposures: int
    person: Person
    scenario: Scenario

    def latest(self, effects: TreatmentEffects) -> Lung:
        """The section at the last look up to which these effects by step are those without vaccine and treatment."""
        first = self.before.tick
        same = (_numbers(effects, first, first + len(self.effects)) == self.effects).all(axis=1)
        until = first + (len(same) if same.all() else int(np.argmin(same)))
        return next((lung for lung in reversed(self.untreated) if lung.tick <= until), self.before)


def exposed(cohort: Cohort, person: Person, number: int) -> ExposedSection:
    """Draw a section of a patient in which the infection establishes; number: of the section, from 0."""
    scenario = scenario_of(cohort, person)
    nothing = np.empty((0, NEUTRAL.size))
    if not person.infections:
        return ExposedSection(_fresh(cohort, person, scenario, number, 0), (), nothing, False, 0, person, scenario)
    hour = person.infections[0]
    is_late = hour + LONGEST > cohort.hours  # too late to see it: a trial at the start decides
    for attempt in range(MOST_EXPOSURES):
        section = _fresh(cohort, person, scenario, number, attempt)
        if not is_late:
            section.run(hour)
        untreated, effects = _established(section, cohort, person, scenario)
        if untreated:
            section.run(hour)
            if is_late:
                untreated, effects = (), nothing
            return ExposedSection(section, untreated, effects, True, attempt + 1, person, scenario)
    section = _fresh(cohort, person, scenario, number, 0)
    return ExposedSection(section, (), nothing, False, MOST_EXPOSURES, person, scenario)


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
            start = section.latest(effects) if infected else section.before
            lung = start.branch(effects, events)
        lung.run(cohort.hours)
    return lung.looks, lung.seeded


def _fresh(cohort: Cohort, person: Person, scenario: Scenario, number: int, attempt: int) -> Lung:
    """A section at the start."""
    return _lung(cohort, scenario, identity_of(person.seed, number, 1 + attempt) >> 1)


def _lung(cohort: Cohort, scenario: Scenario, seed: int) -> Lung:
    at_rest = growth_at_rest(cohort.scenario, scenario.parameters)
    nothing = blank(cohort.hours, scenario.step)
    return Lung(scenario, seed, nothing, contacts=resting_contacts(cohort.scenario), growth_at_rest=at_rest)


def _established(
    section: Lung, cohort: Cohort, person: Person, scenario: Scenario
) -> tuple[tuple[Lung, ...], np.ndarray]:
    """A section at each look after an infection now, without vaccine and treatment, until it has established.

    Returns:
        The section at each look, none if the infection fails, and the effects by step up to the last one.
    """
    hour, found = section.hour, []
    there = person._replace(infections=(hour,))
    with written(cohort, there, scenario.parameters, (), None) as (effects, events):
        trial = section.branch(effects, events)
        arrived = events[0][1] + LEFT
        while trial.hour < min(hour + LONGEST, cohort.hours):
            trial.run(min(trial.next_look, cohort.hours))
            infected = trial.looks[-1].infected
            if infected == 0.0 and trial.hour >= arrived:
                break
            found.append(trial.branch(effects, events))
            if infected >= ESTABLISHED:
                return tuple(found), _numbers(effects, section.tick, trial.tick).copy()
    return (), np.empty((0, NEUTRAL.size))


def _numbers(effects: TreatmentEffects, first: int, last: int) -> np.ndarray:
    """Effects of these steps as numbers: float64[steps, numbers]."""
    return np.asarray(effects[first:last]).view(np.float64).reshape(-1, NEUTRAL.size)
