"""The files of a result folder that go into a capsule, and what is said of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from abm.runs import provenance
from abm.runs.store.files import StorageError
from abm.studies.compare import is_comparison

VERSIONS = "versions.txt"
LEFT_OUT = ("runs", "states", "failed", "study.lock", "progress.json")  # what tables are made of, and what runs leave
DESCRIPTIONS = {
    "series.parquet": "Curves: one row per arm, replicate, time and measure",
    "events.parquet": "Events of cancer cells: one row per event",
    "runs.parquet": "One row per run, with the digest of its final state",
    "failures.parquet": "Runs that failed, with their traceback",
    "summary.md": "The table of the results",
    "summary.csv": "The table of the results, one row per number",
    "summary.json": "The table of the results",
    "README.txt": "Explanation of every file, column and code",
    "provenance.json": "Command, seeds, versions, digest of the source, machine and time",
}
TYPES = {
    ".parquet": "application/vnd.apache.parquet", ".md": "text/markdown", ".csv": "text/csv", ".txt": "text/plain",
    ".json": "application/json", ".toml": "application/toml", ".png": "image/png", ".npz": "application/zip",
}  # fmt: skip


class CapsuleError(ValueError):
    """A folder that cannot become a capsule, or a file that is none or cannot be run again."""


class CapsuleFile(NamedTuple):
    """A file of a capsule: its name in there, whether the runs read it, and what it is."""

    name: str
    is_input: bool
    description: str


def facts_of(folder: Path) -> dict[str, Any]:
    """What is known of a finished comparison or run.

    Raises:
        CapsuleError: there is none, or it is not finished.
    """
    if not is_comparison(folder):
        raise CapsuleError(f'"{folder}" is no result of `embers run` or `embers compare`')
    told = provenance.read(folder)
    if told.get("status") != "complete":
        raise CapsuleError(
            f'"{folder}" is not complete ({told.get("status")}): run the same command again to finish it'
        )
    return told


def files_of(folder: Path) -> list[CapsuleFile]:
    """The files of a result folder, sorted, without what only the runs themselves need.

    Raises:
        StorageError: the folder cannot be read.
    """
    try:
        found = sorted(path for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise StorageError(str(folder), error.strerror or str(error)) from error
    named = [path.relative_to(folder) for path in found]
    kept = [path for path in named if path.parts[0] not in LEFT_OUT and not path.name.startswith(".")]
    return [CapsuleFile(path.as_posix(), path.parts[0] == "scenarios", _description(path)) for path in kept]


def versions_text(told: dict[str, Any]) -> str:
    """The versions with which the runs were made, as pip reads them."""
    versions = dict(told["versions"])
    head = [f"# Python {versions.pop('python', '')}: the versions with which these runs were made", ""]
    lines = [f"{'embers-lung' if name == 'embers' else name}=={one}" for name, one in versions.items()]
    return "\n".join([*head, *lines]) + "\n"


def _description(path: Path) -> str:
    if path.name in DESCRIPTIONS and len(path.parts) == 1:
        return DESCRIPTIONS[path.name]
    first = path.parts[0]
    if first == "scenarios":
        return "Tissue map of a scenario" if path.suffix == ".png" else "A scenario as it was run, with every default"
    return {"figures": "A figure of the results", "snapshots": "The tissue at one time"}.get(first, "A result")
