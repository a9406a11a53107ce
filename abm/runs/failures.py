"""Jobs that failed: one file each in `failed/` of the folder of results, with what was recorded until then as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from abm.runs.job import Job, Outcome
from abm.runs.store.files import write_text
from abm.runs.store.sealed import DamagedError, as_text, read_text

FOLDER = "failed"


class Failure(NamedTuple):
    """A job that failed: what people call it, and its traceback."""

    name: str
    traceback: str

    @property
    def reason(self) -> str:
        """The last line of the traceback."""
        return (self.traceback.strip().splitlines() or ["nothing is known of why"])[-1]

    @property
    def line(self) -> str:
        """The failure in one line."""
        return f"FAILED: {self.name}: {self.reason}"


def note(folder: Path, job: Job, outcome: Outcome) -> None:
    """Write down that a job failed, or forget that it did so before.

    Raises:
        OSError: no room, no right to write.
    """
    path = folder / FOLDER / f"{job.path.stem}.json"
    recorded = path.with_suffix(".csv")
    if outcome.status != "failed":
        path.unlink(missing_ok=True)
        recorded.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if outcome.recorded:
        write_text(recorded, outcome.recorded)
    told = {"id": path.stem, "name": job.name, "traceback": outcome.detail}
    write_text(path, as_text(told, indent=1))


def read(folder: Path) -> dict[str, Failure]:
    """The failures that are written down in a folder of results, by address; a damaged one counts for nothing."""
    found = {}
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            told = read_text(path)
        except DamagedError:
            continue
        found[path.stem] = Failure(told.get("name", path.stem), told["traceback"])
    return found
