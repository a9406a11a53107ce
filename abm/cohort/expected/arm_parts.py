"""One arm of the closed form: the parts of its lesions, the chance that nothing is found, losses by cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.cohort.expected.lesion_hazard import DiseaseConstants

WHOLE_HOURS = 0.002  # months by which a scan at a whole hour may come after the month it belongs to
FORGOTTEN = 9  # scans back whose miss no longer matters


@dataclass(frozen=True)
class ArmParts:
    """What is fixed of an arm, on its months.

    Attributes:
        months: float64[patients, times]. scans: months of them, float64[patients, scans]. passed: how many by each
            month. reach: share of the lung that infections reach, float64[patients].
        symptoms, lethal: growing lesions of these sizes by each month, by part of the lung and per unit of the hazard
            of escape, float64[parts, patients, times]; lethal ones for each quantile of the size. visible, still:
            those that grow, and those that stop, of a visible size by each scan, float64[parts, patients, scans].
        hazards: summed, of death elsewhere, from infection, treatment and others, float64[4, patients, times].
    """

    months: np.ndarray
    scans: np.ndarray
    passed: np.ndarray
    reach: np.ndarray
    symptoms: np.ndarray
    lethal: np.ndarray
    visible: np.ndarray
    still: np.ndarray
    hazards: np.ndarray


def chance_unfound(parts: ArmParts, weights: tuple, constants: DiseaseConstants) -> np.ndarray:
    """Chance that nothing is found by each month, if nobody dies: float64[patients, times].

    Args:
        parts: of the arm.
        weights: of the parts of the lesions, in their order.
        constants: of the disease.
    """
    q, p = constants.still_share, constants.sensitivity

    def by_place(given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lesions in the reached and in the spared part."""
        inside = weights[0] * given[0] + weights[1] * given[1] + weights[2] * given[2]
        return inside, weights[3] * given[3] + weights[4] * given[4]

    ill, seen, still = by_place(parts.symptoms), by_place(parts.visible), by_place(parts.still)
    stopped = still[0] + still[1]
    unfound = (1.0 - p) ** parts.passed * np.exp(-(1.0 - q) * (ill[0] + ill[1]))
    for at in range(parts.scans.shape[1]):
        since = parts.passed - at - 1  # scans after this one
        if not (since >= 0).any():
            continue
        least = sum(np.maximum(one, two[:, at : at + 1]) for one, two in zip(ill, seen, strict=True))
        clear = np.exp(-(1.0 - q) * least - q * stopped[:, at : at + 1])
        unfound += np.where((since >= 0) & (since < FORGOTTEN), p * (1.0 - p) ** np.maximum(since, 0) * clear, 0.0)
    return np.maximum(unfound, 1e-300)


def losses_by_cause(left: np.ndarray, hazards: np.ndarray) -> np.ndarray:
    """Divide what is lost in each interval by cause, in proportion to the rise of the summed hazards.

    Args:
        left: share left at each month, float64[patients, times].
        hazards: summed, by cause, float64[causes, patients, times].

    Returns:
        float64[causes, patients, times - 1].
    """
    rise = np.maximum(np.diff(hazards, axis=-1), 0.0)
    whole = rise.sum(axis=0)
    lost = np.maximum(left[:, :-1] - left[:, 1:], 0.0)
    return lost * rise / np.where(whole > 0.0, whole, 1.0)
