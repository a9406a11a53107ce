"""Courses of treatments that several tests look at."""

import numpy as np

from abm.rules.infection import Virus
from abm.treatments.drugs import OwnDrugGiven
from abm.treatments.effects import EFFECTS
from abm.treatments.effects_by_step import TreatmentEffects, effects_on_virus, no_treatment
from abm.treatments.planned_effects import effects_of

STEP = 1 / 6  # h
DAYS = 28
TICKS = round(DAYS * 24 / STEP)
HOURS = np.arange(TICKS) * STEP
VIRUS = Virus()


def course_with(*treatments, infections=(), ticks=TICKS) -> TreatmentEffects:
    """The course of these treatments and infections, as the virus of the scenario meets it."""
    drugs = [treatment.drug for treatment in treatments if isinstance(treatment, OwnDrugGiven)]
    return effects_on_virus(0, effects_of(treatments, infections, VIRUS, ticks, STEP, drugs=drugs))


def changed(course: TreatmentEffects) -> set[str]:
    """Names of the effects that differ from those of doing nothing."""
    idle = effects_on_virus(0, no_treatment(course.size))
    return {name for name, *_ in EFFECTS if not np.array_equal(course[name], idle[name])}


def first_change(course: TreatmentEffects, name: str) -> float:
    """Hour at which an effect first differs from that of doing nothing."""
    differs = course[name] != effects_on_virus(0, no_treatment(course.size))[name]
    return float(HOURS[np.flatnonzero(differs.reshape(course.size, -1).any(axis=1))[0]])


def over_days(series: np.ndarray, start: float, stop: float) -> float:
    """Mean between two days."""
    return float(series[round(start * 24 / STEP) : round(stop * 24 / STEP)].mean())
