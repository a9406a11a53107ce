"""What `embers validate` does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from abm.study.pool import usable_cores
from abm.study.progress import Show, page_console
from abm.validate import report, suite


def perform(
    ids: Sequence[str], out: Path, workers: int | None, show: Show, quick: bool, as_json: bool, readme: Path | None
) -> bool:
    """Validate, write and tell; gives whether a target failed.

    Args:
        ids: of the targets.
        out: folder for runs, page, pictures and numbers.
        workers: processes; else one a core.
        show: where it tells what is going on.
        quick: with few replicates.
        as_json: print JSON in place of the table.
        readme: a file that gets the scoreboard too.

    Raises:
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run ended with an error, or the file has no place for the scoreboard.
    """
    if readme:
        report.check_readme(readme)
    report.prepare(out)
    suite.clear_others(out)
    plan = suite.QUICK if quick else suite.FULL
    results, curves = suite.validate(ids, out, workers or usable_cores(), show, plan)
    told = report.write(out, results, curves, show)
    if readme:
        report.write_readme(readme, results, told)
    if as_json:
        print(json.dumps(told, indent=1))
    else:
        report.print_table(page_console(), results)
        print(f"pictures and reasons: {out / report.FILE}.md")
    return any(result.verdict == "failed" for result in results)
