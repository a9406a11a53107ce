"""Mobile cells walk: several hops a step, up the IL-6 gradient, held on their targets, slowed by collagen."""

from __future__ import annotations

import math

import numpy as np

from abm.core.ahead import ask_for
from abm.core.chance import bits, mix, two_normals
from abm.core.compiled import compiled, inlined
from abm.core.lattice import BLOCK, SPACING, inside
from abm.core.population import USED, Record, whole
from abm.processes.presence import COMES, GOES, count, has_moved, mucosa_of
from abm.processes.tissue import AMOUNT, Mucosa, Niche, Now, Tissue, is_stride
from abm.rules import motility
from abm.rules.parameters import Parameters
from abm.rules.states import KINDS, CellKind, Decision, EpithelialState, SiteKind

AHEAD = 6  # cells, for whose block the memory is asked in time
FAR = 20  # hops from which on the diffusion limit is good: some turns, and far more sites than the width of one
WORTH = 4  # hops that a cell at rest puts off, to make them in one walk
OF_ALL = 65536.0  # chances in a walk are compared with 16 random bits
ANY_WAY, CHANCE = np.uint64(3), np.uint64(0xFFFF)
TAKEN, TWICE_TAKEN, THRICE_TAKEN = np.uint64(16), np.uint64(32), np.uint64(48)


@compiled
def speed_of(kind: int, p: motility.Motility) -> float:  # noqa: PLR0911  (one line a kind)
    """Free speed [um/min]."""
    if kind == CellKind.RESIDENT_MACROPHAGE:
        return p.resident_macrophage
    if kind == CellKind.RECRUITED_MACROPHAGE:
        return p.recruited_macrophage
    if kind == CellKind.NEUTROPHIL:
        return p.neutrophil
    if kind == CellKind.NK:
        return p.nk
    if kind == CellKind.CD8:
        return p.cd8
    if kind == CellKind.CD4:
        return p.cd4
    return p.fibroblast


@compiled
def state_under(cell: Record, states: np.ndarray) -> int:
    """State of the epithelial cell under a mobile cell; healthy where there is none."""
    return whole(states[cell.under]) if cell.under >= 0 else EpithelialState.HEALTHY.value


@inlined
def on_target(cell: Record, state: int, awake: float) -> bool:
    """Whether a mobile cell is where its targets are: the epithelium under it, the awake cancer cells around."""
    if is_lymphocyte(cell.kind):
        return awake > 0.0 or (state == EpithelialState.EXPRESSING and cell.kind != CellKind.CD4)
    return state == EpithelialState.DEAD and cell.kind != CellKind.FIBROBLAST


