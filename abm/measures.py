"""Measures: one function, one curve. Each takes a `Reading` of the tissue and gives one number.

All of them read one census of the tissue, which a compiled pass over the cells takes once a reading.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from abm.core.lattice import BLOCK, SPACING, area_of
from abm.processes.census import CENSUS, take_census
from abm.processes.tissue import Tissue
from abm.rules.parameters import Parameters
from abm.rules.states import CancerState, CellKind, EpithelialState, Phenotype

LESION_REACH = 100.0  # um
_COUNTED = np.dtype((np.record, CENSUS))


@dataclass(frozen=True)
class Reading:
    """The tissue at one time, counted."""

    tissue: Tissue
    parameters: Parameters
    hour: float
    census: SimpleNamespace  # the fields of CENSUS as plain numbers, and arrays of counts

    @property
    def area(self) -> float:
        """Area of the section [mm2]."""
        return area_of(self.tissue.kind.size)

    @property
    def seeded(self) -> int:
        """Dormant cells at the start."""
        return max(1, self.tissue.clones.size)


def read(tissue: Tissue, parameters: Parameters, hour: float) -> Reading:
    """Count what measures need."""
    counted: Any = np.zeros(1, dtype=_COUNTED)
    reach = round(LESION_REACH / (BLOCK * SPACING))
    take_census(tissue, hour, parameters.dormancy.lesion_size, reach, counted[0])
    return Reading(
        tissue, parameters, hour, SimpleNamespace(**dict(zip(CENSUS.names or (), counted[0].item(), strict=True)))
    )


@dataclass(frozen=True)
class Measure:
    """A named curve with its unit and meaning."""

    name: str
    unit: str
    meaning: str
    of: Callable[[Reading], float]


def ki67_share(reading: Reading) -> float:
    """Cells that stain for Ki67: cycling now or lately, and the few dormant cells that stain at rest (expected)."""
    census = reading.census
    at_rest = reading.parameters.dormancy.ki67_at_rest * (census.cells - census.stained)
    return float(census.stained + at_rest) / max(1, census.cells)


def mean_il6(reading: Reading) -> float:
    """Mean IL-6 of the section."""
    return float(reading.census.il6)


def lavage_il6(reading: Reading) -> float:
    """IL-6 as lavage would show it."""
    return mean_il6(reading) * 1000.0 / reading.parameters.cytokine.lavage_dilution


def mhcii_share(reading: Reading) -> float:
    """Macrophages that are MHCII+, resident and recruited."""
    resident, recruited = reading.census.kinds[: CellKind.RECRUITED_MACROPHAGE + 1]
    return float(reading.census.activated) / max(1, int(resident + recruited))


def _state(state: CancerState) -> Callable[[Reading], float]:
    return lambda reading: float(reading.census.states[state]) / reading.seeded


def _phenotype(*phenotypes: Phenotype) -> Callable[[Reading], float]:
    return lambda reading: (
        float(sum(reading.census.phenotypes[each] for each in phenotypes)) / max(1, reading.census.cells)
    )


def _epithelium(*states: EpithelialState) -> Callable[[Reading], float]:
    return lambda reading: float(sum(reading.tissue.tally[state] for state in states)) / reading.tissue.epithelium.size


def _density(kind: CellKind) -> Callable[[Reading], float]:
    return lambda reading: float(reading.census.kinds[kind]) / reading.area


_LIST = (
    Measure("cells_per_seeded", "", "living cancer cells per seeded cell",
            lambda reading: float(reading.census.cells) / reading.seeded),
    Measure("awake_per_seeded", "", "proliferating cancer cells per seeded cell", _state(CancerState.PROLIFERATING)),
    Measure("dormant_per_seeded", "", "never awoken cancer cells per seeded cell", _state(CancerState.DORMANT)),
    Measure("redormant_per_seeded", "", "cancer cells returned to dormancy per seeded cell",
            _state(CancerState.REDORMANT)),
    Measure("ki67_share", "", "share of living cancer cells that stain for Ki67", ki67_share),
    Measure("lesions", "", "clones at or above the lesion size", lambda reading: float(reading.census.lesions)),
    Measure("mesenchymal_share", "", "share of cancer cells with vimentin only", _phenotype(Phenotype.MESENCHYMAL)),
    Measure("epcam_share", "", "share of cancer cells with EpCAM (hybrid or epithelial)",
            _phenotype(Phenotype.HYBRID, Phenotype.EPITHELIAL)),
    Measure("il6_signal", "", "mean STAT3 signal of the cancer cells",
            lambda reading: float(reading.census.signal) / max(1, reading.census.cells)),
    Measure("il6", "ng/mL", "mean IL-6 of the section", mean_il6),
    Measure("il6_lavage", "pg/mL", "IL-6 as lavage would show it", lavage_il6),
    Measure("virions", "virion/mm^2", "free virions", lambda reading: float(reading.census.virions) / reading.area),
    Measure("infected_share", "", "share of the epithelial cells (not of their area) that are infected",
            _epithelium(EpithelialState.ECLIPSE, EpithelialState.EXPRESSING)),
    Measure("refractory_share", "", "share of the epithelial cells protected by interferon",
            _epithelium(EpithelialState.REFRACTORY)),
    Measure("lost_share", "", "share of the epithelial cells dying, dead or denuded",
            _epithelium(EpithelialState.APOPTOTIC, EpithelialState.DEAD, EpithelialState.DENUDED)),
    Measure("interferon", "ng/mL", "mean type I interferon", lambda reading: float(reading.census.interferon)),
    Measure("antibody", "", "antibody, share of the full level",
            lambda reading: float(reading.census.antibody)),
    Measure("resident_macrophages", "cell/mm^2", "resident macrophages", _density(CellKind.RESIDENT_MACROPHAGE)),
    Measure("recruited_macrophages", "cell/mm^2", "recruited macrophages", _density(CellKind.RECRUITED_MACROPHAGE)),
    Measure("mhcii_share", "", "share of macrophages that are MHCII+", mhcii_share),
    Measure("neutrophils", "cell/mm^2", "neutrophils", _density(CellKind.NEUTROPHIL)),
    Measure("nk", "cell/mm^2", "NK cells", _density(CellKind.NK)),
    Measure("cd8", "cell/mm^2", "CD8 T cells", _density(CellKind.CD8)),
    Measure("cd4", "cell/mm^2", "CD4 T cells", _density(CellKind.CD4)),
    Measure("fibroblasts", "cell/mm^2", "fibroblasts", _density(CellKind.FIBROBLAST)),
    Measure("cd4_near_cancer", "", "CD4 density within 100 um (in whole blocks) of cancer cells over the mean",
            lambda reading: float(reading.census.cd4_near_cancer)),
    Measure("niche_hold", "", "mean hold of the dormancy niche (1 intact)", lambda reading: float(reading.census.hold)),
    Measure("collagen", "", "mean collagen", lambda reading: float(reading.census.collagen)),
)  # fmt: skip
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _LIST}
