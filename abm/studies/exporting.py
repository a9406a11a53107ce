"""What `embers export` writes: the snapshots of one run, or a table of a study, chosen from what a folder holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from abm.exchange.cell_table import UNITS
from abm.exchange.described import LEVEL_UNIT
from abm.exports.formats import FORMATS
from abm.installation.optional_deps import need
from abm.model.snapshots import Snapshot
from abm.runs.store.files import atomic, atomic_folder
from abm.runs.store.run_file import DAMAGE
from abm.runs.store.sealed import DamagedError
from abm.runs.store.snapshot_file import SECTION, read_section, read_snapshot
from abm.runs.store.tables import with_units
from abm.studies.compare import is_comparison
from abm.studies.opening import open_run, open_study

HOURS_PER_DAY = 24.0
TABLES = ("series", "events", "runs", "cells")
TABLE_FORMATS = {"csv": ".csv", "parquet": ".parquet"}
GRIDS = ("netcdf", "zarr")  # also of curves
ENDINGS = {name: one.ending for name, one in FORMATS.items()} | TABLE_FORMATS
OTHER_ENDINGS = {".ome.tif": "ome-tiff", ".tif": "ome-tiff", ".tiff": "ome-tiff", ".ngff": "ome-zarr"}


class ExportError(Exception):
    """What was asked for cannot be exported; the text says why, and what can."""


class RunChoice(NamedTuple):
    """Which run of a folder; None: not said."""

    arm: str | None = None
    replicate: int | None = None
    seed: int | None = None
    run: int | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """What was said."""
        return {name: value for name, value in self._asdict().items() if value is not None}


class Export(NamedTuple):
    """What is written: `content`, to a file of this format, under this name, without an ending."""

    content: Any  # list[Snapshot], pd.DataFrame with its units, or xr.Dataset
    kind: str
    name: str
    title: str = ""
    units: dict[str, str] | None = None

    @property
    def file_name(self) -> str:
        """Name of the file, with its ending."""
        return self.name + ENDINGS[self.kind]


def export_of(source: Path, kind: str, choice: RunChoice, day: float | None, table: str | None) -> Export:
    """What is written for a folder of results or the file of a snapshot.

    Args:
        source: folder of `embers run`, `compare` or `sweep`, or a snapshot in it (day_DD.npz).
        kind: name of the format.
        choice: which run.
        day: of the snapshot; None: all, or the last one where the format holds one only.
        table: of a table format, or "series" of NetCDF and Zarr.

    Raises:
        ExportError: these do not go together, or are not there.
        NoStudyError: no results are there. NoRunError, UnknownNameError: no such run.
        DamagedError: a file is not what was written.
    """
    if table is not None and kind not in TABLE_FORMATS and not (kind in GRIDS and table == "series"):
        raise ExportError(f"--table {table}: tables are written as {', '.join(TABLE_FORMATS)}; series also as netcdf "
                          f"and zarr. --to is {kind}.")  # fmt: skip
    if (kind in TABLE_FORMATS and table != "cells") or table == "series":
        if day is not None or source.is_file():
            raise ExportError(f"the table {table or 'series'} is of whole runs: give their folder, without --day")
        return _table_of(source, kind, choice, table or "series")
    snapshots, title, name = _snapshots_of(source, choice)
    chosen = _on_day(snapshots, day, source)
    if kind in TABLE_FORMATS or FORMATS[kind].is_of_one_day:
        chosen = chosen[-1:]
    if len(chosen) == 1:
        at = f"{chosen[0].hour / HOURS_PER_DAY:g}"
        title, name = f"{title}, day {at}".strip(", "), f"{name}-day{at}"
    if kind in TABLE_FORMATS:
        levels = dict.fromkeys(chosen[0].substances, LEVEL_UNIT)
        return Export(chosen[0].cells().reset_index(), kind, f"{name}-cells", title, levels | UNITS)
    return Export(chosen, kind, name, title)


def write_export(export: Export, path: Path) -> None:
    """Write it, and replace what an earlier export has left there.

    Raises:
        MissingLibraryError: a library of the extra `export` is not installed; it says how to get it.
        OSError: no room, no right to write, or something else is there.
    """
    found = FORMATS.get(export.kind)
    if found is not None and found.is_folder:
        with atomic_folder(path, "zarr.json") as temporary:
            _write(export, temporary)
        return
    with atomic(path) as temporary:
        _write(export, temporary)


def _write(export: Export, path: Path) -> None:
    if export.kind == "csv":
        export.content.to_csv(path, index=False)
    elif export.kind == "parquet":
        table = pa.Table.from_pandas(export.content, preserve_index=False)
        pq.write_table(table.cast(with_units(table.schema, export.units)), path, compression="zstd")
    elif isinstance(export.content, list):
        FORMATS[export.kind].write(export.content, path, export.title)
    elif export.kind == "netcdf":
        export.content.to_netcdf(path, engine="h5netcdf")
    else:
        export.content.to_zarr(path, mode="w", consolidated=False)


def _table_of(folder: Path, kind: str, choice: RunChoice, table: str) -> Export:
    """A table of a study, or its curves as an array; choice: only rows of these runs."""
    study, where = open_study(folder), choice.asked
    name = f"{folder.resolve().name}-{'-'.join(map(str, [*where.values(), table]))}"
    if kind in GRIDS:
        need("export", *FORMATS[kind].modules)
        return Export(study.to_xarray(**where), kind, name)
    if table == "runs":
        rows = study.runs()
        for column, value in where.items():
            rows = rows[rows[column] == value]
    else:
        rows = study.series(**where) if table == "series" else study.events(**where)
    if rows.empty and where:
        raise ExportError(f'the table {table} of "{folder}" has no rows of {_listed(where)}')
    axes = {one: told["unit"] for one, told in getattr(study, "axes", {}).items()}
    units = {one: told["unit"] for one, told in study.measures.items()} if table == "series" else {}
    return Export(rows, kind, name, units=axes | units)


def _snapshots_of(source: Path, choice: RunChoice) -> tuple[list[Snapshot], str, str]:
    """Snapshots by rising time, a title, and a name for files."""
    if source.is_file():
        return _of_file(source, choice)
    run = open_run(source, **choice._asdict())
    if not run.snapshots:
        raise ExportError(f'"{source}": this run has no snapshots. Ask for some in the scenario: snapshots = ["9 d"]')
    number = "" if choice.run is None else f"-run{choice.run}"
    title = f"{run.scenario.title or run.scenario.name}, seed {run.seed}"
    return run.snapshots, title, f"{source.resolve().name}{number or f'-{run.scenario.name}'}-seed{run.seed}"


def _of_file(path: Path, choice: RunChoice) -> tuple[list[Snapshot], str, str]:
    """The snapshot in a file; of a comparison, with all that is known of its run."""
    if choice.asked:
        raise ExportError(f'{_listed(choice.asked)}: "{path}" is one snapshot; leave it out, or give the folder')
    if len(path.resolve().parents) > 3 and is_comparison(folder := path.resolve().parents[3]):
        arm, seed = path.resolve().parents[1].name, int(path.resolve().parent.name)
        snapshots, title, name = _snapshots_of(folder, RunChoice(arm=arm, seed=seed))
        return _on_day(snapshots, float(path.stem.removeprefix("day_")), path), title, name
    section = next((one for one in (path.with_name(SECTION), path.parent.with_name(SECTION)) if one.is_file()), None)
    if section is None:
        raise ExportError(f'"{path}": {SECTION}, which goes with a snapshot, is neither beside it nor one folder up')
    try:
        snapshot = read_snapshot(path.read_bytes(), read_section(section.read_bytes()))
    except DAMAGE as error:
        raise DamagedError(path, "is no snapshot, or not a whole one") from error
    return [snapshot], "", path.stem


def _on_day(snapshots: Sequence[Snapshot], day: float | None, source: Path) -> list[Snapshot]:
    """All, or that of a day."""
    if day is None:
        return list(snapshots)
    chosen = [one for one in snapshots if abs(one.hour - day * HOURS_PER_DAY) < 0.1]
    if not chosen:
        days = ", ".join(f"{one.hour / HOURS_PER_DAY:g}" for one in snapshots)
        raise ExportError(f'--day {day:g}: "{source}" has no snapshot of this day. There are: {days}')
    return chosen


def _listed(where: dict[str, Any]) -> str:
    return ", ".join(f"--{name} {value}" for name, value in where.items())
