"""Mobile cells walk: several hops a step, up the IL-6 gradient, held on their targets, slowed by collagen."""

from __future__ import annotations

import numpy as np

from abm.core.chance import bits, mix
from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, SPACING, inside
from abm.core.population import USED, Record
from abm.processes.presence import COMES, GOES, count, has_moved, mucosa_of
from abm.processes.tissue import AMOUNT, Niche, Now, Tissue
from abm.rules import motility
from abm.rules.parameters import Parameters
from abm.rules.states import KINDS, CellKind, Decision, EpithelialState, SiteKind

TO_UNIT = 2.0**-16
NO_BITS, ONE, TAKEN, CHANCE = np.uint64(0), np.uint64(1), np.uint64(16), np.uint64(0xFFFF)


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
    return int(states[cell.under]) if cell.under >= 0 else EpithelialState.HEALTHY.value


@compiled
def on_target(cell: Record, state: int, awake: float) -> bool:
    """Whether a mobile cell is where its targets are: the epithelium under it, the awake cancer cells around."""
    if is_lymphocyte(cell.kind):
        return awake > 0.0 or (state == EpithelialState.EXPRESSING and cell.kind != CellKind.CD4)
    return state == EpithelialState.DEAD and cell.kind != CellKind.FIBROBLAST


@compiled
def is_lymphocyte(kind: int) -> bool:
    """Whether cells of this kind hunt awake cancer cells and are slowed by collagen."""
    return kind == CellKind.CD8 or kind == CellKind.CD4 or kind == CellKind.NK


@compiled
def _turn(word: int, y: int, x: int, il6: np.ndarray, p: motility.Motility) -> int:
    """A new direction (0 up, 1 down, 2 left, 3 right) from 34 random bits, at times up the IL-6 around."""
    rows, columns = il6.shape
    block_y, block_x = y // BLOCK, x // BLOCK
    here = np.float64(il6[block_y, block_x])
    down = np.float64(il6[min(block_y + 1, rows - 1), block_x]) - np.float64(il6[max(block_y - 1, 0), block_x])
    right = np.float64(il6[block_y, min(block_x + 1, columns - 1)]) - np.float64(il6[block_y, max(block_x - 1, 0)])
    steep_y, steep_x = motility.steepness(down, here, p), motility.steepness(right, here, p)
    steep = abs(steep_y) + abs(steep_x)
    if (word & 0xFFFF) * TO_UNIT >= motility.guided_share(steep, p):
        return (word >> 16) & 3
    vertical = ((word >> 18) & 0xFFFF) * TO_UNIT * steep < abs(steep_y)
    if vertical:
        return 1 if steep_y > 0.0 else 0
    return 3 if steep_x > 0.0 else 2


@compiled
def _step_towards(heading: int) -> tuple[int, int]:
    """Step (dy, dx) of a direction."""
    return int(heading == 1) - int(heading == 0), int(heading == 3) - int(heading == 2)


@compiled
def _walk(
    cell: Record,
    hops: int,
    turning: int,
    lung: tuple[np.ndarray, np.ndarray, np.ndarray],
    p: motility.Motility,
    now: Now,
) -> None:
    """Some hops of one cell; it stays where the next site is an airway lumen or off the section.

    One address gives the bits of all hops, as a stream of words: 16 bits of a word tell whether a hop turns, and a word
    of its own tells where to. turning: chance of a turn, of 65,536; lung: kinds of sites, blocks with lumen, IL-6.
    """
    kinds, lumen, il6 = lung
    rows, columns = kinds.shape
    y, x, heading = int(cell.y), int(cell.x), int(cell.heading)
    dy, dx = _step_towards(heading)
    stream, word = bits(now.seed, Decision.HOP, cell.uid, now.tick), NO_BITS
    for hop in range(hops):
        word = mix(stream + np.uint64(hop)) if hop % 4 == 0 else word >> TAKEN
        if int(word & CHANCE) < turning:
            heading = _turn(int(mix(stream - np.uint64(hop + 1)) >> ONE), y, x, il6, p)
            dy, dx = _step_towards(heading)
        next_y, next_x = y + dy, x + dx
        free = inside(next_y, next_x, rows, columns)
        if free and lumen[next_y // BLOCK, next_x // BLOCK]:
            free = kinds[next_y, next_x] != SiteKind.AIRWAY
        if free:
            y, x = next_y, next_x
        else:
            heading, dy, dx = heading ^ 1, -dy, -dx
    cell.y, cell.x, cell.heading = y, x, heading


@compiled
def move(tissue: Tissue, p: Parameters, now: Now) -> None:
    """Every mobile cell walks for one step; what is left of a hop is kept for the next."""
    lung, mucosa = (tissue.kind, tissue.lumen, tissue.il6[AMOUNT]), mucosa_of(tissue)
    speeds = np.array([speed_of(kind, p.motility) for kind in range(KINDS)])
    prey = tissue.tally[EpithelialState.EXPRESSING] + tissue.tally[EpithelialState.DEAD] > 0
    for row in range(tissue.mobile_rows[USED]):
        cell = tissue.mobile[row]
        if not cell.alive:
            continue
        block_y, block_x = cell.y // BLOCK, cell.x // BLOCK
        under = state_under(cell, tissue.states) if prey else EpithelialState.HEALTHY.value
        held = on_target(cell, under, tissue.niche[Niche.AWAKE, block_y, block_x])
        collagen = tissue.niche[Niche.COLLAGEN, block_y, block_x] if is_lymphocyte(cell.kind) else 0.0
        rate = motility.hops_per_hour(speeds[cell.kind], SPACING, held, collagen, p.motility)
        cell.progress += rate * now.step
        hops = int(cell.progress)
        if hops == 0:
            continue
        cell.progress -= hops
        y, x = int(cell.y), int(cell.x)
        turning = int(motility.turning_chance(speeds[cell.kind], SPACING, p.motility) * 65536.0)
        _walk(cell, hops, turning, lung, p.motility, now)
        cell.under = tissue.mosaic[cell.y, cell.x]
        if has_moved(cell, y, x):
            count(int(cell.kind), y, x, GOES, mucosa)
            count(int(cell.kind), int(cell.y), int(cell.x), COMES, mucosa)
