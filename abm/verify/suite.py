"""All checks on all cores: their parts are jobs, what they give is drawn together check by check."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

from abm.runs.engine import compiled
from abm.runs.pool import run_all
from abm.runs.progress import Show
from abm.verify.catalog import find_check
from abm.verify.check import Check, Finding

LONGEST_FIRST = ("battery", "interpreted", "workers", "step")  # so that no core waits for one of them at the end
NEEDED = ("numba", "abm.model.lung_model", "scipy.stats")  # what a worker imports


class CheckPart(NamedTuple):
    """A part of a check, by name and number, so that any process finds it."""

    name: str
    number: int


@dataclass(frozen=True)
class CheckResult:
    """A check with what it found and the seconds its parts took together."""

    check: Check
    finding: Finding
    seconds: float


def work_out(part: CheckPart) -> tuple[Any, float]:
    """What a part gives, and the seconds it took."""
    begin = time.perf_counter()
    given = find_check(part.name).parts[part.number]()
    return given, time.perf_counter() - begin


def verify(names: Sequence[str], workers: int, show: Show) -> list[CheckResult]:
    """Work out these checks.

    Args:
        names: of checks.
        workers: processes.
        show: reporter of progress.
    """
    compiled(show)
    checks = {name: find_check(name) for name in names}
    order = sorted(names, key=lambda name: (*LONGEST_FIRST, name).index(name))
    jobs = [CheckPart(name, number) for name in order for number in range(len(checks[name].parts))]
    given: dict[CheckPart, tuple[Any, float] | BaseException] = {}
    if jobs:
        with (
            show.bar("verifying", len(jobs), "parts") as tell,
            closing(run_all(work_out, jobs, min(workers, len(jobs)), NEEDED)) as outcomes,
        ):
            for done, (job, outcome) in enumerate(outcomes, start=1):
                given[job] = outcome
                tell(done)
    return [
        _result(check, [given[CheckPart(name, at)] for at in range(len(check.parts))]) for name, check in checks.items()
    ]


def _result(check: Check, outcomes: Sequence[tuple[Any, float] | BaseException]) -> CheckResult:
    """What a check found; a part that broke off makes it fail."""
    broken = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if broken:
        note = f"broke off: {type(broken[0]).__name__}: {broken[0]}"
        return CheckResult(check, Finding(check.title, "", "", (), "", note=note), 0.0)
    told = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    return CheckResult(check, check.conclude([value for value, _ in told]), sum(seconds for _, seconds in told))
