"""The schedule: the events of a step in their order, and the driver that takes steps.

Both are compiled, so that many steps run without a return to Python (which would cost as much as the step itself).
"""

from __future__ import annotations

import numpy as np

from abm.core.clock import DAY, TimeStep, begins, time_step
from abm.core.compiled import compiled, uncounted
from abm.core.population import Record
from abm.model.multirate import (
    Pace,
    closes_fast_step,
    closes_slow_step,
    fast_step,
    is_undisturbed,
    slow_step_before,
    slow_step_of,
)
from abm.processes.cancer.arrival import arrive
from abm.processes.cancer.life import update_cancer
from abm.processes.epithelium import kill_infected, update_epithelium
from abm.processes.immune import act, leave
from abm.processes.lymph_node import run_lymph_node
from abm.processes.matrix import remodel
from abm.processes.movement import move
from abm.processes.recruitment import recruit
from abm.processes.secretion import spread_cytokines, spread_interferon
from abm.processes.signals import read_signals
from abm.processes.virus import spread_virions
from abm.rules.parameters import Parameters
from abm.tissue.capacity import has_capacity
from abm.tissue.cell_order import sort_by_place
from abm.tissue.census import take_census
from abm.tissue.state import Tissue
from abm.treatments.effects_by_step import TreatmentEffects


@uncounted
def step(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Advance a section of lung by one step. Each event finds what the events before it left.

    0. Rules of the scenario read their signals; without rules this is nothing.
    1. Virions are released by infected cells, diffuse, are cleared and neutralized.
    2. Interferon is secreted by infected cells, diffuses and is lost.
    3. Epithelial cells are infected or protected, pass through eclipse and expression, die and regenerate.
    4. IL-6 and other cytokines are secreted by their sources, diffuse, are lost and neutralized.
    5. The lymph node is primed by antigen and sends T cells and antibody.
    6. Leukocytes arrive through vessels, from the lymph node, or by transfer.
    7. Leukocytes whose stay is over leave or die.
    8. Leukocytes and fibroblasts migrate.
    9. They are activated, polarize, phagocytose, and kill infected cells.
    10. Killed infected cells die.
    11. The niche is cut by proteases and NETs, and repaired.
    12. Cancer cells arrive through vessels, where a treatment says so.
    13. Cancer cells awaken, divide, return to dormancy, change phenotype and die.

    Args:
        tissue: the section, changed in place.
        p: parameters.
        effects: what treatments do in this step, one record of EFFECTS_OF_STEP.
        now: the step.
    """
    read_signals(tissue, p, effects, now)
    spread_virions(tissue, p, effects, now)
    spread_interferon(tissue, p, effects, now)
    update_epithelium(tissue, p, effects, now)
    spread_cytokines(tissue, p, effects, now)
    run_lymph_node(tissue, p, effects, now)
    recruit(tissue, p, effects, now)
    leave(tissue, p, effects, now)
    move(tissue, p, now)
    act(tissue, p, now)
    kill_infected(tissue, p, now)
    remodel(tissue, p, now)
    arrive(tissue, p, effects, now)
    update_cancer(tissue, p, effects, now)


@uncounted
def _take_fast_step(is_due: bool, tissue: Tissue, p: Parameters, effects: Record, now: TimeStep, pace: Pace) -> None:
    """If it is due and a cancer cell proliferates, such cells and lymphocytes advance to the end of this step."""
    if is_due and tissue.status[0].proliferating > 0:
        quick = fast_step(now, tissue.status[0].fast_steps_since_sync, pace)
        move(tissue, p, quick)
        update_cancer(tissue, p, effects, quick)


@compiled
def advance(  # noqa: PLR0913, PLR0917 - all that a stretch of a run takes
    tissue: Tissue,
    p: Parameters,
    treatment_effects: TreatmentEffects,
    start: TimeStep,
    until: int,
    every: int,
    census: np.ndarray,
    pace: Pace,
) -> int:
    """Take steps from `start.tick` up to `until`, or until an array is full; returns the tick reached.

    In resting tissue (see `abm.model.multirate`) only proliferating cancer cells and lymphocytes take fast steps. The
    slow step that brings all others up to date is taken at the end of its time, before a step that has to be taken
    whole, and on its own where `until` is `start.tick`, so that something else may change after it.

    Args:
        tissue: the section, changed in place.
        p: parameters.
        treatment_effects: EFFECTS_OF_STEP[steps], what treatments do in each step.
        start: the first step.
        until: tick at which to stop.
        every: steps from one row of `census` to the next.
        census: CENSUS[n] of zeros, filled from its beginning at each multiple of `every` steps that is reached.
        pace: how finely resting tissue is followed; `OF_RUNS`, and coarser in cohorts only (`abm.cohort.lung`).
    """
    now, state, only_syncs, counted = start, tissue.status[0], until == start.tick, 0
    while True:
        slow = slow_step_of(tissue, pace)
        must_sync = state.fast_steps_since_sync > 0 and (only_syncs or closes_slow_step(slow, now))
        if not must_sync and now.tick // every - start.tick // every > counted and counted < census.size:
            take_census(tissue, now.tick * now.dt, p, census[counted])
            counted += 1
        if now.tick >= until and not must_sync:
            break
        if not must_sync and slow > 0.0 and is_undisturbed(treatment_effects, now):
            if not has_capacity(tissue, p, treatment_effects[now.tick], now.dt):
                break
            state.fast_steps_since_sync += 1
            _take_fast_step(closes_fast_step(now, pace), tissue, p, treatment_effects[now.tick], now, pace)
        elif state.fast_steps_since_sync > 0:
            before = slow_step_before(now, state.fast_steps_since_sync)
            is_due = not closes_fast_step(before, pace)
            _take_fast_step(is_due, tissue, p, treatment_effects[before.tick], before, pace)
            state.fast_steps_since_sync = 0
            step(tissue, p, treatment_effects[before.tick], before)
            continue
        else:
            if not has_capacity(tissue, p, treatment_effects[now.tick], now.dt):
                break
            step(tissue, p, treatment_effects[now.tick], now)
        now = time_step(now.seed, now.tick + 1, now.dt)
        if begins(DAY, now):
            sort_by_place(tissue)
    return now.tick
