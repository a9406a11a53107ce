"""`--name`: results in a folder whose name is known beforehand, as workflows need it."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.cli.main import app
from abm.cli.shared import read_name
from tests.commands import SMALL, embers


def compare(*arguments, cwd):
    return embers("compare", "no_virus", *arguments, *SMALL, "--days", "1", "--name", "mine", "--workers", "1", cwd=cwd)


def seeds(folder):
    return sorted(pd.read_parquet(folder / "series.parquet")["seed"].unique())


def test_a_comparison_goes_into_the_folder_of_this_name_and_grows_there_but_is_not_mixed_with_another(tmp_path):
    folder = tmp_path / "outputs/mine"
    assert compare("--replicates", "1", cwd=tmp_path).returncode == 0
    assert seeds(folder) == [1]
    more = compare("--replicates", "2", cwd=tmp_path)
    assert more.returncode == 0, more.stderr
    assert "1 of 2 runs are there already" in more.stderr
    assert seeds(folder) == [1, 2]
    fewer = compare("--replicates", "1", cwd=tmp_path)
    assert fewer.returncode == 0, fewer.stderr
    assert seeds(folder) == [1]
    assert json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["seeds"] == [1]
    other = compare("influenza", "--replicates", "1", cwd=tmp_path)
    assert other.returncode == 1
    assert "---- arm influenza" in other.stderr
    assert "Traceback" not in other.stderr
    assert seeds(folder) == [1]


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "-dash", "dot.", "name with blank", "x" * 101])
def test_a_name_that_cannot_be_a_folder_is_refused_before_anything_runs(name, tmp_path):
    ended = CliRunner().invoke(app, ["run", "no_virus", f"--name={name}", "--out", str(tmp_path)])
    assert ended.exit_code == 2
    assert "cannot name a folder" in " ".join(ended.output.replace("│", " ").split())
    assert not list(tmp_path.iterdir())


def test_ordinary_names_are_folders():
    assert [read_name(name) for name in ("", "day_9", "v1.2+il6-blockade")] == ["", "day_9", "v1.2+il6-blockade"]
