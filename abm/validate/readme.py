"""The scoreboard in the documentation: all of it in docs/scoreboard.md, a summary in the README."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from abm.core.quantity import Confidence, declared
from abm.rules.parameters import Parameters
from abm.runs.provenance import stamp
from abm.runs.store.files import storage, write_text
from abm.validate.scoreboard import short_table, summed_up, tables
from abm.validate.suite import CANNOT_RUN, TargetResult, sections_told
from abm.validate.target import ValidationError

BEGIN, END = "<!-- scoreboard: written by `embers validate --readme` -->", "<!-- end of the scoreboard -->"
BOARD = Path("docs/scoreboard.md")  # beside the README


def check_readme(path: Path) -> None:
    """Whether a README and the page of the scoreboard beside it have their marks.

    Raises:
        ValidationError: they have not.
    """
    for file in (path, path.parent / BOARD):
        if not file.is_file() or not _split(file.read_text(encoding="utf-8")):
            raise ValidationError(f"{file}: there is no such file, or it lacks the marks {BEGIN} and {END}")


def write_readme(path: Path, results: Sequence[TargetResult], told: dict[str, Any]) -> None:
    """Put the scoreboard into its page, and its sum with one number per target into the README, between their marks.

    Raises:
        StorageError: they cannot be written.
    """
    made = (
        f"Made with Embers {told['versions']['embers']} on {told['time'][:10]} ({stamp(told)}), "
        f"{sections_told(results)} sections of lung per arm."
    )
    with storage(path.parent):
        _put(path.parent / BOARD, f"{made} **{summed_up(results)}**\n\n{tables(results)}")
        _put(path, f"{summary(results, made)}\n\n{folded(results)}")


def summary(results: Sequence[TargetResult], made: str) -> str:
    """The sum of the scoreboard and of the parameters in Markdown, with every target that does not pass.

    Args:
        results: of all targets.
        made: with what, and when.
    """
    lines = [made, "", f"- {summed_up(results)}", f"- {parameters_by_confidence()}"]
    for said in ("failed", "inconclusive", CANNOT_RUN):
        own = [result.target for result in results if result.outcome == said]
        if own:
            named = "; ".join(f"**{target.id}** {target.title}" for target in own)
            lines.append(f"- {said.capitalize()}: {named}.")
    return "\n".join(lines)


def folded(results: Sequence[TargetResult]) -> str:
    """A table that unfolds: every target with one of its numbers."""
    summary_line = f"<summary>All {len(results)} targets, with one number of each</summary>"
    return f"<details>\n{summary_line}\n\n{short_table(results)}\n\n</details>"


def parameters_by_confidence() -> str:
    """How many parameters there are of each kind of evidence, in a line."""
    found = Counter(item.quantity.confidence for item in declared(Parameters()))
    kinds = ", ".join(f"{found[kind]} {kind}" for kind in get_args(Confidence))
    return f"{found.total()} parameters: {kinds}."


def _put(path: Path, text: str) -> None:
    before, after = _split(path.read_text(encoding="utf-8")) or ("", "")
    write_text(path, f"{before}{BEGIN}\n{text}\n{END}{after}")


def _split(text: str) -> tuple[str, str] | None:
    """What stands before and after the marks."""
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    return (before, after) if begun and ended else None
