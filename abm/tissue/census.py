"""The census: everything that is counted over a section for the measures, in one pass over the cells."""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled, uncounted
from abm.core.field import field_total
from abm.core.lattice import BLOCK, SPACING
from abm.core.population import USED, Record
from abm.rules.own.slots import ALL_KINDS, ALL_SUBSTANCES
from abm.rules.parameters import Parameters, substances_in
from abm.rules.states import CancerState, EpithelialState, Phenotype, VirusOfRun
from abm.tissue.block_counts import blocks_near, occupied
from abm.tissue.state import AMOUNT, Niche, Tissue
from abm.tissue.viruses import virions_in_section

NEAR_CANCER = round(100.0 / (BLOCK * SPACING))  # blocks

CENSUS = np.dtype([
    ("hour", np.float64),  # since day 0
    ("states", np.int64, (len(CancerState),)),  # living cancer cells by state
    ("phenotypes", np.int64, (len(Phenotype),)),  # the same by phenotype
    ("cells", np.int64),  # living cancer cells
    ("seeded", np.int64),  # founders and cancer cells that have arrived so far
    ("stained", np.int64),  # of them with Ki67 from their cycle
    ("signal", np.float64),  # summed over them
    ("lesions", np.int64),
    ("kinds", np.int64, (ALL_KINDS,)),  # mobile cells by kind
    ("activated", np.int64),  # MHCII+ macrophages
    ("cd4_near_cancer", np.float64),  # CD4 density near cancer cells over that of the section
    ("epithelium", np.int64, (len(EpithelialState),)),  # epithelial cells by state
    ("infected", np.int64, (len(VirusOfRun),)),  # epithelial cells, by virus
    ("virions", np.float64, (len(VirusOfRun),)),  # of each virus, summed over the section
    ("viral_rna", np.float64, (len(VirusOfRun),)),  # copies of each virus in the section
    ("substances", np.float64, (ALL_SUBSTANCES,)),  # mean of each, free [ng/mL]
    ("held", np.float64, (ALL_SUBSTANCES,)),  # mean of each that antibodies hold [ng/mL]
    ("hold", np.float64),  # means
    ("collagen", np.float64),
    ("antibody", np.float64, (len(VirusOfRun),)),  # against each virus
])  # fmt: skip


@compiled
def _count_cancer(cells: np.ndarray, used: int, hour: float, counted: Record) -> None:
    """Cancer cells by state and phenotype, with their Ki67."""
    for row in range(used):
        cell = cells[row]
        if cell.alive:
            counted.cells += 1
            counted.states[cell.state] += 1
            counted.phenotypes[cell.phenotype] += 1
            counted.stained += int(cell.ki67_until > hour)


@uncounted
def number_of(kind: int, cells: np.ndarray, used: int) -> int:
    """How many living mobile cells there are of a kind."""
    found = 0
    for row in range(used):
        found += int(cells[row].alive and cells[row].kind == kind)
    return found


@compiled
def _total_signal(cancer: np.ndarray, blocks: np.ndarray) -> float:
    """STAT3 signal summed over the cancer cells; cancer: how many there are in each block."""
    flat, counts, total = blocks.ravel(), cancer.ravel(), 0.0
    for index in occupied(cancer):
        total += counts[index] * flat[index].signal
    return total


@compiled
def _count_mobile(cells: np.ndarray, used: int, counted: Record) -> None:
    """Mobile cells by kind."""
    for row in range(used):
        cell = cells[row]
        if cell.alive:
            counted.kinds[cell.kind] += 1
            counted.activated += int(cell.activated)


@compiled
def _cd4_near_cancer(cancer: np.ndarray, cd4_cells: np.ndarray, reach: int) -> float:
    """CD4 density in blocks near cancer cells over that of the section; 1 where there is none of either."""
    near = blocks_near(cancer, reach)
    area, cd4, cd4_near = 0, 0.0, 0.0
    for y in range(near.shape[0]):
        for x in range(near.shape[1]):
            here = cd4_cells[y, x]
            cd4 += here
            if near[y, x]:
                area += 1
                cd4_near += here
    return cd4_near / cd4 / (area / near.size) if cd4 > 0.0 and area > 0 else 1.0


@compiled
def mean_amount(field: np.ndarray) -> float:
    """Mean of a substance over the section [ng/mL] from the layers of its field."""
    return field_total(field[AMOUNT]) / field[AMOUNT].size


@compiled
def take_census(tissue: Tissue, hour: float, p: Parameters, counted: Record) -> None:
    """Count a section into `counted`, a record of CENSUS that holds zeros."""
    counted.hour = hour
    counted.seeded = tissue.status[0].clones
    _count_cancer(tissue.cancer, tissue.cancer_rows[USED], hour, counted)
    counted.signal = _total_signal(tissue.niche[Niche.CANCER], tissue.blocks)
    _count_mobile(tissue.mobile, tissue.mobile_rows[USED], counted)
    for clone in range(tissue.clones.size):
        counted.lesions += int(tissue.clones[clone].cells >= p.dormancy.lesion_size)
    counted.cd4_near_cancer = _cd4_near_cancer(tissue.niche[Niche.CANCER], tissue.niche[Niche.CD4], NEAR_CANCER)
    for state in range(tissue.epithelial_counts.size):
        counted.epithelium[state] = tissue.epithelial_counts[state]
    for number in range(tissue.viruses.size):
        counted.viral_rna[number] = tissue.viruses[number].rna
        counted.virions[number] = virions_in_section(number, tissue)
        counted.infected[number] = tissue.viruses[number].infected
        counted.antibody[number] = tissue.node[number].antibody
    for substance in range(substances_in(p)):
        counted.substances[substance] = mean_amount(tissue.fields[substance])
        counted.held[substance] = tissue.status[0].held[substance]
    counted.hold = field_total(tissue.niche[Niche.INTEGRITY]) / tissue.niche[Niche.INTEGRITY].size
    counted.collagen = field_total(tissue.niche[Niche.COLLAGEN]) / tissue.niche[Niche.COLLAGEN].size
