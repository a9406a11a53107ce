"""The tables of a study on disk: their columns, and blocks of them made from finished runs.

A block is a fixed stretch of runs in the order of the design. When every run of it has ended, its run files become one
file of each table (and arm); what is in a block depends only on which of its runs are finished, so a study that was
interrupted ends with the same bytes as one that was not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from abm.study.folder import atomic
from abm.sweep.run_file import RunTables

NAME = pa.dictionary(pa.int32(), pa.string())
EVENT_FIELDS = [
    ("hour", pa.float64()), ("kind", NAME), ("cause", NAME), ("uid", pa.int64()), ("parent", pa.int64()),
    ("clone", pa.int32()), ("x", pa.int32()), ("y", pa.int32()), ("il6", pa.float64()),
]  # fmt: skip
SISTERS = b"files"  # in the metadata of a block of runs: the sizes of the files of its other tables


@dataclass(frozen=True)
class Columns:
    """Which columns the tables of a study have.

    Attributes:
        axes, measures: their names.
    """

    axes: tuple[str, ...]
    measures: tuple[str, ...]

    @property
    def labels(self) -> list[tuple[str, pa.DataType]]:
        """What every row of every table begins with."""
        label = [("run", pa.int32()), ("point", pa.int32()), ("replicate", pa.int32()), ("seed", pa.int64())]
        return [*label, *((axis, pa.float64()) for axis in self.axes)]

    @property
    def design(self) -> pa.Schema:
        """One row a run that there is to be."""
        return pa.schema([("arm", NAME), *self.labels, ("id", pa.string())])

    @property
    def runs(self) -> pa.Schema:
        """One row a finished run."""
        return pa.schema([*self.design, ("seeded", pa.int32()), ("digest", pa.string())])

    @property
    def series(self) -> pa.Schema:
        """One row a run and time; the arm is told by the folder."""
        return pa.schema([*self.labels, ("hour", pa.float64()), *((name, pa.float64()) for name in self.measures)])

    @property
    def events(self) -> pa.Schema:
        """One row an event; the arm is told by the folder."""
        return pa.schema([*self.labels, *EVENT_FIELDS])


def labeled(table: pa.Table, row: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """A table of one run with the labels of its row of the design, in the columns of the schema."""
    columns = []
    for field in schema:
        if field.name in table.column_names:
            columns.append(_as(table[field.name], field.type))
        else:
            columns.append(pa.chunked_array([_repeated(row[field.name], field.type, table.num_rows)]))
    return pa.Table.from_arrays(columns, schema=schema)


def _repeated(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    return pa.nulls(count, kind) if value is None else pa.repeat(pa.scalar(value, kind), count)


def _as(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_dictionary(kind) and column.type != kind:
        return column.cast(pa.string()).dictionary_encode().cast(kind)
    return column.cast(kind)


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
        return self.folder / name / f"arm={arm}" / self._name

    def ids(self) -> list[str] | None:
        """Addresses of the runs in it; None if it is not there, or a file of it is missing or cut short."""
        try:
            sisters = json.loads((pq.read_schema(self.runs).metadata or {})[SISTERS])
            if any((self.folder / path).stat().st_size != size for path, size in sisters.items()):
                return None
            return pq.read_table(self.runs, columns=["id"])["id"].to_pylist()
        except (OSError, ValueError, KeyError):
            return None

    def forget(self) -> None:
        """Remove it."""
        self.runs.unlink(missing_ok=True)
        for path in self._sisters():
            path.unlink()

    def add(self, rows: Sequence[Mapping[str, Any]], tables: Sequence[RunTables], columns: Columns) -> None:
        """Write it with these runs and those it has, in the order of the design.

        The new files stand beside the old ones until all are there; a kill leaves the old or the new block, or what
        `settle` makes the new one of.

        Args:
            rows: their rows of the design.
            tables: what they gave.
            columns: of the study.

        Raises:
            OSError: no room, no right to write.
        """
        for arm in dict.fromkeys(row["arm"] for row in rows):
            own = [at for at, row in enumerate(rows) if row["arm"] == arm]
            for name, schema in (("series", columns.series), ("events", columns.events)):
                parts = [labeled(getattr(tables[at], name), rows[at], schema) for at in own]
                _write(self.table(name, arm), parts, schema)
        sizes = {self._told(path): path.stat().st_size for path in self._sisters()}
        sizes |= {self._told(path): _next(path).stat().st_size for path in self._waiting()}
        facts = [
            dict(row) | {key: table.facts[key] for key in ("seeded", "digest")}
            for row, table in zip(rows, tables, strict=True)
        ]
        schema = columns.runs.with_metadata({SISTERS: json.dumps(sizes, sort_keys=True).encode()})
        _write(self.runs, [pa.Table.from_pylist(facts, columns.runs)], schema)
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


def _write(path: Path, parts: list[pa.Table], schema: pa.Schema) -> None:
    """Write these rows, and those that the file has, beside it."""
    if path.exists():
        parts = [pq.read_table(path, partitioning=None).cast(schema.remove_metadata()), *parts]
    whole = pa.concat_tables([part.replace_schema_metadata() for part in parts])
    order = pc.sort_indices(whole["run"])  # stable: rows of a run stay in their order
    whole = _named_in_order(whole.take(order)).replace_schema_metadata(schema.metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(_next(path), lasting=True) as temporary:
        pq.write_table(whole, temporary, compression="zstd", row_group_size=1 << 20)


def _named_in_order(table: pa.Table) -> pa.Table:
    """The same, names of each dictionary in the order in which they come, so that equal rows give equal bytes."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(at, field, _as(table[field.name].cast(pa.string()), field.type))
    return table.combine_chunks()
