"""Drugs as treatments: antibodies and small molecules by name, in repeated doses, and drugs that a scenario brings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from abm.core.quantity import Quantity
from abm.rules import pharmacology as drugs
from abm.rules.substances import Substance
from abm.treatments.effects import combine
from abm.treatments.times import ALWAYS, Start, Stop

if TYPE_CHECKING:
    from abm.treatments.effects_by_step import TreatmentEffects
    from abm.treatments.pharmacokinetics import Series

INTRAPERITONEAL_ONSET = 12.0  # h, assumed
AS_IN_PEOPLE = "assumed: acts as the human dose does in people"
AS_USUAL: Any = None  # the usual dose and interval of the drug
Interval = Annotated[float, Quantity("time between doses", "h", 1.0, 8760.0, "scenario")]


@dataclass(frozen=True)
class Drug:
    """A named drug: what it is, the species whose target it binds, its usual dose, and where its numbers come from."""

    molecule: drugs.Antibody | drugs.SmallMolecule
    binds: str  # "human" or "mouse"
    usual_dose: float  # mg per patient (70 kg) or mouse (20 g)
    usual_interval: float  # h
    source: str  # with keys of the bibliography in square brackets
    acts_on: str = ""  # virus, for antivirals


@dataclass(frozen=True)
class RepeatedDoses:
    """Common part of drug treatments: repeated doses of a named drug, by default its usual dose and interval."""

    drug: str
    start: Start = 24.0
    stop: Stop = ALWAYS
    dose: Annotated[float, Quantity("dose per patient (70 kg) or mouse (20 g)", "mg", 0.0, 2000.0, "label")] = AS_USUAL
    every: Interval = AS_USUAL

    LIBRARY: ClassVar[dict[str, Drug]] = {}

    def __post_init__(self) -> None:
        """Spell out the usual dose and interval of the drug where none is given.

        Raises:
            ValueError: no such drug.
        """
        if self.drug not in self.LIBRARY:
            raise ValueError(f'drug = "{self.drug}": is not known; allowed: {", ".join(self.LIBRARY)}')
        if self.dose is None:
            object.__setattr__(self, "dose", self.LIBRARY[self.drug].usual_dose)
        if self.every is None:
            object.__setattr__(self, "every", self.LIBRARY[self.drug].usual_interval)

    def times(self, end: float) -> list[float]:
        """Hours of the doses before `end`."""
        count = max(0, math.ceil((min(self.stop, end) - self.start) / self.every))
        return [self.start + self.every * number for number in range(count)]


@dataclass(frozen=True)
class Antibodies(RepeatedDoses):
    """Common part of antibody treatments."""

    @property
    def onset(self) -> float:
        """Time from a dose to the blood [h]: mice get it into the peritoneum, people into a vein."""
        return INTRAPERITONEAL_ONSET if self.LIBRARY[self.drug].binds == "mouse" else 0.0

    def concentration(self, ticks: int, step: float) -> tuple[Series, drugs.Antibody]:
        """Concentration in lung tissue [nM] and the antibody."""
        from abm.treatments.pharmacokinetics import antibody_concentration

        drug = self.LIBRARY[self.drug]
        assert isinstance(drug.molecule, drugs.Antibody)
        times = [time + self.onset for time in self.times(ticks * step)]
        return antibody_concentration(drug.molecule, self.dose, times, ticks, step), drug.molecule


@dataclass(frozen=True)
class AntiIL6(Antibodies):
    """An antibody that binds free IL-6."""

    type: ClassVar[str] = "anti-IL-6"
    LIBRARY: ClassVar[dict[str, Drug]] = {
        "MP5-20F3": Drug(drugs.MP5_20F3, "mouse", 0.5, 72.0, "binding assumed; half-life assumed"),
        "siltuximab": Drug(
            drugs.SILTUXIMAB, "human", 770.0, 504.0, "[Nikanjam 2019], [Jagdale 2024]; association assumed"
        ),
    }

    def apply(self, treatment_effects: TreatmentEffects, step: float) -> None:
        """Raise the loss of free IL-6, which the antibody binds and later partly releases."""
        amount, antibody = self.concentration(treatment_effects.size, step)
        captured = [drugs.capture_rate(value, antibody) for value in amount]
        combine(treatment_effects, "added_loss", captured, at=(slice(None), Substance.IL6))
        combine(treatment_effects, "unbinding", drugs.unbinding_rate(antibody), at=(amount > 0.0, Substance.IL6))


@dataclass(frozen=True)
class AntiIL6Receptor(Antibodies):
    """An antibody that occupies the IL-6 receptor."""

    type: ClassVar[str] = "anti-IL-6R"
    LIBRARY: ClassVar[dict[str, Drug]] = {
        "MR16-1": Drug(drugs.MR16_1, "mouse", 0.5, 72.0, "assumed: binds as tocilizumab does; half-life assumed"),
        "tocilizumab": Drug(drugs.TOCILIZUMAB, "human", 560.0, 672.0, "[Frey 2010]; share in tissue [Jagdale 2024]"),
    }

    def apply(self, treatment_effects: TreatmentEffects, step: float) -> None:
        """Lower the share of free receptors."""
        amount, antibody = self.concentration(treatment_effects.size, step)
        combine(treatment_effects, "receptor_left", [drugs.receptors_left(value, antibody) for value in amount])


@dataclass(frozen=True)
class SmallMolecules(RepeatedDoses):
    """Common part of small molecules."""

    @property
    def against(self) -> str:
        """The virus that the drug acts on; empty where it acts whatever the virus is."""
        return self.LIBRARY[self.drug].acts_on

    def left(self, ticks: int, step: float) -> list[float]:
        """Share left of what the drug inhibits, one number a step."""
        from abm.treatments.pharmacokinetics import small_molecule_concentration

        drug = self.LIBRARY[self.drug]
        assert isinstance(drug.molecule, drugs.SmallMolecule)
        times = self.times(ticks * step)
        amount = small_molecule_concentration(drug.molecule, self.dose, times, ticks, step)
        return [drugs.left_after_inhibition(value, drug.molecule) for value in amount]


@dataclass(frozen=True)
class JakInhibitor(SmallMolecules):
    """A JAK1/2 inhibitor: blunts the IL-6 signal, and that of interferon with it."""

    type: ClassVar[str] = "JAK inhibitor"
    LIBRARY: ClassVar[dict[str, Drug]] = {
        "ruxolitinib": Drug(drugs.RUXOLITINIB, "human", 20.0, 12.0, "[Shi 2011]"),
        "ruxolitinib (mouse)": Drug(drugs.RUXOLITINIB_MOUSE, "mouse", 1.2, 12.0, "[Shi 2011]; exposure assumed"),
    }

    def apply(self, treatment_effects: TreatmentEffects, step: float) -> None:
        """Lower both signals behind their receptors."""
        left = self.left(treatment_effects.size, step)
        combine(treatment_effects, "stat_left", left)
        combine(treatment_effects, "interferon_left", left)


@dataclass(frozen=True)
class Antiviral(SmallMolecules):
    """An antiviral: lowers virion release."""

    type: ClassVar[str] = "antiviral"
    LIBRARY: ClassVar[dict[str, Drug]] = {
        "oseltamivir": Drug(drugs.OSELTAMIVIR, "human", 75.0, 12.0, "[Kamal 2015]", "influenza"),
        "oseltamivir (mouse)": Drug(
            drugs.OSELTAMIVIR_MOUSE, "mouse", 0.2, 12.0, f"[Kamal 2015]; {AS_IN_PEOPLE}", "influenza"
        ),
        "nirmatrelvir": Drug(drugs.NIRMATRELVIR, "human", 300.0, 12.0, "over 90 %: [Du, eLife 89801]", "SARS-CoV-2"),
        "nirmatrelvir (mouse)": Drug(
            drugs.NIRMATRELVIR_MOUSE, "mouse", 6.0, 12.0, f"[Du, eLife 89801]; {AS_IN_PEOPLE}", "SARS-CoV-2"
        ),
    }

    def apply(self, treatment_effects: TreatmentEffects, step: float) -> None:
        """Lower virion release."""
        combine(treatment_effects, "release_left", self.left(treatment_effects.size, step))


@dataclass(frozen=True)
class OwnDrugGiven:
    """A drug that the scenario brings with its rules: at full level while it is given, then it decays."""

    drug: str
    start: Start = 0.0
    stop: Stop = ALWAYS
    half_life: Annotated[
        float, Quantity("time in which its level halves after the end", "h", 0.1, 8760.0, "scenario")
    ] = 24.0
    type: ClassVar[str] = "drug"

    def apply(self, treatment_effects: TreatmentEffects, step: float, number: int = 0) -> None:
        """Raise the level of the drug; number: its place among the drugs of the scenario."""
        import numpy as np

        hours = np.arange(treatment_effects.size) * step
        level = np.exp2(-np.maximum(0.0, hours - self.stop) / self.half_life) * (hours >= self.start)
        combine(treatment_effects, "own_drug", level, at=(slice(None), number))
