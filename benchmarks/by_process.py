"""Where the time of a run goes: every line of `abm.model.schedule.advance`, timed inside the compiled loop.

To call a process from Python costs more than many processes need. So the source of `advance` is taken as it is, a
reading of the processor time is put after each line that calls a process, and the model runs with that loop in place of
its own: the whole run, every step, in the same order and on the same state. What a reading costs is measured apart and
taken off. The clock is `clock` of the C library, in whole microseconds: each reading errs by less than one, and the
errors of one process cancel over the thousands of steps.
"""

from __future__ import annotations

import ctypes
import inspect
import re
import time
from collections.abc import Callable, Iterator
from unittest import mock

import numba
import numpy as np

import abm.model.lung_model
from abm import LungModel, load_scenario
from abm.model import schedule
from benchmarks.table import Line

CALL = re.compile(r"^( +)(\w+)\(tissue\b.*\)$", re.MULTILINE)
OUTSIDE = 0  # slot of the time between calls of the loop
READINGS = 100_000

_clock = ctypes.CDLL(None).clock
_clock.restype, _clock.argtypes = ctypes.c_long, ()


@numba.njit
def _lap(marks: np.ndarray, slot: int) -> None:
    """Book the time since the last reading, which stands in the last place, under a slot."""
    now = _clock()
    marks[slot] += now - marks[-1]
    marks[-1] = now


@numba.njit
def _laps(marks: np.ndarray, times: int) -> None:
    for _ in range(times):
        _lap(marks, OUTSIDE)


def _timed_advance() -> tuple[list[str], Callable[..., int]]:
    """The names of the processes, and the loop with one more argument: int64[1 + processes + 1], the marks."""
    source = inspect.getsource(inspect.unwrap(schedule.advance))
    source = source.replace("@compiled", "@numba.njit(nogil=True, error_model='numpy')")
    source = source.replace("\n) -> int:", ", marks\n) -> int:")
    names = sorted({name for _, name in CALL.findall(source)})
    timed = "|".join(names)
    source = re.sub(
        rf"^( +)({timed})\(tissue\b.*\)$",
        lambda call: f"{call[0]}\n{call[1]}_lap(marks, {1 + names.index(call[2])})", source, flags=re.MULTILINE,
    )  # fmt: skip
    source = source.replace("    while ", f"    _lap(marks, {OUTSIDE})\n    while ", 1)
    space = {**vars(schedule), "_lap": _lap, "numba": numba}
    exec(source, space)
    return names, space["advance"]


def _cost_of_reading() -> float:
    """Microseconds that one reading of the clock takes."""
    marks = np.zeros(2, dtype=np.int64)
    _laps(marks, 1)
    begin = time.process_time()
    _laps(marks, READINGS)
    return (time.process_time() - begin) / READINGS * 1e6


def lines() -> Iterator[Line]:
    """Nanoseconds per site and step of each process over the default run of influenza, and its share."""
    names, advance = _timed_advance()
    marks = np.zeros(len(names) + 2, dtype=np.int64)
    with mock.patch.object(abm.model.lung_model, "advance", lambda *arguments: advance(*arguments, marks)):
        LungModel(load_scenario("influenza"), seed=1).run_until(1)
        model = LungModel(load_scenario("influenza"), seed=1)
        marks[:] = 0
        begin = time.process_time()
        model.run()
        whole = time.process_time() - begin
    reading = _cost_of_reading() * model.ticks
    spent = {name: max(0.0, float(mark) - reading) for name, mark in zip(names, marks[1:], strict=False)}
    spent["all else: layout, recording"] = whole * 1e6 - float(marks[1:-1].sum())
    total, each = sum(spent.values()), 1e3 / model.ticks / model.tissue.kind.size
    for name, microseconds in sorted(spent.items(), key=lambda item: -item[1]):
        yield Line(f"share of {name}", microseconds * each, "ns/site/step", total * each, "the whole run, influenza")
