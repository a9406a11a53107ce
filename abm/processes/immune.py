"""What mobile cells do where they are: leave or die, become activated, polarize, phagocytose and kill."""

from __future__ import annotations

import numpy as np

from abm.core.chance import waiting_time
from abm.core.clock import TimeStep
from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK
from abm.core.population import USED, Record, as_int64, release_row
from abm.core.prefetch import prefetch
from abm.rules import activation, cytotoxicity, recruitment
from abm.rules.cells import CellKind, shares_with
from abm.rules.own.rates import Rate, address
from abm.rules.own.slots import ALL_KINDS
from abm.rules.parameters import Parameters, kinds_in
from abm.rules.response import decay_factor, relax_towards
from abm.rules.states import Decision, EpithelialState, VirusOfRun
from abm.tissue.block_counts import GOES, count, epithelium_of
from abm.tissue.epithelial_cells import clear_away, reaches_threshold, start_dying, state_under
from abm.tissue.ruled import has_rule, is_ruled, ruled
from abm.tissue.state import AMOUNT, EpithelialLayer, Niche, Tissue
from abm.tissue.viruses import has_virions

AGGREGATE = 3  # CD4 cells in one block that make a lymphoid aggregate; assumed
AHEAD = 8  # cells, for whose site the memory is asked in time
INACTIVE = 1e-4  # activation below which it is set to zero: it would add 1 % to the IL-6 of a resting macrophage


