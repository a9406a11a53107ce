"""Starting: compilation, commands, imports; and the main job as a user types it."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator, Sequence

from abm import LungModel
from abm.cli.main import FOUR_ARMS
from abm.scenario.read import load_arms
from benchmarks.table import Aim, Line
from benchmarks.yardsticks import best_cpu, command

WARM_UP = ["-c", "from abm.runs.compile_ahead import warm_up; warm_up()"]
REPLICATES = 8  # what `embers compare` takes by default
WORKERS = 2


def _usual(arguments: Sequence[str], times: int = 5) -> float:
    """CPU seconds of a command, the median of some."""
    return statistics.median(command(arguments).cpu for _ in range(times))


def start() -> Iterator[Line]:
    """Compilation into an empty cache, and what each command costs that computes nothing."""
    with tempfile.TemporaryDirectory() as empty:
        compiling = command(WARM_UP, {"EMBERS_CACHE_DIR": empty})
    loading = _usual(WARM_UP, 3)
    yield Line("compiling all, as the first command does", compiling.wall, "s wall", loading, "from disk", Aim(20.0))
    yield Line("compiling all, as the first command does", compiling.cpu, "s CPU", loading, "from disk")
    bare = _usual(["-c", "pass"])
    for words in (["--help"], ["list"], ["describe"], ["doctor"]):
        name = f"embers {words[0]}"
        yield Line(name, _usual(["-m", "abm", *words]), "s CPU", bare, "Python alone", Aim(0.3))
    yield Line("import abm", _usual(["-c", "import abm"]), "s CPU", bare, "Python alone", Aim(1.0))
    imported = _usual(["-c", "from abm import LungModel"])
    mesa = _usual(["-c", "import mesa, numba"])
    yield Line("from abm import LungModel", imported, "s CPU", mesa, "import mesa, numba")


def main_job() -> Iterator[Line]:
    """`embers compare` into an empty folder, kernels on disk; beside it its runs alone, without reading and writing."""
    command(WARM_UP)
    arms = load_arms(FOUR_ARMS)
    LungModel(arms[0], seed=1).run_until(1)
    alone = sum(best_cpu(lambda arm=arm: LungModel(arm, seed=1).run(), 1) for arm in arms)
    with tempfile.TemporaryDirectory() as folder:
        spent = command(["-m", "abm", "compare", "--out", folder, "--workers", str(WORKERS)])
    cores = min(WORKERS, os.cpu_count() or 1)
    what = f"embers compare, {len(arms) * REPLICATES} runs, {WORKERS} workers"
    yield Line(what, spent.wall, "s wall", alone * REPLICATES / cores, f"its runs alone on {cores} cores", Aim(25.0))
