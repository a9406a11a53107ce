"""From proliferating cells in a section to a metastasis of the lung: escape, growth beyond the section, detection.

A section shows that cells awaken, multiply and return to dormancy, but not what makes a clone grow for good. That is
taken as chance: each proliferating cell has the same small hazard that its clone escapes from dormancy. The hazard is
not known. It is worked out such that a patient with the usual burden, who is never infected, has the rate of lung
metastases that was measured; what an infection changes then follows from the proliferating cells of the section.

From its escape on a lesion follows the Gompertz law of Norton 1988 from the size its clone then has,

    dN/dt = b N ln(K / N),   N(t) = K exp(ln(N0 / K) exp(-b t)),

with one rate b for all lesions of a patient, log-normal between patients. The law knows no history: handed over at any
size, it goes on along the same curve.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.core.quantity import param, parameter_group

MONTH = 730.5  # h
YEAR = 8766.0  # h


@parameter_group
class Disease(NamedTuple):
    """What becomes of cells that awaken, and how it is found."""

    incidence: float = param(0.0155 / YEAR, "1/h", 0.0, 1e-4).measured(
        "rate at which lesions escape in a patient of the usual burden without infection",
        "15.5 lung metastases per 1,000 person-years in women with breast cancer (registry), taken for escapes",
    )
    usual_burden: float = param(800.0, "cell", 1.0, 1e8).assumed(
        "dormant cells in the lung of the patient to whom this rate belongs",
        "computed for the mouse: 0.047/mm2 x 17,170 mm2; not known in people",
    )
    growth: float = param(0.055023 / MONTH, "1/h", 1e-6, 1e-2).fitted(
        "median rate constant of Gompertz growth", "[Norton 1988]: exp(-2.9)/month"
    )
    growth_spread: float = param(0.71, "", 0.0, 2.0).fitted(
        "spread of its logarithm between patients", "[Norton 1988]: 0.71"
    )
    limit: float = param(3.1e12, "cell", 1e6, 1e15).fitted("cells that a lesion comes up to", "[Norton 1988]: 3.1e12")
    packing: float = param(1e6, "cell/mm^3", 1e5, 1e7).assumed("cells in a volume of lesion", "1e9 per cm3, usual")
    symptoms: float = param(30000.0, "um", 1000.0, 2e5).assumed(
        "diameter at which a lesion is found without a scan", "assumed: 3 cm"
    )


def gompertz(cells: float, hours: float, rate: float, limit: float) -> float:
    """Cells of a lesion `hours` after it had `cells`."""
    return limit * math.exp(math.log(cells / limit) * math.exp(-rate * hours))


def hours_to_grow(cells: float, larger: float, rate: float, limit: float) -> float:
    """Hours in which a lesion grows from `cells` to `larger` cells; 0 where it is as large already."""
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


class Escapes(NamedTuple):
    """Lesions that escape, float64[lesions] each: hour, and cells of the clone at that time."""

    hours: np.ndarray
    cells: np.ndarray


def escapes(thresholds: np.ndarray, hours: np.ndarray, hazard: np.ndarray, clones: np.ndarray) -> Escapes:
    """When lesions escape: each time the summed hazard reaches the next threshold.

    The larger the hazard of an arm, the earlier each of its lesions escapes: twins are coupled as tightly as can be.

    Args:
        thresholds: rising, float64[n]: a Poisson process of rate 1.
        hours: rising.
        hazard: summed up to then, from 0, not falling; linear in between.
        clones: cells of the clone of a proliferating cell at these hours (0 where none is).
    """
    reached = thresholds[thresholds < hazard[-1]]
    end = np.searchsorted(hazard, reached, side="right")
    begin = end - 1
    step = hazard[end] - hazard[begin]
    at = hours[begin] + (hours[end] - hours[begin]) * (reached - hazard[begin]) / step
    return Escapes(at, np.maximum(1.0, np.maximum(clones[begin], clones[end])))
