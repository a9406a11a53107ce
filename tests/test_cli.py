import json

import pandas as pd
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from abm.cli.help_panels import OPTION_PANELS
from abm.cli.main import app
from abm.scenario.catalog import scenario_names
from tests.commands import SMALL, embers, only_folder

COMMANDS = ("compare", "run", "list", "describe", "verify", "doctor")
PANELS = ("Run:", "Studies:", "Virtual patients:", "Evidence:", "Inspect:", "Options:")


# ---- help and lists --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command, tmp_path):
    result = embers(command, "--help", cwd=tmp_path)
    assert result.returncode == 0
    assert f"Example: embers {command}" in result.stdout


def test_without_a_command_it_shows_help_and_where_to_start(tmp_path):
    result = embers(cwd=tmp_path)
    text = result.stdout + result.stderr
    assert "embers compare" in text
    assert all(command in text for command in COMMANDS)


def test_the_help_lists_every_command_in_its_panel(tmp_path):
    lines = embers("--help", cwd=tmp_path).stdout.splitlines()
    heads = [line for line in lines if line and not line.startswith((" ", "Usage"))]
    assert heads == list(PANELS)
    shown = {
        line.split()[0] for line in lines[lines.index("Run:") :] if line.startswith("  ") and not line.startswith("  -")
    }
    assert shown == set(get_command(app).commands)


@pytest.mark.parametrize("name", sorted(get_command(app).commands))
def test_the_help_of_a_command_lists_every_option_and_argument(name):
    command = get_command(app).commands[name]
    text = " ".join(CliRunner().invoke(app, [name, "--help"], prog_name="embers").output.split())
    for param in command.params:
        shown = param.opts[-1] if param.param_type_name == "option" else (param.metavar or param.name)
        assert shown.lower() in text.lower(), (name, shown)
        if param.param_type_name == "option":
            assert (param.rich_help_panel or "Options") in OPTION_PANELS
    assert "Example: embers" in text


def test_it_tells_its_version(tmp_path):
    result = embers("--version", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stdout.startswith("embers ")


def test_list_shows_every_scenario_with_its_story(tmp_path):
    lines = embers("list", cwd=tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in lines] == scenario_names()
    assert all(len(line.split()) > 4 for line in lines)


# ---- describe and doctor ---------------------------------------------------------------------------------------------


def test_describe_shows_value_unit_range_confidence_and_source_of_what_is_asked_for(tmp_path):
    result = embers("describe", "lesion_size", cwd=tmp_path)
    assert result.returncode == 0
    name, meaning, known, *sources = result.stdout.splitlines()
    assert "parameters.dormancy.lesion_size = " in name
    assert meaning.strip()
    assert " to " in known
    assert any(word in known for word in ("measured", "fitted", "peer", "assumed"))
    assert "[Huesemann 2008]" in known
    assert sources[:2] == ["", "Sources"]
    assert sources[2].startswith("  [Huesemann 2008] ")
    assert sources[2].endswith(": https://doi.org/10.1016/j.ccr.2007.12.003")


def test_describe_says_assumed_once_where_nothing_supports_a_number(tmp_path):
    result = embers("describe", "cells.fibroblast.speed", cwd=tmp_path)
    assert result.stdout.splitlines()[2].strip() == "0 to 1 um/min; assumed"


def test_describe_lists_no_sources_where_none_is_cited(tmp_path):
    assert "Sources" not in embers("describe", "signal_memory", cwd=tmp_path).stdout


def test_describe_without_a_name_shows_parameters_scenario_and_treatments(tmp_path):
    text = embers("describe", cwd=tmp_path).stdout
    for name in ("parameters.virus.inoculum", "  duration = 672 h", "treatment (anti-IL-6).dose", "infection.dose"):
        assert name in text


def test_describe_tells_the_drugs_and_takes_no_heed_of_hyphens(tmp_path):
    text = embers("describe", "drug", cwd=tmp_path).stdout
    assert 'treatment (anti-IL-6R).drug\n      "MR16-1": mouse; usually 0.5 mg every 72 h' in text
    assert '"nirmatrelvir": human, against SARS-CoV-2' in text
    assert "  [Frey 2010] Frey 2010, J Clin Pharmacol: https://doi.org/10.1177/0091270009350623" in text
    assert "treatment (anti-IL-6).drug" in embers("describe", "antiil6", cwd=tmp_path).stdout


def test_describe_marks_what_a_scenario_changes(tmp_path):
    (tmp_path / "mine.toml").write_text('extends = "influenza"\nparameters.dormancy.lesion_size = "77 cell"\n')
    lines = embers("describe", "lesion_size", "--scenario", "mine.toml", cwd=tmp_path).stdout.splitlines()
    assert lines[0].startswith("* parameters.dormancy.lesion_size = 77")
    assert "default" in lines[0]


def test_describe_of_what_is_not_there_names_the_nearest(tmp_path):
    result = embers("describe", "lesion_sise", cwd=tmp_path)
    assert result.returncode == 2
    assert "lesion_size" in result.stderr


def test_doctor_finds_this_machine_well(tmp_path):
    result = embers("doctor", cwd=tmp_path)
    assert result.returncode == 0
    for word in ("numba", "cores", "memory", "compiled loops", "outputs", "scenarios"):
        assert word in result.stdout


def test_doctor_names_outputs_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    result = embers("doctor", "--out", "file/below", cwd=tmp_path)
    assert result.returncode == 1
    assert "FAULT  outputs" in result.stdout
    assert "--out" in result.stdout


# ---- compare and run -------------------------------------------------------------------------------------------------


def test_compare_prints_a_table_and_writes_everything(tmp_path):
    result = embers("compare", "no_virus", "influenza", *SMALL, "--replicates", "2", "--seed", "7", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "4 runs of 2 days on sections of 0.4 mm x 0.4 mm" in result.stderr
    for word in ("no_virus", "influenza", "Cells, ratio at the end", "not medical advice", "all results: outputs"):
        assert word in result.stdout
    folder = only_folder(tmp_path / "outputs")
    files = {path.name for path in folder.iterdir()}
    assert files >= {"series.parquet", "events.parquet", "runs.parquet", "snapshots", "scenarios", "README.txt"}
    assert files >= {"provenance.json", "summary.md", "summary.csv", "summary.json"}
    assert set(pd.read_parquet(folder / "runs.parquet")["seed"]) == {7, 8}
    told = json.loads((folder / "provenance.json").read_text())
    assert told["command"].startswith("embers compare no_virus influenza --days 2")
    again = embers("compare", "no_virus", "influenza", *SMALL, "--replicates", "2", "--seed", "7", cwd=tmp_path)
    assert again.returncode == 0
    assert "complete already" in again.stderr
    assert again.stdout == result.stdout


def test_run_does_one_run_of_a_file(tmp_path):
    (tmp_path / "mine.toml").write_text('extends = "influenza"\ntitle = "Mine"\n')
    result = embers("run", "mine.toml", *SMALL, "--seed", "3", "--out", "there", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    folder = only_folder(tmp_path / "there")
    runs = pd.read_parquet(folder / "runs.parquet")
    assert runs[["arm", "seed", "status"]].to_numpy().tolist() == [["mine", 3, "done"]]
    assert (folder / "scenarios" / "mine.toml").exists()


def test_figures_are_drawn_and_named(tmp_path):
    result = embers("run", "influenza", "--days", "2", "--size", "400um", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    figures = [line.removeprefix("figure: ") for line in result.stdout.splitlines() if line.startswith("figure: ")]
    assert figures
    assert all((tmp_path / figure).stat().st_size > 1000 for figure in figures)
