"""The designs of a trial as text, tables and a figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from abm.cohort.expected.inputs import MOST_PATIENTS
from abm.cohort.trials.designs import AS_THE_COHORT, PlannedTrial, SimulatedTrial, TrialStudy
from abm.cohort.trials.figure import draw_trials
from abm.cohort.trials.sizes import OUTCOMES, events_needed
from abm.plots.figures import save_figure
from abm.reporting.report import markdown_table, write_rows
from abm.runs.store.files import storage, write_text

FIRST = (
    "**A prediction, not a protocol, and not medical advice.** These sizes follow from a model that was not tested in "
    "people. Accrual, drop-out, crossover, interim analyses and the burden of scans are left out: a real trial "
    "needs more patients, and a statistician."
)
SHORT = "A prediction, not a protocol. For research and teaching, not medical advice."
NOTHING = "no effect to show"
FEW_DIFFERING = 100  # twins that differ; with fewer, the report warns that simulated sizes depend on chance


def write_trials(folder: Path, title: str, study: TrialStudy, titles: Mapping[str, str]) -> list[str]:
    """Write `trial.md`, `trial.csv` and the figure; return lines for the terminal.

    Args:
        folder: of the cohort.
        title: of the cohort.
        study: its designs.
        titles: of the arms, by name.

    Raises:
        StorageError: the disk is full or not writable.
    """
    with storage(folder):
        (folder / "figures").mkdir(exist_ok=True)
        figure = save_figure(draw_trials(study, titles), folder / "figures" / "trial.png")
        write_text(folder / "trial.md", trial_text(title, study, titles, figure) + "\n")
        rows = [
            (one.arm, study.question.against, study.question.outcome, one.scan_every or None, one.months,
             math.exp(one.log_ratio), one.share, one.share_against, one.per_arm, *_ends(one.over_set))
            for one in study.planned
        ]  # fmt: skip
        heads = ("arm", "against", "outcome", "scan_every", "months", "hazard_ratio", "share", "share_against",
                 "per_arm", "per_arm_median", "per_arm_low", "per_arm_high")  # fmt: skip
        write_rows(folder / "trial", heads, [[_finite(cell) for cell in row] for row in rows])
    return [SHORT, *_headline(study, titles)]


def trial_text(title: str, study: TrialStudy, titles: Mapping[str, str], figure: Path) -> str:
    """The report in Markdown."""
    asked = study.question
    parts = [f"# How large a trial would need to be: {title}", FIRST]
    parts.append(
        f"Outcome: {OUTCOMES[asked.outcome]}. Each policy is compared with {titles.get(asked.against, asked.against)}, "
        f"in two separate arms of equal size, by the log-rank test at a two-sided level of {asked.alpha:g} with power "
        f"{asked.power:g}. Patients are those of the cohort who are infected under usual care, whether or not the "
        "policy reaches them. They are randomised at the start of follow-up and censored at other deaths."
    )
    parts.append(f"![Power by patients per arm](figures/{figure.name})")
    parts += ["## The design of the cohort itself", _own_table(study, titles), _own_text(study)]
    for arm in asked.arms:
        parts += [f"## {titles.get(arm, arm)}: scan interval and follow-up", _grid(study, arm)]
    parts.append(_grid_text(study))
    return "\n\n".join(parts)


def _own_table(study: TrialStudy, titles: Mapping[str, str]) -> str:
    asked, rows = study.question, []
    for one in study.simulated:
        own = study.own(one.arm)
        rows.append([
            titles.get(one.arm, one.arm), f"{math.exp(own.log_ratio):.2f}",
            f"{100 * own.share:.2f} % / {100 * own.share_against:.2f} %",
            f"{100 * one.one.share:.2f} % / {100 * one.other.share:.2f} %",
            _count(events_needed(own.log_ratio, asked.power, asked.alpha)), _with_range(own), _percent(one.power),
            _count(one.per_arm), _count(one.twins), _differing(one),
        ])  # fmt: skip
    heads = ("arm", "hazard ratio", "with the outcome, closed form (arm / comparator)", "simulated", "events needed",
             "patients per arm", "power at this size, simulated", "patients per arm, simulated",
             "simulated twins", "twins that differ")  # fmt: skip
    return markdown_table(heads, rows)


def _own_text(study: TrialStudy) -> str:
    return (
        "*Patients per arm*: Schoenfeld 1983 (doi:10.2307/2531021), with the hazard ratio and the shares expected in "
        f"closed form. *Simulated*: trials of patients drawn without pairing from the {study.patients:,} simulated "
        f"ones with {study.turns} random draws each; hazards need not be proportional. *Simulated twins*: pairs of the "
        "same patient in both arms (Connor 1987, Biometrics 43:207). Twins exist only in a simulation, and show how "
        "many patients pairing saves. Closed form and simulation may differ: the closed form has no chance of its own, "
        f"but is worked out for at most {MOST_PATIENTS:,} of the patients. *Twins that differ*: only one of the two "
        "has the outcome." + _set_text(study)
    )


def _set_text(study: TrialStudy) -> str:
    if not study.set_points:
        return (
            " The factors are those of the cohort file; `embers cohort COHORT --calibrate registries` adds the range "
            "over all values that agree with the registries."
        )
    return f" *Set*: median (95 % range) over {study.set_points} points that agree with the registries."


def _grid(study: TrialStudy, arm: str) -> str:
    lengths = study.question.follow_ups
    rows = []
    for every in dict.fromkeys(one.scan_every for one in study.planned):
        by_length = {one.months: one for one in study.planned if one.arm == arm and one.scan_every == every}
        rows.append([scans_text(every), *(_with_range(by_length[length]) for length in lengths)])
    return markdown_table(["patients per arm; scans", *(f"{length:g} months of follow-up" for length in lengths)], rows)


def _grid_text(study: TrialStudy) -> str:
    return (
        "Scans are the same in all arms, apart from those that a policy adds. The disease is that of the cohort: more "
        "scans find lesions earlier but do not change them. Follow-up longer than that of the cohort was not simulated."
        + _set_text(study)
    )


def scans_text(every: float) -> str:
    """Scan interval in words."""
    return "as in the cohort" if every == AS_THE_COHORT else f"every {every:g} months"


def _headline(study: TrialStudy, titles: Mapping[str, str]) -> list[str]:
    asked, lines = study.question, []
    by_arm: dict[str, SimulatedTrial] = {one.arm: one for one in study.simulated}
    for arm in asked.arms:
        own, simulated = study.own(arm), by_arm[arm]
        lines.append(
            f"{titles.get(arm, arm)} compared with {titles.get(asked.against, asked.against)}, "
            f"{OUTCOMES[asked.outcome]} within {own.months:g} months: hazard ratio {math.exp(own.log_ratio):.2f}; "
            f"patients per arm {_with_range(own)}; by simulation {_count(simulated.per_arm)} (power at the first size: "
            f"{_percent(simulated.power)}); simulated twins {_count(simulated.twins)}; twins that differ "
            f"{_differing(simulated)}"
        )
        best = min((one for one in study.planned if one.arm == arm), key=lambda one: one.per_arm)
        if math.isfinite(best.per_arm) and best != own:
            scans = scans_text(best.scan_every)
            lines.append(f"    fewest: {_count(best.per_arm)} with scans {scans} and {best.months:g} months")
    return lines


def _with_range(one: PlannedTrial) -> str:
    if not one.over_set.size:
        return _count(one.per_arm)
    middle, low, high = _ends(one.over_set)
    if math.isinf(low):
        return f"{_count(one.per_arm)}; set: {NOTHING}"
    return f"{_count(one.per_arm)}; set: {_count(middle)} ({_count(low)} to {_count(high)})"


def _ends(sizes: np.ndarray) -> Sequence[float]:
    """Median, 2.5 % and 97.5 % of sizes, some of which may be infinite; NaN if there are none."""
    if not sizes.size:
        return math.nan, math.nan, math.nan
    return [float(np.quantile(sizes, level, method="higher")) for level in (0.5, 0.025, 0.975)]


def _count(size: float) -> str:
    return f"{size:,.0f}" if math.isfinite(size) else NOTHING


def _differing(one: SimulatedTrial) -> str:
    return f"{one.differing:,}" + (" (few: depends on chance)" if one.differing < FEW_DIFFERING else "")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if math.isfinite(share) else "-"


def _finite(cell: object) -> object:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
