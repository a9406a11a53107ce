"""Phenotype of cancer cells: from mesenchymal towards epithelial while they proliferate, and back."""

from __future__ import annotations

import math

from abm.core.chance import waiting_time
from abm.core.clock import TimeStep
from abm.core.compiled import compiled, inlined
from abm.core.population import Record
from abm.rules import dormancy
from abm.rules.own.rates import Rate, Where, address
from abm.rules.own.rule import OF_PLACE
from abm.rules.parameters import Parameters
from abm.rules.states import PHENOTYPES, Decision, Phenotype
from abm.tissue.cancer_index import is_proliferating
from abm.tissue.ruled import ruled
from abm.tissue.single_cells import SingleCell


@inlined
def next_transition(cell: Record, p: dormancy.Dormancy, now: TimeStep) -> float:
    """Draw the hour of the next change of phenotype; its rate stays as it is until the state or phenotype changes."""
    rate = dormancy.phenotype_transition_rate(is_proliferating(cell), cell.phenotype, p)
    if rate == 0.0:
        return math.inf
    return now.tick * now.dt + _wait(cell, now.seed) / rate


@inlined
def _wait(cell: Record, seed: int) -> float:
    """How much hazard a cell goes through before its phenotype changes: exponential, mean 1."""
    state = PHENOTYPES * cell.turn + cell.phenotype  # a clock was drawn when it entered the state it is in
    return waiting_time(seed, Decision.DRIFT, cell.uid, state)


@inlined
def change_phenotype(cell: Record, p: dormancy.Dormancy, now: TimeStep) -> float:
    """One step towards epithelial if the cell proliferates, else one step back; returns the hour of the next."""
    if is_proliferating(cell):
        cell.phenotype += 1
    else:
        cell.phenotype -= 1
    return next_transition(cell, p, now)


@compiled
def clock_by_rules(
    cell: Record, at: float, since: float, single: SingleCell, p: Parameters, seed: int
) -> tuple[float, float]:  # fmt: skip
    """The clock of the phenotype of a cell under rules, which may change its rate at any time.

    The clock says when the change comes at the built-in rate, or at 1 /h where that is 0; rules let it run faster or
    slower. Where only rules make a change possible, the clock is drawn now.

    Args:
        cell: the cell, which `single` was filled for.
        at: hour of the next change by its clock; infinite where it has none yet.
        since: hour at which such a clock would begin to run.
        single: the signals of this cell.
        p: parameters of the model.
        seed: of chance.

    Returns:
        The hour of the next change at the rate of the clock, and how fast the clock runs.
    """
    proliferates = is_proliferating(cell)
    last = Phenotype.EPITHELIAL.value if proliferates else Phenotype.MESENCHYMAL.value
    if cell.phenotype == last:
        return math.inf, 0.0
    rate = dormancy.phenotype_transition_rate(proliferates, cell.phenotype, p.dormancy)
    by_clock = rate if rate > 0.0 else 1.0
    where = address(Rate.TO_MESENCHYMAL.value, Where.DORMANT.value, 0)
    if proliferates:
        where = address(Rate.TO_EPITHELIAL.value, Where.PROLIFERATING.value, 0)
    rate = ruled(rate, where, 0, 0, OF_PLACE, single.signals, p)
    if math.isinf(at) and rate > 0.0:
        at = since + _wait(cell, seed) / by_clock
    return at, rate / by_clock


@inlined
def pass_clock(cell: Record, at: float, hours: float, single: SingleCell, p: Parameters, now: TimeStep) -> float:
    """Let some hours pass on the clock of the phenotype, up to now; returns the hour of the next change.

    The phenotype changes where this has come. at: this hour before; hours: that have passed.
    """
    if single.differs:
        at, speed = clock_by_rules(cell, at, now.tick * now.dt - hours, single, p, now.seed)
        at -= (speed - 1.0) * hours
    return change_phenotype(cell, p.dormancy, now) if now.tick * now.dt >= at else at
