"""The job of one patient, run by a worker on this machine or on a cluster."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.cohort.plan import Cohort
from abm.runs.job import Outcome
from abm.runs.sources import digest_of_sources
from abm.runs.store.sealed import as_text

if TYPE_CHECKING:
    from abm.cohort.lesions import SectionCourse
    from abm.cohort.patient import PatientArm
    from abm.cohort.person import Person

NEEDED = ("numba", "abm.cohort.patient")  # what a worker imports


def engine() -> str:
    """Digest of the imported source that determines results: this file and the modules of `abm.cohort` it imports."""
    return digest_of_sources(("cohort.worker",), ("cohort",))


@dataclass(frozen=True)
class PatientJob:
    """One patient to simulate.

    Attributes:
        cohort: they are of. number: from 1. path: where the file lands. calculation, engine: what it must be computed
            with.
    """

    cohort: Cohort
    number: int
    path: Path
    calculation: str
    engine: str

    kind = "patient"  # one takes as long as the other

    @property
    def name(self) -> str:
        """Name of the job for display."""
        return f"patient {self.number}"

    def done(self, tell: Callable[[float], None] | None = None) -> tuple[Outcome, bytes]:  # noqa: ARG002
        """Simulate the patient; return the outcome and the bytes of the file. Never raises."""
        begin = time.perf_counter()
        try:
            if self.engine != engine():
                raise RuntimeError(f"this worker has another version of cohorts: {engine()}, not {self.engine}")
            content = as_text(rows(self.cohort, self.number)).encode()
        except Exception:
            return Outcome("failed", time.perf_counter() - begin, traceback.format_exc()), b""
        return Outcome("done", time.perf_counter() - begin), content


def job(cohort: Cohort, number: int, path: Path, computed_with: str) -> PatientJob:
    """The job of a patient; computed_with: what `calculation` said a moment ago, for many patients in a row."""
    return PatientJob(cohort, number, path, computed_with, engine())


def rows(cohort: Cohort, number: int) -> dict[str, Any]:
    """A patient as rows of tables: properties, each arm in each random draw, time courses of the sections.

    Times in months, except for the lists of `courses`, which are in hours.
    """
    from abm.cohort.disease import MONTH, YEAR
    from abm.cohort.patient import simulate

    person, arms = simulate(cohort, number)
    facts = {
        "number": person.number, "age": person.age, "female": person.female, "comorbidity": person.comorbidity,
        "burden": person.burden, "since_diagnosis": person.since_diagnosis / YEAR, "immunity": person.immunity,
        "virus": person.virus, "variant": person.variant(cohort), "dose": person.dose,
        "reach": person.reach(cohort, cohort.care), "infections": len(person.infections),
        "first_infection": person.infections[0] / MONTH if person.infections else None,
        "growth": person.growth * MONTH, "loss": person.loss * MONTH,
        "admitted": person.reach(cohort, cohort.care) >= cohort.admission,
        "vaccinated": person.is_vaccinated(cohort.care), "treated": bool(person.antivirals(cohort.care)),
        "exposures": arms[0].exposures,
    }  # fmt: skip
    by_turn = [_in_turn(person.number, arm, turn) for arm in arms for turn in range(len(arm.fates))]
    return {"person": facts, "arms": by_turn, "courses": [_course(cohort, person, arm) for arm in arms]}


def _in_turn(number: int, arm: PatientArm, turn: int) -> dict[str, Any]:
    fate = arm.fates[turn]
    return {
        "number": number, "arm": arm.name, "turn": turn,
        "escaped": _months(fate.escaped), "occult": fate.occult, "lesions": fate.lesions,
        "visible": _months(fate.visible), "last_clear": _months(fate.last_clear), "found": _months(fate.found),
        "by_scan": bool(fate.by_scan), "size": fate.size / 1000.0, "died": _months(fate.died),
        "cause": fate.cause or None, "recorded": fate.recorded or None, "harmed": fate.harmed,
        "scans": sum(scan < fate.died for scan in arm.scans),
    }  # fmt: skip


def _course(cohort: Cohort, person: Person, arm: PatientArm) -> dict[str, Any]:
    course = arm.course
    kept = _telling(course)
    return {
        "number": person.number, "arm": arm.name, "infected": arm.infected,
        "reach": arm.reach if arm.infections else 0.0,
        "infection_death": person.fatality(cohort, arm.care, cohort.death.lag) if arm.infected else 0.0,
        "most_cells": float(course.cells.max()), "last_cells": float(course.cells[-1]),
        "awake_hours": float(course.awake_hours[-1]), "most_infected": float(course.infected.max()),
        "section_hours": course.hours[kept].tolist(), "section_awake_hours": course.awake_hours[kept].tolist(),
        "section_clones": course.clones[kept].tolist(), "section_gained": course.gained[kept].tolist(),
        "section_killing": course.killing,
    }  # fmt: skip


def _telling(course: SectionCourse) -> Any:
    """Looks needed to reproduce the course: those next to a change."""
    import numpy as np

    still = (np.diff(course.awake_hours) == 0.0) & (np.diff(course.clones) == 0.0) & (np.diff(course.gained) == 0.0)
    return np.flatnonzero(~np.concatenate([[False], still[1:] & still[:-1], [False]]))


def _months(hours: float) -> float | None:
    """Hours as months; None if infinite."""
    from abm.cohort.disease import MONTH

    return float(hours) / MONTH if math.isfinite(hours) else None
