"""One patient of a cohort: all properties are a pure function of the cohort's seed and the patient's number."""

from __future__ import annotations

import math
from dataclasses import replace
from enum import IntEnum
from typing import NamedTuple

from scipy.special import ndtri

from abm.cohort.at_rest import dormant_loss
from abm.cohort.death import infection_fatality
from abm.cohort.disease import growth_rate
from abm.cohort.host import immunity_of, reach_of
from abm.cohort.plan import ADMITTED, Care, Cohort
from abm.core.chance import identity_of, uniform
from abm.model.quiet.resting_contacts import RestingContacts
from abm.rules.parameters import Parameters
from abm.scenario.scenario import Scenario
from abm.treatments.drugs import Antiviral
from abm.treatments.treatments import Infection


class Draw(IntEnum):
    """Quantities drawn for a patient; numbered apart from the decisions of the model."""

    BURDEN = 110
    SINCE_DIAGNOSIS = 111
    IMMUNITY = 112
    VIRUS = 113
    DOSE = 114
    REACH = 115
    INFECTION_TIME = 116
    ATTACK = 117
    VACCINATED = 118
    ANTIVIRAL = 119
    GROWTH = 120
    ESCAPE = 121
    SCAN = 122
    AGE = 123
    SEX = 124
    COMORBIDITY = 125
    LESION = 126
    LETHAL = 127
    DEATH = 128
    HARM = 129
    RECORDED = 130
    FATAL = 131
    LAG = 132
    FATAL_HARM = 133


class Person(NamedTuple):
    """A patient.

    Attributes:
        number: from 1. seed: of chance. age: years, at the start of follow-up. female: sex. comorbidity: number of
            other diseases.
        burden: dormant cells in the lung at the start. since_diagnosis: [h], at the start. immunity: strength of T
            cells at their age. virus, dose: of their infections. widest: reach of these at the usual age, without other
            diseases. infections: whole hours. vaccine, antiviral: the patient is covered if coverage
            is above this.
        growth: rate of Gompertz growth [1/h]. loss: of dormant cells at rest [1/h].
    """

    number: int
    seed: int
    age: float
    female: bool
    comorbidity: float
    burden: float
    since_diagnosis: float
    immunity: float
    virus: str
    dose: float
    widest: float
    infections: tuple[int, ...]
    vaccine: float
    antiviral: float
    growth: float
    loss: float

    def is_vaccinated(self, care: Care) -> bool:
        """Whether the patient is vaccinated under this care."""
        return self.vaccine < care.vaccinated

    def reach(self, cohort: Cohort, care: Care) -> float:
        """Share of the lung that an infection reaches under this care."""
        vaccinated = self.is_vaccinated(care)
        return reach_of(self.widest, self.age, self.comorbidity, self.variant(cohort), vaccinated, cohort.hosts)

    def gets(self, cohort: Cohort, care: Care) -> bool:
        """Whether the patient receives the blockade of this care."""
        return self.reach(cohort, care) >= max(care.severity, cohort.admission if care.who == ADMITTED else 0.0)

    def antivirals(self, care: Care) -> tuple[Antiviral, ...]:
        """The antivirals of this care that the patient receives, which are those that act on the virus."""
        given = care.antivirals if self.antiviral < care.antiviral else ()
        return tuple(drug for drug in given if drug.LIBRARY[drug.drug].acts_on == self.virus)

    def variant(self, cohort: Cohort) -> str:
        """Variant of the virus; empty for the original one, and for a virus without variants."""
        return cohort.variant if self.virus == "SARS-CoV-2" else ""

    def fatality(self, cohort: Cohort, care: Care, lag: float = math.inf) -> float:
        """Probability of death from an infection under this care.

        lag: time from the infection to this death [h]; one before the first dose is as without treatment.
        """
        chance = infection_fatality(
            self.virus, self.variant(cohort), self.age, self.female, self.comorbidity, cohort.death
        )
        treated = care.infection_death if lag >= care.begins and self.gets(cohort, care) else 1.0
        return min(1.0, chance * (cohort.death.vaccinated if self.is_vaccinated(care) else 1.0) * treated)


def draw(cohort: Cohort, number: int, contacts: RestingContacts) -> Person:
    """Draw the patient of this number."""
    seed = identity_of(cohort.seed, number, 0)

    def share(decision: Draw, turn: int = 0) -> float:
        return uniform(seed, decision.value, number, turn)

    age = cohort.age.at(share(Draw.AGE))
    immunity = immunity_of(cohort.immunity.at(share(Draw.IMMUNITY)), age, cohort.hosts)
    since = cohort.since_diagnosis.at(share(Draw.SINCE_DIAGNOSIS))
    burden = cohort.burden.at(share(Draw.BURDEN))
    loss = dormant_loss(_strengthened(cohort.scenario.parameters, immunity), cohort.scenario, contacts)
    disease = cohort.disease
    doubling = disease.doubling_time * math.exp(disease.doubling_spread * float(ndtri(share(Draw.GROWTH))))
    return Person(
        number, seed, age, share(Draw.SEX) < cohort.female, cohort.comorbidity.at(share(Draw.COMORBIDITY)),
        burden * math.exp(-loss * since), since, immunity, _virus(cohort, share(Draw.VIRUS)),
        cohort.dose.at(share(Draw.DOSE)), cohort.reach.at(share(Draw.REACH)), _infections(cohort, seed, number),
        share(Draw.VACCINATED), share(Draw.ANTIVIRAL), growth_rate(doubling, disease), loss,
    )  # fmt: skip


def scenario_of(cohort: Cohort, person: Person) -> Scenario:
    """The scenario of a patient: that of the cohort, with the patient's virus, infections and T cells."""
    scenario = cohort.scenario
    parameters = _strengthened(scenario.parameters, person.immunity)
    return replace(
        scenario, virus=person.virus, parameters=parameters._replace(virus=cohort.virus(person.virus)),
        infections=tuple(Infection(time=float(hour)) for hour in person.infections),
    )  # fmt: skip


def _strengthened(parameters: Parameters, immunity: float) -> Parameters:
    """Parameters with T cells of this strength: number recruited, and killing rate of each."""
    cells, killing = parameters.cells, parameters.cytotoxicity
    cd8 = cells.cd8._replace(node_output=cells.cd8.node_output * immunity)
    return parameters._replace(
        cells=cells._replace(cd8=cd8),
        cytotoxicity=killing._replace(
            cd8_infected=killing.cd8_infected * immunity,
            cd8_proliferating_cancer=killing.cd8_proliferating_cancer * immunity,
            cd8_dormant_cancer=killing.cd8_dormant_cancer * immunity,
        ),
    )


def _virus(cohort: Cohort, share: float) -> str:
    passed = 0.0
    for name, part in cohort.viruses:
        passed += part
        if share < passed:
            return name
    return cohort.viruses[-1][0]


def _infections(cohort: Cohort, seed: int, number: int) -> tuple[int, ...]:
    """Whole hours of the infections of a patient."""
    found = set()
    for which, occasion in enumerate(cohort.occasions):
        hour, turn = occasion.time.at(uniform(seed, Draw.INFECTION_TIME.value, number, which)), 0
        while hour < cohort.hours and (turn == 0 or occasion.every > 0.0):
            if uniform(seed, Draw.ATTACK.value, identity_of(number, which, 0), turn) < occasion.attack:
                found.add(round(hour))
            hour, turn = hour + occasion.every, turn + 1
    return tuple(sorted(hour for hour in found if 0 <= hour < cohort.hours))
