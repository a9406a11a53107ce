"""Whether numerics are in the results: the scoreboard at shorter steps, and on smaller and larger sections.

Draws do not know the step, so a section at ten minutes and the same seed at one minute are twins, and their ratio is
read twin by twin: a few sections tell some percent. Sections of other sizes are other sections, so they are compared
as they are, on about the same area of lung.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from abm.reporting.measured import Measured, value_text
from abm.reporting.report import markdown_table
from abm.reporting.statistics import resampled_interval
from abm.runs.progress import Show
from abm.scenario.scenario import Scenario
from abm.validate.curves import ArmCurves
from abm.validate.operations import samples
from abm.validate.pages import made_by, write_page
from abm.validate.suite import SIDE, Change, Plan, TargetResult, as_dense, as_it_is, validate
from abm.validate.target import Value

FILE = "convergence"
STEPS = (5.0, 2.5, 1.0)  # min; against that of the scenarios
SIDES = (2000.0, 5000.0)  # um; against SIDE
SECTIONS = 12  # of SIDE; of other sizes as many as cover the same area
NEAR = 0.1  # how near to one a ratio shall be
DIGITS = 3
TINY = 1e-12


@dataclass(frozen=True)
class ConvergenceSetting:
    """A step or a section, and what came out there.

    Attributes:
        name: in words. paired: whether its sections are twins of those of the scenarios as they are.
        curves: of its runs. results: number by number.
    """

    name: str
    paired: bool
    curves: ArmCurves
    results: tuple[TargetResult, ...]


def examine(ids: Sequence[str], out: Path, workers: int, show: Show) -> list[ConvergenceSetting]:
    """Run targets as they are, at shorter steps and on other sections.

    Args:
        ids: of the targets.
        out: folder, opened; the runs are kept in `runs` of it.
        workers: processes.
        show: reporter of progress.

    Raises:
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run ended with an error.
        KeyboardInterrupt: finished runs are kept.
    """
    settings: list[tuple[str, bool, Change, int]] = [("as it is", True, as_it_is, SECTIONS)]
    settings += [(f"{step:g} min", True, _with_step(step), SECTIONS) for step in STEPS]
    settings += [(f"{side / 1000:g} mm", False, _with_side(side), sections_of(side)) for side in SIDES]
    found = []
    for name, paired, changed, count in settings:
        show.say(f"{name}, {count} sections an arm")
        results, curves = validate(ids, out, workers, show, Plan(count, count), changed)
        found.append(ConvergenceSetting(name, paired, curves, tuple(results)))
    return found


def sections_of(side: float) -> int:
    """How many sections of this side [um] cover as much lung as SECTIONS of SIDE."""
    return max(5, round(SECTIONS * (SIDE / side) ** 2))


def agreement(value: Value, first: ConvergenceSetting, other: ConvergenceSetting) -> Measured | None:
    """The ratio of a number to what it is in the first setting, with its interval; None where both are nothing.

    A number that may lie on both sides of zero has no ratio: the difference is told, from one.
    """
    counts = [min(one.curves.replicates(value.arms), one.results[0].replicates) for one in (first, other)]
    reference, found = (
        samples(value, one.curves, count) for one, count in zip((first, other), counts, strict=True)
    )  # fmt: skip
    if abs(reference[0]) < TINY and abs(found[0]) < TINY:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = found / reference if reference[0] > TINY else 1.0 + found - reference
    kept = ratios[1:][np.isfinite(ratios[1:])]
    interval = resampled_interval(kept, min(counts))
    ends = map(float, interval) if interval else ()
    return Measured(value.name, float(ratios[0]), 1.0 - NEAR, 1.0 + NEAR, *ends)


def write(out: Path, settings: Sequence[ConvergenceSetting]) -> Path:
    """Write the page.

    Raises:
        StorageError: no room, no right to write.
    """
    return write_page(out, FILE, page(settings))


def page(settings: Sequence[ConvergenceSetting]) -> str:
    """The table in Markdown, with how to read it."""
    first, *others = settings
    heads = ["target", "number", "10 min, 3 mm", *(one.name for one in others)]
    rows, verdicts = [], {one.name: [0, 0, 0] for one in others}
    for result in first.results:
        for value, measured in zip(result.target.values, result.measured, strict=True):
            cells = []
            for other in others:
                found = agreement(value, first, other)
                cells.append(_cell(found))
                if found is not None:
                    verdicts[other.name][("passed", "inconclusive", "failed").index(found.verdict)] += 1
            rows.append([result.target.id, value.name, value_text(measured, DIGITS), *cells])
    counts = "; ".join(
        f"{name}: {passed} within, {open_} undecided, {failed} outside"
        for name, (passed, open_, failed) in verdicts.items()
    )
    sizes = ", ".join(f"{sections_of(side)} of {side / 1000:g} mm" for side in SIDES)
    return "\n\n".join([
        f"Every number of the scoreboard at ten-minute steps on {SECTIONS} sections of {SIDE / 1000:g} mm x "
        f"{SIDE / 1000:g} mm, and ratios to it: at shorter steps (paired by twin) and on other section sizes ({sizes}, "
        "about the same area of lung; unpaired). A ratio is *within* if its whole 95 % interval lies within "
        f"{NEAR:.0%} of one, *outside* (!) if none of it does, and otherwise undecided (?). -: zero in both.",
        counts + ".",
        markdown_table(heads, rows),
        made_by("embers validate --convergence"),
    ]) + "\n"  # fmt: skip


def _cell(found: Measured | None) -> str:
    if found is None:
        return "-"
    return value_text(found, DIGITS) + {"passed": "", "inconclusive": " ?", "failed": " !"}.get(found.verdict, "")


def _with_step(minutes: float) -> Change:
    def changed(scenario: Scenario) -> Scenario:
        return replace(scenario, step=minutes / 60.0)

    return changed


def _with_side(side: float) -> Change:
    def changed(scenario: Scenario) -> Scenario:
        return as_dense(scenario, replace(scenario, width=side, height=side))

    return changed
