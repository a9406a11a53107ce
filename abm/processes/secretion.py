"""Secretion, diffusion and loss of substances, and their removal by drugs: one law for all substances.

Infected epithelial cells, proliferating cancer cells and mobile cells secrete them. A substance that no cell secretes
at rest is skipped while there is none and no cell secretes it.
"""

from __future__ import annotations

import numpy as np

from abm.core.clock import TimeStep, is_slow_only
from abm.core.compiled import compiled, uncounted
from abm.core.field import FIELD, diffuse, field_total
from abm.core.lattice import BLOCK, SPACING
from abm.core.population import USED, Record, as_int64
from abm.core.relaxation import relax
from abm.processes.secretion_by_rules import is_secreted_by_rules, secrete_by_rules
from abm.processes.secretion_rates import BY_MOBILE, LOWEST, SIDES, is_cd206, rise_by_one, secretion
from abm.rules import cells as cell_types
from abm.rules.cells import KINDS
from abm.rules.own.rates import Rate, Where, address
from abm.rules.own.slots import OWN_SUBSTANCES
from abm.rules.parameters import Parameters, substances_in
from abm.rules.response import relax_exactly
from abm.rules.states import VirusOfRun
from abm.rules.substances import SUBSTANCES, Substance, local_loss, lost_while_held
from abm.tissue.census import mean_amount
from abm.tissue.epithelial_cells import infected_cells, is_infected
from abm.tissue.ruled import is_ruled, ruled_mean
from abm.tissue.state import AMOUNT, SOURCE, Niche, Tissue

AT_REST = np.array([cell_types.is_secreted_at_rest(substance) for substance in Substance] + OWN_SUBSTANCES * [False])
RESTING = np.flatnonzero(AT_REST)  # the substances that cells secrete at rest
# Mean concentration [ng/mL] below which a substance that no cell secretes, now or at rest, is set to zero. That much
# interferon would protect one cell in 1,000 within two years.
VANISHED = 1e-6
LEAST_LOSS = 1e-4  # 1/h, which rules leave at least, assumed: the scheme of the fields divides by the loss


@compiled
def rates_of(substance: int, p: Parameters, effects: Record) -> tuple[float, float]:
    """Rate of hops to a neighboring square and loss of a free substance [1/h]; an antibody adds to the loss."""
    q = p.substances[substance]
    loss = local_loss(effects.receptor_left, q) + effects.added_loss[substance]
    return q.diffusion / (SPACING * SIDES[substance]) ** 2, loss


@uncounted
def loss_of(substance: int, tissue: Tissue, p: Parameters, effects: Record) -> float:
    """Loss of a free substance [1/h] as drugs and rules leave it."""
    loss = rates_of(substance, p, effects)[1]
    if is_ruled(Rate.LOSS_OF_SUBSTANCE.value, p):
        where = address(Rate.LOSS_OF_SUBSTANCE.value, Where.TISSUE.value, substance)
        loss = max(LEAST_LOSS, ruled_mean(loss, where, tissue.signals, p))
    return loss


@compiled
def steady_loss(substance: int, p: Parameters, effects: Record) -> float:
    """Loss of a free substance [1/h] once antibodies let go as much of it as they are about to lose."""
    q, taken = p.substances[substance], effects.added_loss[substance]
    return local_loss(effects.receptor_left, q) + taken * lost_while_held(effects.unbinding[substance], q)


@uncounted
def hold(substance: int, tissue: Tissue, p: Parameters, effects: Record, hours: float) -> None:
    """What antibodies hold of a substance follows what they take of it, section mean over section mean [ng/mL]."""
    held, taken = tissue.status[0].held, effects.added_loss[substance]
    if held[substance] > 0.0 or taken > 0.0:
        lost = effects.unbinding[substance] + p.substances[substance].complex_loss
        steady = taken * mean_amount(tissue.fields[substance]) / lost
        held[substance] = relax_exactly(held[substance], steady, 1.0 / lost, hours)


@uncounted
def _let_go(substance: int, tissue: Tissue, effects: Record) -> None:
    """Antibodies let go of what they hold, everywhere alike: they come and go with the blood."""
    held = tissue.status[0].held[substance]
    if held > 0.0:
        source, free = tissue.fields[substance][SOURCE], FIELD(effects.unbinding[substance] * held)
        for y in range(source.shape[0]):
            for x in range(source.shape[1]):
                source[y, x] += free


@compiled
def _fill(
    source: np.ndarray, proliferating: np.ndarray, infected: np.ndarray, by_cancer: float, by_infected: float
) -> None:
    """Fill a source with the secretion of the proliferating cancer cells and infected cells of each block."""
    flat, growing, making = source.ravel(), proliferating.ravel(), infected.ravel()
    for block in range(flat.size):
        flat[block] = FIELD(growing[block] * by_cancer + making[block] * by_infected)


