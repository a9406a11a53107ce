"""The tables and sorted snapshots of a comparison, made from the files of its runs; half-way too, and again at will."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm.model.measures import measures_in
from abm.runs import failures
from abm.runs.job import RunJob
from abm.runs.store.files import write_bytes
from abm.runs.store.run_file import pictures, unpack
from abm.runs.store.sealed import sealed
from abm.runs.store.snapshot_file import SECTION
from abm.runs.store.tables import ARM, NAME, events_schema, labeled, series_schema, told_of, with_units
from abm.runs.store.tables import FACTS as FACT_FIELDS
from abm.scenario.posterior import SETS

_SET = ("set", pa.int32())  # of a study with parameter sets, counted from 1
RUNS = pa.schema([*ARM, ("id", pa.string()), ("status", NAME), ("seconds", pa.float64()), *FACT_FIELDS])
FAILURES = pa.schema([*ARM, ("id", pa.string()), ("traceback", pa.string())])
GROUP = 1 << 15  # rows from which on a row group is written
FACTS = ("seconds", *(name for name, _ in FACT_FIELDS))  # of a run file that go into the table of runs


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
    own = [_SET, *ARM] if sets else ARM
    measures = told_of(measures_in({job.kind: job.scenario for job in jobs}.values()))
    with (
        _growing(target / "series.parquet", series_schema(own, measures)) as series,
        _growing(target / "events.parquet", events_schema(own)) as events,
    ):
        for at, job in enumerate(jobs):  # one after the other, so that memory does not grow with their number
            labels = _labels(job) | ({"set": sets[at]} if sets else {})
            row = labels | {"status": "missing"}
            if job.is_done:
                run = unpack(job.path)
                series(run.series, labels)
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
    waiting: list[pa.Table] = []

    with sealed(path) as temporary, pq.ParquetWriter(temporary, schema, compression="zstd") as writer:

        def flush() -> None:
            if waiting:
                writer.write_table(pa.concat_tables(waiting).unify_dictionaries())
                waiting.clear()

        def append(table: pa.Table, labels: dict[str, Any]) -> None:
            waiting.append(labeled(table, labels, writer.schema))
            if sum(one.num_rows for one in waiting) >= GROUP:
                flush()

        yield append
        flush()


def sort_snapshots(folder: Path, job: RunJob) -> None:
    """Show the section and the snapshots of a run under its arm and seed.

    Raises:
        OSError: no room, no right to write.
    """
    arm = folder / "snapshots" / job.kind
    place = arm / str(job.seed)
    place.mkdir(parents=True, exist_ok=True)
    for name, content in pictures(job.path).items():
        target = (arm if name == SECTION else place) / name
        if not target.exists() or target.read_bytes() != content:
            write_bytes(target, content)


def _write_rows(path: Path, rows: list[dict[str, Any]], schema: pa.Schema) -> pd.DataFrame:
    table = pa.Table.from_pylist(rows, schema=with_units(schema))
    with sealed(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    return table.to_pandas()


def _labels(job: RunJob) -> dict[str, Any]:
    return {"arm": job.kind, "replicate": job.replicate, "seed": job.seed, "id": job.id}
