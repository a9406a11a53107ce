"""Pharmacokinetics: what doses come to, against analytical solutions."""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import solve_ivp

from abm.reporting.measured import Measured
from abm.rules import pharmacology as drugs
from abm.treatments.pharmacokinetics import antibody_concentration, small_molecule_concentration
from abm.verify.check import Check, CheckPanel, Curve, Finding, check

STEP = 1 / 6  # h
ROUNDING = 1e-12  # of float64 over some thousand steps, relative
RUNGE_KUTTA = "doi:10.1007/978-3-540-78862-1"
ANTIBODIES = {
    "tocilizumab": (drugs.TOCILIZUMAB, 560.0, 672.0), "siltuximab": (drugs.SILTUXIMAB, 770.0, 504.0),
    "MR16-1": (drugs.MR16_1, 0.5, 72.0), "MP5-20F3": (drugs.MP5_20F3, 0.5, 72.0),
}  # fmt: skip
SMALL_MOLECULES = {
    "ruxolitinib": (drugs.RUXOLITINIB, 20.0, 12.0), "oseltamivir": (drugs.OSELTAMIVIR, 75.0, 12.0),
    "nirmatrelvir": (drugs.NIRMATRELVIR, 300.0, 12.0),
}  # fmt: skip


def biexponential(antibody: drugs.Antibody, dose: float, since: np.ndarray) -> np.ndarray:
    """Amount in the central compartment [mg] after one dose [mg] at hour 0, without saturable clearance; 0 before."""
    out, over = antibody.clearance / antibody.central, antibody.exchange / antibody.central
    back = antibody.exchange / antibody.peripheral
    total, product = out + over + back, out * back
    fast = (total + math.sqrt(total**2 - 4 * product)) / 2
    slow = product / fast
    share = (fast - back) / (fast - slow)
    hours = np.maximum(since, 0.0)
    course = dose * (share * np.exp(-fast * hours) + (1.0 - share) * np.exp(-slow * hours))
    return np.where(since >= 0.0, course, 0.0)


def method_error(antibody: drugs.Antibody, hours: float) -> float:
    """Bound on the relative error of classical Runge-Kutta at the step of the model, (r dt)^4 r t / 120.

    r is the fastest rate [1/h] at which anything leaves the central compartment, plus the return from the other.
    """
    leaving = antibody.clearance + antibody.exchange + antibody.saturable / antibody.saturable_half
    rate = leaving / antibody.central + antibody.exchange / antibody.peripheral
    return (rate * STEP) ** 4 * rate * hours / 120.0


def concentrations(antibody: drugs.Antibody, amounts: np.ndarray) -> np.ndarray:
    """In lung tissue [nM] at these amounts in the central compartment [mg]."""
    return amounts / antibody.central / antibody.mass * 1000.0 * antibody.tissue_share


def _integrated(antibody: drugs.Antibody, dose: float, times: list[float], hours: np.ndarray) -> np.ndarray:
    """Amount in the central compartment [mg], from dose to dose by a method of order 8 at a tolerance of 1e-12."""
    state, course = np.zeros(2), np.zeros(hours.size)
    for begin, end in zip(times, [*times[1:], float(hours[-1]) + STEP], strict=True):
        state[0] += dose
        inside = (hours >= begin - 1e-9) & (hours < end - 1e-9)
        solved = solve_ivp(
            lambda _, y: drugs.kinetics(y[0], y[1], antibody), (begin, end), state, "DOP853",
            np.append(np.maximum(hours[inside], begin), end), rtol=1e-12, atol=1e-14,
        )  # fmt: skip
        course[inside], state = solved.y[0][:-1], solved.y[:, -1]
    return course


def antibodies() -> Finding:
    """Repeated doses of each antibody give the analytical solution, or an exact numerical one where there is none."""
    measured, panels = [], []
    for name, (antibody, dose, every) in ANTIBODIES.items():
        times = [24.0 + every * number for number in range(3)]
        ticks = round((times[-1] + every) / STEP)
        hours = np.arange(ticks) * STEP
        for kind, drug in (("linear", antibody._replace(saturable=0.0)), ("saturable", antibody)):
            if kind == "linear":
                true = np.sum([biexponential(drug, dose, hours - time) for time in times], axis=0)
            elif antibody.saturable > 0.0:
                true = _integrated(drug, dose, times, hours)
            else:
                continue
            seen = antibody_concentration(drug, dose, times, ticks, STEP)
            exact = concentrations(drug, true)
            error = float(np.abs(seen - exact).max() / exact.max())
            most = method_error(drug, float(hours[-1])) + ROUNDING
            measured.append(Measured(f"{name}, {kind}: largest error", error, 0.0, most))
            thin = slice(None, None, max(1, ticks // 40))
        curves = (Curve("model", hours[thin] / 24, seen[thin], "dots"), Curve("exact", hours / 24, exact, "law", 1))
        panels.append(CheckPanel(name, "day", "nM in lung tissue", curves))
    return Finding(
        claim="Antibodies rise and fall as two-compartment kinetics predict.",
        law="linear clearance: the sum of two exponentials per dose; saturable clearance: integrated at order 8 to "
        "1e-12",
        source=f"{RUNGE_KUTTA}; doi:10.1177/0091270009350623",
        measured=tuple(measured),
        why="Classical Runge-Kutta at a step dt errs by at most (r dt)^4 r t / 120 where r is the fastest rate; 1e-12 "
        "for the rounding of float64. Errors are relative to the peak.",
        panels=tuple(panels),
    )


def small_molecules() -> Finding:
    """Repeated doses of a small molecule settle at the sum of a geometric series."""
    measured, panels = [], []
    for name, (molecule, dose, every) in SMALL_MOLECULES.items():
        times = [every * number for number in range(30)]
        ticks = round(30 * every / STEP)
        hours = np.arange(ticks) * STEP
        seen = small_molecule_concentration(molecule, dose, times, ticks, STEP)
        rate = math.log(2.0) / molecule.half_life
        doses, within = np.floor(hours / every + 1e-9), hours - every * np.floor(hours / every + 1e-9)
        ratio = math.exp(-rate * every)
        exact = dose * molecule.peak_per_mg * np.exp(-rate * within) * (1.0 - ratio ** (doses + 1)) / (1.0 - ratio)
        error = float(np.abs(seen / exact - 1.0).max())
        measured.append(Measured(f"{name}: largest relative error", error, 0.0, ROUNDING))
        shown, dots = slice(0, 360), slice(0, 360, 6)
        curves = (Curve("model", hours[dots] / 24, seen[dots], "dots"), Curve("exact", hours[shown] / 24, exact[shown],
                                                                               "law", 1))  # fmt: skip
        panels.append(CheckPanel(name, "day", "nM in plasma", curves))
    return Finding(
        claim="Small molecules rise to their plateau and fall with their half-life.",
        law="dose after dose: C exp(-r t) (1 - q^n) / (1 - q), q = exp(-r x interval)",
        source="doi:10.1177/0091270010389469",
        measured=tuple(measured), why="Two closed forms are compared: only the rounding of float64, 1e-12, remains.",
        panels=tuple(panels),
    )  # fmt: skip


CHECKS: tuple[Check, ...] = (
    check("antibodies", "pharmacokinetics", "Antibodies compared with the analytical solution", antibodies),
    check(
        "small-molecules", "pharmacokinetics", "Small molecules compared with the analytical solution", small_molecules
    ),
)
