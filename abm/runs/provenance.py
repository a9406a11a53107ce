"""What is needed to get the same results again: the command, the seeds, the source, the versions, the machine."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from abm.core.own_function import lines
from abm.installation.package import DISTRIBUTION, installed_version
from abm.model.results_version import RESULTS
from abm.runs.identity import model_changes, source_digest
from abm.runs.store.files import write_text
from abm.scenario.scenario import Scenario

FILE = "provenance.json"
LIBRARIES = ("mesa", "numba", "llvmlite", "numpy", "scipy", "pandas", "pyarrow", "matplotlib")


def versions() -> dict[str, str]:
    """Versions of Embers, Python and the libraries that take part in a run."""
    found = {"embers": _version(DISTRIBUTION), "python": platform.python_version()}
    return found | {name: _version(name) for name in LIBRARIES}


def command_line(arguments: Sequence[str], here: Path) -> str:
    """The command as typed; of absolute paths only what lies below `here`, or the last name, is told."""
    return " ".join(["embers", *(_quoted(_relative(argument, here)) for argument in arguments)])


def circumstances() -> dict[str, Any]:
    """What a report says of how it came about: command, time, source, versions, machine."""
    return {
        "command": command_line(sys.argv[1:], Path.cwd()),
        "time": _now(),
        "source_digest": source_digest(),
        "results": RESULTS,
        "replaced_in_memory": sorted({f"{change.module}.{change.name}" for change in model_changes()}),
        "versions": versions(),
        "machine": {"system": platform.system(), "architecture": platform.machine()},
    }


def own_laws(scenarios: Iterable[Scenario]) -> dict[str, dict[str, Any]]:
    """Functions of a user in the place of laws, by scenario and law; nothing for scenarios without any."""
    return {
        scenario.name: {
            law.name: {"function": law.function.name, "digest": law.digest, "text": list(lines(law.function))}
            for law in scenario.laws
        }
        for scenario in scenarios
        if scenario.laws
    }


def stamp(told: dict[str, Any]) -> str:
    """Source and version of the results of a report, from its circumstances, as pages state them."""
    return f"source {told['source_digest'][:16]}, results {told['results']}"


def start(folder: Path, study: dict[str, Any], workers: int) -> dict[str, Any]:
    """Write down what is about to run; a study that goes on keeps the time of its first start.

    Raises:
        OSError: no room, no right to write.
    """
    before = read(folder)
    told = {
        "command": command_line(sys.argv[1:], Path.cwd()),
        **study,
        "status": "running",
        "started": before.get("started", _now()),
        "finished": None,
        "restarts": _count(before.get("restarts")) + 1 if before else 0,
        "source_digest": source_digest(),
        "results": RESULTS,
        "replaced_in_memory": sorted({f"{change.module}.{change.name}" for change in model_changes()}),
        "versions": versions(),
        "machine": {
            "system": platform.system(), "architecture": platform.machine(),
            "cores": os.cpu_count(), "workers": workers,
        },
    }  # fmt: skip
    _write(folder, told)
    return told


def finish(folder: Path, told: dict[str, Any], status: str, runs: dict[str, int]) -> None:
    """Write down how it ended; `runs`: how many are done, failed and missing.

    Raises:
        OSError: no room, no right to write.
    """
    _write(folder, {**told, "status": status, "finished": _now(), "runs": runs})


def read(folder: Path) -> dict[str, Any]:
    """What is known of the study in this folder; empty where there is none."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _write(folder: Path, told: dict[str, Any]) -> None:
    write_text(folder / FILE, json.dumps(told, indent=1) + "\n")


def _version(name: str) -> str:
    return installed_version(name) or "not installed"


def _relative(argument: str, here: Path) -> str:
    option, equals, value = argument.partition("=") if argument.startswith("--") else ("", "", argument)
    path = Path(value)
    if not path.is_absolute():
        return argument
    shown = path.relative_to(here) if path.is_relative_to(here) else Path(path.name)
    return f"{option}{equals}{shown.as_posix()}"


def _count(told: Any) -> int:
    return told if isinstance(told, int) else 0


def _quoted(argument: str) -> str:
    return f'"{argument}"' if " " in argument else argument


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
