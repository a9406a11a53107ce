"""Signals of a user's rules: what each rule responds to is read over the section once in a step, before all else.

Rules find what the step before has left. Each signal is kept on the 40 um grid of blocks; what a cell carries with
itself, such as its activation, is read where the rule acts (`abm.rules.own.rule`).
"""

from __future__ import annotations

import math

import numpy as np

from abm.core.clock import TimeStep
from abm.core.compiled import compiled, uncounted
from abm.core.field import FIELD, block_means
from abm.core.lattice import BLOCK, SPACING, inside
from abm.core.population import USED, Record
from abm.rules.own.rule import NOTHING
from abm.rules.own.signals import Signal
from abm.rules.parameters import Parameters
from abm.tissue.state import AMOUNT, Niche, Tissue
from abm.tissue.viruses import field_of_virus, number_of_viruses

SIDE = BLOCK * SPACING  # um, of a block


@uncounted
def read_signals(tissue: Tissue, p: Parameters, effects: Record, now: TimeStep) -> None:
    """Read both signals of every rule; nothing to do without rules."""
    for number in range(int(p.present.rules)):
        rule, hour = p.rules[number], now.tick * now.dt
        since = max(0.0, hour - rule.infected_at)
        _read(int(rule.signal), int(rule.signal_of), since, tissue, effects, tissue.signals[number, 0])
        if rule.second != NOTHING:
            _read(int(rule.second), int(rule.second_of), since, tissue, effects, tissue.signals[number, 1])


@compiled
def _read(signal: int, of: int, since: float, tissue: Tissue, effects: Record, layer: np.ndarray) -> None:
    """Read one signal into its layer: float32[block rows, block columns].

    of: substance, type of cell or drug that it concerns; since: hours since the first infection.
    """
    if signal == Signal.SUBSTANCE:
        block_means(tissue.fields[of][AMOUNT], layer)
    elif signal == Signal.DRUG:
        layer[:, :] = FIELD(effects.own_drug[of])
    elif signal == Signal.VIRIONS:
        _read_virions(tissue, layer)
    elif signal == Signal.CELLS or signal == Signal.ACTIVATED:
        _count_mobile(of, signal == Signal.ACTIVATED, tissue, layer)
    elif signal == Signal.INFECTED:
        _sum_within_reach(tissue.niche[Niche.INFECTED], layer)
    elif signal == Signal.PROLIFERATING:
        _sum_within_reach(tissue.niche[Niche.PROLIFERATING], layer)
    elif signal == Signal.DORMANT:
        _sum_within_reach(tissue.niche[Niche.CANCER] - tissue.niche[Niche.PROLIFERATING], layer)
    elif signal == Signal.DISTANCE:
        _measure_distance(tissue.niche[Niche.INFECTED], layer)
    elif signal == Signal.TIME:
        layer[:, :] = FIELD(since)
    else:
        _read_niche(signal, tissue.niche, layer)


@compiled
def _read_niche(signal: int, niche: np.ndarray, layer: np.ndarray) -> None:
    """Read a layer of the matrix; what a cell carries with itself has none."""
    if signal == Signal.INTEGRITY:
        layer[:, :] = niche[Niche.INTEGRITY].astype(FIELD)
    elif signal == Signal.COLLAGEN:
        layer[:, :] = niche[Niche.COLLAGEN].astype(FIELD)
    elif signal == Signal.NETS:
        layer[:, :] = niche[Niche.NETS].astype(FIELD)


@compiled
def _read_virions(tissue: Tissue, layer: np.ndarray) -> None:
    """Mean number of virions on a site of each block, of all viruses."""
    layer[:, :] = FIELD(0.0)
    for number in range(number_of_viruses(tissue)):
        if tissue.viruses[number].present:
            amount = field_of_virus(number, tissue)[AMOUNT]
            for y in range(amount.shape[0]):
                for x in range(amount.shape[1]):
                    layer[y // BLOCK, x // BLOCK] += amount[y, x] / FIELD(BLOCK * BLOCK)


@compiled
def _sum_within_reach(counts: np.ndarray, layer: np.ndarray) -> None:
    """Sum of a count over each block and the four beside it: 8,000 um2, as a disk of 50 um."""
    rows, columns = counts.shape
    for y in range(rows):
        for x in range(columns):
            total = counts[y, x]
            for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                if inside(y + dy, x + dx, rows, columns):
                    total += counts[y + dy, x + dx]
            layer[y, x] = FIELD(total)


@compiled
def _count_mobile(kind: int, by_activation: bool, tissue: Tissue, layer: np.ndarray) -> None:
    """Count the mobile cells of a type within 50 um, each as one or by its activation."""
    counts = np.zeros(layer.shape)
    for row in range(tissue.mobile_rows[USED]):
        cell = tissue.mobile[row]
        if cell.alive and cell.kind == kind:
            counts[cell.y // BLOCK, cell.x // BLOCK] += cell.activation if by_activation else 1.0
    _sum_within_reach(counts, layer)


@compiled
def _measure_distance(infected: np.ndarray, layer: np.ndarray) -> None:
    """Distance [um] to the nearest block with an infected cell, along straight and diagonal steps between blocks.

    At most 8 % more than the straight line. Two passes over the blocks, from either corner (Borgefors 1986,
    doi:10.1016/S0734-189X(86)80047-0).
    """
    rows, columns = infected.shape
    straight, diagonal = SIDE, SIDE * math.sqrt(2.0)
    far = np.full((rows, columns), np.inf)
    for way in (1, -1):
        for step_y in range(rows):
            for step_x in range(columns):
                y, x = (step_y, step_x) if way == 1 else (rows - 1 - step_y, columns - 1 - step_x)
                if infected[y, x] > 0.0:
                    far[y, x] = 0.0
                for dy, dx, length in (
                    (0, -way, straight), (-way, 0, straight), (-way, -way, diagonal), (-way, way, diagonal),
                ):  # fmt: skip
                    if inside(y + dy, x + dx, rows, columns):
                        far[y, x] = min(far[y, x], far[y + dy, x + dx] + length)
    for y in range(rows):
        for x in range(columns):
            layer[y, x] = FIELD(far[y, x])
