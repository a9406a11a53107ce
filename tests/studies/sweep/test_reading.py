"""Reading results back: what can be saved, what tables say of themselves, and names that are none."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import abm
from abm.studies.sweep.selection import NoStudyError, UnknownNameError
from tests.commands import embers
from tests.studies.studies import run, small, write

ODD = ["a=b", "50 % dose", "größer", "-dash", "a#b;c", ".dot", "x%20y"]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return run(small(1), tmp_path_factory.mktemp("out") / "arm=left")


@pytest.fixture(scope="module")
def read(done):
    return abm.open_study(done.folder)


@pytest.mark.slow
def test_an_array_is_saved_as_netcdf_and_read_back(read, tmp_path):
    import xarray as xr

    cube = read.to_xarray("il6")
    cube.to_netcdf(tmp_path / "il6.nc", engine="scipy")
    back = xr.open_dataset(tmp_path / "il6.nc", engine="scipy")
    assert np.array_equal(back["il6"].values, cube["il6"].values)
    assert back["arm"].values.astype(str).tolist() == ["influenza", "influenza_blockade"]
    assert cube["arm"].dtype.kind in "UTO"  # plain text, which Zarr takes too


def test_an_equals_sign_in_the_folder_is_no_arm(read):
    assert set(read.series()["arm"]) == {"influenza", "influenza_blockade"}
    assert len(read.series("il6", arm="influenza")) > 0


def test_parquet_files_tell_units_meanings_and_the_version(done):
    path = next(done.folder.glob("series/*/*.parquet"))
    schema = pq.read_schema(path)
    assert schema.field("il6").metadata[b"unit"] == b"ng/mL"
    assert schema.field("start").metadata[b"unit"] == b"h"
    assert schema.field("hour").metadata[b"unit"] == b"h"
    assert b"embers" in schema.metadata


def test_names_that_are_none_get_the_nearest_not_no_rows(read):
    with pytest.raises(UnknownNameError, match="nearest: influenza"):
        read.series("il6", arm="influnza")
    with pytest.raises(UnknownNameError, match="nearest: awakening"):
        read.events(kind=["awakning"])
    with pytest.raises(UnknownNameError, match="nearest: il6"):
        read.series("il_6")
    with pytest.raises(UnknownNameError, match="column"):
        read.events(columns=["kinds"])


def test_a_folder_that_holds_no_study_is_explained(tmp_path):
    with pytest.raises(NoStudyError, match="there is no folder"):
        abm.open_study(tmp_path / "nowhere")
    with pytest.raises(NoStudyError, match="holds no study"):
        abm.open_study(tmp_path)


def test_readme_of_a_result_states_the_types_that_files_have_and_the_kinds(tmp_path):
    result = embers("run", "influenza", "--days", "1", "--size", "160um", "--no-figures", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (folder,) = (tmp_path / "outputs").iterdir()
    text = (folder / "README.txt").read_text(encoding="utf-8")
    with np.load(next(folder.glob("snapshots/*/*/day_*.npz"))) as arrays:
        for name in ("epithelium", "il6", "virus"):
            line = next(line for line in text.splitlines() if line.split()[:1] == [name])
            assert f"{arrays[name].dtype}[" in line
    assert "lesion_detected" in text
    assert "born_awake" in text


def test_the_line_that_says_how_to_read_works(tmp_path):
    text = 'arms = ["no_virus"]\nduration = "1 d"\nmeasures = ["il6"]\n[section]\nwidth = "160 um"\nheight = "160 um"\n'
    (tmp_path / "x y.toml").write_text(text)
    result = embers("sweep", "x y.toml", "--workers", "1", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("read them with: ")]
    code = line.removeprefix("read them with: ").replace('"outputs', f'"{tmp_path.as_posix()}/outputs')
    assert len(eval(code, {"abm": abm})) > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_odd_names_of_arms_and_studies_work_in_folders_and_tables(tmp_path, name):
    base = "extends = 'no_virus'\nduration = '1 d'\nsnapshots = []\n[section]\nwidth = '160 um'\nheight = '160 um'\n"
    (tmp_path / f"{name}.toml").write_text(base, encoding="utf-8")
    text = f'arms = ["no_virus", "./{name}.toml"]\nduration = "1 d"\n[section]\nwidth = "160 um"\nheight = "160 um"\n'
    study = write(tmp_path, text.replace("{", "{{").replace("}", "}}"), name=f"s {name}")
    from abm.studies.design.study_file import read_study

    found = abm.open_study(run(read_study(Path(study)), tmp_path / "out").folder)
    assert set(found.series()["arm"]) == {"no_virus", name}
    assert len(found.series("il6", arm=name)) > 0
    compared = embers("compare", f"./{name}.toml", "no_virus", "--replicates", "1", "--no-figures", cwd=tmp_path)
    assert compared.returncode == 0, compared.stderr


@pytest.mark.parametrize("name", ["con", "NUL", "lpt1.x", "end ", "end.", "a:b", "tab\tname", 'quo"te'])
def test_names_that_some_system_does_not_take_are_refused_with_a_sentence(tmp_path, name):
    from abm.cohort.cohort_file import read_cohort
    from abm.scenario.errors import ScenarioError
    from abm.scenario.read import read_scenario
    from abm.studies.design.study_file import read_study

    for read_file in (read_scenario, read_study, read_cohort):
        with pytest.raises(ScenarioError, match="rename the file"):
            read_file(tmp_path / f"{name}.toml", "title = 'x'")


@pytest.mark.parametrize("name", [*ODD, "\u03bb.toml", 'a"b', "line\nbreak"])
def test_downloads_keep_odd_names(name):
    from urllib.parse import unquote

    from abm.dashboard.content.downloads import as_file

    told = as_file(b"", name, "text/csv").headers["content-disposition"]
    assert unquote(told.rpartition("''")[2]) == name
    assert "\n" not in told
