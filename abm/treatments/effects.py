"""Treatment effects: everything that treatments and infections can change in the tissue, each declared once.

From an effect's declaration follow its field in the record of a step, its value without treatment, how two treatments
combine, and whether resting tissue and quiet time must stop for it (`abm.treatments.effects_by_step`). A new effect is
one entry here, a treatment that writes it, and a process that reads it as `effects.<name>`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from abm.core.table import Declarations
from abm.rules.cells import CellKind
from abm.rules.own.slots import ALL_KINDS, ALL_SUBSTANCES, OwnDrug
from abm.rules.states import VirusOfRun
from abm.rules.substances import Substance

if TYPE_CHECKING:
    from abm.treatments.effects_by_step import TreatmentEffects


class Acts(IntEnum):
    """When the tissue responds to an effect."""

    AT_REST = 0  # at any time, also without infection; quiet time follows it in strides
    STEP_BY_STEP = 1  # at any time, also without infection; strides do not follow it, so no quiet time passes
    IN_INFECTION = 2  # only in the presence of virus; resting tissue need not stop for it
    AT_ONCE = 3  # an amount added to the tissue in one step


class Combination(NamedTuple):
    """How the effects of two treatments combine.

    Attributes:
        neutral: value without treatment; combined with it, every value stays what it is.
        combine: the value under both, from the two values (numbers or arrays).
    """

    neutral: float
    combine: Callable[[Any, Any], Any]


def _greater(one: Any, other: Any) -> Any:
    """The greater of two values, element by element."""
    import numpy as np

    return np.maximum(one, other)


def _bound_by_both(one: Any, other: Any) -> Any:
    """The share of a target that two drugs which bind it leave free, element by element.

    The odds of being bound, 1 / free - 1, add up (law of mass action): two half doses leave as much as a whole one. A
    single drug leaves its own share, to the last bit.
    """
    import numpy as np

    more, less = np.maximum(one, other), np.minimum(one, other)
    either = more + less * (1.0 - more)
    return more * less / np.where(either > 0.0, either, 1.0)


MULTIPLY = Combination(1.0, operator.mul)  # shares that are left
COMPETE = Combination(1.0, _bound_by_both)  # shares of a target that drugs leave free
ADD = Combination(0.0, operator.add)  # rates, and amounts that are put in
GREATEST = Combination(0.0, _greater)  # protection, immunity given, unbinding, levels of drugs: the greater counts


class Effect(NamedTuple):
    """Declaration of a treatment effect.

    Attributes:
        name: field of the record of a step.
        meaning: what the number is.
        unit: empty for a pure number.
        combination: value without treatment, and how two treatments combine.
        acts: when the tissue responds to it.
        per: the table that has one value for each of its members, such as one for each type of cell; None: one. A
            treatment writes the value for its virus and need not know which of the run it is (`effects_on_virus`).
    """

    name: str
    meaning: str
    unit: str
    combination: Combination
    acts: Acts = Acts.AT_REST
    per: type[Declarations] | type[VirusOfRun] | type[OwnDrug] | None = None

    @property
    def width(self) -> int:
        """How many numbers it has: one, or one for each member of the table and each slot of a user's own."""
        if self.per is None:
            return 1
        return _WITH_SLOTS.get(self.per, len(self.per))


_WITH_SLOTS: dict[type, int] = {Substance: ALL_SUBSTANCES, CellKind: ALL_KINDS}
EFFECTS = (
    Effect("secretion_left", "share of the secretion of every source left", "", MULTIPLY, per=Substance),
    Effect("added_loss", "added loss of a free substance", "1/h", ADD, per=Substance),
    Effect("unbinding", "rate at which drugs let go of a substance that they hold", "1/h", GREATEST, per=Substance),
    Effect("receptor_left", "share of IL-6 receptors free", "", COMPETE),
    Effect("stat_left", "share of the IL-6 signal left behind the receptor", "", COMPETE),
    Effect("interferon_left", "share of the interferon signal left", "", COMPETE),
    Effect("release_left", "share of virion release left", "", COMPETE, Acts.IN_INFECTION, per=VirusOfRun),
    Effect("vaccinated", "share of full protection from infection by a vaccine", "", GREATEST, Acts.IN_INFECTION,
           per=VirusOfRun),
    Effect("memory_given", "T-cell memory given, share of the full memory", "", GREATEST, Acts.AT_ONCE, per=VirusOfRun),
    Effect("antibody_given", "antibody given, share of the full level", "", GREATEST, Acts.AT_ONCE, per=VirusOfRun),
    Effect("inoculum", "virions that arrive", "virion/mm^2", ADD, Acts.AT_ONCE, per=VirusOfRun),
    Effect("removal", "added loss of mobile cells", "1/h", ADD, Acts.STEP_BY_STEP, per=CellKind),
    Effect("influx_left", "share of arrivals left", "", MULTIPLY, Acts.STEP_BY_STEP, per=CellKind),
    Effect("transfer", "transferred cells", "cell/mm^2", ADD, Acts.AT_ONCE, per=CellKind),
    Effect("own_drug", "level of a drug that the scenario declares", "", GREATEST, per=OwnDrug),
    Effect("arriving_cancer", "cancer cells that arrive", "cell/mm^2", ADD, Acts.AT_ONCE),
)  # fmt: skip


def combine(treatment_effects: TreatmentEffects, name: str, value: Any, at: Any = slice(None)) -> None:
    """Combine an effect of a treatment with those of the treatments before it.

    Args:
        treatment_effects: effects by step, changed in place.
        name: of the effect.
        value: what the treatment does; a number or one per step of `at`.
        at: index of the steps, and of the member where there is one value for each.
    """
    values, combination = treatment_effects[name], next(each.combination for each in EFFECTS if each.name == name)
    values[at] = combination.combine(values[at], value)
