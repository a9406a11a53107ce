"""What is written: each run by itself as it ends, then the tables of the whole study, made from the runs.

`runs/<id>/` is the record. It lands by one rename, so it is there as a whole or not at all. Everything else (the
tables, the snapshots sorted by arm) is drawn from it and can be drawn again at any time, also half-way.
"""

from __future__ import annotations

import filecmp
import io
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm.runs.files import atomic, write_text
from abm.runs.run_one import Frames, Job
from abm.runs.sealed import as_text, read_text, sealed, sums
from abm.runs.table_units import with_units

HOURS_PER_DAY = 24.0
NAME = pa.dictionary(pa.int32(), pa.string())
_ARM = [("arm", NAME), ("replicate", pa.int32()), ("seed", pa.int64())]
SERIES = pa.schema([*_ARM, ("hour", pa.float64()), ("measure", NAME), ("value", pa.float64())])
EVENTS = pa.schema([
    *_ARM, ("hour", pa.float64()), ("kind", NAME), ("cause", NAME), ("uid", pa.int64()), ("parent", pa.int64()),
    ("clone", pa.int32()), ("x", pa.int32()), ("y", pa.int32()), ("il6", pa.float64()),
])  # fmt: skip
RUNS = pa.schema([
    *_ARM, ("id", pa.string()), ("status", NAME), ("seconds", pa.float64()), ("seeded", pa.int32()),
    ("digest", pa.string()), ("peak_infected", pa.float64()),
])  # fmt: skip
FAILURES = pa.schema([*_ARM, ("id", pa.string()), ("traceback", pa.string())])


def write_run(job: Job, frames: Frames, seconds: float) -> None:
    """Write a run to `<runs>/<id>/`, at once; `run.json` has the checksums of its files.

    Raises:
        OSError: no room, no right to write.
    """
    target = job.folder
    temporary = job.runs / f".{job.id}-{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        _write_files(temporary, frames)
        told = {"seconds": round(seconds, 3), "seeded": frames.seeded, "digest": frames.digest}
        told |= {"peak_infected": frames.peak_infected, "files": sums(temporary)}
        write_text(temporary / "run.json", as_text({"id": job.id, "seed": job.seed, **told}, indent=1))
        temporary.rename(target)
    except OSError:
        if not job.is_done:  # else another process has landed the same run, which is as good
            raise
    finally:
        for left in job.runs.glob(f".{job.id}-*"):  # also of a process that was killed while it wrote
            shutil.rmtree(left, ignore_errors=True)
    job.failure.unlink(missing_ok=True)


def write_failure(job: Job, traceback: str, recorded: str) -> None:
    """Note that a run failed, to be tried again by the next start, and what was recorded until then (CSV)."""
    if recorded:
        write_text(job.failure.with_suffix(".csv"), recorded)
    write_text(job.failure, as_text({"id": job.id, "seed": job.seed, "traceback": traceback}, indent=1))


def gather(folder: Path, jobs: Sequence[Job]) -> pd.DataFrame:
    """Make the tables and sorted snapshots of a study from the runs there are; gives the table of runs.

    Raises:
        OSError: no room, no right to write.
    """
    done = [job for job in jobs if job.is_done]
    _gather_table(folder, "series", done, SERIES)
    _gather_table(folder, "events", done, EVENTS)
    sort_snapshots(folder, done)
    runs = _write_rows(folder / "runs.parquet", [_run_row(job) for job in jobs], RUNS)
    failures = [_labels(job) | read_text(job.failure) for job in jobs if not job.is_done and job.failure.exists()]
    path = folder / "failures.parquet"
    if failures:
        _write_rows(path, failures, FAILURES)
    else:
        path.unlink(missing_ok=True)
    return runs


def sort_snapshots(folder: Path, jobs: Sequence[Job]) -> None:
    """Show the snapshots of finished runs under their arms and seeds: the same files by a second name, or copies.

    Raises:
        OSError: no room, no right to write.
    """
    for job in jobs:
        _sort_snapshots(folder / "snapshots" / job.arm, job)


