"""Tables of many runs: whose each row is, and units, meanings and the version of Embers, which a table itself tells."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from abm.model.measures import MEASURES
from abm.runs.provenance import versions

NAME = pa.dictionary(pa.int32(), pa.string())
EVENT_FIELDS = [
    ("hour", pa.float64()), ("kind", NAME), ("cause", NAME), ("uid", pa.int64()), ("parent", pa.int64()),
    ("clone", pa.int32()), ("x", pa.int32()), ("y", pa.int32()), ("il6", pa.float64()),
]  # fmt: skip
COLUMNS = {  # unit and meaning of every column that is no axis and no measure
    "arm": ("", "name of the scenario"), "replicate": ("", "number of the twin, from 1"),
    "seed": ("", "random seed; equal in all arms of a replicate"),
    "set": ("", "parameter set, from 1; 0: the defaults"),
    "run": ("", "number of the run in the order of the study, from 0"),
    "point": ("", "number of the arm with its values of the axes, from 0"),
    "id": ("", "address: scenario, seed, source and versions; equal addresses have equal results"),
    "hour": ("h", "time since the start"), "measure": ("", "name of the measure"),
    "value": ("", "in the unit of the measure"),
    "kind": ("", "what happened to the cancer cell"), "cause": ("", "of its last awakening"),
    "uid": ("", "number of the cell, unique in the run"), "parent": ("", "number of the cell that it came from"),
    "clone": ("", "number of the seeded cell that it descends from"),
    "x": ("10 um", "column of the site"), "y": ("10 um", "row of the site"), "il6": ("ng/mL", "IL-6 at the cell"),
    "status": ("", "done, failed or missing"), "seconds": ("s", "time that the run took"),
    "seeded": ("cell", "dormant cells at the start"),
    "digest": ("", "of the final state; equal if and only if two runs ended in the same state, bit for bit"),
    "peak_infected": ("", "largest share of the epithelium infected at a recorded time"),
    "traceback": ("", "what the failed run reported"),
}  # fmt: skip


def with_units(schema: pa.Schema, units: Mapping[str, str] | None = None) -> pa.Schema:
    """The schema with unit and meaning of each column that is known, and with version and measures as a whole.

    Args:
        schema: of a table.
        units: of columns that only this table has.
    """
    fields = [_told(field, units or {}) for field in schema]
    measures = {item.name: item.unit for item in MEASURES.values()}
    whole = {"embers": _embers(), "units_of_measures": json.dumps(measures)}
    return pa.schema(fields, metadata={**(schema.metadata or {}), **whole})


def labeled(table: pa.Table, labels: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """A table of one run with its labels, which tell whose it is, in the columns of the schema."""
    given = dict(zip(table.column_names, table.columns, strict=True))
    columns = [
        as_type(given[one.name], one.type)
        if one.name in given
        else _repeated(labels[one.name], one.type, table.num_rows)
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
