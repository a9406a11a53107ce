"""The scoreboard: a table on the terminal, Markdown with the pictures, JSON, and a part of the README."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from abm.reporting.measured import STYLES, Measured, bound_text, linked, measured_entry, value_text
from abm.reporting.report import DISCLAIMER
from abm.runs.progress import Show
from abm.runs.provenance import circumstances
from abm.runs.store.files import storage, write_text
from abm.validate.curves import ArmCurves
from abm.validate.figure import draw
from abm.validate.scoring import source
from abm.validate.suite import TargetResult
from abm.validate.target import ValidationError, target_ids

FILE = "validation"
DIGITS = 3
BEGIN, END = "<!-- scoreboard: written by `embers validate --readme` -->", "<!-- end of the scoreboard -->"
MARKS = {
    "passed": "passed",
    "failed": "**FAILED**",
    "inconclusive": "*inconclusive*",
    "prediction": "*prediction*",
}
INTRODUCTION = f"""\
`embers verify` compares the implementation with its mathematics; `embers validate` compares the results of the model \
with findings in mice. Run it on your machine with

```
embers validate
```

or a part of it with `embers validate --only F2,F8`, or a first look with `embers validate --quick`. It writes this \
page, the same results as JSON, and one figure per target.

A target is a finding with its tolerance, stored as data (`abm/validate/targets`). It is *fitted* if parameters were \
chosen to match it, *reproduced* if not, and a *prediction* if nothing of the kind was measured; predictions neither \
pass nor fail. A number has passed if its whole 95 % interval lies within its bound, and failed if the whole interval \
lies outside. In between it is inconclusive, which does not count as passed, and its arms are run with more seeds, up \
to a limit (three looks at most). All arms are run on sections of 3 mm x 3 mm, which nearly every infection reaches. \
Averages include all sections, since a lung is the sum of its sections. Intervals come from a bootstrap over sections \
that keeps twins (same seed) together: they describe how well the mean is known, not how mice differ. All targets are \
read from runs with one set of parameters for the mouse: SARS-CoV-2 differs from influenza only by the parameters of \
the virus, and a depletion or knockout only by that treatment.

Source of the mouse data of targets A1 and A2: {source()["citation"]}, doi:{source()["doi"]}; \
`abm/validate/mouse_lung.toml` contains their medians, ranges and numbers. {DISCLAIMER}"""


def prepare(out: Path) -> None:
    """Make the folder, and clear it of the pictures of an earlier run.

    Raises:
        StorageError: it cannot be written.
    """
    with storage(out):
        (out / FILE).mkdir(parents=True, exist_ok=True)
        for name in target_ids():
            (out / FILE / f"{name}.png").unlink(missing_ok=True)


def write(out: Path, results: Sequence[TargetResult], curves: ArmCurves, show: Show) -> dict[str, Any]:
    """Write pictures, Markdown and JSON; gives what the JSON says.

    Raises:
        StorageError: no room, no right to write.
    """
    told = as_json(results)
    with storage(out):
        with show.bar("drawing", len(results), "pictures") as tell:
            for done, result in enumerate(results, start=1):
                draw(result, curves, told["versions"]["embers"], out / FILE / f"{result.target.id}.png")
                tell(done)
        write_text(out / f"{FILE}.json", json.dumps(told, indent=1) + "\n")
        write_text(out / f"{FILE}.md", _markdown(results, told))
    return told


def as_json(results: Sequence[TargetResult]) -> dict[str, Any]:
    """The scoreboard as plain data; a bound or interval that there is not is null."""
    verdicts = Counter(result.said for result in results)
    return {**circumstances(), "verdicts": dict(verdicts), "targets": [_entry(result) for result in results]}


def _entry(result: TargetResult) -> dict[str, Any]:
    target = result.target
    return {
        "id": target.id, "title": target.title, "kind": target.kind, "verdict": result.said,
        "finding": target.finding, "tolerance": target.tolerance, "source": target.source, "note": target.note,
        "missing": target.missing, "arms": list(target.arms), "replicates": result.replicates,
        "one_suffices": target.any_of, "values": [measured_entry(one) for one in result.measured],
    }  # fmt: skip


def summed_up(results: Sequence[TargetResult]) -> str:
    """How many of each verdict, in a line."""
    counts = Counter(result.said for result in results)
    parts = [f"{counts[verdict]} {verdict}" for verdict in MARKS if counts[verdict]]
    return f"{len(results)} target{'s' if len(results) != 1 else ''}: {', '.join(parts)}."


def print_table(console: Console, results: Sequence[TargetResult]) -> None:
    """One line per number, under the title of its target."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Target", "Number", "Simulated (95 % interval)", "Tolerance", "Verdict"):
        table.add_column(heading, justify="right" if heading.startswith(("Sim", "Tol")) else "left")
    for result in results:
        table.add_row(result.target.id, f"[bold]{result.target.title}[/]")
        for one in result.measured:
            number, simulated, bound, said = _cells(result, one)
            ends = one is result.measured[-1]
            table.add_row("", number, simulated, bound, f"[{STYLES[one.verdict]}]{said}[/]", end_section=ends)
    console.print(table)
    for result in results:
        if result.verdict in ("failed", "inconclusive"):
            console.print(f"{result.target.id} {result.said}: {_why(result)}", markup=False, highlight=False)
    console.print(summed_up(results), markup=False, highlight=False)


