"""The table of mobile cells: leukocytes and fibroblasts. Each type is declared once.

The declaration sets the parameters of the type (`cells.<name>`), its recruitment, residence, migration and secretion,
its curve, color and legend in figures and on the page, and how it is saved and passes quiet time. A function of one
type only, such as the killing of cancer cells by CD8 cells, is a process in `abm.processes`.

Resting densities are those of the mouse lung (Jhutty 2022, five mice per day) over 17,170 mm2 of alveolar surface
(PMC5807959, mice aged 14 days; an adult lung has more surface, so densities may be 2-5 times too high). The density of
fibroblasts is *assumed*.
"""

from __future__ import annotations

from typing import Any

from abm.core.compiled import compiled
from abm.core.lattice import BLOCK
from abm.core.quantity import param, quantities
from abm.core.table import Declarations, group_by
from abm.rules.cell_type import (
    ITSELF,
    NOTHING,
    CellNumbers,
    CellType,
    Secretion,
    density_in_mice,
    influx_in_mice,
    loss_in_mice,
    loss_of_peers,
    secretes,
)
from abm.rules.states import EpithelialState
from abm.rules.substances import Substance


class CellKind(Declarations):
    """Mobile cells of the tissue."""

    type: CellType

    RESIDENT_MACROPHAGE = CellType(
        "resident macrophage", "resident_macrophages", "resident macrophages", color=(43, 83, 35), radius=1.7,
        treated_as="macrophage",
        numbers=CellNumbers(
            resting_density=density_in_mice(10.5), peak_influx=influx_in_mice(0.0467), loss=loss_of_peers(0.0028),
            speed=param(0.8, "um/min", 0.0, 1.6).measured("speed of a resident macrophage", "[Neupane 2020]"),
            phagocytosis=param(1.6, "1/h", 0.1, 20.0).assumed(
                "clearance of the dead cell on its site by a macrophage, resident or recruited",
                "assumed; [pc4covid] 10/h",
            ),
            secretion=secretes(
                il6=Secretion(
                    at_rest=param(0.053, "molecules/cell/s", 0.0, 0.36).measured(
                        "secretion of a CD206+ macrophage, resident or recruited",
                        "human lavage cells 165.5 pg/24 h/1e6 = 0.053",
                    ),
                    activated=param(2.55, "molecules/cell/s", 0.0, 13.0).fitted(
                        "secretion of a fully activated MHCII+ macrophage, resident or recruited",
                        "lavage budget [Jhutty 2022]; human moDC + LPS 13 [FEBS Lett 2018]; fitted to mice "
                        "[Jhutty 2022]",
                    ),
                ),
                interferon=Secretion(
                    activated=param(7.28, "molecules/cell/s", 0.0, 50.0).fitted(
                        "secretion of an MHCII+ macrophage, resident or recruited",
                        "computed: lavage IFN-beta stays high after the virus has gone [Jhutty 2022]; fitted to these "
                        "mice",
                    )
                ),
                tnf=Secretion(
                    activated=param(0.45, "molecules/cell/s", 0.0, 50.0).assumed(
                        "secretion of a fully activated MHCII+ macrophage, resident or recruited",
                        "computed: 25 pg/mL in lavage [Jhutty 2022]",
                    ),
                ),
                mcp1=Secretion(
                    activated=param(1.46, "molecules/cell/s", 0.0, 50.0).fitted(
                        "secretion of a fully activated MHCII+ macrophage, resident or recruited",
                        "computed: lavage stays high on day 9, when few cells are infected [Jhutty 2022]; fitted to "
                        "these mice",
                    ),
                ),
                il1b=Secretion(
                    activated=param(1.3, "molecules/cell/s", 0.0, 50.0).assumed(
                        "secretion of a fully activated MHCII+ macrophage, resident or recruited",
                        "computed: 28 pg/mL in lavage [Jhutty 2022]",
                    ),
                ),
                tgfb2=Secretion(
                    at_rest=param(1.0, "molecules/cell/s", 0.0, 100.0).assumed(
                        "secretion of a macrophage, resident or recruited; none by a fully activated MHCII+ one",
                        "sign: macrophages of the alveoli make TGF-beta2 [Dalla 2024]; only its ratio to "
                        "dormancy.tgfb2_half matters",
                    ),
                ),
            ),
            held_on=EpithelialState.DEAD, is_macrophage=True, senses_infection=True,
        ),
    )  # fmt: skip
    RECRUITED_MACROPHAGE = CellType(
        "recruited macrophage", "recruited_macrophages", "recruited macrophages", color=(11, 148, 132), radius=1.7,
        treated_as="macrophage",
        numbers=CellNumbers(
            resting_density=density_in_mice(0.0), peak_influx=influx_in_mice(3.71), loss=loss_in_mice(0.0539),
            speed=param(4.0, "um/min", 0.0, 8.0).peer("speed of a recruited macrophage", "[pc4covid]"),
            held_on=EpithelialState.DEAD, is_macrophage=True, senses_infection=True,
            shares_with=0.0,  # a resident macrophage
        ),
    )  # fmt: skip
    NEUTROPHIL = CellType(
        "neutrophil", "neutrophils", "neutrophils", color=(45, 38, 45), radius=1.1, treated_as="neutrophil",
        numbers=CellNumbers(
            resting_density=density_in_mice(22.0), peak_influx=influx_in_mice(2.32), loss=loss_in_mice(0.0322),
            speed=param(10.0, "um/min", 0.0, 20.0).assumed("speed of a neutrophil", "peers 10-19"),
            phagocytosis=param(1.0, "1/h", 0.0, 14.0).assumed(
                "clearance of the dead cell on its site by a neutrophil", "assumed; [pc4covid] 7/h"
            ),
            secretion=secretes(
                il6=Secretion(
                    activated=param(0.015, "molecules/cell/s", 0.0, 0.1).peer(
                        "secretion of an activated neutrophil", "[NLISIM] 0.0144"
                    )
                )
            ),
            held_on=EpithelialState.DEAD, senses_infection=True,
        ),
    )  # fmt: skip
    NK = CellType(
        "NK cell", "nk", "NK cells", color=(126, 50, 143), radius=1.4, treated_as="NK",
        numbers=CellNumbers(
            resting_density=density_in_mice(2.0), peak_influx=influx_in_mice(0.698), loss=loss_in_mice(0.0185),
            speed=param(5.0, "um/min", 0.0, 10.0).assumed("speed of an NK cell"),
            secretion=secretes(
                ifn_gamma=Secretion(
                    activated=param(0.343, "molecules/cell/s", 0.0, 200.0).fitted(
                        "secretion of a fully activated NK cell",
                        "computed: 57 pg/mL in lavage on day 3, before T cells [Jhutty 2022]; fitted to these mice",
                    ),
                ),
            ),
            held_on=EpithelialState.EXPRESSING, senses_infection=True, is_lymphocyte=True,
        ),
    )  # fmt: skip
    CD8 = CellType(
        "CD8 T cell", "cd8", "CD8 T cells", color=(18, 43, 211), radius=1.2, treated_as="CD8",
        numbers=CellNumbers(
            resting_density=density_in_mice(1.2), peak_influx=0.0, loss=loss_in_mice(0.0189),
            speed=param(4.0, "um/min", 0.0, 10.0).peer("speed of a CD8 T cell", "[pc4covid] 4; lung 4-7"),
            node_output=param(103.0, "cell/mm^2", 0.0, 1000.0).fitted(
                "CD8 cells sent to the lung per response",
                "computed: peak 101/mm2 on day 9 [Jhutty 2022]; fitted to these mice",
            ),
            secretion=secretes(
                ifn_gamma=Secretion(
                    activated=param(40.0, "molecules/cell/s", 0.0, 400.0).assumed(
                        "secretion of a fully activated CD8 T cell",
                        "computed: 4,600 pg/mL in lavage on day 7 [Jhutty 2022]",
                    ),
                    power=param(7.44, "", 1.0, 8.0).fitted(
                        "exponent of the activation in the IFN-gamma secretion of a CD8 T cell",
                        "sign: secretion stops when contact with antigen ends [Slifka 1999]; above 1, so that "
                        "IFN-gamma falls thirtyfold from day 7 to day 9 [Jhutty 2022]; fitted to these mice",
                    ),
                ),
                il10=Secretion(
                    activated=param(1.21, "molecules/cell/s", 0.0, 40.0).fitted(
                        "secretion of a fully activated CD8 T cell",
                        "sign: effector T cells secrete it, CD8 cells most [Sun 2009]; computed: 100 pg/mL in lavage "
                        "[Jhutty 2022]; fitted to these mice",
                    ),
                ),
            ),
            held_on=EpithelialState.EXPRESSING, senses_infection=True, is_lymphocyte=True, is_t_cell=True,
        ),
    )  # fmt: skip
    CD4 = CellType(
        "CD4 T cell", "cd4", "CD4 T cells", color=(131, 129, 250), radius=1.2, treated_as="CD4",
        numbers=CellNumbers(
            resting_density=density_in_mice(1.6), peak_influx=0.0, loss=loss_in_mice(0.00674),
            speed=param(4.0, "um/min", 0.0, 10.0).peer("speed of a CD4 T cell", "[pc4covid] 4; [micromets] 2"),
            node_output=param(34.7, "cell/mm^2", 0.0, 1000.0).fitted(
                "CD4 cells sent to the lung per response",
                "computed: peak 45/mm2 on day 9 [Jhutty 2022]; fitted to these mice",
            ),
            secretion=secretes(
                il10=Secretion(
                    activated=param(0.2, "molecules/cell/s", 0.0, 40.0).assumed(
                        "secretion of a fully activated CD4 T cell",
                        "sign: effector T cells secrete it, CD8 cells most [Sun 2009]; computed: 100 pg/mL in lavage "
                        "[Jhutty 2022]",
                    ),
                ),
            ),
            senses_infection=True, is_lymphocyte=True, is_t_cell=True,
        ),
    )  # fmt: skip
    FIBROBLAST = CellType(
        "fibroblast", "fibroblasts", "fibroblasts", color=(188, 146, 84), radius=0.9,
        numbers=CellNumbers(
            resting_density=30.0, peak_influx=0.25, loss=loss_of_peers(0.005),
            speed=param(0.3, "um/min", 0.0, 1.0).assumed("speed of a fibroblast"),
            secretion=secretes(
                il6=Secretion(
                    activated=param(0.5, "molecules/cell/s", 0.0, 10.0).assumed(
                        "secretion of an activated fibroblast",
                        "sign: lung fibroblasts secrete more than macrophages after IL-1 [Kotloff 1990]",
                    )
                )
            ),
            senses_infection=True,
        ),
        is_stroma=True, repairs_matrix=True,
    )  # fmt: skip

    @property
    def shares_with(self) -> CellKind:
        """The type whose secretion and phagocytosis it has: itself or another type."""
        other = self.type.numbers.shares_with
        return self if other == ITSELF else CellKind(int(other))


