"""Arms that a client asks for: packaged scenarios with changes, checked as a scenario file is, all faults at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from abm.scenario import edits
from abm.scenario.catalog import is_path, name_hint, packaged_path, scenario_names
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.read import read_scenario, with_overrides
from abm.scenario.scenario import Scenario


class Arm(BaseModel):
    """An arm: a packaged scenario, and what is to be different from it. Quantities are text with a unit, as "2 d"."""

    model_config = ConfigDict(extra="forbid")

    scenario: str = Field(description="Name of a packaged scenario; list_scenarios has them.")
    name: str = Field(default="", description="Name of the arm, for one that differs from its scenario.")
    virus: str = Field(default="", description="Another virus.")
    host: str = Field(default="", description="Another host: mouse or human.")
    parameters: dict[str, str | float] = Field(
        default_factory=dict, description='Values by dotted name, such as {"dormancy.awakening": "0.02 /h"}.'
    )
    without_infections: bool = Field(default=False, description="Leave out the infections of the scenario.")
    without_treatments: bool = Field(default=False, description="Leave out the treatments of the scenario.")
    infections: list[dict[str, Any]] = Field(
        default_factory=list, description='Added, with the keys of [[infection]], such as {"time": "9 d", "dose": 1.0}.'
    )
    treatments: list[dict[str, Any]] = Field(
        default_factory=list,
        description='Added, with the keys of [[treatment]], such as {"type": "anti-IL-6", "drug": "MP5-20F3", '
        '"start": "2 d"}.',
    )


def packaged(name: str) -> Scenario:
    """The packaged scenario of this name; a path is refused, so that no other file is read.

    Raises:
        ScenarioError: there is none.
    """
    if is_path(name):
        problem = "is a path: only packaged scenarios are read here"
        raise ScenarioError([Fault("scenario", 0, "", f'"{name}"', problem, hint=name_hint(name))])
    return read_scenario(packaged_path(name))


def scenarios_of(arms: Sequence[Arm], days: float | None, size: str | None) -> tuple[Scenario, ...]:
    """The scenarios of these arms.

    Args:
        arms: what is asked for.
        days: length of the runs; None: as in the scenarios.
        size: of the section, "1 mm" or "2 mm x 1 mm"; None: as in the scenarios.

    Raises:
        ScenarioError: with all faults of all arms, in the words of a scenario file; or two arms of one name.
    """
    made: list[Scenario] = []
    faults: list[Fault] = []
    for arm in arms:
        try:
            made.append(_scenario(arm, days, size))
        except ScenarioError as error:
            faults += error.faults
    names = [one.name for one in made]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        hint = 'give one of them a "name" of its own'
        faults.append(Fault("arms", 0, "name", f'"{name}"', "stands there twice", hint=hint))
    if faults:
        raise ScenarioError(list(dict.fromkeys(faults)))
    return tuple(made)


def _scenario(arm: Arm, days: float | None, size: str | None) -> Scenario:
    scenario, faults, steps = packaged(arm.scenario), list[Fault](), list(_steps(arm))
    if steps and arm.name in ("", *scenario_names()):
        problem = "is missing" if not arm.name else "is the name of a packaged scenario, from which this arm differs"
        faults.append(Fault("arms", 0, "name", f'"{arm.name}"', problem, hint="give the arm a name of its own"))
    for step in steps:
        try:
            scenario = step(scenario)
        except ScenarioError as error:
            faults += error.faults
    try:
        if arm.name:
            scenario = edits.with_name(scenario, arm.name, None)
        scenario = with_overrides(scenario, days, size)
    except ScenarioError as error:
        faults += error.faults
    if faults:
        raise ScenarioError(list(dict.fromkeys(faults)))
    return scenario


def _steps(arm: Arm) -> Iterator[Callable[[Scenario], Scenario]]:
    """What makes the scenario of an arm from the packaged one, in order."""
    if arm.without_infections:
        yield lambda scenario: edits.without(scenario, "infections")
    if arm.without_treatments:
        yield lambda scenario: edits.without(scenario, "treatments")
    if arm.virus or arm.host:
        yield lambda scenario: edits.with_virus(scenario, arm.virus or None, arm.host or None)
    if arm.parameters:
        yield lambda scenario: edits.with_parameters(scenario, arm.parameters)
    for infection in arm.infections:
        yield lambda scenario, entry=infection: edits.with_entry(scenario, "infection", None, entry)  # type: ignore[misc]
    for treatment in arm.treatments:
        yield lambda scenario, entry=treatment: edits.with_entry(scenario, "treatment", None, entry)  # type: ignore[misc]
