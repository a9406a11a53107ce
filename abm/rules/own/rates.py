"""The table of rates: what a rule may change, in whom.

A rule names a rate by its words, such as "secretion of IL-6" or "awakening". In compiled code a rate of one type of
cell, of one substance where it concerns one, is one number (`address`), which the process that applies the rate asks
for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag, auto

from abm.core.compiled import compiled
from abm.core.table import Declarations

_CELLS, _SUBSTANCES = 100, 100  # addresses are numbered in hundreds


class Where(IntEnum):
    """In what a rule acts that is no mobile cell; numbered after the types of mobile cells."""

    EPITHELIUM = 40
    INFECTED = 41
    DORMANT = 42
    PROLIFERATING = 43
    TISSUE = 44


class In(IntFlag):
    """Groups of what a rule acts in."""

    MOBILE = auto()
    MACROPHAGE = auto()
    EPITHELIUM = auto()
    INFECTED = auto()
    DORMANT = auto()
    PROLIFERATING = auto()
    TISSUE = auto()


@dataclass(frozen=True)
class RateType:
    """Declaration of a rate.

    Attributes:
        words: what it is called; `{substance}` stands for any substance.
        unit: in which a rule adds to it; "" for a pure number.
        high: most that a rule may add; assumed.
        who: what has this rate.
        is_factor_only: whether a rule can only multiply it.
        is_mean: whether it is the same in the whole section, and so follows the mean of the response over it.
        is_of_place: whether cells of a block share it, so that what a cell carries with itself is no signal of it.
    """

    words: str
    unit: str
    high: float
    who: In
    is_factor_only: bool = False
    is_mean: bool = False
    is_of_place: bool = False


class Rate(Declarations):
    """Rates that rules can change."""

    type: RateType

    SECRETION = RateType(
        "secretion of {substance}", "molecules/cell/s", 1000.0,
        In.MOBILE | In.INFECTED | In.DORMANT | In.PROLIFERATING,
    )  # fmt: skip
    LOSS_OF_SUBSTANCE = RateType("loss of {substance}", "1/h", 100.0, In.TISSUE, is_mean=True)
    ARRIVAL = RateType("arrival", "cell/mm^2/h", 20.0, In.MOBILE, is_mean=True)
    SPEED = RateType("speed", "um/min", 30.0, In.MOBILE)
    LOSS = RateType("loss", "1/h", 1.0, In.MOBILE)
    ACTIVATION = RateType("activation", "", 1.0, In.MOBILE)
    POLARIZATION = RateType("polarization", "1/h", 10.0, In.MACROPHAGE)
    PHAGOCYTOSIS = RateType("phagocytosis", "1/h", 20.0, In.MOBILE)
    KILLING_OF_INFECTED = RateType("killing of infected epithelium", "1/h", 20.0, In.MOBILE)
    KILLING_OF_PROLIFERATING = RateType("killing of proliferating cancer cells", "1/h", 20.0, In.MOBILE)
    KILLING_OF_DORMANT = RateType("killing of dormant cancer cells", "1/h", 20.0, In.MOBILE)
    INFECTION = RateType("infection", "", 0.0, In.EPITHELIUM, is_factor_only=True)
    PROTECTION = RateType("protection", "1/h", 10.0, In.EPITHELIUM)
    REGENERATION = RateType("regeneration", "1/h", 1.0, In.EPITHELIUM)
    RELEASE = RateType("release of virions", "", 0.0, In.INFECTED, is_factor_only=True)
    AWAKENING = RateType("awakening", "1/h", 1.0, In.DORMANT)
    DEATH = RateType("death", "1/h", 1.0, In.DORMANT | In.PROLIFERATING)
    DIVISION = RateType("division", "", 0.0, In.PROLIFERATING, is_factor_only=True)
    RETURN = RateType("return to dormancy", "1/h", 1.0, In.PROLIFERATING)
    DEGRADATION = RateType("degradation of the niche", "1/h", 10.0, In.TISSUE)
    REPAIR = RateType("repair of the niche", "1/h", 10.0, In.TISSUE)
    NET_RELEASE = RateType("release of NETs", "", 0.0, In.TISSUE, is_factor_only=True)
    ATTRACTION = RateType("attraction to {substance}", "", 1.0, In.MOBILE, is_of_place=True)
    TO_EPITHELIAL = RateType("transition to epithelial", "1/h", 1.0, In.PROLIFERATING)
    TO_MESENCHYMAL = RateType("transition to mesenchymal", "1/h", 1.0, In.DORMANT)


def rate_at(where: float) -> Rate:
    """The rate that an address belongs to."""
    return Rate(int(where) // (_CELLS * _SUBSTANCES))


@compiled
def who_of(where: float) -> int:
    """The type of mobile cell, or the `Where`, that an address belongs to."""
    return int(where) // _SUBSTANCES % _CELLS


@compiled
def address(rate: int, who: int, substance: int) -> float:
    """The number of a rate of a type of cell or of `Where`; substance: that it concerns, 0 where it concerns none."""
    return float((rate * _CELLS + who) * _SUBSTANCES + substance)
