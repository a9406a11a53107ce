"""The worker process of low priority that runs sections of lung for all visitors, and what it remembers of them."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import ParamSpec, TypeVar

import numpy as np

from abm.model.measures import MEASURES, own_measures
from abm.runs.job import NEEDED
from abm.runs.pool import begin_worker, one_thread_each, worker_context
from abm.scenario.scenario import Scenario
from abm.scenario.write import write_scenario

EVERY = 6  # h
REMEMBERED = 400  # runs
NICE = 15
MEASURED = tuple(MEASURES)
Series = np.ndarray  # float64[times, measured_in(scenario)]
Asked = ParamSpec("Asked")
Given = TypeVar("Given")

_pool: ProcessPoolExecutor | None = None
_lock = threading.Lock()
_known: OrderedDict[tuple[str, int], Series] = OrderedDict()
_under_way: dict[tuple[str, int], Future[Series]] = {}
_submitting = threading.Lock()


class ServerEndsError(Exception):
    """No new work is taken."""


def measured_in(scenario: Scenario) -> tuple[str, ...]:
    """What is measured of a run: `MEASURED`, then what its scenario declares of its own."""
    return (*MEASURED, *own_measures(scenario))


def series_of(scenario: Scenario, seed: int) -> Series:
    """The curves of one run; what the worker does."""
    from abm.model.lung_model import LungModel

    model = LungModel(scenario, seed=seed)
    stride, rows = round(EVERY / scenario.step), []
    for tick in range(0, model.ticks + 1, stride):
        model.go_to(tick)
        rows.append([model.measure(name) for name in measured_in(scenario)])
    model.close()
    return np.array(rows)


def run(scenario: Scenario, seed: int) -> Series:
    """The same, from the worker or from memory; a run that another visitor waits for already is not run twice.

    Raises:
        BrokenProcessPool: the worker ended. ServerEndsError: no new work is taken.
    """
    key = write_scenario(replace(scenario, name="", title="", story="", expect="")), seed
    with _lock:
        found = _known.get(key)
    if found is not None:
        return found
    with _submitting:
        begun = _under_way.get(key)
        if begun is None:
            begun = _under_way[key] = submitted(series_of, scenario, seed)
    try:
        found = begun.result()
        with _lock:
            _known[key] = found
            while len(_known) > REMEMBERED:
                _known.popitem(last=False)
    finally:
        with _submitting:
            _under_way.pop(key, None)
    return found


def submitted(work: Callable[Asked, Given], *asked: Asked.args, **named: Asked.kwargs) -> Future[Given]:
    """Have the worker do something, after what it was given before.

    Raises:
        BrokenProcessPool: it ended. ServerEndsError: no new work is taken.
    """
    try:
        return _worker().submit(work, *asked, **named)
    except BrokenProcessPool:
        raise
    except RuntimeError as error:
        raise ServerEndsError from error


def forget_pool() -> None:
    """Begin with a new worker next time."""
    global _pool
    with _lock:
        pool, _pool = _pool, None
    if pool is not None:
        pool.shutdown(wait=False, cancel_futures=True)


def _worker() -> ProcessPoolExecutor:
    global _pool  # noqa: PLW0603 - one for all visitors
    with _lock:
        if _pool is None:
            with one_thread_each():  # read when the process begins
                _pool = ProcessPoolExecutor(1, mp_context=worker_context(NEEDED), initializer=_begin)
                _pool.submit(int).result()
        return _pool


def _begin() -> None:
    """First thing in the worker: make way for whoever is watched."""
    begin_worker()
    if hasattr(os, "nice"):
        os.nice(NICE)
