"""The table of substances that cells secrete, such as cytokines. Each substance is declared once.

The declaration sets the parameters of the substance (`substances.<name>`), its field (`tissue.fields.<name>`), which is
secreted, diffuses and is lost (`abm.processes.secretion`), its curve, its map in snapshots and on the page, and how it
is saved and passes quiet time. The mobile cells that secrete it name it in their own declarations (`abm.rules.cells`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from abm.core.compiled import compiled
from abm.core.lattice import BLOCK, PATCH
from abm.core.quantity import param, parameter_group
from abm.core.table import Declarations, group_by

SECONDS_PER_HOUR = 3600.0
AVOGADRO = 6.02214076e23
SITE_VOLUME_ML = 1e-9  # 10 x 10 x 10 um


@compiled
def site_rise(secretion: float, mass: float) -> float:
    """Rise of the concentration on one site [ng/mL/h] by the secretion of one cell [molecules/cell/s].

    mass: molar mass [g/mol]. A site holds 1e-9 mL, so 1 ng/mL of IL-6 is 27.8 molecules.
    """
    return secretion * SECONDS_PER_HOUR * mass / AVOGADRO * 1e9 / SITE_VOLUME_ML


@compiled
def local_loss(receptor_left: float, q: SubstanceNumbers) -> float:
    """Loss of a free substance without antibodies that hold it [1/h]; receptor_left: share of IL-6 receptors free."""
    return q.loss * (1.0 - q.receptor_uptake * (1.0 - receptor_left))


@compiled
def lost_while_held(unbinding: float, q: SubstanceNumbers) -> float:
    """Share of what antibodies take that is lost while they hold it; they let the rest go again (unbinding [1/h])."""
    return q.complex_loss / (q.complex_loss + unbinding)


@parameter_group
class SubstanceNumbers(NamedTuple):
    """Numbers of a substance. Diffusion and loss are parameters; any other becomes one by `param(...)`.

    Attributes:
        molar_mass: molar mass [g/mol].
        diffusion: diffusion coefficient [um^2/h].
        loss: total local loss [1/h].
        epithelial_secretion: secretion of an infected epithelial cell [molecules/cell/s].
        delay: time from infection of an epithelial cell to its secretion [h].
        cancer_secretion: secretion of a proliferating cancer cell [molecules/cell/s].
        lavage_dilution: tissue concentration over lavage concentration.
        receptor_uptake: share of the loss that is uptake by the IL-6 receptor.
        complex_loss: loss of what an antibody holds [1/h].
    """

    molar_mass: float
    diffusion: float = param(None, "um^2/h", 1.0, 500_000.0).assumed("diffusion coefficient")
    loss: float = param(None, "1/h", 0.01, 20.0).assumed("total local loss")
    epithelial_secretion: float = 0.0
    delay: float = 0.0
    cancer_secretion: float = 0.0
    lavage_dilution: float = 1.0
    receptor_uptake: float = 0.0
    complex_loss: float = 1.0


@dataclass(frozen=True)
class SubstanceType:
    """Declaration of a substance.

    Attributes:
        title: name on figures and on the page.
        numbers: molar mass, diffusion, loss and secretion by epithelium and cancer cells.
        scale: lower and upper end of the logarithmic color scale [ng/mL].
        side: side of a square of its field [sites].
    """

    title: str
    numbers: SubstanceNumbers
    scale: tuple[float, float] = (0.05, 10.0)
    side: int = BLOCK


def cytokine(title: str, molar_mass: float, highest: float, epithelial_secretion: float = 0.0) -> SubstanceType:
    """A cytokine of the network that was measured in lavage; it diffuses and is lost as IL-6 is (*assumed*).

    title: on figures and on the page. molar_mass [g/mol]. highest: end of the color scale [ng/mL].
    epithelial_secretion: of an infected cell [molecules/cell/s].
    """
    return SubstanceType(
        title,
        SubstanceNumbers(
            molar_mass=molar_mass,
            diffusion=param(36000.0, "um^2/h", 18000.0, 216000.0).assumed("diffusion coefficient", "assumed: as IL-6"),
            loss=param(0.6, "1/h", 0.2, 2.0).assumed("total local loss", "assumed: as IL-6"),
            epithelial_secretion=epithelial_secretion,
        ),
        scale=(highest / 1000.0, highest),
    )


class Substance(Declarations):
    """Substances that cells secrete into the tissue."""

    type: SubstanceType

    INTERFERON = SubstanceType(
        "type I interferon",
        SubstanceNumbers(
            molar_mass=22_000.0,  # interferon beta of the mouse
            diffusion=param(1500.0, "um^2/h", 54.0, 36000.0).peer("diffusion coefficient", "[pc4covid] 25 um2/min"),
            loss=param(0.61, "1/h", 0.6, 3.5).peer("loss", "[pc4covid] 0.0102/min; [CC3D] 3.48/h"),
            epithelial_secretion=param(0.0231, "molecules/cell/s", 0.01, 10.0).fitted(
                "secretion of an infected epithelial cell",
                "computed from lavage IFN-beta 174 pg/mL on day 5 [Jhutty 2022]; fitted to these mice",
            ),
            delay=param(5.36, "h", 4.0, 12.0).fitted(
                "time from infection to secretion",
                "in mice with H1N1 the signal rises for 0.5-1 d; fitted to mice [Jhutty 2022]",
            ),
        ),
        scale=(0.01, 100.0),
        side=PATCH,
    )
    IL6 = SubstanceType(
        "IL-6",
        SubstanceNumbers(
            molar_mass=21_700.0,  # of the mouse
            diffusion=param(36000.0, "um^2/h", 18000.0, 216000.0).peer(
                "diffusion coefficient", "[pc4covid] and [micromets] 9.26 um2/s; no lung measurement found"
            ),
            loss=param(0.6, "1/h", 0.2, 2.0).peer(
                "total local loss", "[NLISIM] 0.69; [pc4covid] 0.61; [Dwivedi 2014] 1.0"
            ),
            epithelial_secretion=param(1.98, "molecules/cell/s", 0.0, 100.0).fitted(
                "secretion of an infected epithelial cell",
                "uninfected rat AT2 in culture 1.8, if over 24 h in 1 mL [Crestani 1994]; fitted to mice [Jhutty 2022]",
            ),
            cancer_secretion=param(0.0005, "molecules/cell/s", 0.0, 1.0).assumed(
                "secretion of a proliferating cancer cell",
                "assumed: a tenth of a peer's 0.005 [GlobalVsLocal], at which crowded clones keep each other "
                "proliferating, unlike in mice",
            ),
            lavage_dilution=param(5.8, "", 1.0, 135.0).assumed(
                "tissue concentration over lavage concentration",
                "map B: the septal slab (0.172 mL) is washed into 1 mL",
            ),
            receptor_uptake=param(0.5, "", 0.0, 0.95).assumed(
                "share of the loss that is uptake by the IL-6 receptor",
                "sign: antibodies against the receptor raise IL-6, as they block its clearance [Uchiyama 2008]",
            ),
            complex_loss=param(0.0058, "1/h", 0.001, 0.6).assumed(
                "loss of IL-6 that an antibody holds",
                "assumed: that of the antibody, half-life 5 d; sign: IL-6 accumulates on antibodies [Lu 1992]",
            ),
        ),
    )
    IFN_GAMMA = cytokine("IFN-gamma", molar_mass=31_800.0, highest=100.0)  # a homodimer
    TNF = cytokine("TNF-alpha", molar_mass=52_000.0, highest=1.0)  # a homotrimer
    MCP1 = cytokine(
        "MCP-1",
        molar_mass=13_800.0,
        highest=10.0,
        epithelial_secretion=param(0.3, "molecules/cell/s", 0.0, 30.0).assumed(
            "secretion of an infected epithelial cell",
            "sign: infected alveolar epithelium secretes it [Herold 2006]; computed: 83 pg/mL in lavage [Jhutty 2022]",
        ),
    )
    IL10 = cytokine("IL-10", molar_mass=37_000.0, highest=10.0)  # a homodimer
    IL1B = cytokine("IL-1beta", molar_mass=17_400.0, highest=1.0)
    TGFB2 = SubstanceType(
        "TGF-beta2",
        SubstanceNumbers(
            molar_mass=25_000.0,  # of the active dimer
            diffusion=param(36000.0, "um^2/h", 1000.0, 216000.0).assumed(
                "diffusion coefficient", "assumed: as IL-6, of nearly its mass"
            ),
            loss=param(0.6, "1/h", 0.2, 20.0).assumed(
                "total local loss of what is active", "assumed: as IL-6; it binds to the matrix, which keeps it near"
            ),
        ),
    )


Substances: Any = group_by(Substance, "Substances", __name__, {each: each.type.numbers for each in Substance})
SUBSTANCES = len(Substance)
