"""The folder of a study: what is finished, what failed, and how finished runs get into tables.

study.json, design.txt    what is run; a second start must agree with it
design.parquet            one row per planned run
landed/ID.zip             runs that are in no block yet, each landed by one rename
failed/ID.json            runs that failed, with their traceback
runs/, series/, events/   blocks of finished runs as Parquet, series and events by arm
pictures/ID.zip           snapshots, where they are kept
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from abm.runs import failures
from abm.runs.job import Outcome, RunJob
from abm.runs.store.files import sweep_up, write_bytes
from abm.runs.store.folder import DESIGN
from abm.runs.store.run_file import DAMAGE, ENDING, pictures, unpack, zipped
from abm.runs.store.sealed import sealed
from abm.studies.design.study import Study
from abm.studies.sweep.tables import Block, Columns

BLOCK = 256  # runs


class Store:
    """What is on disk of a study, for the one process that runs it."""

    def __init__(self, folder: Path, study: Study, ids: Sequence[str]) -> None:
        """Take stock of a folder; what a kill left half done is finished or removed.

        Args:
            folder: of the study.
            study: what is run.
            ids: addresses of its runs, in their order.
        """
        self.folder, self.study, self.ids = folder, study, ids
        units = {axis.name: axis.unit for axis in study.axes}
        self.columns = Columns(tuple(units), study.kept_measures, units)
        self.damaged = 0  # runs that are lost to a damaged file
        self._arms = [arm.name for arm in study.arms]
        for name in ("landed", "failed"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._sweep_up()
        self._known = {one: run for run, one in enumerate(ids)}
        self.in_blocks = self._read_blocks()
        self.landed = self._read_landed()
        self.failed = {self._known[one] for one in failures.read(folder) if one in self._known}

    @property
    def finished(self) -> int:
        """Runs that are finished."""
        return len(self.in_blocks) + len(self.landed)

    def is_finished(self, run: int) -> bool:
        """Whether a run is on disk."""
        return run in self.in_blocks or run in self.landed

    def landing(self, run: int) -> Path:
        """Where a run lands."""
        return self.folder / "landed" / f"{self.ids[run]}{ENDING}"

    def note(self, job: RunJob, outcome: Outcome) -> None:
        """A run has ended: its block goes into the tables if it was the last of it.

        Raises:
            OSError: no room, no right to write; the runs stay where they landed.
        """
        run = self._known[job.id]
        if outcome.status == "failed":
            self.failed.add(run)  # it is not tried again unless that is asked for
        else:
            self.landed.add(run)
            self.failed.discard(run)
        if self.has_ended(run // BLOCK):
            self.gather(run // BLOCK)

    def row(self, run: int) -> dict[str, Any]:
        """The row of the design of a run."""
        at, replicate = self.study.place(run)
        point = self.study.points[at]
        return {
            "arm": self._arms[point.arm], "run": run, "point": at, "replicate": replicate + 1,
            "seed": self.study.seed + replicate, "id": self.ids[run],
            **dict(zip(self.columns.axes, point.coordinates, strict=True)),
        }  # fmt: skip

    def write_design(self) -> None:
        """Write one row per run."""
        rows = [self.row(run) for run in range(len(self.ids))]
        with sealed(self.folder / DESIGN, lasting=True) as temporary:
            pq.write_table(pa.Table.from_pylist(rows, self.columns.design), temporary, compression="zstd")

    def members(self, block: int) -> range:
        """The runs of a block."""
        return range(block * BLOCK, min((block + 1) * BLOCK, len(self.ids)))

    def has_ended(self, block: int) -> bool:
        """Whether every run of a block is finished or has failed."""
        return all(self.is_finished(run) or run in self.failed for run in self.members(block))

    def gather(self, block: int) -> None:
        """Put the landed runs of a block into its tables.

        Raises:
            OSError: no room, no right to write; the runs stay where they landed.
        """
        new = [run for run in self.members(block) if run in self.landed]
        if not new:
            return
        if self.study.snapshots:
            (self.folder / "pictures").mkdir(exist_ok=True)
            for run in new:
                target = self.folder / "pictures" / self.landing(run).name
                write_bytes(target, zipped(pictures(self.landing(run))), lasting=True)
        tables = (unpack(self.landing(run)) for run in new)
        Block(self.folder, block).add([self.row(run) for run in new], tables, self.columns)
        for run in new:
            self.landed.discard(run)
            self.in_blocks.add(run)
            self.landing(run).unlink(missing_ok=True)

    def gather_ended(self) -> None:
        """Put what has landed into tables wherever a block has ended."""
        for block in sorted({run // BLOCK for run in self.landed}):
            if self.has_ended(block):
                self.gather(block)

    def _sweep_up(self) -> None:
        """Finish blocks that were being written, and remove what was written by processes that were killed."""
        for path in (self.folder / "runs").glob(".block-*.next"):
            Block(self.folder, _number(path)).settle()
        sweep_up(self.folder)
        for folder in ("landed", "failed", "runs", "series", "events", "pictures"):
            for root, _, names in os.walk(self.folder / folder):
                for name in names:
                    if name.startswith("."):
                        (Path(root) / name).unlink(missing_ok=True)

    def _read_blocks(self) -> set[int]:
        found: set[int] = set()
        numbers = {_number(path) for path in self.folder.glob("runs/block-*.parquet")}
        numbers |= {_number(path) for path in self.folder.glob("series/*/block-*.parquet")}
        for number in sorted(numbers):
            block = Block(self.folder, number)
            ids = block.ids()
            if ids is None:
                self.damaged += len([run for run in self.members(number) if not self.landing(run).exists()])
                block.forget()
            else:
                found.update(self._known[one] for one in ids if one in self._known)
        return found

    def _read_landed(self) -> set[int]:
        """Runs that have landed and are whole; what is in a block already goes, what is damaged too."""
        found = set()
        for path in (self.folder / "landed").glob(f"*{ENDING}"):
            run = self._known.get(path.stem)
            if run is None or run in self.in_blocks:
                path.unlink(missing_ok=True)
                continue
            try:
                unpack(path)
            except DAMAGE:
                self.damaged += 1
                path.unlink(missing_ok=True)
            else:
                found.add(run)
        return found


def _number(path: Path) -> int:
    return int(path.name.lstrip(".").removeprefix("block-").partition(".")[0])
