"""Multirate stepping: which processes advance in every step, and which less often, in tissue without an infection.

Without virus, and without an infected, dying or dead epithelial cell, nothing changes within minutes except
proliferating cancer cells and, while there are any, lymphocytes. They take fast steps; all other processes take slow
steps, up to the next whole hour (`Pace`) or to the step in which a treatment changes. Until then a reader of a field,
or of the position of another cell, finds what the last slow step left. In a run, this holds once hardly any cell is
activated.
"""

from __future__ import annotations

from typing import NamedTuple

from abm.core.clock import HOUR, TimeStep, begins, steps_since
from abm.core.compiled import compiled, uncounted
from abm.rules.states import EpithelialState
from abm.tissue.epithelial_cells import infected_cells
from abm.tissue.state import Tissue
from abm.tissue.viruses import has_virions
from abm.treatments.effects_by_step import TreatmentEffects, is_anything_put_in, is_steady

NEARLY_INACTIVE = 0.05  # activation below which it only decays, within days; assumed
STEADY = 0.01  # share by which a treatment effect may change per hour and count as steady; antibodies stay for weeks


class Pace(NamedTuple):
    """How finely tissue without an infection is followed.

    Attributes:
        resting: slow step while hardly any cell is activated [h].
        active: slow step while cells are activated [h]; 0: every step is taken whole.
        fast: fast step [h]; 0: one in each step.
    """

    resting: float
    active: float
    fast: float


OF_RUNS = Pace(HOUR, 0.0, 0.0)


@uncounted
def slow_step_of(tissue: Tissue, pace: Pace) -> float:
    """How long slow processes of this tissue may wait [h]; 0 in an infection, and where activated cells forbid it."""
    counts = tissue.epithelial_counts
    dying = counts[EpithelialState.APOPTOTIC] + counts[EpithelialState.DEAD]
    if has_virions(tissue.viruses) or infected_cells(counts) + dying > 0:
        return 0.0
    return pace.resting if tissue.status[0].max_activation < NEARLY_INACTIVE else pace.active


@compiled
def closes_slow_step(slow: float, now: TimeStep) -> bool:
    """Whether a slow step of this length [h] ends where this step begins; at once where nothing may wait any more."""
    return slow == 0.0 or begins(slow, now)


@uncounted
def is_undisturbed(treatment_effects: TreatmentEffects, now: TimeStep) -> bool:
    """Whether treatments act in this step as before, and bring nothing."""
    if is_anything_put_in(treatment_effects, now.tick):
        return False
    return now.tick == 0 or is_steady(treatment_effects, now.tick, STEADY * now.dt)


@compiled
def closes_fast_step(now: TimeStep, pace: Pace) -> bool:
    """Whether a fast step ends with this step."""
    return pace.fast <= now.dt or begins(pace.fast, TimeStep(now.seed, now.tick + 1, now.dt, now.dt, now.dt, True))


@compiled
def fast_step(now: TimeStep, steps: int, pace: Pace) -> TimeStep:
    """The fast step that ends with this step; steps: since slow processes last advanced, with this one."""
    own = 1 if pace.fast <= now.dt else min(steps, steps_since(pace.fast, now))
    return TimeStep(now.seed, now.tick, now.dt, own * now.dt, steps * now.dt, False)


@compiled
def slow_step_before(now: TimeStep, steps: int) -> TimeStep:
    """The slow step that ends where `now` begins; steps: since slow processes last advanced."""
    return TimeStep(now.seed, now.tick - 1, now.dt, 0.0, steps * now.dt, True)
