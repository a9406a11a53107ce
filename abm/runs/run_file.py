"""One run as one file: a zip of its curves, its events, what is known of it, and its pictures.

A zip is opened by anything, and each entry carries its checksum: a file that was cut short or damaged is known as such.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from abm.runs.files import atomic
from abm.runs.sealed import ZIP_DAMAGE

if TYPE_CHECKING:
    import pandas as pd

    from abm.runs.run_one import Frames

ENDING = ".zip"
FACTS, SERIES, EVENTS = "run.json", "series.arrow", "events.arrow"
DAMAGE = (*ZIP_DAMAGE, pa.ArrowException)
_OLD = (1980, 1, 1, 0, 0, 0)  # so that the same run gives the same file


class RunTables(NamedTuple):
    """What a run file holds; `facts`: digest, seeded, seconds, peak_infected."""

    facts: dict[str, Any]
    series: pa.Table
    events: pa.Table


def pack(frames: Frames, seconds: float, measures: Sequence[str], events: Sequence[str]) -> bytes:
    """A run as the bytes of its file, with these measures and kinds of events."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:

        def put(name: str, content: bytes) -> None:
            file.writestr(zipfile.ZipInfo(name, _OLD), content)

        facts = {"digest": frames.digest, "seeded": frames.seeded, "seconds": round(seconds, 4)}
        facts |= {"peak_infected": frames.peak_infected}
        put(FACTS, json.dumps(facts).encode())
        put(SERIES, _arrow(_curves(frames.series, ["hour", *measures])))
        put(EVENTS, _arrow(_kept(frames.events, events)))
        if frames.snapshots:
            from abm.runs.record import picture_files

            for name, content in picture_files(frames):
                put(name, content)
    return buffer.getvalue()


def land(path: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole or not at all, also after a power cut.

    Raises:
        OSError: no room, no right to write.
    """
    with atomic(path, lasting=True) as temporary:
        temporary.write_bytes(content)


def unpack(path: Path) -> RunTables:
    """The tables of a run file.

    Raises:
        One of DAMAGE: it is not whole.
    """
    with zipfile.ZipFile(path) as file:
        return RunTables(json.loads(file.read(FACTS)), _table(file.read(SERIES)), _table(file.read(EVENTS)))


def pictures(path: Path) -> dict[str, bytes]:
    """The files of the pictures in a run file, by name."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist() if name.endswith(".npz")}


def pack_pictures(content: dict[str, bytes]) -> bytes:
    """Pictures alone, as the bytes of a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        for name, data in content.items():
            file.writestr(zipfile.ZipInfo(name, _OLD), data)
    return buffer.getvalue()


def _curves(series: pd.DataFrame, names: list[str]) -> pa.Table:
    """Columns of numbers of a frame; `pa.Table.from_pandas` takes much longer, to find out more."""
    values = series[names].to_numpy()
    return pa.table({name: pa.array(values[:, at], from_pandas=True) for at, name in enumerate(names)})


def _kept(events: pd.DataFrame, kinds: Sequence[str]) -> pa.Table:
    """The events of some kinds."""
    known = events["kind"].array
    rows = np.flatnonzero(np.isin(known.codes, known.categories.get_indexer(list(kinds))))
    return pa.table({name: pa.array(column.array.take(rows), from_pandas=True) for name, column in events.items()})


# One thread: a pool of them costs more than it gives for so little, and the cores have other runs to do.
_WRITTEN = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_READ = pa.ipc.IpcReadOptions(use_threads=False)


def _arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_WRITTEN) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _table(content: bytes) -> pa.Table:
    return pa.ipc.open_stream(content, options=_READ).read_all()
