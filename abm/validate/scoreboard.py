"""The scoreboard, group by group: one row per number, how many there are of each outcome, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from abm.reporting.measured import STYLES, Measured, bound_text, value_text
from abm.reporting.report import plural
from abm.validate.groups import GROUPS
from abm.validate.suite import CANNOT_RUN, TargetResult
from abm.validate.target import ValidationTarget

DIGITS = 3
MARKS = {
    "passed": "passed",
    "failed": "**FAILED**",
    "inconclusive": "*inconclusive*",
    "prediction": "*prediction*",
    CANNOT_RUN: f"*{CANNOT_RUN}*",
}
OUTCOMES = ("fitted", "reproduced", "failed", "inconclusive", "prediction", CANNOT_RUN)
HEADS = ("target", "kind", "number", "simulated (95 % interval)", "tolerance", "verdict")
NEVER = "never"


def by_group(results: Sequence[TargetResult]) -> dict[str, list[TargetResult]]:
    """The results of each group that has any, in the order of the groups."""
    found = {letter: [result for result in results if result.target.group == letter] for letter in GROUPS}
    return {letter: own for letter, own in found.items() if own}


def outcomes(results: Sequence[TargetResult]) -> Counter[str]:
    """How many targets there are of each outcome."""
    return Counter(result.outcome for result in results)


def outcomes_of_numbers(results: Sequence[TargetResult]) -> Counter[str]:
    """How many numbers of targets that can be run there are of each outcome."""
    return Counter(result.outcome_of(one.verdict) for result in results for one in result.measured)


def summed_up(results: Sequence[TargetResult]) -> str:
    """How many targets there are of each outcome, and how many numbers, in a line."""
    numbers = outcomes_of_numbers(results)
    told = f"{plural(len(results), 'target')}: {_listed(outcomes(results))}"
    return f"{told} ({plural(numbers.total(), 'number')}: {_listed(numbers)})." if numbers else f"{told}."


def counts(results: Sequence[TargetResult]) -> dict[str, Any]:
    """The same as plain data, with the title of each group."""
    return {
        letter: {
            "title": GROUPS[letter],
            "targets": _plain(outcomes(own)),
            "numbers": _plain(outcomes_of_numbers(own)),
        }
        for letter, own in by_group(results).items()
    }


def print_table(console: Console, results: Sequence[TargetResult]) -> None:
    """A table per group: one line per number, under the title of its target."""
    for letter, own in by_group(results).items():
        console.print(f"[bold]{letter}. {GROUPS[letter]}[/]", highlight=False)
        console.print(_table(own))
        console.print(summed_up(own), markup=False, highlight=False)
        console.print()
    for result in results:
        if result.verdict in ("failed", "inconclusive"):
            text = f"{result.target.id} {result.said}: {_reasons(result)} ({result.replicates} replicates)"
            console.print(text, markup=False, highlight=False)
    console.print(f"All: {summed_up(results)}", markup=False, highlight=False)


def _table(results: Sequence[TargetResult]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Target", "Number", "Simulated (95 % interval)", "Tolerance", "Verdict"):
        table.add_column(heading, justify="right" if heading.startswith(("Sim", "Tol")) else "left")
    for result in results:
        table.add_row(result.target.id, f"[bold]{result.target.title}[/]")
        rows = list(cells(result))
        for number, simulated, bound, verdict in rows:
            style = STYLES[_style_of(verdict)]
            ends = (number, simulated, bound, verdict) == rows[-1]
            table.add_row("", number, simulated, bound, f"[{style}]{verdict}[/]", end_section=ends)
    return table


def _style_of(said: str) -> Any:
    return said if said in STYLES else "skipped"


def cells(result: TargetResult) -> Iterable[tuple[str, str, str, str]]:
    """Each number in words: what it is, as simulated, its bound, its verdict as people read it."""
    if not result.target.can_run:
        yield needs(result.target), "", "", CANNOT_RUN
    for at, one in enumerate(result.measured):
        bound = bound_text(one) or "none"
        either = " (or)" if result.target.any_of and at else ""
        yield one.name + either, simulated_text(result, at), bound, result.said_of(one.verdict)


def needs(target: ValidationTarget) -> str:
    """What the model lacks to run the experiment of a target."""
    text = target.missing.rstrip(".")
    begins = text[:1] if text[1:2].isupper() else text[:1].lower()
    return f"needs {begins}{text[1:]}"


def simulated_text(result: TargetResult, at: int, is_short: bool = False) -> str:
    """A number with its interval, in another unit as well unless `is_short`; an event that never comes is told so."""
    one, value = result.measured[at], result.target.values[at]
    one = replace(one, beside=None) if is_short else one
    of_days = value.operation.endswith("_day")
    return NEVER if of_days and one.value == float("inf") else value_text(_finite(one), DIGITS)


def _finite(one: Measured) -> Measured:
    """A number without an interval that reaches to nowhere."""
    known = one.low is not None and one.high is not None and max(abs(one.low), abs(one.high)) < float("inf")
    return one if known else Measured(one.name, one.value, one.least, one.most)


def tables(results: Sequence[TargetResult]) -> str:
    """The scoreboard in Markdown: for each group its counts, a table, and what is missing where a target failed."""
    return "\n\n".join(part for letter, own in by_group(results).items() for part in _of_group(letter, own) if part)


def short_table(results: Sequence[TargetResult]) -> str:
    """One row per target in Markdown: the first of its numbers that has the verdict of the target."""
    heads = ("target", "number", "simulated (95 % interval)", "tolerance", "verdict")
    rows: list[tuple[str, ...]] = [heads, ("---",) * len(heads)]
    for result in results:
        found = list(cells(result))
        *row, _ = next((one for one in found if one[-1] == result.said), found[0])
        verdict = f"passed ({result.target.kind})" if result.verdict == "passed" else MARKS[result.said]
        rows.append((f"**{result.target.id}** {result.target.title}", *row, verdict))
    return _lines(rows)


def _of_group(letter: str, results: Sequence[TargetResult]) -> tuple[str, str, str]:
    rows: list[tuple[str, ...]] = [HEADS, ("---",) * len(HEADS)]
    for result in results:
        for at, (*row, said) in enumerate(cells(result)):
            name = f"**{result.target.id}** {result.target.title}"
            kind = result.target.kind if result.target.can_run else ""
            rows.append((*(("", "") if at else (name, kind)), *row, MARKS[said]))
    failed = [result for result in results if result.verdict in ("failed", "inconclusive")]
    return (
        f"**{letter}. {GROUPS[letter]}.** {summed_up(results)}",
        _lines(rows),
        "\n".join(f"- {result.target.id} {result.said}: {_reasons(result)}" for result in failed),
    )


def _lines(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _reasons(result: TargetResult) -> str:
    """The title of a target with what seems to be missing in the model, and what was tried."""
    target = result.target
    missing = f" Missing: {target.missing}" if target.missing else ""
    tried = f" Tried: {target.tried}" if target.tried else ""
    return f"{target.title}.{missing}{tried}"


def _listed(found: Counter[str]) -> str:
    return ", ".join(f"{found[name]} {name}" for name in OUTCOMES if found[name])


def _plain(found: Counter[str]) -> dict[str, int]:
    return {name: found[name] for name in OUTCOMES if found[name]}
