"""`embers render`, as it is called."""

import pytest
from typer.testing import CliRunner

from abm.cli.main import app
from abm.dashboard.content.recipe import TYPICAL_SEED

SMALL = ("--days", "2", "--size", "400um", "--every", "12h")


def call(*arguments, code=0):
    ended = CliRunner().invoke(app, ["render", *map(str, arguments)], prog_name="embers")
    assert ended.exit_code == code, ended.output
    return ended.output


@pytest.mark.parametrize("ending", ["html", "gif", "svg", "png"])
def test_the_ending_of_the_file_names_its_kind(ending, tmp_path):
    path = tmp_path / "new" / f"a.{ending}"
    assert str(path) in call("influenza", *SMALL, "--out", path)
    assert path.stat().st_size > 10_000


def test_without_a_name_the_file_is_named_by_scenarios_and_seed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call("no_virus", "influenza", *SMALL, "--seed", "3")
    call("influenza", *SMALL, "--to", "png", "--day", "1")
    found = sorted(path.name for path in (tmp_path / "outputs").iterdir())
    assert found == [f"influenza-seed{TYPICAL_SEED}-day1.png", "no_virus-vs-influenza-seed3.html"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("influenza", "--to", "pdf"), '--to "pdf": there is no such kind. Allowed: html, mp4, gif, svg, png'),
        (("influenza", "--to", "html", "--out", "a.png"), "Name it a.html"),
        (("influenza", "--overlay", "iron"), "there is no such overlay"),
        (("influenza", "--every", "0.01 h"), "Allowed: 0.166667 to 240 h"),
        (("influenza", "--every", "soon"), '--every "soon"'),
        (("influenza", "--to", "png", "--day", "29"), "--day 29: allowed: 0 to 28"),
        (("influenzo",), "influenza"),
        ((".",), "is no folder of `embers compare`"),
        ((".", "influenza"), "is a folder, and renders alone"),
        (("influenza", "rsv", "no_virus", "vaccinated", "il6_knockout"), "a replay shows 1 to 4"),
    ],
)
def test_a_fault_is_told_before_anything_runs(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in call(*arguments, code=2)
    assert not list(tmp_path.iterdir())


def test_a_folder_takes_no_option_of_a_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "provenance.json").write_text('{"seeds": [1], "arms": ["influenza"]}')
    assert "--days, --every: a folder is shown as it was stored" in call(".", "--days", "3", "--every", "6h", code=2)
    assert "has no tables or snapshots yet" in call(".", code=2)
