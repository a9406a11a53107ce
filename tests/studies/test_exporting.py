"""`embers export`, as it is called."""

import shutil

import anndata
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr
from typer.testing import CliRunner

import abm
from abm.cli.main import app
from abm.installation import optional_deps
from abm.runs.store.tables import units_in
from abm.scenario.read import load_scenario
from tests.studies.studies import SMALL as SWEEP
from tests.studies.studies import run as run_study
from tests.studies.studies import small

SMALL = load_scenario("influenza").with_section(width=320, height=320).with_duration("3 d")
HEALTHY = SMALL.without_infections().with_name("healthy", "No virus")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    return abm.compare(HEALTHY, SMALL, replicates=2, out=out, figures=False).folder


def call(*arguments, code=0):
    ended = CliRunner().invoke(app, ["export", *map(str, arguments)], prog_name="embers")
    assert ended.exit_code == code, ended.output
    return ended.output


def test_a_run_of_a_comparison_is_chosen_by_arm_and_replicate(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = call(folder, "--arm", "influenza", "--replicate", 2)
    (path,) = (tmp_path / "outputs").iterdir()
    assert path.name in said
    assert path.name == f"{folder.name}-influenza-seed2-day3.h5ad"
    told = anndata.read_h5ad(path).uns["embers"]
    assert (told["seed"], told["day"], told["title"]) == (2, 3.0, "Influenza, seed 2, day 3")


def test_a_snapshot_is_exported_with_what_is_known_of_its_run(folder, tmp_path):
    snapshot = folder / "snapshots" / "influenza" / "2" / "day_00.npz"
    call(snapshot, "--out", tmp_path / "a.h5ad")
    cells = anndata.read_h5ad(tmp_path / "a.h5ad")
    assert (cells.uns["embers"]["seed"], cells.uns["embers"]["day"]) == (2, 0.0)
    shutil.copy(snapshot, tmp_path)
    assert "section.npz" in call(tmp_path / "day_00.npz", "--out", tmp_path / "b.h5ad", code=2)
    shutil.copy(snapshot.parents[1] / "section.npz", tmp_path)
    call(tmp_path / "day_00.npz", "--out", tmp_path / "b.h5ad")
    alone = anndata.read_h5ad(tmp_path / "b.h5ad")
    assert alone.obs_names.tolist() == cells.obs_names.tolist()
    assert "scenario" not in alone.uns["embers"]


def test_tables_keep_units_as_parquet(folder, tmp_path):
    call(folder, "--table", "series", "--out", tmp_path / "a.parquet", "--arm", "influenza")
    table = pd.read_parquet(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(
        table, abm.open_study(folder).series(arm="influenza"), check_dtype=False, check_categorical=False
    )
    assert units_in(pq.read_schema(tmp_path / "a.parquet"))["il6"]["unit"] == "ng/mL"
    call(folder, "--table", "cells", "--arm", "influenza", "--seed", 1, "--out", tmp_path / "b.parquet")
    told = units_in(pq.read_schema(tmp_path / "b.parquet"))
    assert (told["x_um"]["unit"], told["il6"]["unit"]) == ("um", "ng/mL")
    for name in ("series", "events", "runs"):
        call(folder, "--table", name, "--out", tmp_path / "c.csv")
        assert len(pd.read_csv(tmp_path / "c.csv")) == len(getattr(abm.open_study(folder), name)())


def test_curves_are_an_array_over_arms_and_replicates(folder, tmp_path):
    call(folder, "--table", "series", "--out", tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as curves:
        assert curves["il6"].dims == ("arm", "replicate", "hour")
        assert curves["arm"].to_numpy().tolist() == ["healthy", "influenza"]


def test_an_export_is_replaced_and_nothing_else_is(folder, tmp_path):
    which = ("--arm", "influenza", "--replicate", 1, "--to", "ome-zarr")
    for _ in range(2):
        call(folder, *which, "--day", 3, "--out", tmp_path / "a.ome.zarr")
    (tmp_path / "b.ome.zarr").mkdir()
    (tmp_path / "b.ome.zarr" / "mine.txt").write_text("mine")
    call(folder, *which, "--out", tmp_path / "b.ome.zarr", code=1)
    assert [path.name for path in (tmp_path / "b.ome.zarr").iterdir()] == ["mine.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ome.zarr", "b.ome.zarr"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "has several runs: name one arm. There are: healthy, influenza"),
        (("--arm", "influenza"), "name one replicate. There are: 1, 2"),
        (("--arm", "influnza"), "nearest: influenza"),
        (("--arm", "influenza", "--replicate", 9), "no run with replicate 9. There are: 1, 2"),
        (("--arm", "influenza", "--seed", 1, "--day", 2), "no snapshot of this day. There are: 0, 3"),
        (("--run", 3), "is a comparison"),
        (("--to", "vtk"), '--to "vtk": there is no such format. Allowed: h5ad, ome-tiff'),
        (("--table", "cell"), '--table "cell": there is no such table. Allowed: series, events, runs, cells'),
        (("--to", "h5ad", "--table", "events"), "tables are written as csv, parquet"),
        (("--to", "csv", "--day", 3), "is of whole runs"),
        (("--to", "h5ad", "--out", "a.nc"), "Name it a.h5ad"),
        (("--to", "csv", "--arm", "healthy", "--seed", 7), "has no rows of --arm healthy, --seed 7"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_what_can(folder, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in " ".join(call(folder, *arguments, code=2).split())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_results_says_so(tmp_path):
    assert "holds no study" in call(tmp_path, code=1)


def test_a_missing_library_is_named_before_anything_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(optional_deps, "find_spec", lambda _: None)
    said = " ".join(call(tmp_path / "nowhere", "--to", "simularium", code=1).split())
    assert "not installed here: simulariumio. To get what is needed: pip install" in said


def test_a_run_of_a_sweep_is_chosen_by_its_number(tmp_path):
    text = SWEEP.replace("seed = 3", 'seed = 3\nsnapshots = ["2 d"]').replace("values = [1.0, 50.0]", "values = [50.0]")
    done = run_study(small(1, text=text), tmp_path)
    call(done.folder, "--run", 0, "--to", "netcdf", "--out", tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as maps:
        assert maps["time"].to_numpy().tolist() == [48.0]
        assert maps.attrs["seed"] == 3
    assert "choose run, a number from 0 to 2" in call(done.folder, code=2)
    assert "there is no run 8" in call(done.folder, "--run", 8, code=2)
