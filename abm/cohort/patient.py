"""A patient in all arms: twins that differ in infection and care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from abm.cohort.at_rest import growth_at_rest
from abm.cohort.exposure import ESTABLISHED, ExposedSection, exposed, looks_of
from abm.cohort.fate import Fate, fate_of
from abm.cohort.lesions import TURNS, Lesions, SectionCourse, hours_gained, lesions_of
from abm.cohort.lung import SectionAtTime
from abm.cohort.person import Person, draw
from abm.cohort.plan import Care, Cohort
from abm.cohort.timeline import treatments_of
from abm.model.quiet.resting_contacts import resting_contacts

NO_INFECTION, INFECTION = "no infection", "infection"
USUAL = (NO_INFECTION, INFECTION)


@dataclass(frozen=True)
class PatientArm:
    """A patient in one arm.

    Attributes:
        name, care: of the arm. infections: whole hours. infected: whether one established here. reach: share of the
            lung that they reach; without infection, that reached in the infected twin. exposures: sections drawn until
            the infection established in each. course: of the sections. scans: whole hours. lesions, fates: by random
            draw.
    """

    name: str
    care: Care
    infections: tuple[int, ...]
    infected: bool
    reach: float
    exposures: int
    course: SectionCourse
    scans: tuple[int, ...]
    lesions: tuple[Lesions, ...]
    fates: tuple[Fate, ...]


def care_of(cohort: Cohort) -> dict[str, Care]:
    """The care in each arm, in the order of the arms."""
    return dict.fromkeys(USUAL, cohort.care) | {policy.name: policy.care for policy in cohort.policies}


def simulate(cohort: Cohort, number: int, turns: int = TURNS) -> tuple[Person, list[PatientArm]]:
    """Simulate a patient in all arms; turns: number of random draws."""
    drawn = draw(cohort, number, resting_contacts(cohort.scenario))
    sections = [exposed(cohort, drawn, which) for which in range(cohort.sections)]
    person = drawn if any(section.establishes for section in sections) else drawn._replace(infections=())
    uninfected = person._replace(infections=())
    rest = _course(cohort, sections, False, (), None)
    exposures = sum(section.exposures for section in sections)
    seen = {(): rest}
    arms = []
    for name, care in care_of(cohort).items():
        who = uninfected if name == NO_INFECTION else person
        given = treatments_of(cohort, who, care)
        before = care.before if who.is_vaccinated(care) else None
        key: tuple = (given, before) if who.infections else ()
        if key not in seen:  # care without effect on the tissue of this patient
            seen[key] = _course(cohort, sections, True, given, before)
        course, reach = seen[key], person.reach(cohort, care) if person.infections else 0.0
        infected, scans = bool(course.infected.max() > 0.0), scans_of(cohort, care, who)
        lesions = tuple(lesions_of(cohort, who, course, rest, reach, turn) for turn in range(turns))
        fates = tuple(
            fate_of(cohort, who, care, own, scans, infected, turn) for turn, own in enumerate(lesions)
        )  # fmt: skip
        arms.append(PatientArm(name, care, who.infections, infected, reach, exposures, course, scans, lesions, fates))
    return person, arms


def _course(
    cohort: Cohort, sections: Sequence[ExposedSection], infected: bool, given: tuple,
    vaccinated: float | None,
) -> SectionCourse:  # fmt: skip
    """Mean over the sections of a patient in an arm."""
    at_rest = growth_at_rest(cohort.scenario, sections[0].scenario.parameters)
    found = [
        _as_course(*looks_of(cohort, section, infected, given, vaccinated), at_rest, cohort) for section in sections
    ]
    return found[0] if len(found) == 1 else _mean(found)


def _as_course(
    looks: Sequence[SectionAtTime], seeded: int, at_rest: tuple[float, float], cohort: Cohort
) -> SectionCourse:
    hours, cells, awake, awake_hours, clones, il6, infected, cycling, killing = np.array(looks, dtype=np.float64).T
    if infected.max() < ESTABLISHED:  # some cells infected by an exposure that failed to establish
        infected = np.zeros_like(infected)
    gained = hours_gained(hours, cycling, at_rest[0], cohort.disease)
    killed = float(((killing[1:] - at_rest[1]) * np.diff(hours)).sum())
    return SectionCourse(
        hours, cells / seeded, awake / seeded, awake_hours / seeded, clones, il6, infected, gained, max(0.0, killed)
    )


def _mean(courses: Sequence[SectionCourse]) -> SectionCourse:
    """Mean of the courses of several sections, at all of their looks."""
    hours = np.unique(np.concatenate([course.hours for course in courses]))

    def mean(name: str) -> np.ndarray:
        return np.mean([np.interp(hours, course.hours, getattr(course, name)) for course in courses], axis=0)

    return SectionCourse(
        hours, mean("cells"), mean("awake"), mean("awake_hours"), mean("clones"), mean("il6"), mean("infected"),
        mean("gained"), float(np.mean([course.killing for course in courses])),
    )  # fmt: skip


def scans_of(cohort: Cohort, care: Care, person: Person) -> tuple[int, ...]:
    """Whole hours of the scans of a patient under this care."""
    times = [hour + after for hour in person.infections for after in care.scans_after]
    if care.scan_every > 0.0:
        times += list(np.arange(care.scan_every, cohort.hours, care.scan_every))
    return tuple(sorted({round(time) for time in times if time < cohort.hours}))