@uncounted
def _add_epithelium(
    source: np.ndarray, side: int, rises: tuple[float, float], delay: float, tissue: Tissue, hour: float
) -> bool:
    """Add the secretion of epithelial cells infected at least `delay` [h] ago; returns whether any secretes.

    rises: by one cell that is infected by the first virus, and by the second [ng/mL/h].
    """
    found, by_first, by_second = False, FIELD(rises[0]), FIELD(rises[1])
    for index in range(tissue.states.size):
        if is_infected(tissue.states[index]):
            cell = tissue.epithelium[index]
            if hour - cell.infected_at >= delay:
                source[cell.y // side, cell.x // side] += by_first if cell.virus == VirusOfRun.FIRST else by_second
                found = True
    return found


@uncounted
def _add_proliferating(source: np.ndarray, side: int, by_cancer: float, tissue: Tissue) -> None:
    """Add the secretion of proliferating cancer cells."""
    for entry in range(tissue.status[0].proliferating):
        cell = tissue.cancer[tissue.cancer_proliferating[entry].row]
        source[cell.y // side, cell.x // side] += FIELD(by_cancer)


@uncounted
def _add_mobile(substance: int, tissue: Tissue, rises: tuple[float, float], p: Parameters) -> bool:
    """Add the secretion of mobile cells; returns whether any is declared to secrete, whatever its rate.

    rises: by one molecule per second of a cell activated by the first virus, and by the second [ng/mL/h].
    """
    source, side, found = tissue.fields[substance][SOURCE], SIDES[substance], False
    if not BY_MOBILE[substance]:
        return False
    for row in range(tissue.mobile_rows[USED]):
        cell = tissue.mobile[row]
        kind = as_int64(cell.kind)
        lowest = LOWEST[substance, kind if kind < KINDS else cell_types.shares_with(kind, p.cells)]
        if cell.alive and cell.activation > lowest and (lowest < 0.0 or not is_cd206(cell, p)):
            rise = rises[0] if cell.activated_by == VirusOfRun.FIRST else rises[1]
            source[cell.y // side, cell.x // side] += FIELD(secretion(cell, substance, p) * rise)
            found = True
    return found


@uncounted
def secrete(substance: int, tissue: Tissue, p: Parameters, effects: Record, hour: float) -> bool:
    """Fill the source of a substance [ng/mL/h] with the secretion of all cells; returns whether any secretes."""
    if is_secreted_by_rules(substance, p):
        return secrete_by_rules(substance, tissue, p, effects, hour)
    if substance >= SUBSTANCES:
        tissue.fields[substance][SOURCE][:, :] = FIELD(0.0)
        return False
    source, side, q = tissue.fields[substance][SOURCE], SIDES[substance], p.substances[substance]
    infected, proliferating = infected_cells(tissue.epithelial_counts), tissue.status[0].proliferating
    rises = rise_by_one(substance, 0, p, effects), rise_by_one(substance, 1, p, effects)
    by_infected, by_cancer = q.epithelial_secretion * rises[0], q.cancer_secretion * rises[0]
    found = proliferating > 0 and q.cancer_secretion > 0.0
    if side == BLOCK and q.delay == 0.0:
        niche = tissue.niche
        _fill(source, niche[Niche.PROLIFERATING], niche[Niche.INFECTED], by_cancer, by_infected)
        found = found or (infected > 0 and q.epithelial_secretion > 0.0)
    else:
        source[:, :] = FIELD(0.0)
        if infected > 0 and q.epithelial_secretion > 0.0:
            of_cells = by_infected, q.epithelial_secretion * rises[1]
            found = _add_epithelium(source, side, of_cells, q.delay, tissue, hour) or found
        if q.cancer_secretion > 0.0:
            _add_proliferating(source, side, by_cancer, tissue)
    return _add_mobile(substance, tissue, rises, p) or found


@uncounted
def spread(substance: int, tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Advance the field of a substance [ng/mL] by one step, and record whether the substance is present."""
    status, amount, q = tissue.status[0], tissue.fields[substance][AMOUNT], p.substances[substance]
    by_infected = q.epithelial_secretion > 0.0 and infected_cells(tissue.epithelial_counts) > 0
    by_cancer = q.cancer_secretion > 0.0 and status.proliferating > 0
    may_be_secreted = status.any_activated or by_infected or by_cancer or is_secreted_by_rules(substance, p)
    if not (may_be_secreted or status.present[substance] > 0 or AT_REST[substance]):
        return
    secreted = secrete(substance, tissue, p, effects, now.tick * now.dt)
    if not (secreted or status.present[substance] > 0 or AT_REST[substance]):
        return
    _let_go(substance, tissue, effects)
    hop_rate, loss = rates_of(substance, p, effects)[0], loss_of(substance, tissue, p, effects)
    if is_slow_only(now):
        relax(tissue.fields[substance], hop_rate, loss, now.dt_slow)
    else:
        diffuse(tissue.fields[substance], hop_rate, loss, now.dt_slow)
    hold(substance, tissue, p, effects, now.dt_slow)
    is_left = secreted or AT_REST[substance] or field_total(amount) > VANISHED * amount.size
    status.present[substance] = 1 if is_left else 0
    if not is_left:
        amount[:, :] = FIELD(0.0)


@uncounted
def spread_interferon(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Advance type I interferon by one step, before the epithelium responds to it."""
    spread(Substance.INTERFERON.value, tissue, p, effects, now)


@uncounted
def spread_cytokines(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Advance IL-6 and every other substance but interferon by one step."""
    for substance in range(substances_in(p)):
        if substance != Substance.INTERFERON:
            spread(substance, tissue, p, effects, now)
