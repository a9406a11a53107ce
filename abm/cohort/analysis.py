"""Tables of a finished cohort, and endpoints of each patient as times and events.

Every patient has the same number of random draws (column `turn`) in every arm. All statistics use all draws, as arrays
of patients by draws, so that tables and figures agree. Twins and draws belong to one patient, who is the unit of every
interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.runs.store.sealed import check

NONE, INFECTED = "no infection", "infection"
CAUSES = ("cancer", "infection", "treatment", "other")
REGISTRY = {"HR": (1.44, 1.01, 2.05), "OR": (1.85, 1.14, 3.02)}


class Endpoint(NamedTuple):
    """An event that patients are followed for.

    Attributes:
        key: short name, for files. title: for people. column: of the table of arms, with the time of the
            event or the cause of death. value: of this column if the event happened; empty: any value.
    """

    key: str
    title: str
    column: str
    value: str = ""


FOUND = Endpoint("found", "lung metastasis found", "found")
RECORDED = Endpoint("cancer_death_recorded", "death recorded as from cancer", "recorded", "cancer")
CANCER = Endpoint("cancer_death", "death from cancer", "cause", "cancer")
DEATH = Endpoint("death", "death from any cause", "died")
ENDPOINTS = (FOUND, RECORDED, CANCER, DEATH)


class Followed(NamedTuple):
    """Patients of an arm followed for an event, censored at death or at the end of follow-up.

    Attributes:
        time: months to the event, to death or to the end, patients by draws. event: whether it is the event.
        kept: patients in the comparison; None: all.
    """

    time: np.ndarray
    event: np.ndarray
    kept: np.ndarray | None = None

    def of(self, patients: np.ndarray) -> Followed:
        """The same for some of the patients; mask: bool."""
        return Followed(self.time[patients], self.event[patients], None if self.kept is None else self.kept[patients])


@dataclass(frozen=True, eq=False)
class Tables:
    """A finished cohort.

    Attributes:
        patients: one row per patient, by number. arms: one row per patient, arm and draw. months: of follow-up.

    Raises:
        ValueError: a draw of a patient is missing in an arm.
    """

    patients: pd.DataFrame
    arms: pd.DataFrame
    months: float

    def __post_init__(self) -> None:
        """Sort the arms, and reject those with gaps."""
        arms = self.arms.sort_values(["number", "turn"], kind="stable")
        object.__setattr__(self, "patients", self.patients.sort_index())
        object.__setattr__(self, "arms", arms)
        rows = pd.MultiIndex.from_product([self.patients.index, range(self.turns)])
        for name in self.names:
            own = self._by_arm[name]
            if len(own) != len(rows) or not pd.MultiIndex.from_frame(own[["number", "turn"]]).equals(rows):
                raise ValueError(f"arm {name!r} lacks turns of some patients, or has too many")

    @cached_property
    def names(self) -> list[str]:
        """Arms in their order."""
        return list(dict.fromkeys(self.arms["arm"]))

    @property
    def policies(self) -> list[str]:
        """Arms other than no infection and infection under usual care."""
        return [name for name in self.names if name not in (NONE, INFECTED)]

    @cached_property
    def turns(self) -> int:
        """Random draws per patient and arm."""
        return int(self.arms["turn"].max()) + 1 if len(self.arms) else 1

    @cached_property
    def infected(self) -> np.ndarray:
        """Patients who are infected during follow-up unless it is prevented."""
        return self.patients["first_infection"].notna().to_numpy()

    @cached_property
    def _by_arm(self) -> dict[str, pd.DataFrame]:
        return {str(name): rows for name, rows in self.arms.groupby("arm", sort=False)}

    def column(self, arm: str, name: str) -> np.ndarray:
        """A column of an arm, patients by draws."""
        return self._by_arm[arm][name].to_numpy().reshape(len(self.patients), self.turns)

    def numbers(self, arm: str, name: str) -> np.ndarray:
        """A numeric column of an arm, patients by draws; NaN where missing."""
        return np.asarray(pd.to_numeric(self._by_arm[arm][name]), dtype=float).reshape(len(self.patients), self.turns)

    def left(self, arm: str) -> np.ndarray:
        """Month of death or of the end of follow-up, patients by draws."""
        died = self.numbers(arm, "died")
        return np.where(np.isnan(died), self.months, died)

    def follow(self, arm: str, endpoint: Endpoint) -> Followed:
        """Patients of an arm followed for an endpoint."""
        left = self.left(arm)
        if endpoint is FOUND:
            found = self.numbers(arm, "found")
            return Followed(np.where(np.isnan(found), left, found), ~np.isnan(found))
        if not endpoint.value:
            return Followed(left, ~np.isnan(self.numbers(arm, endpoint.column)))
        return Followed(left, self.column(arm, endpoint.column) == endpoint.value)


def read(folder: Path, months: float) -> Tables:
    """Read the tables of a folder.

    Raises:
        DamagedError: a table is damaged.
        OSError: a table is missing.
        ValueError: a draw of a patient is missing in an arm.
    """
    paths = [folder / f"{name}.parquet" for name in ("patients", "arms")]
    for path in paths:
        check(path)
    patients, arms = map(pd.read_parquet, paths)
    return Tables(patients.set_index("number"), arms, months)
