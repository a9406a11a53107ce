"""Effects of age, other diseases, vaccination and variant on an infection: one factor each, *assumed* or measured.

The factors act on two numbers of a patient, the strength of T cells and the share of the lung that an infection
reaches. The sections then determine what the infection does.
"""

from __future__ import annotations

from typing import NamedTuple

from abm.core.quantity import param, parameter_group

USUAL_AGE = 65.0  # years, at which the factors of age are 1
DECADE = 10.0  # years
USUAL_COMORBIDITY = 1.0  # other diseases, at which the factors of comorbidity are 1
OMICRON = "Omicron"  # of SARS-CoV-2; no variant is the first one, and Delta is taken to be like it


@parameter_group
class Host(NamedTuple):
    """Factors of the patient and the variant on reach and T cells."""

    reach_per_decade: float = param(1.4, "", 1.0, 3.0).assumed(
        "factor per ten years of age on the share of the lung reached",
        "assumed to rise like the share of infected people admitted to hospital: 8.2 % of those in their fifties, "
        "16.6 % of those in their seventies [Verity 2020]",
    )
    reach_per_condition: float = param(1.3, "", 1.0, 3.0).assumed(
        "factor per additional disease on the share of the lung reached", "assumed"
    )
    reach_vaccinated: float = param(0.5, "", 0.0, 1.0).assumed(
        "factor of vaccination on the share of the lung reached, if the infection establishes", "assumed"
    )
    reach_omicron: float = param(0.41, "", 0.0, 2.0).assumed(
        "factor of Omicron on the share of the lung reached",
        "assumed to equal that on hospital admission, Omicron compared with Delta: 0.41 [Nyberg 2022]",
    )
    immunity_per_decade: float = param(0.9, "", 0.5, 1.0).assumed(
        "factor per ten years of age on the strength of T cells",
        "direction only: production of T cells in the thymus falls by a third in ten years [Palmer 2018], T cells in "
        "the body by less",
    )


def reach_of(reach: float, age: float, comorbidity: float, variant: str, vaccinated: bool, host: Host) -> float:
    """Share of the lung in [0, 1] that an infection reaches; reach: at the usual age and comorbidity."""
    factor = host.reach_per_decade ** ((age - USUAL_AGE) / DECADE) * host.reach_per_condition ** (
        comorbidity - USUAL_COMORBIDITY
    )
    factor *= (host.reach_omicron if variant == OMICRON else 1.0) * (host.reach_vaccinated if vaccinated else 1.0)
    return min(1.0, reach * factor)


def immunity_of(immunity: float, age: float, host: Host) -> float:
    """Strength of T cells at an age; immunity: at the usual age."""
    return immunity * host.immunity_per_decade ** ((age - USUAL_AGE) / DECADE)
