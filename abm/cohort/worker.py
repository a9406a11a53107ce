"""The job of a patient, which a worker does on this machine or on a cluster."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from abm.cohort.plan import Cohort
from abm.runs.identity import calculation
from abm.runs.job import Outcome
from abm.runs.sources import digest_of_sources
from abm.runs.store.sealed import as_text

NEEDED = ("numba", "abm.cohort.patient")  # what a worker imports


def engine() -> str:
    """Digest of the source of this room, as imported, that decides over results: this file, and all it imports here."""
    return digest_of_sources(("cohort.worker",), ("cohort",))


@dataclass(frozen=True)
class PatientJob:
    """One patient to do.

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
        """What people call it."""
        return f"patient {self.number}"

    def done(self, tell: Callable[[float], None] | None = None) -> tuple[Outcome, bytes]:  # noqa: ARG002
        """Do the patient: how it ended, and the bytes of the file. Never raises."""
        begin = time.perf_counter()
        try:
            if self.engine != engine():
                raise RuntimeError(f"this worker has another version of cohorts: {engine()}, not {self.engine}")
            content = as_text(rows(self.cohort, self.number)).encode()
        except Exception:
            return Outcome("failed", time.perf_counter() - begin, traceback.format_exc()), b""
        return Outcome("done", time.perf_counter() - begin), content


def job(cohort: Cohort, number: int, path: Path) -> PatientJob:
    """The job of a patient, to be computed with what is here."""
    return PatientJob(cohort, number, path, calculation(), engine())


def rows(cohort: Cohort, number: int) -> dict[str, Any]:
    """A patient as rows of tables: who they are, each arm, each arm at each scale of reach. Times in months."""
    from abm.cohort.disease import MONTH
    from abm.cohort.patient import SCALES, TURNS, fate_of, simulate

    person, arms = simulate(cohort, number)
    facts = person._asdict()
    facts["infections"] = len(person.infections)
    facts["first_infection"] = person.infections[0] / MONTH if person.infections else None
    facts["since_diagnosis"] = person.since_diagnosis / 8766.0
    facts["growth"] = person.growth * MONTH
    facts["admitted"] = person.reach >= cohort.admission
    facts["vaccinated"] = person.is_vaccinated(cohort.care)
    facts["treated"] = person.antiviral < cohort.care.antiviral
    del facts["vaccine"], facts["antiviral"]
    by_arm, by_scale = [], []
    for arm in arms:
        course, fate = arm.course, arm.fate
        by_arm.append({
            "number": number, "arm": arm.name,
            "escaped": _months(fate.escaped), "visible": _months(fate.visible), "found": _months(fate.found),
            "by_scan": bool(fate.by_scan), "size": fate.size / 1000.0, "lesions": fate.lesions,
            "scans": len(arm.scans), "most_cells": float(course.cells.max()), "last_cells": float(course.cells[-1]),
            "awake_hours": float(course.awake_hours[-1]), "most_infected": float(course.infected.max()),
        })  # fmt: skip
        for scale, turn in product(SCALES, range(TURNS)):
            found = fate_of(cohort, person, course, arm.scans, scale, turn).found
            by_scale.append({"number": number, "arm": arm.name, "scale": scale, "turn": turn, "found": _months(found)})
    return {"person": facts, "arms": by_arm, "scales": by_scale}


def _months(hours: float) -> float | None:
    """Hours as months; None where it never comes to that."""
    from abm.cohort.disease import MONTH

    return float(hours) / MONTH if math.isfinite(hours) else None
