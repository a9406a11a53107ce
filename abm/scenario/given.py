"""What may stand for a scenario in Python: an object, the name of a packaged scenario, the path of a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from abm.core.seeds import seed_of
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.from_python import check
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario


def scenario_from(given: object, checked: bool = True) -> Scenario:
    """The scenario that is given: as an object, by its packaged name, or as the path of a file.

    Args:
        given: the object, name or path.
        checked: whether the values of an object are.

    Raises:
        ScenarioError: with all faults; an unknown name.
        TypeError: it is something else.
    """
    if isinstance(given, Scenario):
        if checked:
            check(given)
        return given
    if isinstance(given, str | Path):
        return load_scenario(given)
    kind = type(given).__name__
    raise TypeError(
        f"a scenario is needed: an abm.Scenario, the name of a packaged one or the path of a .toml file, not a {kind}"
    )


def check_arms(arms: Iterable[Scenario], seeds: Iterable[int], shortened: bool = False) -> None:
    """Refuse what is to be run, if a file could not say it; shortened: see `abm.scenario.check.conflicts`.

    Raises:
        ScenarioError: with all faults of all arms.
        SeedError: one of the seeds is none.
    """
    for seed in seeds:
        seed_of(seed)
    faults: list[Fault] = []
    for arm in arms:
        try:
            check(arm, shortened)
        except ScenarioError as error:
            faults += error.faults
    if faults:
        raise ScenarioError(faults)
