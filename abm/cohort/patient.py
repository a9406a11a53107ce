"""A patient in all arms: twins that differ by the infection and by the care they get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.cohort.at_rest import dormant_loss, resting_proliferating_share, resting_rates
from abm.cohort.disease import (
    Escapes,
    cells_of,
    diameter_of,
    escapes,
    gompertz,
    hours_to_grow,
)
from abm.cohort.lung import Lung, SectionAtTime
from abm.cohort.person import Draw, Person, draw, scenario_of
from abm.cohort.plan import Care, Cohort
from abm.cohort.timeline import treatments_of, written
from abm.core.chance import uniform, waiting_time
from abm.model.quiet.resting_contacts import resting_contacts

NO_INFECTION, INFECTION = "no infection", "infection"
USUAL = (NO_INFECTION, INFECTION)
SCALES = (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # of the reach of an infection
TURNS = 10  # of the dice, to tell small risks
MOST_LESIONS = 64  # that are followed in a patient and part of the lung; the first to be seen is among them
REST_POINTS = 209  # in time, at which the hazard of the lung at rest is worked out
INVOLVED, SPARED = 0, 1  # parts of the lung: reached by the infection or not


class SectionCourse(NamedTuple):
    """What the section showed in one arm: float64[looks] each."""

    hours: np.ndarray
    cells: np.ndarray  # living cancer cells per seeded cell
    awake: np.ndarray  # proliferating cancer cells per seeded cell
    awake_hours: np.ndarray  # cell-hours awake since the start, per seeded cell
    clones: np.ndarray  # cells of the clone of an awake cell, 0 where none is
    il6: np.ndarray  # ng/mL
    infected: np.ndarray  # share of the epithelium


@dataclass(frozen=True)
class Fate:
    """What becomes of a patient in one arm; times in hours, infinite where it never comes to that.

    Attributes:
        escaped: first escape of a lesion. visible: when a scan could first show a lesion. found: when one is found.
        by_scan: whether a scan found it. size: its diameter then [um]. lesions: that have escaped in all.
    """

    escaped: float
    visible: float
    found: float
    by_scan: bool
    size: float
    lesions: int


@dataclass(frozen=True)
class PatientArm:
    """A patient in one arm: what the section showed, the scans they had, what became of them."""

    name: str
    care: Care
    infections: tuple[int, ...]
    course: SectionCourse
    scans: tuple[int, ...]
    fate: Fate


class Weights(NamedTuple):
    """From the section to the lung.

    Attributes:
        escape: hazard [1/h] that the clone of a proliferating cell escapes. `awake`: these per dormant cell at rest.
        loss: of dormant cells at rest [1/h].
    """

    escape: float
    awake: float
    loss: float


def care_of(cohort: Cohort) -> dict[str, Care]:
    """The care in each arm, in their order."""
    return dict.fromkeys(USUAL, cohort.care) | {policy.name: policy.care for policy in cohort.policies}


def simulate(cohort: Cohort, number: int) -> tuple[Person, list[PatientArm]]:
    """A patient in all arms."""
    person = draw(cohort, number, resting_contacts(cohort.scenario))
    uninfected = person._replace(infections=())
    seen: dict[object, SectionCourse] = {}
    arms = []
    for name, care in care_of(cohort).items():
        who = uninfected if name == NO_INFECTION else person
        given = treatments_of(who, care, cohort.admission)
        before = care.before if who.is_vaccinated(care) else None
        key = (who.infections, given, before) if who.infections else ()
        if key not in seen:  # care that does not touch this patient's tissue
            seen[key] = _section(cohort, who, given, before)
        scans = scans_of(cohort, care, who)
        fate = fate_of(cohort, person, seen[key], scans)
        arms.append(PatientArm(name, care, who.infections, seen[key], scans, fate))
    return person, arms


def _section(cohort: Cohort, person: Person, given: tuple, vaccinated_before: float | None) -> SectionCourse:
    """What the section of a patient shows over the whole of follow-up."""
    scenario = scenario_of(cohort, person)
    with written(cohort, person, scenario.parameters, given, vaccinated_before) as (treatment_effects, events):
        lung = Lung(scenario, person.seed >> 1, treatment_effects, events, contacts=resting_contacts(cohort.scenario))
        lung.run(cohort.hours)
    return _as_course(lung.looks, lung.seeded)


def _as_course(looks: Sequence[SectionAtTime], seeded: int) -> SectionCourse:
    table = np.array(looks, dtype=np.float64)
    hours, cells, awake, awake_hours, clones, il6, infected = table.T
    return SectionCourse(hours, cells / seeded, awake / seeded, awake_hours / seeded, clones, il6, infected)


def scans_of(cohort: Cohort, care: Care, person: Person) -> tuple[int, ...]:
    """Whole hours of the scans that a patient has under this care."""
    times = [hour + after for hour in person.infections for after in care.scans_after]
    if care.scan_every > 0.0:
        times += list(np.arange(care.scan_every, cohort.hours, care.scan_every))
    return tuple(sorted({round(time) for time in times if time < cohort.hours}))


@lru_cache(maxsize=4)
def weights_of(cohort: Cohort, person: Person) -> Weights:
    """What turns proliferating cells into a hazard for this patient."""
    scenario, disease, contacts = cohort.scenario, cohort.disease, resting_contacts(cohort.scenario)
    rates = resting_rates(scenario)
    share = resting_proliferating_share(rates, scenario.parameters.dormancy)
    escape = disease.incidence / (disease.usual_burden * share)
    return Weights(escape, share, dormant_loss(scenario_of(cohort, person).parameters, scenario, contacts))


def fate_of(
    cohort: Cohort, person: Person, course: SectionCourse, scans: Sequence[int], scale: float = 1.0, turn: int = 0
) -> Fate:
    """What becomes of a patient whose infections reach `scale` times as much of the lung.

    The part of the lung that is reached behaves like the section, each of whose cells stands for many; the rest is at
    rest, and so large that the mean counts.

    Args:
        cohort: the patient is of.
        person: the patient.
        course: what the section showed.
        scans: whole hours.
        scale: of the reach.
        turn: of the dice that decide which lesions escape; the same in all arms.
    """
    weights, reach = weights_of(cohort, person), min(1.0, person.reach * scale)
    dense = weights.escape * person.burden
    months = np.linspace(0.0, cohort.hours, REST_POINTS)  # the same in all arms
    fading = -np.expm1(-weights.loss * months) / weights.loss if weights.loss > 0.0 else months
    involved, spared = dense * reach * course.awake_hours, dense * (1.0 - reach) * weights.awake * fading
    parts = (
        escapes(_thresholds(person, INVOLVED, turn), course.hours, involved, course.clones),
        escapes(_thresholds(person, SPARED, turn), months, spared, np.zeros_like(months)),
    )
    lesions = Escapes(*(np.concatenate(both) for both in zip(*parts, strict=True)))
    return _found(cohort, person, lesions, scans)


@lru_cache(maxsize=256)
def _thresholds(person: Person, part: int, turn: int) -> np.ndarray:
    """A Poisson process of rate 1, the same in all arms."""
    first = turn * MOST_LESIONS
    return np.cumsum([waiting_time(person.seed, Draw.ESCAPE, part, first + count) for count in range(MOST_LESIONS)])


def _found(cohort: Cohort, person: Person, lesions: Escapes, scans: Sequence[int]) -> Fate:
    disease = cohort.disease
    if not lesions.hours.size:
        return Fate(np.inf, np.inf, np.inf, False, 0.0, 0)

    def first_at(diameter: float) -> float:
        """When the first lesion is this large."""
        size = cells_of(diameter, disease.packing)
        return min(
            hour + hours_to_grow(cells, size, person.growth, disease.limit)
            for hour, cells in zip(*lesions, strict=True)
        )

    visible, symptoms = first_at(cohort.scan_sees), first_at(disease.symptoms)
    seen = [
        scan for scan in scans
        if scan >= visible and uniform(person.seed, Draw.SCAN, scan, 0) < cohort.sensitivity
    ]  # fmt: skip
    found = min([symptoms, *seen])
    by_scan = found < symptoms
    escaped, lesion_count = float(lesions.hours.min()), int(lesions.hours.size)
    if found >= cohort.hours:
        return Fate(escaped, visible, np.inf, False, 0.0, lesion_count)
    return Fate(escaped, visible, found, by_scan, largest(cohort, person, lesions, found), lesion_count)


def largest(cohort: Cohort, person: Person, lesions: Escapes, hour: float) -> float:
    """Diameter [um] of the largest lesion at an hour; 0 where there is none."""
    disease = cohort.disease
    sizes = [
        gompertz(cells, hour - begin, person.growth, disease.limit)
        for begin, cells in zip(*lesions, strict=True)
        if begin <= hour
    ]
    return diameter_of(max(sizes), disease.packing) if sizes else 0.0
