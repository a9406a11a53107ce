"""Whether the runs in a folder are of the study that is started there."""

from __future__ import annotations

import difflib
import hashlib
from pathlib import Path

from abm.runs import provenance
from abm.runs.errors import SweepError
from abm.runs.start import has_runs

TEXT = "design.txt"
DESIGN = "design.parquet"
SHOWN = 40  # lines of a difference


class StudyChangedError(SweepError):
    """The folder holds runs of another study of this name."""

    def __init__(self, folder: str, difference: str) -> None:
        """Keep both."""
        super().__init__(folder, difference)
        self.folder, self.difference = folder, difference

    def __str__(self) -> str:
        """The difference and what to do."""
        return (
            f'the study has changed since the runs in "{self.folder}" were made (- then, + now):\n{self.difference}\n'
            "Restore it to continue, or start again: --fresh makes a new folder beside it, --out another one."
        )


def agree(folder: Path, text: str) -> None:
    """Refuse to mix runs of two studies in one folder; text: all that decides over results.

    The digest of the text is kept apart from it, so that a damaged text does not look like another study.

    Raises:
        StudyChangedError: the folder holds runs of another one.
    """
    before = (folder / TEXT).read_text(encoding="utf-8", errors="replace") if (folder / TEXT).exists() else text
    if before == text or provenance.read(folder).get("design") == digest_of(text):
        return
    if not has_runs(folder):
        forget(folder)
    else:
        lines = difflib.unified_diff(before.splitlines(), text.splitlines(), "then", "now", lineterm="", n=0)
        shown = [f"{line[0]} {line[1:]}" for line in lines if not line.startswith(("---", "+++", "@@"))]
        more = [f"and {len(shown) - SHOWN} more lines"] if len(shown) > SHOWN else []
        raise StudyChangedError(str(folder), "\n".join(f"    {line}" for line in shown[:SHOWN] + more))


def digest_of(text: str) -> str:
    """Of the description of a study."""
    return hashlib.sha256(text.encode()).hexdigest()


def forget(folder: Path) -> None:
    """Remove what a start has left in which no run has ended well: the study may have been corrected since."""
    (folder / DESIGN).unlink(missing_ok=True)
    for path in (folder / "failed").glob("*"):
        path.unlink()
