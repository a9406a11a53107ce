"""Causes of death other than lesions of the lung: the infection, cancer elsewhere, a treatment, other causes."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.cohort.disease import DAY, YEAR
from abm.cohort.host import OMICRON, USUAL_COMORBIDITY
from abm.core.quantity import param, parameter_group

CANCER, INFECTION, TREATMENT, OTHER = CAUSES = ("cancer", "infection", "treatment", "other")
# Probability of death within a year, women and men, United States 2019 [HMD 2019]; log-linear in between.
AGES = np.arange(30.0, 101.0, 5.0)
YEARLY_DEATH = np.array([
    (0.00082, 0.00108, 0.00145, 0.00198, 0.00297, 0.00460, 0.00695, 0.00955, 0.01449, 0.02378, 0.03932, 0.06805,
     0.12594, 0.20974, 0.31650),
    (0.00184, 0.00213, 0.00271, 0.00329, 0.00483, 0.00771, 0.01116, 0.01614, 0.02222, 0.03428, 0.05390, 0.08957,
     0.15522, 0.24827, 0.35515),
])  # fmt: skip
# Deaths per person ill with influenza, from age 18, 50 and 65 on [CDC 2019].
INFLUENZA_AGES, INFLUENZA_DEATHS = (0.0, 50.0, 65.0), (0.00016, 0.00061, 0.0095)


@parameter_group
class Death(NamedTuple):
    """Risks of death."""

    elsewhere: float = param(0.008 / YEAR, "1/h", 0.0, 1e-4).assumed(
        "rate of death from metastases outside the lung; an infection does not change it",
        "about 5 to 15 per 1,000 person-years, five to fifteen years after diagnosis [Taylor 2023]",
    )
    covid_level: float = param(-3.27, "", -5.0, -1.0).measured(
        "decimal logarithm of deaths per 100 infections with SARS-CoV-2 before vaccines, extrapolated to age 0",
        "[Levin 2020]",
    )
    covid_slope: float = param(0.0524, "", 0.0, 0.1).measured(
        "increase of this logarithm per year of age", "[Levin 2020]"
    )
    male: float = param(1.59, "", 0.5, 3.0).measured(
        "risk of death of a man infected with SARS-CoV-2, relative to that of a woman",
        "adjusted: 1.59 [Williamson 2020]",
    )
    omicron: float = param(0.31, "", 0.0, 2.0).measured(
        "factor of Omicron on the risk of death from the infection",
        "compared with Delta: 0.31 (0.26 to 0.37) [Nyberg 2022]",
    )
    influenza_infected: float = param(0.6, "", 0.1, 1.0).assumed(
        "share of people infected with influenza who fall ill", "assumed; deaths per ill person are those of [CDC 2019]"
    )
    other: float = param(1.0, "", 0.0, 10.0).measured(
        "factor on the rate of death from other causes at a given age and sex",
        "life table of the United States, including deaths from breast cancer [HMD 2019]",
    )
    per_condition: float = param(1.4, "", 1.0, 3.0).assumed(
        "factor per additional disease on the risk of death from an infection and from other causes",
        "adjusted hazard ratios of common diseases, death from COVID-19: 1.2 to 2.2 [Williamson 2020]",
    )
    vaccinated: float = param(0.25, "", 0.0, 1.0).assumed(
        "factor of vaccination on the risk of death from an infection that establishes",
        "assumed: effectiveness per person from week 20 on, 92 % and 85 % [Andrews 2022], includes infections that the "
        "vaccine prevents; also used for influenza",
    )
    lag: float = param(18.0 * DAY, "h", DAY, 90.0 * DAY).assumed(
        "median time from an infection to death from it", "assumed"
    )
    lag_spread: float = param(0.5, "", 0.0, 1.5).assumed("SD of the logarithm of this time", "assumed")
    recorded_as_cancer: float = param(0.0, "", 0.0, 1.0).assumed(
        "share of deaths from the infection that a registry records as deaths from cancer", "assumed: none"
    )
    fatal_harm: float = param(0.1, "", 0.0, 1.0).assumed(
        "share of serious infections under a treatment that are fatal", "assumed"
    )


def infection_fatality(virus: str, variant: str, age: float, female: bool, comorbidity: float, d: Death) -> float:
    """Probability that an unvaccinated patient of this age [years] dies of an infection."""
    if virus == "SARS-CoV-2":
        both = min(1.0, 10.0 ** (d.covid_level + d.covid_slope * age) / 100.0)
        sex = (1.0 if female else d.male) / (0.5 + 0.5 * d.male)
        chance = both * sex * (d.omicron if variant == OMICRON else 1.0)
    else:
        chance = INFLUENZA_DEATHS[int(np.searchsorted(INFLUENZA_AGES, age, side="right")) - 1] * d.influenza_infected
    return min(1.0, chance * factor_of(comorbidity, d))


def factor_of(comorbidity: float, d: Death) -> float:
    """Factor of other diseases on a rate that is an average over people with and without them."""
    return float(d.per_condition ** (comorbidity - USUAL_COMORBIDITY))


def hours_to_other_death(reading: float, age: float, female: bool, comorbidity: float, d: Death) -> float:
    """Time until a patient of this age dies of a cause other than cancer and infection [h].

    reading: integrated hazard at death, exponential with mean 1.
    """
    ages = np.arange(age, max(age, 110.0) + 1.0)
    yearly = np.exp(np.interp(ages, AGES, np.log(YEARLY_DEATH[0 if female else 1])))
    summed = np.concatenate(([0.0], np.cumsum(-np.log1p(-yearly) * d.other * factor_of(comorbidity, d))))
    years = np.arange(summed.size)
    if reading < summed[-1]:
        return float(np.interp(reading, summed, years)) * YEAR
    if summed[-1] == 0.0:
        return math.inf
    return (years[-1] + (reading - summed[-1]) / (summed[-1] - summed[-2])) * YEAR


def lag_at(score: float, d: Death) -> float:
    """Hours from an infection to death from it; score: standard normal."""
    return d.lag * math.exp(d.lag_spread * score)
