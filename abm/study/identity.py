"""What makes a run the same run: the scenario as used, the seed, and the source and versions it is computed with."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from abm.core.compiled import interpreted
from abm.core.replaced import Change, changes, check, mark_of
from abm.imported import source
from abm.scenario import Scenario
from abm.study.scenario_text import write_scenario

PACKAGE = Path(__file__).resolve().parents[1]
NOT_THE_MODEL = (
    *("study", "sweep", "cohort", "fit", "validate", "verify", "dashboard"),
    *(
        "cli.py",
        "cli_cohorts.py",
        "cli_evidence.py",
        "cli_shared.py",
        "cli_studies.py",
        "__main__.py",
        "__init__.py",
        "imported.py",
    ),
)
CALCULATING = ("numba", "numpy")  # their versions can change the last bits of a result
FORMAT = "1"  # to be raised when a run writes something else


def source_digest() -> str:
    """Digest (hex) of all that the result of a run depends on: source files as imported, and what replaces parts."""
    changed = mark_of(model_changes())
    return hashlib.sha256(f"{_plain_digest()} {changed}".encode()).hexdigest() if changed else _plain_digest()


def model_changes() -> list[Change]:
    """What was replaced in memory since the import of what the result of a run depends on.

    Raises:
        ReplacedError: it would act in a part of the model only.
    """
    found = changes(NOT_THE_MODEL)
    check(found, not interpreted())
    return found


@functools.cache
def _plain_digest() -> str:
    digest = hashlib.sha256()
    for path in model_files():
        relative = path.relative_to(PACKAGE).as_posix()
        digest.update(f"{relative}\n".encode())
        digest.update(source(relative))
    return digest.hexdigest()


def model_files() -> list[Path]:
    """Every source file that the result of a run depends on, sorted."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [path for path in files if path.relative_to(PACKAGE).parts[0] not in NOT_THE_MODEL]


def mask_of(scenario: Scenario) -> Path | None:
    """The PNG that the section of this scenario is read from, if it is."""
    return Path(scenario.layout) if scenario.layout.lower().endswith(".png") else None


def as_used(scenario: Scenario) -> str:
    """The scenario file that gives this very run again; it looks for a mask beside itself, as `<name>.png`."""
    return write_scenario(_beside_its_mask(scenario))


def run_id(scenario: Scenario, seed: int) -> str:
    """Address (16 hex digits) of what this run gives: equal if and only if nothing that matters differs.

    Raises:
        OSError: the mask of the section cannot be read.
    """
    return run_ids(scenario, [seed])[0]


def run_ids(scenario: Scenario, seeds: Iterable[int], computed_with: str = "") -> list[str]:
    """`run_id` for several seeds; `computed_with`: what `calculation` said a moment ago, for many calls in a row."""
    mask = mask_of(scenario)
    common = hashlib.sha256((computed_with or calculation()).encode())
    common.update(repr(_beside_its_mask(scenario)).encode())  # every field of it; much faster than its file
    common.update(mask.read_bytes() if mask else b"")
    return [hashlib.sha256(common.digest() + str(seed).encode()).hexdigest()[:16] for seed in seeds]


def calculation() -> str:
    """What results are computed with: format of a run, digest of the source, versions. Equal: the same bits."""
    return " ".join([FORMAT, source_digest(), *_versions()])


@functools.cache
def _versions() -> list[str]:
    return [platform.python_version(), *(version(name) for name in CALCULATING)]


def _beside_its_mask(scenario: Scenario) -> Scenario:
    return scenario if mask_of(scenario) is None else replace(scenario, layout=f"{scenario.name}.png")
