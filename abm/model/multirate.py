"""Multirate stepping: which processes advance in every step of resting tissue, and which once an hour.

Without virus, without an infected, dying or dead epithelial cell, and with hardly any activation, nothing changes
within minutes except proliferating cancer cells and, while there are any, lymphocytes. These are updated in every
step; all other processes take slow steps, up to the next whole hour or to the step in which a treatment changes. Until
then a reader of a field, or of the position of another cell, finds what the last slow step left.
"""

from __future__ import annotations

from abm.core.clock import TimeStep
from abm.core.compiled import compiled, uncounted
from abm.rules.states import EpithelialState
from abm.tissue.epithelial_cells import infected_cells
from abm.tissue.state import Tissue
from abm.tissue.viruses import has_virions
from abm.treatments.effects_by_step import TreatmentEffects, is_anything_put_in, is_steady

NEARLY_INACTIVE = 0.05  # activation below which it only decays, within days; assumed
STEADY = 0.01  # share by which a treatment effect may change per hour and count as steady; antibodies stay for weeks


@uncounted
def is_at_rest(tissue: Tissue) -> bool:
    """Whether nothing goes on that must be followed step by step, save by proliferating cells and lymphocytes."""
    counts = tissue.epithelial_counts
    dying = counts[EpithelialState.APOPTOTIC] + counts[EpithelialState.DEAD]
    inactive = tissue.status[0].max_activation < NEARLY_INACTIVE
    return not has_virions(tissue.viruses) and inactive and infected_cells(counts) + dying == 0


@uncounted
def may_wait(tissue: Tissue, treatment_effects: TreatmentEffects, now: TimeStep) -> bool:
    """Whether slow processes can skip this step: the tissue rests, and treatments act as before."""
    if not is_at_rest(tissue) or is_anything_put_in(treatment_effects, now.tick):
        return False
    return now.tick == 0 or is_steady(treatment_effects, now.tick, STEADY * now.dt)


@compiled
def fast_step(now: TimeStep, steps: int) -> TimeStep:
    """The same step for fast processes only; steps: since slow processes last advanced, with this one."""
    return TimeStep(now.seed, now.tick, now.dt, now.dt, steps * now.dt, False)


@compiled
def slow_step_before(now: TimeStep, steps: int) -> TimeStep:
    """The slow step that ends where `now` begins; steps: since slow processes last advanced."""
    return TimeStep(now.seed, now.tick - 1, now.dt, 0.0, steps * now.dt, True)
