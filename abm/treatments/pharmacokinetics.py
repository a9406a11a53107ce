"""What doses come to over time: concentrations of drugs, cells that an antibody removes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from abm.rules.pharmacology import Antibody, SmallMolecule, kinetics, tissue_concentration

Series = NDArray[np.float64]
DEPLETION_HALF_LIFE = 168.0  # h


def antibody_concentration(antibody: Antibody, dose: float, times: Sequence[float], ticks: int, step: float) -> Series:
    """Concentration in lung tissue [nM], float64[ticks], after doses [mg] at `times` [h].

    Integrates `pharmacology.kinetics` with classical Runge-Kutta at the step [h] of the model.
    """
    due = {round(time / step) for time in times}
    central, peripheral = 0.0, 0.0
    course = np.zeros(ticks)
    for tick in range(ticks):
        if tick in due:
            central += dose
        course[tick] = tissue_concentration(central, antibody)
        k1 = kinetics(central, peripheral, antibody)
        k2 = kinetics(central + step / 2 * k1[0], peripheral + step / 2 * k1[1], antibody)
        k3 = kinetics(central + step / 2 * k2[0], peripheral + step / 2 * k2[1], antibody)
        k4 = kinetics(central + step * k3[0], peripheral + step * k3[1], antibody)
        central += step / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])
        peripheral += step / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])
    return course


def small_molecule_concentration(
    molecule: SmallMolecule, dose: float, times: Sequence[float], ticks: int, step: float
) -> Series:
    """Plasma concentration [nM], float64[ticks]: the sum of one exponential a dose (closed form)."""
    hours = np.arange(ticks) * step
    course = np.zeros(ticks)
    for time in times:
        since = hours - time
        course += np.where(since >= 0, dose * molecule.peak_per_mg * np.exp2(-since / molecule.half_life), 0.0)
    return course


def depletion_level(start: float, stop: float, ticks: int, step: float) -> Series:
    """How far a depletion acts, float64[ticks] in [0, 1]: fully from `start` to `stop` [h], then it fades."""
    hours = np.arange(ticks) * step
    return np.where(hours < start, 0.0, np.exp2(-np.maximum(hours - stop, 0.0) / DEPLETION_HALF_LIFE))
