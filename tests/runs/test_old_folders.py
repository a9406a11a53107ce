"""Runs as older versions wrote them: `embers compare` a folder each, `embers sweep` a zip each."""

import io
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import abm
from abm.runs.progress import Show
from abm.runs.store.run_file import pictures, unpack
from abm.scenario.read import load_arms
from abm.studies.compare import perform, plan

OLD = Path(__file__).with_name("old")
DIGEST = "258f22693909b5831370304f3a0e11bd024f5ed7ade06be19fbc227592c2cdab"  # of this run then


@pytest.fixture
def out(tmp_path):
    """A folder of results in which the first of two runs is there as an older version left it."""
    study = plan(load_arms(["influenza"], days=1, size="200um"), (1, 2))
    (first, _) = study.jobs(tmp_path / study.name)
    shutil.copytree(OLD / "compare_run", first.path.with_suffix(""))
    (tmp_path / study.name / "runs" / "0000000000000000.failed.json").write_text("{}")
    return study, tmp_path


def test_a_run_of_a_comparison_and_of_a_sweep_read_alike():
    compared, swept = unpack(OLD / "compare_run.zip"), unpack(OLD / "sweep_run.zip")
    assert compared.facts["digest"] == swept.facts["digest"] == DIGEST
    for name in swept.series.column_names:
        assert compared.series[name].to_pylist() == swept.series[name].to_pylist()
    assert compared.series.column_names[:2] == ["hour", "cells_per_seeded"]
    assert compared.events.column_names == swept.events.column_names
    old, new = pictures(OLD / "compare_run.zip"), pictures(OLD / "sweep_run.zip")
    assert old.keys() == {"section.npz", "day_00.npz", "day_01.npz"}
    for name, content in new.items():
        with np.load(io.BytesIO(content)) as now, np.load(io.BytesIO(old[name])) as then:
            assert all(np.array_equal(now[key], then[key], equal_nan=True) for key in (*now, *then))


def test_a_comparison_goes_on_from_runs_of_an_older_version(out):
    study, folder = out
    show = Show(Console(file=io.StringIO()))
    result = perform(study, folder, 1, show, figures=False)
    assert "1 of 2 runs are there already" in show.console.file.getvalue()
    assert (result.done, result.failures) == (2, [])
    runs = pd.read_parquet(result.folder / "runs.parquet")
    assert runs["digest"][0] == DIGEST
    old, new = (set(unpack(job.path).series.column_names) - {"hour"} for job in study.jobs(result.folder))
    series = pd.read_parquet(result.folder / "series.parquet").set_index("seed")
    kept = {seed: {name for name in new if series.loc[seed, name].notna().all()} for seed in (1, 2)}
    assert kept == {1: old & new, 2: new}
    first = abm.open_run(result.folder, seed=1)
    assert first.series.shape[1] == len(old) + 1
    cells = first.snapshot(1).cells()
    assert set(cells["population"]) <= {"cancer", "mobile"}  # epithelial cells were not stored then
    assert cells["il6"].notna().all()
    shown = result.folder / "snapshots" / "influenza"
    names = {path.relative_to(shown).as_posix() for path in shown.rglob("*.npz")}
    assert names == {"1/day_00.npz", "1/day_01.npz", "2/day_00.npz", "2/day_01.npz", "section.npz"}
