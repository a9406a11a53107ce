"""What mobile cells do where they stand: leave or die, take alarm, eat, kill, and be counted by their neighbors."""

from __future__ import annotations

import numpy as np

from abm.core.ahead import ask_for
from abm.core.chance import uniform, waiting_time
from abm.core.clock import TimeStep
from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK
from abm.core.population import USED, Record, release_row, whole
from abm.rules import activation, cytotoxicity, recruitment
from abm.rules.parameters import Parameters
from abm.rules.response import approached, kept
from abm.rules.states import KINDS, CellKind, Decision, EpithelialState
from abm.tissue.block_counts import GOES, count, mucosa_of
from abm.tissue.epithelial_cells import clear_away, fires, start_dying, state_under
from abm.tissue.state import AMOUNT, Mucosa, Niche, Tissue

AGGREGATE = 3  # CD4 cells in one block that make a lymphoid aggregate; assumed
AHEAD = 8  # cells, for whose site the memory is asked in time
CALM = 1e-4  # less alarm than this is none: it would add a hundredth to the IL-6 of a resting macrophage


@inlined
def _loss_rate(cell: Record, loss: float, awake: float, cd4: float, p: recruitment.Recruitment) -> float:
    """Hazard [1/h] that a mobile cell leaves or dies by itself.

    A recruited macrophage stays as long as it is alarmed (*assumed*), so that those that become alveolar ones do so
    when the infection is over, as they do in mice: twice as many on day 11 as on day 9 (Jhutty 2022).

    loss: that of its kind; awake, cd4: awake cancer cells and CD4 cells in the block of a CD4 cell.
    """
    if cell.memory:
        return 1.0 / p.memory_life
    if cell.kind == CellKind.CD4:
        if awake > 0.0 or cd4 >= AGGREGATE:
            loss *= p.cd4_survival
    elif cell.kind == CellKind.RESIDENT_MACROPHAGE:
        loss += p.macrophage_death * cell.alarm
    elif cell.kind == CellKind.RECRUITED_MACROPHAGE:
        loss *= 1.0 - cell.alarm
    return loss


@compiled
def _matures(cell: Record, effects: Record, p: recruitment.Recruitment, now: TimeStep) -> bool:
    """Whether a cell whose stay is over stays on: a recruited macrophage that becomes an alveolar one."""
    if cell.kind != CellKind.RECRUITED_MACROPHAGE or effects.removal[cell.kind] > 0.0:
        return False
    if uniform(now.seed, Decision.MATURATION, cell.uid, 0) >= p.maturation:
        return False
    cell.kind = CellKind.RESIDENT_MACROPHAGE
    cell.stay = waiting_time(now.seed, Decision.LEAVING, cell.uid, 1)
    return True


