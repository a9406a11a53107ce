"""Whether what a scenario shows was tested in an experiment."""

from __future__ import annotations

from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Depletion, IL6Knockout, Treatment

TESTED_DEPLETIONS = ("CD4", "CD8", "neutrophil")  # in infected mice: Chia 2025; AACR 2023, abstract 5131


def _was_tested(treatment: Treatment) -> bool:
    """Whether infected mice with dormant cells were given this."""
    return isinstance(treatment, IL6Knockout) or (
        isinstance(treatment, Depletion) and treatment.cells in TESTED_DEPLETIONS
    )


def is_prediction(scenario: Scenario) -> bool:
    """Whether no experiment has tested what this arm shows: by its text, laws, rules, changes or treatments."""
    own = scenario.laws or scenario.changes or any(rule.on for rule in scenario.rules)
    untested = bool(own) or not all(map(_was_tested, scenario.treatments))
    return untested or len(scenario.infections) > 1 or "prediction" in scenario.expect.lower()
