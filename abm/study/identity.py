"""What makes a run the same run: the scenario as used, the seed, and the source and versions it is computed with."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from abm.core.section_map import SectionMap, read_map
from abm.scenario import Scenario
from abm.study.scenario_text import write_scenario

PACKAGE = Path(__file__).resolve().parents[1]
NOT_THE_MODEL = (
    *("study", "sweep", "cohort", "fit", "validate", "verify", "dashboard"),
    *("cli.py", "cli_cohorts.py", "cli_evidence.py", "cli_shared.py", "cli_studies.py", "__main__.py", "__init__.py"),
)
CALCULATING = ("numba", "numpy")  # their versions can change the last bits of a result
FORMAT = "1"  # to be raised when a run writes something else


@functools.cache
def source_digest() -> str:
    """Digest (hex) of every source file that the result of a run depends on."""
    digest = hashlib.sha256()
    for path in model_files():
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def model_files() -> list[Path]:
    """Every source file that the result of a run depends on, sorted."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [path for path in files if path.relative_to(PACKAGE).parts[0] not in NOT_THE_MODEL]


def mask_of(scenario: Scenario) -> Path | None:
    """The PNG that the section of this scenario is read from, if it is."""
    return Path(scenario.layout) if scenario.layout.lower().endswith(".png") else None


def map_of(scenario: Scenario) -> bytes:
    """The content of that PNG as it was when the scenario was read; empty where there is none.

    Raises:
        OSError: it was not read then, and cannot be read now.
    """
    mask = mask_of(scenario)
    content = scenario.layout.content if isinstance(scenario.layout, SectionMap) else b""
    return content or (mask.read_bytes() if mask else b"")


def with_map(scenario: Scenario) -> Scenario:
    """The scenario with the content of its map read, where it names one by its path alone."""
    if mask_of(scenario) is None or isinstance(scenario.layout, SectionMap):
        return scenario
    return replace(scenario, layout=read_map(Path(scenario.layout)))


def map_digest(scenario: Scenario) -> str:
    """Digest (hex) of that content; empty where there is none."""
    content = map_of(scenario)
    return hashlib.sha256(content).hexdigest() if content else ""


def as_used(scenario: Scenario) -> str:
    """The scenario file that gives this very run again; it looks for a mask beside itself, as `<name>.png`."""
    return write_scenario(_beside_its_mask(scenario))


def run_id(scenario: Scenario, seed: int) -> str:
    """Address (16 hex digits) of what this run gives: equal if and only if nothing that matters differs.

    Raises:
        OSError: the mask of the section cannot be read.
    """
    return run_ids(scenario, [seed])[0]


def run_ids(scenario: Scenario, seeds: Iterable[int]) -> list[str]:
    """`run_id` for several seeds."""
    common = hashlib.sha256(calculation().encode())
    common.update(repr(_beside_its_mask(scenario)).encode())  # every field of it; much faster than its file
    common.update(map_of(scenario))
    return [hashlib.sha256(common.digest() + str(seed).encode()).hexdigest()[:16] for seed in seeds]


@functools.cache
def calculation() -> str:
    """What results are computed with: format of a run, digest of the source, versions. Equal: the same bits."""
    versions = [platform.python_version(), *(version(name) for name in CALCULATING)]
    return " ".join([FORMAT, source_digest(), *versions])


def _beside_its_mask(scenario: Scenario) -> Scenario:
    return scenario if mask_of(scenario) is None else replace(scenario, layout=f"{scenario.name}.png")
