"""Where the time of a run goes: every event of a step (`abm.model.schedule.step`), timed inside compiled code.

To call a process from Python costs more than many processes need. So the twelve events are chained into one compiled
function that reads the processor time after each, and the model runs with that in place of its own step: the whole run,
in the same order and on the same state. What a reading costs is measured apart and taken off. The clock is `clock` of
the C library, in whole microseconds: each reading errs by less than one, and the errors of one process cancel over the
thousands of steps.
"""

from __future__ import annotations

import ctypes
import inspect
import time
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any
from unittest import mock

import numba
import numpy as np

import abm.model.lung_model
from abm import LungModel, load_scenario
from abm.core.compiled import Kernel
from abm.model import schedule
from abm.treatments.effects_by_step import no_treatment
from benchmarks.table import Line

IDLE = no_treatment(1)[0]
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


def _timed(event: Kernel, slot: int, before: Callable[..., None] | None = None) -> Callable[..., None]:
    """`before`, then an event, then a reading; called as a step is, with the marks last."""
    run, takes_effects, is_first = event.inner, "effects" in inspect.signature(event).parameters, before is None

    @numba.njit(error_model="numpy")
    def alone(tissue, p, effects, now, marks):
        if is_first:  # the way into compiled code belongs to no event
            _lap(marks, OUTSIDE)
        if takes_effects:
            run(tissue, p, effects, now)
        else:
            run(tissue, p, now)
        _lap(marks, slot)

    @numba.njit(error_model="numpy")
    def after(tissue, p, effects, now, marks):
        before(tissue, p, effects, now, marks)
        alone(tissue, p, effects, now, marks)

    return alone if before is None else after


def _timed_advance(marks: np.ndarray) -> tuple[list[str], Callable[..., int]]:
    """Names of the events, and a driver whose events book their time in `marks`: int64[1 + events + 1]."""
    names = list(inspect.unwrap(schedule.step).__code__.co_names)
    events = [getattr(schedule, name) for name in names]
    timed_step: Callable[..., None] = _timed(events[0], 1)
    for slot, event in enumerate(events[1:], start=2):
        timed_step = _timed(event, slot, before=timed_step)

    def step(*arguments: Any) -> None:
        timed_step(*arguments, marks)

    def in_fast_step(name: str) -> Callable[..., None]:
        timed = _timed(getattr(schedule, name), 1 + names.index(name))

        def call(tissue: Any, p: Any, *rest: Any) -> None:
            timed(tissue, p, rest[0] if len(rest) > 1 else IDLE, rest[-1], marks)

        return call

    own = {"step": step, "move": in_fast_step("move"), "update_cancer": in_fast_step("update_cancer")}
    return names, FunctionType(inspect.unwrap(schedule.advance).__code__, {**vars(schedule), **own})


def _cost_of_reading() -> float:
    """Microseconds that one reading of the clock takes."""
    marks = np.zeros(2, dtype=np.int64)
    _laps(marks, 1)
    begin = time.process_time()
    _laps(marks, READINGS)
    return (time.process_time() - begin) / READINGS * 1e6


def lines() -> Iterator[Line]:
    """Nanoseconds per site and step of each process over the default run of influenza, and its share."""
    marks = np.zeros(len(inspect.unwrap(schedule.step).__code__.co_names) + 2, dtype=np.int64)
    names, advance = _timed_advance(marks)
    with mock.patch.object(abm.model.lung_model, "advance", advance):
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
