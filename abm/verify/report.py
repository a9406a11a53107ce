"""Report of a verification: a table on the terminal; Markdown, JSON and one figure per check in a folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from abm.reporting.measured import MARKS, STYLES, bound_text, linked, measured_entry, value_text
from abm.runs.provenance import circumstances, stamp
from abm.runs.store.files import storage, write_text
from abm.verify.catalog import CATALOG
from abm.verify.check import Finding
from abm.verify.figure import draw
from abm.verify.suite import CheckResult

FILE = "verification"
INTRODUCTION = """\
Tests check that the code does what was written; `embers verify` checks that what was written is right. It compares \
fields, random numbers, waiting times, drugs and the whole model with analytical solutions and laws. Run it on \
your machine with

```
embers verify
```

or a part of it with `embers verify --only diffusion,step`. It writes this page, the same results as JSON, and one \
figure per check to `outputs/verify`; docs/verification.md is a copy without the figures.

Every check states its claim, the law with its source, the measured numbers, and the bounds with their reason. A \
number has *passed* if it lies within its bound; where chance affects it, its whole 95 % interval must. It has \
*failed* if the whole interval lies outside. In between it is *inconclusive*, which does not count as passed. Bounds \
on fields follow from the method and the rounding of float32, without any margin. Seeds are fixed, so a verdict is \
the same every time. All statistical tests of a check together would reject a correct model for one in \
10,000 choices of seeds."""


def prepare(out: Path) -> None:
    """Make the folder, and clear it of the figures of an earlier run.

    Raises:
        StorageError: it cannot be written.
    """
    with storage(out):
        (out / FILE).mkdir(parents=True, exist_ok=True)
        for name in CATALOG:
            (out / FILE / f"{name}.png").unlink(missing_ok=True)


def write(out: Path, results: Sequence[CheckResult]) -> dict[str, Any]:
    """Write figures, Markdown and JSON; gives what the JSON says.

    Raises:
        StorageError: no room, no right to write.
    """
    with storage(out):
        drawn = {result.check.name for result in results if draw(result, out / FILE / f"{result.check.name}.png")}
        told = as_json(results)
        write_text(out / f"{FILE}.json", json.dumps(told, indent=1) + "\n")
        write_text(out / f"{FILE}.md", _markdown(results, told, drawn))
    return told


def as_json(results: Sequence[CheckResult]) -> dict[str, Any]:
    """Everything but the curves, as plain data; a bound or interval that there is not is null."""
    return {
        **circumstances(),
        "verdicts": dict(Counter(result.finding.verdict for result in results)),
        "checks": [_entry(result) for result in results],
    }


def _entry(result: CheckResult) -> dict[str, Any]:
    check, found = result.check, result.finding
    return {
        "name": check.name, "topic": check.topic, "title": check.title, "verdict": found.verdict,
        "claim": found.claim, "law": found.law, "source": found.source, "why": found.why, "note": found.note,
        "skipped": found.skipped, "seconds": round(result.seconds, 1),
        "measured": [
            measured_entry(one) for one in found.measured
        ],
    }  # fmt: skip


def summed_up(results: Sequence[CheckResult]) -> str:
    """How many of each verdict, in a line."""
    counts = Counter(result.finding.verdict for result in results)
    parts = [f"{counts[verdict]} {verdict}" for verdict in MARKS if counts[verdict]]
    return f"{len(results)} checks: {', '.join(parts)}."


def print_table(console: Console, results: Sequence[CheckResult]) -> None:
    """One line per check: its verdict and the number nearest to its bound."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Check", "Verdict", "Nearest to its bound", "Value", "Bound"):
        table.add_column(heading, justify="right" if heading in ("Value", "Bound") else "left")
    for result in results:
        found, one = result.finding, result.finding.tightest
        cells = (one.name, value_text(one), bound_text(one)) if one else (found.skipped or found.note, "", "")
        verdict = f"[{STYLES[found.verdict]}]{found.verdict}[/]"
        table.add_row(result.check.name, verdict, *cells)
    console.print(table)
    console.print(summed_up(results), markup=False, highlight=False)


def _markdown(results: Sequence[CheckResult], told: dict[str, Any], drawn: set[str]) -> str:
    with_versions = ", ".join(f"{name} {found}" for name, found in told["versions"].items())
    parts = [
        "# Verification",
        INTRODUCTION,
        f"This page was written by `{told['command']}` on {told['time'][:10]} ({told['machine']['system']}, "
        f"{told['machine']['architecture']}; {with_versions}; {stamp(told)}).",
        f"**{summed_up(results)}**",
        _overview(results),
    ]
    for topic in dict.fromkeys(result.check.topic for result in results):
        parts.append(f"## {topic.capitalize()}")
        for result in results:
            if result.check.topic == topic:
                parts += _section(result, result.check.name in drawn)
    return "\n\n".join(part for part in parts if part) + "\n"


def _overview(results: Sequence[CheckResult]) -> str:
    lines = ["| check | verdict | nearest to its bound | value | bound |", "|---|---|---|---|---|"]
    for result in results:
        found, one = result.finding, result.finding.tightest
        link = f"[{result.check.title}](#{_anchor(result.check.title)})"
        cells = (one.name, value_text(one), bound_text(one)) if one else (found.skipped or found.note, "", "")
        lines.append(f"| {' | '.join((link, MARKS[found.verdict], *cells))} |")
    return "\n".join(lines)


def _anchor(title: str) -> str:
    """The anchor that GitHub gives to a heading."""
    kept = "".join(letter for letter in title.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def _section(result: CheckResult, drawn: bool) -> list[str]:
    check, found = result.check, result.finding
    source = linked(found.source)
    facts = {"Law": found.law, "Source": source, "Bound": found.why, "Note": found.note, "Why": found.skipped}
    return [
        f"### {check.title}",
        f"`{check.name}`: {MARKS[found.verdict]}. {found.claim}",
        "\n".join(f"- {name}: {text}" for name, text in facts.items() if text),
        _numbers(found),
        f"![{check.title}]({FILE}/{check.name}.png)" if drawn else "",
    ]


def _numbers(found: Finding) -> str:
    if not found.measured:
        return ""
    lines = ["| measured | value | bound | |", "|---|---|---|---|"]
    lines += [
        f"| {one.name} | {value_text(one)} | {bound_text(one)} | {MARKS[one.verdict]} |" for one in found.measured
    ]
    return "\n".join(lines)
