"""What a verification says: a table on the terminal, Markdown, JSON and a figure a check in a folder."""

from __future__ import annotations

import json
import math
import platform
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from abm.study.folder import storage, write_text
from abm.study.identity import source_digest
from abm.study.provenance import command_line, versions
from abm.study.report import number
from abm.verify.catalog import CATALOG
from abm.verify.check import Finding, Measured, Verdict
from abm.verify.figure import draw
from abm.verify.suite import Result

FILE = "verification"
DIGITS = 4
NARROW = 0.02  # of a number: a bound so narrow is told as the number and how far from it
MARKS: dict[Verdict, str] = {
    "passed": "passed",
    "failed": "**FAILED**",
    "inconclusive": "*inconclusive*",
    "skipped": "skipped",
}
STYLES: dict[Verdict, str] = {"passed": "green", "failed": "bold red", "inconclusive": "yellow", "skipped": "dim"}
INTRODUCTION = """\
Tests ask whether the code does what was written; `embers verify` asks whether what was written is right: it holds \
fields, chance, waiting times, drugs and the whole model against closed solutions and laws. Run it on your machine with

```
embers verify
```

or a part of it with `embers verify --only diffusion,step`. It writes this page, the same as JSON, and the figures.

How to read it. Every check names its claim, the law and where that stands, what was measured, and the bound with its \
reason. A number has *passed* if it lies within its bound, with the whole of its 95 % interval where chance has a part \
in it; it has *failed* if none of it does; between the two it is *inconclusive*, which is not passed. Bounds on \
fields come from the method itself and the rounding of float32, and nothing is added to them. Seeds are fixed, so a \
verdict is the same every time; the tests of chance in one check together would fail a sound model once in 10,000 \
choices of seeds."""


def prepare(out: Path) -> None:
    """Make the folder, and clear it of the figures of an earlier run.

    Raises:
        StorageError: it cannot be written.
    """
    with storage(out):
        (out / FILE).mkdir(parents=True, exist_ok=True)
        for name in CATALOG:
            (out / FILE / f"{name}.png").unlink(missing_ok=True)


def write(out: Path, results: Sequence[Result]) -> dict[str, Any]:
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


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    """Everything but the curves, as plain data; a bound or interval that there is not is null."""
    return {
        "command": command_line(sys.argv[1:], Path.cwd()),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "source_digest": source_digest(),
        "versions": versions(),
        "machine": {"system": platform.system(), "architecture": platform.machine()},
        "verdicts": dict(Counter(result.finding.verdict for result in results)),
        "checks": [_entry(result) for result in results],
    }


def _entry(result: Result) -> dict[str, Any]:
    check, found = result.check, result.finding
    return {
        "name": check.name, "topic": check.topic, "title": check.title, "verdict": found.verdict,
        "claim": found.claim, "law": found.law, "source": found.source, "why": found.why, "note": found.note,
        "skipped": found.skipped, "seconds": round(result.seconds, 1),
        "measured": [
            {
                "name": one.name, "value": _plain(one.value), "low": _plain(one.low), "high": _plain(one.high),
                "least": _plain(one.least), "most": _plain(one.most), "verdict": one.verdict,
            }
            for one in found.measured
        ],
    }  # fmt: skip


def _plain(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def summed_up(results: Sequence[Result]) -> str:
    """How many of each verdict, in a line."""
    counts = Counter(result.finding.verdict for result in results)
    parts = [f"{counts[verdict]} {verdict}" for verdict in MARKS if counts[verdict]]
    return f"{len(results)} checks: {', '.join(parts)}."


def value_text(one: Measured) -> str:
    """A number with its interval."""
    interval = "" if one.low is None or one.high is None else f" ({number(one.low)} to {number(one.high)})"
    return f"{number(one.value, DIGITS)}{interval}"


def bound_text(one: Measured) -> str:
    """Where a number has to lie."""
    if one.least == one.most:
        return f"= {number(one.least)}"
    if not math.isfinite(one.most):
        return f"≥ {number(one.least)}"
    if one.least == 0.0 or not math.isfinite(one.least):
        return f"≤ {number(one.most, DIGITS)}"
    middle, reach = (one.most + one.least) / 2, (one.most - one.least) / 2
    if reach < NARROW * abs(middle):
        return f"{number(middle, DIGITS)} ± {number(reach, 1)}"
    return f"{number(one.least, DIGITS)} to {number(one.most, DIGITS)}"


def print_table(console: Console, results: Sequence[Result]) -> None:
    """One line a check: its verdict and the number nearest to its bound."""
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


def _markdown(results: Sequence[Result], told: dict[str, Any], drawn: set[str]) -> str:
    with_versions = ", ".join(f"{name} {found}" for name, found in told["versions"].items())
    parts = [
        "# Verification",
        INTRODUCTION,
        f"This page was written by `{told['command']}` on {told['time'][:10]} ({told['machine']['system']}, "
        f"{told['machine']['architecture']}; {with_versions}; source {told['source_digest'][:16]}).",
        f"**{summed_up(results)}**",
        _overview(results),
    ]
    for topic in dict.fromkeys(result.check.topic for result in results):
        parts.append(f"## {topic.capitalize()}")
        for result in results:
            if result.check.topic == topic:
                parts += _section(result, result.check.name in drawn)
    return "\n\n".join(part for part in parts if part) + "\n"


def _overview(results: Sequence[Result]) -> str:
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


def _section(result: Result, drawn: bool) -> list[str]:
    check, found = result.check, result.finding
    facts = {"Law": found.law, "Source": _linked(found), "Bound": found.why, "Note": found.note, "Why": found.skipped}
    return [
        f"### {check.title}",
        f"`{check.name}`: {MARKS[found.verdict]}. {found.claim}",
        "\n".join(f"- {name}: {text}" for name, text in facts.items() if text),
        _numbers(found),
        f"![{check.title}]({FILE}/{check.name}.png)" if drawn else "",
    ]


def _linked(found: Finding) -> str:
    """The source with its DOIs as links."""
    parts = found.source.split("; ")
    return "; ".join(f"[{part}](https://doi.org/{part[4:]})" if part.startswith("doi:") else part for part in parts)


def _numbers(found: Finding) -> str:
    if not found.measured:
        return ""
    lines = ["| measured | value | bound | |", "|---|---|---|---|"]
    lines += [
        f"| {one.name} | {value_text(one)} | {bound_text(one)} | {MARKS[one.verdict]} |" for one in found.measured
    ]
    return "\n".join(lines)
