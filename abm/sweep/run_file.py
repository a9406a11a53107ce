"""One run as one file: a zip of its curves, its events, what is known of it, and its pictures.

A zip is opened by anything, and each entry carries its checksum: a file that was cut short or damaged is known as such.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from abm.study.folder import atomic
from abm.study.record import picture_files
from abm.study.run_one import Frames

ENDING = ".zip"
FACTS, SERIES, EVENTS = "run.json", "series.arrow", "events.arrow"
DAMAGE = (OSError, zipfile.BadZipFile, KeyError, ValueError, EOFError, pa.ArrowInvalid)
_OLD = (1980, 1, 1, 0, 0, 0)  # so that the same run gives the same file


class RunTables(NamedTuple):
    """What a run file holds; `facts`: digest, seeded, seconds."""

    facts: dict[str, Any]
    series: pa.Table
    events: pa.Table


def pack(frames: Frames, seconds: float, measures: Sequence[str], events: bool) -> bytes:
    """A run as the bytes of its file, with these measures, with or without events."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:

        def put(name: str, content: bytes) -> None:
            file.writestr(zipfile.ZipInfo(name, _OLD), content)

        facts = {"digest": frames.digest, "seeded": frames.seeded, "seconds": round(seconds, 4)}
        put(FACTS, json.dumps(facts).encode())
        put(SERIES, _arrow(pa.Table.from_pandas(frames.series[["hour", *measures]], preserve_index=False)))
        kept = frames.events if events else frames.events.iloc[:0]
        put(EVENTS, _arrow(pa.Table.from_pandas(kept, preserve_index=False)))
        if frames.snapshots:
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


def _arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, table.replace_schema_metadata().schema, options=options) as writer:
        writer.write_table(table.replace_schema_metadata())
    return sink.getvalue().to_pybytes()


def _table(content: bytes) -> pa.Table:
    return pa.ipc.open_stream(content).read_all()
