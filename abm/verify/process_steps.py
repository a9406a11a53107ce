"""Each process alone, at steps of ten minutes and of one: what is assumed within a step, and the error of it.

A section of lung is taken on a day of the infection and all but one process (with walking, where cells look under
themselves) stand still for some hours. Draws do not know the step, so the same cells meet the same chance at both, and
differences of a percent are seen in a few sections.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from abm.core.clock import time_step
from abm.core.population import ALIVE, USED
from abm.model.lung_model import LungModel
from abm.processes.cancer.life import update_cancer
from abm.processes.epithelium import kill_infected, update_epithelium
from abm.processes.immune import act, leave
from abm.processes.lymph_node import run_lymph_node
from abm.processes.matrix import remodel
from abm.processes.movement import move
from abm.processes.recruitment import recruit
from abm.processes.secretion import spread
from abm.processes.virus import spread_virions
from abm.reporting.measured import Measured
from abm.reporting.statistics import Estimate, ratio_of_means
from abm.rules.cells import CellKind, Cells
from abm.rules.states import EpithelialState
from abm.rules.substances import Substance
from abm.scenario.scenario import Scenario
from abm.tissue.capacity import with_capacity
from abm.tissue.epithelial_cells import infected_cells
from abm.tissue.state import AMOUNT, Niche, Tissue
from abm.treatments.treatments import Infection
from abm.verify.check import Check, CheckPanel, Finding, Interval

COARSE, FINE = 1 / 6, 1 / 60  # h
SEEDS = range(1, 25)
PHAGOCYTES = tuple(kind for kind in CellKind if Cells()[kind.shares_with].phagocytosis > 0.0)
BOUND = 0.05  # of each process
DAYS = {"early": 3.0, "late": 6.5}  # of the infection: virus grows; T cells are there
SECTION = Scenario(
    name="verify-process-steps", width=2000.0, height=2000.0, duration=240.0, snapshots=(),
    infections=(Infection(dose=4.0),),  # so that every section carries it
)  # fmt: skip


class ProcessAlone(NamedTuple):
    """A process looked at alone.

    Attributes:
        what: in words. assumes: what is taken to hold within a step. day: on which a section is taken, of DAYS.
        hours: how long the process goes on. runs: called with tissue, parameters, effects and moment, in each step.
        reads: what is measured at the end, from the tissue before and after, and from what was seen on the way.
        sees: what is looked at after each step and averaged over them, if anything.
    """

    what: str
    assumes: str
    day: str
    hours: float
    runs: Callable[..., None]
    reads: Callable[[Tissue, Tissue, float], float]
    sees: Callable[[Tissue], float] | None = None


def _cells_of(kinds: Sequence[CellKind], tissue: Tissue) -> Any:
    """The living mobile cells of some kinds, as records."""
    cells: Any = tissue.mobile[: tissue.mobile_rows[USED]]
    return cells[cells.alive & np.isin(cells.kind, kinds)]


def _share_on(kinds: Sequence[CellKind], state: EpithelialState, tissue: Tissue) -> float:
    """Share of the cells of some kinds that stand on epithelial cells in a state."""
    cells = _cells_of(kinds, tissue)
    return float(np.mean((cells.under >= 0) & (tissue.states[cells.under] == state)))


def _alarm(tissue: Tissue) -> float:
    return float(_cells_of(PHAGOCYTES, tissue).activation.mean())


def _kill(tissue: Tissue, p: Any, _: Any, now: Any) -> None:
    move(tissue, p, now)
    kill_infected(tissue, p, now)


def _walk(tissue: Tissue, p: Any, _: Any, now: Any) -> None:
    move(tissue, p, now)


def _walk_and_act(tissue: Tissue, p: Any, _: Any, now: Any) -> None:
    move(tissue, p, now)
    act(tissue, p, now)


def _turn_over(tissue: Tissue, p: Any, effects: Any, now: Any) -> None:
    recruit(tissue, p, effects, now)
    leave(tissue, p, effects, now)


def _remodel(tissue: Tissue, p: Any, _: Any, now: Any) -> None:
    remodel(tissue, p, now)


def _mean(layer: np.ndarray) -> float:
    return float(layer.mean(dtype=float))


def _fall(state: EpithelialState) -> Callable[[Tissue, Tissue, float], float]:
    """How many epithelial cells have left a state."""
    return lambda before, after, _: float(before.epithelial_counts[state] - after.epithelial_counts[state])


def _of_substance(substance: Substance) -> ProcessAlone:
    """Secretion, diffusion and loss of a substance."""
    return ProcessAlone(
        substance.type.title, "cells secrete at a constant rate within a step", "early", 6.0,
        partial(spread, substance.value), lambda _, after, __: _mean(after.fields[substance][AMOUNT]),
    )  # fmt: skip


PROCESSES = {
    "CD8 contact": ProcessAlone(
        "CD8 cells: share on infected cells", "a cell is held as soon as it reaches a target, hop by hop", "late",
        6.0, _walk, lambda _, __, seen: seen, partial(_share_on, (CellKind.CD8,), EpithelialState.EXPRESSING),
    ),
    "phagocyte contact": ProcessAlone(
        "phagocytes: share on dead cells", "the same", "late", 6.0, _walk, lambda _, __, seen: seen,
        partial(_share_on, PHAGOCYTES, EpithelialState.DEAD),
    ),
    "killing": ProcessAlone(
        "infected cells killed by CD8 cells", "a CD8 cell on a target at the end of a step was there throughout",
        "late", 3.0, _kill, _fall(EpithelialState.EXPRESSING),
    ),
    "alarm": ProcessAlone(
        "activation of phagocytes", "the site under a cell at the end of a step was under it throughout", "late", 6.0,
        _walk_and_act, lambda _, after, __: _alarm(after),
    ),
    "phagocytosis": ProcessAlone(
        "dead cells phagocytosed", "the same", "late", 6.0, _walk_and_act, _fall(EpithelialState.DEAD),
    ),
    "turnover": ProcessAlone(
        "mobile cells after arrivals and losses", "rates are those at the start of the step", "late", 24.0, _turn_over,
        lambda _, after, __: float(after.mobile_rows[ALIVE]),
    ),
    "lymph node": ProcessAlone(
        "T-cell response that has left the lymph node", "responders enter in the middle of a step", "late",
        24.0, run_lymph_node, lambda _, after, __: float(after.node[0].memory),
    ),
    "epithelium": ProcessAlone(
        "cells infected", "cells sample every 30 min, whatever the step", "early", 6.0, update_epithelium,
        lambda before, after, _: float(
            infected_cells(after.epithelial_counts) - infected_cells(before.epithelial_counts)
        ),
    ),
    "virions": ProcessAlone(
        "virions", "cells release at a constant rate within a step", "early", 6.0, spread_virions,
        lambda _, after, __: _mean(after.virus[AMOUNT]),
    ),
    **{substance.type.title: _of_substance(substance) for substance in Substance},
    "matrix": ProcessAlone(
        "remodeled niche", "cells that remodel it at the end of a step did so throughout", "late", 24.0, _remodel,
        lambda _, after, __: 1.0 - _mean(after.niche[Niche.INTEGRITY]),
    ),
    "cancer cells": ProcessAlone(
        "cancer cells after 48 h of steady IL-6",
        "the signal is shared in a block of 40 um; hazards are those at the end of the step; a cell migrates once",
        "late", 48.0, update_cancer, lambda _, after, __: float(after.cancer_rows[ALIVE]),
    ),
}  # fmt: skip


def taken(seed: int, day: float, step: float) -> tuple[Tissue, Any, Any, int]:
    """A section on a day of the infection; tissue, parameters, effects and step number."""
    model = LungModel(replace(SECTION, step=step), seed=seed)
    model.go_to(round(24.0 * day / step))
    state = copy.deepcopy(model.tissue), model.parameters, model._treatment_effects[model.tick].copy(), model.tick
    model.close()
    return state


def outcome(name: str, seed: int) -> tuple[float, float]:
    """What a process gives in one section, at steps of ten minutes and of one."""
    process = PROCESSES[name]
    before, p, effects, tick = taken(seed, DAYS[process.day], COARSE)
    effects.inoculum = 0.0
    found = []
    for step in (COARSE, FINE):
        tissue, seen, first = copy.deepcopy(before), [], round(tick * COARSE / step)
        for number in range(first, first + round(process.hours / step)):
            tissue = with_capacity(tissue, p, effects, step)
            process.runs(tissue, p, effects, time_step(seed, number, step))
            if process.sees:
                seen.append(process.sees(tissue))
        found.append(process.reads(before, tissue, float(np.mean(seen)) if seen else 0.0))
    return found[0], found[1]


def conclude(given: Sequence[tuple[float, float]]) -> Finding:
    """Ratio of ten minutes to one, process by process."""
    numbers = np.array(given).reshape(len(PROCESSES), len(SEEDS), 2)
    ratios: dict[str, Estimate] = {
        name: ratio_of_means(own[:, 0], own[:, 1]) for name, own in zip(PROCESSES, numbers, strict=True)
    }
    return Finding(
        claim=f"Each process alone gives the same result at steps of ten minutes and of one minute, within "
        f"{BOUND:.0%}.",
        law="equivalence: the 95 % interval of the ratio between twins lies within the bound",
        source="doi:10.1007/BF01068419",
        measured=tuple(
            Measured(PROCESSES[name].what, one.value, 1.0 - BOUND, 1.0 + BOUND, one.low, one.high)
            for name, one in ratios.items()
        ),
        why=f"{BOUND:.0%} of one process; the whole model at all steps is the subject of the check `step`.",
        note=f"{len(SEEDS)} sections of 4 mm2, taken on days {DAYS['early']:g} and {DAYS['late']:g} of influenza. "
        "Assumed within a step: "
        + "; ".join(f"{one.what}: {one.assumes} ({one.hours:g} h)" for one in PROCESSES.values())
        + ".",
        panels=(
            CheckPanel(
                "Ten minutes / one minute", "ratio", "", band=(1.0 - BOUND, 1.0 + BOUND),
                intervals=tuple(Interval(PROCESSES[name].what, *one[:3]) for name, one in ratios.items()),
            ),
        ),
    )  # fmt: skip


CHECKS: tuple[Check, ...] = (
    Check(
        "process-steps", "whole model", "Each process at 10 vs 1 min",
        tuple(partial(outcome, name, seed) for name in PROCESSES for seed in SEEDS), conclude,
    ),
)  # fmt: skip
