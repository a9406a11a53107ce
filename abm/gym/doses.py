"""Drugs of an environment: which of the declared drugs suit a scenario, and a drug given at times that are free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, make_dataclass
from functools import cache
from typing import Any, NamedTuple

from abm.core.names import nearest
from abm.scenario.scenario import Scenario
from abm.treatments.drugs import Drug, RepeatedDoses
from abm.treatments.treatments import TREATMENTS

DAY = 24.0  # h


class DrugChoice(NamedTuple):
    """A drug that may be given.

    Attributes:
        name: as in a scenario file.
        treatment: its type, as in a scenario file, such as "anti-IL-6".
        kind: the class of that type.
        drug: its declaration.
    """

    name: str
    treatment: str
    kind: type[RepeatedDoses]
    drug: Drug

    @property
    def unit(self) -> str:
        """What one dose is, in words."""
        return f"{self.drug.usual_dose:g} mg of {self.name} ({self.treatment})"

    def hours_on(self, day: int) -> list[float]:
        """Hours since day 0 of the doses of a day: one, or as many as the usual interval of the drug has in a day."""
        every = min(DAY, self.drug.usual_interval)
        return [DAY * day + every * number for number in range(round(DAY / every))]


def drugs_for(scenario: Scenario) -> dict[str, DrugChoice]:
    """The declared drugs that bind their target in this host and act on a virus of this scenario, by name."""
    return {choice.name: choice for choice in _declared() if _suits(choice.drug, scenario)}


def chosen_drugs(scenario: Scenario, names: Sequence[str] | None) -> tuple[DrugChoice, ...]:
    """The drugs of these names; None stands for all that suit the scenario.

    Raises:
        ValueError: a drug is unknown, does not suit the scenario or is named twice; or there is none.
    """
    suitable = drugs_for(scenario)
    wanted = list(suitable) if names is None else list(names)
    allowed = ", ".join(suitable) or "none"
    for name in wanted:
        if name not in suitable:
            every = {choice.name for choice in _declared()}
            what = f"does not suit {scenario.virus} in a {scenario.host}" if name in every else "is not known"
            near = nearest(str(name), suitable, 1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            raise ValueError(f'drugs: "{name}": {what}; allowed: {allowed}{hint}')
        if wanted.count(name) > 1:
            raise ValueError(f'drugs: "{name}": is named twice')
    if not wanted:
        raise ValueError(f"drugs: an environment needs at least one drug; allowed: {allowed}")
    return tuple(suitable[name] for name in wanted)


def given(choice: DrugChoice, hours: Sequence[float]) -> Any:
    """The treatment with one usual dose at each of these hours since day 0, in order."""
    return _free_kind(choice.treatment)(choice.name, start=hours[0], hours=tuple(hours))


@dataclass(frozen=True)
class FreeTimes:
    """Doses at given hours in place of regular ones."""

    hours: tuple[float, ...] = ()

    def times(self, end: float) -> list[float]:
        """Hours of the doses before `end`."""
        return [hour for hour in self.hours if hour < end]


@cache
def _free_kind(treatment: str) -> Any:
    """The class of a type of treatment whose doses come at given hours."""
    kind = TREATMENTS[treatment]
    return make_dataclass(f"{kind.__name__}AtHours", [], bases=(FreeTimes, kind), frozen=True)


def _declared() -> Iterator[DrugChoice]:
    for treatment, kind in TREATMENTS.items():
        if issubclass(kind, RepeatedDoses):
            for name, drug in kind.LIBRARY.items():
                yield DrugChoice(name, treatment, kind, drug)


def _suits(drug: Drug, scenario: Scenario) -> bool:
    return drug.binds == scenario.host and (not drug.acts_on or drug.acts_on in scenario.viruses)
