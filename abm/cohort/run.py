"""Run what is missing of a cohort: the same command goes on after whatever ended it, with more patients too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from abm.cohort.cohort_file import assumptions
from abm.cohort.plan import Cohort
from abm.cohort.worker import NEEDED, PatientJob, do_and_land, engine, job
from abm.runs import provenance
from abm.runs.agreement import TEXT, agree, digest_of
from abm.runs.compile_ahead import is_compiled, warm_up
from abm.runs.files import StorageError, storage, study_folder, sweep_up, write_text
from abm.runs.identity import as_used, calculation
from abm.runs.lock import held
from abm.runs.progress import Show, last_line
from abm.runs.run_one import Outcome
from abm.runs.sealed import DamagedError, read_text, sealed
from abm.runs.start import begun
from abm.studies.design.inputs import write_inputs
from abm.studies.sweep.progress import Clock, Status, status_with
from abm.studies.sweep.sweep import How, Machine, ThisMachine

TABLES = ("patients", "arms", "scales")
FINISHED, FAILED = "finished", "failed"
ANYBODY = "patient"  # one is timed like the other


@dataclass
class Result:
    """How a cohort ended: its folder, patients in all and finished, a line a failed one, whether Ctrl-C ended it."""

    folder: Path
    total: int
    done: int = 0
    failures: list[str] = field(default_factory=list)
    interrupted: bool = False


def perform(cohort: Cohort, out: Path, how: How, show: Show) -> Result:
    """Run what is missing and write the tables.

    Raises:
        StorageError: the folder is full or cannot be written; finished patients are kept.
        StudyBusyError: another process runs it.
        StudyChangedError: the folder holds patients of another cohort.
        ClusterError: the scheduler or a worker cannot be used.
    """
    folder = study_folder(out, cohort.name, how.fresh)
    with storage(folder), begun(folder):
        for name in (FINISHED, FAILED):
            (folder / name).mkdir(parents=True, exist_ok=True)
        with held(folder):
            text = design(cohort)
            agree(folder, text)
            write_text(folder / TEXT, text)
            write_inputs(folder, [(f"{cohort.name}.toml", cohort.text.encode())])
            facts = {"study": cohort.name, "patients": cohort.patients, "design": digest_of(text)}
            told = provenance.start(folder, facts, how.workers)
            result = Result(folder, cohort.patients)
            sweep_up(folder)
            if damaged := _remove_damaged(cohort, folder):
                show.say(f"{damaged:,} finished patients were in damaged files and are simulated again.")
            missing = [at for at in range(1, cohort.patients + 1) if not _file(folder, at).exists()]
            if len(missing) < cohort.patients:
                show.say(f"{cohort.patients - len(missing):,} of {cohort.patients:,} patients are there already.")
            if missing:
                result.interrupted = _run(cohort, folder, missing, how, show)
            result.done = gather(cohort, folder)
            result.failures = [_failure_line(path) for path in sorted((folder / FAILED).glob("*.txt"))]
            status = "interrupted" if result.interrupted else "failed runs" if result.failures else "complete"
            counts = {"done": result.done, "failed": len(result.failures)}
            provenance.finish(folder, told, status, counts | {"missing": cohort.patients - sum(counts.values())})
    return result


def design(cohort: Cohort) -> str:
    """All that decides over results except how many patients there are."""
    lines = [f"cohort: {cohort.name}", f"computed with: {calculation()} {engine()}"]
    aside = ("patients", "scenario", "name", "text")
    lines += [f"{item.name}: {getattr(cohort, item.name)!r}" for item in fields(cohort) if item.name not in aside]
    lines += ["", *(" | ".join(assumption) for assumption in assumptions(cohort)), "", as_used(cohort.scenario)]
    return "\n".join(lines)


def _run(cohort: Cohort, folder: Path, missing: list[int], how: How, show: Show) -> bool:
    """Do what is missing; gives whether Ctrl-C ended it early."""
    jobs = (job(cohort, number, _file(folder, number)) for number in missing)
    try:
        with _machine(how, show) as machine:
            _run_on(machine, jobs, cohort.patients, folder, len(missing), show)
    except KeyboardInterrupt:
        return True
    return False


def _run_on(
    machine: Machine[PatientJob], jobs: Iterator[PatientJob], total: int, folder: Path, missing: int, show: Show
) -> None:
    done, failed = total - missing, 0
    with (
        show.bar("simulating", missing, "patients") as tell,
        Clock(folder, done, total, {ANYBODY: missing}, machine.workers) as clock,
        closing(machine.run(jobs)) as outcomes,
    ):
        for count, (one, outcome) in enumerate(outcomes, start=1):
            _note(folder, one, outcome)
            done += outcome.status == "done"
            failed += outcome.status == "failed"
            clock.note(done, failed, ANYBODY, outcome.seconds)
            tell(count)


@contextmanager
def _machine(how: How, show: Show) -> Iterator[Machine[PatientJob]]:
    if how.scheduler:
        from abm.runs.cluster import connected

        with connected(how.scheduler, show) as cluster:
            yield cluster
        return
    with show.spinner("loading what is compiled (the first time, compiling it: a minute)"):
        ready()
    yield ThisMachine(how.workers, do_and_land, NEEDED)


def ready() -> None:
    """Compile what quiet time needs, once for all workers."""
    from abm.cohort.lung import Lung, quiet_course
    from abm.scenario.scenario import Scenario

    if not is_compiled():
        warm_up()
    tiny = Scenario(width=160.0, height=160.0)
    Lung(tiny, 1, quiet_course(2, tiny.step)).run(1)


def _note(folder: Path, one: PatientJob, outcome: Outcome) -> None:
    failure = folder / FAILED / f"{one.path.stem}.txt"
    if outcome.status == "storage":
        raise StorageError(str(folder), outcome.detail)
    if outcome.status == "failed":
        write_text(failure, outcome.detail)
    else:
        failure.unlink(missing_ok=True)


def _remove_damaged(cohort: Cohort, folder: Path) -> int:
    """Remove files of patients that do not hold what was written to them; gives how many they were."""
    count = 0
    for number in range(1, cohort.patients + 1):
        try:
            _patient(folder, number)
        except FileNotFoundError:
            continue
        except DamagedError:
            _file(folder, number).unlink()
            count += 1
    return count


def gather(cohort: Cohort, folder: Path) -> int:
    """Write the tables of all patients that are finished; how many these are.

    Raises:
        DamagedError: the file of a patient was damaged meanwhile.
        OSError: no room, no right to write.
    """
    import pandas as pd

    found: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for number in range(1, cohort.patients + 1):
        try:
            told = _patient(folder, number)
        except FileNotFoundError:
            continue
        for name, rows in {"patients": [told["person"]], "arms": told["arms"], "scales": told["scales"]}.items():
            found[name] += rows
    for name, rows in found.items():
        with sealed(folder / f"{name}.parquet") as temporary:
            pd.DataFrame(rows).to_parquet(temporary, compression="zstd", index=False)
    return len(found["patients"])


def is_cohort(folder: Path) -> bool:
    """Whether a cohort was started in this folder."""
    return "patients" in provenance.read(folder)


def status(folder: Path) -> Status:
    """How far the cohort in this folder is, in patients, whether or not it is running."""
    total = int(provenance.read(folder)["patients"])
    done = {path.stem for path in (folder / FINISHED).glob("[0-9]*.json") if int(path.stem) <= total}
    failed = {path.stem for path in (folder / FAILED).glob("[0-9]*.txt") if int(path.stem) <= total}
    return status_with(folder, total, len(done), len(failed - done))


def _patient(folder: Path, number: int) -> dict[str, Any]:
    """What is kept of a patient.

    Raises:
        DamagedError: it is not what was written.
        FileNotFoundError: they are not finished.
    """
    told = read_text(_file(folder, number))
    if not told.keys() >= {"person", "arms", "scales"}:
        raise DamagedError(_file(folder, number))
    return told


def _file(folder: Path, number: int) -> Path:
    return folder / FINISHED / f"{number:07d}.json"


def _failure_line(path: Path) -> str:
    return f"FAILED: patient {int(path.stem)}: {last_line(path.read_text(encoding='utf-8', errors='replace'))}"
