"""A tissue from a section: allocate every array, mark AT2 neighborhoods, scatter resting cells and founders."""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.core.chance import identity_of, uniform, waiting_time
from abm.core.clock import TimeStep, time_step
from abm.core.compiled import compiled
from abm.core.field import FIELD, empty_field
from abm.core.lattice import BLOCK, SPACING, area_of
from abm.core.population import Record, fresh_rows
from abm.processes.recruitment import NO_WINDOW, populate
from abm.processes.secretion import spread_cytokines
from abm.processes.signals import read_signals
from abm.rules.own.slots import ALL_KINDS, OWN_SUBSTANCES
from abm.rules.parameters import Parameters
from abm.rules.states import Decision, EpithelialState, EpithelialType, SiteKind, VirusOfRun
from abm.rules.substances import Substance
from abm.tissue.cancer_index import FOUNDER, NOBODY, cancer_cells_of, draw_event_threshold, insert, new_cell, stands_on
from abm.tissue.section import Section
from abm.tissue.state import (
    ARRIVAL,
    BLOCK_OF_TISSUE,
    CANCER_CELL,
    CLONE,
    EPITHELIAL_CELL,
    EVENT,
    LYMPH_NODE,
    MOBILE_CELL,
    PROLIFERATING_CELL,
    SECTION_STATUS,
    VIRUS_IN_SECTION,
    CancerCells,
    Fields,
    Niche,
    Tissue,
)
from abm.tissue.viruses import field_of_second_virus
from abm.treatments.effects_by_step import no_treatment

FIRST_CAPACITY = 256
SETTLING = 24.0  # h, in which the IL-6 field of resting tissue comes to rest before day 0


def records(shape: int | tuple[int, int], dtype: np.dtype) -> np.recarray:
    """Empty records whose fields are attributes."""
    return np.zeros(shape, dtype=np.dtype((np.record, dtype))).view(np.recarray)


