"""The lesions of a patient in one arm: when they escape, where they lie, and when they reach a size.

Lesions that escaped before follow-up are already growing when it begins. Lesions in the
part of the lung that the infection reaches respond like proliferating cells, by the laws of the section: time passes
faster for them while IL-6 speeds the cell cycle, and small ones lose cells to CD8 cells.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.cohort.disease import Disease, Escapes, cells_of, escapes, gompertz, hours_to_grow, surface_share
from abm.cohort.incidence import MOST_LESIONS, escape_hazard, resting_share, unseen_before
from abm.cohort.person import Draw, Person
from abm.cohort.plan import Cohort
from abm.core.chance import uniform, waiting_times

TURNS = 20  # random draws per patient, so that small risks are resolved
REST_POINTS = 209  # times at which the hazard of resting lung is computed
INVOLVED, SPARED, BEFORE = 0, 1, 2  # parts of the lung: reached by the infection or not; all of it before follow-up


class SectionCourse(NamedTuple):
    """Time course of the sections of a patient in one arm, averaged: float64[looks] each, except for the last.

    Attributes:
        hours: of the looks. cells, `awake`: living and proliferating cancer cells per seeded cell. awake_hours: summed
            cell-hours of proliferation per seeded cell. clones: cells of the clone of a proliferating cell, 0
            without one. il6: [ng/mL]. infected: share of the epithelium. gained: hours of growth that a growing lesion
            has gained. killing: -ln of the share of its outermost cells that survives all killing beyond that at rest.
    """

    hours: np.ndarray
    cells: np.ndarray
    awake: np.ndarray
    awake_hours: np.ndarray
    clones: np.ndarray
    il6: np.ndarray
    infected: np.ndarray
    gained: np.ndarray
    killing: float


def hours_gained(hours: np.ndarray, cycling: np.ndarray, at_rest: float, disease: Disease) -> np.ndarray:
    """Hours of growth that a lesion has gained by each time, float64[looks].

    Births are proportional to the speed of the cycle. At rest, a share `cell_loss` of the newborn cells is lost, and
    the loss per hour stays the same when the cycle is faster. The lesion therefore grows
    1 + (speed / speed at rest - 1) / (1 - cell_loss) times as fast. It may stop growing, but not shrink (assumed).
    """
    speed = np.maximum(0.0, 1.0 + (cycling / at_rest - 1.0) / (1.0 - disease.cell_loss))
    return np.concatenate(([0.0], np.cumsum((speed[1:] - 1.0) * np.diff(hours))))


class Lesions(NamedTuple):
    """Lesions of a patient in an arm, in one random draw.

    Attributes:
        hours: of escape, before 0 for those present at the start. cells: of their clones at that time.
        reached: whether they lie where the infection reaches. still: whether they stop growing. lost: hours of growth
            that killing takes away at the first infection; infinite if no cell is left. course: of the sections.
            first_infection: hour; infinite without. growth: rate of the patient [1/h].
    """

    hours: np.ndarray
    cells: np.ndarray
    reached: np.ndarray
    still: np.ndarray
    lost: np.ndarray
    course: SectionCourse
    first_infection: float
    growth: float

    def hours_at(self, diameter: float, disease: Disease) -> np.ndarray:
        """Hour at which each lesion reaches this diameter [um], infinite if never: float64[lesions]."""
        size = cells_of(diameter, disease.packing)
        return self._hours_at_size(size, disease, self.still & (diameter > disease.still_size))

    def lethal_hours(self, size: float, disease: Disease) -> np.ndarray:
        """Hour at which each lesion that does not stop growing reaches this many cells: float64[lesions]."""
        return self._hours_at_size(size, disease, self.still)

    def _hours_at_size(self, size: float, disease: Disease, never: np.ndarray) -> np.ndarray:
        found = np.full(self.hours.size, np.inf)
        for at in np.flatnonzero(~never):
            need = hours_to_grow(float(self.cells[at]), size, self.growth, disease.limit)
            found[at] = self._hour_after(int(at), need)
        return found

    def _hour_after(self, at: int, need: float) -> float:
        """The hour at which a lesion has grown as much as in `need` hours at rest since its escape."""
        begin = float(self.hours[at])
        if not self.reached[at]:
            return begin + need
        due = _clock(begin, self.course) + need
        if due > _clock(self.first_infection, self.course):
            due += float(self.lost[at])
        return _hour_of(due, self.course)

    def largest(self, hour: float, disease: Disease) -> float:
        """Cells of the largest lesion at an hour; 0 without lesions."""
        sizes = [0.0]
        for at in np.flatnonzero(self.hours <= hour):
            grown = hour - float(self.hours[at])
            if self.reached[at]:
                grown = _clock(hour, self.course) - _clock(float(self.hours[at]), self.course)
                grown -= float(self.lost[at]) if hour > self.first_infection else 0.0
            size = gompertz(float(self.cells[at]), grown, self.growth, disease.limit) if np.isfinite(grown) else 0.0
            sizes.append(min(size, cells_of(disease.still_size, disease.packing)) if self.still[at] else size)
        return max(sizes)


def _clock(hour: float, course: SectionCourse) -> float:
    """Growth clock of a reached lesion: equivalent hours at rest by an hour, from hour 0."""
    return hour + float(np.interp(hour, course.hours, course.gained))


def _hour_of(due: float, course: SectionCourse) -> float:
    """The hour at which the growth clock reaches `due`."""
    if not np.isfinite(due) or due <= 0.0:
        return due
    clock = course.hours + course.gained
    if due >= clock[-1]:
        return float(due - course.gained[-1])
    return float(np.interp(due, clock, course.hours))


def lesions_of(
    cohort: Cohort, person: Person, course: SectionCourse, rest: SectionCourse, reach: float, turn: int
) -> Lesions:
    """Compute the lesions of a patient in one arm and random draw.

    The part of the lung that is reached behaves like the sections, and each of their cells represents many. The rest is
    at rest, and so large that its mean is used.

    Args:
        cohort: of the patient.
        person: the patient, with the infections of this arm.
        course: of the sections.
        rest: course without infection; `expansion` multiplies what the infection adds to it.
        reach: share of the lung that infections reach.
        turn: number of the random draw, which decides which lesions escape; the same in all arms.
    """
    disease = cohort.disease
    dense = escape_hazard(cohort) * person.burden
    months = np.linspace(0.0, cohort.hours, REST_POINTS)  # the same in all arms
    before = np.linspace(-person.since_diagnosis, 0.0, REST_POINTS)
    at_rest = dense * resting_share(cohort)
    involved = dense * reach * proliferation(cohort, person, course, rest)
    spared = at_rest * (1.0 - reach) * _faded(0.0, months, person.loss)
    earlier = at_rest * disease.occult_lesions * _faded(before[0], before, person.loss)
    parts = (
        escapes(_thresholds(person, BEFORE, turn), before, earlier, np.zeros_like(before)),
        escapes(_thresholds(person, INVOLVED, turn), course.hours, involved, course.clones),
        escapes(_thresholds(person, SPARED, turn), months, spared, np.zeros_like(months)),
    )
    reached = [
        np.array([_share(person, part, turn, at, 0) < reach for at in range(escaped.hours.size)], dtype=bool)
        if part == BEFORE
        else np.full(escaped.hours.size, part == INVOLVED)
        for part, escaped in zip((BEFORE, INVOLVED, SPARED), parts, strict=True)
    ]
    still = [
        np.array([_share(person, part, turn, at, 1) < disease.still_share for at in range(escaped.hours.size)], bool)
        for part, escaped in zip((BEFORE, INVOLVED, SPARED), parts, strict=True)
    ]
    keep = _not_found_before(cohort, person, parts[0], still[0], turn)
    first = float(person.infections[0]) if person.infections else np.inf
    hours, cells = (np.concatenate(both) for both in zip(*parts, strict=True))
    kept = np.concatenate([keep, np.ones(hours.size - keep.size, dtype=bool)])
    found = Lesions(hours[kept], cells[kept], np.concatenate(reached)[kept], np.concatenate(still)[kept],
                    np.zeros(int(kept.sum())), course, first, person.growth)  # fmt: skip
    return found._replace(lost=_lost_by_killing(found, disease))


def proliferation(cohort: Cohort, person: Person, course: SectionCourse, rest: SectionCourse) -> np.ndarray:
    """Cell-hours of proliferation per dormant cell at the start, integrated up to each look: float64[looks].

    Those of lung at rest, and `expansion` times what the infection adds in the sections, never decreasing. The twin
    without infection has the first part alone, so all its lesions are also those of the infected patient.
    """
    added = course.awake_hours - np.interp(course.hours, rest.hours, rest.awake_hours)
    at_rest = resting_share(cohort) * _faded(0.0, course.hours, person.loss)
    return np.asarray(at_rest + cohort.disease.expansion * np.maximum.accumulate(np.maximum(0.0, added)))


def _faded(begin: float, hours: np.ndarray, loss: float) -> np.ndarray:
    """Time integral of exp(-loss t) from `begin` to these hours."""
    if loss <= 0.0:
        return hours - begin
    return np.exp(-loss * begin) * -np.expm1(-loss * (hours - begin)) / loss


@lru_cache(maxsize=256)
def _thresholds(person: Person, part: int, turn: int) -> np.ndarray:
    """A Poisson process of rate 1, the same in all arms."""
    return np.cumsum(waiting_times(person.seed, Draw.ESCAPE.value, part, turn * MOST_LESIONS, MOST_LESIONS))


def _share(person: Person, part: int, turn: int, lesion: int, which: int) -> float:
    """A random number in [0, 1) of a lesion; which: 0 for its location, 1 for stopping, 2 for missed scans."""
    return uniform(person.seed, Draw.LESION.value, 4 * part + which, turn * MOST_LESIONS + lesion)


def _not_found_before(
    cohort: Cohort, person: Person, before: Escapes, still: np.ndarray, turn: int
) -> np.ndarray:  # fmt: skip
    """Whether lesions that escaped before follow-up were not found before it, by scans or symptoms: bool[lesions]."""
    disease = cohort.disease
    visible, symptoms = (
        before.hours + hours_to_grow(1.0, cells_of(size, disease.packing), person.growth, disease.limit)
        for size in (cohort.scan_sees, disease.symptoms)
    )
    shares = np.array([_share(person, BEFORE, turn, at, 2) for at in range(before.hours.size)])
    return (shares < unseen_before(cohort, visible)) & (still | (symptoms >= 0.0))


def _lost_by_killing(lesions: Lesions, disease: Disease) -> np.ndarray:
    """Hours of growth that lesions lose because CD8 cells kill cells of their outermost layer: float64[lesions]."""
    lost = np.zeros(lesions.hours.size)
    for at in np.flatnonzero(lesions.reached & (lesions.hours < lesions.first_infection)):
        grown = lesions.first_infection - float(lesions.hours[at])
        before = gompertz(float(lesions.cells[at]), grown, lesions.growth, disease.limit)
        after = before * float(np.exp(-lesions.course.killing * surface_share(before)))
        lost[at] = hours_to_grow(after, before, lesions.growth, disease.limit) if after >= 1.0 else np.inf
    return lost
