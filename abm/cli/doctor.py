"""Check of the installation: what Embers needs on this machine, and how to install what is missing."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from abm.installation.optional_deps import EXTRAS, PAGE, missing, remedy
from abm.installation.package import install_command, installed_version, outside_bounds, requirements
from abm.runs.pool import usable_cores
from abm.scenario.catalog import scenario_names, scenario_story, scenarios_folder
from abm.scenario.errors import ScenarioError

NEEDED = ("mesa", "numba", "numpy", "scipy", "pandas", "pyarrow", "matplotlib", "PIL", "networkx", "rich", "typer")
DISTRIBUTION = {"PIL": "pillow"}
LEAST_PYTHON = (3, 11)
LEAST_MEMORY = 2.0  # GB, for two workers and the parent


@dataclass(frozen=True)
class InstallationFinding:
    """One line of the report. fault: 0 none, 1 optional part missing, 2 needed part missing. remedy: how to fix it."""

    what: str
    found: str
    fault: int = 0
    remedy: str = ""


def examine(out: Path) -> Iterator[InstallationFinding]:
    """Examine the machine. out: the folder for results."""
    yield InstallationFinding("Embers", installed_version() or "not installed (running from source)")
    yield _python()
    for name in NEEDED:
        yield _library(name, 2)
    for name in PAGE:
        yield _library(name, 1)
    for extra in EXTRAS:
        yield _extra(extra)
    yield from _outside_bounds()
    yield InstallationFinding("processor", f"{platform.machine()}, {usable_cores()} usable cores")
    yield _memory()
    for look in (_cache, lambda: _outputs(out), _scenarios):
        yield _guarded(look)


def _guarded(look: Callable[[], InstallationFinding]) -> InstallationFinding:
    try:
        return look()
    except Exception as error:  # a broken library can fail in any way, and the report must go on
        return InstallationFinding(
            getattr(look, "__name__", "").strip("_"), f"{type(error).__name__}: {error}", 2, install_command()
        )


def _python() -> InstallationFinding:
    found = f"{platform.python_version()} ({platform.python_implementation()}), {platform.system()}"
    if sys.version_info < LEAST_PYTHON:
        return InstallationFinding("Python", found, 2, "install Python 3.11 or newer from python.org")
    return InstallationFinding("Python", found)


def _library(name: str, fault: int) -> InstallationFinding:
    shown = DISTRIBUTION.get(name, name)
    if find_spec(name) is None:
        needed = "" if fault == 2 else " (only the page needs it)"
        return InstallationFinding(shown, f"missing{needed}", fault, install_command())
    return InstallationFinding(shown, installed_version(shown) or "version unknown")


def _extra(extra: str) -> InstallationFinding:
    lacking, (_, for_whom) = missing(extra), EXTRAS[extra]
    if lacking:
        return InstallationFinding(
            f"extra {extra}", f"not installed: {', '.join(lacking)} (for {for_whom}): {remedy(extra)}"
        )
    return InstallationFinding(f"extra {extra}", f"installed (for {for_whom})")


def _outside_bounds() -> Iterator[InstallationFinding]:
    """Every installed library, including optional ones, whose version lies outside the declared bounds."""
    for extra in ("", *EXTRAS):
        for needed in requirements(extra):
            found = outside_bounds(needed)
            if found:
                text = f"{found} is installed, Embers needs {needed.name}{needed.specifier}"
                yield InstallationFinding(needed.name, text, 2, remedy(extra) if extra else install_command())


def _memory() -> InstallationFinding:
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names or "SC_PAGE_SIZE" not in names:
        return InstallationFinding("memory", "unknown on this system")
    gigabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    if gigabytes < LEAST_MEMORY:
        return InstallationFinding("memory", f"{gigabytes:.1f} GB", 1, "use fewer workers: embers compare --workers 1")
    return InstallationFinding("memory", f"{gigabytes:.1f} GB")


def _cache() -> InstallationFinding:
    from abm.core.kernels.kernel_cache import REMEDY, folders, problem_of
    from abm.runs.compile_ahead import damaged

    there = folders()
    problems = {folder: problem_of(folder) for folder in there}
    shown = next((folder for folder, problem in problems.items() if not problem), None)
    told = "; ".join(f"{folder}: {problem}" for folder, problem in problems.items() if problem)
    broken = damaged()
    if broken is not None and not broken:
        return InstallationFinding("compiled loops", f"ready ({next(folder for folder in there if folder.is_dir())})")
    if shown is None:
        return InstallationFinding(
            "compiled loops", told or "no folder for compiled code", 1, f"{REMEDY} (otherwise every start compiles)"
        )
    if broken:
        return InstallationFinding(
            "compiled loops", f"{len(broken)} damaged or missing: the next run replaces them ({shown})"
        )
    state = "not compiled yet: the first run takes about half a minute longer"
    return InstallationFinding("compiled loops", f"{state} ({shown})" + (f"; {told}" if told else ""))


def _outputs(out: Path) -> InstallationFinding:
    problem = _unwritable(out)
    if problem:
        return InstallationFinding("outputs", f"{out}: {problem}", 2, "choose another folder with --out")
    return InstallationFinding("outputs", f'"{out}" is writable')


def _scenarios() -> InstallationFinding:
    names = scenario_names()
    if not names:
        return InstallationFinding("scenarios", f"none in {scenarios_folder()}", 2, f"reinstall: {install_command()}")
    for name in names:
        try:
            scenario_story(name)
        except ScenarioError as error:
            return InstallationFinding("scenarios", str(error), 2, "repair or remove this file")
    return InstallationFinding("scenarios", f"{len(names)} found: {', '.join(names)}")


def _unwritable(folder: Path) -> str:
    """Why a folder, which need not exist yet, is not writable; empty if it is."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            return ""
    except OSError as error:
        return error.strerror or str(error)
