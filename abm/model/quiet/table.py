"""How each array of the tissue passes quiet time: the table that drives `abm.model.quiet.passage`.

A test fails for an array, layer or record field without an entry. The entries of cell types and substances follow from
their declarations.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from abm.core.clock import TimeStep
from abm.core.population import Record
from abm.model.quiet.fields import relax_substances, relax_virions
from abm.processes.lymph_node import run_lymph_node
from abm.rules.cells import CellKind, secretes_at_rest
from abm.rules.substances import Substance
from abm.tissue.state import FIELD_NAMES, FIELDS, Niche, Tissue


class How(Enum):
    """How a part of the tissue passes quiet time."""

    FIXED = "never changes once the section is laid out"
    ABSENT = "zero: its absence is what makes time quiet"
    KEPT = "nothing in quiet time changes or reads it"
    STRIDES = "changes by the processes of a step, in strides of up to two days"
    WHILE_HEALING = "in strides while the epithelium heals or the matrix is far from healed; then redrawn"
    CLOCKS = "changes when the clock of a dormant cell fires, to the hour"
    MEAN = "follows its mean over a stride"
    RELAXES = "relaxes around its sources, by its own process, at the end of quiet time"
    CLOSED_FORM = "changes in one step as long as quiet time, at its end"
    REDRAWN = "immigration and death: the cells that remain and a Poisson number of new cells, at random positions"
    COUNTS = "counts cells or fields that have their own entries"
    ANEW = "starts from zero in the next step"


Process = Callable[[Tissue, Any, Record, TimeStep], None]


class Passes(NamedTuple):
    """How a part of an array passes quiet time.

    Attributes:
        how: the rule.
        parts: layers, types of cell or record fields; empty for the whole array.
        process: the process that advances it, if it relaxes or changes in closed form; one for several arrays.
    """

    how: How
    parts: tuple[str, ...] = ()
    process: Process | None = None


def _of_cells(kind: CellKind) -> How:
    """A type of cell is simulated one by one if it secretes at rest or repairs the matrix; else it is redrawn."""
    if any(secretes_at_rest(kind, substance) for substance in Substance):
        return How.STRIDES
    return How.WHILE_HEALING if kind.type.repairs_matrix else How.REDRAWN


def _all(how: How) -> tuple[Passes, ...]:
    return (Passes(how),)


QUIET: dict[str, tuple[Passes, ...]] = {
    "kind": _all(How.FIXED),
    "lumen": _all(How.FIXED),
    "entry": _all(How.FIXED),
    "offsets": _all(How.FIXED),
    "cell_of_site": _all(How.FIXED),
    "site_start": _all(How.FIXED),
    "sites": _all(How.FIXED),
    "epithelium": (
        Passes(How.FIXED, ("cell_type", "y", "x")),
        Passes(How.STRIDES, ("turn", "hazard", "threshold", "antiviral_hazard", "antiviral_threshold")),
        Passes(How.KEPT, ("clock", "infected_at", "virus")),
    ),
    "states": _all(How.STRIDES),
    "response": _all(How.STRIDES),
    "epithelial_counts": _all(How.COUNTS),
    "viruses": (Passes(How.ABSENT, ("present", "infected")), Passes(How.KEPT, ("rna", "arrival_growth"))),
    "virus": (Passes(How.RELAXES, (), relax_virions),),
    "second_virus": _all(How.ABSENT),
    **{FIELDS + name: (Passes(How.RELAXES, (), relax_substances),) for name in FIELD_NAMES},
    "signals": _all(How.STRIDES),
    "niche": (
        Passes(How.STRIDES, (Niche.INTEGRITY.name, Niche.COLLAGEN.name, Niche.NETS.name)),
        Passes(How.COUNTS, (Niche.FIBROBLASTS.name, Niche.CANCER.name, Niche.CD4.name)),
        Passes(How.ABSENT, (Niche.NEUTROPHIL_ACTIVATION.name, Niche.PROLIFERATING.name, Niche.INFECTED.name)),
    ),
    "blocks": (
        Passes(How.MEAN, ("signal", "permissiveness", "macrophage_hold", "awakening_by_rules", "awakening_left")),
        Passes(How.MEAN, ("dormant_death", "proliferating_death", "return_rate", "cycle_speed")),
        Passes(How.CLOCKS, ("dormant_hazard", "earliest_event_at", "earliest_transition_at", "first_dormant")),
        Passes(
            How.KEPT,
            ("proliferating_hazard", "cycle_progress", "slow_time_done", "at2", "unsettled_until", "arrival_loss"),
        ),
        Passes(How.COUNTS, ("at2_alive",)),
    ),
    "mobile": tuple(Passes(_of_cells(kind), (kind.name,)) for kind in CellKind),
    "mobile_rows": _all(How.COUNTS),
    "cancer": _all(How.CLOCKS),
    "cancer_rows": _all(How.COUNTS),
    "cancer_next": _all(How.COUNTS),
    "cancer_proliferating": _all(How.KEPT),
    "clones": _all(How.COUNTS),
    "cancer_at": _all(How.COUNTS),
    "node": (
        Passes(
            How.CLOSED_FORM,
            ("pool", "stages", "antibody_stages", "arriving", "memory", "antibody", "inflammation"),
            run_lymph_node,
        ),
    ),
    "arrivals": _all(How.ANEW),
    "log": _all(How.CLOCKS),
    "status": (
        Passes(How.CLOCKS, ("events",)),
        Passes(How.STRIDES, ("remodeled",)),
        Passes(How.COUNTS, ("present", "clones")),
        Passes(How.MEAN, ("held",)),
        Passes(How.KEPT, ("fast_steps_since_sync", "slow_time_done")),
        Passes(How.ABSENT, ("unsettled_until", "proliferating", "max_activation", "any_activated")),
    ),
}  # fmt: skip


def carried_kinds(healing: bool) -> list[bool]:
    """Which types of mobile cells are simulated one by one, in the order of `CellKind`; the others are redrawn."""
    hows = {name: passes.how for passes in QUIET["mobile"] for name in passes.parts}
    return [hows[kind.name] is How.STRIDES or (healing and hows[kind.name] is How.WHILE_HEALING) for kind in CellKind]


def processes(how: How) -> list[Process]:
    """The processes of all parts that pass quiet time by this rule, each once, in the order of the table."""
    found = [passes.process for parts in QUIET.values() for passes in parts if passes.how is how]
    return [process for process in dict.fromkeys(found) if process is not None]
