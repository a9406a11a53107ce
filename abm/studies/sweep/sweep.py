"""Run what is missing of a study: the same command goes on after whatever ended it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from abm.runs import provenance
from abm.runs.agreement import DESIGN, TEXT, agree, digest_of
from abm.runs.compile_ahead import is_compiled
from abm.runs.files import StorageError, storage, study_folder, write_text
from abm.runs.identity import calculation
from abm.runs.lock import held
from abm.runs.pool import run_all
from abm.runs.progress import Show, duration, last_line
from abm.runs.run_one import Outcome
from abm.runs.sealed import as_text, is_whole, read_text
from abm.runs.start import begun
from abm.runs.worker import NEEDED, RunJob, Work, compile_all, do_and_land
from abm.scenario.given import check_arms
from abm.studies.compare import is_prediction
from abm.studies.design.inputs import write_inputs
from abm.studies.design.study import Study
from abm.studies.sweep.progress import Clock

if TYPE_CHECKING:
    from abm.studies.sweep.store import Store

FACTS = "study.json"

W = TypeVar("W", bound=Work)


@dataclass(frozen=True)
class How:
    """How a study is run.

    Attributes:
        workers: processes on this machine. scheduler: address of a Dask scheduler to run on instead.
        retry_failed: whether runs that failed are run again. fresh: in a new folder beside the old one.
    """

    workers: int
    scheduler: str = ""
    retry_failed: bool = False
    fresh: bool = False


@dataclass
class Result:
    """How a sweep ended.

    Attributes:
        folder: of the study. total, done: runs. failures: one line a failed run. interrupted: by Ctrl-C.
    """

    folder: Path
    total: int
    done: int = 0
    failures: list[str] = field(default_factory=list)
    interrupted: bool = False


def perform(study: Study, out: Path, how: How, show: Show) -> Result:
    """Run what is missing of a study; what is finished stays, also when this is killed.

    Raises:
        StorageError: the folder is full or cannot be written; finished runs are kept.
        StudyBusyError: another process runs it.
        StudyChangedError: the folder holds runs of another study.
        ClusterError: the scheduler or a worker cannot be used.
        ScenarioError: with all faults of all arms.
        SeedError: its seeds are none.
    """
    check_arms(study.arms, (study.seed, study.seed + study.replicates - 1))
    folder = study_folder(out, study.name, how.fresh)
    with storage(folder), begun(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder):
            return _perform(study, folder, how, show)


def _perform(study: Study, folder: Path, how: How, show: Show) -> Result:
    from abm.studies.sweep.store import Store

    agree(folder, study.text())
    ids = study.ids()
    store = Store(folder, study, ids)
    result = Result(folder, len(ids))
    if store.damaged:
        show.say(f"{store.damaged} finished runs were in damaged files and are run again.")
    told = _prepare(study, folder, how)
    if not is_whole(folder / DESIGN) or _rows(folder / DESIGN) != len(ids):
        store.write_design()
    store.gather_ended()
    missing = [run for run in range(len(ids)) if not store.is_finished(run)]
    if not how.retry_failed:
        missing = [run for run in missing if run not in store.failed]
    if store.finished:
        show.say(f"{store.finished:,} of {len(ids):,} runs are there already.")
    if store.failed and not how.retry_failed:
        show.say(f"{len(store.failed):,} runs failed before; --retry-failed runs them again.")
    if missing:
        result.interrupted = _run(study, store, missing, how, show)
    result.done = store.finished
    result.failures = [_failure_line(store, run) for run in sorted(store.failed)]
    counts = {"done": result.done, "failed": len(store.failed)}
    status = "interrupted" if result.interrupted else "failed runs" if store.failed else "complete"
    provenance.finish(folder, told, status, counts | {"missing": len(ids) - sum(counts.values())})
    return result


def _prepare(study: Study, folder: Path, how: How) -> dict:
    """Write what is known before anything runs."""
    write_text(folder / TEXT, study.text())
    write_text(folder / FACTS, as_text(_facts(study), indent=1))
    write_inputs(folder, study.inputs)
    from abm.studies.sweep.readme import folder_readme

    write_text(folder / "README.txt", folder_readme(study))
    facts = {"study": study.name, "arms": [arm.name for arm in study.arms], "replicates": study.replicates}
    facts |= {"design": digest_of(study.text()), "scheduler": how.scheduler or None}
    return provenance.start(folder, facts, how.workers)


def _facts(study: Study) -> dict:
    """What readers of the folder need to know."""
    from abm.model.measures import MEASURES

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
        "measures": {name: {"unit": MEASURES[name].unit, "meaning": MEASURES[name].meaning} for name in study.measures},
        "events": study.events,
        "runs": study.total,
    }  # fmt: skip


def _run(study: Study, store: Store, missing: list[int], how: How, show: Show) -> bool:
    """Do what is missing; gives whether Ctrl-C ended it early."""
    try:
        with _machine(how, show) as machine:
            _run_on(machine, study, store, missing, show)
    except KeyboardInterrupt:
        return True
    return False


def _run_on(machine: Machine[RunJob], study: Study, store: Store, missing: list[int], show: Show) -> None:
    arms = Counter(_arm(study, run) for run in missing)
    with (
        show.bar("running", len(missing), "runs") as tell,
        Clock(store.folder, store.finished, len(store.ids), arms, machine.workers) as clock,
        closing(machine.run(_jobs(study, store, missing))) as outcomes,
    ):
        for count, (job, outcome) in enumerate(outcomes, start=1):
            _note(store, job, outcome)
            told = clock.measured > 0
            clock.note(store.finished, len(store.failed), _arm(study, job.run), outcome.seconds)
            if not told and 0 < clock.measured < len(missing):
                show.say(f"{len(missing):,} runs take about {duration(clock.estimate())} ({clock.measured} measured).")
            tell(count)


def _arm(study: Study, run: int) -> str:
    """Name of the arm that a run is of."""
    return study.arms[study.points[study.place(run)[0]].arm].name


class Machine(Protocol[W]):
    """What runs are done on."""

    @property
    def workers(self) -> int:
        """How many are done at a time."""

    def run(self, jobs: Iterator[W]) -> Generator[tuple[W, Outcome]]:
        """Do the jobs; yields each with how it ended, when its file is there."""


@dataclass(frozen=True)
class ThisMachine(Generic[W]):
    """Processes here.

    Attributes:
        workers: how many. work: does a job and writes its file. modules: what that needs.
    """

    workers: int
    work: Callable[[W], Outcome]
    modules: Sequence[str]

    def run(self, jobs: Iterator[W]) -> Generator[tuple[W, Outcome]]:
        """Do the jobs, each by a process that writes its file itself."""
        with closing(run_all(self.work, jobs, self.workers, self.modules)) as results:
            for job, outcome in results:
                yield job, outcome if isinstance(outcome, Outcome) else Outcome("failed", 0.0, repr(outcome))


@contextmanager
def _machine(how: How, show: Show) -> Iterator[Machine[RunJob]]:
    if how.scheduler:
        from abm.runs.cluster import connected

        with connected(how.scheduler, show) as cluster:
            yield cluster
        return
    if not is_compiled():
        with show.spinner("compiling (once, about half a minute)"):
            list(run_all(compile_all, [0], 1, NEEDED))  # by a process that ends: a compiler keeps its memory
    yield ThisMachine(how.workers, do_and_land, NEEDED)


def _jobs(study: Study, store: Store, missing: list[int]) -> Iterator[RunJob]:
    """The jobs, made as they are needed."""
    computed_with = calculation()
    for run in missing:
        at, replicate = study.place(run)
        scenario = study.scenario(study.points[at])
        seed = study.seed + replicate
        yield RunJob(run, scenario, seed, study.measures, study.events, store.landing(run), computed_with)


def _note(store: Store, job: RunJob, outcome: Outcome) -> None:
    from abm.studies.sweep.store import BLOCK

    if outcome.status == "storage":
        raise StorageError(str(store.folder), outcome.detail)
    if outcome.status == "failed":
        store.note_failed(job.run, outcome.detail, outcome.recorded)
    else:
        store.note_landed(job.run)
    if store.has_ended(job.run // BLOCK):
        store.gather(job.run // BLOCK)


def _failure_line(store: Store, run: int) -> str:
    row = store.row(run)
    told = read_text(store.folder / "failed" / f"{row['id']}.json")
    return f"FAILED: run {run}, {row['arm']}, seed {row['seed']}: {last_line(told['traceback'])}"


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)
