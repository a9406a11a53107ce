"""What makes a run the same run: the scenario as used, the seed, and the source and versions it is computed with."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Iterable
from dataclasses import fields, replace
from importlib.metadata import version
from pathlib import Path

from abm.core.compiled import interpreted
from abm.core.kernels.floors import FLOORS, is_of_floor
from abm.core.kernels.imported import source
from abm.core.kernels.replaced import ReplacedPart, changes, check, mark_of
from abm.scenario.record import record_of
from abm.scenario.scenario import Scenario
from abm.tissue.section_map import SectionMap, read_map

PACKAGE = Path(__file__).resolve().parents[1]
RECORDS = (  # of the room of scenarios, what a run computes with
    "scenario/scenario.py",
    *(f"scenario/hypothesis/{name}.py" for name in ("declared", "numbers", "replaced_laws", "words")),
)
CALCULATING = ("numba", "numpy")  # their versions can change the last bits of a result
FORMAT = "1"  # to be raised when a run writes something else


def source_digest() -> str:
    """Digest (hex) of all that the result of a run depends on: source files as imported, and what replaces parts."""
    changed = mark_of(model_changes())
    return hashlib.sha256(f"{_plain_digest()} {changed}".encode()).hexdigest() if changed else _plain_digest()


def model_changes() -> list[ReplacedPart]:
    """What was replaced in memory since the import of what the result of a run depends on.

    Raises:
        ReplacedError: it would act in a part of the model only.
    """
    found = changes(within=_is_of_model)
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
    floors = [path for floor in FLOORS for path in (PACKAGE / floor).rglob("*.py")]
    return sorted([*floors, *(PACKAGE / record for record in RECORDS)])


def _is_of_model(module: str) -> bool:
    return is_of_floor(module) or f"{module.removeprefix('abm.').replace('.', '/')}.py" in RECORDS


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
    """The scenario file that gives this very run again; it looks for a mask beside itself, as `<name>.png`.

    With functions in the place of laws it is a record of them, which is not run (`abm.scenario.record`).
    """
    return record_of(_beside_its_mask(scenario))


def every_field(scenario: Scenario) -> str:
    """All that a scenario says, to tell it from any other one; much faster than its file.

    Its `repr` does not: it is for people, rounds numbers and leaves out what is usual.
    """
    return repr([(item.name, getattr(scenario, item.name)) for item in fields(scenario)])


def run_id(scenario: Scenario, seed: int) -> str:
    """Address (16 hex digits) of what this run gives: equal if and only if nothing that matters differs.

    Raises:
        OSError: the mask of the section cannot be read.
    """
    return run_ids(scenario, [seed])[0]


def run_ids(scenario: Scenario, seeds: Iterable[int], computed_with: str = "") -> list[str]:
    """`run_id` for several seeds; `computed_with`: what `calculation` said a moment ago, for many calls in a row."""
    common = hashlib.sha256((computed_with or calculation()).encode())
    common.update(every_field(_beside_its_mask(scenario)).encode())
    common.update(map_of(scenario))
    return [hashlib.sha256(common.digest() + str(seed).encode()).hexdigest()[:16] for seed in seeds]


def calculation() -> str:
    """What results are computed with: format of a run, digest of the source, versions. Equal: the same bits."""
    return " ".join([FORMAT, source_digest(), *_versions()])


@functools.cache
def _versions() -> list[str]:
    return [platform.python_version(), *(version(name) for name in CALCULATING)]


def _beside_its_mask(scenario: Scenario) -> Scenario:
    return scenario if mask_of(scenario) is None else replace(scenario, layout=f"{scenario.name}.png")