def offsets_within(reach: float) -> np.ndarray:
    """Steps (dy, dx) to all sites within `reach` [um] of a site, itself first, by rising distance: int32[n, 2]."""
    radius = int(reach // SPACING)
    dy, dx = (axis.ravel() for axis in np.mgrid[-radius : radius + 1, -radius : radius + 1])
    distance = np.hypot(dy, dx)
    order = np.lexsort((dx, dy, distance))
    order = order[distance[order] <= reach / SPACING]
    return np.column_stack([dy[order], dx[order]]).astype(np.int32)


def _centers(section: Section) -> tuple[np.ndarray, np.ndarray]:
    """The own site (y, x) of each cell that is nearest to its middle: int64[cells] each."""
    columns = section.kind.shape[1]
    owner = np.repeat(np.arange(section.size.size), section.size)
    y, x = section.sites // columns, section.sites % columns
    middle_y = np.bincount(owner, weights=y) / section.size
    middle_x = np.bincount(owner, weights=x) / section.size
    distance = np.hypot(y - middle_y[owner], x - middle_x[owner])
    nearest = np.lexsort((distance, owner))[section.site_start[:-1]]
    return y[nearest], x[nearest]


def _epithelium(section: Section) -> np.recarray:
    """Healthy epithelium over a section."""
    cells = records(section.size.size, EPITHELIAL_CELL)
    cells.cell_type = section.cell_type
    cells.y, cells.x = _centers(section)
    return cells


def at2_around(at2: np.recarray, shape: tuple[int, int]) -> np.ndarray:
    """How many of these cells are in each block and the eight around it: int64[block rows, block columns]."""
    counts = np.zeros((shape[0] + 2, shape[1] + 2), dtype=np.int64)
    np.add.at(counts, (at2.y // BLOCK + 1, at2.x // BLOCK + 1), 1)
    parts = [counts[dy : dy + shape[0], dx : dx + shape[1]] for dy in range(3) for dx in range(3)]
    return np.sum(parts, axis=0)


def _blocks(epithelium: np.recarray, shape: tuple[int, int]) -> np.recarray:
    """Blocks without cancer cells that know the AT2 cells around."""
    blocks = records(shape, BLOCK_OF_TISSUE)
    blocks.first_dormant = NOBODY
    blocks.unsettled_until = -1.0
    blocks.earliest_event_at = blocks.earliest_transition_at = np.inf
    blocks.at2 = blocks.at2_alive = at2_around(epithelium[epithelium.cell_type == EpithelialType.AT2], shape)
    return blocks


def _lumen(kind: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Blocks that hold sites of airway lumen."""
    return (kind == SiteKind.AIRWAY).reshape(shape[0], BLOCK, shape[1], BLOCK).any(axis=(1, 3))


def _niche(shape: tuple[int, int], p: Parameters) -> np.ndarray:
    """Intact matrix."""
    niche = np.zeros((len(Niche), *shape))
    niche[Niche.INTEGRITY] = 1.0
    niche[Niche.COLLAGEN] = p.matrix.collagen_start
    return niche


def _fields(rows: int, columns: int, own: int) -> Any:
    """The field of each substance, empty, on its own grid; own: number of a user's substances."""
    sides = [substance.type.side for substance in Substance] + own * [BLOCK]
    fields = [empty_field(rows // side, columns // side) for side in sides]
    return Fields(*fields, *((OWN_SUBSTANCES - own) * [empty_field(0, 0)]))


def no_signals(rules: int, blocks: tuple[int, int]) -> np.ndarray:
    """Room for the signals of some rules: float32[rules, 2, block rows, block columns]."""
    return np.zeros((rules, 2, *blocks), FIELD)


def bare_tissue(section: Section, p: Parameters, founders: int, two_viruses: bool = False) -> Tissue:
    """Every array of a healthy section without mobile and cancer cells."""
    rows, columns = section.kind.shape
    blocks = (rows // BLOCK, columns // BLOCK)
    epithelium = _epithelium(section)
    states = np.full(epithelium.size, EpithelialState.HEALTHY, dtype=np.uint8)
    resting = area_of(rows * columns) * sum(cell.resting_density for cell in p.cells)
    mobile = FIRST_CAPACITY + int(2 * resting)
    cancer = FIRST_CAPACITY + 2 * founders
    node = records(len(VirusOfRun), LYMPH_NODE)
    node.pool = 1.0
    arrivals = records(ALL_KINDS, ARRIVAL)
    arrivals.window = NO_WINDOW
    epithelial_counts = np.zeros(len(EpithelialState), dtype=np.int64)
    epithelial_counts[EpithelialState.HEALTHY] = epithelium.shape[0]
    return Tissue(
        section.kind, _lumen(section.kind, blocks), section.entry, offsets_within(p.dormancy.push_reach),
        section.cell_of_site, section.site_start, section.sites.astype(np.uint32), epithelium, states,
        np.zeros(epithelium.size, FIELD), epithelial_counts,
        viruses=records(len(VirusOfRun), VIRUS_IN_SECTION), virus=empty_field(rows, columns),
        second_virus=field_of_second_virus(two_viruses, rows, columns),
        fields=_fields(rows, columns, int(p.present.substances)),
        signals=no_signals(int(p.present.rules), blocks),
        niche=_niche(blocks, p), blocks=_blocks(epithelium, blocks),
        mobile=records(mobile, MOBILE_CELL), mobile_rows=fresh_rows(mobile),
        cancer=records(cancer, CANCER_CELL), cancer_rows=fresh_rows(cancer), cancer_next=np.zeros(cancer, np.int32),
        cancer_proliferating=records(cancer, PROLIFERATING_CELL),
        clones=records(founders, CLONE), cancer_at=np.zeros((rows, columns), np.int16),
        node=node, arrivals=arrivals, log=records(FIRST_CAPACITY + 4 * founders, EVENT),
        status=records(1, SECTION_STATUS),
    )  # fmt: skip


@compiled
def _draw_epithelial_clocks(epithelium: np.recarray, seed: int) -> None:
    """Thresholds of infection and of interferon protection of every cell."""
    for index in range(epithelium.size):
        cell = epithelium[index]
        cell.threshold = waiting_time(seed, Decision.INFECTION_CLOCK, index, 0)
        cell.antiviral_threshold = waiting_time(seed, Decision.REFRACTORY_CLOCK, index, 0)


@compiled
def _inhabit(tissue: Tissue, p: Parameters, effects: Record, founders: np.ndarray, now: TimeStep) -> None:
    """Draw the clocks of the epithelium, put in all cells, and let the IL-6 field come to rest."""
    _draw_epithelial_clocks(tissue.epithelium, now.seed)
    populate(tissue, p, now)
    read_signals(tissue, p, effects, now)
    seed_founders(cancer_cells_of(tissue), founders, tissue.clones.size, now.seed)
    tissue.status[0].clones = tissue.clones.size
    for _ in range(int(SETTLING / now.dt)):
        spread_cytokines(tissue, p, effects, now)


def lay_out(
    section: Section, p: Parameters, seed: int, step: float, secretion_left: Any = 1.0, two_viruses: bool = False
) -> Tissue:
    """A resting lung section with its cells, ready for day 0.

    Args:
        section: what to lay out; its sides are multiples of 4 sites.
        p: parameters.
        seed: of chance.
        step: of time [h].
        secretion_left: share of the secretion of each substance, or of all, that this host is born with (0: knockout).
        two_viruses: whether a second virus may come.

    Raises:
        ValueError: more founders than sites where a cancer cell may stand, or not as many as the map of the section
            holds.
    """
    founders = int(p.dormancy.founders)
    room = int(np.sum(~np.isin(section.kind, (SiteKind.AIRWAY, SiteKind.VESSEL))))
    if founders > room:
        raise ValueError(f"dormancy.founders = {founders} cells: the section has room for {room}, one a site")
    if section.founders.size and section.founders.size != founders:
        raise ValueError(f"dormancy.founders = {founders} cells: the map holds {section.founders.size}")
    tissue = bare_tissue(section, p, founders, two_viruses)
    treatment_effects = no_treatment(1)
    treatment_effects.secretion_left[:] = secretion_left
    _inhabit(tissue, p, treatment_effects[0], section.founders, time_step(seed, 0, step))
    return tissue


@compiled
def seed_founders(cancer: CancerCells, sites: np.ndarray, founders: int, seed: int) -> None:
    """Seed single dormant cells, the founders of the clones: on these sites (flat indices), else anywhere."""
    rows, columns = cancer.kind.shape
    for clone in range(founders):
        uid = identity_of(FOUNDER + clone, 0, 0)
        y, x, turn = 0, 0, 0
        if sites.size > 0:
            y, x, turn = sites[clone] // columns, sites[clone] % columns, 1
        while turn == 0 or (sites.size == 0 and (not stands_on(cancer.kind[y, x]) or cancer.at[y, x] > 0)):
            y = int(uniform(seed, Decision.SEEDING, uid, 2 * turn) * rows)
            x = int(uniform(seed, Decision.SEEDING, uid, 2 * turn + 1) * columns)
            turn += 1
        row = new_cell(uid, clone, y, x, cancer, 0.0)
        cancer.cells[row].next_event_at = draw_event_threshold(cancer.cells[row], seed)
        insert(row, cancer)
