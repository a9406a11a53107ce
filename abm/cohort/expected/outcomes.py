"""Expected outcomes of a cohort in closed form: found lesions, deaths by cause, hazard ratio and odds ratio.

Given the patient, lesions escape as a Poisson process (`abm.cohort.expected.lesion_hazard`), so the chance that none
has reached a size is exp(-expected number). A scan shows what is visible with a chance, independently of other scans: a
patient is not found by t if at the last scan that would have shown a lesion none was visible, and none has symptoms by
t. Causes of death compete as independent hazards given the patient; that patients differ is kept: all is worked out per
patient. Within a month, losses are divided in proportion to the hazards.
"""

from __future__ import annotations

import copy
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

from abm.cohort.expected.arm_parts import WHOLE_HOURS, ArmParts, chance_unfound, losses_by_cause
from abm.cohort.expected.lesion_hazard import (
    NO_INFECTION,
    DiseaseConstants,
    LesionParts,
    PatientNumbers,
    patient_numbers,
    section_growth,
)
from abm.cohort.expected.outlook import INFECTION, SINCE_INFECTION, START, Mortality, Outlook, UnknownFactors
from abm.runs.errors import SweepError


class NothingFoundError(SweepError):
    """No lesion can escape, so there is no metastasis to find, to cause or to prevent."""

    def __init__(self) -> None:
        """Say why."""
        super().__init__("disease.incidence is 0: no metastasis is found, with or without infection")


DEATH_AFTER = 0.7  # months from an infection to the death from it
OCCULT_GRID = np.logspace(-3.0, 3.0, 25)  # factors at which the hazard of escape is worked out


