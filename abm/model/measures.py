"""Measures: one function, one curve. Each takes a `Reading` of the tissue and gives one number for each of its times.

All of them read one census of the tissue, which a compiled pass over the cells takes at each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.core.lattice import area_of
from abm.rules.cells import KINDS, CellKind
from abm.rules.parameters import Parameters
from abm.rules.states import CancerState, EpithelialState, Phenotype, VirusOfRun
from abm.rules.substances import SUBSTANCES, Substance
from abm.tissue.census import CENSUS, take_census
from abm.tissue.state import Tissue

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario

MACROPHAGES = [kind for kind in CellKind if kind.type.numbers.is_macrophage]


@dataclass(frozen=True)
class Reading:
    """A section at n times under the same parameters, counted.

    Attributes:
        census: CENSUS[n].
        parameters: that hold at these times.
        area: of the section [mm2]. epithelial_cells: their number.
    """

    census: np.ndarray
    parameters: Parameters
    area: float
    epithelial_cells: int

    @property
    def seeded(self) -> np.ndarray:
        """Dormant cells at the start and cancer cells that have arrived so far, at least 1: int64[n]."""
        seeded: np.ndarray = np.maximum(1, self.census["seeded"])
        return seeded


def empty_census(times: int) -> Any:
    """Room for the census at this number of times."""
    return np.zeros(times, dtype=np.dtype((np.record, CENSUS)))


NO_CENSUS = empty_census(0)  # for who wants none


def reading_of(tissue: Tissue, parameters: Parameters, census: Any) -> Reading:
    """What was counted of a section, with what measures need to know of it."""
    return Reading(census, parameters, area_of(tissue.kind.size), tissue.epithelium.size)


def read(tissue: Tissue, parameters: Parameters, hour: float) -> Reading:
    """Count a section now."""
    census = empty_census(1)
    take_census(tissue, hour, parameters, census[0])
    return reading_of(tissue, parameters, census)


@dataclass(frozen=True)
class Measure:
    """A named curve with its unit and meaning."""

    name: str
    unit: str
    meaning: str
    of: Callable[[Reading], np.ndarray]  # float64[n]


def own_measures(scenario: Scenario) -> dict[str, Measure]:
    """The measures of what a scenario declares of its own, means and densities; they can be pickled."""
    found = [
        *(_amount(one.key, one.title, SUBSTANCES + number) for number, one in enumerate(scenario.substances)),
        *(_density(one.key, one.title, KINDS + number) for number, one in enumerate(scenario.cells)),
    ]
    return {f"own_{one.name}" if one.name in MEASURES else one.name: one for one in found}


def _per_cell(counted: np.ndarray, reading: Reading) -> np.ndarray:
    """A count, or sum, over the living cancer cells, for each of them; 0 where there is none."""
    return counted / np.maximum(1, reading.census["cells"])


def ki67_share(reading: Reading) -> np.ndarray:
    """Cells that stain for Ki67: cycling now or lately, and the few dormant cells that stain at rest (expected)."""
    stained = reading.census["stained"]
    at_rest = reading.parameters.dormancy.ki67_at_rest * (reading.census["cells"] - stained)
    return _per_cell(stained + at_rest, reading)


def lavage_il6(reading: Reading) -> np.ndarray:
    """IL-6 as lavage would show it."""
    dilution = reading.parameters.substances[Substance.IL6].lavage_dilution
    return reading.census["substances"][:, Substance.IL6] * 1000.0 / dilution


def mhcii_share(reading: Reading) -> np.ndarray:
    """Macrophages that are MHCII+, resident and recruited."""
    macrophages = reading.census["kinds"][:, MACROPHAGES].sum(axis=1)
    return reading.census["activated"] / np.maximum(1, macrophages)


def _counted(name: str) -> Callable[[Reading], np.ndarray]:
    return lambda reading: reading.census[name].astype(np.float64)


def _state(state: CancerState) -> Callable[[Reading], np.ndarray]:
    return lambda reading: reading.census["states"][:, state] / reading.seeded


def _phenotype(*phenotypes: Phenotype) -> Callable[[Reading], np.ndarray]:
    return lambda reading: _per_cell(reading.census["phenotypes"][:, phenotypes].sum(axis=1), reading)


def _epithelium(*states: EpithelialState) -> Callable[[Reading], np.ndarray]:
    return lambda reading: reading.census["epithelium"][:, states].sum(axis=1) / reading.epithelial_cells


def _density(name: str, meaning: str, kind: int) -> Measure:
    """How many cells of a type there are; kind: its number."""
    return Measure(name, "cell/mm^2", meaning, partial(_cells_per_area, kind=kind))


def _cells_per_area(reading: Reading, kind: int) -> np.ndarray:
    found: np.ndarray = reading.census["kinds"][:, kind] / reading.area
    return found


def _amount(name: str, title: str, substance: int) -> Measure:
    """How much there is of a substance, on average; substance: its number."""
    return Measure(name, "ng/mL", f"mean {title} of the section", partial(_mean_of, substance=substance))


def _mean_of(reading: Reading, substance: int) -> np.ndarray:
    found: np.ndarray = reading.census["substances"][:, substance].copy()
    return found


_SECOND = VirusOfRun.SECOND
OF_SECOND_VIRUS = (  # in a run with two viruses; 0 in any other
    Measure("virions_second", "virion/mm^2", "free virions of the second virus",
            lambda reading: reading.census["virions"][:, _SECOND] / reading.area),
    Measure("viral_rna_second", "copy/mm^2", "RNA of the second virus",
            lambda reading: reading.census["viral_rna"][:, _SECOND] / reading.area),
    Measure("infected_share_second", "", "share of the epithelial cells infected by the second virus",
            lambda reading: reading.census["infected"][:, _SECOND] / reading.epithelial_cells),
    Measure("antibody_second", "", "antibody against the second virus, share of the full level",
            lambda reading: reading.census["antibody"][:, _SECOND].copy()),
)  # fmt: skip
_LIST = (
    Measure("cells_per_seeded", "", "living cancer cells per seeded cell",
            lambda reading: reading.census["cells"] / reading.seeded),
    Measure("awake_per_seeded", "", "proliferating cancer cells per seeded cell", _state(CancerState.PROLIFERATING)),
    Measure("dormant_per_seeded", "", "never awakened cancer cells per seeded cell", _state(CancerState.DORMANT)),
    Measure("redormant_per_seeded", "", "cancer cells returned to dormancy per seeded cell",
            _state(CancerState.REDORMANT)),
    Measure("ki67_share", "", "share of living cancer cells that stain for Ki67", ki67_share),
    Measure("lesions", "", "clones at or above the lesion size", _counted("lesions")),
    Measure("mesenchymal_share", "", "share of cancer cells with vimentin only", _phenotype(Phenotype.MESENCHYMAL)),
    Measure("epcam_share", "", "share of cancer cells with EpCAM (hybrid or epithelial)",
            _phenotype(Phenotype.HYBRID, Phenotype.EPITHELIAL)),
    Measure("il6_signal", "", "mean STAT3 signal of the cancer cells",
            lambda reading: _per_cell(reading.census["signal"], reading)),
    *(_amount(each.key, each.type.title, int(each)) for each in Substance),
    Measure("il6_lavage", "pg/mL", "IL-6 expected in lavage", lavage_il6),
    Measure("il6_held", "ng/mL", "mean IL-6 that antibodies hold; assays of total IL-6 show it as well",
            lambda reading: reading.census["held"][:, Substance.IL6].copy()),
    Measure("viral_rna", "copy/mm^2", "viral RNA, free or in remains",
            lambda reading: reading.census["viral_rna"].sum(axis=1) / reading.area),
    Measure("virions", "virion/mm^2", "free virions",
            lambda reading: reading.census["virions"].sum(axis=1) / reading.area),
    Measure("infected_share", "", "share of the epithelial cells (not of their area) that are infected",
            _epithelium(EpithelialState.ECLIPSE, EpithelialState.EXPRESSING)),
    Measure("refractory_share", "", "share of the epithelial cells protected by interferon",
            _epithelium(EpithelialState.REFRACTORY)),
    Measure("lost_share", "", "share of the epithelial cells dying, dead or denuded",
            _epithelium(EpithelialState.APOPTOTIC, EpithelialState.DEAD, EpithelialState.DENUDED)),
    Measure("antibody", "", "antibody, share of the full level",
            lambda reading: reading.census["antibody"][:, VirusOfRun.FIRST].copy()),
    *OF_SECOND_VIRUS,
    *(_density(kind.type.curve, kind.type.plural, int(kind)) for kind in CellKind),
    Measure("mhcii_share", "", "share of macrophages that are MHCII+", mhcii_share),
    Measure("cd4_near_cancer", "", "CD4 density within 100 um (in whole blocks) of cancer cells over the mean",
            _counted("cd4_near_cancer")),
    Measure("niche_hold", "", "mean integrity of the dormancy niche (1 intact)", _counted("hold")),
    Measure("collagen", "", "mean collagen", _counted("collagen")),
)  # fmt: skip
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _LIST}
if len(MEASURES) < len(_LIST):
    names = [measure.name for measure in _LIST]
    doubled = sorted({name for name in names if names.count(name) > 1})
    raise ValueError(f"measures of the same name: {', '.join(doubled)}")


def measures_in(scenarios: Iterable[Scenario]) -> dict[str, Measure]:
    """All measures of some scenarios, by name: the built-in ones, then those of what a scenario declares of its own."""
    return MEASURES | {name: one for scenario in scenarios for name, one in own_measures(scenario).items()}
