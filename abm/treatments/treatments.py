"""Treatments: what each changes, from when to when.

A treatment is one frozen dataclass: its fields are what a scenario file may say (the same declarations check the file),
its `apply` combines what it does with the effects of the treatments before it, in one record per step. The compiled
loops only read these records, so a new treatment is one class, here or among the drugs (`abm.treatments.drugs`), and
one entry in `TREATMENTS`; an effect that no treatment had before is declared in `abm.treatments.effects`.

Effects by step are computed in `abm.treatments.effects_by_step` and `abm.treatments.pharmacokinetics`; they load numpy,
so they are imported where they are used: reading and checking scenarios does not wait for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, get_args

from abm.core.quantity import Quantity
from abm.rules.cells import CellKind
from abm.rules.substances import Substance
from abm.treatments.arrivals import CancerCellArrival
from abm.treatments.drugs import AntiIL6, AntiIL6Receptor, Antiviral, JakInhibitor, OwnDrugGiven
from abm.treatments.effects import combine
from abm.treatments.times import ALWAYS, Start, Stop

if TYPE_CHECKING:
    from abm.treatments.effects_by_step import TreatmentEffects

VACCINE_RIPENING = 336.0  # h: full immunity two weeks after vaccination
VACCINE_WANING = (
    "effectiveness against influenza falls by 7 to 11 of some 60 percentage points a month [Ferdinands 2017]; the odds "
    "of infection rise by 16 % in 28 d [Ray 2019]"
)
UNSHARED = 0.2  # share of T-cell memory that does not see a strain without a match; assumed
DEPLETION_ONSET = 24.0  # h


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
