"""Simulate the unfinished patients of a cohort: the same command resumes an interrupted cohort or adds patients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from abm.cohort.assumptions import assumptions
from abm.cohort.plan import Cohort
from abm.cohort.worker import NEEDED, PatientJob, engine, job
from abm.runs import failures, provenance
from abm.runs.compile_ahead import is_compiled, warm_up
from abm.runs.engine import Batch, RunOptions, run_jobs
from abm.runs.identity import as_used, calculation
from abm.runs.progress import Show
from abm.runs.status import Status, status_with
from abm.runs.store.files import study_folder
from abm.runs.store.folder import StudyResult, agree, digest_of, opened
from abm.runs.store.sealed import DamagedError, read_text
from abm.studies.design.inputs import write_inputs

FINISHED = "finished"


def perform(cohort: Cohort, out: Path, options: RunOptions, show: Show) -> StudyResult:
    """Simulate the unfinished patients and write the tables.

    Raises:
        ScenarioError: no hazard of escape gives the incidence of the cohort.
        StorageError: the folder is full or cannot be written; finished patients are kept.
        StudyBusyError: another process runs it.
        StudyChangedError: the folder holds patients of another cohort.
        ClusterError: the scheduler or a worker cannot be used.
    """
    from abm.cohort.incidence import escape_hazard

    with show.spinner("working out how often lesions escape"):
        escape_hazard(cohort)
    folder = study_folder(out, cohort.name, options.fresh)
    with opened(folder):
        (folder / FINISHED).mkdir(exist_ok=True)
        text = design(cohort)
        agree(folder, text)
        write_inputs(folder, [(f"{cohort.name}.toml", cohort.text.encode())])
        facts = {"study": cohort.name, "patients": cohort.patients, "design": digest_of(text)}
        told = provenance.start(folder, facts, options.workers)
        result = StudyResult(folder, cohort.patients)
        if damaged := _remove_damaged(cohort, folder):
            show.say(f"{damaged:,} finished patients were in damaged files and are simulated again.")
        missing = [at for at in range(1, cohort.patients + 1) if not _file(folder, at).exists()]
        done = cohort.patients - len(missing)
        if done:
            show.say(f"{done:,} of {cohort.patients:,} patients are there already.")
        computed_with = calculation()
        jobs = (job(cohort, number, _file(folder, number), computed_with) for number in missing)
        batch = Batch(
            folder, jobs, {PatientJob.kind: len(missing)}, done, cohort.patients, text="simulating", unit="patients",
            modules=NEEDED,
        )  # fmt: skip
        result.interrupted = run_jobs(batch, options, show, prepare=_prepare)
        result.done = gather(cohort, folder)
        result.failures = [failure.line for failure in failures.read(folder).values()]
        result.finish(told)
    return result


def design(cohort: Cohort) -> str:
    """Everything that determines the results, except the number of patients."""
    lines = [f"cohort: {cohort.name}", f"computed with: {calculation()} {engine()}"]
    aside = ("patients", "scenario", "name", "text")
    lines += [f"{item.name}: {getattr(cohort, item.name)!r}" for item in fields(cohort) if item.name not in aside]
    lines += ["", *(" | ".join(assumption) for assumption in assumptions(cohort)), "", as_used(cohort.scenario)]
    return "\n".join(lines)


def ready() -> None:
    """Compile the code of quiet time, once for all workers."""
    from abm.cohort.lung import Lung, quiet_course
    from abm.scenario.scenario import Scenario

    tiny = Scenario(width=160.0, height=160.0)
    if not is_compiled():
        warm_up()
    Lung(tiny, 1, quiet_course(2, tiny.step)).run(1)


def _prepare(show: Show, here: bool) -> None:  # noqa: ARG001 - it is always for all
    with show.spinner("loading compiled code (the first time, it is compiled: about a minute)"):
        ready()


def _remove_damaged(cohort: Cohort, folder: Path) -> int:
    """Remove damaged files of patients; return their number."""
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
    """Write the tables of all finished patients; return their number.

    Raises:
        DamagedError: the file of a patient was damaged meanwhile.
        OSError: the disk is full or not writable.
    """
    from abm.cohort.tables import write_tables

    return write_tables(folder, _finished(cohort, folder))


def _finished(cohort: Cohort, folder: Path) -> Iterator[dict[str, Any]]:
    """The stored data of each finished patient, in order."""
    for number in range(1, cohort.patients + 1):
        try:
            yield _patient(folder, number)
        except FileNotFoundError:
            continue


def is_cohort(folder: Path) -> bool:
    """Whether this folder belongs to a cohort."""
    return "patients" in provenance.read(folder)


def status(folder: Path) -> Status:
    """Progress of the cohort in this folder, in patients, whether or not it is running."""
    total = int(provenance.read(folder)["patients"])
    done = {path.stem for path in (folder / FINISHED).glob("[0-9]*.json") if int(path.stem) <= total}
    failed = {path.stem for path in (folder / failures.FOLDER).glob("[0-9]*.json") if int(path.stem) <= total}
    return status_with(folder, total, len(done), len(failed - done))


def _patient(folder: Path, number: int) -> dict[str, Any]:
    """The stored data of a patient.

    Raises:
        DamagedError: the file is damaged.
        FileNotFoundError: the patient is not finished.
    """
    told = read_text(_file(folder, number))
    if not told.keys() >= {"person", "arms", "courses"}:
        raise DamagedError(_file(folder, number))
    return told


def _file(folder: Path, number: int) -> Path:
    return folder / FINISHED / f"{number:07d}.json"
