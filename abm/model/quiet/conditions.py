"""Whether a section is disturbed, has been at rest long enough for quiet time, or is still healing."""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled, uncounted
from abm.model.quiet.by_rules import is_made_at_rest, kills_within_a_contact
from abm.rules.parameters import Parameters, substances_in
from abm.rules.states import EpithelialState
from abm.tissue.state import Niche, Tissue
from abm.tissue.viruses import has_virions
from abm.treatments.effects_by_step import TreatmentEffects, must_be_stepped

# All assumed; docs/cohorts.md compares quiet time with stepping.
SETTLING_TIME = 240  # h after the last trace of infection or activation, in which immune cells return to rest
NEARLY_HEALED = 0.05  # missing integrity up to which fibroblasts repair the matrix at their mean density
DRAINED = 1e-9  # responders in the lymph node below which there are none


@compiled
def is_disturbed(tissue: Tissue, p: Parameters) -> bool:
    """Whether there is any trace of infection or activation; healing epithelium and matrix do not count."""
    state = tissue.status[0]
    others = (
        tissue.epithelium.size
        - tissue.epithelial_counts[EpithelialState.HEALTHY]
        - tissue.epithelial_counts[EpithelialState.DENUDED]
    )
    nets = state.remodeled and np.any(tissue.niche[Niche.NETS] > 0.0)
    trace = False
    for substance in range(substances_in(p)):
        trace = trace or (state.present[substance] > 0 and not is_made_at_rest(substance, p))
    return bool(has_virions(tissue.viruses) or trace or state.any_activated or others > 0 or nets)


@compiled
def is_quiet(tissue: Tissue, p: Parameters, treatment_effects: TreatmentEffects, tick: int, undisturbed: int) -> bool:
    """Whether a section can pass quiet time; undisturbed: hours since it last was disturbed."""
    drained = True
    for number in range(tissue.node.size):
        node = tissue.node[number]
        drained = drained and node.stages.sum() + node.antibody_stages.sum() < DRAINED
    return (
        undisturbed >= SETTLING_TIME
        and tissue.status[0].proliferating == 0
        and tissue.status[0].unsettled_until == 0.0
        and drained
        and not kills_within_a_contact(p)
        and not must_be_stepped(treatment_effects, tick)
    )


@uncounted
def is_healing(tissue: Tissue) -> bool:
    """Whether fibroblasts are simulated one by one: epithelium is missing, or much of the matrix is.

    Much is a missing integrity of more than NEARLY_HEALED, on average or in a block with cancer cells.
    """
    if tissue.epithelial_counts[EpithelialState.HEALTHY] < tissue.epithelium.size:
        return True
    if not tissue.status[0].remodeled:
        return False
    lost, niche = 0.0, tissue.niche
    for y in range(niche.shape[1]):
        for x in range(niche.shape[2]):
            here = 1.0 - niche[Niche.INTEGRITY, y, x]
            if here > NEARLY_HEALED and niche[Niche.CANCER, y, x] > 0.0:
                return True
            lost += here
    return lost > NEARLY_HEALED * tissue.blocks.size
