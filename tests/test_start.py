"""What simulates nothing is there at once: it loads nothing heavy."""

import subprocess
import sys

import pytest

from tests.commands import environment

HEAVY = {"numba", "pandas", "mesa", "numpy", "scipy", "pyarrow", "matplotlib", "PIL", "solara"}


def loaded(*arguments, cwd):
    """Names of all modules that a fresh Python loads, and how it ends."""
    command = [sys.executable, "-X", "importtime", *arguments]
    ended = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, check=False, encoding="utf-8")
    lines = [line for line in ended.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}, ended.returncode


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("--help", 0),
        ("run --help", 0),
        ("--version", 0),
        ("list", 0),
        ("describe", 0),
        ("describe lesion", 0),
        ("describe lesion --scenario influenza_blockade", 0),
        ("describe lesion_sise", 2),
        ("doctor", 0),
        ("verify --help", 0),
        ("verify --only difusion", 2),
        ("run influenzo", 2),
        ("run faulty.toml", 2),
        ("compare influenza faulty.toml", 2),
        ("compare --days 0", 2),
    ],
)
def test_a_command_that_simulates_nothing_loads_nothing_heavy(arguments, code, tmp_path):
    faulty = 'extends = "influenza"\nduration = "20 d"\nparameters.dormancy.lesion_size = "77 kg"\n'
    (tmp_path / "faulty.toml").write_text(faulty)
    modules, ended = loaded("-m", "abm", *arguments.split(), cwd=tmp_path)
    assert ended == code
    assert "abm.cli.main" in modules
    assert {name.partition(".")[0] for name in modules} & HEAVY == set()


def test_a_scenario_is_read_and_checked_without_anything_heavy(tmp_path):
    modules, ended = loaded("-c", "from abm import load_scenario; load_scenario('influenza_blockade')", cwd=tmp_path)
    assert ended == 0
    assert "abm.scenario.check" in modules
    assert {name.partition(".")[0] for name in modules} & HEAVY == set()


def test_the_package_itself_loads_no_more_than_what_watches_its_imports(tmp_path):
    modules, ended = loaded("-c", "import abm", cwd=tmp_path)
    assert ended == 0
    assert {name for name in modules if name.partition(".")[0] == "abm"} == {
        "abm",
        "abm.core",
        "abm.core.kernels",
        "abm.core.kernels.imported",
    }
