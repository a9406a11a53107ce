"""All checks on all cores: their parts are jobs of the run engine, what they give is drawn together check by check."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.runs import failures, provenance
from abm.runs.engine import Batch, RunOptions, run_jobs
from abm.runs.failures import Failure
from abm.runs.progress import Show
from abm.runs.status import Status, status_with
from abm.runs.store.folder import StudyResult
from abm.verify.catalog import find_check
from abm.verify.check import Check, Finding
from abm.verify.job import NEEDED, PartJob, jobs_of

LONGEST_FIRST = ("battery", "interpreted", "workers", "step")  # so that no core waits for one of them at the end
FINISHED = "finished"  # folder of the parts that are worked out
PART = re.compile(r"(.+)-[0-9]{3}-[0-9a-f]{16}")  # file of a part, without its ending


@dataclass(frozen=True)
class CheckResult:
    """A check with what it found and the seconds its parts took together."""

    check: Check
    finding: Finding
    seconds: float


def verify(names: Sequence[str], out: Path, workers: int, show: Show) -> list[CheckResult]:
    """Work out what is missing of these checks.

    Args:
        names: of checks.
        out: folder, opened; each part lands in it as it ends.
        workers: processes.
        show: reporter of progress.

    Raises:
        StorageError: a file could not be written; finished parts are kept.
        KeyboardInterrupt: finished parts are kept.
    """
    (out / FINISHED).mkdir(exist_ok=True)
    jobs = {name: jobs_of(name, out / FINISHED) for name in names}
    order = sorted(names, key=lambda name: (*LONGEST_FIRST, name).index(name))
    every = [job for name in order for job in jobs[name]]
    _clear_others(out, names, every)
    told = provenance.start(out, {"checks": list(names), "parts": len(every)}, workers)
    result = StudyResult(out, len(every))
    missing = [job for job in every if job.given() is None]
    if done := len(every) - len(missing):
        show.say(f"{done} of {len(every)} parts of checks are there already.")
    batch = Batch(
        out, missing, Counter(job.kind for job in missing), done, len(every), text="verifying", unit="parts",
        modules=NEEDED,
    )  # fmt: skip
    result.interrupted = run_jobs(batch, RunOptions(workers), show)
    given, failed = {job: job.given() for job in every}, failures.read(out)
    result.done = sum(found is not None for found in given.values())
    result.failures = [failed[job.path.stem].line for job in every if job.path.stem in failed]
    result.finish(told)
    if result.interrupted:
        raise KeyboardInterrupt
    return [conclude(find_check(name), [given[job] or failed[job.path.stem] for job in jobs[name]]) for name in names]


def conclude(check: Check, given: Sequence[tuple[Any, float] | Failure]) -> CheckResult:
    """What a check found, from what its parts gave and the seconds these took; a part that broke off makes it fail."""
    broken = [one for one in given if isinstance(one, Failure)]
    if not broken:
        told = [one for one in given if not isinstance(one, Failure)]
        try:
            return CheckResult(check, check.conclude([value for value, _ in told]), sum(seconds for _, seconds in told))
        except Exception:
            broken = [Failure(check.name, traceback.format_exc())]
    return CheckResult(check, Finding(check.title, "", "", (), "", note=f"broke off: {broken[0].reason}"), 0.0)


def is_verification(folder: Path) -> bool:
    """Whether a verification was started in this folder."""
    return "checks" in provenance.read(folder)


def status(folder: Path) -> Status:
    """How far the verification in this folder is, in parts of checks, whether or not it is running."""
    told = provenance.read(folder)
    done, failed = (_parts(folder / name, told["checks"]) for name in (FINISHED, failures.FOLDER))
    return status_with(folder, int(told["parts"]), len(done), len(failed.keys() - done.keys()))


def _parts(folder: Path, names: Sequence[str]) -> dict[str, list[Path]]:
    """The files of parts of these checks in a folder, by address."""
    found: dict[str, list[Path]] = {}
    for path in folder.glob("*-*-*"):
        part = PART.fullmatch(path.stem)
        if part and part[1] in names:
            found.setdefault(path.stem, []).append(path)
    return found


def _clear_others(out: Path, names: Sequence[str], jobs: Sequence[PartJob]) -> None:
    """Remove what parts of these checks have left that were computed with something else."""
    mine = {job.path.stem for job in jobs}
    for name in (FINISHED, failures.FOLDER):
        for stem, paths in _parts(out / name, names).items():
            if stem not in mine:
                for path in paths:
                    path.unlink()
