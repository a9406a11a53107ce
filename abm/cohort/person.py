"""One patient of a cohort: everything about them is a pure function of the cohort's seed and their number."""

from __future__ import annotations

import math
from dataclasses import replace
from enum import IntEnum
from typing import NamedTuple

from abm.cohort.at_rest import dormant_loss
from abm.cohort.plan import ADMITTED, Care, Cohort, Distribution
from abm.core.chance import identity_of, uniform
from abm.model.quiet.resting_contacts import RestingContacts
from abm.rules.parameters import Parameters
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Infection


class Draw(IntEnum):
    """What is drawn for a patient; numbers apart from those of the model's decisions."""

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


class Person(NamedTuple):
    """A patient.

    Attributes:
        number: from 1. seed: of chance. burden: dormant cells in the lung at the start of follow-up.
        since_diagnosis: [h], at the start. immunity: strength of T cells. virus, dose, reach: of their infections.
        infections: whole hours. vaccine, antiviral: shares below which coverage includes them. growth: Gompertz, 1/h.
    """

    number: int
    seed: int
    burden: float
    since_diagnosis: float
    immunity: float
    virus: str
    dose: float
    reach: float
    infections: tuple[int, ...]
    vaccine: float
    antiviral: float
    growth: float

    def is_vaccinated(self, care: Care) -> bool:
        """Whether they are under this care."""
        return self.vaccine < care.vaccinated

    def gets(self, care: Care, admission: float) -> bool:
        """Whether they get the blockade of this care."""
        return care.who != ADMITTED or self.reach >= admission


def draw(cohort: Cohort, number: int, contacts: RestingContacts) -> Person:
    """The patient of this number."""
    seed = identity_of(cohort.seed, number, 0)

    def share(decision: Draw, turn: int = 0) -> float:
        return uniform(seed, decision, number, turn)

    immunity = cohort.immunity.at(share(Draw.IMMUNITY))
    since = cohort.since_diagnosis.at(share(Draw.SINCE_DIAGNOSIS))
    burden = cohort.burden.at(share(Draw.BURDEN))
    loss = dormant_loss(_strengthened(cohort.scenario.parameters, immunity), cohort.scenario, contacts)
    growth = Distribution("log-normal", cohort.disease.growth, math.exp(cohort.disease.growth_spread))
    return Person(
        number, seed, burden * math.exp(-loss * since), since, immunity, _virus(cohort, share(Draw.VIRUS)),
        cohort.dose.at(share(Draw.DOSE)), cohort.reach.at(share(Draw.REACH)), _infections(cohort, seed, number),
        share(Draw.VACCINATED), share(Draw.ANTIVIRAL),
        growth.at(share(Draw.GROWTH)) if cohort.disease.growth_spread else cohort.disease.growth,
    )  # fmt: skip


def scenario_of(cohort: Cohort, person: Person) -> Scenario:
    """The scenario of a patient: the cohort's, with their virus, infections and T cells."""
    scenario = cohort.scenario
    parameters = _strengthened(scenario.parameters, person.immunity)
    return replace(
        scenario, virus=person.virus, parameters=parameters._replace(virus=cohort.virus(person.virus)),
        infections=tuple(Infection(time=float(hour)) for hour in person.infections),
    )  # fmt: skip


def _strengthened(parameters: Parameters, immunity: float) -> Parameters:
    """Parameters with T cells of this strength: how many come, and how fast each kills."""
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
    """Whole hours of their infections."""
    found = set()
    for which, occasion in enumerate(cohort.occasions):
        hour, turn = occasion.time.at(uniform(seed, Draw.INFECTION_TIME, number, which)), 0
        while hour < cohort.hours and (turn == 0 or occasion.every > 0.0):
            if uniform(seed, Draw.ATTACK, number, 1000 * which + turn) < occasion.attack:
                found.add(round(hour))
            hour, turn = hour + occasion.every, turn + 1
    return tuple(sorted(hour for hour in found if 0 <= hour < cohort.hours))
