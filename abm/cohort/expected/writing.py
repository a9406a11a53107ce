"""Inputs of the closed form, computed from the cohort file and the finished patients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from abm.cohort.death import Death, hours_to_other_death
from abm.cohort.disease import MONTH, YEAR, cells_of
from abm.cohort.expected.inputs import TABLE, UnfinishedCohortError, write_expected
from abm.cohort.expected.lesion_hazard import DiseaseConstants
from abm.cohort.incidence import escape_hazard, resting_share
from abm.cohort.patient import NO_INFECTION, care_of, scans_of
from abm.cohort.person import Person, draw
from abm.cohort.plan import Care, Cohort
from abm.cohort.run import design
from abm.model.quiet.resting_contacts import resting_contacts
from abm.runs.store.folder import agree
from abm.runs.store.sealed import check

LETHAL_QUANTILES = 5
READINGS = np.concatenate(([0.0], np.geomspace(1e-6, 30.0, 300)))  # summed hazards at which death is looked up


def prepare_expected(cohort: Cohort, folder: Path) -> None:
    """Write what the closed form needs into the folder of a finished cohort, unless it is newer than the patients.

    Raises:
        UnfinishedCohortError: a table is not there.
        StudyChangedError: the folder holds patients of another cohort.
        DamagedError: one is not what was written.
        OSError: no room, no right to write.
    """
    tables = {}
    for name in ("patients", "courses"):
        path = folder / f"{name}.parquet"
        if not path.is_file():
            raise UnfinishedCohortError(folder, path.name)
        check(path)
        tables[name] = pd.read_parquet(path)
    agree(folder, design(cohort))
    written = folder / TABLE
    if written.is_file() and written.stat().st_mtime_ns >= (folder / "patients.parquet").stat().st_mtime_ns:
        return
    infected = dict(zip(tables["patients"]["number"], tables["patients"]["infections"] > 0, strict=True))
    contacts, rows = resting_contacts(cohort.scenario), []
    for number, own in tables["courses"].groupby("number"):
        person = draw(cohort, int(number), contacts)
        ill = person if infected[number] else person._replace(infections=())
        other = summed_other_death(cohort, person).tolist()
        by_arm = own.set_index("arm")
        for arm, care in care_of(cohort).items():
            who = ill._replace(infections=()) if arm == NO_INFECTION else ill
            rows.append(_row(cohort, who, arm, care, by_arm.loc[arm]) | {"other_hazard": other})
    disease = cohort.disease
    scores = ndtri((np.arange(LETHAL_QUANTILES) + 0.5) / LETHAL_QUANTILES)
    lethal = disease.lethal_size(scores)
    write_expected(folder, constants_of(cohort), lethal, rows)


def constants_of(cohort: Cohort) -> DiseaseConstants:
    """What is the same for all patients."""
    disease = cohort.disease
    return DiseaseConstants(
        months=cohort.hours / MONTH, incidence=disease.incidence * YEAR, resting_share=resting_share(cohort),
        limit=disease.limit, visible=cells_of(cohort.scan_sees, disease.packing),
        symptoms=cells_of(disease.symptoms, disease.packing), sensitivity=cohort.sensitivity,
        still_share=disease.still_share, still_seen=disease.still_size >= cohort.scan_sees,
        scans_before=cohort.care.scan_every / MONTH, elsewhere=cohort.death.elsewhere * MONTH,
        expansion=disease.expansion, occult=disease.occult_lesions, escape=escape_hazard(cohort) * MONTH,
    )  # fmt: skip


def summed_other_death(cohort: Cohort, person: Person) -> np.ndarray:
    """Summed hazard of death from other causes at months 0, 1, ... of follow-up, and at one month after its end."""
    hours = np.arange(np.ceil(cohort.hours / MONTH) + 2.0) * MONTH
    risks: Death = cohort.death
    at = [hours_to_other_death(float(one), person.age, person.female, person.comorbidity, risks) for one in READINGS]
    return np.interp(hours, at, READINGS)


def _row(cohort: Cohort, person: Person, arm: str, care: Care, course: pd.Series) -> dict[str, Any]:
    times = len(person.infections) if course["infected"] else 0
    treated = care.blockade and person.gets(cohort, care)
    harm = care.serious_infection if treated else 0.0
    return {
        "number": person.number, "arm": arm, "scans": [scan / MONTH for scan in scans_of(cohort, care, person)],
        "infection_death": 1.0 - (1.0 - float(course["infection_death"])) ** times,
        "treatment_death": (1.0 - (1.0 - harm) ** times) * cohort.death.fatal_harm,
    }  # fmt: skip
