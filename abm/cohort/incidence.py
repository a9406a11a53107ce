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
from abm.cohort.disease import cells_of, hours_to_grow
from abm.cohort.person import draw
from abm.model.quiet.resting_contacts import resting_contacts

if TYPE_CHECKING:
    from abm.cohort.person import Person
    from abm.cohort.plan import Cohort

PEOPLE = 400  # drawn; their mean is accurate to some 5 %
TIMES = 240  # of escape, from diagnosis to the end


@lru_cache(maxsize=4)
def escape_hazard(cohort: Cohort) -> float:
    """Hazard [1/h] that the clone of a proliferating cell escapes.

    Deaths are left out: they reduce metastases and time at risk alike.
    """
    contacts = resting_contacts(cohort.scenario)
    people = (draw(cohort, number, contacts) for number in range(1, PEOPLE + 1))
    per_hazard = resting_share(cohort) * np.array([_found_per_cell_hour(cohort, person) for person in people])
    if not per_hazard.any():
        return 0.0
    aim = cohort.disease.incidence * cohort.hours

    def excess(log_hazard: float) -> float:
        found = np.exp(log_hazard) * per_hazard
        at_risk = np.where(found > 1e-9, -np.expm1(-found) / np.maximum(found, 1e-9), 1.0)
        return float((-np.expm1(-found)).sum() / at_risk.sum()) - aim  # events per time at risk, times follow-up

    middle = np.log(aim / per_hazard.mean()) if aim > 0.0 else -np.inf
    return float(np.exp(brentq(excess, middle - 5.0, middle + 15.0))) if aim > 0.0 else 0.0


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
    """Probability that scans before follow-up missed a lesion that is visible from these hours on."""
    every = cohort.care.scan_every
    scans = np.floor(np.maximum(0.0, -visible) / every) if every > 0.0 else np.zeros_like(visible)
    return np.asarray((1.0 - cohort.sensitivity) ** scans)


def _scans_between(first: np.ndarray, cohort: Cohort) -> np.ndarray:
    """Scans of usual care from an hour on to the end."""
    every = cohort.care.scan_every
    if every <= 0.0:
        return np.zeros_like(first)
    last = np.ceil(cohort.hours / every) - 1.0
    return np.maximum(0.0, last - np.ceil(first / every) + 1.0)
