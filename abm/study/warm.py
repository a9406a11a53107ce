"""Compile every loop ahead, once, so that workers find the result on disk.

It takes half a minute of computing, which two processes share: one takes a first step, for which it needs everything,
the other compiles the census and the parts of a step apart, and what is on disk by then the first only loads.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

from abm.scenario import Scenario
from abm.study.identity import model_files
from abm.study.pool import usable_cores

TINY = Scenario(name="warm-up", duration=1.0, width=160.0, height=160.0, snapshots=())
HELPER = "from abm.study.warm import compile_parts; compile_parts()"


def is_compiled() -> bool:
    """Whether the compiled loops of this very source are on disk already."""
    from abm.core.compiled import interpreted

    return interpreted() or _mark().exists()


def warm_up() -> None:
    """Compile every loop, or load it, on a section as small as can be."""
    from abm.model import LungModel

    with contextlib.nullcontext() if is_compiled() or usable_cores() < 2 else _helper():
        LungModel(TINY, seed=1).step()
    with contextlib.suppress(OSError):  # without the mark, the next start looks again
        _mark().touch()


def parts() -> tuple[Any, ...]:
    """The kernels of a step that take longest to compile, in the order in which they help most."""
    from abm.processes import cancer, epithelium, immune, matrix, movement, recruitment, virus

    return (
        movement.move, cancer.live_cancer, matrix.remodel, immune.act, immune.leave, recruitment.recruit,
        epithelium.live_epithelium, virus.spread_interferon,
    )  # fmt: skip


def compile_parts() -> None:
    """Compile the census and the parts of a step, without taking one."""
    from numba import typeof

    from abm.core.quantity import as_record
    from abm.course import idle_course
    from abm.measures import empty_census
    from abm.model import section_of
    from abm.processes import census
    from abm.processes.layout import bare_tissue
    from abm.processes.tissue import moment

    types = {
        "tissue": typeof(bare_tissue(section_of(TINY), TINY.parameters, 1)), "p": typeof(as_record(TINY.parameters)),
        "effects": typeof(idle_course(1)[0]), "now": typeof(moment(1, 0, TINY.step)),
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


def _mark() -> Path:
    """The file that says so: it stands for what numba compares (files, their place and time, processor)."""
    from llvmlite.binding import get_host_cpu_name  # type: ignore[import-untyped]

    from abm.core.kernel_cache import cache_folder

    stamp = hashlib.sha256(get_host_cpu_name().encode())
    for path in model_files():
        told = path.stat()
        stamp.update(f"{path} {told.st_mtime_ns} {told.st_size}\n".encode())
    return cache_folder() / f"warm-{stamp.hexdigest()[:16]}"
