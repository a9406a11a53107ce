"""One patient on one axis of months: infections, treatments, burden, scans, the largest lesion, death."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from abm.cohort.disease import MONTH, YEAR, cells_of, diameter_of
from abm.cohort.drawings.style import COLORS, WARNING
from abm.cohort.patient import INFECTION, NO_INFECTION, PatientArm
from abm.cohort.person import Person
from abm.cohort.plan import Cohort
from abm.cohort.timeline import treatments_of
from abm.plots.figures import STYLE, save_figure
from abm.treatments.drugs import RepeatedDoses

CAUSE = {
    "cancer": "dies of cancer", "infection": "dies of the infection", "treatment": "dies of the treatment",
    "other": "dies of another cause",
}  # fmt: skip
LEAST = 0.3  # cells: the lower end of the logarithmic axis


def draw_patient(cohort: Cohort, person: Person, arms: list[PatientArm], titles: dict[str, str], path: Path) -> Path:
    """Draw a patient in all arms.

    Raises:
        OSError: the disk is full or not writable.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(
            figsize=(11.0, 2.1 * len(arms) + 1.9), layout=ConstrainedLayoutEngine(rect=(0.0, 0.03, 1.0, 0.925))
        )
        figure.suptitle(f"Patient {person.number} of {cohort.title}", x=0.01, ha="left", size=14, weight="bold")
        figure.text(0.01, 0.962, _who(cohort, person), size=9.5, color="0.35", va="top")
        figure.text(0.01, 0.006, WARNING, size=8.5, color="0.35")
        panels = figure.subplots(len(arms), 1, sharex=True, squeeze=False).ravel()
        most = max(_most(cohort, person, arm) for arm in arms)
        for at, (axes, arm) in enumerate(zip(panels, arms, strict=True)):
            _panel(axes, cohort, person, arm, most)
            axes.set_title(titles[arm.name], size=10.5)
            axes.set_title(told(cohort, arm), size=8.5, loc="right", weight="normal", color="0.3")
            if at == 0:
                axes.legend(handles=_legend(), loc="upper left", fontsize=8.5, ncols=4)
        panels[-1].set_xlabel("months of follow-up")
        return save_figure(figure, path)


def _legend() -> list[Line2D]:
    """Legend of lines and marks."""
    return [
        Line2D([], [], color=COLORS[0], lw=1.6, label="dormant cells, part reached"),
        Line2D([], [], color=COLORS[1], lw=5.0, alpha=0.8, label="proliferating cells, part reached"),
        Line2D([], [], color="0.15", lw=2.0, label="largest lesion"),
        Line2D([], [], color="0.4", lw=1.0, ls=":", label="a scan could first detect it"),
        Line2D([], [], color="0.7", marker="v", ls="", ms=7, label="scan"),
        Line2D([], [], color=COLORS[4], marker="v", ls="", ms=7, label="scan that finds it"),
        Line2D([], [], color=COLORS[4], lw=1.0, ls=":", label="found"),
    ]


def told(cohort: Cohort, arm: PatientArm) -> str:
    """Outcome of a patient in an arm in the first random draw, in words."""
    fate, end = arm.fates[0], cohort.hours
    parts = []
    if fate.occult:
        parts.append(f"{fate.occult} undetected lesion{'s' if fate.occult > 1 else ''} at the start")
    elif not math.isfinite(fate.escaped):
        parts.append("no lesion escapes")
    else:
        parts.append(f"escape in month {fate.escaped / MONTH:.1f}")
    if fate.lesions:
        seen = fate.visible / MONTH
        parts.append(f"detectable from month {max(0.0, seen):.1f}" if fate.visible < end else "none detectable")
    if math.isfinite(fate.found):
        how = "by a scan" if fate.by_scan else "by symptoms"
        parts.append(f"found {how} in month {fate.found / MONTH:.1f}, {fate.size / 1000.0:.0f} mm")
    if fate.cause:
        parts.append(f"{CAUSE[fate.cause]} in month {fate.died / MONTH:.1f}")
    return ", ".join(parts)


def _who(cohort: Cohort, person: Person) -> str:
    sex, reach = "woman" if person.female else "man", 100.0 * person.reach(cohort, cohort.care)
    return (
        f"{sex} of {person.age:.0f}, {person.since_diagnosis / YEAR:.1f} years since diagnosis, other diseases: "
        f"{person.comorbidity:.1f}; {person.burden:,.0f} dormant cells in the lung, T cells x {person.immunity:.2f}; "
        f"{person.virus}, dose x {person.dose:.2f}, reaching {reach:.2g} % of the lung"
    )


