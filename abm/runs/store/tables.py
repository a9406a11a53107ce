"""The shape of result tables, the same for `embers run`, `compare` and `sweep`, with units and meanings inside.

series      one row per run and time: labels, hour, one column per measure
events      one row per event of a cancer cell: labels, hour, kind, cause, uid, parent, clone, x, y, il6
runs        one row per run: labels, id, status, seeded, digest, peak_infected

Labels tell whose a row is: arm, replicate and seed; before these `set` under parameter sets, and in a sweep `run` and
`point`, after them the axes. In Parquet each field has its `unit` and `meaning` as metadata; the schema has the version
of Embers.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm.model.measures import Measure
from abm.runs.provenance import versions
from abm.runs.store.sealed import check

NAME = pa.dictionary(pa.int32(), pa.string())
EVENT_FIELDS = [
    ("hour", pa.float64()), ("kind", NAME), ("cause", NAME), ("uid", pa.int64()), ("parent", pa.int64()),
    ("clone", pa.int32()), ("x", pa.int32()), ("y", pa.int32()), ("il6", pa.float64()),
]  # fmt: skip
Label = tuple[str, pa.DataType]
ARM: list[Label] = [("arm", NAME), ("replicate", pa.int32()), ("seed", pa.int64())]
LABELS = ("set", "run", "point", "arm", "replicate", "seed")  # of rows, in all tables
FACTS: list[Label] = [("seeded", pa.int32()), ("digest", pa.string()), ("peak_infected", pa.float64())]
COLUMNS = {
    "arm": ("", "name of the scenario"), "replicate": ("", "number of the replicate, from 1"),
    "seed": ("", "of chance; twins have the same"), "set": ("", "number of the parameter set, from 1"),
    "run": ("", "number of the run"), "point": ("", "number of the arm with values of the axes"),
    "id": ("", "address of the run: scenario, seed, source and versions"),
    "status": ("", "done, failed or missing"), "kind": ("", "kind of event"), "cause": ("", "of the last awakening"),
    "uid": ("", "identity of the cell"), "parent": ("", "identity of the parent, 0 of a founder"),
    "clone": ("", "number of the founder"), "digest": ("", "equal where runs ended in the same state, bit for bit"),
    "traceback": ("", "why the run failed"),
    "hour": ("h", "time since the start"), "seconds": ("s", "time that the run took"),
    "x": ("10 um", "column of the site"), "y": ("10 um", "row of the site"), "il6": ("ng/mL", "IL-6 at the cell"),
    "peak_infected": ("", "largest share of the epithelium infected at a recorded time"),
    "seeded": ("cell", "dormant cells at the start"),
}  # fmt: skip


def with_units(schema: pa.Schema, units: Mapping[str, str] | None = None) -> pa.Schema:
    """The schema with unit and meaning of each column that is known, and with the version as a whole.

    Args:
        schema: of a table.
        units: of columns that only this table has.
    """
    fields = [_told(field, units or {}) for field in schema]
    return pa.schema(fields, metadata={**(schema.metadata or {}), "embers": _embers()})


def told_of(measures: Mapping[str, Measure]) -> dict[str, dict[str, str]]:
    """Unit and meaning of each measure, by name."""
    return {name: {"unit": one.unit, "meaning": one.meaning} for name, one in measures.items()}


def series_schema(
    labels: Sequence[Label], measures: Mapping[str, Mapping[str, str]], units: Mapping[str, str] | None = None
) -> pa.Schema:
    """Columns of curves, one row per run and time.

    Args:
        labels: which tell whose a row is.
        measures: unit and meaning of each, by name.
        units: of labels that only this table has.
    """
    curves = [pa.field(name, pa.float64(), metadata=dict(told)) for name, told in measures.items()]
    return with_units(pa.schema([*labels, ("hour", pa.float64()), *curves]), units)


def events_schema(labels: Sequence[Label], units: Mapping[str, str] | None = None) -> pa.Schema:
    """Columns of events, one row per event."""
    return with_units(pa.schema([*labels, *EVENT_FIELDS]), units)


def measures_of(columns: Iterable[str]) -> list[str]:
    """The measures among the columns of a table of curves that has no axes."""
    return [name for name in columns if name not in (*LABELS, "hour")]


def units_in(schema: pa.Schema) -> dict[str, dict[str, str]]:
    """Unit and meaning of each column, as the table itself tells."""
    found = {}
    for field in schema:
        told = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        found[field.name] = {"unit": told.get("unit", ""), "meaning": told.get("meaning", "")}
    return found


def read_series(path: Path, measures: Sequence[str] | None = None, filters: Any = None) -> pd.DataFrame:
    """Curves from a Parquet file: labels, hour, and a column per measure.

    Args:
        path: of the file.
        measures: columns to read; those that are not there are left out. None: all.
        filters: of rows, as `pandas.read_parquet` takes them.

    Raises:
        DamagedError: it is not what was written.
        OSError: there is none.
    """
    check(path)
    there = pq.read_schema(path).names
    if "measure" in there:  # an older version wrote one row per measure and time
        return _widened(pd.read_parquet(path, filters=filters), measures)
    wanted = None if measures is None else [one for one in there if one in (*LABELS, "hour", *measures)]
    return pd.read_parquet(path, columns=wanted, filters=filters)


def _widened(long: pd.DataFrame, measures: Sequence[str] | None) -> pd.DataFrame:
    keys = [name for name in long if name in (*LABELS, "hour")]
    names = list(dict.fromkeys(long["measure"].astype(str)))
    wide = long.pivot_table("value", index=keys, columns="measure", observed=True)
    wide.columns = wide.columns.astype(str).rename(None)
    return wide[[one for one in names if measures is None or one in measures]].reset_index()


def labeled(table: pa.Table, labels: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """A table of one run with its labels in the columns of the schema, which are empty where it has neither."""
    given = dict(zip(table.column_names, table.columns, strict=True))
    columns = [
        as_type(given[one.name], one.type)
        if one.name in given
        else _repeated(labels.get(one.name), one.type, table.num_rows)
        for one in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _repeated(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    return pa.nulls(count, kind) if value is None else pa.repeat(pa.scalar(value, kind), count)


def as_type(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """The same column, of this type; names become a dictionary."""
    if column.type == kind:
        return column
    if pa.types.is_dictionary(kind):
        return column.cast(pa.string()).dictionary_encode().cast(kind)
    return column.cast(kind)


@functools.cache
def _embers() -> str:
    return versions()["embers"]


def _told(field: pa.Field, units: Mapping[str, str]) -> pa.Field:
    if field.metadata:
        return field
    if field.name in units:
        return field.with_metadata({"unit": units[field.name]})
    if field.name in COLUMNS:
        unit, meaning = COLUMNS[field.name]
        return field.with_metadata({"unit": unit, "meaning": meaning})
    return field
