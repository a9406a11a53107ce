"""Expected numbers of lesions that have reached a size, in closed form, per patient and arm.

Given the patient, lesions escape as a Poisson process. Growth only shifts time: in the coordinate of Gompertz growth a
lesion that escapes at u with N0 cells has the *birth* x, the month at which it would have had one cell,

    x(u) = u + g(u) + d(u) - s(N0),    s(N) = ln(ln K / ln(K / N)) / b,

and reaches N cells at t exactly if x(u) <= t + g(t) - s(N). Here g(t) [months] is the growth that an infection has
gained by t (in the part of the lung that it reaches), and d(u) is the delay of a lesion that was there at the infection
and loses a share 1 - exp(-k) of the cells of its outermost layer; it is infinite where no cell is left. So one
distribution of births serves all sizes and times, and the number of lesions of a size is linear in the hazard of
escape, the reach, the expansion and the occult lesions: its five parts are worked out once for a cohort.

The lung at rest has a proliferating cells per dormant cell, of which exp(-loss t) are left at t; R(u) is its sum since
diagnosis. Lesions that were found before month 0 are left out: those with symptoms, and the visible ones that scans at
regular intervals did not miss.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

HOURS = 730.5  # per month
FINE = 120.0  # h, of the grid on which births in a section are followed
PER_MONTH = 4  # points at which occult lesions are counted
MOST_BEFORE = 8  # scans up to month 0, which is one, whose misses count
PARTS = ("reached, occult", "reached, as at rest", "reached, added", "spared, occult", "spared, since the start")
NO_INFECTION = "no infection"


class DiseaseConstants(NamedTuple):
    """What is the same for all patients of a cohort.

    Attributes:
        months: follow-up. incidence: found metastases per person-year without infection, to which the hazard of
            escape is calibrated. resting_share: proliferating cells per dormant cell at rest.
        limit, visible, symptoms: cells of a lesion: at most, as seen by a scan, with symptoms.
        sensitivity: chance that a scan shows what is visible. still_share: share of lesions that stop growing without
            symptoms. still_seen: whether they are large enough for a scan. scans_before: months between scans up to
            month 0; 0: there were none. elsewhere: hazard of death from lesions elsewhere [1/month].
        expansion, occult: factors that the cohort itself sets; the unknown factors multiply them.
        escape: hazard of escape with which the patients were simulated [1/(cell month)]; 0: not known.
    """

    months: float
    incidence: float
    resting_share: float
    limit: float = 3.1e12
    visible: float = 3.35e7
    symptoms: float = 1.41e10
    sensitivity: float = 0.9
    still_share: float = 0.0
    still_seen: bool = True
    scans_before: float = 0.0
    elsewhere: float = 0.0
    expansion: float = 1.0
    occult: float = 1.0
    escape: float = 0.0


class PatientNumbers(NamedTuple):
    """What matters of the patients, float64[patients] each; times in months from the start of follow-up.

    Attributes:
        burden: dormant cells at 0. since: months since diagnosis. growth: Gompertz rate [1/month].
        loss: of dormant cells at rest [1/month]. infected_at: first infection, infinite without one.
    """

    burden: np.ndarray
    since: np.ndarray
    growth: np.ndarray
    loss: np.ndarray
    infected_at: np.ndarray


def patient_numbers(patients: pd.DataFrame) -> PatientNumbers:
    """The numbers of the table of patients, in its order."""
    column = {name: patients[name].to_numpy(dtype=float) for name in ("burden", "growth", "loss")}
    at = np.where(patients["infections"] > 0, patients["first_infection"].astype(float).fillna(np.inf), np.inf)
    since = 12.0 * patients["since_diagnosis"].to_numpy(dtype=float)
    return PatientNumbers(since=since, infected_at=at, **column)


class SectionGrowth(NamedTuple):
    """What a patient's section shows in one arm, on a grid of months from 0 to the end of follow-up.

    Attributes:
        months, gained: float64[points]; growth gained [months] by then by a lesion that grows.
        usual, added: float64[points - 1]: cell-months of proliferation per seeded cell in each interval, as in a lung
            at rest, and what infections add: the highest excess over the twin at rest so far. Their sum is the
            section's own.
        clones: float64[points - 1]: cells of an escaping clone. killing: -ln of the share that survives it.
    """

    months: np.ndarray
    gained: np.ndarray
    usual: np.ndarray
    added: np.ndarray
    clones: np.ndarray
    killing: float


def section_growth(row: pd.Series, rest: pd.Series | None, loss: float, resting_share: float) -> SectionGrowth:
    """From a row of the table of courses.

    Args:
        row: with the columns `section_hours`, `section_awake_hours`, `section_clones`, `section_gained` (float64
            [looks] each) and `section_killing`.
        rest: the same of the twin without infection; None: the mean of a lung at rest.
        loss: of dormant cells at rest [1/month].
        resting_share: proliferating cells per dormant cell at rest.
    """
    hours, clones = (np.asarray(row[name], dtype=float) for name in ("section_hours", "section_clones"))
    grid = np.union1d(hours, np.arange(hours[0], hours[-1], FINE))
    months, begin = grid / HOURS, np.searchsorted(hours, grid[:-1], side="right") - 1
    summed = _column(row, "section_awake_hours", grid)
    at_rest = resting_share * _faded(loss, months) if rest is None else _column(rest, "section_awake_hours", grid)
    added = np.diff(np.maximum.accumulate(np.maximum(summed - at_rest, 0.0)))
    usual = np.diff(resting_share * _faded(loss, months))
    end = np.minimum(begin + 1, hours.size - 1)
    return SectionGrowth(
        months, _column(row, "section_gained", grid), usual, added,
        np.maximum(1.0, np.maximum(clones[begin], clones[end])), float(row["section_killing"]),
    )  # fmt: skip


def _column(row: pd.Series, name: str, grid: np.ndarray) -> np.ndarray:
    """A column of hours of a section at these hours, in months."""
    return np.interp(grid, np.asarray(row["section_hours"], float), np.asarray(row[name], float)) / HOURS


def _faded(loss: np.ndarray | float, months: np.ndarray) -> np.ndarray:
    """Integral of exp(-loss t) from 0 to these months, negative ones as well."""
    small = np.abs(loss) < 1e-12
    return np.where(small, months, -np.expm1(-loss * months) / np.where(small, 1.0, loss))


def shift_to(cells: np.ndarray | float, growth: np.ndarray | float, limit: float) -> np.ndarray:
    """Months that a lesion of one cell takes to this size, s(N)."""
    return np.log(np.log(limit) / np.log(limit / cells)) / growth


class LesionParts:
    """Lesions of one arm by part of the lung, for a hazard of escape of 1 per cell and month.

    Args:
        people: the patients.
        sections: of each patient; None where the whole lung is at rest.
        constants: of the disease.
    """

    def __init__(
        self, people: PatientNumbers, sections: list[SectionGrowth | None], constants: DiseaseConstants
    ) -> None:
        """Follow births in the part of the lung that is reached, for lesions that grow and for those that stop."""
        self.people, self.sections, self.constants = people, sections, constants
        self.reached = np.array([section is not None for section in sections])
        before = -np.arange(np.ceil(PER_MONTH * people.since.max(initial=0.0)), -1.0, -1.0) / PER_MONTH
        edges = np.maximum(before[None, :], -people.since[:, None])
        self._births = {still: self._births_of(edges, still) for still in (False, True)}

    def at(self, months: np.ndarray, cells: np.ndarray | float, still: bool = False) -> np.ndarray:
        """Lesions that have reached a size by then.

        Args:
            months: float64[patients, times].
            cells: of a lesion, one or float64[patients].
            still: count lesions that stop growing instead, which had no symptoms before month 0.

        Returns:
            float64[PARTS, patients, times], per unit of the hazard, with a reach of 1 in the first three and of 0
            in the others.
        """
        shift = shift_to(cells, self.people.growth, self.constants.limit)[:, None]
        parts = np.zeros((len(PARTS), *months.shape))
        for at, (section, births) in enumerate(zip(self.sections, self._births[still], strict=True)):
            if section is not None and births is not None:
                clock = months[at] + np.interp(months[at], section.months, section.gained)
                parts[:3, at] = births.lesions[:, np.searchsorted(births.at, clock - shift[at, 0], side="right")]
        spared = months - shift
        parts[3] = self._kept(np.minimum(spared, 0.0), still)
        parts[4] = self._rest(np.maximum(spared, 0.0)) - self._rest(np.zeros_like(spared))
        return parts

    def _rest(self, months: np.ndarray) -> np.ndarray:
        """R: lesions of a lung at rest from diagnosis to these months."""
        people, since = self.people, self.people.since[:, None]
        loss = people.loss[:, None]
        summed = _faded(loss, np.maximum(months, -since)) - _faded(loss, -since)
        return self.constants.resting_share * people.burden[:, None] * summed

    def _kept(self, months: np.ndarray, still: bool) -> np.ndarray:
        """R without the lesions that were found before month 0."""
        c, growth = self.constants, self.people.growth
        if not still:
            symptoms = -shift_to(c.symptoms, growth, c.limit)[:, None]
            return self._kept(months, True) - self._kept(np.minimum(months, symptoms), True)
        kept, missed = self._rest(months), 1.0
        visible = -shift_to(c.visible, growth, c.limit)[:, None]
        for scan in range(MOST_BEFORE if c.scans_before > 0.0 else 0):
            kept = kept - c.sensitivity * missed * self._rest(np.minimum(months, visible - scan * c.scans_before))
            missed *= 1.0 - c.sensitivity
        return kept

    def _births_of(self, edges: np.ndarray, still: bool) -> list[_Births | None]:
        """Births of all patients; edges: months between which occult lesions are counted, float64[patients, edges]."""
        occult, people = np.diff(self._kept(edges, still), axis=1), self.people
        return [
            None
            if section is None
            else _births(
                section, (0.5 * (edges[at, 1:] + edges[at, :-1]), occult[at]), people.burden[at], people.growth[at],
                people.infected_at[at], self.constants.limit,
            )
            for at, section in enumerate(self.sections)
        ]  # fmt: skip


class _Births(NamedTuple):
    """Births where an infection reaches, sorted, and lesions up to each by the first three PARTS: [3, births + 1]."""

    at: np.ndarray
    lesions: np.ndarray


def _births(
    section: SectionGrowth, occult: tuple[np.ndarray, np.ndarray], burden: float, growth: float, infected_at: float,
    limit: float,
) -> _Births:  # fmt: skip
    """Births of a patient; occult: months of escape before 0, and lesions."""
    escape = np.concatenate((occult[0], 0.5 * (section.months[1:] + section.months[:-1])))
    none = np.zeros(occult[0].size)
    gained = np.concatenate((none, 0.5 * (section.gained[1:] + section.gained[:-1])))
    clones = np.concatenate((none + 1.0, section.clones))
    lesions = np.array([
        np.concatenate((occult[1], np.zeros(section.usual.size))),
        np.concatenate((none, burden * section.usual)),
        np.concatenate((none, burden * section.added)),
    ])  # fmt: skip
    birth = escape + gained - shift_to(clones, growth, limit)
    there = escape < infected_at
    birth[there] += _delay(infected_at - escape[there], clones[there], section.killing, growth, limit)
    order = np.argsort(birth, kind="stable")
    return _Births(birth[order], np.concatenate((np.zeros((3, 1)), np.cumsum(lesions[:, order], axis=1)), axis=1))


def _delay(age: np.ndarray, cells: np.ndarray, killing: float, growth: float, limit: float) -> np.ndarray:
    """Months of growth that lesions of this age lose to killing in their outermost layer."""
    if killing <= 0.0:
        return np.zeros_like(age)
    gap = np.log(limit / cells) * np.exp(-growth * age)  # ln(K / N)
    size = limit * np.exp(-gap)
    outer = 1.0 - np.maximum(0.0, 1.0 - 2.0 * np.maximum(1.0, size) ** (-1.0 / 3.0)) ** 3
    return np.where(gap + killing * outer <= np.log(limit), np.log1p(killing * outer / gap) / growth, np.inf)
