"""The hazard that a proliferating cell escapes, from the metastases that are found in patients without infection.

Escapes are not observed: years pass before a lesion can be found, and some lesions are found before follow-up begins.
The hazard is therefore calibrated to the incidence of *found* metastases during follow-up, in patients drawn from the
cohort's own distributions and under usual care.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from abm.cohort.at_rest import resting_proliferating_share, resting_rates
from abm.cohort.disease import YEAR, cells_of, hours_to_grow
from abm.cohort.person import draw
from abm.model.quiet.resting_contacts import resting_contacts
from abm.scenario.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from abm.cohort.person import Person
    from abm.cohort.plan import Cohort

MOST_LESIONS = 64  # followed per patient and part of the lung
PEOPLE = 4000  # drawn; their mean is accurate to some 3 % (standard error; measured)
TIMES = 240  # of escape, from diagnosis to the end


@lru_cache(maxsize=4)
def escape_hazard(cohort: Cohort) -> float:
    """Hazard [1/h] that the clone of a proliferating cell escapes.

    Deaths are left out: they reduce metastases and time at risk alike.

    Raises:
        ScenarioError: no hazard gives the incidence of the cohort.
    """
    aim = cohort.disease.incidence * cohort.hours
    if aim <= 0.0:
        return 0.0
    contacts = resting_contacts(cohort.scenario)
    people = [draw(cohort, number, contacts) for number in range(1, PEOPLE + 1)]
    per_hazard = resting_share(cohort) * np.array([_found_per_cell_hour(cohort, person) for person in people])
    if not per_hazard.any():
        raise _impossible(cohort, "no lesion can be found in follow-up, neither by usual scans nor by symptoms")

    def excess(log_hazard: float) -> float:
        found = np.exp(log_hazard) * per_hazard
        at_risk = np.where(found > 1e-9, -np.expm1(-found) / np.maximum(found, 1e-9), 1.0)
        return float((-np.expm1(-found)).sum() / at_risk.sum()) - aim  # events per time at risk, times follow-up

    middle = np.log(aim / per_hazard.mean())
    if excess(middle + 15.0) < 0.0:
        raise _impossible(cohort, "not so many can be found: lesions of most patients grow too slowly")
    hazard = float(np.exp(brentq(excess, middle - 5.0, middle + 15.0)))
    lesions = hazard * resting_share(cohort) * np.mean([_cell_hours(cohort, person) for person in people])
    if lesions > 0.5 * MOST_LESIONS:  # more would often be too many to follow
        raise _impossible(cohort, f"as many would be found only if patients had {lesions:.3g} lesions on average")
    return hazard


def _impossible(cohort: Cohort, problem: str) -> ScenarioError:
    incidence = f"{cohort.disease.incidence * YEAR:.4g} /year"
    hint = "look at follow_up, care.scan_every, scan, since_diagnosis, immunity and disease"
    return ScenarioError([Fault(f"cohort {cohort.name}", 0, "disease.incidence", incidence, problem, hint=hint)])


def _cell_hours(cohort: Cohort, person: Person) -> float:
    """Hours of dormant cells from diagnosis to the end; those before the start as occult lesions count."""

    def summed(begin: float, end: float) -> float:
        times = np.linspace(begin, end, TIMES)
        return float(np.trapezoid(person.burden * np.exp(-person.loss * times), times))

    return cohort.disease.occult_lesions * summed(-person.since_diagnosis, 0.0) + summed(0.0, cohort.hours)


@lru_cache(maxsize=4)
def resting_share(cohort: Cohort) -> float:
    """Proliferating cells per dormant cell of lung at rest."""
    return resting_proliferating_share(resting_rates(cohort.scenario), cohort.scenario.parameters.dormancy)


def _found_per_cell_hour(cohort: Cohort, person: Person) -> float:
    """Expected lesions found in follow-up, per escape per hour of each proliferating cell of the lung at rest.

    In units of dormant cells times hours.
    """
    times = np.linspace(-person.since_diagnosis, cohort.hours, TIMES)
    found = share_found(cohort, person, times) * np.where(times < 0.0, cohort.disease.occult_lesions, 1.0)
    return float(np.trapezoid(person.burden * np.exp(-person.loss * times) * found, times))


def share_found(cohort: Cohort, person: Person, escaped: np.ndarray) -> np.ndarray:
    """Probability that a lesion that escaped from resting lung at these hours is found in follow-up and not before."""
    disease = cohort.disease
    to_visible, to_symptoms = (
        hours_to_grow(1.0, cells_of(size, disease.packing), person.growth, disease.limit)
        for size in (cohort.scan_sees, disease.symptoms)
    )
    visible, symptoms = escaped + to_visible, escaped + to_symptoms
    unseen = unseen_before(cohort, visible)
    by_scan = 1.0 - (1.0 - cohort.sensitivity) ** _scans_between(np.maximum(visible, 1e-6), cohort)
    growing = np.where(symptoms < 0.0, 0.0, unseen * np.where(symptoms < cohort.hours, 1.0, by_scan))
    still = unseen * by_scan if disease.still_size >= cohort.scan_sees else 0.0
    return (1.0 - disease.still_share) * growing + disease.still_share * still


def unseen_before(cohort: Cohort, visible: np.ndarray) -> np.ndarray:
    """Probability that scans up to the start of follow-up missed a lesion that is visible from these hours on.

    The last of them is at the start: none is found then, and the next follows after the usual interval.
    """
    every = cohort.care.scan_every
    passed = -visible / every if every > 0.0 else np.full_like(visible, -1.0)
    scans = np.where(passed >= 0.0, np.floor(np.maximum(0.0, passed)) + 1.0, 0.0)
    return np.asarray((1.0 - cohort.sensitivity) ** scans)


def _scans_between(first: np.ndarray, cohort: Cohort) -> np.ndarray:
    """Scans of usual care from an hour on to the end."""
    every = cohort.care.scan_every
    if every <= 0.0:
        return np.zeros_like(first)
    last = np.ceil(cohort.hours / every) - 1.0
    return np.maximum(0.0, last - np.ceil(first / every) + 1.0)
