"""Clocks, and what the machine can do: the yardsticks that stand beside absolute times."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from abm.core.chance import mix
from abm.core.compiled import compiled

ROOT = Path(__file__).resolve().parents[1]
MIXES = 50_000_000
CHAIN = "a chain of 50 million hashes"


# A small process between: a process that has just been started counts as its own peak what its parent held then.
LAUNCH = """
import json, os, sys
child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[2:]], os.environ)
_, status, usage = os.wait4(child, 0)
os.write(int(sys.argv[1]), json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024.0]).encode())
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""


class Spent(NamedTuple):
    """What a command took, its own children counted in."""

    wall: float  # s
    cpu: float  # s
    peak: float  # MB, of its largest process
    output: str


def command(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Spent:
    """Run Python with these arguments in this checkout and see what it takes.

    Raises:
        RuntimeError: it failed.
    """
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    told, tells = os.pipe()
    launched = [sys.executable, "-S", "-c", LAUNCH, str(tells), *arguments]
    begin = time.perf_counter()
    with open(told) as usage:  # noqa: PTH123 - a pipe
        done = subprocess.run(
            launched, cwd=ROOT, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            pass_fds=[tells], check=False,
        )  # fmt: skip
        wall = time.perf_counter() - begin
        os.close(tells)
        if done.returncode != 0:
            raise RuntimeError(f"python {' '.join(arguments)} ended with an error")
        cpu, peak = json.loads(usage.read())
    return Spent(wall, cpu, peak, done.stdout)


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds that this process takes for some work, once."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def best_cpu(work: Callable[[], object], times: int = 5) -> float:
    """The least of some times that this work takes [CPU s]: what else runs on the machine only ever adds to it."""
    return min(cpu_of(work) for _ in range(times))


@compiled
def _chain(word: np.uint64, length: int) -> np.uint64:
    for _ in range(length):
        word = mix(word)
    return word


def chain() -> float:
    """CPU seconds of a chain of hashes, of which each waits for the one before: nothing but the clock of a core."""
    _chain(np.uint64(1), 1)
    return best_cpu(lambda: _chain(np.uint64(1), MIXES))


@compiled
def _copy_around(layers: np.ndarray, times: int) -> None:
    """Copy layer 0 to 1, 1 to 2, 2 to 0, so many times; layers: float32[3, sites]."""
    for _ in range(times):
        for layer in range(3):
            source, target = layers[layer], layers[(layer + 1) % 3]
            for index in range(source.size):
                target[index] = source[index]


def bandwidth(sites: int) -> float:
    """Bytes a second that a copy loop moves (read and written) around three fields of this size."""
    layers = np.ones((3, sites), dtype=np.float32)
    _copy_around(layers, 1)
    times = max(1, 200_000_000 // layers.size)
    return times * layers.nbytes * 2 / best_cpu(lambda: _copy_around(layers, times))
