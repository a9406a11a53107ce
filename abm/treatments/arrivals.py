"""Cancer cells that arrive in the lung on a day, as after an injection into a vein."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from abm.core.quantity import Quantity
from abm.treatments.effects import combine

if TYPE_CHECKING:
    from abm.treatments.effects_by_step import TreatmentEffects


@dataclass(frozen=True)
class CancerCellArrival:
    """Cancer cells that arrive through vessels at one time; each begins a clone. For studies that seed after infection.

    The cells of `dormancy.founders` are there from the start on; set it to 0 for cells that arrive only.
    """

    start: Annotated[float, Quantity("time at which they arrive", "h", 0.0, 87600.0, "scenario")] = 0.0
    density: Annotated[float, Quantity("cancer cells that arrive", "cell/mm^2", 0.0, 500.0, "scenario")] = 5.0
    type: ClassVar[str] = "cancer cells"

    def apply(self, treatment_effects: TreatmentEffects, step: float) -> None:
        """Let the cells arrive at `start`."""
        tick = round(self.start / step)
        if tick < treatment_effects.size:
            combine(treatment_effects, "arriving_cancer", self.density, at=tick)
