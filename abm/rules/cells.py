"""The table of mobile cells: leukocytes, and fibroblasts, which move by the same law. Each type is declared once.

From its declaration follow its parameters (`cells.<name>`), arrival, stay, migration and secretion, its curve, color,
legend and place in pictures and on the page, and its pass through quiet time and saved states. What only one type does
is a process of its own, such as the killing of cancer cells by CD8 cells (`abm.processes`).

Densities at rest are those of the mouse lung (Jhutty 2022, five mice a day) over 17,170 mm2 of alveolar surface
(PMC5807959, mice of 14 days: an adult lung has more surface, so that densities may be 2-5 times too high). Those of
fibroblasts are *assumed*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group, quantities
from abm.core.table import Declarations, group_by
from abm.rules.states import EpithelialState
from abm.rules.substances import Substance

ITSELF = -1.0  # for `behaves_as`: a type that shares its secretion and phagocytosis with no other
NOTHING = -1  # no state of the epithelium
STAY_STAGES = 4.0  # of a recruited macrophage, so that those that came together also mature together (assumed)


class Secretion(NamedTuple):
    """Secretion of one substance by one mobile cell [molecules/cell/s]."""

    at_rest: float = 0.0
    activated: float = 0.0  # at full activation
    power: float = 1.0  # with which it follows the activation


@compiled
def secretion_rate(is_held_back: bool, activation: float, s: Secretion) -> float:
    """Secretion of one cell [molecules/cell/s]: from resting to activated, with a power of its activation.

    is_held_back: a CD206+ macrophage, which secretes as at rest whatever its activation.
    """
    if is_held_back:
        return s.at_rest
    followed = activation if s.power == 1.0 else activation**s.power
    return s.at_rest + (s.activated - s.at_rest) * followed


def secretes(**rates: Secretion) -> Any:
    """Secretion of each substance: what is said, and none of the others.

    Raises:
        TypeError: a substance that is not declared.
    """
    unknown = [name for name in rates if name not in _NAMES]
    if unknown:
        raise TypeError(f"{unknown[0]}: is not a declared substance; there are: {', '.join(_NAMES)}")
    return Secretions(**rates)


_NAMES = tuple(substance.key for substance in Substance)
Secretions: Any = group_by(Substance, "Secretions", __name__, {each: Secretion() for each in Substance})


@parameter_group
class CellNumbers(NamedTuple):
    """A type of mobile cell in numbers; those without a quantity are parameters only of types that declare them so.

    Attributes:
        resting_density: cell/mm2. peak_influx: cell/mm2/h. loss: 1/h. speed: um/min.
        node_output: cells that the lymph node sends to the lung in a response [cell/mm2].
        phagocytosis: clearing of a dead cell under it [1/h].
        secretion: of each substance.
        stay_stages: equal stages of its stay, of random length each.
        held_on: state of the epithelial cells on which it is held; NOTHING where on none.
        is_lymphocyte: whether it hunts proliferating cancer cells and is slowed by collagen.
        is_t_cell: whether some stay as tissue memory.
        is_macrophage: whether it polarizes, CD206+ or MHCII+, and secretes as at rest while CD206+.
        is_alarmed: whether virions, infected and dead cells activate it.
        behaves_as: number of the type whose secretion and phagocytosis it shares; ITSELF where of none.
    """

    resting_density: float = param(None, "cell/mm^2", 0.0, 200.0).measured("density in resting lung", "[Jhutty 2022]")
    peak_influx: float = param(None, "cell/mm^2/h", 0.0, 20.0).fitted(
        "influx on top of the resting one at full inflammation", "computed from the steepest net rise, [Jhutty 2022]"
    )
    loss: float = param(None, "1/h", 0.0005, 0.2).fitted(
        "loss",
        "inverse of the mean life; fitted to mice [Jhutty 2022], but for resident macrophages, fibroblasts (peers)",
    )
    speed: float = param(None, "um/min", 0.0, 20.0).assumed("speed")
    node_output: float = 0.0
    phagocytosis: float = 0.0
    secretion: Any = Secretions()
    stay_stages: float = 1.0
    held_on: float = NOTHING
    is_lymphocyte: float = 0.0
    is_t_cell: float = 0.0
    is_macrophage: float = 0.0
    is_alarmed: float = 0.0
    behaves_as: float = ITSELF


@dataclass(frozen=True)
class CellType:
    """Declaration of a type of mobile cell.

    Attributes:
        title: its name for people.
        curve: name of its measure, the density. plural: what that is a density of.
        color, radius: as it is drawn; radius in sites.
        numbers: density, influx, loss, speed and what it does.
        is_stroma: whether it belongs to the tissue and not to the blood; drawn with the fibroblasts, below all others.
        heals: whether it is followed one by one in quiet time while the matrix heals.
    """

    title: str
    curve: str
    plural: str
    color: tuple[int, int, int]
    radius: float
    numbers: CellNumbers
    is_stroma: bool = False
    heals: bool = False


class CellKind(Declarations):
    """Mobile cells of the tissue."""

    RESIDENT_MACROPHAGE = CellType(
        "resident macrophage", "resident_macrophages", "resident macrophages", color=(43, 83, 35), radius=1.7,
        numbers=CellNumbers(
            resting_density=10.5, peak_influx=0.644, loss=0.0028,
            speed=param(0.8, "um/min", 0.0, 1.6).measured("speed of a resident macrophage", "[Neupane 2020]"),
            phagocytosis=param(1.6, "1/h", 0.1, 20.0).assumed(
                "clearing of dead cells by a macrophage, resident or recruited, on the site", "assumed; [pc4covid] 10/h"
            ),
            secretion=secretes(
                il6=Secretion(
                    at_rest=param(0.053, "molecules/cell/s", 0.0, 0.36).measured(
                        "secretion of a CD206+ macrophage, resident or recruited",
                        "human lavage cells 165.5 pg/24 h/1e6 = 0.053",
                    ),
                    activated=param(1.84, "molecules/cell/s", 0.0, 13.0).fitted(
                        "secretion of a fully activated MHCII+ macrophage, resident or recruited",
                        "lavage budget [Jhutty 2022]; human moDC + LPS 13 [FEBS Lett 2018]; fitted to mice "
                        "[Jhutty 2022]",
                    ),
                    power=param(2.43, "", 1.0, 4.0).fitted(
                        "power with which the IL-6 of an MHCII+ macrophage follows its activation",
                        "above 1, IL-6 ends before interferon does, as in lavage on days 7-11 [Jhutty 2022]; fitted to "
                        "these mice",
                    ),
                ),
                interferon=Secretion(
                    activated=param(2.97, "molecules/cell/s", 0.0, 50.0).fitted(
                        "secretion of an MHCII+ macrophage, resident or recruited",
                        "computed: lavage IFN-beta stays high after the virus has gone [Jhutty 2022]; fitted to these "
                        "mice",
                    )
                ),
            ),
            held_on=EpithelialState.DEAD, is_macrophage=True, is_alarmed=True,
        ),
    )  # fmt: skip
    RECRUITED_MACROPHAGE = CellType(
        "recruited macrophage", "recruited_macrophages", "recruited macrophages", color=(11, 148, 132), radius=1.7,
        numbers=CellNumbers(
            resting_density=0.0, peak_influx=1.51, loss=0.018,
            speed=param(4.0, "um/min", 0.0, 8.0).peer("speed of a recruited macrophage", "[pc4covid]"),
            stay_stages=STAY_STAGES, held_on=EpithelialState.DEAD, is_macrophage=True, is_alarmed=True,
            behaves_as=0.0,  # a resident macrophage
        ),
    )  # fmt: skip
    NEUTROPHIL = CellType(
        "neutrophil", "neutrophils", "neutrophils", color=(45, 38, 45), radius=1.1,
        numbers=CellNumbers(
            resting_density=22.0, peak_influx=6.5, loss=0.034,
            speed=param(10.0, "um/min", 0.0, 20.0).assumed("speed of a neutrophil", "peers 10-19"),
            phagocytosis=param(1.0, "1/h", 0.0, 14.0).assumed(
                "clearing of dead cells by a neutrophil on the site", "assumed; [pc4covid] 7/h"
            ),
            secretion=secretes(
                il6=Secretion(
                    activated=param(0.015, "molecules/cell/s", 0.0, 0.1).peer(
                        "secretion of an activated neutrophil", "[NLISIM] 0.0144"
                    )
                )
            ),
            held_on=EpithelialState.DEAD, is_alarmed=True,
        ),
    )  # fmt: skip
    NK = CellType(
        "NK cell", "nk", "NK cells", color=(126, 50, 143), radius=1.4,
        numbers=CellNumbers(
            resting_density=2.0, peak_influx=2.05, loss=0.0257,
            speed=param(5.0, "um/min", 0.0, 10.0).assumed("speed of an NK cell"),
            held_on=EpithelialState.EXPRESSING, is_lymphocyte=True,
        ),
    )  # fmt: skip
    CD8 = CellType(
        "CD8 T cell", "cd8", "CD8 T cells", color=(18, 43, 211), radius=1.2,
        numbers=CellNumbers(
            resting_density=1.2, peak_influx=0.0, loss=0.0244,
            speed=param(4.0, "um/min", 0.0, 10.0).peer("speed of a CD8 T cell", "[pc4covid] 4; lung 4-7"),
            node_output=param(110.0, "cell/mm^2", 0.0, 1000.0).fitted(
                "CD8 cells sent to the lung per response",
                "computed: peak 101/mm2 on day 9 [Jhutty 2022]; fitted to these mice",
            ),
            held_on=EpithelialState.EXPRESSING, is_lymphocyte=True, is_t_cell=True,
        ),
    )  # fmt: skip
    CD4 = CellType(
        "CD4 T cell", "cd4", "CD4 T cells", color=(131, 129, 250), radius=1.2,
        numbers=CellNumbers(
            resting_density=1.6, peak_influx=0.0, loss=0.0223,
            speed=param(4.0, "um/min", 0.0, 10.0).peer("speed of a CD4 T cell", "[pc4covid] 4; [micromets] 2"),
            node_output=param(51.8, "cell/mm^2", 0.0, 1000.0).fitted(
                "CD4 cells sent to the lung per response",
                "computed: peak 45/mm2 on day 9 [Jhutty 2022]; fitted to these mice",
            ),
            is_lymphocyte=True, is_t_cell=True,
        ),
    )  # fmt: skip
    FIBROBLAST = CellType(
        "fibroblast", "fibroblasts", "fibroblasts", color=(188, 146, 84), radius=0.9,
        numbers=CellNumbers(
            resting_density=30.0, peak_influx=0.25, loss=0.005,
            speed=param(0.3, "um/min", 0.0, 1.0).assumed("speed of a fibroblast"),
            secretion=secretes(
                il6=Secretion(
                    activated=param(0.5, "molecules/cell/s", 0.0, 10.0).assumed(
                        "secretion of an activated fibroblast",
                        "sign: lung fibroblasts beat macrophages after IL-1 [Kotloff 1990]",
                    )
                )
            ),
            is_alarmed=True,
        ),
        is_stroma=True, heals=True,
    )  # fmt: skip

    @property
    def type(self) -> CellType:
        """What was declared of it."""
        declared: CellType = self.declared
        return declared

    @property
    def shares_with(self) -> CellKind:
        """The type whose secretion and phagocytosis it has: itself, or another."""
        other = self.type.numbers.behaves_as
        return self if other == ITSELF else CellKind(int(other))


def _check(kind: CellKind) -> None:
    """Refuse a declaration that compiled code, which does not look, would take for something else.

    Raises:
        ValueError: it behaves as a type that there is not, or is held on a state that there is not.
    """
    other, held_on = kind.type.numbers.behaves_as, kind.type.numbers.held_on
    if other not in (ITSELF, *CellKind) or (other != ITSELF and CellKind(int(other)).type.numbers.behaves_as != ITSELF):
        raise ValueError(f"{kind.name}: behaves_as = {other:g} is no type of cell that behaves as itself")
    if held_on not in (NOTHING, *EpithelialState):
        raise ValueError(f"{kind.name}: held_on = {held_on:g} is no state of the epithelium")


for _kind in CellKind:
    _check(_kind)

KINDS = len(CellKind)
Cells: Any = group_by(CellKind, "Cells", __name__, {kind: kind.type.numbers for kind in CellKind})


@compiled
def behaves_as(kind: int, cells: Any) -> int:
    """The type whose secretion and phagocytosis a type of cell has: its own, or that of another."""
    other = cells[kind].behaves_as
    return kind if other < 0.0 else int(other)


def secretes_at_rest(kind: CellKind, substance: Substance) -> bool:
    """Whether a type of cell is declared to secrete a substance in resting lung."""
    return _may_secrete(kind, substance, "at_rest")


def secretes_activated(kind: CellKind, substance: Substance) -> bool:
    """Whether a type of cell is declared to secrete a substance when it is activated."""
    return _may_secrete(kind, substance, "activated")


def _may_secrete(kind: CellKind, substance: Substance, when: str) -> bool:
    """Whether a rate of secretion is more than zero, or a parameter, which can be set so."""
    rates = Cells()[kind.shares_with].secretion[substance]
    is_parameter = f"{kind.shares_with.key}.secretion.{substance.key}.{when}" in quantities(Cells)
    return is_parameter or bool(getattr(rates, when) > 0.0)


def is_secreted_at_rest(substance: Substance) -> bool:
    """Whether any type of cell is declared to secrete a substance in resting lung."""
    return any(secretes_at_rest(kind, substance) for kind in CellKind)
