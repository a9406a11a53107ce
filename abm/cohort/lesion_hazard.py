"""Expected numbers of lesions that have reached a size, in closed form, per patient and arm.

Given the patient, lesions escape as a Poisson process. Growth only shifts time: in the coordinate of Gompertz growth a
lesion that escapes at u with N0 cells has the *birth* x, the month at which it would have had one cell,

    x(u) = u + g(u) + d(u) - s(N0),    s(N) = ln(ln K / ln(K / N)) / b,

and reaches N cells at t exactly if x(u) <= t + g(t) - s(N). Here g(t) [months] is the growth that an infection has
gained by t (in the part of the lung that it reaches), and d(u) is the delay of a small lesion that loses a share
1 - exp(-k) of its cells once, at the infection. So one distribution of births serves all sizes and times, and the
number of lesions of a size is linear in the hazard of escape, the reach, the expansion and the occult lesions: its
five parts are worked out once for a cohort.

The lung at rest has a proliferating cells per dormant cell, of which exp(-loss t) are left at t; R(u) is its sum since
diagnosis. Lesions that were found before month 0 are left out: those with symptoms, and the visible ones except for a
share `missed_before`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

HOURS = 730.5  # per month
FINE = 120.0  # h, of the grid on which births in a section are followed
PARTS = ("reached, occult", "reached, as at rest", "reached, added", "spared, occult", "spared, since the start")
NO_INFECTION = "no infection"


class DiseaseConstants(NamedTuple):
    """What is the same for all patients of a cohort.

    Attributes:
        months: follow-up. incidence: found metastases per person-year without infection, to which the hazard of
            escape is calibrated. resting_share: proliferating cells per dormant cell at rest.
        limit, visible, symptoms: cells of a lesion: at most, as seen by a scan, with symptoms.
        sensitivity: chance that a scan shows what is visible. still_share: share of lesions that stop growing at a
            visible size, without symptoms. killed_below: cells below which killing acts on a lesion, less than
            `visible`. missed_before: share of the lesions visible at month 0 that had not been found by then.
        elsewhere: hazard of death from lesions elsewhere [1/month].
    """

    months: float
    incidence: float
    resting_share: float
    limit: float = 3.1e12
    visible: float = 3.35e7
    symptoms: float = 1.41e10
    sensitivity: float = 0.9
    still_share: float = 0.0
    killed_below: float = 1e6
    missed_before: float = 0.0
    elsewhere: float = 0.0


class PatientNumbers(NamedTuple):
    """What matters of the patients, float64[patients] each; times in months from the start of follow-up.

    Attributes:
        burden: dormant cells at 0. since: months since diagnosis. reach: share of the lung that infections reach.
        growth: Gompertz rate [1/month]. loss: of dormant cells at rest [1/month]. infected_at: first infection,
            infinite without one. lethal: cells of the lesion that kills.
    """

    burden: np.ndarray
    since: np.ndarray
    reach: np.ndarray
    growth: np.ndarray
    loss: np.ndarray
    infected_at: np.ndarray
    lethal: np.ndarray


def patient_numbers(patients: pd.DataFrame, lethal: np.ndarray | float) -> PatientNumbers:
    """The numbers of the table of patients, in its order; `lethal` in cells, one or float64[patients]."""
    column = {name: patients[name].to_numpy(dtype=float) for name in ("burden", "reach", "growth", "loss")}
    at = np.where(patients["infections"] > 0, patients["first_infection"].astype(float).fillna(np.inf), np.inf)
    since = 12.0 * patients["since_diagnosis"].to_numpy(dtype=float)
    return PatientNumbers(since=since, infected_at=at, lethal=np.broadcast_to(lethal, at.shape), **column)


class SectionGrowth(NamedTuple):
    """What a patient's section shows in one arm, on a grid of months from 0 to the end of follow-up.

    Attributes:
        months, gained: float64[points]; growth gained [months] by then by a lesion that grows.
        usual, added: float64[points - 1]: cell-months of proliferation per seeded cell in each interval, as in a lung
            at rest, and what infections add: the highest excess over rest so far. Their sum is the section's own.
        clones: float64[points - 1]: cells of an escaping clone. killing: -ln of the share that survives it.
    """

    months: np.ndarray
    gained: np.ndarray
    usual: np.ndarray
    added: np.ndarray
    clones: np.ndarray
    killing: float


def section_growth(row: pd.Series, loss: float, infected_at: float, resting_share: float) -> SectionGrowth:
    """From a row of the table of courses.

    Args:
        row: with the columns `section_hours`, `section_awake_hours`, `section_clones`, `section_gained` (float64
            [looks] each) and `section_killing`.
        loss: of dormant cells at rest [1/month].
        infected_at: month of the first infection.
        resting_share: proliferating cells per dormant cell at rest.
    """
    hours = np.asarray(row["section_hours"], dtype=float)
    clones = np.asarray(row["section_clones"], dtype=float)
    grid = np.union1d(hours, np.arange(hours[0], hours[-1], FINE))
    months, begin = grid / HOURS, np.searchsorted(hours, grid[:-1], side="right") - 1
    summed = np.interp(grid, hours, np.asarray(row["section_awake_hours"], dtype=float)) / HOURS
    above = summed - resting_share * _faded(loss, months)
    at = int(np.searchsorted(months, infected_at))
    above = np.where(np.arange(grid.size) < at, 0.0, above - above[min(at, grid.size - 1)])
    added = np.diff(np.maximum.accumulate(np.maximum(above, 0.0)))
    end = np.minimum(begin + 1, hours.size - 1)
    gained = np.interp(grid, hours, np.asarray(row["section_gained"], dtype=float)) / HOURS
    return SectionGrowth(
        months, gained, np.diff(summed) - added, added, np.maximum(1.0, np.maximum(clones[begin], clones[end])),
        float(row["section_killing"]),
    )  # fmt: skip


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
        """Keep what was given."""
        self.people, self.sections, self.constants = people, sections, constants
        self.reached = np.array([section is not None for section in sections])
        self._births = [
            section and _births(section, constants, people.growth[at], people.infected_at[at])
            for at, section in enumerate(sections)
        ]

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
        people = self.people
        shift = shift_to(cells, people.growth, self.constants.limit)[:, None]
        parts = np.zeros((len(PARTS), *months.shape))
        gained = self._gained(months)
        parts[0] = self._occult(months + gained - shift, still)
        for at, births in enumerate(self._births):
            if births is not None:
                rank = np.searchsorted(births.at, months[at] + gained[at] - shift[at, 0], side="right")
                parts[1, at], parts[2, at] = births.usual[rank], births.added[rank]
        parts[1:3] *= people.burden[:, None]
        spared = months - shift
        parts[3] = self._kept(np.minimum(spared, 0.0), still)
        parts[4] = self._rest(np.maximum(spared, 0.0)) - self._rest(np.zeros_like(spared))
        return parts

    def _gained(self, months: np.ndarray) -> np.ndarray:
        gained = np.zeros_like(months)
        for at, section in enumerate(self.sections):
            if section is not None:
                gained[at] = np.interp(months[at], section.months, section.gained)
        return gained

    def _rest(self, months: np.ndarray) -> np.ndarray:
        """R: lesions of a lung at rest from diagnosis to these months."""
        people, since = self.people, self.people.since[:, None]
        loss = people.loss[:, None]
        summed = _faded(loss, np.maximum(months, -since)) - _faded(loss, -since)
        return self.constants.resting_share * people.burden[:, None] * summed

    def _kept(self, months: np.ndarray, still: bool) -> np.ndarray:
        """R without the lesions that were found before month 0."""
        c, growth = self.constants, self.people.growth
        visible, symptoms = (-shift_to(size, growth, c.limit)[:, None] for size in (c.visible, c.symptoms))
        missed = self._rest(np.minimum(months, visible))
        kept = self._rest(months) - (1.0 - c.missed_before) * missed
        return kept if still else kept - c.missed_before * self._rest(np.minimum(months, symptoms))

    def _occult(self, births: np.ndarray, still: bool) -> np.ndarray:
        """Lesions that escaped before month 0 with births up to these months, in the part that is reached.

        Larger lesions than `killed_below` at the infection are not delayed. For the others the delay is inverted:
        exp(b x) = exp(b u) + (k / ln K) exp(b T), T the month of the infection.
        """
        c, growth = self.constants, self.people.growth[:, None]
        killing = np.array([section.killing if section else 0.0 for section in self.sections])[:, None]
        at = np.where(np.isfinite(self.people.infected_at), self.people.infected_at, 0.0)[:, None]
        left = np.exp(np.clip(growth * (births - at), -700.0, 50.0)) - killing / np.log(c.limit)
        escape = at + np.log(np.maximum(left, 1e-300)) / growth
        edge = np.minimum(at - shift_to(c.killed_below, growth, c.limit), 0.0)
        old = self._kept(np.minimum(births, edge), still)
        young = self._kept(np.minimum(escape, 0.0), still) - self._kept(edge + 0.0 * births, still)
        return old + np.maximum(0.0, young)


class _Births(NamedTuple):
    """Births in a section, sorted, and lesions up to each (one more than births: none before the first)."""

    at: np.ndarray
    usual: np.ndarray
    added: np.ndarray


def _births(section: SectionGrowth, constants: DiseaseConstants, growth: float, infected_at: float) -> _Births:
    middle = 0.5 * (section.months[1:] + section.months[:-1])
    gained = 0.5 * (section.gained[1:] + section.gained[:-1])
    age = infected_at - middle
    with np.errstate(over="ignore"):
        delay = np.log1p(section.killing / np.log(constants.limit) * np.exp(np.clip(growth * age, 0.0, 50.0))) / growth
    small = (age > 0.0) & (age < shift_to(constants.killed_below, growth, constants.limit))
    births = middle + gained + np.where(small, delay, 0.0) - shift_to(section.clones, growth, constants.limit)
    order = np.argsort(births, kind="stable")
    usual, added = (np.concatenate(([0.0], np.cumsum(part[order]))) for part in (section.usual, section.added))
    return _Births(births[order], usual, added)
