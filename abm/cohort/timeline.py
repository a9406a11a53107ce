"""What is done to a patient in each step of the years: one course, written for an arm and wiped for the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np

from abm.cohort.person import Person
from abm.cohort.plan import Care, Cohort
from abm.rules.infection import Virus
from abm.rules.parameters import Parameters
from abm.treatments.course import Course, arrivals_of_virus, idle_course
from abm.treatments.treatments import Treatment

FACTORS = ("il6_secretion", "receptor_left", "stat_left", "interferon_left", "release_left")
FADES_IN = 4320  # h after its last dose in which the longest drug is gone
RIPENING = 336  # h from a vaccination to its full effect
Event = tuple[int, int]


@lru_cache(maxsize=1)
def _blank(hours: int, step: float) -> Course:
    """A course in which nothing is done; one a process, because that of 52 months takes 55 MB."""
    return idle_course(round(hours / step) + 1)


@lru_cache(maxsize=32)
def _effect(treatment: Treatment, hours: int, step: float) -> Course:
    """What a treatment does in the hours after an infection; the same for all patients."""
    last = min(float(hours), getattr(treatment, "stop", float(hours)))
    ticks = round(min(float(hours), last + FADES_IN) / step)
    course = idle_course(ticks)
    treatment.apply(course, step)
    return course


@lru_cache(maxsize=8)
def _arrivals(virus: Virus, step: float) -> np.ndarray:
    return arrivals_of_virus(virus, step)


def treatments_of(person: Person, care: Care, admission: float) -> tuple[Treatment, ...]:
    """What a patient is given at each infection."""
    given: tuple[Treatment, ...] = ()
    if person.antiviral < care.antiviral:
        given += tuple(drug for drug in care.antivirals if drug.LIBRARY[drug.drug].acts_on == person.virus)
    return given + (care.blockade if person.gets(care, admission) else ())


@contextmanager
def written(
    cohort: Cohort,
    person: Person,
    parameters: Parameters,
    given: tuple[Treatment, ...],
    vaccinated_before: float | None,
) -> Iterator[tuple[Course, tuple[Event, ...]]]:
    """The course of a patient with their infections, and its events that time must not jump over; wiped afterwards.

    Args:
        cohort: the patient is of.
        person: the patient, with their infections.
        parameters: of the patient.
        given: what they are given at each infection.
        vaccinated_before: how long before the first infection [h] they are vaccinated; None: not at all.
    """
    step = cohort.scenario.step
    course = _blank(cohort.hours, step)
    touched, events = [], []
    arriving = _arrivals(parameters.virus, step)
    try:
        for hour in person.infections:
            first = round(hour / step)
            touched.append(_add(course, "inoculum", first, person.dose * arriving))
            events.append((hour, hour + int(np.ceil(arriving.size * step)) + 1))
            for treatment in given:
                touched.append(_combine(course, _effect(treatment, cohort.hours, step), first))
        if vaccinated_before is not None and person.infections:
            hour = max(0, round(person.infections[0] - vaccinated_before) + RIPENING)
            first = round(hour / step)
            course.immunity[first] = 1.0
            course.vaccinated[first:] = 1.0
            touched.append(slice(first, course.size))
            events.append((hour, hour + 1))
        yield course, tuple(events)
    finally:
        idle: Any = idle_course(1)[0]
        for part in touched:
            course[part] = idle


def _add(course: Course, name: str, first: int, values: np.ndarray) -> slice:
    part = slice(first, min(first + values.size, course.size))
    course[name][part] += values[: part.stop - part.start]
    return part


def _combine(course: Course, effect: Course, first: int) -> slice:
    part = slice(first, min(first + effect.size, course.size))
    length = part.stop - part.start
    for name in FACTORS:
        course[name][part] *= effect[name][:length]
    course.il6_loss[part] += effect.il6_loss[:length]
    return part
