"""Outcome of a patient in one arm and random draw: metastasis found, death and its cause."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from abm.cohort.death import CANCER, INFECTION, OTHER, TREATMENT, hours_to_other_death, lag_at
from abm.cohort.disease import diameter_of
from abm.cohort.lesions import Lesions
from abm.cohort.person import Draw, Person
from abm.cohort.plan import Care, Cohort
from abm.core.chance import uniform, waiting_time

ELSEWHERE, ANYTHING = 0, 1  # readings of the clocks of death
TO_HARM = 336.0  # h from the first dose to a serious infection under treatment (assumed: two weeks)


class Fate(NamedTuple):
    """Outcome of a patient; times in hours, infinite if the event never occurs.

    Attributes:
        escaped: first escape of a lesion, before 0 if it grew at the start. occult: lesions that grow at the start.
            lesions: total number. visible: when a scan could first detect one. last_clear: last clear scan in life.
            found: when one is found. by_scan: whether a scan found it. size: its diameter then [um]. died: time of
            death within follow-up. cause: of death, empty for survivors. recorded: cause in a registry. harmed: whether
            the treatment caused a serious infection.
    """

    escaped: float
    occult: int
    lesions: int
    visible: float
    last_clear: float
    found: float
    by_scan: bool
    size: float
    died: float
    cause: str
    recorded: str
    harmed: bool


def fate_of(
    cohort: Cohort, person: Person, care: Care, lesions: Lesions, scans: Sequence[int], infected: bool, turn: int
) -> Fate:
    """Compute the outcome of a patient.

    Args:
        cohort: of the patient.
        person: the patient, with the infections of this arm.
        care: of this arm.
        lesions: of this arm and draw.
        scans: whole hours.
        infected: whether an infection established in this arm.
        turn: number of the random draw, the same in all arms.
    """
    disease = cohort.disease
    died, cause, harmed = _death(cohort, person, care, lesions, infected, turn)
    recorded = cause
    if cause == INFECTION and _share(person, Draw.RECORDED, turn) < cohort.death.recorded_as_cancer:
        recorded = CANCER
    end = min(died, float(cohort.hours))
    visible = float(lesions.hours_at(cohort.scan_sees, disease).min(initial=np.inf))
    symptoms = float(lesions.hours_at(disease.symptoms, disease).min(initial=np.inf))
    found = min(
        [symptoms, *(scan for scan in scans if scan >= visible and _shows(cohort, person, scan, turn))],
    )  # fmt: skip
    by_scan, size = found < symptoms, 0.0
    last_clear = float(max((scan for scan in scans if scan < min(found, end)), default=0))
    if found < end:
        size = diameter_of(lesions.largest(found, disease), disease.packing)
    else:
        found, by_scan = np.inf, False
    return Fate(
        float(lesions.hours.min(initial=np.inf)), int((lesions.hours < 0.0).sum()), int(lesions.hours.size), visible,
        last_clear, found, by_scan, size, died, cause, recorded, harmed,
    )  # fmt: skip


def _death(
    cohort: Cohort, person: Person, care: Care, lesions: Lesions, infected: bool, turn: int
) -> tuple[float, str, bool]:
    """Time and cause of death within follow-up, and whether treatment harmed the patient."""
    disease, risks = cohort.disease, cohort.death
    score = float(ndtri(_share(person, Draw.LETHAL, turn)))
    size = float(disease.lethal_size(score))
    of_lung = float(lesions.lethal_hours(size, disease).min(initial=np.inf))
    elsewhere = waiting_time(person.seed, Draw.DEATH.value, ELSEWHERE, turn)
    when = {
        CANCER: min(of_lung, elsewhere / risks.elsewhere if risks.elsewhere > 0.0 else math.inf),
        OTHER: hours_to_other_death(
            waiting_time(person.seed, Draw.DEATH.value, ANYTHING, turn),
            person.age,
            person.female,
            person.comorbidity,
            risks,
        ),
    }
    harmed = False
    if infected:
        when[INFECTION] = _death_of_infection(person, care, cohort, turn)
        harm = _first_harm(cohort, person, care, turn)
        alive = min([cohort.hours, *when.values()])
        harmed = harm < alive
        if harmed and _share(person, Draw.FATAL_HARM, turn) < risks.fatal_harm:
            when[TREATMENT] = harm
    cause = min(when, key=lambda name: when[name])
    died = max(0.0, when[cause])  # lesions lethal before the start would have been found before it
    return (died, cause, harmed) if died < cohort.hours else (math.inf, "", harmed)


def _death_of_infection(person: Person, care: Care, cohort: Cohort, turn: int) -> float:
    """Time of death from an infection; infinite without one."""
    highest = max(person.fatality(cohort, care, lag) for lag in (0.0, math.inf))
    for which, hour in enumerate(person.infections):
        share = _share(person, Draw.FATAL, turn, which)
        if share < highest:
            lag = lag_at(float(ndtri(_share(person, Draw.LAG, turn, which))), cohort.death)
            if share < person.fatality(cohort, care, lag):
                return hour + lag
    return math.inf


def _first_harm(cohort: Cohort, person: Person, care: Care, turn: int) -> float:
    """First serious infection under treatment [h]; infinite if none."""
    if not care.blockade or not person.gets(cohort, care):
        return math.inf
    for which, hour in enumerate(person.infections):
        if _share(person, Draw.HARM, turn, which) < care.serious_infection:
            return hour + care.begins + TO_HARM
    return math.inf


def _shows(cohort: Cohort, person: Person, scan: int, turn: int) -> bool:
    """Whether a scan shows a detectable lesion."""
    return _share(person, Draw.SCAN, turn, scan) < cohort.sensitivity


def _share(person: Person, decision: Draw, turn: int, which: int = 0) -> float:
    """A random number in [0, 1) for one decision of a patient in a draw, the same in all arms."""
    return uniform(person.seed, decision.value, 1000 + which, turn)