def _why(result: TargetResult) -> str:
    missing = result.target.missing
    return f"{result.target.title}.{f' Missing: {missing}' if missing else ''} ({result.replicates} replicates)"


def _cells(result: TargetResult, one: Measured) -> tuple[str, str, str, str]:
    """A number in words: what it is, as simulated, its bound, its verdict (of predictions: the kind)."""
    said = "prediction" if one.verdict == "skipped" else one.verdict
    bound = bound_text(one) if one.verdict != "skipped" else "none"
    either = " (or)" if result.target.any_of and one is not result.measured[0] else ""
    return one.name + either, value_text(one, DIGITS), bound, said


def scoreboard(results: Sequence[TargetResult]) -> str:
    """The scoreboard as a Markdown table, one row per number."""
    heads = ("target", "kind", "number", "simulated (95 % interval)", "tolerance", "verdict")
    rows: list[tuple[str, ...]] = [heads, ("---",) * len(heads)]
    for result in results:
        for at, one in enumerate(result.measured):
            *cells, said = _cells(result, one)
            name = f"**{result.target.id}** {result.target.title}"
            rows.append((*(("", "") if at else (name, result.target.kind)), *cells, MARKS[said]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _markdown(results: Sequence[TargetResult], told: dict[str, Any]) -> str:
    with_versions = ", ".join(f"{name} {found}" for name, found in told["versions"].items())
    parts = [
        "# Validation",
        INTRODUCTION,
        f"This page was written by `{told['command']}` on {told['time'][:10]} ({told['machine']['system']}, "
        f"{told['machine']['architecture']}; {with_versions}; source {told['source_digest'][:16]}).",
        f"**{summed_up(results)}**",
        scoreboard(results),
        *(part for result in results for part in _section(result)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(result: TargetResult) -> list[str]:
    target = result.target
    missing = target.missing if result.verdict in ("failed", "inconclusive") else ""
    facts = {
        "In mice": target.finding,
        "Tolerance": target.tolerance,
        "Source": linked(target.source.replace(", doi", "; doi")),
        "Note": target.note,
        "Missing": missing,
        "Runs": f"{', '.join(target.arms)}; {result.replicates} sections of each",
    }
    return [
        f"## {target.id}: {target.title}",
        f"{MARKS[result.said]}" + (f" ({target.kind})" if target.kind != result.said else ""),
        "\n".join(f"- {name}: {text}" for name, text in facts.items() if text),
        f"![{target.id}: {target.title}]({FILE}/{target.id}.png)",
    ]


def check_readme(path: Path) -> None:
    """Whether a file has a place for the scoreboard.

    Raises:
        ValidationError: it has not.
    """
    if not path.is_file() or not _split(path.read_text(encoding="utf-8")):
        raise ValidationError(f"{path}: there is no such file, or it lacks the marks {BEGIN} and {END}")


def write_readme(path: Path, results: Sequence[TargetResult], told: dict[str, Any]) -> None:
    """Put the scoreboard into a file, between its two marks.

    Raises:
        StorageError: it cannot be written.
    """
    sections = sorted({result.replicates for result in results})
    made = (
        f"Made with Embers {told['versions']['embers']} on {told['time'][:10]} (source {told['source_digest'][:16]}), "
        f"{' or '.join(map(str, sections))} sections of lung per arm. **{summed_up(results)}**"
    )
    with storage(path.parent):
        before, after = _split(path.read_text(encoding="utf-8")) or ("", "")
        write_text(path, f"{before}{BEGIN}\n{made}\n\n{scoreboard(results)}\n{END}{after}")


def _split(text: str) -> tuple[str, str] | None:
    """What stands before and after the marks."""
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    return (before, after) if begun and ended else None
