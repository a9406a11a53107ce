"""What reads text or bytes that people give, and which errors it may raise; anything else is a fault of ours.

`benchmarks/fuzz.py` looks for inputs that raise others; what it found once is kept in `corpus/` and read again by
`test_corpus.py`.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from abm.cohort.cohort_file import read_cohort
from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import recipe_of, scenarios_for
from abm.runs.errors import SweepError
from abm.scenario.errors import ScenarioError
from abm.scenario.read import read_scenario
from abm.studies.design.study_file import read_study
from abm.tissue.section import SectionError, alveolar_sheet
from abm.tissue.section_mask import masked_section, write_mask

CORPUS = Path(__file__).with_name("corpus")
TABLE_STUDY = """
arms = ["influenza"]
duration = "4 d"
[sample]
method = "sobol"
points = 8
[[axis]]
vary = "infection.dose"
low = 1.0
high = 100.0
[calibrate]
data = "data.csv"
[[calibrate.curve]]
measure = "il6"
"""
LINK = {"arms": [{"base": "influenza", "edits": []}], "seed": 1, "side": 400, "days": 3}
RULE = '[[rule]]\ncell = "tissue"\nsignal = "NETs"\nlowers = "loss of IL-6"\nto = "50 %"\nhalf = 0.2\n'
OWN = [{"op": "own", "text": RULE}, {"op": "put", "list": "rule", "at": 0, "key": "on", "value": False}]
RULES = LINK | {"arms": [{"base": "il17a", "edits": OWN}]}


class Target(NamedTuple):
    """reads: what is fuzzed. told: the errors that it may raise. seeds: inputs to begin with."""

    reads: Callable[[bytes], object]
    told: tuple[type[Exception], ...]
    seeds: Callable[[], list[bytes]]


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def _scenario(data: bytes) -> object:
    return read_scenario(Path("fuzzed.toml"), _text(data))


def _study(data: bytes) -> object:
    return read_study(Path("fuzzed.toml"), _text(data))


def _cohort(data: bytes) -> object:
    return read_cohort(Path("fuzzed.toml"), _text(data))


def _table(data: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data.csv").write_bytes(data)
        return read_study(Path(folder) / "fit.toml", TABLE_STUDY)


def _mask(data: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.png"
        path.write_bytes(data)
        return masked_section(path, seed=1)


def _link(data: bytes) -> object:
    try:
        plain = json.loads(_text(data))
    except (ValueError, RecursionError):
        return None
    return scenarios_for(recipe_of(plain))


def _map() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.png"
        write_mask(alveolar_sheet(16, 16, 1), path)
        return [path.read_bytes()]


def _files(folder: str) -> list[bytes]:
    root = Path(__file__).resolve().parents[2]
    return [path.read_bytes() for path in sorted((root / folder).glob("*.toml"))]


TARGETS = {
    "scenario": Target(_scenario, (ScenarioError,), lambda: _files("scenarios")),
    "study": Target(_study, (ScenarioError, SweepError), lambda: _files("scenarios/studies")),
    "cohort": Target(_cohort, (ScenarioError,), lambda: _files("scenarios/cohorts")),
    "table": Target(_table, (ScenarioError, SweepError), lambda: [b"day,value\n1,0.2\n1,0.3\n2,1\n2,1.5\n"]),
    "mask": Target(_mask, (SectionError,), _map),
    "link": Target(_link, (RecipeError, ScenarioError), lambda: [json.dumps(each).encode() for each in (LINK, RULES)]),
}


def read(name: str, data: bytes) -> None:
    """Let a target read this; raises what it may not."""
    target = TARGETS[name]
    with contextlib.suppress(target.told):
        target.reads(data)
