"""Image, conda recipe and Binder: what they install and call is what pyproject.toml and the command have today."""

import fnmatch
import re
import shlex
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from typer.testing import CliRunner

from abm.cli.main import app
from abm.installation.package import DISTRIBUTION
from tests.commands import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CORE = PROJECT["dependency-groups"]["core"]
CONDA_NAMES = {"matplotlib": "matplotlib-base"}  # where conda-forge calls it by another name
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
STEPS = [tuple(line.split(maxsplit=1)) for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
BINDER = ROOT / ".binder"


def arguments(step: str) -> list[str]:
    return [text for name, text in STEPS if name == step]


def command_in(text: str) -> list[str]:
    """The words of a command, in either form that a Dockerfile has."""
    return re.findall(r'"([^"]*)"', text) if text.startswith("[") else shlex.split(text)


# ---- the image -------------------------------------------------------------------------------------------------------


def test_the_image_copies_all_that_a_build_of_the_package_reads():
    copied = {path for line in arguments("COPY") if "--from" not in line for path in line.split()[:-1]}
    hatch = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", "constraints.txt", PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]}
    assert copied == needed | set(hatch["packages"]) | set(hatch["force-include"])
    assert all((ROOT / path).exists() for path in copied)


def test_what_docker_ignores_leaves_what_the_image_copies():
    text = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    copied = {path for line in arguments("COPY") if "--from" not in line for path in line.split()[:-1]}
    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert not any(fnmatch.fnmatch(path, line) for path in copied for line in lines[1:] if not line.startswith("!"))


def test_the_image_has_a_python_that_embers_supports_and_one_user_who_is_not_root():
    bases = {line.split()[0] for line in arguments("FROM")}
    (version,) = {re.fullmatch(r"python:([\d.]+)-slim-\w+", base)[1] for base in bases}
    assert f"Programming Language :: Python :: {version}" in PROJECT["project"]["classifiers"]
    assert arguments("USER") == ["embers"]
    assert STEPS.index(("USER", "embers")) < [name for name, _ in STEPS].index("CMD")


def test_the_image_serves_at_the_port_that_it_exposes():
    (command,) = arguments("CMD")
    program, *given = command_in(command)
    assert program == "embers"
    ended = CliRunner().invoke(app, [*given, "--help"])  # reads the options before it shows the help
    assert ended.exit_code == 0
    assert "0.0.0.0" in given
    (port,) = arguments("EXPOSE")
    assert _default_port() == int(port)
    (health,) = arguments("HEALTHCHECK")
    assert f"localhost:{port}/embers/facts" in health


def _default_port() -> int:
    from typer.main import get_command

    serve = get_command(app).commands["serve"]
    return next(option.default for option in serve.params if option.name == "port")


def test_the_image_is_built_with_pinned_versions_and_warms_the_cache_with_a_command_that_there_is():
    runs = arguments("RUN")
    install, warm = (next(run for run in runs if words in run) for words in ("pip install", "embers compare"))
    assert "-c constraints.txt" in install
    given = shlex.split(warm.split("&&")[0])
    assert CliRunner().invoke(app, [*given[1:], "--help"]).exit_code == 0


# ---- conda -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recipe() -> dict:
    return yaml.safe_load((ROOT / "recipe" / "recipe.yaml").read_text(encoding="utf-8"))


def conda(lines: list[str]) -> dict[str, SpecifierSet]:
    """Requirements of conda, or of pip, by name as conda has it."""
    found = (Requirement(line.replace(" ", "", 1) if " " in line else line) for line in lines if "${{" not in line)
    return {CONDA_NAMES.get(one.name, one.name): one.specifier for one in found}


def test_the_recipe_requires_what_the_project_requires(recipe):
    core, whole = (output["requirements"]["run"] for output in recipe["outputs"])
    python = {"python": SpecifierSet(PROJECT["project"]["requires-python"])}
    assert conda(core) == conda(CORE) | python
    assert conda(core) | conda(whole) == conda(PROJECT["project"]["dependencies"]) | python
    assert any('pin_subpackage("embers-lung-core", exact=True)' in line for line in whole)
    host = conda(recipe["outputs"][0]["requirements"]["host"])
    assert conda(PROJECT["build-system"]["requires"]).items() <= host.items()


def test_the_recipe_has_name_version_licence_and_commands_of_the_project(recipe):
    assert recipe["context"]["version"] == PROJECT["project"]["version"]
    assert [output["package"]["name"] for output in recipe["outputs"]] == [f"{DISTRIBUTION}-core", DISTRIBUTION]
    assert recipe["about"]["license"] == PROJECT["project"]["license"]
    assert recipe["about"]["summary"] == PROJECT["project"]["description"]
    scripts = [f"{name} = {target}" for name, target in PROJECT["project"]["scripts"].items()]
    assert recipe["outputs"][0]["build"]["python"]["entry_points"] == scripts


# ---- Binder ----------------------------------------------------------------------------------------------------------


def test_binder_installs_this_checkout_with_its_pins_on_a_python_that_embers_supports():
    pins, package = (BINDER / "requirements.txt").read_text(encoding="utf-8").split("\n")[:2]
    assert (BINDER / pins.removeprefix("-c ")).resolve() == ROOT / "constraints.txt"
    extras = re.fullmatch(r"-e \.\[(.*)\]", package)[1].split(",")
    assert set(extras) <= set(PROJECT["project"]["optional-dependencies"])
    assert "jupyter" in extras
    version = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert f"Programming Language :: Python :: {version}" in PROJECT["project"]["classifiers"]


def test_binder_compiles_with_a_command_that_there_is():
    script = BINDER / "postBuild"
    assert script.stat().st_mode & 0o111
    given = shlex.split(script.read_text(encoding="utf-8").strip().splitlines()[-1])
    assert given[0] == "embers"
    assert CliRunner().invoke(app, [*given[1:], "--help"]).exit_code == 0
