"""What the scenario of a run plans: which parameters hold when, and the effects of infections and treatments."""

from __future__ import annotations

from abm.core.own_laws import laws_of
from abm.core.quantity import replaced
from abm.rules.parameters import Parameters
from abm.scenario.hypothesis.replaced_laws import parameters_in_use
from abm.scenario.hypothesis.words import words_of
from abm.scenario.scenario import Scenario
from abm.treatments.effects_by_step import TreatmentEffects
from abm.treatments.planned_effects import effects_of


def eras_of(scenario: Scenario) -> list[tuple[int, Parameters]]:
    """From which step on which parameters hold; laws that rules replace are switched off in them."""
    changed = scenario.parameters
    eras = [(0, parameters_in_use(changed, scenario))]
    for change in sorted(scenario.changes, key=lambda change: change.time):
        changed = replaced(changed, change.parameter, change.value)
        eras.append((round(change.time / scenario.step), parameters_in_use(changed, scenario)))
    return eras


def past_of(scenario: Scenario, done: int, without_second: bool) -> list[tuple[int, Parameters]]:
    """Which parameters held in the steps done; without_second: those of a second virus acted on nothing."""
    eras = [era for era in eras_of(scenario) if era[0] < done]
    return [(at, one._replace(second_virus=None) if without_second else one) for at, one in eras]


def effects_of_scenario(scenario: Scenario, steps: int) -> TreatmentEffects:
    """Effects in each of `steps` steps, or of one where that is none."""
    second = scenario.second_virus, scenario.parameters.second_virus
    with laws_of(scenario.laws):
        return effects_of(
            scenario.treatments, scenario.infections, scenario.parameters.virus, max(1, steps), scenario.step, second,
            words_of(scenario).drugs,
        )  # fmt: skip