def burdens(person: Person, arm: PatientArm) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Months, dormant and proliferating cells of the part of the lung that the infection reaches."""
    weight = person.burden * arm.reach
    course = arm.course
    return course.hours / MONTH, weight * (course.cells - course.awake), weight * course.awake


def lesion(cohort: Cohort, arm: PatientArm) -> tuple[np.ndarray, np.ndarray]:
    """Months and cells of the largest lesion, from its escape to death or the end; empty without lesions."""
    fate, lesions = arm.fates[0], arm.lesions[0]
    if not math.isfinite(fate.escaped):
        return np.zeros(0), np.zeros(0)
    hours = np.linspace(max(0.0, fate.escaped), min(fate.died, float(cohort.hours)), 300)
    return hours / MONTH, np.array([lesions.largest(float(hour), cohort.disease) for hour in hours])


def _most(cohort: Cohort, person: Person, arm: PatientArm) -> float:
    _, dormant, awake = burdens(person, arm)
    _, grown = lesion(cohort, arm)
    return max(10.0, float(dormant.max()), float(awake.max()), float(grown.max(initial=0.0)))


def _panel(axes: Any, cohort: Cohort, person: Person, arm: PatientArm, most: float) -> None:
    months, dormant, awake = burdens(person, arm)
    last = cohort.hours / MONTH
    axes.step(months, np.maximum(dormant, LEAST), where="post", color=COLORS[0], lw=1.6)
    axes.fill_between(months, LEAST, np.maximum(awake, LEAST), step="post", color=COLORS[1], alpha=0.8, lw=0.0)
    when, grown = lesion(cohort, arm)
    if when.size:
        axes.plot(when, np.maximum(grown, LEAST), color="0.15", lw=2.0)
    size = cells_of(cohort.scan_sees, cohort.disease.packing)
    if most > size / 100.0:
        axes.axhline(size, color="0.6", lw=0.8, ls="--")
        axes.text(last, size, f"{cohort.scan_sees / 1000.0:g} mm ", size=8, color="0.4", ha="right", va="bottom")
    axes.set(yscale="log", ylim=(LEAST, most * 60.0), xlim=(0, last))
    axes.set_ylabel("cells")
    top = most * 18.0
    for hour in arm.infections:
        axes.axvline(hour / MONTH, color=COLORS[3], lw=1.6)
        axes.text(hour / MONTH, top, " infection", size=8.5, color="#8a7a00", va="center")
    _treatments(axes, cohort, person, arm, top / 6.0)
    for scan in (scan for scan in arm.scans if scan < arm.fates[0].died):
        shows = arm.fates[0].by_scan and abs(scan - arm.fates[0].found) < 1.0
        axes.plot(scan / MONTH, LEAST * 2.0, marker="v", ms=7, color=COLORS[4] if shows else "0.7", clip_on=False)
    if arm.fates[0].cause:
        axes.axvspan(arm.fates[0].died / MONTH, last, color="0.85", lw=0.0)
        axes.text(arm.fates[0].died / MONTH, LEAST * 4.0, f" {CAUSE[arm.fates[0].cause]}", size=8.5, color="0.35")
    for when_seen, color in ((arm.fates[0].visible, "0.4"), (arm.fates[0].found, COLORS[4])):
        if when_seen < cohort.hours:
            axes.axvline(when_seen / MONTH, color=color, lw=1.0, ls=":")


def _treatments(axes: Any, cohort: Cohort, person: Person, arm: PatientArm, height: float) -> None:
    """Bars from the first to the last dose."""
    if arm.name == NO_INFECTION:
        return
    given = treatments_of(cohort, person, arm.care)
    for hour in arm.infections:
        for at, drug in enumerate(given):
            assert isinstance(drug, RepeatedDoses)
            times = drug.times(float(cohort.hours))
            begin, end = (hour + times[0]) / MONTH, (hour + times[-1]) / MONTH
            axes.plot([begin, max(end, begin + 0.15)], [height / 6.0**at] * 2, color=COLORS[2], lw=5.0)
            axes.text(max(end, begin) + 0.4, height / 6.0**at, drug.drug, size=8.5, color=COLORS[2], va="center")
    if person.is_vaccinated(arm.care) and arm.infections:
        when = max(0.0, arm.infections[0] - arm.care.before) / MONTH
        axes.plot(when, height, marker="P", ms=8, color=COLORS[5], clip_on=False)
        axes.text(when + 0.4, height, "vaccine", size=8.5, color="#2288aa", va="center")


def _missed(arm: PatientArm) -> str:
    """A note if the virus infected no cell of the section."""
    return "; the infection did not establish" if arm.infections and not arm.infected else ""


def summary(cohort: Cohort, person: Person, arms: list[PatientArm], titles: dict[str, str]) -> list[str]:
    """Lines for the terminal that summarize a patient."""
    lines = [f"Patient {person.number}: {_who(cohort, person)}"]
    months = ", ".join(f"{hour / MONTH:.1f}" for hour in person.infections)
    lines.append(f"infections in months: {months or 'none'}")
    for arm in arms:
        course = arm.course
        lines.append(
            f"{titles[arm.name]}: {told(cohort, arm)}; at most {course.cells.max():.1f} cells per seeded cell in the "
            f"section, {course.awake_hours[-1]:,.0f} cell-hours of proliferation per seeded cell{_missed(arm)}"
        )
    if any(arm.name == INFECTION for arm in arms):
        shown = diameter_of(cells_of(cohort.scan_sees, cohort.disease.packing), cohort.disease.packing)
        lines.append(f"A scan detects lesions from {shown / 1000.0:g} mm on.")
    lines.append(WARNING)
    return lines
