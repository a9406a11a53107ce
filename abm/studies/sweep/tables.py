"""The tables of a study on disk: their columns, and blocks of them made from finished runs.

A block is a fixed stretch of runs in the order of the design. When every run of it has ended, its run files become one
file of each table (and arm); what is in a block depends only on which of its runs are finished, so a study that was
interrupted ends with the same bytes as one that was not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from abm.runs.store.run_file import RunTables
from abm.runs.store.sealed import DamagedError, check, sealed
from abm.runs.store.tables import FACTS as FACT_FIELDS
from abm.runs.store.tables import NAME, Label, as_type, events_schema, labeled, series_schema, with_units

FACTS = tuple(name for name, _ in FACT_FIELDS)  # of a run file that go into the table of runs
GROUP = 1 << 17  # rows from which on a row group is written
SISTERS = b"files"  # in the metadata of a block of runs: the sizes of the files of its other tables


@dataclass(frozen=True)
class Columns:
    """Which columns the tables of a study have.

    Attributes:
        axes: their names. measures: unit and meaning of each, by name. units: of the axes, by name.
    """

    axes: tuple[str, ...]
    measures: Mapping[str, Mapping[str, str]]
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> list[Label]:
        """What every row of every table begins with."""
        label = [("run", pa.int32()), ("point", pa.int32()), ("replicate", pa.int32()), ("seed", pa.int64())]
        return [*label, *((axis, pa.float64()) for axis in self.axes)]

    @property
    def design(self) -> pa.Schema:
        """One row per planned run."""
        return with_units(pa.schema([("arm", NAME), *self.labels, ("id", pa.string())]), self.units)

    @property
    def runs(self) -> pa.Schema:
        """One row a finished run."""
        return with_units(pa.schema([*self.design, *FACT_FIELDS]), self.units)

    @property
    def series(self) -> pa.Schema:
        """One row per run and time; the folder names the arm."""
        return series_schema(self.labels, self.measures, self.units)

    @property
    def events(self) -> pa.Schema:
        """One row an event; the arm is told by the folder."""
        return events_schema(self.labels, self.units)


def partition(arm: str) -> str:
    """Name of the folder of an arm: as readers of partitioned Parquet decode it, whatever the name of the arm."""
    return f"arm={quote(arm, safe='')}"


def arm_of(path: Path) -> str:
    """The arm of a file in such a folder."""
    return unquote(path.parent.name.removeprefix("arm="))


@dataclass(frozen=True)
class Block:
    """The files of one block.

    Attributes:
        folder: of the study. number: of the block.
    """

    folder: Path
    number: int

    @property
    def runs(self) -> Path:
        """The table of its runs: written last, so that where it is the block is whole."""
        return self.folder / "runs" / self._name

    @property
    def _name(self) -> str:
        return f"block-{self.number:06d}.parquet"

    def table(self, name: str, arm: str) -> Path:
        """The file of the series or the events of one arm."""
        return self.folder / name / partition(arm) / self._name

    def ids(self) -> list[str] | None:
        """Addresses of the runs in it; None if it is not there, or a file of it is missing or damaged."""
        try:
            check(self.runs)
            sisters = json.loads((pq.read_schema(self.runs).metadata or {})[SISTERS])
            if any((self.folder / path).stat().st_size != size for path, size in sisters.items()):
                return None
            for path in sisters:
                check(self.folder / path)
            return pq.read_table(self.runs, columns=["id"])["id"].to_pylist()
        except (OSError, ValueError, KeyError, DamagedError):
            return None

    def forget(self) -> None:
        """Remove it."""
        self.runs.unlink(missing_ok=True)
        for path in self._sisters():
            path.unlink()

    def add(self, rows: Sequence[Mapping[str, Any]], tables: Iterable[RunTables], columns: Columns) -> None:
        """Write it with these runs and those it has, in the order of the design.

        The new files stand beside the old ones until all are there; a kill leaves the old or the new block, or what
        `settle` makes the new one of.

        Args:
            rows: their rows of the design, in its order.
            tables: what they gave; only one is held at a time, so that memory does not grow with their number.
            columns: of the study.

        Raises:
            OSError: no room, no right to write.
        """
        schemas = {"series": columns.series, "events": columns.events}
        facts = []
        with ExitStack() as stack:
            growing = {
                (name, arm): stack.enter_context(_growing(self.table(name, arm), schema))
                for arm in dict.fromkeys(row["arm"] for row in rows)
                for name, schema in schemas.items()
            }
            for row, table in zip(rows, tables, strict=True):
                for name, schema in schemas.items():
                    growing[name, row["arm"]].put(labeled(getattr(table, name), row, schema), row["run"])
                facts.append(dict(row) | {key: table.facts.get(key) for key in FACTS})
        sizes = {self._told(path): path.stat().st_size for path in self._sisters()}
        sizes |= {self._told(path): _next(path).stat().st_size for path in self._waiting()}
        told = {SISTERS: json.dumps(sizes, sort_keys=True).encode()}
        schema = columns.runs.with_metadata({**(columns.runs.metadata or {}), **told})
        with _growing(self.runs, schema) as whole:
            for fact in facts:
                whole.put(pa.Table.from_pylist([fact], columns.runs), fact["run"])
        self.settle()

    def settle(self) -> None:
        """Finish what was begun: new files that are all there take their places, others go."""
        whole = _next(self.runs).exists()
        for path in [*self._waiting(), *([self.runs] if whole else [])]:
            if whole:
                _next(path).replace(path)
            else:
                _next(path).unlink()

    def _sisters(self) -> list[Path]:
        """The files of its series and events."""
        return sorted(
            path for name in ("series", "events") for path in (self.folder / name).glob(f"arm=*/{self._name}")
        )

    def _waiting(self) -> list[Path]:
        """Those of which a new one is there."""
        found = [
            path
            for name in ("series", "events")
            for path in (self.folder / name).glob(f"arm=*/{_next(self.runs).name}")
        ]
        return sorted(path.with_name(self._name) for path in found)

    def _told(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def _next(path: Path) -> Path:
    """Where the file that will replace this one stands until then."""
    return path.with_name(f".{path.name}.next")


class _Growing:
    """A file with the runs that another one has and with new ones, in the order of the design, row group by row group.

    Where a row group ends depends on the runs alone, so the same runs give the same bytes however they came together.
    """

    def __init__(self, writer: pq.ParquetWriter, before: Iterator[tuple[int, pa.Table]]) -> None:
        self._writer, self._before = writer, before
        self._next = next(before, None)
        self._waiting: list[pa.Table] = []
        self._rows = 0  # of what is waiting

    def put(self, table: pa.Table, run: int) -> None:
        """The rows of a new run; runs rise."""
        while self._next is not None and self._next[0] < run:
            self._append(self._next[1])
            self._next = next(self._before, None)
        self._append(table)

    def end(self) -> None:
        """Write what is left."""
        while self._next is not None:
            self._append(self._next[1])
            self._next = next(self._before, None)
        self._flush()

    def _append(self, table: pa.Table) -> None:
        self._waiting.append(table.replace_schema_metadata())
        self._rows += table.num_rows
        if self._rows >= GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            whole = _named_in_order(pa.concat_tables(self._waiting))
            self._writer.write_table(whole.cast(self._writer.schema), row_group_size=whole.num_rows or None)
            self._waiting, self._rows = [], 0


@contextmanager
def _growing(path: Path, schema: pa.Schema) -> Iterator[_Growing]:
    """What will replace this file, beside it, with all that it has; it is there when the block of code ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        sealed(_next(path), lasting=True) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        growing = _Growing(writer, _runs_of(path))
        yield growing
        growing.end()


def _runs_of(path: Path) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each run in a file, if it is there, one after the other: a run is within one row group."""
    if not path.exists():
        return
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            group = file.read_row_group(number)
            runs = group["run"].to_numpy()
            ends = [*(np.flatnonzero(np.diff(runs)) + 1).tolist(), len(runs)]
            for begin, end in pairwise([0, *ends]):
                if end > begin:
                    yield int(runs[begin]), group.slice(begin, end - begin)


def _named_in_order(table: pa.Table) -> pa.Table:
    """The same, names of each dictionary in the order in which they come, so that equal rows give equal bytes."""
    for at, one in enumerate(table.schema):
        if pa.types.is_dictionary(one.type):
            table = table.set_column(at, one, as_type(table[one.name].cast(pa.string()), one.type))
    return table.combine_chunks()
