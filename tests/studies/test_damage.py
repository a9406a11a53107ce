"""Files of a comparison are damaged: the same command finds them and makes them again."""

import io
import shutil
from dataclasses import replace

import pytest
from rich.console import Console

from abm.reporting.summary import read_curves
from abm.runs.progress import Show
from abm.runs.store.sealed import DamagedError
from abm.scenario.read import load_arms
from abm.studies.compare import perform, plan

pytestmark = pytest.mark.slow

TABLES = ("series.parquet", "events.parquet", "summary.csv", "snapshots/influenza/1/*.npz")


def again(out):
    arms = [replace(arm, snapshots=(24.0,)) for arm in load_arms(["influenza"], 1.0, "200um", None)]
    text = io.StringIO()
    result = perform(plan(tuple(arms), [1, 2]), out, 2, Show(Console(file=text, width=200)), figures=False)
    assert (result.done, result.failures) == (2, [])
    return result.folder, text.getvalue()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return again(tmp_path_factory.mktemp("whole"))[0]


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for glob in TABLES for path in folder.glob(glob)}


def turned(path):
    """Turn over a bit in the middle, in place: second names of the file have it too."""
    with path.open("r+b") as file:
        whole = bytearray(file.read())
        whole[len(whole) // 2] ^= 4
        file.seek(0)
        file.write(whole)


@pytest.mark.parametrize("damaged", ["runs/*.zip", "snapshots/influenza/1/day_*.npz"])
def test_a_damaged_run_is_run_again(whole, tmp_path, damaged):
    folder = tmp_path / whole.name
    shutil.copytree(whole, folder)
    again(tmp_path)  # copies of pictures become second names or are left
    turned(next(folder.glob(damaged)))
    _, told = again(tmp_path)
    if damaged.startswith("runs"):
        assert "1 finished runs were in damaged files and are run again" in told
    assert content(folder) == content(whole)


@pytest.mark.parametrize("damaged", ["series.parquet", "events.parquet", "runs.parquet", "summary.csv"])
def test_a_damaged_table_is_made_again_from_the_runs(whole, tmp_path, damaged):
    folder = shutil.copytree(whole, tmp_path / whole.name)
    turned(folder / damaged)
    if damaged == "series.parquet":
        with pytest.raises(DamagedError, match=r"series\.parquet"):
            read_curves(folder)
    _, told = again(tmp_path)
    assert "run again" not in told
    assert content(folder) == content(whole)
