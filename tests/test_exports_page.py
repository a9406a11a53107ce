"""What docs/exports.md shows runs as it stands there, from top to bottom, in a folder of its own."""

import glob
import re
import shlex

from typer.testing import CliRunner

from abm.cli.main import app
from tests.commands import ROOT

PAGE = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
SMALLER = ("--size", "400um")  # the section of a packaged scenario takes longer


def test_its_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for language, text in BLOCKS:
        if language == "python":
            exec(compile(text, "docs/exports.md", "exec"), names)
    assert names["adata"].n_obs > 1000
    assert (tmp_path / "maps.nc").is_file()
    run_commands()


def run_commands():
    """The commands of the page, after the comparison that its Python has made."""
    commands = [line for language, text in BLOCKS if language == "sh" for line in text.splitlines()]
    assert len(commands) > 4
    for command in commands:
        _, *arguments = shlex.split(command)
        expanded = [one for word in arguments for one in sorted(glob.glob(word)) or [word]]  # noqa: PTH207 - as a shell
        if expanded[0] == "run":
            expanded += SMALLER
        ended = CliRunner().invoke(app, expanded, prog_name="embers")
        assert ended.exit_code == 0, f"{command}\n{ended.output}"
