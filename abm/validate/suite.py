"""Runs for all targets on all cores, and as many of them as it takes to tell pass from fail.

Every target begins with a few replicates. Where an interval still straddles its bound, the arms of that target get as
many again, up to a limit. Runs are kept on disk, so what was done once is not done again.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from abm.core.quantity import replaced
from abm.reporting.measured import Measured, Verdict, worst
from abm.runs import failures, provenance
from abm.runs.engine import RunOptions, run_missing
from abm.runs.identity import calculation, run_ids
from abm.runs.job import RunJob
from abm.runs.progress import Show
from abm.runs.status import has_status
from abm.runs.store.files import storage
from abm.scenario.catalog import scenario_names
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario
from abm.validate.curves import HOURS_PER_DAY, ArmCurves, read_curves, read_run
from abm.validate.operations import measure
from abm.validate.scoring import observables
from abm.validate.target import ValidationError, ValidationTarget, Value, find_targets, target_ids

ARMS = Path(__file__).with_name("arms")
FIRST_SEED = 1
SIDE = 3000.0  # um
CANNOT_RUN = "cannot be run"
LATER = ("abm.validate.report", "abm.runs.store.run_file")
WHOLE = {  # operations that look at all of a run: days of it
    "peak": 14.0,
    "peak_day": 28.0,
    "rise_day": 28.0,
    "return_day": 28.0,
    "clearance_day": 21.0,
}


@dataclass(frozen=True)
class Plan:
    """Number of replicates per target: `first`, then doubled up to `most`."""

    first: int
    most: int


FULL, QUICK = Plan(24, 96), Plan(12, 12)


Change = Callable[[Scenario], Scenario]


def as_it_is(scenario: Scenario) -> Scenario:
    """No change."""
    return scenario


@dataclass(frozen=True)
class TargetResult:
    """A target with what came out; `replicates`: runs an arm."""

    target: ValidationTarget
    measured: tuple[Measured, ...]
    replicates: int

    @property
    def verdict(self) -> Verdict:
        """The worst of all values, or the best if one of them suffices; skipped: a prediction, or it cannot be run."""
        verdicts = [one.verdict for one in self.measured]
        if self.target.kind == "prediction" or not self.target.can_run:
            return "skipped"
        return "passed" if self.target.any_of and "passed" in verdicts else worst(verdicts)

    @property
    def said(self) -> str:
        """The verdict as people read it."""
        return self.said_of(self.verdict)

    @property
    def outcome(self) -> str:
        """What became of the finding: fitted or reproduced where it passed, else the verdict as people read it."""
        return self.outcome_of(self.verdict)

    def said_of(self, verdict: Verdict) -> str:
        """A verdict, of one of its numbers or of all, as people read it."""
        if verdict != "skipped":
            return verdict
        return "prediction" if self.target.can_run else CANNOT_RUN

    def outcome_of(self, verdict: Verdict) -> str:
        """What became of one of its numbers, or of all."""
        return self.target.kind if verdict == "passed" else self.said_of(verdict)


def sections_told(results: Sequence[TargetResult]) -> str:
    """The number of sections per arm as text: "24" or "24 to 96"."""
    counts = {result.replicates for result in results if result.target.can_run}
    return " to ".join(str(one) for one in sorted({min(counts), max(counts)}))


def load_arm(name: str) -> Scenario:
    """The scenario of an arm on a section that stands for a lung, as long as its targets need, without snapshots.

    Sections are so large that an infection establishes in nearly all of them, and founders lie as densely as the
    scenario says (docs/numerics.md: what is measured of sections of 1 to 5 mm).
    """
    scenario = load_scenario(name if name in scenario_names() else ARMS / f"{name}.toml")
    values = [value for target in find_targets(target_ids()) for value in target.values if name in value.arms]
    days = max(map(last_day, values))
    return as_dense(scenario, replace(scenario, duration=HOURS_PER_DAY * days, width=SIDE, height=SIDE, snapshots=()))


def as_dense(before: Scenario, after: Scenario) -> Scenario:
    """A scenario on another section, with founders as dense as before."""
    share = after.width * after.height / (before.width * before.height)
    founders = float(round(before.parameters.dormancy.founders * share))
    return replace(after, parameters=replaced(after.parameters, "dormancy.founders", founders))


def last_day(value: Value) -> float:
    """Until when a value needs its arms, in days."""
    mice = observables(value.experiment)[value.observable].days[-1] if value.operation == "error" else 0.0
    return max(float(mice), value.day, value.base, *value.days, WHOLE.get(value.operation, 0.0))


def validate(
    ids: Sequence[str], out: Path, workers: int, show: Show, plan: Plan, changed: Change = as_it_is
) -> tuple[list[TargetResult], ArmCurves]:
    """Run the arms of targets and compare the results with them.

    Args:
        ids: of the targets.
        out: folder, opened; the runs are kept in `runs` of it.
        workers: processes.
        show: reporter of progress.
        plan: replicates.
        changed: what is done to the scenario of every arm.

    Raises:
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run ended with an error.
        KeyboardInterrupt: finished runs are kept.
    """
    targets = find_targets(list(ids))
    jobs = _all_jobs(list(dict.fromkeys(arm for target in targets for arm in target.arms)), plan.most, out, changed)
    wanted = {target.id: plan.first for target in targets}
    read_once = cache(read_run)  # rounds share runs
    while True:
        needed = _needed(targets, wanted, jobs)
        run_needed(needed, out, workers, show)
        curves = read_curves(needed, read_once)
        results = [_result(target, curves, wanted[target.id]) for target in targets]
        open_ones = [one.target.id for one in results if one.verdict == "inconclusive" and one.replicates < plan.most]
        if not open_ones:
            return results, curves
        wanted |= {name: min(2 * wanted[name], plan.most) for name in open_ones}
        show.say(f"{', '.join(open_ones)}: not decided yet; {max(wanted[name] for name in open_ones)} replicates each")


def _all_jobs(arms: Sequence[str], most: int, out: Path, changed: Change) -> dict[str, list[RunJob]]:
    """Every run that there could be, by arm."""
    runs = out / "runs"
    with storage(runs):
        runs.mkdir(parents=True, exist_ok=True)
    seeds, computed_with = range(FIRST_SEED, FIRST_SEED + most), calculation()
    jobs = {}
    for arm in arms:
        scenario = changed(load_arm(arm))
        ids = run_ids(scenario, seeds, computed_with)
        jobs[arm] = [
            RunJob(scenario, seed, at + 1, runs / f"{ids[at]}.zip", computed_with, f"{arm}, seed {seed}")
            for at, seed in enumerate(seeds)
        ]
    return jobs


def _needed(targets: Sequence[ValidationTarget], wanted: dict[str, int], jobs: dict[str, list[RunJob]]) -> list[RunJob]:
    """The runs of every arm, as many as the target that wants most of it; replicate by replicate."""
    most = {arm: max(wanted[target.id] for target in targets if arm in target.arms) for arm in jobs}
    return [jobs[arm][at] for at in range(max(most.values(), default=0)) for arm in jobs if at < most[arm]]


def run_needed(jobs: Sequence[RunJob], out: Path, workers: int, show: Show, text: str = "running") -> None:
    """Do those of these runs that are not on disk yet.

    Raises:
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run ended with an error.
        KeyboardInterrupt: finished runs are kept.
    """
    if run_missing(jobs, out, RunOptions(workers), show, text, LATER):
        raise KeyboardInterrupt
    for job in jobs:
        if not job.is_done:
            raise ValidationError(f"{job.name}: {failures.read(out)[job.id].reason}")


def _result(target: ValidationTarget, curves: ArmCurves, replicates: int) -> TargetResult:
    return TargetResult(target, tuple(measure(value, curves, replicates) for value in target.values), replicates)


def clear_others(out: Path, changed: Change) -> None:
    """Remove the runs of other versions of the model from the folder."""
    arms = list(dict.fromkeys(arm for target in find_targets(target_ids()) for arm in target.arms))
    mine = {job.id for jobs in _all_jobs(arms, FULL.most, out, changed).values() for job in jobs}
    for path in (*(out / "runs").iterdir(), *(out / failures.FOLDER).glob("*")):
        if re.fullmatch(r"[0-9a-f]{16}(\.\w+)?", path.name) and path.stem not in mine:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)  # as older versions have kept runs
            else:
                path.unlink()


def is_validation(folder: Path) -> bool:
    """Whether the model has been compared with findings in this folder."""
    return "targets" in provenance.read(folder) and has_status(folder)
