import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from abm.study.catalog import scenario_names

ROOT = Path(__file__).resolve().parents[1]
SMALL = ("--days", "2", "--size", "400um", "--no-figures")
COMMANDS = ("compare", "run", "list", "describe", "doctor")
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")


def environment():
    return os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"}


def embers(*arguments, cwd, timeout=300):
    command = [sys.executable, "-m", "abm", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, text=True, encoding="utf-8", timeout=timeout, check=False
    )


def only_folder(path):
    (folder,) = path.iterdir()
    return folder


def wait_until(condition, seconds=240.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def group_is_empty(process):
    """Whether no process of its group is left (a dead one that nobody waited for does not count)."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    states = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == process.pid:
            states.append(fields[0])
    return set(states) <= {"Z"}


def start_long_study(cwd):
    """A study of many small runs in a group of its own, of which at least two are finished."""
    arguments = ["compare", "no_virus", "influenza", *SMALL, "--replicates", "400", "--workers", "2", "--out", "out"]
    process = subprocess.Popen(
        [sys.executable, "-m", "abm", *arguments], cwd=cwd, env=environment(), start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    wait_until(lambda: len(list(cwd.glob("out/*/runs/*/run.json"))) >= 2)
    return process


# ---- help and lists --------------------------------------------------------------------------------------------------


def test_help_lists_and_doctor_load_nothing_heavy():
    heavy = "{'pandas', 'numba', 'mesa', 'pyarrow', 'scipy', 'matplotlib', 'numpy'}"
    program = f"import abm.cli, abm.study.catalog, abm.study.doctor, sys; print({heavy} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, env=environment()
    )
    assert result.stdout.strip() == "set()"


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
    name, meaning, known = result.stdout.splitlines()
    assert "parameters.dormancy.lesion_size = " in name
    assert meaning.strip()
    assert " to " in known
    assert any(word in known for word in ("measured", "fitted", "peer", "assumed"))


def test_describe_without_a_name_shows_parameters_scenario_and_treatments(tmp_path):
    text = embers("describe", cwd=tmp_path).stdout
    for name in ("parameters.virus.inoculum", "  duration = 672 h", "treatment (anti-IL-6).dose", "infection.dose"):
        assert name in text


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


# ---- what can go wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], "nonsense"),
        (["compare", "--replicates", "0"], "replicates"),
        (["compare", "--workers", "many"], "workers"),
        (["compare", "--seed", "-1"], "seed"),
        (["compare", "--frobnicate"], "frobnicate"),
        (["compare", "influenzo"], "nearest: influenza"),
        (["compare", "no_such_file.toml"], "no_such_file.toml"),
        (["compare", "--days", "0"], "--days"),
        (["compare", "--days", "nan"], "--days"),
        (["compare", "--size", "1000"], "has no unit"),
        (["compare", "--size", "1 kg"], "does not measure the same"),
        (["compare", "--step", "1 h"], "out of range"),
        (["run"], "SCENARIO"),
        (["run", "influenza", "--days", "2", "--size", "410um"], "40 um"),
        (["describe", "--scenario", "influenzo"], "nearest: influenza"),
    ],
)
def test_nonsense_on_the_command_line_is_told_and_nothing_is_run(arguments, told, tmp_path):
    result = embers(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert told.lower() in result.stderr.lower()
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path):
    (tmp_path / "out").write_text("mine")
    result = embers("run", "no_virus", *SMALL, "--out", "out", cwd=tmp_path)
    assert result.returncode == 1
    assert 'cannot write to the folder "out' in result.stderr
    assert "Traceback" not in result.stderr
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(tmp_path):
    (tmp_path / "out").mkdir(mode=0o555)
    result = embers("run", "no_virus", *SMALL, "--out", "out", cwd=tmp_path)
    assert result.returncode == 1
    assert 'cannot write to the folder "out' in result.stderr


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of a few hundred kilobytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("cannot mount here")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_told_and_what_was_finished_is_kept(tmp_path, tiny_disk):
    arguments = ("compare", "no_virus", "influenza", *SMALL, "--replicates", "20", "--out", tiny_disk)
    result = embers(*arguments, cwd=tmp_path)
    assert result.returncode == 1
    assert "cannot write to the folder" in result.stderr
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr
    kept = {path.parent.name for path in tiny_disk.glob("*/runs/*/run.json")}
    assert kept
    subprocess.run(["mount", "-o", "remount,size=8m", tiny_disk], check=True)
    again = embers(*arguments, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert f"{len(kept)} of 40 runs are there already" in again.stderr


@posix
def test_ctrl_c_keeps_what_was_finished_says_so_and_leaves_no_process(tmp_path):
    process = start_long_study(tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    output, messages = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "runs are finished and kept" in messages
    assert "Traceback" not in messages + output
    folder = only_folder(tmp_path / "out")
    runs = pd.read_parquet(folder / "runs.parquet")
    done = runs[runs["status"] == "done"]
    assert 2 <= len(done) < len(runs) == 800
    assert len(done) == len(list((folder / "runs").glob("*/run.json")))
    assert abs(done["arm"].value_counts()).max() - done["arm"].value_counts().min() <= 4
    series = pd.read_parquet(folder / "series.parquet")
    assert len(series.groupby(["arm", "seed"], observed=True)) == len(done)
    assert json.loads((folder / "provenance.json").read_text())["status"] == "interrupted"
    wait_until(lambda: group_is_empty(process), 10)


@posix
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path):
    process = start_long_study(tmp_path)
    process.kill()
    process.communicate(timeout=30)
    wait_until(lambda: group_is_empty(process), 15)
    assert len(list(tmp_path.glob("out/*/runs/*/run.json"))) >= 2
