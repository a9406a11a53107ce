"""Whether a law acts in a scenario, and if not, why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from abm.laws.law import Law
from abm.laws.places import ARRIVING, CANCER, DORMANT, KIND_TITLES, PROLIFERATING, T_CELL
from abm.rules.cells import CellKind, secretes_activated, secretes_at_rest
from abm.rules.substances import Substance
from abm.treatments.arrivals import CancerCellArrival
from abm.treatments.drugs import Antiviral
from abm.treatments.treatments import DEPLETABLE, Depletion, IL6Knockout, Transfer, Vaccination

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario


@dataclass(frozen=True)
class Circumstances:
    """What there is in a scenario under some parameters: viruses, cells, substances, treatments."""

    scenario: Scenario
    parameters: Any
    values: Mapping[str, float]  # of the parameters, by dotted name

    def without_virus(self) -> str:
        """Why no virus comes; empty where one does."""
        return "" if not self.lacks_first() or not self.lacks_second() else "no virus is given"

    def lacks_first(self) -> str:
        """Why the virus of the scenario does not come."""
        return self._lacks(self.scenario.virus, "virus.inoculum")

    def lacks_second(self) -> str:
        """Why no other virus comes."""
        second = self.scenario.second_virus
        return self._lacks(second, "second_virus.inoculum") if second else "there is no second virus"

    def _lacks(self, virus: str, inoculum: str) -> str:
        given = [each for each in self.scenario.infections if (each.virus or self.scenario.virus) == virus]
        if not any(each.dose > 0.0 for each in given):
            return f"no {virus} is given" if self.scenario.infections else "no virus is given"
        return "" if self.values[inoculum] > 0.0 else f"{inoculum} = 0"

    def without_cancer(self) -> str:
        """Why there are no cancer cells."""
        none = self.values["dormancy.founders"] < 1.0 and self.without_arrivals()
        return "there are no cancer cells" if none else ""

    def without_arrivals(self) -> str:
        """Why no cancer cells arrive."""
        arrivals = [each for each in self.scenario.treatments if isinstance(each, CancerCellArrival)]
        return "" if any(each.density > 0.0 for each in arrivals) else "no cancer cells arrive"

    def without_kind(self, kind: CellKind) -> str:
        """Why there are no cells of a type."""
        cell = self.parameters.cells[kind]
        names = [name for name, kinds in DEPLETABLE.items() if kinds[-1] == kind]
        given = any(isinstance(each, Transfer) and each.cells in names for each in self.scenario.treatments)
        infected = not self.without_virus() and (cell.peak_influx > 0.0 or cell.node_output > 0.0)
        return "" if cell.resting_density > 0.0 or infected or given else f"there are no {kind.type.plural}"

    def without_substance(self, substance: Substance) -> str:
        """Why no cell secretes a substance."""
        title = substance.type.title
        if substance == Substance.IL6 and any(isinstance(each, IL6Knockout) for each in self.scenario.treatments):
            return "no cell secretes IL-6 (IL-6 knockout)"
        numbers, virus = self.parameters.substances[substance], not self.without_virus()
        if (virus and numbers.epithelial_secretion > 0.0) or (
            not self.without_cancer() and numbers.cancer_secretion > 0.0
        ):
            return ""
        for kind in CellKind:
            rates = self.parameters.cells[kind.shares_with].secretion[substance]
            resting = secretes_at_rest(kind, substance) and rates.at_rest > 0.0
            activated = secretes_activated(kind, substance) and rates.activated > 0.0 and virus
            if (resting or activated) and not self.without_kind(kind):
                return ""
        return f"no cell secretes {title}"

    def lacks(self, name: str) -> str:
        """Why there is none of what a law needs or responds to; empty where there is, or where it always is."""
        return _LACKS[name](self) if name in _LACKS else ""


def _kind(kind: CellKind) -> Callable[[Circumstances], str]:
    return lambda here: here.without_kind(kind)


def _substance(substance: Substance) -> Callable[[Circumstances], str]:
    return lambda here: here.without_substance(substance)


def _needs_vaccination(here: Circumstances) -> str:
    return "" if any(isinstance(each, Vaccination) for each in here.scenario.treatments) else "no vaccination is given"


def _needs_antiviral(here: Circumstances) -> str:
    return "" if any(isinstance(each, Antiviral) for each in here.scenario.treatments) else "no antiviral is given"


def _needs_cd4_depletion(here: Circumstances) -> str:
    depleted = [each for each in here.scenario.treatments if isinstance(each, Depletion)]
    cd4 = any(CellKind.CD4 in DEPLETABLE[each.cells] for each in depleted)
    return "" if cd4 else "CD4 T cells are not depleted"


def _no_immunity(here: Circumstances) -> str:
    return here.without_virus() and _needs_vaccination(here) and "neither virus nor vaccination is given"


def _il6(here: Circumstances) -> str:
    return here.without_substance(Substance.IL6)


def _no_training(here: Circumstances) -> str:
    return here.without_virus() or here.without_substance(Substance.IFN_GAMMA)


def _no_degradation(here: Circumstances) -> str:
    return (
        here.without_virus() and here.without_cancer() and "nothing degrades the niche: neither virus nor cancer cells"
    )


_LACKS: dict[str, Callable[[Circumstances], str]] = {
    **{KIND_TITLES[kind]: _kind(kind) for kind in CellKind},
    **{substance.type.title: _substance(substance) for substance in Substance},
    **dict.fromkeys(
        ("virions", "infected epithelium", "dead epithelium", "infection", "activation", "stimulus", "AT2 cells",
         "lymph node response", "activated neutrophil", "NETs"),
        Circumstances.without_virus,
    ),
    **dict.fromkeys((CANCER, DORMANT, PROLIFERATING, "proliferation"), Circumstances.without_cancer),
    "virus": Circumstances.lacks_first,
    "second_virus": Circumstances.lacks_second,
    ARRIVING: Circumstances.without_arrivals,
    T_CELL: lambda here: here.without_kind(CellKind.CD8) and here.without_kind(CellKind.CD4),
    "memory": _no_immunity,
    "antibody": _no_immunity,
    "vaccination": _needs_vaccination,
    "antiviral": _needs_antiviral,
    "IL-6 receptor": _il6,
    "depletion of CD4 T cells": _needs_cd4_depletion,
    "STAT3 signal": _il6,
    "interferon response": _substance(Substance.INTERFERON),
    "training": _no_training,
    "degradation of the niche": _no_degradation,
    "deposition of collagen": _no_degradation,
}  # fmt: skip

ALWAYS = (  # signals that are there in every scenario
    "collagen", "niche integrity", "free space", "hold by macrophages", "speed", "time since arrival",
    "time since training",
)  # fmt: skip
KNOWN_SIGNALS = frozenset((*_LACKS, *ALWAYS))


def why_not(law: Law, here: Circumstances) -> str:
    """Why a law cannot act; empty where it acts.

    It needs its cell, everything that it names as needed, and one of its signals or a base rate.
    """
    if law.absent:
        return law.absent
    for name in (law.cell, *law.needs):
        if reason := here.lacks(name):
            return reason
    zeros = [name for name in law.off_at_zero if here.values[name] == 0.0]
    if zeros:
        return f"{zeros[0]} = 0"
    if law.has_base:
        return ""
    lacking = [here.lacks(signal) for signal in law.signals]
    return lacking[0] if lacking and all(lacking) else ""
