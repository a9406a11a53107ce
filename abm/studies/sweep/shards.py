"""Shards: a study run in parts by processes that do not know of each other, such as the tasks of a job array.

Each shard runs every N-th point, in a folder of its own within that of the study, so that no two processes write to one
folder. The study run without a shard collects what they have finished and runs the rest.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from abm.runs.store.folder import DESIGN, SHARDS, TEXT, StudyChangedError, differences, has_runs, shards_in
from abm.runs.store.lock import held
from abm.runs.store.run_file import ENDING
from abm.studies.design.inputs import FOLDER
from abm.studies.design.study import Study

MOST = 100_000
_WRITTEN = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True)
class Shard:
    """One of several parts of a study.

    Attributes:
        number: which one, from 1. count: how many there are.
    """

    number: int
    count: int

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"{self.number}-of-{self.count}"

    def runs_of(self, study: Study) -> list[int]:
        """The runs of its points, in the order of the study: all replicates of every `count`-th point."""
        return [run for run in range(study.total) if study.place(run)[0] % self.count == self.number - 1]


def read_shard(text: str) -> Shard | None:
    """The shard that an option names, such as "3/100"; None for "1/1", which is the whole study.

    Raises:
        ValueError: it names none.
    """
    found = _WRITTEN.fullmatch(text.strip())
    number, count = (int(part) for part in found.groups()) if found else (0, 0)
    if not 1 <= number <= count <= MOST:
        allowed = f"I/N with I from 1 to N, and N up to {MOST:,}, such as 3/100"
        raise ValueError(f'"{text}" is no shard; allowed: {allowed}')
    return None if count == 1 else Shard(number, count)


def refuse_another(folder: Path, text: str) -> None:
    """Refuse a folder that holds runs of another study.

    Args:
        folder: of the study.
        text: all that is run.

    Raises:
        StudyChangedError: it does.
    """
    path = folder / TEXT
    before = path.read_text(encoding="utf-8", errors="replace") if path.exists() else text
    if before != text and has_runs(folder):
        raise StudyChangedError(str(folder), differences(before, text))


def publish(shard: Path, folder: Path) -> None:
    """Put what describes the study from the folder of a shard into that of the study, where it is not yet.

    Each file gets there by one rename from the folder of this shard, so that shards on several machines do not disturb
    each other.

    Raises:
        OSError: no room, no right to write.
    """
    inputs = [path for path in sorted((shard / FOLDER).rglob("*")) if path.is_file()]
    for path in [*inputs, shard / "study.json", shard / "README.txt", shard / TEXT, shard / DESIGN]:
        target = folder / path.relative_to(shard)
        if not target.is_file() or target.read_bytes() != path.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = shard / ".copy"
            shutil.copyfile(path, copy)
            copy.replace(target)


def finished_ids(folder: Path) -> set[str]:
    """Addresses of the runs of a study that are finished, in its tables or in any shard."""
    import pyarrow.parquet as pq

    blocks = (
        pq.read_table(path, columns=["id"])["id"].to_pylist() for path in (folder / "runs").glob("block-*.parquet")
    )
    return {one for ids in blocks for one in ids} | {path.stem for path in landed(folder)}


def landed(folder: Path) -> list[Path]:
    """Files of finished runs that are in no table yet, of a study and of its shards."""
    return [path for one in (folder, *shards_in(folder)) for path in sorted((one / "landed").glob(f"*{ENDING}"))]


def collect(folder: Path) -> int:
    """Take over what shards have finished, and remove their folders; returns how many runs that were.

    Each file comes by one rename, so that a kill loses nothing.

    Raises:
        StudyBusyError: a shard is being run.
        OSError: no room, no right to write.
    """
    count = 0
    for shard in shards_in(folder):
        with held(shard):
            for name in ("landed", "failed"):
                (folder / name).mkdir(parents=True, exist_ok=True)
                for path in sorted((shard / name).glob("[!.]*")):
                    path.replace(folder / name / path.name)
                    count += path.suffix == ENDING
        shutil.rmtree(shard)
    if (folder / SHARDS).is_dir():
        (folder / SHARDS).rmdir()
    return count