@compiled
def is_lymphocyte(kind: int) -> bool:
    """Whether cells of this kind hunt awake cancer cells and are slowed by collagen."""
    return kind == CellKind.CD8 or kind == CellKind.CD4 or kind == CellKind.NK


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
def _walk(
    cell: Record, hops: int, turning: int, lung: tuple[np.ndarray, np.ndarray, np.ndarray], p: motility.Motility,
    now: Now,
) -> None:  # fmt: skip
    """Some hops of one cell; it stays where the next site is an airway lumen or off the section.

    One address gives the bits of all hops, as a stream of words. turning: chance of a turn, of OF_ALL; lung: kinds of
    sites, blocks with lumen, IL-6.
    """
    kinds, lumen, il6 = lung
    rows, columns = kinds.shape
    y, x, heading = whole(cell.y), whole(cell.x), whole(cell.heading)
    guide = _guide(y, x, il6, p)
    stream = bits(now.seed, Decision.HOP, cell.uid, now.tick)
    for hop in range(hops):
        heading = _turned(heading, mix(stream + np.uint64(hop)), turning, guide)
        way, along_x = 2 * (heading & 1) - 1, heading >> 1
        next_y, next_x = y + way * (1 - along_x), x + way * along_x
        free = inside(next_y, next_x, rows, columns)
        if free and lumen[next_y // BLOCK, next_x // BLOCK]:
            free = kinds[next_y, next_x] != SiteKind.AIRWAY
        if free:
            y, x = next_y, next_x
        else:
            heading = heading ^ 1
    cell.y, cell.x, cell.heading = y, x, heading


@inlined
def _ask_for_block(cell: Record, niche: np.ndarray, il6: np.ndarray) -> None:
    """Have what a cell will sense in its block brought nearer."""
    block = cell.y // BLOCK * il6.shape[1] + cell.x // BLOCK
    ask_for(il6, block)
    ask_for(niche[Niche.AWAKE], block)
    ask_for(niche[Niche.COLLAGEN], block)


@compiled
def _look_down(mobile: np.ndarray, used: int, mosaic: np.ndarray) -> None:
    """Remember the epithelial cell under each mobile cell.

    In a loop of its own, in which the memory brings many sites at a time: they lie anywhere in the section.
    """
    for row in range(used):
        cell = mobile[row]
        cell.under = mosaic[cell.y, cell.x]


@compiled
def _folded(place: int, length: int) -> int:
    """A place off a section of this length [sites] thrown back from its closed edges."""
    while not 0 <= place < length:
        place = -1 - place if place < 0 else 2 * length - 1 - place
    return place


@compiled
def _roam(
    cell: Record, hops: int, turning: float, lung: tuple[np.ndarray, np.ndarray, np.ndarray], p: motility.Motility,
    now: Now,
) -> None:  # fmt: skip
    """Where many hops of one cell lead, in one draw: the diffusion limit of `_walk`, with its drift up the gradient.

    A cell whose way would end in an airway lumen stays where it is, so that all places stay equally likely; that it
    may pass over a lumen is assumed to matter little.
    """
    kinds, _, il6 = lung
    rows, columns = kinds.shape
    guided, vertical, along_y, along_x = _guide(whole(cell.y), whole(cell.x), il6, p)
    drift = hops * guided / OF_ALL
    share = vertical / OF_ALL
    wide = math.sqrt(motility.dispersal(hops, turning))
    down, right = two_normals(now.seed, Decision.HOP, cell.uid, now.tick)
    to_y = cell.y + math.floor(wide * down + drift * share * (2 * along_y - 1) + 0.5)
    to_x = cell.x + math.floor(wide * right + drift * (1.0 - share) * (2 * along_x - 5) + 0.5)
    y, x = _folded(to_y, rows), _folded(to_x, columns)
    if kinds[y, x] != SiteKind.AIRWAY:
        cell.y, cell.x = y, x


@inlined
def _go(
    cell: Record, hops: int, turning: float, lung: tuple[np.ndarray, np.ndarray, np.ndarray], mucosa: Mucosa,
    p: motility.Motility, now: Now,
) -> None:  # fmt: skip
    """A cell goes some hops, in one draw where they are many at rest, and is counted where it comes."""
    y, x = whole(cell.y), whole(cell.x)
    if is_stride(now) and hops >= FAR:
        _roam(cell, hops, turning, lung, p, now)
    else:
        _walk(cell, hops, int(turning * OF_ALL), lung, p, now)
    if not now.ends:  # else all look down together
        cell.under = mucosa.mosaic[cell.y, cell.x]
    if has_moved(cell, y, x):
        count(whole(cell.kind), y, x, GOES, mucosa)
        count(whole(cell.kind), whole(cell.y), whole(cell.x), COMES, mucosa)


@inlined
def _hop_rate(cell: Record, speed: float, under: int, niche: np.ndarray, p: motility.Motility) -> float:
    """Hops of a cell in an hour where it stands; speed: free [um/min]; under: state of the epithelial cell under it."""
    awake, collagen = 0.0, 0.0
    if is_lymphocyte(cell.kind):
        block_y, block_x = cell.y // BLOCK, cell.x // BLOCK
        awake = niche[Niche.AWAKE, block_y, block_x]
        collagen = niche[Niche.COLLAGEN, block_y, block_x]
    held = on_target(cell, under, awake)
    return motility.hops_per_hour(speed, SPACING, held, collagen, p)


@compiled
def _hunting_time(ledger: Record, now: Now) -> float:
    """Hours that lymphocytes have still to walk up to the end of this turn."""
    time = now.stride - ledger.hunted
    ledger.hunted = 0.0 if now.ends else now.stride
    return time


@compiled
def move(tissue: Tissue, p: Parameters, now: Now) -> None:
    """Mobile cells walk: lymphocytes for as long as they have not yet, all others once their stride ends.

    While tissue at rest waits, lymphocytes go on hop by hop, as awake cancer cells hold those that come by. What is
    left of a hop is kept for the next turn, and so are all hops of who has only few to make in a stride.
    """
    hunting = _hunting_time(tissue.ledger[0], now)
    lung, mucosa = (tissue.kind, tissue.lumen, tissue.il6[AMOUNT]), mucosa_of(tissue)
    speeds = np.array([speed_of(kind, p.motility) for kind in range(KINDS)])
    prey = tissue.tally[EpithelialState.EXPRESSING] + tissue.tally[EpithelialState.DEAD] > 0
    worth = WORTH if is_stride(now) else 1
    used = tissue.mobile_rows[USED]
    for row in range(used):
        if now.ends:  # else only lymphocytes walk
            _ask_for_block(tissue.mobile[min(row + AHEAD, used - 1)], tissue.niche, tissue.il6[AMOUNT])
        cell = tissue.mobile[row]
        if not cell.alive or not (now.ends or is_lymphocyte(cell.kind)):
            continue
        time, speed = hunting if is_lymphocyte(cell.kind) else now.stride, speeds[cell.kind]
        under = state_under(cell, tissue.states) if prey else EpithelialState.HEALTHY.value
        cell.progress += _hop_rate(cell, speed, under, tissue.niche, p.motility) * time
        hops = int(cell.progress)
        if hops < worth:
            continue
        cell.progress -= hops
        _go(cell, hops, motility.turning_chance(speed, SPACING, p.motility), lung, mucosa, p.motility, now)
    if now.ends:
        _look_down(tissue.mobile, used, tissue.mosaic)
