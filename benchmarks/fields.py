"""The fields against the memory: how near their processes come to the time that moving the numbers takes.

The floor of a field in one step: its sub-steps (`abm.core.field.sub_steps_for`) read the field, write it, and read what
is made, float32 each, so at least

    bytes = sub_steps x 3 x 4 x sites,

and a copy loop, measured beside it on three arrays of the same size (so in the same level of cache), tells how many
bytes a second the machine moves. What the process does besides (filling the source from cells) counts as its time; a
line of its own tells what the sub-steps alone take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from abm import LungModel
from abm.core.clock import TimeStep, time_step
from abm.core.compiled import compiled
from abm.core.field import diffuse, empty_field, sub_steps_for
from abm.core.lattice import BLOCK, PATCH, SPACING
from abm.core.population import Record
from abm.processes.secretion import spread_cytokines, spread_interferon
from abm.processes.virus import spread_virions
from abm.rules.infection import virion_loss
from abm.rules.parameters import Parameters
from abm.rules.substances import Substance
from abm.tissue.state import Tissue
from benchmarks.runs import scenario_of
from benchmarks.table import Aim, Line
from benchmarks.yardsticks import bandwidth, best_cpu

ACTIVE_DAY = 6.0


@compiled
def _diffuse(layers: np.ndarray, hop_rate: float, loss: float, step: float, times: int) -> None:
    for _ in range(times):
        diffuse(layers, hop_rate, loss, step)


@compiled
def _virions(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep, times: int) -> None:
    for _ in range(times):
        spread_virions(tissue, p, effects, now)


@compiled
def _interferon(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep, times: int) -> None:
    for _ in range(times):
        spread_interferon(tissue, p, effects, now)


@compiled
def _il6(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep, times: int) -> None:
    for _ in range(times):
        spread_cytokines(tissue, p, effects, now)


PROCESSES: dict[str, Callable[..., None]] = {"virus": _virions, "interferon": _interferon, "il6": _il6}


def _rates(model: LungModel, effects: Record) -> dict[str, tuple[float, float]]:
    """Hop rate and loss [1/h] of each field in this model now."""
    p = model.parameters
    clearance = virion_loss(p.virus.clearance, model.tissue.node[0].antibody, p.virus.antibody_clearance)
    return {
        "virus": (p.virus.diffusion / SPACING**2, clearance),
        "interferon": (
            p.substances[Substance.INTERFERON].diffusion / (SPACING * PATCH) ** 2,
            p.substances[Substance.INTERFERON].loss,
        ),
        "il6": (
            p.substances[Substance.IL6].diffusion / (SPACING * BLOCK) ** 2,
            p.substances[Substance.IL6].loss + effects.added_loss[Substance.IL6],
        ),
    }


def _copy_of(layers: np.ndarray) -> np.ndarray:
    """A copy of a field that lies in memory as the field does."""
    copy = empty_field(*layers.shape[1:])
    copy[:] = layers
    return copy


def _alone(layers: np.ndarray, rates: tuple[float, float], step: float, times: int) -> float:
    """Seconds that the sub-steps of a field take in one step, with what is made left as it is."""
    layers = _copy_of(layers)
    _diffuse(layers, *rates, step, 1)
    return best_cpu(lambda: _diffuse(layers, *rates, step, times)) / times


def _timed(process: Callable[..., None], model: LungModel, effects: Record, times: int) -> float:
    """Seconds of a process in one step, run over and over on a copy of the tissue with all else at a stand."""
    tissue = model.tissue._replace(**{name: array.copy() for name, array in model.tissue._asdict().items()})
    tissue = tissue._replace(**{name: _copy_of(getattr(tissue, name)) for name in PROCESSES})
    now = time_step(model.chance_seed, model.tick, model.experiment.step)
    rest: tuple[Any, ...] = (tissue, model.parameters, effects, now)
    process(*rest, 1)
    return best_cpu(lambda: process(*rest, times)) / times


def lines() -> Iterator[Line]:
    """Time of each field process in one step on day 6 of influenza, over its floor; and of all three."""
    for side, times in ((2.0, 300), (10.0, 20)):
        model = LungModel(scenario_of("influenza", side, days=ACTIVE_DAY + 1.0), seed=1)
        model.run(days=ACTIVE_DAY)
        effects = model._treatment_effects[model.tick]
        step, total, alone, least = model.experiment.step, 0.0, 0.0, 0.0
        for name, rates in _rates(model, effects).items():
            layers, sub_steps = getattr(model.tissue, name), sub_steps_for(*rates, step)
            seconds, sites = _timed(PROCESSES[name], model, effects, times), int(np.prod(layers.shape[1:]))
            floor = sub_steps * 3 * 4 * sites / bandwidth(sites)
            what = f"field {name}, {side:g} mm, day 6, {sub_steps} sub-steps"
            yield Line(what, seconds * 1e6, "us/step", floor * 1e6, "its numbers moved by a copy loop")
            total, least = total + seconds, least + floor
            alone += _alone(layers, rates, step, times)
        what = f"all three fields, {side:g} mm, day 6"
        yield Line(what, total * 1e6, "us/step", least * 1e6, "the same by a copy loop", Aim(3.0, of="ratio"))
        yield Line(f"{what}, sub-steps alone", alone * 1e6, "us/step", least * 1e6, "the same by a copy loop")
