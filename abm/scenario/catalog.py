"""The scenarios that come with the package: names, paths, one-line stories.

Imports nothing heavy, so that a list of them is there at once.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from abm.core.names import nearest
from abm.scenario.errors import Fault, ScenarioError

HYPOTHESES = "hypotheses"  # their folder among the packaged scenarios


def scenarios_folder() -> Path:
    """The folder of the packaged scenarios: in a wheel inside the package, in a checkout at its top."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def scenario_names() -> list[str]:
    """Names of all packaged scenarios, sorted."""
    return sorted(path.stem for path in scenarios_folder().glob("*.toml"))


def hypothesis_paths() -> dict[str, Path]:
    """Files of the packaged rival hypotheses by name: IL-6, which the model has built in, first."""
    files = (scenarios_folder() / HYPOTHESES).glob("*.toml")
    return {path.stem: path for path in sorted(files, key=lambda path: (path.stem != "il6", path.stem))}


def scenario_story(name: str) -> tuple[str, str]:
    """Title and one-line story of a packaged scenario.

    Raises:
        ScenarioError: no packaged scenario has this name, or its file is damaged.
    """
    return story_in(packaged_path(name))


def story_in(path: Path) -> tuple[str, str]:
    """Title and one-line story of the scenario in a file.

    Raises:
        ScenarioError: the file is damaged.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScenarioError([Fault(path.name, 0, "", "", f"cannot be read: {error}")]) from error
    return str(table.get("title", path.stem)), str(table.get("story", ""))


def is_path(name_or_path: str | Path) -> bool:
    """Whether this means a file of the user, not the name of a packaged scenario."""
    text = str(name_or_path)
    return text.endswith(".toml") or "/" in text or "\\" in text


def packaged_path(name: str) -> Path:
    """The file of a packaged scenario.

    Raises:
        ScenarioError: no packaged scenario has this name.
    """
    names = scenario_names()
    if name not in names:
        problem = "there is no scenario of this name"
        raise ScenarioError([Fault("scenario", 0, "", f'"{name}"', problem, hint=name_hint(name))])
    return scenarios_folder() / f"{name}.toml"


def name_hint(name: str) -> str:
    """The packaged names nearest to this one, and how to see all."""
    near = nearest(name, scenario_names())
    seen = f"nearest: {', '.join(near)}; " if near else ""
    return f"{seen}`embers list` shows all; a file of your own ends in .toml"
