"""Every command and block of code of the docs is right: parsed, read or run with tiny settings.

Cells of the notebooks in docs/tutorials are run when the site is built.
"""

import re
import subprocess
import sys

import pytest
from typer import Context
from typer.main import get_command
from typer.testing import CliRunner

from abm.cli.main import app
from abm.cohort.cohort_file import read_cohort
from abm.scenario.read import read_scenario
from abm.studies.design.study_file import read_study
from tests.commands import environment
from tests.docs.blocks import blocks, commands

GROUP = get_command(app)
COMMANDS = list(dict.fromkeys(commands()))
KNOWN = {
    *("", "sh", "bash", "python", "toml", "text", "yaml", "nginx", "groovy", "make", "json"),
    *("{code-cell}", "{toctree}", "{include}", "{eval-rst}"),
}  # fmt: skip
TINY = {
    "compare": ["--days=3", "--size=400um", "--replicates=1", "--no-figures"],
    "run": ["--days=1", "--size=400um", "--no-figures"],
    "sweep": ["--days=2", "--replicates=1"],
    "list": [], "describe": [], "rules": [], "doctor": [],
}  # fmt: skip
PYTHON_ON = ("README.md", "docs/python.md", "docs/faq.md", "docs/rules.md", "docs/sweeps.md")
RUNNER = """\
def run(scripts):
    for page, text in scripts.items():
        exec(compile(text, page, "exec"), {"__name__": page})

if __name__ == "__main__":  # workers read this file again"""
RUN_ON = ("docs/tour.md", "docs/howto/job_arrays.md", "docs/reference/schema.md")


def test_every_block_has_a_language_that_is_checked_or_needs_no_check():
    assert {block.language for block in blocks()} - KNOWN == set()


def test_commands_are_found():
    assert len(COMMANDS) > 100
    assert sum(command.is_whole for command in COMMANDS) > 60


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.page}: {command.text[:60]}")
def test_a_command_of_the_docs_has_arguments_and_options_that_there_are(command):
    words = [word for word in command.words if word != "COMMAND"]
    if not words or words[0].startswith("-"):
        assert set(words) <= {"--help", "--version"}
        return
    own = GROUP.commands[words[0]]
    known = {name for param in own.params for name in param.opts} | {"--help"}
    given = [word.strip("[]").partition("=")[0] for word in words if re.match(r"\[?--", word)]
    assert [name for name in given if name not in known] == []
    if command.is_whole and "--help" not in words:
        arguments = words[1:]
        needed = [param for param in own.params if param.param_type_name == "argument" and param.required]
        if arguments or not needed:  # `embers run` alone, in prose, is the name of the command
            own.make_context(words[0], arguments, parent=Context(GROUP))


def _of(language, *left_out):
    return [block for block in blocks() if block.language == language and block.page not in left_out]


# ---- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block",
    _of(
        "toml", "docs/hypotheses.md", "docs/sweeps.md", "docs/cohorts.md", "docs/lessons.md"
    ),  # of these pages elsewhere
    ids=lambda block: block.page,
)
def test_a_scenario_of_the_docs_is_valid(block, tmp_path):
    text = block.text if "extends" in block.text else f'extends = "influenza"\n{block.text}'
    if "mine.png" in text:
        from abm.tissue.section import alveolar_sheet
        from abm.tissue.section_mask import write_mask

        write_mask(alveolar_sheet(100, 100, 1), tmp_path / "mine.png")
    assert read_scenario(tmp_path / "mine.toml", text).infections


def test_the_study_of_the_docs_is_valid_and_can_be_calibrated(tmp_path):
    study, calibrated = (block.text for block in _of("toml") if block.page == "docs/sweeps.md")
    assert len(read_study(tmp_path / "mine.toml", study).axes) == 2
    rows = [f"il6_lavage,{day},{mouse},{mouse * value}" for day, value in ((3, 124), (7, 654)) for mouse in (1, 2, 3)]
    (tmp_path / "jhutty_2022.csv").write_text("\n".join(["what,day,mouse,median", *rows]), encoding="utf-8")
    axis = '[[axis]]\nvary = "parameters.adaptive.delay"\nlow = "70 h"\nhigh = "160 h"\n'
    whole = read_study(tmp_path / "mine.toml", f'arms = ["influenza"]\nduration = "11 d"\n{axis}{calibrated}')
    assert whole.calibration is not None


def test_the_cohort_of_the_docs_is_valid(tmp_path):
    (text,) = (block.text for block in _of("toml") if block.page == "docs/cohorts.md")
    assert len(read_cohort(tmp_path / "mine.toml", text).policies) == 1


# ---- what is run -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the results and files that pages name."""
    path = tmp_path_factory.mktemp("reader")
    (scenario,) = (block.text for block in _of("toml") if block.page == "docs/tour.md")
    (path / "mine.toml").write_text(scenario, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        for line in ("compare no_virus --name mine", "sweep blockade_timing --name blockade_timing --shard 1/12"):
            words = line.split()
            ended = CliRunner().invoke(app, [*words, *TINY[words[0]]])
            assert ended.exit_code == 0, ended.output
    return path


SHOWN = [one for one in COMMANDS if one.page in RUN_ON and one.is_whole and one.words and one.words[0] in TINY]


@pytest.mark.parametrize("command", [one for one in SHOWN if len(one.words) > 1], ids=lambda command: command.text)
def test_a_command_of_the_tour_and_of_how_to_pages_runs(command, folder, monkeypatch):
    monkeypatch.chdir(folder)
    ended = CliRunner().invoke(app, [*command.words, *TINY[command.words[0]]])
    assert ended.exit_code == 0, ended.output


def test_the_python_of_the_pages_runs(folder):
    scripts = {page: "\n".join(block.text for block in _of("python") if block.page == page) for page in PYTHON_ON}
    assert all(scripts.values())
    (folder / "pages.py").write_text(f"{RUNNER}\n    run({scripts!r})\n", encoding="utf-8")
    settings = environment() | {"MPLBACKEND": "Agg"}
    ended = subprocess.run(
        [sys.executable, "pages.py"], cwd=folder, env=settings, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_all_other_python_of_the_docs_compiles():
    for block in _of("python"):
        compile(block.text, block.page, "exec")