class ExpectedCohort:
    """Closed-form outcomes of the patients of a cohort.

    Args:
        patients: table of patients, one row each; see docs/cohorts.md for its columns.
        courses: table of courses, one row per patient and arm; arms without rows are at rest.
        scans: months of the scans by arm, float64[patients, scans], rows filled up with infinity.
        mortality: by arm.
        lethal: cells of the lesion that kills, at equally likely quantiles: one, or float64[patients, quantiles].
        constants: of the disease.
    """

    def __init__(
        self,
        patients: pd.DataFrame,
        courses: pd.DataFrame,
        scans: dict[str, np.ndarray],
        mortality: dict[str, Mortality],
        lethal: np.ndarray | float,
        constants: DiseaseConstants,
    ) -> None:
        """Keep the numbers of the patients, and follow births in their sections where they are asked for."""
        patients = patients.reset_index()
        self.numbers = patients["number"].to_numpy()
        self.people: PatientNumbers = patient_numbers(patients)
        self.lethal = np.broadcast_to(np.atleast_2d(lethal), (self.numbers.size, np.atleast_2d(lethal).shape[1]))
        self.constants, self.mortality, self.scans = constants, mortality, dict(scans)
        self._patients = patients.set_index("number")
        self._courses = {name: rows.set_index("number") for name, rows in courses.groupby("arm")}
        self._lesions: dict[str, LesionParts] = {}
        self._parts: dict[tuple[str, str], ArmParts] = {}

    @property
    def names(self) -> list[str]:
        """Arms, in the order of their scans."""
        return list(self.scans)

    def outlook(self, arm: str, factors: UnknownFactors, origin: str = START) -> Outlook:
        """Expected course of an arm.

        Args:
            arm: its name.
            factors: the unknown ones.
            origin: START: months from the start of follow-up; SINCE_INFECTION: from the first infection of each
                patient, without patients who are never infected. Patients leave at the end of follow-up.
        """
        parts, escape = self._of(arm, origin), self.escape(factors.occult)
        occult, expansion = factors.occult * self.constants.occult, factors.expansion * self.constants.expansion
        reach = np.minimum(1.0, parts.reach * factors.reach)[:, None]
        weights = (
            escape * reach * occult, escape * reach, escape * reach * expansion,
            escape * (1.0 - reach) * occult, escape * (1.0 - reach),
        )  # fmt: skip
        growing = 1.0 - self.constants.still_share
        deadly = np.zeros_like(parts.months)
        for lethal in parts.lethal:
            deadly += np.exp(-growing * sum(weight * part for weight, part in zip(weights, lethal, strict=True)))
        deadly = -np.log(deadly / len(parts.lethal))
        unfound = chance_unfound(parts, weights, self.constants)
        others = parts.hazards.sum(axis=0)
        alive, at_risk = np.exp(-deadly - others), unfound * np.exp(-others)
        causes = np.concatenate(([deadly + parts.hazards[0]], parts.hazards[1:]))
        with np.errstate(divide="ignore"):
            found = losses_by_cause(at_risk, np.array([-np.log(unfound), others]))[0]
        if origin == SINCE_INFECTION:
            here = np.isfinite(self.people.infected_at) & (self.people.infected_at < self.constants.months)
            alive, at_risk, found, causes = alive[here], at_risk[here], found[here], causes[:, here]
            left = self.constants.months - self.people.infected_at[here][:, None]
            months = _whole_months(self.constants.months)
            inside = months[None, :] < left
            return Outlook(months, at_risk * inside, alive * inside, found, losses_by_cause(alive, causes))
        return Outlook(parts.months[0], at_risk, alive, found, losses_by_cause(alive, causes))

    def with_scans(self, every: float) -> ExpectedCohort:
        """The same patients with scans at this interval [months] in all arms, and what an arm adds to usual care."""
        self.escape(1.0)  # follows from the scans of the cohort itself
        other, regular = copy.copy(self), np.arange(every, self.constants.months, every)
        other.scans = {
            arm: _rescanned(rows, self.scans.get(INFECTION, rows), regular) for arm, rows in self.scans.items()
        }
        other._parts = {}
        return other

    def escape(self, occult: float) -> float:
        """Hazard of escape [1/(cell month)] at which patients without infection have the measured incidence.

        For the occult lesions of the cohort itself, it is the hazard with which the patients were simulated.
        """
        within = float(np.clip(occult, OCCULT_GRID[0], OCCULT_GRID[-1]))
        return float(np.exp(self._log_escapes(np.log(within))))

    @cached_property
    def _log_escapes(self) -> PchipInterpolator:
        if self.constants.incidence <= 0.0:
            raise NothingFoundError
        parts = self._of(NO_INFECTION, START)
        others = np.exp(-parts.hazards.sum(axis=0))
        found, at = [], 1.0 / max(1e-300, float(np.median(parts.symptoms[3:].sum(axis=0)[:, -1])))
        for occult in OCCULT_GRID:
            at = self._calibrated(parts, others, occult * self.constants.occult, at)
            found.append(np.log(at))
        logs = PchipInterpolator(np.log(OCCULT_GRID), found)
        own = self.constants.escape
        return PchipInterpolator(np.log(OCCULT_GRID), found + np.log(own) - logs(0.0)) if own > 0.0 else logs

    def _calibrated(self, parts: ArmParts, others: np.ndarray, occult: float, at: float) -> float:
        """The hazard of escape, by secant in logarithms, as the rate grows with it almost in proportion."""
        none = np.zeros_like(at)

        def rate(escape: float) -> float:
            weights = (none, none, none, escape * occult, escape)
            risk = chance_unfound(parts, weights, self.constants) * others
            with np.errstate(divide="ignore"):
                losses = np.array([-np.log(risk / others), -np.log(others)])
            years = 0.5 * (risk[:, 1:] + risk[:, :-1]) @ np.diff(parts.months[0]) / 12.0
            return float(losses_by_cause(risk, losses)[0].sum() / years.sum())

        for _ in range(12):
            ratio = self.constants.incidence / rate(at)
            at *= ratio
            if abs(ratio - 1.0) < 1e-6:
                break
        return at

    def _of(self, arm: str, origin: str) -> ArmParts:
        """Parts of an arm, worked out once."""
        key = arm, origin
        if key not in self._parts:
            self._parts[key] = self._worked_out(arm, origin)
        return self._parts[key]

    def _worked_out(self, arm: str, origin: str) -> ArmParts:
        c, people = self.constants, self.people
        months = np.broadcast_to(_whole_months(c.months), (self.numbers.size, _whole_months(c.months).size))
        if origin == SINCE_INFECTION:
            months = np.minimum(np.where(np.isfinite(people.infected_at), people.infected_at, 0.0)[:, None] + months,
                                c.months)  # fmt: skip
        lesions, scans = self._lesions_of(arm), self.scans[arm]
        passed = (scans[:, None, :] <= months[:, :, None] + WHOLE_HOURS).sum(axis=2)
        looked = np.where(np.isfinite(scans), scans, c.months)
        found_at = np.minimum(c.symptoms, self.lethal.min(axis=1))  # at the latest at death
        still = lesions.at(looked, c.visible, still=True) * float(c.still_seen)
        return ArmParts(
            months, scans, passed, self._reach(arm) * lesions.reached, lesions.at(months, found_at),
            np.array([lesions.at(months, size) for size in self.lethal.T]), lesions.at(looked, c.visible), still,
            self._hazards(self.mortality[arm], months),
        )  # fmt: skip

    def _reach(self, arm: str) -> np.ndarray:
        """Share of the lung that infections reach in an arm."""
        rows = self._courses.get(arm)
        if rows is None:
            return np.zeros(self.numbers.size)
        given = rows["reach"] if "reach" in rows else self._patients["reach"]
        return given.reindex(self.numbers).fillna(0.0).to_numpy(dtype=float)

    def _lesions_of(self, arm: str) -> LesionParts:
        if arm not in self._lesions:
            people, rows, rest = self.people, self._courses.get(arm), self._courses.get(NO_INFECTION)
            sections = [
                section_growth(
                    rows.loc[number], rest.loc[number] if rest is not None and number in rest.index else None,
                    people.loss[at], self.constants.resting_share,
                )
                if rows is not None and arm != NO_INFECTION and np.isfinite(people.infected_at[at])
                else None
                for at, number in enumerate(self.numbers)
            ]  # fmt: skip
            self._lesions[arm] = LesionParts(people, sections, self.constants)
        return self._lesions[arm]

    def _hazards(self, risks: Mortality, months: np.ndarray) -> np.ndarray:
        after = (months >= self.people.infected_at[:, None] + DEATH_AFTER).astype(float)
        once = [-np.log1p(-np.minimum(chance, 1.0 - 1e-12))[:, None] * after
                for chance in (risks.infection, risks.treatment)]  # fmt: skip
        last = risks.other.shape[1] - 1
        below = np.minimum(months.astype(int), last - 1)
        rows = np.arange(months.shape[0])[:, None]
        first, second = risks.other[rows, below], risks.other[rows, below + 1]
        return np.array([self.constants.elsewhere * months, *once, first + (months - below) * (second - first)])


def _rescanned(rows: np.ndarray, usual: np.ndarray, regular: np.ndarray) -> np.ndarray:
    """Regular scans, and those of an arm that are not in usual care; float64[patients, scans]."""
    extra = np.where((np.abs(rows[:, :, None] - usual[:, None, :]) < 1e-6).any(axis=2), np.inf, rows)
    return np.sort(np.concatenate((np.broadcast_to(regular, (len(rows), regular.size)), extra), axis=1), axis=1)


def _whole_months(end: float) -> np.ndarray:
    return np.unique(np.append(np.arange(0.0, end), end))
