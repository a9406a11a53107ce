"""Mobile cells walk: hop by hop, up the IL-6 gradient, held on their targets, slowed by collagen.

How long a cell stays on a site depends on what it finds there, and a step is spent site by site: a CD8 cell that comes
by an infected cell in the middle of a step is held there, whatever the step. (Looking once per step, it made four hops
and jumped over cells one site wide: ten-minute steps gave three times the infected cells of one-minute steps on day 9.)
A walk is one stream of draws over the life of a cell, one per hop, so it is the same walk at any step.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.core.chance import bits, mix, two_normals
from abm.core.clock import TimeStep, is_slow_only
from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK, SPACING, inside
from abm.core.population import USED, Record, as_int64
from abm.core.prefetch import prefetch
from abm.rules import motility
from abm.rules.cell_type import NOTHING
from abm.rules.own.rates import Rate, address
from abm.rules.own.slots import ALL_KINDS
from abm.rules.parameters import Parameters
from abm.rules.states import Decision, SiteKind
from abm.tissue.block_counts import COMES, GOES, count, epithelium_of, has_moved
from abm.tissue.epithelial_cells import recognizes
from abm.tissue.guidance import NOT_RULED, OF_ALL, guides_by_rules
from abm.tissue.ruled import is_ruled, ruled
from abm.tissue.state import AMOUNT, Niche, Tissue

AHEAD = 6  # cells, for whose block the memory is asked in time
FAR = 20  # hops from which on the diffusion limit is good: some turns, and far more sites than the width of one
WORTH = 4  # hops that a cell at rest puts off, to make them in one walk
ANY_WAY, CHANCE = np.uint64(3), np.uint64(0xFFFF)
TAKEN, TWICE_TAKEN, THRICE_TAKEN = np.uint64(16), np.uint64(32), np.uint64(48)


class Ground(NamedTuple):
    """What a cell that walks finds on its way."""

    kinds: np.ndarray  # uint8[rows, columns], SiteKind
    lumen: np.ndarray  # bool[block rows, block columns], whether a block holds sites of airway lumen
    il6: np.ndarray  # float32[block rows, block columns], ng/mL
    awake: np.ndarray  # float64[all blocks], awake cancer cells
    collagen: np.ndarray  # float64[all blocks]
    cell_of_site: np.ndarray  # int32[rows, columns], epithelial cell on the site, -1 where none
    states: np.ndarray  # uint8[cells], EpithelialState
    epithelium: np.recarray  # EPITHELIAL_CELL[cells]
    guides: np.ndarray  # int32[ALL_KINDS, blocks, 4], how rules let substances guide a type of cell; empty without


@compiled
def _ground_of(tissue: Tissue, p: Parameters) -> Ground:
    """The part of a tissue that walking works on."""
    return Ground(
        tissue.kind, tissue.lumen, tissue.fields.il6[AMOUNT], tissue.niche[Niche.PROLIFERATING].ravel(),
        tissue.niche[Niche.COLLAGEN].ravel(), tissue.cell_of_site, tissue.states, tissue.epithelium,
        guides_by_rules(tissue, p),
    )  # fmt: skip


@inlined
def _guide(y: int, x: int, il6: np.ndarray, p: motility.Motility) -> tuple[int, int, int, int]:
    """How IL-6 guides a cell: how many of its turns go up the gradient, how many of these up or down, and the ways.

    The first two are of OF_ALL; directions are 0 up, 1 down, 2 left, 3 right.
    """
    rows, columns = il6.shape
    block_y, block_x = y // BLOCK, x // BLOCK
    here = np.float64(il6[block_y, block_x])
    down = np.float64(il6[min(block_y + 1, rows - 1), block_x]) - np.float64(il6[max(block_y - 1, 0), block_x])
    right = np.float64(il6[block_y, min(block_x + 1, columns - 1)]) - np.float64(il6[block_y, max(block_x - 1, 0)])
    steep_y, steep_x = motility.steepness(abs(down), here, p), motility.steepness(abs(right), here, p)
    steep = steep_y + steep_x
    vertical = steep_y / steep if steep > 0.0 else 0.0
    guided = motility.guided_share(steep, p)
    return int(guided * OF_ALL), int(vertical * OF_ALL), int(down > 0.0), 2 + int(right > 0.0)


@inlined
def _guide_of(kind: int, y: int, x: int, ground: Ground, p: motility.Motility) -> tuple[int, int, int, int]:
    """How a type of cell is guided on a site: by IL-6, or as rules say (the four numbers of `_guide`)."""
    if ground.guides.shape[0] > 0 and ground.guides[kind, 0, 0] != NOT_RULED:
        guide = ground.guides[kind, y // BLOCK * ground.il6.shape[1] + x // BLOCK]
        return as_int64(guide[0]), as_int64(guide[1]), as_int64(guide[2]), as_int64(guide[3])
    return _guide(y, x, ground.il6, p)


@inlined
def _turned(heading: int, word: np.uint64, turning: int, guide: tuple[int, int, int, int]) -> int:
    """The direction of the next hop from 64 random bits: the old one, any, or one up the gradient.

    Without branches, which a processor could not foresee.
    """
    guided, vertical, along_y, along_x = guide
    up_the_gradient = along_y if np.int64((word >> TAKEN) & CHANCE) < vertical else along_x
    any_way = np.int64((word >> TWICE_TAKEN) & ANY_WAY)
    new = up_the_gradient if np.int64(word >> THRICE_TAKEN) < guided else any_way
    return new if np.int64(word & CHANCE) < turning else heading  # type: ignore[return-value]


@inlined
def _paces(hunts: bool, speed: float, block: int, ground: Ground, p: motility.Motility) -> tuple[float, float]:
    """Hops in an hour of a cell in a block, where it is free and where it is on a target.

    hunts: whether it is a lymphocyte; speed: free [um/min].
    """
    awake, collagen = 0.0, 0.0
    if hunts:
        awake, collagen = ground.awake[block], ground.collagen[block]
    held = motility.hops_per_hour(speed, SPACING, True, collagen, p)
    return held if awake > 0.0 else motility.hops_per_hour(speed, SPACING, False, collagen, p), held


@inlined
def _is_on(cell: Record, target: int, y: int, x: int, ground: Ground) -> bool:
    """Whether the epithelial cell on a site is in this state, if it is one, and of a virus that the cell recognizes."""
    if target == NOTHING:
        return False
    index = ground.cell_of_site[y, x]
    return index >= 0 and ground.states[index] == target and recognizes(cell, ground.epithelium[index]) == 1


@inlined
def _may_stand(y: int, x: int, ground: Ground) -> bool:
    """Whether a mobile cell may stand on a site: on the section, and not in an airway lumen."""
    if not inside(y, x, ground.kinds.shape[0], ground.kinds.shape[1]):
        return False
    return not ground.lumen[y // BLOCK, x // BLOCK] or ground.kinds[y, x] != SiteKind.AIRWAY


@inlined
def _walk(
    cell: Record, time: float, gait: tuple[float, int, int, bool], ground: Ground, p: motility.Motility, now: TimeStep
) -> None:
    """A cell walks for some time [h], site by site; it stays where the next is an airway lumen or off the section.

    gait: free speed [um/min]; chance of a turn, of OF_ALL; state of the epithelial cells that it is held on; whether it
    hunts.
    """
    speed, turning, target, hunts = gait
    y, x, heading, hops = as_int64(cell.y), as_int64(cell.x), as_int64(cell.heading), as_int64(cell.hops)
    stream, progress, block = bits(now.seed, Decision.HOP, cell.uid, 0), float(cell.progress), -1
    guide, free, held = (0, 0, 0, 0), 0.0, 0.0
    while True:
        here = y // BLOCK * ground.il6.shape[1] + x // BLOCK
        if here != block:
            block = here
            guide = _guide_of(as_int64(cell.kind), y, x, ground, p)
            free, held = _paces(hunts, speed, block, ground, p)
        pace = held if _is_on(cell, target, y, x, ground) else free
        if pace * time <= 1.0 - progress:  # also where it is held for good
            break
        time -= (1.0 - progress) / pace
        progress = 0.0
        heading = _turned(heading, mix(stream + np.uint64(hops)), turning, guide)
        hops += 1
        way, along_x = 2 * (heading & 1) - 1, heading >> 1
        next_y, next_x = y + way * (1 - along_x), x + way * along_x
        if _may_stand(next_y, next_x, ground):
            y, x = next_y, next_x
        else:
            heading = heading ^ 1
    cell.progress = progress + pace * time
    cell.y, cell.x, cell.heading, cell.hops = y, x, heading, hops


@inlined
def _ask_for_block(cell: Record, niche: np.ndarray, il6: np.ndarray) -> None:
    """Have what a cell will sense in its block brought nearer."""
    block = cell.y // BLOCK * il6.shape[1] + cell.x // BLOCK
    prefetch(il6, block)
    prefetch(niche[Niche.PROLIFERATING], block)
    prefetch(niche[Niche.COLLAGEN], block)


@compiled
def _look_down(mobile: np.ndarray, used: int, cell_of_site: np.ndarray) -> None:
    """Remember the epithelial cell under each mobile cell.

    In a loop of its own, in which the memory brings many sites at a time: they lie anywhere in the section.
    """
    for row in range(used):
        cell = mobile[row]
        cell.under = cell_of_site[cell.y, cell.x]


@compiled
def _folded(place: int, length: int) -> int:
    """A place off a section of this length [sites] thrown back from its closed edges."""
    while not 0 <= place < length:
        place = -1 - place if place < 0 else 2 * length - 1 - place
    return place


@compiled
def _displace_by_diffusion(
    cell: Record, hops: int, turning: float, ground: Ground, p: motility.Motility, now: TimeStep
) -> None:
    """Where many hops of one cell lead, in one draw: the diffusion limit of `_walk`, with its drift up the gradient.

    A cell whose way would end in an airway lumen stays where it is, so that all places stay equally likely; that it
    may pass over a lumen is assumed to matter little.
    """
    rows, columns = ground.kinds.shape
    kind, y, x = as_int64(cell.kind), as_int64(cell.y), as_int64(cell.x)
    guided, vertical, along_y, along_x = _guide_of(kind, y, x, ground, p)
    drift = hops * guided / OF_ALL
    share = vertical / OF_ALL
    wide = math.sqrt(motility.dispersal(hops, turning))
    down, right = two_normals(now.seed, Decision.ROAM, cell.uid, cell.hops)
    to_y = cell.y + math.floor(wide * down + drift * share * (2 * along_y - 1) + 0.5)
    to_x = cell.x + math.floor(wide * right + drift * (1.0 - share) * (2 * along_x - 5) + 0.5)
    y, x = _folded(to_y, rows), _folded(to_x, columns)
    if ground.kinds[y, x] != SiteKind.AIRWAY:
        cell.y, cell.x = y, x
    cell.hops += hops


@inlined
def _stride(
    cell: Record, time: float, gait: tuple[float, int, int, bool], turning: float, ground: Ground,
    p: motility.Motility, now: TimeStep,
) -> bool:  # fmt: skip
    """A slow step of a cell: whether it is over, because its hops are put off or made in one draw."""
    here = cell.y // BLOCK * ground.il6.shape[1] + cell.x // BLOCK
    free, _ = _paces(gait[3], gait[0], here, ground, p)
    ahead = cell.progress + free * time
    if WORTH <= ahead < FAR:
        return False
    hops = int(ahead) if ahead >= FAR else 0
    if hops > 0:
        _displace_by_diffusion(cell, hops, turning, ground, p, now)
    cell.progress = ahead - hops
    return True


@compiled
def _hunting_time(status: Record, now: TimeStep) -> float:
    """Hours that lymphocytes have still to walk up to the end of this turn."""
    time = now.dt_slow - status.slow_time_done
    status.slow_time_done = 0.0 if now.closes_slow_step else now.dt_slow
    return time


@inlined
def _speed_of(cell: Record, speeds: np.ndarray, tissue: Tissue, p: Parameters, now: TimeStep) -> float:
    """The free speed [um/min] of a mobile cell as rules leave it; speeds: without them, by type."""
    speed = speeds[cell.kind]
    if not is_ruled(Rate.SPEED.value, p):
        return speed
    where = address(Rate.SPEED.value, as_int64(cell.kind), 0)
    own = float(cell.activation), now.tick * now.dt - cell.born
    return ruled(speed, where, cell.y // BLOCK, cell.x // BLOCK, own, tissue.signals, p)


@compiled
def move(tissue: Tissue, p: Parameters, now: TimeStep) -> None:
    """Mobile cells migrate: lymphocytes in every step, all others in slow steps.

    Lymphocytes migrate hop by hop also in resting tissue, because proliferating cancer cells hold those that come by.
    The rest of a hop is kept for the next step, and so are the hops of a cell that has few to make in a slow step.
    """
    hunting = _hunting_time(tissue.status[0], now)
    ground, epithelium = _ground_of(tissue, p), epithelium_of(tissue)
    speeds = np.array([p.cells[kind].speed for kind in range(ALL_KINDS)])
    targets = np.array([int(p.cells[kind].held_on) for kind in range(ALL_KINDS)])
    hunters = np.array([p.cells[kind].is_lymphocyte > 0.0 for kind in range(ALL_KINDS)])
    for kind in range(ALL_KINDS):
        if targets[kind] != NOTHING and tissue.epithelial_counts[targets[kind]] == 0:
            targets[kind] = NOTHING
    used = tissue.mobile_rows[USED]
    for row in range(used):
        if now.closes_slow_step:  # else only lymphocytes walk
            _ask_for_block(tissue.mobile[min(row + AHEAD, used - 1)], tissue.niche, tissue.fields.il6[AMOUNT])
        cell = tissue.mobile[row]
        hunts = hunters[cell.kind]
        if not cell.alive or not (now.closes_slow_step or hunts):
            continue
        time, speed = hunting if hunts else now.dt_slow, _speed_of(cell, speeds, tissue, p, now)
        turning, y, x = motility.turning_chance(speed, SPACING, p.motility), as_int64(cell.y), as_int64(cell.x)
        gait = (speed, int(turning * OF_ALL), targets[cell.kind], hunts)
        if not (is_slow_only(now) and _stride(cell, time, gait, turning, ground, p.motility, now)):
            _walk(cell, time, gait, ground, p.motility, now)
        if not now.closes_slow_step:  # else all look down together
            cell.under = tissue.cell_of_site[cell.y, cell.x]
        if has_moved(cell, y, x):
            count(as_int64(cell.kind), y, x, GOES, epithelium)
            count(as_int64(cell.kind), as_int64(cell.y), as_int64(cell.x), COMES, epithelium)
    if now.closes_slow_step:
        _look_down(tissue.mobile, used, tissue.cell_of_site)
