"""Compile every loop ahead, once, so that workers find the result on disk.

It takes half a minute of computing, which two processes share: one takes a first step, for which it needs everything,
the other compiles the census and the parts of a step apart, and what is on disk by then the first only loads.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Generator
from typing import Any

from abm.runs.identity import model_changes
from abm.runs.pool import ONE_THREAD, usable_cores
from abm.scenario.scenario import Scenario

TINY = Scenario(name="warm-up", duration=1.0, width=160.0, height=160.0, snapshots=())
HELPER = "from abm.runs.compile_ahead import compile_parts; compile_parts()"


def is_compiled() -> bool:
    """Whether the compiled loops of this very source are on disk already, and whole as far as their sizes tell."""
    from abm.core.compiled import interpreted
    from abm.core.kernels.kernel_cache import sizes_on_disk

    if interpreted():
        return True
    stored = _stored()
    return stored is not None and all(size in sizes_on_disk(name) for name, size in stored.items())


def damaged() -> list[str] | None:
    """Names of compiled loops whose files are not whole, read to the end; None where nothing is compiled yet."""
    from abm.core.kernels.kernel_cache import load

    stored = _stored()
    return None if stored is None else [name for name in stored if load(name) is None]


def warm_up() -> None:
    """Compile every loop, or load it, on a section as small as can be."""
    from abm.core.compiled import interpreted
    from abm.core.kernels.kernel_cache import keep, say_compiling, used
    from abm.model.lung_model import LungModel

    ready = is_compiled()
    say_compiling(is_told=True)
    with contextlib.nullcontext() if ready or usable_cores() < 2 else _helper():
        LungModel(TINY, seed=1).step()
    if not ready and not interpreted() and not model_changes():
        keep(_mark(), json.dumps(used).encode())


def parts() -> tuple[Any, ...]:
    """The kernels of a step that take longest to compile, in the order in which they help most."""
    from abm.processes import epithelium, immune, matrix, movement, recruitment, secretion
    from abm.processes.cancer import life

    return (
        movement.move, life.update_cancer, matrix.remodel, immune.act, immune.leave, recruitment.recruit,
        epithelium.update_epithelium, secretion.spread_cytokines,
    )  # fmt: skip


def compile_parts() -> None:
    """Compile the census and the parts of a step, without taking one."""
    from numba import typeof

    from abm.core.clock import time_step
    from abm.core.record import as_record
    from abm.model.initial_state import bare_tissue
    from abm.model.measures import empty_census
    from abm.model.section import section_of
    from abm.tissue import census
    from abm.treatments.effects_by_step import no_treatment

    p: Any = as_record(TINY.parameters)
    types = {
        "tissue": typeof(bare_tissue(section_of(TINY), p, 1)), "p": typeof(p),
        "effects": typeof(no_treatment(1)[0]), "now": typeof(time_step(1, 0, TINY.step)),
        "hour": typeof(0.0), "counted": typeof(empty_census(1)[0]),
    }  # fmt: skip
    first: Any = census.take_census  # which Python calls too
    for kernel in (first.dispatcher, first.inner, *(part.inner for part in parts())):
        kernel.compile(tuple(types[name] for name in inspect.signature(kernel.py_func).parameters))


@contextlib.contextmanager
def _helper() -> Generator[None]:
    """A second process that compiles parts; it is not waited for, nor missed if it fails."""
    process = subprocess.Popen([sys.executable, "-c", HELPER], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _stored() -> dict[str, int] | None:
    """Files of compiled loops and their sizes, as the last compilation noted them."""
    from abm.core.kernels.kernel_cache import load

    content = load(_mark())
    return None if content is None else json.loads(content)


def _mark() -> str:
    """Name of the file that lists what is compiled, for this processor and these settings of numba."""
    from llvmlite.binding import get_host_cpu_name  # type: ignore[import-untyped]

    settings = sorted(item for item in os.environ.items() if item[0].startswith("NUMBA_") and item[0] not in ONE_THREAD)
    return f"list-{hashlib.sha256(f'{get_host_cpu_name()} {settings}'.encode()).hexdigest()[:16]}"
