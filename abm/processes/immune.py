"""What mobile cells do where they stand: leave or die, take alarm, eat, kill, and be counted by their neighbors."""

from __future__ import annotations

import numpy as np

from abm.core.chance import happens
from abm.core.compiled import compiled
from abm.core.lattice import BLOCK
from abm.core.population import Record, release_row
from abm.processes.epithelium import clear_away, mucosa_of, start_dying
from abm.processes.movement import state_under
from abm.processes.recruitment import turnover_of
from abm.processes.tissue import AMOUNT, Mucosa, Now, Tissue
from abm.rules import activation, cytotoxicity, recruitment
from abm.rules.parameters import Parameters
from abm.rules.response import relaxed
from abm.rules.states import CellKind, Decision, EpithelialState

AGGREGATE = 3  # CD4 cells in one block that make a lymphoid aggregate; assumed
CALM = 1e-9  # less alarm than this is none


@compiled
def _loss_rate(cell: Record, blocks: np.ndarray, p: recruitment.Recruitment) -> float:
    """Hazard [1/h] that a mobile cell leaves or dies by itself."""
    if cell.memory:
        return 1.0 / p.memory_life
    loss = turnover_of(cell.kind, p).loss
    if cell.kind == CellKind.CD4:
        block = blocks[cell.y // BLOCK, cell.x // BLOCK]
        if block.awake > 0 or block.cd4 >= AGGREGATE:
            loss *= p.cd4_survival
    elif cell.kind == CellKind.RESIDENT_MACROPHAGE:
        loss += p.macrophage_death * cell.alarm
    return loss


@compiled
def leave(tissue: Tissue, p: Parameters, effects: Record, now: Now) -> None:
    """Cells that leave the section or die, or are depleted."""
    for row in range(tissue.mobile_rows[0]):
        cell = tissue.mobile[row]
        if cell.alive:
            rate = _loss_rate(cell, tissue.blocks, p.recruitment) + effects.removal[cell.kind]
            if happens(rate, now.step, now.seed, Decision.LEAVING, cell.uid, now.tick):
                cell.alive = False
                release_row(row, tissue.mobile_rows)


@compiled
def _take_alarm(cell: Record, state: int, virions: float, p: Parameters, step: float) -> None:
    """A phagocyte or fibroblast follows the stimulus where it stands: the epithelium under it, virions on the site."""
    on_debris = EpithelialState.EXPRESSING <= state <= EpithelialState.DEAD
    target = activation.stimulus(virions, on_debris, p.epithelium.sentinel_virions)
    if target <= 0.0 and cell.alarm < CALM:
        cell.alarm = 0.0
    else:
        cell.alarm = relaxed(cell.alarm, target, activation.alarm_time(cell.alarm, target, p.activation), step)


@compiled
def _switch(cell: Record, p: activation.Activation, now: Now) -> None:
    """A macrophage turns MHCII+ under alarm, and CD206+ again long after."""
    rate = activation.switch_back_rate(cell.alarm, p) if cell.activated else activation.switch_rate(cell.alarm, p)
    if happens(rate, now.step, now.seed, Decision.SWITCH, cell.uid, now.tick):
        cell.activated = not cell.activated


@compiled
def _nk_kill(cell: Record, mucosa: Mucosa, p: Parameters, now: Now) -> None:
    """An NK cell kills the expressing cell under it while it is fresh and has kills left."""
    index = mucosa.mosaic[cell.y, cell.x]
    if index < 0 or cell.kills >= int(p.cytotoxicity.nk_kills):
        return
    if mucosa.epithelium[index].state == EpithelialState.EXPRESSING:
        vigor = cytotoxicity.nk_vigor(now.tick * now.step - cell.born, p.cytotoxicity)
        if happens(p.cytotoxicity.nk_infected * vigor, now.step, now.seed, Decision.KILLING, cell.uid, now.tick):
            start_dying(index, mucosa, p.epithelium, now)
            cell.kills += 1


@compiled
def _act_innate(cell: Record, block: Record, virions: float, mucosa: Mucosa, p: Parameters, now: Now) -> None:
    """A macrophage, neutrophil or fibroblast: alarm; switch of type; eating; fibroblasts are counted."""
    state = state_under(cell, mucosa.mosaic, mucosa.epithelium)
    _take_alarm(cell, state, virions, p, now.step)
    if cell.kind == CellKind.FIBROBLAST:
        block.fibroblasts += 1.0
        return
    rate = p.activation.eating
    if cell.kind == CellKind.NEUTROPHIL:
        block.neutrophil_alarm += cell.alarm
        rate = p.activation.neutrophil_eating
    else:
        _switch(cell, p.activation, now)
    if state == EpithelialState.DEAD and happens(rate, now.step, now.seed, Decision.EATING, cell.uid, now.tick):
        clear_away(mucosa.mosaic[cell.y, cell.x], mucosa, now.seed)


@compiled
def _forget_places(cd8_at: np.ndarray, blocks: np.recarray, epithelium: np.recarray) -> None:
    """Forget where mobile cells were."""
    cd8_at[:, :] = 0
    for y in range(blocks.shape[0]):
        for x in range(blocks.shape[1]):
            block = blocks[y, x]
            block.cd8_reach = 0
            block.cd4 = 0
            block.neutrophil_alarm = 0.0
            block.fibroblasts = 0.0
    for index in range(epithelium.size):
        epithelium[index].cd8_contacts = 0


@compiled
def _count_cd8(cell: Record, cd8_at: np.ndarray, mucosa: Mucosa) -> None:
    """Enter a CD8 cell on its site, on the epithelial cell under it, and in every block that it can reach into."""
    if cd8_at[cell.y, cell.x] < 255:
        cd8_at[cell.y, cell.x] += 1
    index = mucosa.mosaic[cell.y, cell.x]
    if index >= 0:
        mucosa.epithelium[index].cd8_contacts += 1
    rows, columns = cd8_at.shape
    for y in range(max(cell.y - 1, 0) // BLOCK, min(cell.y + 1, rows - 1) // BLOCK + 1):
        for x in range(max(cell.x - 1, 0) // BLOCK, min(cell.x + 1, columns - 1) // BLOCK + 1):
            mucosa.blocks[y, x].cd8_reach += 1


@compiled
def act(tissue: Tissue, p: Parameters, now: Now) -> None:
    """Alarm, eating, killing by NK cells, and the counts that other processes read."""
    mucosa = mucosa_of(tissue)
    _forget_places(tissue.cd8_at, tissue.blocks, tissue.epithelium)
    for row in range(tissue.mobile_rows[0]):
        cell = tissue.mobile[row]
        if not cell.alive:
            continue
        block = tissue.blocks[cell.y // BLOCK, cell.x // BLOCK]
        if cell.kind == CellKind.CD8:
            _count_cd8(cell, tissue.cd8_at, mucosa)
        elif cell.kind == CellKind.CD4:
            block.cd4 += 1
        elif cell.kind == CellKind.NK:
            _nk_kill(cell, mucosa, p, now)
        else:
            _act_innate(cell, block, tissue.virus[AMOUNT, cell.y, cell.x], mucosa, p, now)
