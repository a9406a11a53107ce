"""What `embers verify` does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from abm.runs.pool import usable_cores
from abm.runs.progress import Show, page_console
from abm.runs.store.folder import opened
from abm.verify import report, suite


def perform(names: Sequence[str], out: Path, workers: int | None, show: Show, as_json: bool) -> bool:
    """Verify, write and tell; gives whether a check failed.

    Raises:
        StorageError: no room, no right to write; finished parts of checks are kept.
        StudyBusyError: another process verifies in this folder.
        KeyboardInterrupt: finished parts of checks are kept.
    """
    with opened(out):
        report.prepare(out)
        results = suite.verify(names, out, workers or usable_cores(), show)
        told = report.write(out, results)
    if as_json:
        print(json.dumps(told, indent=1))
    else:
        report.print_table(page_console(), results)
        print(f"figures and reasons: {out / report.FILE}.md")
    return any(result.finding.verdict == "failed" for result in results)
