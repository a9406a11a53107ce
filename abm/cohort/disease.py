"""From proliferating cells in a section to a metastasis of the lung: escape, growth beyond the section, sizes.

In a section, cells awaken, multiply and return to dormancy. The section does not contain what makes a clone grow
permanently. The model treats this as chance: each proliferating cell has the same small hazard that its clone escapes
from dormancy (`abm.cohort.incidence` derives it from the metastases that are *found*).

After its escape, a lesion follows the Gompertz law of Norton 1988, starting at the current size of its clone,

    dN/dt = b N ln(K / N),   N(t) = K exp(ln(N0 / K) exp(-b t)),

with one rate b for all lesions of a patient, at which a lesion of 1 cm has the doubling time of the patient. The law
has no memory: from any size, it continues along the same curve. A share of the lesions stops growing, as nodules do in
people.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.core.quantity import param, parameter_group

MONTH = 730.5  # h
YEAR = 8766.0  # h
DAY = 24.0  # h
MEASURED_AT = 10_000.0  # um, size to which the doubling time refers: about the middle of nodules seen by CT


@parameter_group
class Disease(NamedTuple):
    """Growth, detection and lethality of lesions from awakened cells."""

    incidence: float = param(0.0052 / YEAR, "1/h", 0.0, 1e-4).assumed(
        "incidence of lung metastases found in patients of this cohort without infection, under usual care",
        "15.5 recurrences of any kind per 1,000 person-years from year 10 on [Pedersen 2022], a third of them in the "
        "lung (30 to 36 % of metastatic disease [Chen 2019], [Xiao 2018])",
    )
    occult_lesions: float = param(1.0, "", 0.0, 100.0).assumed(
        "number of undetected growing lesions at the start, relative to that from escapes at rest since the diagnosis",
        "assumed: escapes have been as frequent since the diagnosis as during follow-up",
    )
    expansion: float = param(1.0, "", 0.0, 100.0).assumed(
        "proliferation added by an infection, relative to that in the section",
        "assumed: human cells behave like mouse cells",
    )
    doubling_time: float = param(78.0 * DAY, "h", 7.0 * DAY, 1000.0 * DAY).measured(
        "median doubling time of a growing lesion of 1 cm",
        "118 +/- 134 days in growing lung metastases [Chojniak 2003], as a log-normal distribution",
    )
    doubling_spread: float = param(0.91, "", 0.0, 2.0).measured(
        "SD of the logarithm of the doubling time between patients",
        "118 +/- 134 days [Chojniak 2003]; it also varies within a patient",
    )
    still_share: float = param(0.41, "", 0.0, 1.0).measured(
        "share of lesions that stop growing", "of 408 nodules, 59 % grew, 30 % were static, 11 % shrank [Chojniak 2003]"
    )
    still_size: float = param(10_000.0, "um", 500.0, 30_000.0).assumed(
        "diameter at which these lesions stop growing", "assumed: within the range visible on CT"
    )
    limit: float = param(3.1e12, "cell", 1e6, 1e15).fitted(
        "maximum number of cells of a lesion", "[Norton 1988]: 3.1e12"
    )
    packing: float = param(1e6, "cell/mm^3", 1e5, 1e7).assumed(
        "cell density of a lesion", "1e9 per cm3, the usual value"
    )
    symptoms: float = param(30_000.0, "um", 1000.0, 2e5).assumed(
        "diameter at which a lesion is found without a scan", "assumed: 3 cm"
    )
    cell_loss: float = param(0.9, "", 0.0, 0.97).assumed(
        "share of the newborn cells of a lesion that is lost at rest",
        "54-99 % in human lung tumours [Kerr 1984]; 0.89-0.93 from a doubling time of 78-118 days and a potential "
        "doubling time of 8.5 days (5.9 % of breast cancer cells in S phase, 15 h long)",
    )
    lethal: float = param(1e12, "cell", 1e9, 1e13).assumed(
        "median size of the largest lesion at death from it",
        "assumed: 1e12 cells in the body are usually considered lethal; the limit of growth is 3.1e12 [Norton 1988]",
    )
    lethal_spread: float = param(1.1, "", 0.0, 3.0).assumed(
        "SD of the logarithm of the lethal size between patients", "assumed: a factor of three"
    )

    def lethal_size(self, score: float | np.ndarray) -> np.ndarray:
        """Cells of the lesion of which a patient dies, never fewer than at symptoms; score: standard normal."""
        least = min(cells_of(self.symptoms, self.packing), 0.99 * self.limit)
        return np.clip(self.lethal * np.exp(self.lethal_spread * score), least, 0.99 * self.limit)


def growth_rate(doubling_time: float, disease: Disease) -> float:
    """Rate b [1/h] of Gompertz growth, from the doubling time [h] of a lesion of 1 cm."""
    return math.log(2.0) / doubling_time / math.log(disease.limit / cells_of(MEASURED_AT, disease.packing))


def gompertz(cells: float, hours: float, rate: float, limit: float) -> float:
    """Cells of a lesion `hours` after it had `cells`."""
    return limit * math.exp(math.log(cells / limit) * math.exp(-rate * hours))


def hours_to_grow(cells: float, larger: float, rate: float, limit: float) -> float:
    """Hours in which a lesion grows from `cells` to `larger` cells; 0 if it is already as large."""
    if larger <= cells:
        return 0.0
    if larger >= limit or rate <= 0.0:
        return math.inf
    return math.log(math.log(cells / limit) / math.log(larger / limit)) / rate


def cells_of(diameter: float, packing: float) -> float:
    """Cells of a round lesion of this diameter [um]."""
    return math.pi / 6.0 * (diameter / 1000.0) ** 3 * packing


def diameter_of(cells: float, packing: float) -> float:
    """Diameter [um] of a round lesion with this number of cells."""
    return 1000.0 * (6.0 / math.pi * cells / packing) ** (1.0 / 3.0)


def surface_share(cells: float) -> float:
    """Share in [0, 1] of the cells of a round lesion that lie in its outermost layer of cells.

    1 - (1 - 2 d / D)^3 for cells of diameter d in a lesion of diameter D = d cells^(1/3).
    """
    return 1.0 - max(0.0, 1.0 - 2.0 * max(1.0, cells) ** (-1.0 / 3.0)) ** 3


class Escapes(NamedTuple):
    """Lesions that escape, float64[lesions] each: hour of escape, and cells of the clone at that time."""

    hours: np.ndarray
    cells: np.ndarray


def escapes(thresholds: np.ndarray, hours: np.ndarray, hazard: np.ndarray, clones: np.ndarray) -> Escapes:
    """Times at which lesions escape: when the integrated hazard reaches the next threshold.

    The larger the hazard of an arm, the earlier each of its lesions escapes: twins are coupled as closely as possible.

    Args:
        thresholds: increasing, float64[n]: a Poisson process of rate 1.
        hours: increasing.
        hazard: integrated up to these hours, from 0, not decreasing; linear in between.
        clones: cells of the clone of a proliferating cell at these hours (0 without one).
    """
    reached = thresholds[thresholds < hazard[-1]]
    end = np.searchsorted(hazard, reached, side="right")
    begin = end - 1
    step = hazard[end] - hazard[begin]
    at = hours[begin] + (hours[end] - hours[begin]) * (reached - hazard[begin]) / step
    return Escapes(at, np.maximum(1.0, np.maximum(clones[begin], clones[end])))
