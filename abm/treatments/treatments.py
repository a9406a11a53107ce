"""Treatments: what each changes, from when to when.

A treatment is one frozen dataclass: its fields are what a scenario file may say (the same declarations check the file),
its `apply` combines what it does with the effects of the treatments before it, in one record per step. The compiled
loops only read these records, so a new treatment is one class here and one entry in `TREATMENTS`; an effect that no
treatment had before is declared in `abm.treatments.effects`.

Effects by step are computed in `abm.treatments.effects_by_step` and `abm.treatments.pharmacokinetics`; they load numpy,
so they are imported where they are used: reading and checking scenarios does not wait for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_args

from abm.core.quantity import Quantity
from abm.rules import pharmacology as drugs
from abm.rules.cells import CellKind
from abm.rules.substances import Substance
from abm.treatments.arrivals import CancerCellArrival
from abm.treatments.effects import combine

if TYPE_CHECKING:
    from abm.treatments.effects_by_step import TreatmentEffects
    from abm.treatments.pharmacokinetics import Series

VACCINE_RIPENING = 336.0  # h: full immunity two weeks after vaccination
VACCINE_WANING = (
    "effectiveness against influenza falls by 7 to 11 of some 60 percentage points a month [Ferdinands 2017]; the odds "
    "of infection rise by 16 % in 28 d [Ray 2019]"
)
UNSHARED = 0.2  # share of T-cell memory that does not see a strain without a match; assumed
DEPLETION_ONSET = 24.0  # h
INTRAPERITONEAL_ONSET = 12.0  # h, assumed
ALWAYS = 1e6  # h: later than any run
AS_IN_PEOPLE = "assumed: acts as the human dose does in people"

Start = Annotated[float, Quantity("first dose, or begin", "h", 0.0, 87600.0, "scenario")]
Stop = Annotated[float, Quantity("end: no dose at or after it", "h", 0.0, ALWAYS, "scenario")]
AS_USUAL: Any = None  # the usual dose and interval of the drug
Interval = Annotated[float, Quantity("time between doses", "h", 1.0, 8760.0, "scenario")]


@dataclass(frozen=True)
class Drug:
    """A named drug: what it is, whom it binds, its usual dose, and where its numbers come from."""

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

    def concentration(self, ticks: int, step: float) -> tuple[Series, drugs.Antibody]:
        """Concentration in lung tissue [nM] and the antibody."""
        from abm.treatments.pharmacokinetics import antibody_concentration

        drug = self.LIBRARY[self.drug]
        assert isinstance(drug.molecule, drugs.Antibody)
        onset = INTRAPERITONEAL_ONSET if drug.binds == "mouse" else 0.0  # people get it into a vein
        times = [time + onset for time in self.times(ticks * step)]
        return antibody_concentration(drug.molecule, self.dose, times, ticks, step), drug.molecule


@dataclass(frozen=True)
class AntiIL6(Antibodies):
    """An antibody that takes free IL-6 away."""

    type: ClassVar[str] = "anti-IL-6"
    LIBRARY: ClassVar[dict[str, Drug]] = {
        "MP5-20F3": Drug(drugs.MP5_20F3, "mouse", 0.5, 72.0, "binding assumed; half-life assumed"),
        "siltuximab": Drug(
            drugs.SILTUXIMAB, "human", 770.0, 504.0, "[Nikanjam 2019], [Jagdale 2024]; association assumed"
        ),
    }

    def apply(self, treatment_effects: TreatmentEffects, step: float) -> None:
        """Raise the loss of free IL-6, which the antibody holds and lets go again."""
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
class IL6Knockout:
    """No cell of the host makes IL-6, from birth. The one IL-6 arm tested in vivo in Chia 2025."""

    type: ClassVar[str] = "IL-6 knockout"

    def apply(self, treatment_effects: TreatmentEffects, step: float) -> None:  # noqa: ARG002  (every treatment has this form)
        """Silence every source."""
        combine(treatment_effects, "secretion_left", 0.0, at=(slice(None), Substance.IL6))


@dataclass(frozen=True)
class Vaccination:
    """A vaccine against a virus, by default that of the scenario, or a strain like it; given before day 0.

    It gives antibody, protection from infection and T-cell memory. The first two wane, and fall with the match of the
    strains; memory is nearly as good against another strain, because T cells mostly see inner proteins.
    """

    before: Annotated[
        float, Quantity("how long before day 0", "h", 0.0, 87600.0, "scenario; full immunity from 14 d on", "assumed")
    ] = 672.0
    efficacy: Annotated[
        float, Quantity("share of full immunity that it gives at its best", "", 0.0, 1.0, "scenario", "assumed")
    ] = 0.3
    match: Annotated[
        float, Quantity("how well its antibody binds the strain of the infection", "", 0.0, 1.0, "scenario", "assumed")
    ] = 1.0
    half_life: Annotated[
        float, Quantity("time in which antibody and protection halve", "h", 240.0, 876000.0, VACCINE_WANING, "assumed")
    ] = 3000.0
    virus: str = ""
    type: ClassVar[str] = "vaccination"

    @property
    def against(self) -> str:
        """The virus that it acts on; empty where that is the virus of the scenario."""
        return self.virus

    def apply(self, treatment_effects: TreatmentEffects, step: float) -> None:
        """Give T-cell memory and antibody at the start, and lower infectivity."""
        import numpy as np

        ripe = self.efficacy * min(1.0, self.before / VACCINE_RIPENING)
        since = max(0.0, self.before - VACCINE_RIPENING) + np.arange(treatment_effects.size) * step
        protection = ripe * self.match * np.exp2(-since / self.half_life)
        combine(treatment_effects, "memory_given", ripe * (1.0 - UNSHARED * (1.0 - self.match)), at=0)
        combine(treatment_effects, "antibody_given", protection[0], at=0)
        combine(treatment_effects, "vaccinated", protection)


DEPLETABLE: dict[str, tuple[CellKind, ...]] = {
    name: tuple(kind for kind in CellKind if kind.type.treated_as == name)
    for name in dict.fromkeys(kind.type.treated_as for kind in CellKind)
    if name
}


@dataclass(frozen=True)
class Depletion:
    """An antibody (or clodronate for macrophages) that removes one type of immune cell."""

    cells: str
    start: Start = 0.0
    stop: Stop = ALWAYS
    efficacy: Annotated[
        float, Quantity("share removed within 24 h", "", 0.0, 0.999, "90-99 %; neutrophils 80 %; recalled, unverified")
    ] = 0.95
    type: ClassVar[str] = "depletion"

    def apply(self, treatment_effects: TreatmentEffects, step: float) -> None:
        """Remove cells and hold back arrivals, then come back with a half-life of 7 d after `stop`."""
        from abm.treatments.pharmacokinetics import depletion_level

        level = depletion_level(self.start, self.stop, treatment_effects.size, step)
        for kind in DEPLETABLE[self.cells]:
            loss = level * -math.log1p(-self.efficacy) / DEPLETION_ONSET
            combine(treatment_effects, "removal", loss, at=(slice(None), kind))
            combine(treatment_effects, "influx_left", 1.0 - self.efficacy * level, at=(slice(None), kind))


@dataclass(frozen=True)
class Transfer:
    """Cells put into the lung at one time."""

    cells: str
    start: Start = 0.0
    density: Annotated[float, Quantity("transferred cells", "cell/mm^2", 0.0, 500.0, "scenario")] = 50.0
    type: ClassVar[str] = "transfer"

    def apply(self, treatment_effects: TreatmentEffects, step: float) -> None:
        """Put the cells in at `start`."""
        tick = round(self.start / step)
        if tick < treatment_effects.size:
            combine(treatment_effects, "transfer", self.density, at=(tick, DEPLETABLE[self.cells][-1]))


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


Treatment = (
    AntiIL6
    | AntiIL6Receptor
    | JakInhibitor
    | Antiviral
    | IL6Knockout
    | Vaccination
    | Depletion
    | Transfer
    | CancerCellArrival
    | OwnDrugGiven
)
TREATMENTS: dict[str, type[Treatment]] = {kind.type: kind for kind in get_args(Treatment)}


@dataclass(frozen=True)
class Infection:
    """Virus that arrives at one time; several of the same virus are re-infections.

    virus: by name; by default that of the scenario.
    """

    time: Annotated[float, Quantity("time of inoculation", "h", 0.0, 87600.0, "scenario")] = 0.0
    dose: Annotated[float, Quantity("inoculum relative to that of the virus", "", 0.0, 1000.0, "scenario")] = 1.0
    virus: str = ""
