"""The fields against the memory: how near their processes come to the time that moving the numbers takes.

The floor of a field in one step: its sub-steps (`abm.core.field.sub_steps_for`) read the field, write it, and read what
is made, float32 each, so at least

    bytes = sub_steps x 3 x 4 x sites,

and a copy loop, measured beside it on three arrays of the same size (so in the same level of cache), tells how many
bytes a second the machine moves. What the process does besides (filling the source from cells) counts as its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from abm import LungModel
from abm.core.compiled import compiled
from abm.core.field import sub_steps_for
from abm.core.lattice import BLOCK, PATCH, SPACING
from abm.core.population import Record
from abm.processes.il6 import spread_il6
from abm.processes.tissue import Now, Tissue, moment
from abm.processes.virus import spread_interferon, spread_virions
from abm.rules.infection import virion_loss
from abm.rules.parameters import Parameters
from benchmarks.runs import scenario_of
from benchmarks.table import Aim, Line
from benchmarks.yardsticks import bandwidth, best_cpu

ACTIVE_DAY = 6.0


@compiled
def _virions(tissue: Tissue, p: Parameters, effects: Record, now: Now, times: int) -> None:
    for _ in range(times):
        spread_virions(tissue, p, effects, now)


@compiled
def _interferon(tissue: Tissue, p: Parameters, effects: Record, now: Now, times: int) -> None:  # noqa: ARG001
    for _ in range(times):
        spread_interferon(tissue, p, now)


@compiled
def _il6(tissue: Tissue, p: Parameters, effects: Record, now: Now, times: int) -> None:
    for _ in range(times):
        spread_il6(tissue, p, effects, now)


PROCESSES: dict[str, Callable[..., None]] = {"virus": _virions, "interferon": _interferon, "il6": _il6}


def _sub_steps(model: LungModel, effects: Record) -> dict[str, int]:
    """Sub-steps that each field takes in a step of this model now."""
    p, step = model.parameters, model.experiment.step
    clearance = virion_loss(p.virus.clearance, model.tissue.node[0].antibody, p.virus.antibody_clearance)
    rates = {
        "virus": (p.virus.diffusion / SPACING**2, clearance),
        "interferon": (p.interferon.diffusion / (SPACING * PATCH) ** 2, p.interferon.loss),
        "il6": (p.cytokine.diffusion / (SPACING * BLOCK) ** 2, p.cytokine.loss + effects.il6_loss),
    }
    return {name: sub_steps_for(hop_rate, loss, step) for name, (hop_rate, loss) in rates.items()}


def _timed(process: Callable[..., None], model: LungModel, effects: Record, times: int) -> float:
    """Seconds of a process in one step, run over and over on a copy of the tissue with all else at a stand."""
    tissue = model.tissue._replace(**{name: array.copy() for name, array in model.tissue._asdict().items()})
    now = moment(model.chance_seed, model.tick, model.experiment.step)
    rest: tuple[Any, ...] = (tissue, model.parameters, effects, now)
    process(*rest, 1)
    return best_cpu(lambda: process(*rest, times)) / times


def lines() -> Iterator[Line]:
    """Time of each field process in one step on day 6 of influenza, over its floor; and of all three."""
    for side, times in ((2.0, 300), (10.0, 20)):
        model = LungModel(scenario_of("influenza", side, days=ACTIVE_DAY + 1.0), seed=1)
        model.run(days=ACTIVE_DAY)
        effects = model._course[model.tick]
        sub_steps, total, least = _sub_steps(model, effects), 0.0, 0.0
        for name, process in PROCESSES.items():
            sites = int(np.prod(getattr(model.tissue, name).shape[1:]))
            seconds = _timed(process, model, effects, times)
            floor = sub_steps[name] * 3 * 4 * sites / bandwidth(sites)
            what = f"field {name}, {side:g} mm, day 6, {sub_steps[name]} sub-steps"
            yield Line(what, seconds * 1e6, "us/step", floor * 1e6, "its numbers moved by a copy loop")
            total, least = total + seconds, least + floor
        what = f"all three fields, {side:g} mm, day 6"
        yield Line(what, total * 1e6, "us/step", least * 1e6, "the same by a copy loop", Aim(3.0, of="ratio"))
