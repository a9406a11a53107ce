"""A study: arms x replicates, run on all cores, written to one folder, summed up in one table."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.runs import failures, provenance
from abm.runs.engine import RunOptions, run_missing
from abm.runs.identity import as_used, calculation, map_of, run_ids, with_map
from abm.runs.job import RunJob
from abm.runs.progress import Show
from abm.runs.run_one import Fork
from abm.runs.status import Status, status_with
from abm.runs.store.files import storage, study_folder, write_bytes, write_text
from abm.runs.store.folder import StudyResult, agree, digest_of, opened
from abm.scenario.given import check_arms
from abm.scenario.posterior import SETS, PosteriorSample
from abm.scenario.prediction import is_prediction
from abm.scenario.read import with_overrides
from abm.scenario.scenario import Scenario
from abm.studies.parameter_sets import arms_under, held_by, is_gathered, jobs_of, sum_up_sets, write_sample
from abm.studies.readme import folder_readme

if TYPE_CHECKING:
    from abm.reporting.summary import SummaryArm, SummaryRow
    from abm.reporting.uncertainty import UncertaintyRow

LONGEST_NAME = 60
HOURS_PER_DAY = 24.0
FRAME = ("duration", "step", "record_every", "snapshots", "layout", "layout_seed", "width", "height")
# What tables and figures need. They bring pandas, pyarrow and matplotlib, a second of imports for while workers work.
LATER = ("abm.studies.compare_tables", "abm.reporting.report", "abm.reporting.summary", "abm.plots.figures")


@dataclass(frozen=True)
class TwinStudy:
    """What is run: every arm with every seed.

    Attributes:
        name: made from what is run. called: name of its folder, where it is not this one.
        arms: with names all different. seeds: one per replicate.
        ids: addresses of the runs of each arm, in the order of the seeds.
        begin: a saved state that its runs go on from. save_at: hour at which the states of its runs are saved.
        sample: parameter sets under which it is run as well; None: none. sets: the same study under each of them.
    """

    name: str
    arms: tuple[Scenario, ...]
    seeds: tuple[int, ...]
    ids: dict[str, list[str]]
    begin: Path | None = None
    save_at: float | None = None
    sample: PosteriorSample | None = None
    sets: tuple[TwinStudy, ...] = ()
    called: str = ""

    @property
    def folder_name(self) -> str:
        """Name of its folder."""
        return self.called or self.name

    def text(self) -> str:
        """All that decides over results except how many replicates there are, as for studies of many runs."""
        lines = [f"first seed: {self.seeds[0]}", f"computed with: {calculation()}"]
        lines += [f"parameter sets: {' '.join(one.name for one in self.sets)}"] if self.sets else []
        lines += [f"continues: {self.begin}"] if self.begin else []
        return "\n".join([*lines, *(f"\n---- arm {arm.name}\n{as_used(arm)}" for arm in self.arms)])

    @property
    def held(self) -> list[str]:
        """A line for each arm that sets parameters of the sample itself."""
        return held_by(self.arms, self.sample) if self.sample else []

    def jobs(self, folder: Path) -> list[RunJob]:
        """All runs, replicate by replicate, so that what is finished early is a balanced part of the whole."""
        computed_with = calculation()
        return [
            RunJob(
                arm, seed, at + 1, folder / "runs" / f"{self.ids[arm.name][at]}.zip", computed_with,
                f"{arm.name}, seed {seed}", fork=self._fork(folder, arm.name, seed),
            )
            for at, seed in enumerate(self.seeds)
            for arm in self.arms
        ]  # fmt: skip

    def state(self, folder: Path, arm: str, seed: int) -> Path | None:
        """Where the state of a run is saved; None where it is not."""
        if self.save_at is None:
            return None
        return folder / "states" / f"{arm}-seed_{seed}-day_{self.save_at / HOURS_PER_DAY:g}.state"

    def _fork(self, folder: Path, arm: str, seed: int) -> Fork:
        return Fork(self.begin, self.state(folder, arm, seed), self.save_at or 0.0)


@dataclass
class ComparisonResult(StudyResult):
    """How a comparison ended, and what it says; uncertainty: empty without parameter sets."""

    rows: list[SummaryRow] = field(default_factory=list)
    uncertainty: list[UncertaintyRow] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    figures: list[Path] = field(default_factory=list)
    figure_fault: str = ""


def plan(arms: tuple[Scenario, ...], seeds: Sequence[int], sample: PosteriorSample | None = None) -> TwinStudy:
    """A study of these arms with these seeds; maps of sections are read now, so that all runs have the same.

    Args:
        arms: what is run.
        seeds: one per replicate.
        sample: parameter sets under which all arms are run as well, with the same seeds.

    Raises:
        ScenarioError: with all faults of all arms.
        SeedError: one of the seeds is none.
    """
    check_arms(arms, seeds)
    arms = tuple(with_map(arm) for arm in arms)
    ids = {arm.name: run_ids(arm, seeds) for arm in arms}
    sets = tuple(plan(arms_under(arms, sample, at), seeds) for at in range(len(sample))) if sample else ()
    named = [*(one for arm in arms for one in ids[arm.name]), *(one.name for one in sets)]
    digest = hashlib.sha256(" ".join(named).encode()).hexdigest()
    name = "-vs-".join(arm.name for arm in arms)
    if len(name) > LONGEST_NAME:
        name = f"{arms[0].name[:LONGEST_NAME]}-and-{len(arms) - 1}-more"
    return TwinStudy(f"{name}-{digest[:8]}", arms, tuple(seeds), ids, sample=sample, sets=sets)


def plan_from(state: Path, arms: Sequence[Scenario], days: float | None) -> TwinStudy:
    """A study whose runs go on from a saved state: what is done to the mouse as in these scenarios, all else as there.

    Raises:
        PastDiffersError: an arm would have had another past, or it is no saved state.
        OSError: it cannot be read.
    """
    from abm.runs.store.checkpoint import load, resumed

    saved = load(state)
    frame = {name: getattr(saved.scenario, name) for name in FRAME}
    adopted = tuple(with_overrides(replace(arm, **frame), days) for arm in arms)
    for arm in adopted:
        resumed(saved, arm).close()
    return replace(plan(adopted, [saved.seed]), begin=state)


def perform(
    study: TwinStudy, out: Path, workers: int, show: Show, fresh: bool = False, figures: bool = True
) -> ComparisonResult:
    """Run what is missing of a study and write its tables; what is complete already is only read.

    Args:
        study: what is run.
        out: folder in which that of the study stands.
        workers: processes.
        show: reporter of progress.
        figures: whether to draw them.
        fresh: run all of it again, in a new folder beside the old one.

    Raises:
        StorageError: the folder is full or cannot be written; finished runs are kept.
        StudyChangedError: a folder of the name that was asked for holds runs of another study.
    """
    folder = study_folder(out, study.folder_name, fresh)
    jobs, under_sets = study.jobs(folder), list(jobs_of(study.sets, folder))
    every = list({job.path: job for job in [*jobs, *(job for _, job in under_sets)]}.values())  # sets may be equal
    result = ComparisonResult(folder, len(every), held=study.held)
    known = provenance.read(folder)
    is_complete = known.get("status") == "complete" and known.get("study") == study.name
    tables = [folder, folder / SETS] if study.sets else [folder]
    if is_complete and all(one.is_done and one.is_whole for one in every) and all(map(is_gathered, tables)):
        show.say(f"This study is complete already: {folder} (--fresh runs it again, in a new folder).")
        result.done = len(every)
        with storage(folder):
            _sum_up(study, folder, result)
            _sort_again(folder, jobs)
        result.figures = sorted((folder / "figures").glob("*.png"))
    else:
        with opened(folder):
            if study.called:
                agree(folder, study.text())
            told = _prepare(study, folder, workers, len(every))
            later = LATER if figures else LATER[:-1]
            result.interrupted = run_missing(every, folder, RunOptions(workers), show, meanwhile=later)
            _write_tables(study, folder, jobs, under_sets, result)
            result.finish(told)
    if figures and result.done and not result.interrupted and not result.figures:
        _draw(folder, show, result)
    return result


def is_comparison(folder: Path) -> bool:
    """Whether a comparison was started in this folder."""
    return "seeds" in provenance.read(folder)


def status(folder: Path) -> Status:
    """How far the comparison in this folder is, whether or not it is running."""
    told = provenance.read(folder)
    done = {path.stem for path in (folder / "runs").glob("[0-9a-f]*") if path.is_dir() or path.suffix == ".zip"}
    failed = {path.stem for path in (folder / failures.FOLDER).glob("*.json")}
    total = int(told.get("runs_planned", len(told["arms"]) * len(told["seeds"])))
    return status_with(folder, total, len(done), len(failed - done))


def _prepare(study: TwinStudy, folder: Path, workers: int, runs: int) -> dict[str, Any]:
    """Write what is known before anything runs; so a folder that cannot be written is found at once."""
    for name in ("runs", "scenarios"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for arm in study.arms:
        write_text(folder / "scenarios" / f"{arm.name}.toml", as_used(arm))
        if content := map_of(arm):
            write_bytes(folder / "scenarios" / f"{arm.name}.png", content)
    write_text(folder / "README.txt", folder_readme())
    facts = {
        "study": study.name,
        "arms": [arm.name for arm in study.arms],
        "titles": {arm.name: arm.title or arm.name for arm in study.arms},
        "own_cells": {arm.name: [one.title for one in arm.cells] for arm in study.arms if arm.cells},
        "predictions": [arm.name for arm in study.arms if is_prediction(arm)],
        "seeds": list(study.seeds),
        "replicates": len(study.seeds),
        "parameter_sets": len(study.sets),
        "runs_planned": runs,
        "begin": study.begin.name if study.begin else "",
        "design": digest_of(study.text()),
        "own_laws": provenance.own_laws(study.arms),
    }
    if study.sample:
        write_sample(folder, study.sample)
    return provenance.start(folder, facts, workers)


def _write_tables(
    study: TwinStudy,
    folder: Path,
    jobs: Sequence[RunJob],
    under_sets: Sequence[tuple[int, RunJob]],
    result: ComparisonResult,
) -> None:
    from abm.studies.compare_tables import gather

    gather(folder, jobs)
    if under_sets:
        gather(folder, [job for _, job in under_sets], [number for number, _ in under_sets])
    failed = failures.read(folder)
    every = {job.id: job for job in [*jobs, *(job for _, job in under_sets)]}
    result.done = sum(job.is_done for job in every.values())
    result.failures = [failed[one].line for one, job in every.items() if one in failed and not job.is_done]
    _sum_up(study, folder, result)


def _sort_again(folder: Path, jobs: Sequence[RunJob]) -> None:
    """Restore snapshots that were damaged or removed where they stand by arm."""
    from abm.studies.compare_tables import sort_snapshots

    for job in jobs:
        sort_snapshots(folder, job)


def _sum_up(study: TwinStudy, folder: Path, result: ComparisonResult) -> None:
    from abm.reporting.report import write_summary

    result.rows = _summarized(study, folder)
    write_summary(folder, study.name, result.rows, result.failures)
    if study.sets:
        result.uncertainty = sum_up_sets(folder, study.name, _summary_arms(study), study.held)


def _summarized(study: TwinStudy, folder: Path) -> list[SummaryRow]:
    from abm.reporting.summary import read_curves, summarize

    return summarize(read_curves(folder), _summary_arms(study))


def _summary_arms(study: TwinStudy) -> list[SummaryArm]:
    from abm.reporting.summary import SummaryArm

    return [SummaryArm(arm.name, is_prediction(arm), bool(arm.infections)) for arm in study.arms]


def _draw(folder: Path, show: Show, result: ComparisonResult) -> None:
    """Draw the figures; what goes wrong there takes nothing else with it."""
    try:
        from abm.plots.figures import draw_all

        with show.spinner("drawing figures"):
            result.figures = draw_all(folder)
    except Exception as error:
        shutil.rmtree(folder / "figures", ignore_errors=True)  # a part of them would look like all of them
        result.figure_fault = f"{type(error).__name__}: {error}"
