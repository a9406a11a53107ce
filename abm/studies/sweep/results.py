"""A study read back: at any time, also while it runs.

`study = abm.open_study("outputs/blockade_timing")`, then `study.runs()`, `study.series("cells_per_seeded", hour=360)`,
`study.events(kind="awakening")`: pandas tables, of which only the columns and arms asked for are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow.fs import LocalFileSystem

from abm.runs import failures
from abm.runs.failures import Failure
from abm.runs.status import Status, has_status, last_status, status_with
from abm.runs.store.folder import shards_in
from abm.runs.store.run_file import DAMAGE, ENDING, RunTables, pictures, unpack
from abm.runs.store.sealed import DamagedError, check, read_text
from abm.runs.store.tables import NAME, labeled
from abm.studies.sweep.selection import NoStudyError, check_names, explained, listed
from abm.studies.sweep.shards import landed
from abm.studies.sweep.tables import FACTS, Columns, arm_of
from abm.studies.table_queries import Chosen, as_xarray, check_where, measures_asked

if TYPE_CHECKING:
    import xarray as xr

    from abm.model.snapshots import Snapshot
    from abm.studies.simulation import Simulation

RUN_AGAIN = "the command that made it, started again, runs it again"


class StudyFolder:
    """The results in the folder of a study."""

    def __init__(self, folder: Path) -> None:
        """Read what it is about; results are read when they are asked for."""
        self.folder = folder
        self.facts: dict[str, Any] = read_text(folder / "study.json")
        self.axes: dict[str, dict[str, Any]] = {axis["name"]: axis for axis in self.facts["axes"]}
        self.measures: dict[str, dict[str, str]] = self.facts["measures"]
        self.arms: list[str] = [arm["name"] for arm in self.facts["arms"]]
        units = {name: axis["unit"] for name, axis in self.axes.items()}
        self._columns = Columns(tuple(self.axes), self.measures, units)

    def counts(self) -> dict[str, int]:
        """How many runs there are to be (total), are done and have failed."""
        loose = {path.stem for path in landed(self.folder)}
        blocks = self._dataset("runs")
        ids = set(blocks.to_table(columns=["id"])["id"].to_pylist()) if blocks else set()
        failed = set(self._failures())
        done = ids | loose
        return {"total": int(self.facts["runs"]), "done": len(done), "failed": len(failed - done)}

    def runs(self) -> pd.DataFrame:
        """One row per run that there is to be.

        Columns: arm, axes, replicate, seed, id, status, seeded, digest, peak_infected, traceback.

        Status is "done", "failed" or "missing".
        """
        design = self._design().to_pandas()
        known = [part for part in (self._blocks("runs", None, None), *self._loose_facts()) if part is not None]
        done = pa.concat_tables(known).to_pandas().drop_duplicates("run") if known else _nothing()
        table = design.merge(done[["run", *FACTS]], on="run", how="left")
        failed = {one: failure.traceback for one, failure in self._failures().items()}
        table["traceback"] = table["id"].map(failed).where(table["digest"].isna())
        status = np.where(table["digest"].notna(), "done", np.where(table["traceback"].notna(), "failed", "missing"))
        table["status"] = pd.Categorical(status, categories=["done", "failed", "missing"])
        return table

    def failures(self) -> pd.DataFrame:
        """The rows of `runs` that failed, with seed and traceback."""
        runs = self.runs()
        return runs[runs["status"] == "failed"]

    def series(self, measures: str | Sequence[str] | None = None, **where: Chosen) -> pd.DataFrame:
        """Curves: one row per run and time.

        Args:
            measures: columns to read; else all.
            where: only rows with this value, or one of these, in a column: arm="influenza", hour=360.0, dose=[1, 10].
        """
        names = measures_asked(measures, self.measures)
        keys = [name for name, _ in self._columns.labels]
        return self._table("series", ["arm", *keys, "hour", *names], where)

    def events(self, columns: Sequence[str] | None = None, **where: Chosen) -> pd.DataFrame:
        """Awakenings, births, returns, deaths and first lesions: one row an event; `where` as for `series`."""
        return self._table("events", list(columns or ["arm", *self._columns.events.names]), where)

    def dataset(self, table: str) -> ds.Dataset | None:
        """The blocks of "runs", "series" or "events" as a pyarrow dataset; None where there are none yet."""
        return self._dataset(table)

    def open_run(self, run: int | None = None, **where: Any) -> Simulation:
        """A run with its snapshots, if the study keeps any: by its number, or by values of columns of `runs`.

        `study.open_run(12)`, or `study.open_run(arm="influenza", seed=2, dose=10.0)`.

        Raises:
            UnknownNameError: there is no such run or column. NoRunError: it is not finished, or it is not one run.
            DamagedError: a file of it is not what was written.
        """
        from abm.studies.stored_run import run_of_sweep

        return run_of_sweep(self, run, where)

    def snapshot(self, run: int, day: float) -> Snapshot:
        """The tissue of a run on a day.

        Raises:
            DamagedError: its file is not what was written.
            KeyError: no such snapshot is kept.
        """
        return self.open_run(run).snapshot(day)

    def pictures(self, run: str) -> dict[str, bytes]:
        """Files of section and snapshots of a run, by its address (`id`); none where the study keeps none.

        Raises:
            DamagedError: its file is not what was written.
        """
        for path in (self.folder / "pictures" / f"{run}{ENDING}", *landed(self.folder)):
            if path.stem == run and path.exists():
                try:
                    return pictures(path)
                except DAMAGE as error:
                    raise DamagedError(path, remedy="run the study with --fresh to get its pictures again") from error
        return {}

    def design(self, **which: Any) -> pd.DataFrame:
        """The planned runs; which: as `pyarrow.parquet.read_table` takes it."""
        return self._design(**which).to_pandas()

    def to_xarray(self, measures: str | Sequence[str] | None = None, **where: Chosen) -> xr.Dataset:
        """Curves as an array over arm, the axes, replicate and hour, where the study is a grid; else over run and hour.

        Raises:
            MissingLibraryError: xarray is not installed.
        """
        names = measures_asked(measures, self.measures)
        told = {name: self.measures[name] for name in names}
        table = self.series(names, **where)
        if any(axis["sampled"] for axis in self.axes.values()):
            cube = as_xarray(table, ["run", "hour"], told, self.facts["title"])
            runs = table.drop_duplicates("run").set_index("run")
            labels = {
                name: ("run", runs[name].astype(str).to_numpy(object) if name == "arm" else runs[name].to_numpy())
                for name in ("arm", "replicate", "seed", *self.axes)
            }
            return cube.assign_coords(labels)
        index = ["arm", *self.axes, "replicate", "hour"]
        return as_xarray(_spread(table, list(self.axes)), index, told, self.facts["title"])

    def _table(self, name: str, columns: list[str], where: dict[str, Chosen]) -> pd.DataFrame:
        known = ["arm", *(self._columns.series if name == "series" else self._columns.events).names]
        check_names(columns, known, "column")
        check_where(where, known, self.arms)
        self._check_kinds(where)
        loose = list(self._loose(name))  # first: what lands in a block while this reads is then seen there
        block = self._blocks(name, columns, _condition(where))
        inside = self._ids() if loose else set()
        parts = [] if block is None else [block]
        for one, table in loose:
            if one not in inside:
                parts.append(table.filter(_condition(where)).select(columns) if where else table.select(columns))
        if not parts:
            fields = {field.name: field.type for field in self._schema(name)}
            return pa.schema([(column, fields[column]) for column in columns]).empty_table().to_pandas()
        return pa.concat_tables(parts).unify_dictionaries().to_pandas()

    def _design(self, **which: Any) -> pa.Table:
        check(self.folder / "design.parquet")
        return pq.read_table(self.folder / "design.parquet", **which)

    def _check_kinds(self, where: dict[str, Chosen]) -> None:
        """Refuse kinds of events that the study does not keep."""
        kept = self.facts.get("events")
        if kept is not None and "kind" in where:
            check_names(listed(where["kind"]), kept, "kind of event that this study keeps")

    def _schema(self, name: str) -> pa.Schema:
        schema = {"runs": self._columns.runs, "series": self._columns.series, "events": self._columns.events}[name]
        return schema if name == "runs" else pa.schema([*schema, ("arm", NAME)])

    def _dataset(self, name: str) -> ds.Dataset | None:
        pattern = "block-*.parquet" if name == "runs" else "arm=*/block-*.parquet"
        files = sorted(map(str, (self.folder / name).glob(pattern)), key=lambda file: (Path(file).name, file))
        if not files:
            return None
        for file in files:
            check(Path(file))
        of_arm = None if name == "runs" else [pc.field("arm") == arm_of(Path(file)) for file in files]
        form, here = ds.ParquetFileFormat(), LocalFileSystem()
        return ds.FileSystemDataset.from_paths(files, self._schema(name), form, here, partitions=of_arm)

    def _blocks(self, name: str, columns: list[str] | None, condition: pc.Expression | None) -> pa.Table | None:
        blocks = self._dataset(name)
        if blocks is None:
            return None
        table = blocks.to_table(columns=columns, filter=condition)
        return table.replace_schema_metadata()

    def _ids(self) -> set[str]:
        blocks = self._blocks("runs", ["id"], None)
        return set() if blocks is None else set(blocks["id"].to_pylist())

    def _loose_runs(self) -> Iterable[tuple[dict[str, Any], RunTables]]:
        """Runs that are in no block yet, with their rows of the design."""
        paths = {path.stem: path for path in landed(self.folder)}
        if not paths:
            return
        design = self._design(filters=[("id", "in", list(paths))])
        for row in design.to_pylist():
            try:
                yield row, unpack(paths[row["id"]])
            except FileNotFoundError:
                continue  # gone into a block meanwhile
            except DAMAGE as error:
                raise DamagedError(paths[row["id"]], remedy=RUN_AGAIN) from error

    def _failures(self) -> dict[str, Failure]:
        """The failed runs of the study and of its shards, by address."""
        folders = (self.folder, *shards_in(self.folder))
        return {one: failure for folder in folders for one, failure in failures.read(folder).items()}

    def _loose(self, name: str) -> Iterable[tuple[str, pa.Table]]:
        for row, tables in self._loose_runs():
            yield row["id"], labeled(getattr(tables, name), row, self._schema(name))

    def _loose_facts(self) -> Iterable[pa.Table]:
        for row, tables in self._loose_runs():
            facts = {key: tables.facts.get(key) for key in FACTS}
            yield pa.Table.from_pylist([row | facts], self._columns.runs)


def open_sweep(folder: str | Path) -> StudyFolder:
    """The results in the folder of a sweep, finished or not; reading a damaged file of it raises a `DamagedError`.

    Raises:
        NoStudyError: there is no study; it says what there is.
    """
    path = Path(folder).expanduser().absolute()
    if not is_study(path):
        raise NoStudyError(explained(path))
    return StudyFolder(path)


def is_study(folder: Path) -> bool:
    """Whether a study was started in this folder."""
    return (folder / "study.json").is_file()


def status(folder: Path) -> Status:
    """How far the study in this folder is, whether or not it is running.

    Raises:
        NoStudyError: there is no study.
    """
    counts = open_sweep(folder).counts()
    found = status_with(folder, counts["total"], counts["done"], counts["failed"])
    in_shards = sum(last_status(shard).running for shard in shards_in(folder) if has_status(shard))
    return replace(found, running=found.running + in_shards)


def _condition(where: dict[str, Chosen]) -> pc.Expression | None:
    condition = None
    for name, chosen in where.items():
        this = pc.field(name).isin(listed(chosen))
        condition = this if condition is None else condition & this
    return condition


def _spread(table: pd.DataFrame, axes: list[str]) -> pd.DataFrame:
    """An arm that an axis is not in stands at every value of it, as the reference that it is."""
    for axis in axes:
        absent = table[axis].isna()
        levels = pd.DataFrame({axis: sorted(table.loc[~absent, axis].unique())})
        table = pd.concat([table[~absent], table[absent].drop(columns=axis).merge(levels, how="cross")])
    return table


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run": pd.Series(dtype=np.int32),
            "seeded": pd.Series(dtype=float),
            "digest": pd.Series(dtype=object),
            "peak_infected": pd.Series(dtype=float),
        }
    )
