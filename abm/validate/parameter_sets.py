"""The scoreboard under parameter sets: what chance leaves open of each number, and what the parameters do."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from abm.reporting.measured import Measured, bound_text, measured_entry
from abm.reporting.report import markdown_table, number, write_rows
from abm.reporting.uncertainty import OverSets, over_sets
from abm.runs.progress import Show
from abm.runs.provenance import circumstances
from abm.runs.store.files import storage, write_text
from abm.scenario.posterior import SETS, PosteriorSample
from abm.scenario.scenario import Scenario
from abm.studies.parameter_sets import held_by, write_sample
from abm.validate.pages import made_by, print_rows, write_page
from abm.validate.scoreboard import NEVER
from abm.validate.suite import Change, Plan, TargetResult, load_arm, validate
from abm.validate.target import ValidationError, Value

FILE = "posterior"
HEADS = (
    "target", "number", "tolerance", "defaults", "chance, half of 95 %", "parameters, median", "parameters (90 %)",
    "sets within",
)  # fmt: skip


@dataclass(frozen=True)
class NumberUnderSets:
    """A number of a target.

    Attributes:
        target: id. value: what is read. measured: with the defaults, its interval by chance and its bound.
        under: Measured under each set that could be run.
    """

    target: str
    value: Value
    measured: Measured
    under: tuple[Measured, ...]

    @property
    def half_width(self) -> float:
        """Half of the interval by chance; not a number where there is none."""
        one = self.measured
        return math.nan if one.low is None or one.high is None else (one.high - one.low) / 2.0

    @property
    def over(self) -> OverSets:
        """Median and 90 % range over sets."""
        return over_sets([one.value for one in self.under])

    @property
    def within(self) -> int | None:
        """In how many sets the number lies within its bound; None where it has none."""
        if not bound_text(self.measured):
            return None
        return sum(one.least <= one.value <= one.most for one in self.under)


@dataclass(frozen=True)
class ScoreboardUnderSets:
    """All numbers.

    Attributes:
        sample: the sets. numbers: number by number. runs: sections per arm and set. ran: the sets that could be run.
        failed: one line per set that could not. held: one line per arm that sets parameters of the sample itself.
    """

    sample: PosteriorSample
    numbers: tuple[NumberUnderSets, ...]
    runs: int
    ran: tuple[int, ...]
    failed: tuple[str, ...]
    held: tuple[str, ...]


def examine(
    ids: Sequence[str], out: Path, workers: int, show: Show, sample: PosteriorSample, runs: int, changed: Change
) -> ScoreboardUnderSets:
    """Run targets with the defaults and under each set.

    Args:
        ids: of the targets.
        out: folder, opened; the runs are kept in `runs` of it.
        workers: processes.
        show: reporter of progress.
        sample: the sets.
        runs: sections per arm and set.
        changed: what else is done to the scenario of every arm.

    Raises:
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run with the defaults ended with an error.
        KeyboardInterrupt: finished runs are kept.
    """
    with storage(out):
        write_sample(out, sample)
    plan = Plan(runs, runs)
    show.say(f"the defaults, {runs} sections an arm")
    defaults = validate(ids, out, workers, show, plan, changed)[0]
    ran: list[int] = []
    under: list[list[TargetResult]] = []
    failed: list[str] = []
    for at in range(len(sample)):
        show.say(f"set {at + 1} of {len(sample)}, {runs} sections an arm")
        try:
            under.append(validate(ids, out, workers, show, plan, _with_set(sample, at, changed))[0])
            ran.append(at + 1)
        except ValidationError as error:
            failed.append(f"Set {at + 1} could not be run: {error}")
    arms = [load_arm(arm) for arm in dict.fromkeys(arm for result in defaults for arm in result.target.arms)]
    held = held_by(arms, sample)
    numbers = tuple(
        NumberUnderSets(result.target.id, value, measured, tuple(own[which].measured[at] for own in under))
        for which, result in enumerate(defaults)
        for at, (value, measured) in enumerate(zip(result.target.values, result.measured, strict=True))
    )
    return ScoreboardUnderSets(sample, numbers, runs, tuple(ran), tuple(failed), tuple(held))


def write(out: Path, found: ScoreboardUnderSets) -> dict[str, Any]:
    """Write the page, the same as JSON, and every number under every set; gives what the JSON says.

    Raises:
        StorageError: no room, no right to write.
    """
    told = {**circumstances(), "sections": found.runs, "sets": list(found.ran), "failed": list(found.failed),
            "numbers": [_entry(one) for one in found.numbers]}  # fmt: skip
    heads = ("set", "target", "number", "value", "low", "high", "least", "most")
    rows = [
        (at, one.target, own.name, own.value, own.low, own.high, own.least, own.most)
        for one in found.numbers
        for at, own in zip(found.ran, one.under, strict=True)
    ]
    with storage(out):
        write_rows(out / SETS / "numbers", heads, rows)
        write_text(out / f"{FILE}.json", json.dumps(told, indent=1) + "\n")
    write_page(out, FILE, page(found))
    return told


def print_table(console: Console, found: ScoreboardUnderSets) -> None:
    """One line per number, and how to read it."""
    print_rows(console, HEADS, _rows(found), words=2)
    for line in (_legend(found), *found.held, *found.failed):
        console.print(line, markup=False, highlight=False)


def page(found: ScoreboardUnderSets) -> str:
    """The table in Markdown, with how to read it."""
    parts = ["# The scoreboard under parameter sets", _legend(found), markdown_table(HEADS, _rows(found))]
    return "\n\n".join([*parts, *found.held, *found.failed, made_by("embers validate --posterior")]) + "\n"


def _legend(found: ScoreboardUnderSets) -> str:
    wider = [one for one in found.numbers if one.over.high - one.over.low > 2.0 * one.half_width]
    return (
        f"{len(found.numbers)} numbers with the defaults and under {len(found.ran)} parameter sets that fit the data, "
        f"{found.runs} sections per arm and set, the same seeds under every set. Chance: half of the 95 % interval "
        "over sections, with the defaults. Parameters: median and middle 90 % of the sets, whose numbers contain "
        "chance as well. Sets within: those whose number lies within the tolerance. The parameters leave more open "
        "than chance "
        f"in {len(wider)} of {len(found.numbers)} numbers."
    )


def _rows(found: ScoreboardUnderSets) -> list[list[str]]:
    return [_row(one) for one in found.numbers]


def _row(one: NumberUnderSets) -> list[str]:
    def text(value: float) -> str:
        return NEVER if value == math.inf and one.value.operation.endswith("_day") else number(value)

    over, within = one.over, one.within
    return [
        one.target, one.value.name, bound_text(one.measured) or "none", text(one.measured.value),
        f"± {number(one.half_width)}" if math.isfinite(one.half_width) else "-", text(over.median),
        f"{text(over.low)} to {text(over.high)}" if over.sets else "-",
        "-" if within is None else f"{within} of {len(one.under)}",
    ]  # fmt: skip


def _entry(one: NumberUnderSets) -> dict[str, Any]:
    over, within = one.over, one.within
    median, low, high = (value if math.isfinite(value) else None for value in over[:3])
    return {
        "target": one.target, **measured_entry(one.measured), "median_of_sets": median, "low_of_sets": low,
        "high_of_sets": high, "sets": over.sets, "sets_within": within,
    }  # fmt: skip


def _with_set(sample: PosteriorSample, at: int, changed: Change) -> Change:
    def both(scenario: Scenario) -> Scenario:
        return sample.scenario(changed(scenario), at)

    return both
