"""What is unknown of a cohort, what its patients may die of, and the expected course of one arm."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CAUSES = ("cancer", "infection", "treatment", "other")
INFECTION = "infection"
START, SINCE_INFECTION = "start", "infection"


class UnknownFactors(NamedTuple):
    """What nobody has measured: factors on the reach, the expansion and the occult lesions, and a share.

    Attributes:
        reach: times the share of the lung that infections reach, up to all of it. expansion: times the proliferation
            that an infection adds. occult: times the lesions that escaped before month 0. recorded: share of the
            deaths from the infection that a registry records as deaths from cancer.
    """

    reach: float = 1.0
    expansion: float = 1.0
    occult: float = 1.0
    recorded: float = 0.0


class Mortality(NamedTuple):
    """Risks of death in one arm that lesions of the lung do not change.

    Attributes:
        infection, treatment: chance of death from the first infection, and from the treatment, float64[patients].
        other: summed hazard of any other cause at months 0, 1, ... of follow-up, float64[patients, months + 1].
    """

    infection: np.ndarray
    treatment: np.ndarray
    other: np.ndarray


class Outlook(NamedTuple):
    """Expected course of one arm.

    Attributes:
        months: float64[times]; since the start, or since the infection.
        at_risk: alive and not found, alive: float64[patients, times]: alive.
        found: float64[patients, times - 1]: found in each interval. deaths: float64[CAUSES, patients, times - 1].
    """

    months: np.ndarray
    at_risk: np.ndarray
    alive: np.ndarray
    found: np.ndarray
    deaths: np.ndarray

    def of(self, patients: np.ndarray) -> Outlook:
        """Of some patients, as a mask."""
        return Outlook(
            self.months, self.at_risk[patients], self.alive[patients], self.found[patients], self.deaths[:, patients]
        )

    @property
    def found_by(self) -> np.ndarray:
        """Share of the patients found by each month, float64[times]."""
        return np.concatenate(([0.0], np.cumsum(self.found.mean(axis=0))))

    def died_by(self, cause: str) -> np.ndarray:
        """Share of the patients dead of a cause by each month, float64[times]."""
        return np.concatenate(([0.0], np.cumsum(self.deaths[CAUSES.index(cause)].mean(axis=0))))

    def recorded_as_cancer(self, share: float) -> np.ndarray:
        """Deaths recorded as from cancer in each interval, float64[patients, times - 1]."""
        return self.deaths[0] + share * self.deaths[1]
