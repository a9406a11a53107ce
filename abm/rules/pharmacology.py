"""Drugs: kinetics in the body, concentration in lung tissue, share of the signal left.

Human drugs have human kinetics (70 kg), mouse antibodies mouse kinetics. A drug that does not bind the species of the
host, or does not act on the virus, is refused when the scenario is read. The sources are those of `abm.rules.sources`.
"""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled

LUNG_TISSUE_SHARE = 0.11  # of plasma, antibodies in mouse lung: Jagdale 2024


class Antibody(NamedTuple):
    """A two-compartment antibody with linear and saturable (target-mediated) clearance. Volumes in L, amounts in mg."""

    clearance: float  # L/h
    central: float  # L
    peripheral: float  # L
    exchange: float  # L/h
    saturable: float  # mg/h
    saturable_half: float  # mg/L
    mass: float  # kDa
    tissue_share: float  # tissue over plasma concentration
    half_binding: float  # nM in tissue at which half of the target is bound (Kd)
    capture: float  # 1/nM/h, association with a soluble target


class SmallMolecule(NamedTuple):
    """A small molecule: plasma peak per dose, then one exponential."""

    half_life: float  # h
    peak_per_mg: float  # nM/mg
    half_inhibition: float  # nM
    full_effect: float  # largest fall of what it inhibits, in [0, 1]


# Frey 2010, 8 mg/kg = 560 mg; Kd 1.2-2.5 nM.
TOCILIZUMAB = Antibody(0.0125, 3.5, 2.9, 0.2 / 24, 7.5 / 24, 2.7, 148.0, LUNG_TISSUE_SHARE, 2.5, 0.0)
# Nikanjam 2019, 11 mg/kg = 770 mg; Kd 15 pM; kon 1e6 /M/s assumed.
SILTUXIMAB = Antibody(0.0089, 3.66, 3.13, 0.026, 0.0, 1.0, 145.0, LUNG_TISSUE_SHARE, 0.015, 3.6)
# Mouse antibodies: half-life 5 d, in one 1.5 mL compartment (assumed): 0.5 mg gives 333 mg/L = 2,222 nM, in tissue
# 244 nM.
_MOUSE_CLEARANCE = 0.0015 * 0.6931472 / 120.0
# MR16-1 binds its receptor as tocilizumab does that of people (assumed): 1 % of the receptors are left at 244 nM.
MR16_1 = Antibody(_MOUSE_CLEARANCE, 0.0015, 0.001, 0.0, 0.0, 1.0, 150.0, LUNG_TISSUE_SHARE, 2.5, 0.0)
# MP5-20F3: kon 1e5 /M/s, Kd 0.1 nM, usual for antibodies against cytokines (assumed). At 244 nM it leaves 1 % of free
# IL-6 at first, and 5 % once as much IL-6 is held as is let go.
MP5_20F3 = Antibody(_MOUSE_CLEARANCE, 0.0015, 0.001, 0.0, 0.0, 1.0, 150.0, LUNG_TISSUE_SHARE, 0.1, 0.36)
# Ruxolitinib: 20 mg give 800 nM, IC50 282 nM (Shi 2011); mouse exposure assumed.
RUXOLITINIB = SmallMolecule(3.0, 40.0, 282.0, 1.0)
RUXOLITINIB_MOUSE = SmallMolecule(1.5, 2500.0, 282.0, 1.0)
# Oseltamivir 75 mg twice a day leaves 1.5 % of virion release (Kamal 2015).
OSELTAMIVIR = SmallMolecule(8.0, 12.0, 13.0, 1.0)
OSELTAMIVIR_MOUSE = SmallMolecule(8.0, 4500.0, 13.0, 1.0)  # 10 mg/kg as 75 mg in people, assumed
# Nirmatrelvir/ritonavir 300/100 mg leaves about 10 % (over 90 %: Du, eLife 89801).
NIRMATRELVIR = SmallMolecule(6.0, 20.0, 400.0, 1.0)
NIRMATRELVIR_MOUSE = SmallMolecule(6.0, 1000.0, 400.0, 1.0)  # 300 mg/kg as 300 mg in people, assumed


@compiled
def kinetics(central: float, peripheral: float, p: Antibody) -> tuple[float, float]:
    """Rates of change [mg/h] of the amounts [mg] in both compartments, without input."""
    plasma = central / p.central
    exchange = p.exchange * (plasma - peripheral / p.peripheral)
    lost = p.clearance * plasma + p.saturable * plasma / (p.saturable_half + plasma)
    return -lost - exchange, exchange


@compiled
def tissue_concentration(central: float, p: Antibody) -> float:
    """Antibody in lung tissue [nM] at this amount in the central compartment [mg]."""
    return max(0.0, central) / p.central / p.mass * 1000.0 * p.tissue_share


@compiled
def receptors_left(concentration: float, p: Antibody) -> float:
    """Share of receptors free of an anti-receptor antibody at equilibrium: Kd / (Kd + A)."""
    return p.half_binding / (p.half_binding + concentration)


@compiled
def capture_rate(concentration: float, p: Antibody) -> float:
    """Loss of free IL-6 to an anti-IL-6 antibody [1/h]: kon A.

    Written as a loss, not as a share, so that a cell beside its source keeps some IL-6 (autocrine and paracrine
    escape over sqrt(D / kon A), 2-3 sites) and a flood of IL-6 leaves more than a trickle (as in the model of Rossi
    2022, doi:10.3389/fimmu.2022.919489).
    """
    return p.capture * concentration


@compiled
def unbinding_rate(p: Antibody) -> float:
    """Rate at which an antibody lets go of the IL-6 that it holds [1/h]: kon Kd."""
    return p.capture * p.half_binding


@compiled
def left_after_inhibition(concentration: float, p: SmallMolecule) -> float:
    """Share of the signal left by a small molecule at this concentration [nM]."""
    return 1.0 - p.full_effect * concentration / (concentration + p.half_inhibition)
