"""What `embers fit` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from abm.inference.fit import report, suite
from abm.inference.fit.plan import read_stage
from abm.runs.pool import usable_cores
from abm.runs.progress import Show, page_console


def perform(names: Sequence[str], out: Path, workers: int | None, show: Show, seed: int) -> None:
    """Fit, write and tell.

    Args:
        names: of the stages.
        out: folder for rounds, page, figures and result.
        workers: processes; else one a core.
        show: reporter of progress.
        seed: of the ensemble.

    Raises:
        StorageError: no room, no right to write; finished rounds are kept.
        ValidationError: a run ended with an error.
    """
    fitted = suite.fit([read_stage(name) for name in names], out, workers or usable_cores(), show, seed)
    report.write(out, fitted, seed)
    report.print_table(page_console(), fitted)
    print(f"page, figures and result: {out / report.FILE}.md")
