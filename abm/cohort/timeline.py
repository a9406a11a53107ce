"""Treatment effects on a patient in each step over years: one array, written for an arm and reset for the next."""

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
from abm.scenario.hypothesis.words import words_of
from abm.treatments.effects import EFFECTS, combine
from abm.treatments.effects_by_step import TreatmentEffects, arrivals_of_virus, effects_on_virus, no_treatment
from abm.treatments.planned_effects import apply
from abm.treatments.treatments import VACCINE_RIPENING, Treatment, Vaccination

FADES_IN = 4320  # h after its last dose in which the longest drug is gone
RIPENING = round(VACCINE_RIPENING)  # h from a vaccination to its full effect
Event = tuple[int, int]


@lru_cache(maxsize=1)
def blank(hours: int, step: float) -> TreatmentEffects:
    """Effects by step without treatment; one array per operating-system process, as 52 months take 55 MB."""
    return no_treatment(round(hours / step) + 1)


@lru_cache(maxsize=32)
def _effects(treatment: Treatment, hours: int, step: float, drugs: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Effects of a treatment in each step after an infection, by name; the same for all patients.

    drugs: names of drugs that rules respond to, in the order of their numbers.
    """
    last = min(float(hours), getattr(treatment, "stop", float(hours)))
    ticks = round(min(float(hours), last + FADES_IN) / step)
    effects, nothing = (effects_on_virus(0, no_treatment(steps)) for steps in (ticks, 1))
    apply(treatment, effects, step, drugs)
    return {name: effects[name].copy() for name, *_ in EFFECTS if (effects[name] != nothing[name]).any()}


@lru_cache(maxsize=8)
def _arrivals(virus: Virus, step: float) -> np.ndarray:
    return arrivals_of_virus(virus, step)


def treatments_of(cohort: Cohort, person: Person, care: Care) -> tuple[Treatment, ...]:
    """Treatments of a patient at each infection."""
    return person.antivirals(care) + (care.blockade if person.gets(cohort, care) else ())


@contextmanager
def written(
    cohort: Cohort,
    person: Person,
    parameters: Parameters,
    given: tuple[Treatment, ...],
    vaccinated_before: float | None,
) -> Iterator[tuple[TreatmentEffects, tuple[Event, ...]]]:
    """Effects of a patient's infections and treatments, and events that no stride may pass; reset afterwards.

    Args:
        cohort: of the patient.
        person: the patient, with infections.
        parameters: of the patient.
        given: treatments at each infection.
        vaccinated_before: time from vaccination to the first infection [h]; None: not vaccinated.
    """
    step = cohort.scenario.step
    treatment_effects = blank(cohort.hours, step)
    on_virus = effects_on_virus(0, treatment_effects)  # a patient meets one virus
    touched, events, drugs = [], [], tuple(words_of(cohort.scenario).drugs)
    arriving = _arrivals(parameters.virus, step)
    try:
        for hour in person.infections:
            first = round(hour / step)
            touched.append(_combine(on_virus, "inoculum", first, person.dose * arriving))
            events.append((hour, hour + int(np.ceil(arriving.size * step)) + 1))
            for treatment in given:
                for name, values in _effects(treatment, cohort.hours, step, drugs).items():
                    touched.append(_combine(on_virus, name, first, values))
        if vaccinated_before is not None and person.infections:
            hour = max(0, round(person.infections[0] - vaccinated_before) + RIPENING)
            ripe = Vaccination(before=float(RIPENING))
            for name, values in _effects(ripe, cohort.hours, step).items():
                touched.append(_combine(on_virus, name, round(hour / step), values))
            events.append((hour, hour + 1))
        yield treatment_effects, tuple(events)
    finally:
        nothing: Any = no_treatment(1)[0]
        for part in touched:
            treatment_effects[part] = nothing


def _combine(treatment_effects: TreatmentEffects, name: str, first: int, values: np.ndarray) -> slice:
    """Combine an effect, from a step on, with the existing ones; return the steps that it reaches."""
    part = slice(first, min(first + len(values), treatment_effects.size))
    combine(treatment_effects, name, values[: part.stop - part.start], at=part)
    return part
