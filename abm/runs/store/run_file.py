"""One run as one file: a zip of its curves, its events, what is known of it, and its pictures.

A zip is opened by anything, and each entry carries its checksum: a file that was cut short or damaged is known as such.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm.runs.run_one import EVERYTHING, FACTS, Frames, KeptOfRun
from abm.runs.store.sealed import ZIP_DAMAGE
from abm.runs.store.snapshot_file import pictures_of

ENDING = ".zip"
SERIES, EVENTS = "series.arrow", "events.arrow"
DAMAGE = (*ZIP_DAMAGE, pa.ArrowException)
_OLD = (1980, 1, 1, 0, 0, 0)  # so that the same run gives the same file


class RunTables(NamedTuple):
    """What a run file holds; `facts`: digest, seeded, seconds, peak_infected."""

    facts: dict[str, Any]
    series: pa.Table
    events: pa.Table


def pack(frames: Frames, seconds: float, kept: KeptOfRun = EVERYTHING) -> bytes:
    """A run as the bytes of its file."""
    measures = [name for name in frames.series if name != "hour"] if kept.measures is None else kept.measures
    facts = {"digest": frames.digest, "seeded": frames.seeded, "seconds": round(seconds, 4)}
    facts |= {"peak_infected": frames.peak_infected}
    files = {
        FACTS: json.dumps(facts).encode(),
        SERIES: _arrow(_curves(frames.series, ["hour", *measures]), _FAST),
        EVENTS: _arrow(_chosen(frames.events, kept.events), _SMALL),
    }
    if frames.snapshots or kept.section:
        files |= pictures_of(frames.section, frames.snapshots)
    return zipped(files)


def unpack(path: Path) -> RunTables:
    """The tables of a run file.

    Raises:
        One of DAMAGE: it is not whole.
    """
    if (old := path.with_suffix("")).is_dir() and not path.exists():
        return _unpack_folder(old)
    with zipfile.ZipFile(path) as file:
        return RunTables(json.loads(file.read(FACTS)), _table(file.read(SERIES)), _table(file.read(EVENTS)))


def pictures(path: Path) -> dict[str, bytes]:
    """The section and the snapshots in a run file: name and content of their .npz files."""
    if (old := path.with_suffix("")).is_dir() and not path.exists():
        return {one.name: one.read_bytes() for one in sorted(old.glob("*.npz"))}
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist() if name.endswith(".npz")}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files as the bytes of a zip: the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        for name, data in files.items():
            file.writestr(zipfile.ZipInfo(name, _OLD), data)
    return buffer.getvalue()


def _curves(series: pd.DataFrame, names: list[str]) -> pa.Table:
    """Columns of numbers of a frame, empty where it has none of this name.

    `pa.Table.from_pandas` takes much longer, to find out more.
    """
    values = series.reindex(columns=names).to_numpy()
    return pa.table({name: pa.array(values[:, at], from_pandas=True) for at, name in enumerate(names)})


def _chosen(events: pd.DataFrame, kinds: Sequence[str] | None) -> pa.Table:
    """The events of some kinds, or all."""
    known = events["kind"].array
    chosen = known.categories.get_indexer(list(known.categories if kinds is None else kinds))
    rows = np.flatnonzero(np.isin(known.codes, chosen))
    return pa.table({name: pa.array(column.array.take(rows), from_pandas=True) for name, column in events.items()})


# One thread: a pool of them costs more than it gives for so little, and the cores have other runs to do.
# Curves are short, so what is fastest packs them; events of a long run are megabytes, of which zstd leaves two thirds.
_FAST, _SMALL = (pa.ipc.IpcWriteOptions(compression=name, use_threads=False) for name in ("lz4", "zstd"))
_READ = pa.ipc.IpcReadOptions(use_threads=False)


def _arrow(table: pa.Table, options: pa.ipc.IpcWriteOptions) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _table(content: bytes) -> pa.Table:
    return pa.ipc.open_stream(content, options=_READ).read_all()


def _unpack_folder(folder: Path) -> RunTables:
    """The tables of a run that an older version has written as a folder."""
    long = pd.read_parquet(folder / "series.parquet")
    curves = {str(name): one for name, one in long.groupby("measure", sort=False, observed=True)}
    columns = {"hour": next(iter(curves.values()))["hour"]} | {name: one["value"] for name, one in curves.items()}
    series = pa.table({name: pa.array(one.to_numpy(), from_pandas=True) for name, one in columns.items()})
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    return RunTables(facts, series, pq.read_table(folder / "events.parquet"))
