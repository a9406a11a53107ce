"""The same bits on any number of workers, compiled or interpreted. Imports nothing heavy: it starts processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from abm.reporting.measured import Measured
from abm.verify.check import Check, CheckPanel, Finding

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
WORKERS = (1, 2, 3)
SEEDS = (1, 2, 3, 4, 5, 6)
INTERPRETED_SEEDS = (1, 2)
COMMAND = "import sys; from abm.verify.same_bits import tell; tell(sys.argv[1], int(sys.argv[2]), sys.argv[3:])"


def busy() -> Scenario:
    """A section on which everything happens within three days: infection, awakening, division, killing."""
    from abm.scenario.scenario import Scenario
    from abm.treatments.treatments import Infection, Transfer

    return Scenario(
        name="verify-bits", width=400.0, height=400.0, duration=72.0, snapshots=(),
        infections=(Infection(dose=200.0),), treatments=(Transfer("CD8", 24.0, 300.0), Transfer("CD4", 30.0, 300.0)),
    )  # fmt: skip


def tiny() -> Scenario:
    """The same on so small a section that plain Python is through with it in seconds."""
    from dataclasses import replace

    return replace(busy(), width=160.0, height=120.0, duration=60.0, layout="sheet")


def digest(which: str, seed: int) -> str:
    """Hash of the whole state at the end of a run."""
    from abm.model.lung_model import LungModel

    model = LungModel({"busy": busy, "tiny": tiny}[which](), seed=seed)
    model.run()
    return model.digest()


def digests(which: str, workers: int, seeds: Sequence[int]) -> dict[int, str]:
    """Digests by seed, computed by a number of processes; with one: in this process, last seed first."""
    if workers == 1:
        return {seed: digest(which, seed) for seed in reversed(seeds)}
    from abm.runs.pool import run_all

    with closing(run_all(partial(digest, which), seeds, workers)) as outcomes:
        return {seed: str(outcome) for seed, outcome in outcomes}


def tell(which: str, workers: int, seeds: Sequence[str]) -> None:
    """Print digests as JSON, and end when whoever asked is gone."""
    threading.Thread(target=_end_at_end_of_input, daemon=True).start()
    print(json.dumps(digests(which, workers, [int(seed) for seed in seeds])), flush=True)


def _end_at_end_of_input() -> None:
    sys.stdin.read()
    os._exit(1)


def elsewhere(which: str, workers: int, seeds: Sequence[int], interpreted: bool = False) -> dict[int, str]:
    """Digests by seed from a process of its own.

    Raises:
        RuntimeError: it failed; with what it said.
    """
    surroundings = {
        **os.environ, "NUMBA_DISABLE_JIT": str(int(interpreted)),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
    }  # fmt: skip
    command = [sys.executable, "-c", COMMAND, which, str(workers), *map(str, seeds)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=surroundings, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said, complaint = process.stdout.read(), process.stderr.read()
    if process.returncode:
        raise RuntimeError(complaint.strip() or f"ended with {process.returncode}")
    return {int(seed): found for seed, found in json.loads(said).items()}


def differing(given: Sequence[dict[int, str]]) -> int:
    """Seeds whose digests are not the same everywhere, or are missing somewhere."""
    return sum(len({found.get(seed) for found in given}) > 1 for seed in given[0])


def _table(given: Sequence[dict[int, str]], ways: Sequence[str]) -> CheckPanel:
    """Which way gave which of the digests of a seed, each by its first digits."""
    import numpy as np

    seeds = sorted(given[0])
    rows = [[sorted({other[seed] for other in given}).index(found[seed]) for seed in seeds] for found in given]
    texts = tuple(tuple(found[seed][:6] for seed in seeds) for found in given)
    return CheckPanel(
        "First digits of the digest", "seed", "", image=np.array(rows, dtype=float), limits=(0.0, 2.0), texts=texts,
        extent=(0.5, len(given[0]) + 0.5, 0.0, len(given)), rows=tuple(ways),
    )  # fmt: skip


def workers_agree(given: Sequence[dict[int, str]]) -> Finding:
    """Digests on one, two and three workers."""
    return Finding(
        claim="A run gives the same bits on any number of workers and in any order of runs.",
        law="equality of the digest (SHA-256) of every array of the state at the end",
        source="chance is a function of its address: doi:10.1145/2063384.2063405",
        measured=(Measured(f"of {len(SEEDS)} runs, differing", float(differing(given)), 0.0, 0.0),),
        why="Equal to the last bit: no tolerance.",
        panels=(_table(given, [f"{count} worker{'s' * (count > 1)}" for count in WORKERS]),),
        note="Three days of influenza with added T cells, on 400 um x 400 um.",
    )


def modes_agree(given: Sequence[dict[int, str]]) -> Finding:
    """Digests compiled and interpreted."""
    return Finding(
        claim="The compiled model gives the same bits as the same source run as plain Python.",
        law="equality of the digest (SHA-256) of every array of the state at the end",
        source="numba, NUMBA_DISABLE_JIT=1 (numba.readthedocs.io)",
        measured=(Measured(f"of {len(INTERPRETED_SEEDS)} runs, differing", float(differing(given)), 0.0, 0.0),),
        why="Equal to the last bit: no tolerance.",
        panels=(_table(given, ("compiled", "interpreted")),),
        note="Two and a half days of influenza with added T cells, on 160 um x 120 um.",
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "workers", "whole model", "One, two and three workers",
        tuple(partial(elsewhere, "busy", count, SEEDS) for count in WORKERS), workers_agree,
    ),
    Check(
        "interpreted", "whole model", "Compiled and interpreted",
        tuple(partial(elsewhere, "tiny", 1, INTERPRETED_SEEDS, mode) for mode in (False, True)), modes_agree,
    ),
)  # fmt: skip
