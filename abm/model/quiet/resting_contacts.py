"""What a cancer cell meets in resting lung: the IL-6 around resting macrophages, and the CD8 cells in contact.

Resting leukocytes come through vessels that are everywhere, walk at random and leave after an exponential time, so
their stationary law is the one that a section begins with: a Poisson number, anywhere. Means over this law are worked
out once for each section.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from abm.core.compiled import compiled
from abm.core.field import steady_response
from abm.core.lattice import BLOCK, area_of
from abm.core.record import as_record
from abm.model.initial_state import records
from abm.model.section import section_of
from abm.processes.cancer.killing import CD4_BLOCKS
from abm.processes.cancer.surroundings import receptor_response
from abm.processes.secretion import RESTING, rates_of
from abm.processes.secretion_rates import rise_by_one, secretion
from abm.rules import cytotoxicity
from abm.rules.cells import CellKind
from abm.rules.dormancy import macrophage_hold
from abm.rules.parameters import Parameters, kinds_in
from abm.rules.states import SiteKind
from abm.rules.substances import Substance
from abm.scenario.hypothesis.replaced_laws import parameters_in_use
from abm.scenario.scenario import Scenario
from abm.tissue.state import MOBILE_CELL
from abm.treatments.effects_by_step import no_treatment

MOST_CD4 = 6  # CD4 cells around a cancer cell that are told apart; more count as so many
DRAWS = 2048  # of the macrophages: the mean response over a section is known to some 1 %


class RestingContacts(NamedTuple):
    """Resting lung as its cancer cells meet it."""

    spread: np.ndarray  # float32[RESTING, blocks, blocks], stationary field [ng/mL] around a block that makes 1 ng/mL/h
    il6: np.ndarray  # float64[block rows, block columns], mean IL-6 [ng/mL]
    bound: np.ndarray  # float64[block rows, block columns], mean receptor response of a cancer cell, in [0, 1]
    macrophage_hold: np.ndarray  # float64[block rows, block columns], mean hold of macrophages on it, in [0, 1]
    touching: np.ndarray  # the same, CD8 cells in contact with a cancer cell per CD8 cell in the section
    cd8: float  # CD8 cells in the section
    left_by_cd4: float  # mean share of the killing by CD8 cells that CD4 cells leave


@lru_cache(maxsize=4)
def resting_contacts(scenario: Scenario) -> RestingContacts:
    """Resting lung in the section of a scenario.

    Raises:
        SectionError: a mask that cannot be read.
    """
    section, effects = section_of(scenario), no_treatment(1)[0]
    p: Any = as_record(parameters_in_use(scenario.parameters, scenario))
    open_sites = _in_blocks(section.kind != SiteKind.AIRWAY)
    rates = [rates_of(int(substance), p, effects) for substance in RESTING]
    spread = np.stack([steady_response(open_sites.shape, hop_rate, loss) for hop_rate, loss in rates])
    area = area_of(section.kind.size)
    areas = open_sites.ravel() * area / max(1, open_sites.sum())
    il6, tgfb2 = (
        _made_at_rest(substance, areas, p, effects) @ spread[RESTING.tolist().index(substance)]
        for substance in (Substance.IL6, Substance.TGFB2)
    )
    bound, hold = _responses(il6, effects, p).mean(axis=0), _holds(tgfb2, p).mean(axis=0)
    return RestingContacts(
        spread, il6.mean(axis=0).reshape(open_sites.shape), bound.reshape(open_sites.shape),
        hold.reshape(open_sites.shape), _contacts(section.kind), p.cells[CellKind.CD8].resting_density * area,
        share_left_by_cd4(p.cells[CellKind.CD4].resting_density * area_of(CD4_BLOCKS * BLOCK * BLOCK), p.cytotoxicity),
    )  # fmt: skip


@compiled
def share_left_by_cd4(mean: float, q: cytotoxicity.Cytotoxicity) -> float:
    """Mean share of the killing by CD8 cells that CD4 cells leave, over their Poisson number within reach.

    mean: of this number.
    """
    chance, found, left = math.exp(-mean), 0.0, 0.0
    for cells in range(MOST_CD4):
        left += chance * cytotoxicity.suppression(float(cells), 0.0, q)
        found += chance
        chance *= mean / (cells + 1)
    return left + (1.0 - found) * cytotoxicity.suppression(float(MOST_CD4), 0.0, q)


def resting_secretion(kind: int, substance: int, p: Any) -> float:
    """What a cell of this kind secretes of a substance at rest [molecules/cell/s]."""
    cell = records(1, MOBILE_CELL)[0]
    cell.kind = kind
    return float(secretion(cell, substance, p))


def _made_at_rest(substance: Substance, area: np.ndarray, p: Any, effects: Any) -> np.ndarray:
    """What is made of a substance in each block [ng/mL/h] in many draws of the cells there: float64[DRAWS, blocks].

    area: of each block [mm2].
    """
    chance, made = np.random.default_rng(0), np.zeros((DRAWS, area.size))
    for kind in range(kinds_in(p)):
        each = resting_secretion(kind, substance.value, p) * rise_by_one(substance.value, 0, p, effects)
        density = p.cells[kind].resting_density
        if each * density > 0.0:
            made += each * chance.poisson(density * area, made.shape)
    return made


@compiled
def _responses(il6: np.ndarray, effects: Any, p: Parameters) -> np.ndarray:
    """Receptor response to each amount of IL-6 [ng/mL]."""
    found = np.empty_like(il6)
    for index in range(il6.size):
        found.flat[index] = receptor_response(il6.flat[index], effects, p.dormancy)
    return found


@compiled
def _holds(tgfb2: np.ndarray, p: Parameters) -> np.ndarray:
    """Hold of macrophages at each amount of TGF-beta2 [ng/mL]."""
    found = np.empty_like(tgfb2)
    for index in range(tgfb2.size):
        found.flat[index] = macrophage_hold(tgfb2.flat[index], p.dormancy)
    return found


def _in_blocks(sites: np.ndarray) -> np.ndarray:
    """Sums over the sites of each block, float64[block rows, block columns]."""
    rows, columns = sites.shape
    return sites.reshape(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK).sum(axis=(1, 3)).astype(np.float64)


def _contacts(kind: np.ndarray) -> np.ndarray:
    """Mean over the sites of a block of the share of open sites that are among the nine around a site."""
    is_open = kind != SiteKind.AIRWAY
    padded = np.pad(is_open, 1).astype(np.float64)
    rows, columns = kind.shape
    near = sum(padded[dy : dy + rows, dx : dx + columns] for dy in range(3) for dx in range(3))
    return _in_blocks(np.where(is_open, near, 0.0)) / np.maximum(1.0, _in_blocks(is_open)) / max(1, is_open.sum())
