"""Files of a study are damaged one by one: what reads them names the file, what makes them makes them again."""

import shutil

import pytest

import abm
from abm.runs.store.sealed import DamagedError
from tests.studies.studies import TABLES, run, silent, small, tables, told

pytestmark = pytest.mark.slow

READ = ("study.json", *TABLES)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a study that nobody damaged."""
    return run(small(), tmp_path_factory.mktemp("whole")).folder


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "small")


def read_all(folder):
    study = abm.open_study(folder)
    return study.runs(), study.series(), study.events(), study.counts()


def turned(path, at):
    """Turn over a bit."""
    content = bytearray(path.read_bytes())
    content[int(at * (len(content) - 1))] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize("at", [0.02, 0.3, 0.6, 0.95, 1.0])
def test_a_reader_names_the_damaged_file(folder, at):
    for glob in READ:
        for path in folder.glob(glob):
            before = path.read_bytes()
            turned(path, at)
            with pytest.raises(DamagedError, match=path.name):
                read_all(folder)
            path.write_bytes(before[: int(at * len(before)) - 1])
            with pytest.raises(DamagedError, match=path.name):
                read_all(folder)
            path.write_bytes(before)
    read_all(folder)


@pytest.mark.parametrize("description", ["design.txt", "provenance.json"])
def test_the_same_command_makes_damaged_files_again(folder, whole, description):
    for glob in ("study.json", description, "design.parquet", "series/*/*.parquet"):
        turned(next(folder.glob(glob)), 0.4)
    show = silent()
    run(small(), folder.parent, show)
    assert "12 finished runs were in damaged files and are run again" in told(show)
    assert tables(folder) == tables(whole)
    assert (folder / "design.txt").read_bytes() == (whole / "design.txt").read_bytes()
    read_all(folder)


def test_a_damaged_run_that_is_in_no_table_yet_is_named(folder):
    landed = folder / "landed" / "0123456789abcdef.zip"
    ids = abm.open_study(folder).runs()["id"]
    for path in folder.glob("*s/**/block-*.parquet"):
        path.unlink()
    landed = landed.with_stem(ids[0])
    landed.write_bytes(b"PK no zip")
    with pytest.raises(DamagedError, match=landed.name):
        abm.open_study(folder).series()
