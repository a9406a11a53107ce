"""What the closed form needs of a finished cohort, kept in its folder beside the other tables.

`expected.json` holds the constants of the disease and the quantiles of the lethal size; `expected.parquet` one row per
patient and arm with what no other table has: months of scans, chances of death from infection and treatment, and the
summed hazard of death from other causes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.cohort.expected.lesion_hazard import DiseaseConstants
from abm.cohort.expected.outcomes import ExpectedCohort
from abm.cohort.expected.outlook import Mortality
from abm.runs.errors import SweepError
from abm.runs.store.files import write_text
from abm.runs.store.sealed import as_text, check, read_text, sealed

CONSTANTS, TABLE = "expected.json", "expected.parquet"
MOST_PATIENTS = 1000  # of which results are worked out; more are taken evenly
COLUMNS = ("number", "arm", "scans", "infection_death", "treatment_death", "other_hazard")


class UnfinishedCohortError(SweepError):
    """A folder that does not hold a finished cohort; its text says what to do."""

    def __init__(self, folder: Path, missing: str) -> None:
        """Say what is missing."""
        super().__init__(
            f'"{folder}" holds no finished cohort: there is no {missing}.\n'
            "Run `embers cohort COHORT` first, with the same --out."
        )


def write_expected(folder: Path, constants: DiseaseConstants, lethal: np.ndarray, rows: list[dict[str, Any]]) -> None:
    """Keep what the closed form needs.

    Args:
        folder: of the cohort.
        constants: of the disease.
        lethal: cells of the lesion that kills at equally likely quantiles, float64[quantiles].
        rows: one per patient and arm: `number`, `arm`, `scans` (months, list), `infection_death` and
            `treatment_death` (chances), `other_hazard` (summed, at months 0, 1, ... of follow-up, list).

    Raises:
        OSError: no room, no right to write.
    """
    with sealed(folder / TABLE) as temporary:
        pd.DataFrame(rows, columns=list(COLUMNS)).to_parquet(temporary, compression="zstd", index=False)
    write_text(folder / CONSTANTS, as_text(constants._asdict() | {"lethal": [float(size) for size in lethal]}))


def read_expected(folder: Path, most: int = MOST_PATIENTS) -> ExpectedCohort:
    """The closed form of a finished cohort; of more than `most` patients, as many taken evenly.

    Raises:
        UnfinishedCohortError: a table is not there.
        DamagedError: one is not what was written.
    """
    tables = []
    for name in ("patients.parquet", "courses.parquet", TABLE):
        if not (folder / name).is_file():
            raise UnfinishedCohortError(folder, name)
        check(folder / name)
        tables.append(pd.read_parquet(folder / name))
    if not (folder / CONSTANTS).is_file():
        raise UnfinishedCohortError(folder, CONSTANTS)
    told = read_text(folder / CONSTANTS)
    lethal = np.asarray(told.pop("lethal"), dtype=float)
    patients, courses, rows = tables
    patients = patients.sort_values("number")
    if len(patients) > most:
        patients = patients.iloc[np.arange(most) * len(patients) // most]
    numbers = patients["number"].to_numpy()
    by_arm = {str(arm): part.set_index("number").loc[numbers] for arm, part in rows.groupby("arm", sort=False)}
    scans = {arm: filled(list(part["scans"])) for arm, part in by_arm.items()}
    risks = {
        arm: Mortality(
            part["infection_death"].to_numpy(float), part["treatment_death"].to_numpy(float),
            np.stack([np.asarray(one, dtype=float) for one in part["other_hazard"]]),
        )
        for arm, part in by_arm.items()
    }  # fmt: skip
    own = courses[courses["number"].isin(numbers)]
    return ExpectedCohort(patients, own, scans, risks, lethal, DiseaseConstants(**told))


def filled(rows: list[Any]) -> np.ndarray:
    """Months of scans as one array, float64[patients, scans]: sorted, and filled up with infinity."""
    widest = max((len(row) for row in rows), default=0)
    found = np.full((len(rows), widest), np.inf)
    for at, row in enumerate(rows):
        found[at, : len(row)] = np.sort(np.asarray(row, dtype=float))
    return found