KINDS = len(CellKind)
Cells: Any = group_by(CellKind, "Cells", __name__, {kind: kind.type.numbers for kind in CellKind})


@compiled
def shares_with(kind: int, cells: Any) -> int:
    """Number of the type whose secretion and phagocytosis this type has: its own or that of another."""
    other = cells[kind].shares_with
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


def _check(kind: CellKind) -> None:
    """Refuse a declaration that compiled code, which does not check it, would misread.

    Raises:
        ValueError: `shares_with` is no type with its own secretion; `held_on` is no state of an epithelial cell;
            nothing activates a type that secretes when activated; a substance secreted at rest is not on the grid of
            blocks, on which quiet time follows it.
    """
    numbers = kind.type.numbers
    if numbers.shares_with not in (ITSELF, *CellKind) or kind.shares_with.type.numbers.shares_with != ITSELF:
        raise ValueError(
            f"{kind.name}: shares_with = {numbers.shares_with:g} is no type of cell with its own secretion"
        )
    if numbers.held_on not in (NOTHING, *EpithelialState):
        raise ValueError(f"{kind.name}: held_on = {numbers.held_on:g} is no state of an epithelial cell")
    for substance in Substance:
        if secretes_activated(kind, substance) and not numbers.senses_infection:
            raise ValueError(f"{kind.name}: secretes {substance.key} when activated, but senses_infection is not set")
        if secretes_at_rest(kind, substance) and substance.type.side != BLOCK:
            raise ValueError(f"{kind.name}: secretes {substance.key} at rest, whose field is too fine for that")


for _kind in CellKind:
    _check(_kind)