@inlined
def _ruled(which: int, rate: float, cell: Record, tissue: Tissue, p: Parameters, now: TimeStep) -> float:
    """A rate of a mobile cell as rules leave it; which: `Rate`."""
    if not is_ruled(which, p):
        return rate
    own = float(cell.activation), now.tick * now.dt - cell.born
    where = address(which, as_int64(cell.kind), 0)
    return ruled(rate, where, cell.y // BLOCK, cell.x // BLOCK, own, tissue.signals, p)


@inlined
def loss_rate(cell: Record, loss: float, awake: float, cd4: float, il6: float, p: recruitment.Recruitment) -> float:
    """Hazard [1/h] that a mobile cell leaves or dies by itself.

    A recruited macrophage stays as long as it is activated (*assumed*).

    loss: that of its kind; `awake`, `cd4`: proliferating cancer cells and CD4 cells in the block of a CD4 cell; `il6`:
    what a neutrophil feels [ng/mL].
    """
    if cell.memory:
        return 1.0 / p.memory_life
    if cell.kind == CellKind.CD4:
        if awake > 0.0 or cd4 >= AGGREGATE:
            loss *= p.cd4_survival
    elif cell.kind == CellKind.RESIDENT_MACROPHAGE:
        loss += p.macrophage_death * cell.activation
    elif cell.kind == CellKind.RECRUITED_MACROPHAGE:
        loss *= 1.0 - cell.activation
    elif cell.kind == CellKind.NEUTROPHIL:
        loss *= recruitment.loss_left_by_il6(il6, p)
    return loss


@compiled
def leave(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Cells that leave the section or die, or are depleted: the hazard of their life, drawn at arrival, is used up."""
    epithelium = epithelium_of(tissue)
    losses = np.array([p.cells[kind].loss for kind in range(ALL_KINDS)])
    il6, receptor = tissue.fields.il6[AMOUNT], effects.receptor_left * effects.stat_left
    for row in range(tissue.mobile_rows[USED]):
        cell = tissue.mobile[row]
        if cell.alive:
            awake, cd4, felt, y, x = 0.0, 0.0, 0.0, cell.y // BLOCK, cell.x // BLOCK
            if cell.kind == CellKind.CD4:
                awake, cd4 = tissue.niche[Niche.PROLIFERATING, y, x], tissue.niche[Niche.CD4, y, x]
            elif cell.kind == CellKind.NEUTROPHIL:
                felt = il6[y, x] * receptor
            rate = loss_rate(cell, losses[cell.kind], awake, cd4, felt, p.recruitment)
            rate = _ruled(Rate.LOSS.value, rate, cell, tissue, p, now) + effects.removal[cell.kind]
            cell.residence_hazard_left -= rate * now.dt_slow
            if cell.residence_hazard_left <= 0.0:
                count(as_int64(cell.kind), as_int64(cell.y), as_int64(cell.x), GOES, epithelium)
                cell.alive = False
                release_row(row, tissue.mobile_rows)


@inlined
def _activate(
    cell: Record,
    target: float,
    by_rule: bool,
    shares: tuple[float, float],
    tissue: Tissue,
    p: Parameters,
    now: TimeStep,
) -> None:
    """A cell follows its stimulus, and what rules make of it; shares: of the distance kept in a step, up and down."""
    rising, falling = shares
    if by_rule:
        target = min(1.0, _ruled(Rate.ACTIVATION.value, target, cell, tissue, p, now))
    if target > 0.0 or cell.activation >= INACTIVE:
        cell.activation = relax_towards(cell.activation, target, rising if target > cell.activation else falling)
    else:
        cell.activation = 0.0


@inlined
def _polarize(cell: Record, tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """A macrophage turns MHCII+ when activated, and CD206+ again long after; rules act on the first."""
    if cell.activated:
        rate = activation.depolarization_rate(cell.activation, p.activation)
    else:
        rate = activation.polarization_rate(cell.activation, p.activation)
        rate = _ruled(Rate.POLARIZATION.value, rate, cell, tissue, p, now)
    cell.polarization_hazard_left -= rate * now.dt_slow
    if cell.polarization_hazard_left <= 0.0:
        cell.activated = not cell.activated
        cell.turn += 1
        cell.polarization_hazard_left = waiting_time(now.seed, Decision.SWITCH, cell.uid, cell.turn)


@inlined
def _nk_kill(cell: Record, epithelium: EpithelialLayer, tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """An NK cell kills the expressing cell under it while it is fresh and has kills left."""
    index = as_int64(cell.under)
    if index < 0 or cell.kills >= int(p.cytotoxicity.nk_kills):
        return
    if epithelium.states[index] == EpithelialState.EXPRESSING:
        nk_activity = cytotoxicity.nk_vigor(now.tick * now.dt - cell.born, p.cytotoxicity)
        rate = _ruled(Rate.KILLING_OF_INFECTED.value, p.cytotoxicity.nk_infected * nk_activity, cell, tissue, p, now)
        if reaches_threshold(epithelium.cells[index], rate, now.dt_slow):
            start_dying(index, epithelium, p.epithelium, now)
            cell.kills += 1


@inlined
def _kill_by_rule(cell: Record, epithelium: EpithelialLayer, tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """A cell without a killing law of its own kills the expressing cell under it, where a rule says so."""
    index = as_int64(cell.under)
    if index >= 0 and epithelium.states[index] == EpithelialState.EXPRESSING:
        rate = _ruled(Rate.KILLING_OF_INFECTED.value, 0.0, cell, tissue, p, now)
        if rate > 0.0 and reaches_threshold(epithelium.cells[index], rate, now.dt_slow):
            start_dying(index, epithelium, p.epithelium, now)


@inlined
def _stimulus(
    cell: Record, state: int, virus: tuple[np.ndarray, np.ndarray], epithelium: EpithelialLayer, p: Parameters
) -> float:
    """Stimulus of a cell on its site: the epithelium under it, and the virions of both viruses.

    The cell notes which virus it meets: that of the epithelial cell under it, or else that of most virions.
    """
    on_debris = EpithelialState.EXPRESSING <= state <= EpithelialState.DEAD
    virions = np.float64(virus[0][cell.y, cell.x])
    if virus[1].size > 0:
        of_second = np.float64(virus[1][cell.y, cell.x])
        if on_debris:
            cell.activated_by = epithelium.cells[cell.under].virus
        elif virions != of_second:
            cell.activated_by = VirusOfRun.FIRST.value if virions > of_second else VirusOfRun.SECOND.value
        virions += of_second
    return activation.stimulus(virions, on_debris, p.epithelium.sentinel_virions)


@inlined
def _phagocytose(cell: Record, state: int, epithelium: EpithelialLayer, rate: float, now: TimeStep) -> None:
    """A phagocyte on a dead cell clears it, at a rate [1/h]."""
    if state != EpithelialState.DEAD or rate == 0.0:
        return
    if reaches_threshold(epithelium.cells[cell.under], rate, now.dt_slow):
        clear_away(as_int64(cell.under), epithelium, now.seed)


@inlined
def _train(cell: Record, ifn_gamma: np.ndarray, p: activation.Activation, now: TimeStep) -> None:
    """An activated resident macrophage is trained where there is IFN-gamma, and forgets it within months."""
    rate = 0.0
    if cell.activation > 0.0 and cell.kind == CellKind.RESIDENT_MACROPHAGE:
        rate = activation.training_rate(cell.activation, np.float64(ifn_gamma[cell.y // BLOCK, cell.x // BLOCK]), p)
    if rate > 0.0 or cell.training > 0.0:
        cell.training = activation.trained(cell.training, rate, p, now.dt_slow)


@inlined
def _change_macrophage(cell: Record, tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """A macrophage changes its polarization and is trained."""
    _polarize(cell, tissue, p, now)
    _train(cell, tissue.fields.ifn_gamma[AMOUNT], p.activation, now)


@compiled
def _ruled_kinds(which: int, p: Parameters) -> np.ndarray:
    """The types of mobile cells on whose rate a rule acts: bool[ALL_KINDS]; which: `Rate`."""
    found = np.zeros(ALL_KINDS, dtype=np.bool_)
    for kind in range(kinds_in(p) if is_ruled(which, p) else 0):
        found[kind] = has_rule(address(which, kind, 0), p)
    return found


@inlined
def _kill(
    cell: Record, by_rule: bool, epithelium: EpithelialLayer, tissue: Tissue, p: Parameters, now: TimeStep
) -> None:
    """A cell kills the infected cell under it, if it is of a kind that does; CD8 cells do so together."""
    if cell.kind == CellKind.NK:
        _nk_kill(cell, epithelium, tissue, p, now)
    elif by_rule and cell.kind != CellKind.CD8:
        _kill_by_rule(cell, epithelium, tissue, p, now)


@inlined
def _phagocytose_by_rules(
    cell: Record, state: int, epithelium: EpithelialLayer, tissue: Tissue, p: Parameters, now: TimeStep
) -> None:
    """A phagocyte on a dead cell clears it, as rules leave its rate."""
    rate = p.cells[shares_with(as_int64(cell.kind), p.cells)].phagocytosis
    _phagocytose(cell, state, epithelium, _ruled(Rate.PHAGOCYTOSIS.value, rate, cell, tissue, p, now), now)


@compiled
def _is_stirred(tissue: Tissue) -> bool:
    """Whether there is anything of an infection that a cell can sense."""
    counts = tissue.epithelial_counts
    infected = counts[EpithelialState.EXPRESSING] + counts[EpithelialState.APOPTOTIC] + counts[EpithelialState.DEAD]
    return has_virions(tissue.viruses) or infected > 0


@compiled
def act(tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """Activation, polarization, training, phagocytosis, killing by NK cells; neutrophil activation of each block."""
    epithelium, status, a, used = epithelium_of(tissue), tissue.status[0], p.activation, tissue.mobile_rows[USED]
    virus = tissue.virus[AMOUNT], tissue.second_virus[AMOUNT]
    shares = decay_factor(a.rise_time, now.dt_slow), decay_factor(a.fall_time, now.dt_slow)
    stirred = _is_stirred(tissue)
    activated, killing = _ruled_kinds(Rate.ACTIVATION.value, p), _ruled_kinds(Rate.KILLING_OF_INFECTED.value, p)
    if status.any_activated:
        tissue.niche[Niche.NEUTROPHIL_ACTIVATION, :, :] = 0.0
    status.max_activation = 0.0
    for row in range(used):
        cell, later = tissue.mobile[row], tissue.mobile[min(row + AHEAD, used - 1)]
        prefetch(virus[0], later.y * tissue.kind.shape[1] + later.x)
        if not cell.alive:
            continue
        if stirred:
            _kill(cell, killing[cell.kind], epithelium, tissue, p, now)
        own, by_rule = p.cells[cell.kind], activated[cell.kind]
        if own.senses_infection == 0.0 and not by_rule:
            continue
        senses = stirred and own.senses_infection > 0.0
        state = state_under(cell, tissue.states) if senses else EpithelialState.HEALTHY.value
        target = _stimulus(cell, state, virus, epithelium, p) if senses else 0.0
        _activate(cell, target, by_rule, shares, tissue, p, now)
        status.max_activation = max(status.max_activation, cell.activation)
        if cell.kind == CellKind.NEUTROPHIL:
            tissue.niche[Niche.NEUTROPHIL_ACTIVATION, cell.y // BLOCK, cell.x // BLOCK] += cell.activation
        if own.is_macrophage > 0.0:
            _change_macrophage(cell, tissue, p, now)
        if stirred:
            _phagocytose_by_rules(cell, state, epithelium, tissue, p, now)
    status.any_activated = status.max_activation > 0.0
