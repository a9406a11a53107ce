"""The tables and sorted snapshots of a comparison, made from the files of its runs; half-way too, and again at will."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm.runs import failures
from abm.runs.job import RunJob
from abm.runs.store.files import write_bytes
from abm.runs.store.run_file import pictures, unpack
from abm.runs.store.sealed import sealed
from abm.runs.store.tables import EVENT_FIELDS, NAME, labeled, with_units
from abm.scenario.posterior import SETS

_SET = ("set", pa.int32())  # of a study with parameter sets, counted from 1
_ARM = [("arm", NAME), ("replicate", pa.int32()), ("seed", pa.int64())]
SERIES = pa.schema([*_ARM, ("hour", pa.float64()), ("measure", NAME), ("value", pa.float64())])
EVENTS = pa.schema([*_ARM, *EVENT_FIELDS])
RUNS = pa.schema([
    *_ARM, ("id", pa.string()), ("status", NAME), ("seconds", pa.float64()), ("seeded", pa.int32()),
    ("digest", pa.string()), ("peak_infected", pa.float64()),
])  # fmt: skip
FAILURES = pa.schema([*_ARM, ("id", pa.string()), ("traceback", pa.string())])


FACTS = ("seconds", "seeded", "digest", "peak_infected")  # of a run file that go into the table of runs


def gather(folder: Path, jobs: Sequence[RunJob], sets: Sequence[int] = ()) -> pd.DataFrame:
    """Write the tables and sorted snapshots of the runs there are; gives the table of runs.

    Args:
        folder: of the study.
        jobs: its runs; or
        sets: those under parameter sets: the set of each, in a column of tables in a folder of their own.

    Raises:
        OSError: no room, no right to write.
    """
    failed, target = failures.read(folder), folder / SETS if sets else folder
    rows, lost = [], []
    with (
        _growing(target / "series.parquet", _with_set(SERIES, sets)) as series,
        _growing(target / "events.parquet", _with_set(EVENTS, sets)) as events,
    ):
        for at, job in enumerate(jobs):  # one after the other, so that memory does not grow with their number
            labels = _labels(job) | ({"set": sets[at]} if sets else {})
            row = labels | {"status": "missing"}
            if job.is_done:
                run = unpack(job.path)
                series(_long(run.series), labels)
                events(run.events, labels)
                if not sets:
                    sort_snapshots(folder, job)
                row |= {"status": "done"} | {name: run.facts.get(name) for name in FACTS}
            elif job.id in failed:
                row |= {"status": "failed"}
                lost.append(labels | {"traceback": failed[job.id].traceback})
            rows.append(row)
    path = target / "failures.parquet"
    if lost:
        _write_rows(path, lost, _with_set(FAILURES, sets))
    else:
        path.unlink(missing_ok=True)
    return _write_rows(target / "runs.parquet", rows, _with_set(RUNS, sets))


def _with_set(schema: pa.Schema, sets: Sequence[int]) -> pa.Schema:
    return pa.schema([_SET, *schema]) if sets else schema


@contextmanager
def _growing(path: Path, schema: pa.Schema) -> Iterator[Callable[[pa.Table, dict[str, Any]], None]]:
    """A table that grows run by run: call what it gives with the rows of a run and its labels."""
    with sealed(path) as temporary, pq.ParquetWriter(temporary, with_units(schema), compression="zstd") as writer:

        def append(table: pa.Table, labels: dict[str, Any]) -> None:
            writer.write_table(labeled(table, labels, writer.schema))

        yield append


def _long(series: pa.Table) -> pa.Table:
    """Curves as one row per measure and time."""
    hour, *names = series.column_names
    return pa.table({
        "hour": pa.chunked_array([chunk for _ in names for chunk in series[hour].chunks], pa.float64()),
        "measure": pa.DictionaryArray.from_arrays(np.repeat(np.arange(len(names), dtype=np.int32), len(series)), names),
        "value": pa.chunked_array([chunk for name in names for chunk in series[name].chunks], pa.float64()),
    })  # fmt: skip


def sort_snapshots(folder: Path, job: RunJob) -> None:
    """Show the section and the snapshots of a run under its arm and seed.

    Raises:
        OSError: no room, no right to write.
    """
    arm = folder / "snapshots" / job.kind
    place = arm / str(job.seed)
    place.mkdir(parents=True, exist_ok=True)
    for name, content in pictures(job.path).items():
        target = (arm if name == "section.npz" else place) / name
        if not target.exists() or target.read_bytes() != content:
            write_bytes(target, content)


def _write_rows(path: Path, rows: list[dict[str, Any]], schema: pa.Schema) -> pd.DataFrame:
    table = pa.Table.from_pylist(rows, schema=with_units(schema))
    with sealed(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    return table.to_pandas()


def _labels(job: RunJob) -> dict[str, Any]:
    return {"arm": job.kind, "replicate": job.replicate, "seed": job.seed, "id": job.id}
