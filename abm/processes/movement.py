"""Mobile cells walk: several hops a step, up the IL-6 gradient, held on their targets, slowed by collagen."""

from __future__ import annotations

import numpy as np

from abm.core.chance import bits, uniform
from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, SPACING, inside
from abm.core.population import Record
from abm.processes.tissue import AMOUNT, Now, Tissue
from abm.rules import motility
from abm.rules.parameters import Parameters
from abm.rules.states import CellKind, Decision, EpithelialState, SiteKind

TO_UNIT = 2.0**-16


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
def state_under(cell: Record, mosaic: np.ndarray, epithelium: np.ndarray) -> int:
    """State of the epithelial cell under a mobile cell; healthy where there is none."""
    index = mosaic[cell.y, cell.x]
    return int(epithelium[index].state) if index >= 0 else EpithelialState.HEALTHY.value


@compiled
def on_target(cell: Record, state: int, awake: int) -> bool:
    """Whether a mobile cell is where its targets are: the epithelium under it, the awake cancer cells around."""
    if is_lymphocyte(cell.kind):
        return awake > 0 or (state == EpithelialState.EXPRESSING and cell.kind != CellKind.CD4)
    return state == EpithelialState.DEAD and cell.kind != CellKind.FIBROBLAST


@compiled
def is_lymphocyte(kind: int) -> bool:
    """Whether cells of this kind hunt awake cancer cells and are slowed by collagen."""
    return kind == CellKind.CD8 or kind == CellKind.CD4 or kind == CellKind.NK


@compiled
def _steepness(y: int, x: int, il6: np.ndarray, p: motility.Motility) -> tuple[float, float]:
    """Relative change of IL-6 that a cell senses across the neighboring blocks, downward and to the right."""
    rows, columns = il6.shape
    block_y, block_x = y // BLOCK, x // BLOCK
    down = il6[min(block_y + 1, rows - 1), block_x] - il6[max(block_y - 1, 0), block_x]
    right = il6[block_y, min(block_x + 1, columns - 1)] - il6[block_y, max(block_x - 1, 0)]
    here = il6[block_y, block_x]
    return motility.steepness(down, here, p), motility.steepness(right, here, p)


@compiled
def _turn(word: int, steep_y: float, steep_x: float, p: motility.Motility) -> int:
    """A new direction (0 up, 1 down, 2 left, 3 right) from 48 random bits."""
    steep = abs(steep_y) + abs(steep_x)
    if (word & 0xFFFF) * TO_UNIT >= motility.guided_share(steep, p):
        return (word >> 16) & 3
    vertical = ((word >> 32) & 0xFFFF) * TO_UNIT * steep < abs(steep_y)
    if vertical:
        return 1 if steep_y > 0.0 else 0
    return 3 if steep_x > 0.0 else 2


@compiled
def _walk(cell: Record, hops: int, kinds: np.ndarray, il6: np.ndarray, p: motility.Motility, now: Now) -> None:
    """Some hops of one cell; it stays where the next site is an airway lumen or off the section."""
    rows, columns = kinds.shape
    y, x, heading = cell.y, cell.x, int(cell.heading)
    turning = motility.turning_chance(speed_of(cell.kind, p), SPACING, p)
    steep_y, steep_x = _steepness(y, x, il6, p)
    for hop in range(hops):
        word = int(bits(now.seed, Decision.HOP + 64 * (hop + 1), cell.uid, now.tick) >> 1)
        if ((word >> 48) & 0x3FFF) < turning * 16384.0:
            heading = _turn(word, steep_y, steep_x, p)
        next_y = y + (1 if heading == 1 else 0) - (1 if heading == 0 else 0)
        next_x = x + (1 if heading == 3 else 0) - (1 if heading == 2 else 0)
        if inside(next_y, next_x, rows, columns) and kinds[next_y, next_x] != SiteKind.AIRWAY:
            y, x = next_y, next_x
        else:
            heading = heading ^ 1
    cell.y, cell.x, cell.heading = y, x, heading


@compiled
def move(tissue: Tissue, p: Parameters, now: Now) -> None:
    """Every mobile cell walks for one step."""
    il6 = tissue.il6[AMOUNT]
    for row in range(tissue.mobile_rows[0]):
        cell = tissue.mobile[row]
        if not cell.alive:
            continue
        block = tissue.blocks[cell.y // BLOCK, cell.x // BLOCK]
        held = on_target(cell, state_under(cell, tissue.mosaic, tissue.epithelium), block.awake)
        collagen = block.collagen if is_lymphocyte(cell.kind) else 0.0
        expected = (
            motility.hops_per_hour(speed_of(cell.kind, p.motility), SPACING, held, collagen, p.motility) * now.step
        )
        hops = int(expected)
        if uniform(now.seed, Decision.STEPS, cell.uid, now.tick) < expected - hops:
            hops += 1
        if hops > 0:
            _walk(cell, hops, tissue.kind, il6, p.motility, now)
