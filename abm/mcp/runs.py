"""What a client hears of a study that it has started."""

from __future__ import annotations

from typing import Literal, NoReturn

from pydantic import BaseModel, Field

from abm.mcp.answers import ArmInAnswer, Evidence, Row, arms_in_answer, evidence_of
from abm.mcp.jobs import TwinJob
from abm.mcp.results import rows_of
from abm.studies.comparison import open_comparison
from abm.studies.sweep.selection import NoStudyError

INTERRUPTED = 130  # exit code of a command that was ended
Ending = Literal["running", "complete", "stopped", "failed"]


class StudyAnswer(BaseModel):
    """A study: how far it is, and its numbers once it is complete."""

    study: str = Field(description="Its name, for run_status, read_results and read_time_course.")
    status: Ending
    done: int = Field(description="Finished runs.")
    total: int
    seconds_left: float | None = Field(description="Estimate; none before some runs are finished.")
    arms: list[ArmInAnswer]
    seeds: list[int]
    rows: list[Row] = Field(description="Numbers per arm, then ratios between twins; empty before it is complete.")
    message: str = Field(description="What else there is to know, such as why it was ended.")
    evidence: Evidence


def answer_of(job: TwinJob) -> StudyAnswer:
    """The study now.

    Raises:
        DamagedError: a file of its results is damaged.
    """
    status = _status(job)
    progress, scenarios = job.progress, job.study.arms
    message = {
        "running": "call run_status to see how far it is",
        "complete": "",
        "stopped": "finished runs are kept; the same run_twins continues it",
        "failed": job.last_words(),
    }[status]
    if job.is_late:
        message = f"it took longer than this server allows and was ended; {message}"
    return StudyAnswer(
        study=job.study.name,
        status=status,
        done=progress.done,
        total=progress.total,
        seconds_left=progress.seconds_left,
        arms=arms_in_answer(scenarios),
        seeds=list(job.study.seeds),
        rows=rows_of(open_comparison(job.folder)) if status == "complete" else [],
        message=message,
        evidence=evidence_of(scenarios),
    )


def _status(job: TwinJob) -> Ending:
    code = job.process.poll()
    if code is None:
        return "running"
    if code == 0:
        return "complete"
    return "stopped" if job.is_stopped or code == INTERRUPTED else "failed"


def unknown_study(name: str) -> NoReturn:
    """Refuse a study that this server has not started.

    Raises:
        NoStudyError: always.
    """
    raise NoStudyError(f'this server has started no study "{name}"; read_results reads what is in the folder')