def _write_files(folder: Path, frames: Frames) -> None:
    tables = {"series": frames.series.melt(id_vars="hour", var_name="measure"), "events": frames.events}
    for name, frame in tables.items():
        table = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(table.replace_schema_metadata(), folder / f"{name}.parquet", compression="zstd")
    for name, content in picture_files(frames):
        (folder / name).write_bytes(content)


def picture_files(frames: Frames) -> Iterator[tuple[str, bytes]]:
    """The section and each snapshot of a run: name and content of its .npz file."""
    yield "section.npz", _arrays({"kind": frames.kind})
    for snapshot in frames.snapshots:
        arrays: dict[str, Any] = {"hour": snapshot.hour, "epithelium": snapshot.epithelium}
        arrays |= {"il6": snapshot.il6, "virus": snapshot.virus}
        arrays |= _columns("cancer", snapshot.cancer) | _columns("mobile", snapshot.mobile)
        yield f"day_{snapshot.hour / HOURS_PER_DAY:02.9g}.npz", _arrays(arrays)


def _arrays(arrays: Mapping[str, Any]) -> bytes:
    """What `np.savez_compressed` writes, in half its time: packed less hard, for files 3 % larger."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, array in arrays.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)
    return buffer.getvalue()


def _columns(prefix: str, cells: pd.DataFrame) -> dict[str, np.ndarray]:
    """The columns of a table of cells as arrays; names become their storage codes (see `abm.rules.states`)."""
    return {
        f"{prefix}_{name}": column.cat.codes.to_numpy(np.uint8) if column.dtype == "category" else column.to_numpy()
        for name, column in cells.items()
    }


def _gather_table(folder: Path, name: str, jobs: Sequence[Job], schema: pa.Schema) -> None:
    """One table from those of the runs, one after the other, so that memory does not grow with their number."""
    with (
        sealed(folder / f"{name}.parquet") as temporary,
        pq.ParquetWriter(temporary, with_units(schema), compression="zstd") as writer,
    ):
        for job in jobs:
            table = pq.read_table(job.folder / f"{name}.parquet")
            for column, value in _labels(job).items():
                table = table.append_column(column, pa.repeat(value, table.num_rows))
            columns = [_cast(table[field.name], field) for field in schema]
            writer.write_table(pa.Table.from_arrays(columns, schema=writer.schema))


def _cast(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    if pa.types.is_dictionary(field.type) and not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    return column.cast(field.type)


def _sort_snapshots(arm: Path, job: Job) -> None:
    place = arm / str(job.seed)
    place.mkdir(parents=True, exist_ok=True)
    for source in sorted(job.folder.glob("*.npz")):
        target = arm / source.name if source.name == "section.npz" else place / source.name
        if target.exists() and (target.samefile(source) or filecmp.cmp(source, target, shallow=False)):
            continue
        target.unlink(missing_ok=True)  # of a run that was damaged and has been run again
        try:
            os.link(source, target)
        except OSError:
            with atomic(target) as temporary:
                shutil.copyfile(source, temporary)


def _run_row(job: Job) -> dict[str, Any]:
    row = {**_labels(job), "id": job.id, "status": "missing", "seconds": None, "seeded": None, "digest": None}
    if job.is_done:
        return row | {"status": "done"} | read_text(job.folder / "run.json")
    return row | ({"status": "failed"} if job.failure.exists() else {})


def _write_rows(path: Path, rows: list[dict[str, Any]], schema: pa.Schema) -> pd.DataFrame:
    table = pa.Table.from_pylist(rows, schema=with_units(schema))
    with sealed(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    return table.to_pandas()


def _labels(job: Job) -> dict[str, Any]:
    return {"arm": job.arm, "replicate": job.replicate, "seed": job.seed}
