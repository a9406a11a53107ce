"""Units, meanings and the version of Embers inside Parquet files, so that a table on its own tells them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping

import pyarrow as pa

from abm.model.measures import MEASURES
from abm.runs.provenance import versions

COLUMNS = {
    "hour": ("h", "time since the start"), "seconds": ("s", "time that the run took"),
    "x": ("10 um", "column of the site"), "y": ("10 um", "row of the site"), "il6": ("ng/mL", "IL-6 at the cell"),
    "peak_infected": ("", "largest share of the epithelium infected at a recorded time"),
    "seeded": ("cell", "dormant cells at the start"),
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


def with_measure(field: pa.Field) -> pa.Field:
    """A column that is a measure, with its unit and meaning."""
    item = MEASURES[field.name]
    return field.with_metadata({"unit": item.unit, "meaning": item.meaning})


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
