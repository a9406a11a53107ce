"""The archive gives the same runs again, and opens on the page again; so does a folder of `embers compare`."""

import io
import json
import re
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.cli.main import app
from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.opening import recipe_of_folder
from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.live.stage import Stage
from abm.dashboard.live.worker import EVERY, MEASURED, series_of
from abm.dashboard.publication.archive import PICTURES, packed, take
from abm.dashboard.publication.wish import wish_of
from abm.model.measures import MEASURES
from tests.dashboard.mechanism.conftest import played

TREATED = {"op": "add", "list": "treatment", "entry": {"type": "anti-IL-6", "drug": "MP5-20F3", "start": "1 d"}}
TWO = Recipe((RecipeArm("influenza"), RecipeArm("influenza", edits=(TREATED,))), seed=4, side=600, days=3)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    made = played(TWO, 72)
    yield made
    made.close()


@pytest.fixture(scope="module")
def folder(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked archive, taken with one background run."""
    found = [[series_of(one, 5) for one in stage.scenarios]]
    taken = take(stage, wish_of({"dpi": "72", "measures": "il6"}, "pdf"), found)
    place = tmp_path_factory.mktemp("archive")
    with zipfile.ZipFile(io.BytesIO(packed(taken))) as archive:
        archive.extractall(place)
    return place / taken.name


def test_it_holds_all_that_its_readme_names(folder: Path, stage: Stage) -> None:
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    scenarios = {f"scenarios/{one.name}.toml" for one in stage.scenarios}
    tables = {f"{name}.csv" for name in ("curves", "measures", "events", "secretion", "replicates")}
    assert files == scenarios | tables | {f"figure.{kind}" for kind in PICTURES} | {"README.txt", "provenance.json"}
    text = (folder / "README.txt").read_text()
    assert "influenza_anti_il6_d1.toml" in text
    assert "10.1038/s41586-025-09332-0" in text


def test_its_tables_are_those_of_the_page(folder: Path, stage: Stage) -> None:
    curves, events = pd.read_csv(folder / "curves.csv"), pd.read_csv(folder / "events.csv")
    own = curves[curves["view"] == "B"]
    assert own["il6"].tolist() == [point[stage.arms[1].measures.index("il6")] for point in stage.arms[1].points]
    assert len(events) == sum(int(run.model.tissue.status[0].events) for run in stage.arms)
    secretion = pd.read_csv(folder / "secretion.csv")
    assert secretion["hour"].max() == 72.0
    assert (secretion.drop(columns=["view", "scenario", "hour"]).sum(axis=1) > 0).all()
    assert set(pd.read_csv(folder / "measures.csv")["measure"]) == set(MEASURES)
    assert pd.read_csv(folder / "replicates.csv")["seed"].unique().tolist() == [5]


def test_the_command_in_it_gives_the_same_bits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.loads((folder / "provenance.json").read_text())["reproduce"]
    assert line in (folder / "README.txt").read_text()
    monkeypatch.chdir(folder)
    ran = CliRunner().invoke(app, [*shlex.split(line)[1:], "--no-figures", "--workers", "1", "--out", "again"])
    assert ran.exit_code == 0, ran.output
    (again,) = (folder / "again").iterdir()
    series = pd.read_parquet(again / "series.parquet")
    curves, replicates = pd.read_csv(folder / "curves.csv"), pd.read_csv(folder / "replicates.csv")
    for seed, table in ((4, curves[curves["hour"] % 6 == 0]), (5, replicates[replicates["hour"] % EVERY == 0])):
        for name, own in table.groupby("scenario"):
            for measure in ("il6", "cells_per_seeded", "virions"):
                run = series[(series["arm"] == name) & (series["seed"] == seed)]
                assert run.sort_values("hour")[measure].tolist() == own.sort_values("hour")[measure].tolist()
    recipe, told = recipe_of_folder(again)  # the way back from the comparison
    assert recipe.seed == 4
    assert "seed 4 of 4 to 5" in told


def test_the_folder_opens_on_the_page_as_it_was(folder: Path, stage: Stage) -> None:
    recipe, told = recipe_of_folder(folder)
    assert (recipe.seed, recipe.side, recipe.days) == (4, 600, 3)
    again = played(recipe, 72)
    assert [one.title for one in again.scenarios] == [one.title for one in stage.scenarios]
    assert [run.points for run in again.arms] == [run.points for run in stage.arms]
    assert "background runs" in told
    again.close()


def damaged(folder: Path, place: Path, file: str, pattern: str, text: str) -> Path:
    """A copy of the folder in which a file has something else."""
    for path in folder.rglob("*.toml"):
        target = place / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text())
    (place / "provenance.json").write_text((folder / "provenance.json").read_text())
    (place / file).write_text(re.sub(pattern, text, (place / file).read_text(), count=1))
    return place


@pytest.mark.parametrize(
    ("file", "pattern", "text", "said"),
    [
        ("provenance.json", r'"seeds"', '"others"', "no folder of results"),
        (
            "scenarios/influenza.toml",
            r"(?m)^width = .*",
            'width = "1000 um"',
            "square sections of one size, 400 to 5000 um",
        ),
        (
            "scenarios/influenza.toml",
            r"(?m)^duration = .*",
            'duration = "5 d"',
            "runs of one length of 1 to 120 whole days",
        ),
        ("provenance.json", r'"influenza"', '"measles"', "is not there"),
    ],
)
def test_a_folder_that_the_page_cannot_show_is_refused(
    folder: Path, tmp_path: Path, file: str, pattern: str, text: str, said: str
) -> None:
    with pytest.raises(RecipeError, match=re.escape(said)):
        recipe_of_folder(damaged(folder, tmp_path, file, pattern, text))


def test_the_command_refuses_a_folder_without_results_before_it_serves(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["serve", "--no-browser", str(tmp_path)])
    assert ran.exit_code == 1
    assert "no folder of results" in " ".join(ran.output.split())


def test_a_series_has_all_measures() -> None:
    assert set(MEASURED) == set(MEASURES)
