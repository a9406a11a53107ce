"""What is planned for a run: the effects of the infections and treatments of its scenario."""

from __future__ import annotations

from abm.scenario.scenario import Scenario
from abm.treatments.effects_by_step import TreatmentEffects
from abm.treatments.treatments import effects_of


def effects_of_scenario(scenario: Scenario, steps: int) -> TreatmentEffects:
    """Effects in each of `steps` steps, or of one where that is none."""
    second = scenario.second_virus, scenario.parameters.second_virus
    return effects_of(
        scenario.treatments, scenario.infections, scenario.parameters.virus, max(1, steps), scenario.step, second
    )