@compiled
def leave(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Cells that leave the section or die, or are depleted: the hazard of their life, drawn at arrival, is used up."""
    mucosa = mucosa_of(tissue)
    losses = np.array([recruitment.turnover_of(kind, p.recruitment).loss for kind in range(KINDS)])
    for row in range(tissue.mobile_rows[USED]):
        cell = tissue.mobile[row]
        if cell.alive:
            awake, cd4 = 0.0, 0.0
            if cell.kind == CellKind.CD4:
                y, x = cell.y // BLOCK, cell.x // BLOCK
                awake, cd4 = tissue.niche[Niche.AWAKE, y, x], tissue.niche[Niche.CD4, y, x]
            rate = _loss_rate(cell, losses[cell.kind], awake, cd4, p.recruitment) + effects.removal[cell.kind]
            cell.stay -= rate * now.dt_slow
            if cell.stay <= 0.0 and not _matures(cell, effects, p.recruitment, now):
                count(whole(cell.kind), whole(cell.y), whole(cell.x), GOES, mucosa)
                cell.alive = False
                release_row(row, tissue.mobile_rows)


@inlined
def _take_alarm(cell: Record, target: float, rising: float, falling: float) -> None:
    """A phagocyte or fibroblast follows its stimulus; rising, falling: shares of the distance kept in a step."""
    if target > 0.0 or cell.alarm >= CALM:
        cell.alarm = approached(cell.alarm, target, rising if target > cell.alarm else falling)
    else:
        cell.alarm = 0.0


@inlined
def _switch(cell: Record, p: activation.Activation, now: TimeStep) -> None:
    """A macrophage turns MHCII+ under alarm, and CD206+ again long after."""
    rate = activation.switch_back_rate(cell.alarm, p) if cell.activated else activation.switch_rate(cell.alarm, p)
    cell.switching -= rate * now.dt_slow
    if cell.switching <= 0.0:
        cell.activated = not cell.activated
        cell.turn += 1
        cell.switching = waiting_time(now.seed, Decision.SWITCH, cell.uid, cell.turn)


@inlined
def _nk_kill(cell: Record, mucosa: Mucosa, p: Parameters, now: TimeStep) -> None:
    """An NK cell kills the expressing cell under it while it is fresh and has kills left."""
    index = whole(cell.under)
    if index < 0 or cell.kills >= int(p.cytotoxicity.nk_kills):
        return
    if mucosa.states[index] == EpithelialState.EXPRESSING:
        vigor = cytotoxicity.nk_vigor(now.tick * now.dt - cell.born, p.cytotoxicity)
        if fires(mucosa.epithelium[index], p.cytotoxicity.nk_infected * vigor, now.dt_slow):
            start_dying(index, mucosa, p.epithelium, now)
            cell.kills += 1


@inlined
def _stimulus(cell: Record, state: int, virus: np.ndarray, p: Parameters) -> float:
    """What alarms a cell where it stands: the epithelium under it, virions on the site."""
    on_debris = EpithelialState.EXPRESSING <= state <= EpithelialState.DEAD
    return activation.stimulus(np.float64(virus[cell.y, cell.x]), on_debris, p.epithelium.sentinel_virions)


@inlined
def _eat(cell: Record, state: int, mucosa: Mucosa, p: activation.Activation, now: TimeStep) -> None:
    """A macrophage or neutrophil on a dead cell clears it."""
    if state != EpithelialState.DEAD:
        return
    rate = p.neutrophil_eating if cell.kind == CellKind.NEUTROPHIL else p.eating
    if fires(mucosa.epithelium[cell.under], rate, now.dt_slow):
        clear_away(whole(cell.under), mucosa, now.seed)


@compiled
def act(tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """Alarm, switch of type, eating, killing by NK cells; and how alarmed the neutrophils of each block are."""
    mucosa, virus, ledger, a = mucosa_of(tissue), tissue.virus[AMOUNT], tissue.ledger[0], p.activation
    rising, falling = kept(a.alarm_rise, now.dt_slow), kept(a.alarm_fall, now.dt_slow)
    dying = tissue.tally[EpithelialState.APOPTOTIC] + tissue.tally[EpithelialState.DEAD]
    stirred = ledger.virus or tissue.tally[EpithelialState.EXPRESSING] + dying > 0
    if ledger.alarmed:
        tissue.niche[Niche.NEUTROPHIL_ALARM, :, :] = 0.0
    ledger.alarm = 0.0
    used = tissue.mobile_rows[USED]
    for row in range(used):
        later = tissue.mobile[min(row + AHEAD, used - 1)]
        ask_for(virus, later.y * virus.shape[1] + later.x)
        cell = tissue.mobile[row]
        if not cell.alive or cell.kind == CellKind.CD8 or cell.kind == CellKind.CD4:
            continue
        if cell.kind == CellKind.NK:
            if stirred:
                _nk_kill(cell, mucosa, p, now)
            continue
        state = state_under(cell, tissue.states) if stirred else EpithelialState.HEALTHY.value
        _take_alarm(cell, _stimulus(cell, state, virus, p) if stirred else 0.0, rising, falling)
        ledger.alarm = max(ledger.alarm, cell.alarm)
        if cell.kind == CellKind.FIBROBLAST:
            continue
        if cell.kind == CellKind.NEUTROPHIL:
            tissue.niche[Niche.NEUTROPHIL_ALARM, cell.y // BLOCK, cell.x // BLOCK] += cell.alarm
        else:
            _switch(cell, a, now)
        if stirred:
            _eat(cell, state, mucosa, a, now)
    ledger.alarmed = ledger.alarm > 0.0
