"""Phenotype of cancer cells: from mesenchymal towards epithelial while they proliferate, and back."""

from __future__ import annotations

import math

from abm.core.chance import waiting_time
from abm.core.clock import TimeStep
from abm.core.compiled import inlined
from abm.core.population import Record
from abm.rules import dormancy
from abm.rules.states import PHENOTYPES, Decision
from abm.tissue.cancer_index import is_proliferating


@inlined
def next_transition(cell: Record, p: dormancy.Dormancy, now: TimeStep) -> float:
    """Draw the hour of the next change of phenotype; its rate stays as it is until the state or phenotype changes."""
    rate = dormancy.phenotype_transition_rate(is_proliferating(cell), cell.phenotype, p)
    if rate == 0.0:
        return math.inf
    state = PHENOTYPES * cell.turn + cell.phenotype  # a clock was drawn when it entered the state it is in
    return now.tick * now.dt + waiting_time(now.seed, Decision.DRIFT, cell.uid, state) / rate


@inlined
def change_phenotype(cell: Record, p: dormancy.Dormancy, now: TimeStep) -> float:
    """One step towards epithelial if the cell proliferates, else one step back; returns the hour of the next."""
    if is_proliferating(cell):
        cell.phenotype += 1
    else:
        cell.phenotype -= 1
    return next_transition(cell, p, now)
