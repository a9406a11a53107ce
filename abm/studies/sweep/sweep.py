"""Run what is missing of a study: the same command goes on after whatever ended it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from abm.runs import failures, provenance
from abm.runs.engine import Batch, RunOptions, run_jobs
from abm.runs.identity import calculation
from abm.runs.job import RunJob
from abm.runs.progress import Show
from abm.runs.run_one import KeptOfRun
from abm.runs.store.files import study_folder, write_text
from abm.runs.store.folder import DESIGN, SHARDS, StudyResult, agree, digest_of, opened
from abm.runs.store.sealed import as_text, is_whole
from abm.scenario.given import check_arms
from abm.scenario.prediction import is_prediction
from abm.studies.design.inputs import write_inputs
from abm.studies.design.set_axis import sets_of
from abm.studies.design.study import Study
from abm.studies.parameter_sets import write_sample
from abm.studies.sweep.shards import Shard, collect, finished_ids, publish, refuse_another

if TYPE_CHECKING:
    from abm.studies.sweep.store import Store

FACTS = "study.json"


def perform(study: Study, out: Path, options: RunOptions, show: Show, shard: Shard | None = None) -> StudyResult:
    """Run what is missing of a study; what is finished stays, also when this is killed.

    Args:
        study: what is run.
        out: folder in which that of the study stands.
        options: how it is run.
        show: reporter of progress.
        shard: the part of the study to run; by default all of it, with what shards have finished.

    Raises:
        StorageError: the folder is full or cannot be written; finished runs are kept.
        StudyBusyError: another process runs it.
        StudyChangedError: the folder holds runs of another study.
        ClusterError: the scheduler or a worker cannot be used.
        ScenarioError: with all faults of all arms.
        SeedError: its seeds are none.
    """
    check_arms(study.arms, (study.seed, study.seed + study.replicates - 1), study.shortened)
    folder = study_folder(out, study.name, options.fresh)
    if shard is not None:
        refuse_another(folder, study.text())
        part = folder / SHARDS / shard.name
        with opened(part):
            return _perform(study, part, options, show, shard)
    with opened(folder):
        agree(folder, study.text())
        if collected := collect(folder):
            show.say(f"{collected:,} runs of shards are taken over.")
        return _perform(study, folder, options, show)


def _perform(study: Study, folder: Path, options: RunOptions, show: Show, shard: Shard | None = None) -> StudyResult:
    from abm.studies.sweep.store import Store

    agree(folder, study.text())
    ids = study.ids()
    store = Store(folder, study, ids)
    if store.damaged:
        show.say(f"{store.damaged} finished runs were in damaged files and are run again.")
    told = _prepare(study, folder, options)
    if not is_whole(folder / DESIGN) or _rows(folder / DESIGN) != len(ids):
        store.write_design()
    if shard is None:
        wanted, elsewhere = list(range(len(ids))), set[str]()
        store.gather_ended()
    else:
        whole = folder.parent.parent
        publish(folder, whole)
        wanted, elsewhere = shard.runs_of(study), finished_ids(whole)
    here = {run for run in wanted if store.is_finished(run) or ids[run] in elsewhere}
    unfinished = [run for run in wanted if run not in here]
    result = StudyResult(folder, len(wanted))
    result.interrupted = _run_missing(store, len(wanted), unfinished, options, show)
    result.done = sum(store.is_finished(run) or run in here for run in wanted)
    known = failures.read(folder)
    result.failures = [known[ids[run]].line for run in sorted(store.failed)]
    result.finish(told)
    return result


def _run_missing(store: Store, wanted: int, unfinished: list[int], options: RunOptions, show: Show) -> bool:
    """Run what is not finished, without what failed before; says whether Ctrl-C has ended it early."""
    study = store.study
    missing = [run for run in unfinished if options.retry_failed or run not in store.failed]
    done = wanted - len(unfinished)
    if done:
        show.say(f"{done:,} of {wanted:,} runs are there already.")
    if store.failed and not options.retry_failed:
        show.say(f"{len(store.failed):,} runs failed before; --retry-failed runs them again.")
    kinds = Counter(study.arms[study.points[study.place(run)[0]].arm].name for run in missing)
    again = len(store.failed.intersection(missing))
    jobs = _jobs(study, store, missing)
    batch = Batch(store.folder, jobs, kinds, done, wanted, failed=len(store.failed) - again)
    return run_jobs(batch, options, show, store.note)


def _prepare(study: Study, folder: Path, options: RunOptions) -> dict:
    """Write what is known before anything runs."""
    write_text(folder / FACTS, as_text(_facts(study), indent=1))
    write_inputs(folder, study.inputs)
    if (sample := sets_of(study)) is not None:
        write_sample(folder, sample)
    from abm.studies.sweep.readme import folder_readme

    write_text(folder / "README.txt", folder_readme(study))
    facts = {"study": study.name, "arms": [arm.name for arm in study.arms], "replicates": study.replicates}
    facts |= {"design": digest_of(study.text()), "scheduler": options.scheduler or None}
    facts["own_laws"] = provenance.own_laws(study.arms)
    return provenance.start(folder, facts, options.workers)


def _facts(study: Study) -> dict:
    """What readers of the folder need to know."""
    return {
        "name": study.name,
        "title": study.title,
        "story": study.story,
        "arms": [
            {"name": arm.name, "title": arm.title or arm.name, "prediction": is_prediction(arm)} for arm in study.arms
        ],
        "axes": [
            {
                "name": axis.name, "unit": axis.unit, "meaning": axis.meaning,
                "moves": [target.name for target in axis.targets], "logarithmic": axis.logarithmic,
                "low": axis.low if axis.is_sampled else min(axis.levels),
                "high": axis.high if axis.is_sampled else max(axis.levels), "sampled": axis.is_sampled,
            }
            for axis in study.axes
        ],
        "sample": None if study.sample is None else vars(study.sample),
        "replicates": study.replicates,
        "seed": study.seed,
        "measures": study.kept_measures,
        "events": study.events,
        "runs": study.total,
    }  # fmt: skip


def _jobs(study: Study, store: Store, missing: list[int]) -> Iterator[RunJob]:
    """The jobs, made as they are needed."""
    computed_with, kept = calculation(), KeptOfRun(study.measures, study.events, section=False)
    for run in missing:
        at, replicate = study.place(run)
        scenario, seed = study.scenario(study.points[at]), study.seed + replicate
        name = f"run {run}, {scenario.name}, seed {seed}"
        yield RunJob(scenario, seed, replicate + 1, store.landing(run), computed_with, name, kept)


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)
