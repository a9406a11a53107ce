"""Measures: one function, one curve. Each takes a `Reading` of the tissue and gives one number.

A measure may cost a pass over an array, never a loop over cells in Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.core.lattice import BLOCK, SPACING, area_of
from abm.core.population import USED
from abm.processes.tissue import AMOUNT, Tissue
from abm.rules.parameters import Parameters
from abm.rules.states import KINDS, CancerState, CellKind, EpithelialState, Phenotype

LESION_REACH = 100.0  # um


@dataclass(frozen=True)
class Reading:
    """The tissue at one time, with its living cells picked out."""

    tissue: Tissue
    parameters: Parameters
    hour: float
    cancer: np.recarray
    mobile: np.recarray
    states: np.ndarray  # living cancer cells by CancerState
    phenotypes: np.ndarray  # the same by Phenotype
    kinds: np.ndarray  # mobile cells by CellKind

    @property
    def area(self) -> float:
        """Area of the section [mm2]."""
        return area_of(self.tissue.kind.size)

    @property
    def seeded(self) -> int:
        """Dormant cells at the start."""
        return max(1, self.tissue.clones.size)


def _alive(cells: Any, rows: np.ndarray) -> Any:
    """The living cells of a population."""
    used = cells[: rows[USED]]
    return used[used.alive]


def read(tissue: Tissue, parameters: Parameters, hour: float) -> Reading:
    """Pick out what measures need."""
    cancer = _alive(tissue.cancer, tissue.cancer_rows)
    mobile = _alive(tissue.mobile, tissue.mobile_rows)
    return Reading(
        tissue, parameters, hour, cancer, mobile,
        np.bincount(cancer.state, minlength=len(CancerState)),
        np.bincount(cancer.phenotype, minlength=len(Phenotype)),
        np.bincount(mobile.kind, minlength=KINDS),
    )  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """A named curve with its unit and meaning."""

    name: str
    unit: str
    meaning: str
    of: Callable[[Reading], float]


def _share(chosen: np.ndarray) -> float:
    return float(np.mean(chosen)) if chosen.size else 0.0


def ki67_share(reading: Reading) -> float:
    """Cells that stain for Ki67: cycling now or lately, and the few dormant cells that stain at rest (expected)."""
    stained = reading.cancer.ki67_until > reading.hour
    at_rest = reading.parameters.dormancy.ki67_at_rest
    return _share(np.where(stained, 1.0, at_rest))


def cd4_near_cancer(reading: Reading) -> float:
    """CD4 density within 100 um (in whole blocks) of cancer cells over that of the section; 1 where there is none."""
    cd4 = reading.mobile[reading.mobile.kind == CellKind.CD4]
    if not cd4.size or not reading.cancer.size:
        return 1.0
    near = np.zeros(reading.tissue.blocks.shape, dtype=bool)
    near[reading.cancer.y // BLOCK, reading.cancer.x // BLOCK] = True
    for _ in range(round(LESION_REACH / (BLOCK * SPACING))):
        wider = near.copy()
        wider[1:] |= near[:-1]
        wider[:-1] |= near[1:]
        wider[:, 1:] |= near[:, :-1]
        wider[:, :-1] |= near[:, 1:]
        near = wider
    return float(np.mean(near[cd4.y // BLOCK, cd4.x // BLOCK]) / np.mean(near))


def lavage_il6(reading: Reading) -> float:
    """IL-6 as lavage would show it."""
    return mean_il6(reading) * 1000.0 / reading.parameters.cytokine.lavage_dilution


def mean_il6(reading: Reading) -> float:
    """Mean IL-6 of the section."""
    return float(reading.tissue.il6[AMOUNT].mean())


def _state(state: CancerState) -> Callable[[Reading], float]:
    return lambda reading: float(reading.states[state]) / reading.seeded


def _phenotype(*phenotypes: Phenotype) -> Callable[[Reading], float]:
    return lambda reading: float(reading.phenotypes[list(phenotypes)].sum()) / max(1, reading.cancer.size)


def _epithelium(*states: EpithelialState) -> Callable[[Reading], float]:
    return lambda reading: float(reading.tissue.tally[list(states)].sum()) / reading.tissue.epithelium.size


def _density(kind: CellKind) -> Callable[[Reading], float]:
    return lambda reading: float(reading.kinds[kind]) / reading.area


def _mhcii_share(reading: Reading) -> float:
    macrophage = reading.mobile.kind <= CellKind.RECRUITED_MACROPHAGE
    return _share(reading.mobile.activated[macrophage])


_LIST = (
    Measure("cells_per_seeded", "", "living cancer cells per seeded cell",
            lambda reading: reading.cancer.size / reading.seeded),
    Measure("awake_per_seeded", "", "proliferating cancer cells per seeded cell", _state(CancerState.PROLIFERATING)),
    Measure("dormant_per_seeded", "", "never awoken cancer cells per seeded cell", _state(CancerState.DORMANT)),
    Measure("redormant_per_seeded", "", "cancer cells returned to dormancy per seeded cell",
            _state(CancerState.REDORMANT)),
    Measure("ki67_share", "", "share of living cancer cells that stain for Ki67", ki67_share),
    Measure("lesions", "", "clones at or above the lesion size",
            lambda reading: float((reading.tissue.clones.cells >= reading.parameters.dormancy.lesion_size).sum())),
    Measure("mesenchymal_share", "", "share of cancer cells with vimentin only", _phenotype(Phenotype.MESENCHYMAL)),
    Measure("epcam_share", "", "share of cancer cells with EpCAM (hybrid or epithelial)",
            _phenotype(Phenotype.HYBRID, Phenotype.EPITHELIAL)),
    Measure("il6_signal", "", "mean STAT3 signal of the cancer cells",
            lambda reading: float(reading.cancer.signal.mean()) if reading.cancer.size else 0.0),
    Measure("il6", "ng/mL", "mean IL-6 of the section", mean_il6),
    Measure("il6_lavage", "pg/mL", "IL-6 as lavage would show it", lavage_il6),
    Measure("virions", "virion/mm^2", "free virions",
            lambda reading: float(reading.tissue.virus[AMOUNT].sum()) / reading.area),
    Measure("infected_share", "", "share of the epithelium infected (eclipse or expressing)",
            _epithelium(EpithelialState.ECLIPSE, EpithelialState.EXPRESSING)),
    Measure("refractory_share", "", "share of the epithelium protected by interferon",
            _epithelium(EpithelialState.REFRACTORY)),
    Measure("lost_share", "", "share of the epithelium dying, dead or denuded",
            _epithelium(EpithelialState.APOPTOTIC, EpithelialState.DEAD, EpithelialState.DENUDED)),
    Measure("interferon", "ng/mL", "mean type I interferon",
            lambda reading: float(reading.tissue.interferon[AMOUNT].mean())),
    Measure("antibody", "", "antibody, share of the full level",
            lambda reading: float(reading.tissue.node[0].antibody)),
    Measure("resident_macrophages", "cell/mm^2", "resident macrophages", _density(CellKind.RESIDENT_MACROPHAGE)),
    Measure("recruited_macrophages", "cell/mm^2", "recruited macrophages", _density(CellKind.RECRUITED_MACROPHAGE)),
    Measure("mhcii_share", "", "share of macrophages that are MHCII+", _mhcii_share),
    Measure("neutrophils", "cell/mm^2", "neutrophils", _density(CellKind.NEUTROPHIL)),
    Measure("nk", "cell/mm^2", "NK cells", _density(CellKind.NK)),
    Measure("cd8", "cell/mm^2", "CD8 T cells", _density(CellKind.CD8)),
    Measure("cd4", "cell/mm^2", "CD4 T cells", _density(CellKind.CD4)),
    Measure("fibroblasts", "cell/mm^2", "fibroblasts", _density(CellKind.FIBROBLAST)),
    Measure("cd4_near_cancer", "", "CD4 density within 100 um of cancer cells over the mean", cd4_near_cancer),
    Measure("niche_hold", "", "mean hold of the dormancy niche (1 intact)",
            lambda reading: float(reading.tissue.blocks.hold.mean())),
    Measure("collagen", "", "mean collagen", lambda reading: float(reading.tissue.blocks.collagen.mean())),
)  # fmt: skip
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _LIST}
