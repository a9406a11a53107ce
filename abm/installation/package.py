"""How Embers is installed: its name on package indexes, its version, what it declares to need, the command."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

DISTRIBUTION = "embers-lung"  # on package indexes `embers` is another project
CHECKOUT = Path(__file__).resolve().parents[2]


def is_checkout() -> bool:
    """Whether this source lies in a checkout, with pyproject.toml beside it, and not in an installed wheel."""
    return (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "constraints.txt").is_file()


def install_command(extra: str = "") -> str:
    """The command that installs Embers, with an extra if one is named, the way that it is installed here."""
    if is_checkout():
        return f"pip install -c constraints.txt -e '.[{extra}]'" if extra else "pip install -c constraints.txt -e ."
    return f'pip install "{DISTRIBUTION}[{extra}]"' if extra else f"pip install {DISTRIBUTION}"


def installed_version(distribution: str = DISTRIBUTION) -> str:
    """The version of an installed distribution; empty if it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def requirements(extra: str = "") -> list[Requirement]:
    """What Embers declares to need on this Python, or what one of its extras adds."""
    return [found for found in _declared(extra) if found.marker is None or found.marker.evaluate({"extra": extra})]


def _declared(extra: str) -> Iterator[Requirement]:
    """Declared requirements: a checkout's pyproject.toml, which may be newer than what was installed, or metadata."""
    if is_checkout():
        project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
        yield from map(Requirement, lines)
        return
    try:
        listed = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        listed = []
    for found in map(Requirement, listed):
        if ("extra ==" in str(found.marker)) == bool(extra):
            yield found


def outside_bounds(requirement: Requirement) -> str:
    """The installed version if it is outside the declared bounds; empty if it is inside or not installed."""
    found = installed_version(requirement.name)
    return found if found and not requirement.specifier.contains(found, prereleases=True) else ""
