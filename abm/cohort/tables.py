"""The tables of a cohort: their columns, with types, units and meanings, and the files that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from abm.runs.store.sealed import sealed

CHUNK = 500  # patients written at once
_TEXT, _WHOLE, _YES, _NUMBER, _LIST = pa.string(), pa.int64(), pa.bool_(), pa.float64(), pa.list_(pa.float64())
Column = tuple[str, pa.DataType, str, str]  # name, type, unit, meaning

PATIENTS: tuple[Column, ...] = (
    ("number", _WHOLE, "", "of the patient, from 1"),
    ("age", _NUMBER, "years", "at the start of follow-up"),
    ("female", _YES, "", "sex"),
    ("comorbidity", _NUMBER, "", "other diseases"),
    ("burden", _NUMBER, "cell", "dormant cells in the lung at the start"),
    ("since_diagnosis", _NUMBER, "years", "time from the diagnosis to the start"),
    ("immunity", _NUMBER, "", "strength of T cells, 1 is usual"),
    ("virus", _TEXT, "", "of the infections"),
    ("variant", _TEXT, "", "of SARS-CoV-2; empty for the original one"),
    ("dose", _NUMBER, "", "of virus, relative to the usual inoculum"),
    ("reach", _NUMBER, "", "share of the lung that an infection reaches under usual care"),
    ("infections", _WHOLE, "", "number of exposures"),
    ("first_infection", _NUMBER, "month", "of follow-up; missing without infection"),
    ("growth", _NUMBER, "1/month", "rate of Gompertz growth of lesions"),
    ("loss", _NUMBER, "1/month", "of dormant cells at rest"),
    ("admitted", _YES, "", "whether the reach leads to admission"),
    ("vaccinated", _YES, "", "under usual care"),
    ("treated", _YES, "", "whether the patient receives the antiviral of usual care"),
    ("exposures", _WHOLE, "", "sections drawn until the infection established in each"),
)
ARMS: tuple[Column, ...] = (
    ("number", _WHOLE, "", "of the patient"),
    ("arm", _TEXT, "", "name"),
    ("turn", _WHOLE, "", "number of the random draw, from 0; same random numbers in all arms"),
    ("escaped", _NUMBER, "month", "first escape of a lesion, before 0 for one that grows at the start"),
    ("occult", _WHOLE, "", "undetected growing lesions at the start"),
    ("lesions", _WHOLE, "", "lesions in all"),
    ("visible", _NUMBER, "month", "when a scan could first detect a lesion"),
    ("last_clear", _NUMBER, "month", "last clear scan in life; 0 without one"),
    ("found", _NUMBER, "month", "when a metastasis is found; missing if not within follow-up"),
    ("by_scan", _YES, "", "whether a scan found it"),
    ("size", _NUMBER, "mm", "diameter of the largest lesion then"),
    ("died", _NUMBER, "month", "missing for survivors"),
    ("cause", _TEXT, "", "of death: cancer, infection, treatment, other"),
    ("recorded", _TEXT, "", "cause of death as a registry records it"),
    ("harmed", _YES, "", "whether the treatment caused a serious infection"),
    ("scans", _WHOLE, "", "scans in life"),
)
COURSES: tuple[Column, ...] = (
    ("number", _WHOLE, "", "of the patient"),
    ("arm", _TEXT, "", "name"),
    ("infected", _YES, "", "whether an infection established"),
    ("reach", _NUMBER, "", "share of the lung that infections reach in this arm"),
    ("infection_death", _NUMBER, "", "probability of death from an infection in this arm"),
    ("most_cells", _NUMBER, "", "most cancer cells per seeded cell"),
    ("last_cells", _NUMBER, "", "cancer cells per seeded cell at the end"),
    ("awake_hours", _NUMBER, "h", "cell-hours of proliferation per seeded cell"),
    ("most_infected", _NUMBER, "", "highest share of the epithelium infected"),
    ("section_hours", _LIST, "h", "times of the next three columns; linear in between"),
    ("section_awake_hours", _LIST, "h", "cell-hours of proliferation per seeded cell up to then"),
    ("section_clones", _LIST, "cell", "cells of the clone of a proliferating cell; 0 if none proliferates"),
    ("section_gained", _LIST, "h", "hours of growth that a growing lesion has gained up to then"),
    ("section_killing", _NUMBER, "", "-ln of the share of its outermost cells that survives"),
)
COLUMNS = {"patients": PATIENTS, "arms": ARMS, "courses": COURSES}


def write_tables(folder: Path, patients: Iterable[dict[str, Any]]) -> int:
    """Write the tables of finished patients, some hundred at a time; return the number of patients.

    Args:
        folder: of the cohort.
        patients: each with its `person`, and rows of `arms` and `courses`.

    Raises:
        OSError: the disk is full or not writable.
    """
    count, waiting = 0, []
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(pq.ParquetWriter(
                stack.enter_context(sealed(folder / f"{name}.parquet")), _schema(columns), compression="zstd"
            ))
            for name, columns in COLUMNS.items()
        }  # fmt: skip
        for patient in patients:
            waiting.append(patient)
            count += 1
            if len(waiting) == CHUNK:
                _write(files, waiting)
                waiting = []
        _write(files, waiting)
    return count


def _schema(columns: tuple[Column, ...]) -> pa.Schema:
    return pa.schema([
        pa.field(name, kind, metadata={"unit": unit, "meaning": meaning}) for name, kind, unit, meaning in columns
    ])  # fmt: skip


def _write(files: dict[str, pq.ParquetWriter], patients: list[dict[str, Any]]) -> None:
    rows = {
        "patients": [patient["person"] for patient in patients],
        "arms": [row for patient in patients for row in patient["arms"]],
        "courses": [row for patient in patients for row in patient["courses"]],
    }
    for name, file in files.items():
        file.write_table(pa.Table.from_pylist(rows[name], schema=_schema(COLUMNS[name])))
