"""The tissue: every array that the model keeps, and nothing that it could compute.

A population is one record array, one row per cell, so that a compiled loop reads `cell = tissue.mobile[row]` and
`cell.activation`; the whole state is a NamedTuple of a few arrays, which the compiled loops take as it is and a
checkpoint copies. (Measured: the same state as one array per property took eight times longer to compile.) What a loop
runs over block by block in every step is kept the other way round, as layers of one array, so that the loop is
vectorized.

Shapes: sites are [rows, columns]; patches (20 um, interferon) half of that a side; blocks (40 um, other substances,
matrix, counts) a quarter a side.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from abm.rules.adaptive import STAGES
from abm.rules.own.slots import ALL_SUBSTANCES, OWN_SUBSTANCES
from abm.rules.substances import Substance

AMOUNT, SCRATCH, SOURCE = 0, 1, 2  # layers of a field; SOURCE is what is made per hour

FIELD_NAMES = (*(substance.key for substance in Substance), *(f"own_{number + 1}" for number in range(OWN_SUBSTANCES)))
Fields: Any = namedtuple("Fields", FIELD_NAMES)  # type: ignore[misc]
"""The field of each substance [ng/mL], float32[3, rows, columns] on its own grid; compiled code indexes them.

The last ones are those of a user's own substances; they have no rows where a scenario declares none.
"""


class Niche(IntEnum):
    """Layers of what is known of each 40 um block: its matrix, and counts of cells, kept as numbers."""

    INTEGRITY = 0  # matrix that keeps cells dormant: 1 intact, 0 remodeled
    COLLAGEN = 1  # in [0, 1]
    NETS = 2  # neutrophil extracellular traps, in [0, 1]
    NEUTROPHIL_ACTIVATION = 3  # summed over the block now
    FIBROBLASTS = 4
    PROLIFERATING = 5  # proliferating cancer cells
    CANCER = 6  # cancer cells
    CD4 = 7
    INFECTED = 8  # epithelial cells, by the site in their middle


EPITHELIAL_CELL = np.dtype([
    ("cell_type", np.uint8),  # EpithelialType
    ("virus", np.uint8),  # VirusOfRun that infected it last
    ("y", np.int32),  # the own site nearest to its middle
    ("x", np.int32),
    ("turn", np.int32),  # clocks drawn so far
    ("clock", np.float64),  # hour of the next change of an infected or dying cell
    ("hazard", np.float64),  # accumulated so far in its state: of infection, killing, phagocytosis or regeneration
    ("threshold", np.float64),  # at which its state changes
    ("antiviral_hazard", np.float64),  # interferon hazard accumulated so far
    ("antiviral_threshold", np.float64),
    ("infected_at", np.float64),  # hour
])  # fmt: skip

MOBILE_CELL = np.dtype([
    ("uid", np.int64),
    ("born", np.float64),  # hour of arrival
    ("activation", np.float64),  # in [0, 1]
    ("training", np.float64),  # of a resident macrophage, in [0, 1]
    ("residence_hazard_left", np.float64),  # hazard left before it leaves or dies
    ("polarization_hazard_left", np.float64),  # hazard left before a macrophage changes its polarization
    ("progress", np.float64),  # of the next hop, in [0, 1]; in resting tissue also whole hops put off
    ("y", np.int32),
    ("x", np.int32),
    ("under", np.int32),  # epithelial cell under it, -1 where there is none
    ("hops", np.int32),  # made so far: the address of its next draw of a direction
    ("turn", np.int32),  # clocks of its type drawn so far
    ("kills", np.int32),  # so far
    ("kind", np.uint8),  # CellKind
    ("heading", np.uint8),  # direction of the last hop
    ("recognizes", np.uint8),  # viruses whose infected cells a T cell recognizes, one bit for each VirusOfRun
    ("activated_by", np.uint8),  # VirusOfRun that activated it last
    ("activated", np.bool_),  # MHCII+ macrophage
    ("memory", np.bool_),  # tissue memory T cell
    ("alive", np.bool_),
])  # fmt: skip

CANCER_CELL = np.dtype([  # what events and census look at stands first, so that it comes with one cache line or two
    ("next_event_at", np.float64),  # while dormant: `dormant_hazard` of its block at which something happens
    ("transition_at", np.float64),  # while dormant: hour of the next change of phenotype
    ("ki67_until", np.float64),  # hour until which the cell stains
    ("settles_at", np.float64),  # hour until which a cell that has arrived has not yet settled
    ("y", np.int32),
    ("x", np.int32),
    ("slot", np.int32),  # while proliferating: its entry in the list of proliferating cells
    ("state", np.uint8),  # CancerState
    ("phenotype", np.uint8),  # Phenotype
    ("cause", np.uint8),  # Cause of the last awakening
    ("crowded", np.bool_),  # out of cycle for want of space
    ("alive", np.bool_),
    ("uid", np.int64),
    ("parent", np.int64),  # 0 for a founder
    ("born", np.float64),  # hour
    ("awoke", np.float64),  # hour of the last awakening, -1 never
    ("awoke_il6", np.float64),  # IL-6 there and then [ng/mL]
    ("cycle_length", np.float64),  # hours this cycle takes at full signal
    ("clone", np.int32),  # number of its founder
    ("turn", np.int32),  # clocks drawn
    ("divisions", np.int32),  # cycles begun
    ("migrations", np.int32),  # attempts to migrate so far
])  # fmt: skip

PROLIFERATING_CELL = np.dtype([  # an entry of the list: all that a step needs of a cell to which nothing happens
    ("next_event_at", np.float64),  # `proliferating_hazard` of its block at which something happens
    ("divides_at", np.float64),  # `cycle_progress` of its block at which its cycle ends
    ("migrates_at", np.float64),  # hour of the next hop
    ("transition_at", np.float64),  # hour of the next change of phenotype
    ("row", np.int32),  # whose entry this is
    ("block", np.int32),  # flat index of the block where it is
])  # fmt: skip

CLONE = np.dtype([("cells", np.int32), ("seen", np.bool_)])  # alive now; whether it has been a lesion

BLOCK_OF_TISSUE = np.dtype([
    ("signal", np.float64),  # STAT3 signal of its cancer cells, in [0, 1]
    ("permissiveness", np.float64),  # of the niche, factor on awakening by IL-6
    ("macrophage_hold", np.float64),  # of TGF-beta2 on its dormant cells, in [0, 1]
    ("unsettled_until", np.float64),  # hour until which it may hold cells that have not yet settled
    ("arrival_loss", np.float64),  # hazard [1/h] of these by interferon
    ("awakening_by_rules", np.float64),  # hazard [1/h] that rules add to the awakening of its dormant cells
    ("awakening_left", np.float64),  # factor of rules on all awakening
    ("dormant_death", np.float64),  # hazard [1/h]
    ("proliferating_death", np.float64),  # hazard [1/h]
    ("return_rate", np.float64),  # hazard [1/h] of return to dormancy
    ("cycle_speed", np.float64),  # of its proliferating cells, 1 at full signal
    ("dormant_hazard", np.float64),  # integrated hazard of its dormant cells
    ("proliferating_hazard", np.float64),  # integrated hazard of its proliferating cells
    ("cycle_progress", np.float64),  # integrated speed of the cell cycle: hours at full signal
    ("earliest_event_at", np.float64),  # lowest `dormant_hazard` at which something happens to a dormant cell
    ("earliest_transition_at", np.float64),  # earliest hour at which a dormant cell changes its phenotype
    ("first_dormant", np.int32),  # row of the first of its dormant cells, -1 where there is none
    ("slow_time_done", np.float64),  # of the coming slow step, hours already integrated
    ("at2", np.int32),  # in this and the eight blocks around
    ("at2_alive", np.int32),  # the same
])  # fmt: skip

VIRUS_IN_SECTION = np.dtype([
    ("present", np.bool_),  # there are virions
    ("infected", np.int64),  # epithelial cells infected by it
    ("rna", np.float64),  # copies in the section
    ("arrival_growth", np.float64),  # log of the share that treatments leave of the virus arriving
])  # fmt: skip

LYMPH_NODE = np.dtype([  # the response to one virus
    ("pool", np.float64),  # naive precursors left, share of the full pool
    ("stages", np.float64, (STAGES,)),  # responders on their way
    ("antibody_stages", np.float64, (STAGES,)),
    ("arriving", np.float64),  # share of a full response that leaves for the lung [1/h]
    ("memory", np.float64),
    ("antibody", np.float64),
    ("inflammation", np.float64),  # mean IFN-gamma, with a delay [ng/mL]; of the first record only
])  # fmt: skip

ARRIVAL = np.dtype([  # of one kind of mobile cell, in the present hour (see abm.processes.recruitment)
    ("window", np.int64),  # the hour, counted from day 0
    ("expected", np.float64),  # arrivals expected in it so far
    ("next_at", np.float64),  # of these at which the next cell arrives
    ("ordinal", np.int64),  # cells arrived in it so far
])  # fmt: skip

SECTION_STATUS = np.dtype([
    ("events", np.int64),  # rows of the log in use
    ("proliferating", np.int64),  # proliferating cancer cells
    ("clones", np.int64),  # founders and cancer cells that have arrived so far
    ("unsettled_until", np.float64),  # hour until which cells that have arrived have not all settled; then 0
    ("fast_steps_since_sync", np.int64),  # steps since slow processes last advanced
    ("slow_time_done", np.float64),  # of the coming slow step, hours that lymphocytes have migrated already
    ("max_activation", np.float64),  # highest of a mobile cell
    ("any_activated", np.bool_),  # whether any mobile cell is
    ("remodeled", np.bool_),  # whether the matrix is remodeled anywhere
    ("held", np.float64, (ALL_SUBSTANCES,)),  # mean of each that antibodies hold [ng/mL]
    ("present", np.uint8, (ALL_SUBSTANCES,)),  # 1 where there is any of a substance, else 0
])  # fmt: skip

EVENT = np.dtype([
    ("hour", np.float64),
    ("il6", np.float64),  # there [ng/mL]
    ("uid", np.int64),
    ("parent", np.int64),
    ("clone", np.int32),
    ("y", np.int32),
    ("x", np.int32),
    ("kind", np.uint8),  # EventKind
    ("cause", np.uint8),  # Cause
])  # fmt: skip


class EpithelialLayer(NamedTuple):
    """The epithelium and what is kept about it; the part of a tissue that leukocytes on it work on."""

    cells: np.recarray  # EPITHELIAL_CELL[cells]
    states: np.ndarray  # uint8[cells], EpithelialState
    cell_of_site: np.ndarray  # int32[rows, columns]
    counts: np.ndarray  # int64[7]
    viruses: np.recarray  # VIRUS_IN_SECTION[VirusOfRun]
    blocks: np.recarray  # BLOCK_OF_TISSUE[block rows, block columns]
    niche: np.ndarray  # float64[Niche, block rows, block columns]


class CancerCells(NamedTuple):
    """The cancer cells and all that is kept about them; the part of a tissue that growth works on."""

    cells: np.recarray  # CANCER_CELL
    rows: np.ndarray  # int64, see abm.core.population
    clones: np.recarray  # CLONE[founders and arrived cells]
    next: np.ndarray  # int32[cells], row of the next dormant cell of its block, -1 after the last
    proliferating: np.recarray  # PROLIFERATING_CELL[cells], without gaps, in no order
    at: np.ndarray  # int16[rows, columns], cancer cells on the site now
    blocks: np.recarray  # BLOCK_OF_TISSUE[block rows, block columns]
    niche: np.ndarray  # float64[Niche, block rows, block columns]
    kind: np.ndarray  # uint8[rows, columns], SiteKind
    offsets: np.ndarray  # int32[n, 2], steps (dy, dx) by rising distance within the pushing reach
    log: np.recarray  # EVENT
    status: np.recarray  # SECTION_STATUS[1]


class Tissue(NamedTuple):
    """The whole state of a section."""

    kind: np.ndarray  # uint8[rows, columns], SiteKind
    lumen: np.ndarray  # bool[block rows, block columns], whether a block holds sites of airway lumen
    entry: np.ndarray  # int32, flat sites where leukocytes arrive
    offsets: np.ndarray  # int32[n, 2], steps (dy, dx) by rising distance within the pushing reach
    cell_of_site: np.ndarray  # int32[rows, columns], epithelial cell on the site, -1 where none
    site_start: np.ndarray  # int32[cells + 1]
    sites: np.ndarray  # uint32, flat sites of each epithelial cell
    epithelium: np.recarray  # EPITHELIAL_CELL[cells]; a cell keeps its index when regenerated
    states: np.ndarray  # uint8[cells], EpithelialState of each; apart, because every process reads it
    response: np.ndarray  # float32[cells], share of the full interferon response of each when it was last updated
    epithelial_counts: np.ndarray  # int64[7], epithelial cells in each state
    viruses: np.recarray  # VIRUS_IN_SECTION[VirusOfRun]
    virus: np.ndarray  # float32[3, rows, columns], virions per site of the first virus
    second_virus: np.ndarray  # the same of the second; float32[3, 0, 0] in a run with one virus
    fields: Any  # Fields, of each substance
    signals: np.ndarray  # float32[rules, 2, block rows, block columns], both signals of each rule of the scenario
    niche: np.ndarray  # float64[Niche, block rows, block columns]
    blocks: np.recarray  # BLOCK_OF_TISSUE[block rows, block columns]
    mobile: np.recarray  # MOBILE_CELL, leukocytes and fibroblasts
    mobile_rows: np.ndarray  # int64, see abm.core.population
    cancer: np.recarray  # CANCER_CELL
    cancer_rows: np.ndarray  # int64
    cancer_next: np.ndarray  # int32, row of the next dormant cell of its block; apart, so that it can be followed ahead
    cancer_proliferating: np.recarray  # PROLIFERATING_CELL, without gaps, in no order
    clones: np.recarray  # CLONE[founders and arrived cells]
    cancer_at: np.ndarray  # int16[rows, columns], cancer cells on the site now
    node: np.recarray  # LYMPH_NODE[VirusOfRun]
    arrivals: np.recarray  # ARRIVAL[ALL_KINDS]
    log: np.recarray  # EVENT, events of cancer cells, oldest first
    status: np.recarray  # SECTION_STATUS[1]


FIELDS = "fields."  # before the name of a substance, in the name of its field


def arrays_of(tissue: Tissue) -> dict[str, Any]:
    """All arrays of a tissue by name, in order; that of IL-6 is "fields.il6"."""
    named: dict[str, Any] = {}
    for name, array in tissue._asdict().items():
        if name == "fields":
            named |= {FIELDS + own: field for own, field in array._asdict().items()}
        else:
            named[name] = array
    return named


ARRAYS = tuple(  # names of all arrays, in order
    name for own in Tissue._fields for name in ([FIELDS + name for name in FIELD_NAMES] if own == "fields" else [own])
)


def tissue_of(arrays: Mapping[str, Any]) -> Tissue:
    """A tissue from all its arrays by name."""
    fields = Fields(*(arrays[FIELDS + name] for name in FIELD_NAMES))
    return Tissue(fields=fields, **{name: array for name, array in arrays.items() if not name.startswith(FIELDS)})
