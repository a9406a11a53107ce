"""The core without the page: what it declares is enough, and everything but the page works on it alone."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pytest
from packaging.requirements import Requirement

from abm.installation import optional_deps
from tests.commands import ROOT, environment

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CORE = PROJECT["dependency-groups"]["core"]
OWN = {"abm", "embers_lung", "tests", "coverage", "_pytest"}
BLOCKER = """
from importlib.machinery import PathFinder

names, found = frozenset({names!r}), PathFinder.find_spec

def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] in names else found(name, path, target)

PathFinder.find_spec = staticmethod(find_spec)
"""


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", Requirement(text).name).lower()


def _with_all_they_need(lines: list[str]) -> set[str]:
    """Names of these distributions and of all that they require here, without extras."""
    found: set[str] = set()
    waiting = [_name(line) for line in lines]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += list(_required(name))
    return found


def _required(name: str) -> Iterator[str]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return
    for line in lines:
        marker = Requirement(line).marker
        if marker is None or marker.evaluate({"extra": ""}):
            yield _name(line)


@pytest.fixture(scope="module")
def only_core(tmp_path_factory) -> dict[str, str]:
    """An environment in which nothing but the core can be imported, also not by workers."""
    core = _with_all_they_need(CORE)
    blocked = {
        module
        for module, owners in packages_distributions().items()
        if module not in OWN and not core.intersection(re.sub(r"[-_.]+", "-", one).lower() for one in owners)
    }
    assert {"solara", "ipyvuetify", "starlette", "uvicorn", "IPython"} <= blocked
    folder = tmp_path_factory.mktemp("core")
    (folder / "sitecustomize.py").write_text(BLOCKER.format(names=sorted(blocked)), encoding="utf-8")
    return environment() | {"PYTHONPATH": f"{folder}:{ROOT}", "MPLBACKEND": "Agg"}


def run(arguments: list[str], env: dict[str, str], cwd) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments], env=env, cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


def test_core_and_page_are_the_dependencies_and_nothing_else():
    dependencies = PROJECT["project"]["dependencies"]
    assert set(CORE) <= set(dependencies)
    page = {_name(line) for line in dependencies} - {_name(line) for line in CORE}
    assert page == {*optional_deps.PAGE, "solara-assets"}


def test_a_program_simulates_and_compares_on_the_core_alone(only_core, tmp_path):
    script = """
import abm
small = abm.load_scenario("influenza").with_section(width="400 um", height="400 um")
run = abm.simulate(small, seed=1, days=1)
run.plot().savefig("run.png")
print(run.digest)
"""
    ended = run(["-c", script], only_core, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.strip()) == 64
    command = "-m abm compare no_virus influenza --days 1 --size 400um --replicates 2"
    ended = run(command.split(), only_core, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "figure: " in ended.stdout


def test_every_module_but_those_of_the_page_and_of_extras_is_imported_on_the_core_alone(only_core, tmp_path):
    script = """
import importlib, pkgutil, abm
for found in pkgutil.walk_packages(abm.__path__, "abm."):
    if not found.name.endswith("__main__"):
        try:
            importlib.import_module(found.name)
        except ImportError as error:
            print(found.name)
"""
    ended = run(["-c", script], only_core, tmp_path)
    assert ended.returncode == 0, ended.stderr
    missing = ended.stdout.split()
    assert "abm.dashboard.server.page" in missing
    assert [name for name in missing if not name.startswith(("abm.dashboard.", "abm.gym", "abm.mcp."))] == []


def test_the_doctor_reports_the_page_as_missing_and_nothing_as_wrong(only_core, tmp_path):
    ended = run(["-m", "abm", "doctor"], only_core, tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "only the page needs it" in ended.stdout


def test_the_page_says_what_it_lacks_and_how_to_get_it(only_core, tmp_path):
    ended = run(["-m", "abm", "serve"], only_core, tmp_path)
    assert ended.returncode == 1
    assert re.search(r"the page needs it: solara, .*: pip install -c constraints.txt -e \.$", ended.stderr.strip())
