"""What an axis can move: any declared number of a scenario, by the name that `embers describe` shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from abm.core.quantity import Quantity, declared, quantities, replaced
from abm.rules.infection import Virus
from abm.rules.parameters import Parameters
from abm.rules.renamed import current_name
from abm.scenario.hypothesis.check import FIELDS
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import TREATMENTS, Infection

PARAMETERS = "parameters."
SECTION = ("width", "height", "step")  # numbers of the scenario itself that may be moved
_RULE = re.compile(r"rule (?P<rule>\w+)\.(?P<field>\w+)", re.ASCII)
_ENTRY = re.compile(r"(?P<list>infection|treatment)(?: \((?P<type>[^)]*)\))?(?: (?P<number>[1-9]\d*))?\.(?P<field>\w+)")


@dataclass(frozen=True)
class AxisTarget:
    """A number of a scenario.

    Attributes:
        name: as `embers describe` shows it: "parameters.dormancy.cycle_time", "treatment (anti-IL-6).start",
            "infection.dose"; "infection 2.time" means the second one only. quantity: what it means.
        kind: class of the entry of a list that it belongs to, None for a number of the scenario or a parameter.
        number: which entry of this kind, from 1; 0 means all.
    """

    name: str
    quantity: Quantity
    kind: type | None = None
    number: int = 0

    @property
    def field(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    def is_in(self, scenario: Scenario) -> bool:
        """Whether the scenario has this number."""
        if self.kind is not None:
            return bool(self._places(scenario))
        return self.name in SECTION or _has(scenario.parameters, self.name.removeprefix(PARAMETERS).split("."))

    def value_in(self, scenario: Scenario) -> float:
        """The value that a scenario has (that of the first entry, where there are several)."""
        if self.kind is not None:
            return float(getattr(self._entries(scenario)[self._places(scenario)[0]], self.field))
        if self.name in SECTION:
            return float(getattr(scenario, self.name))
        path, value = self.name.removeprefix(PARAMETERS), scenario.parameters
        for part in path.split("."):
            value = getattr(value, part)
        return float(value)  # type: ignore[arg-type]

    def put(self, scenario: Scenario, value: float) -> Scenario:
        """The scenario with this number set."""
        value = float(value)
        if self.kind is None:
            if self.name in SECTION:
                return replace(scenario, **{self.name: value})  # type: ignore[arg-type]
            parameters = replaced(scenario.parameters, self.name.removeprefix(PARAMETERS), value)
            return replace(scenario, parameters=parameters)
        entries = list(self._entries(scenario))
        for place in self._places(scenario):
            entries[place] = replace(entries[place], **{self.field: value})
        changed: dict[str, Any] = {"infections" if self.kind is Infection else "treatments": tuple(entries)}
        return replace(scenario, **changed)

    def keys_in(self, scenario: Scenario) -> tuple[tuple[str | int, ...], ...]:
        """The keys of this number in a scenario file; see `abm.scenario.check.Conflict`."""
        if self.kind is None:
            return (("section", self.name) if self.name in SECTION[:2] else tuple(self.name.split(".")),)
        name = "infection" if self.kind is Infection else "treatment"
        return tuple((name, place, self.field) for place in self._places(scenario))

    def _entries(self, scenario: Scenario) -> Sequence:
        return scenario.infections if self.kind is Infection else scenario.treatments

    def _places(self, scenario: Scenario) -> list[int]:
        """Where the entries that are meant stand in their list."""
        assert self.kind is not None
        places = [at for at, entry in enumerate(self._entries(scenario)) if type(entry) is self.kind]
        return places[self.number - 1 : self.number] if self.number else places


def _has(group: Any, path: Sequence[str]) -> bool:
    """Whether a group of parameters has a number at this path."""
    for part in path:
        group = getattr(group, part, None)
    return isinstance(group, int | float)


def target_of(name: str, arms: Sequence[Scenario] = ()) -> AxisTarget:
    """The number of this name.

    Args:
        name: as `embers describe` shows it, a parameter also without "parameters."; also "rule 2.to", or "rule NAME.to"
            for a rule by its name.
        arms: scenarios, which may have numbers of their own.

    Raises:
        KeyError: there is none.
    """
    name = _of_rule(current_name(name), arms)
    known, parameter = _known(arms), name.removeprefix(PARAMETERS)
    if parameter in known:
        return AxisTarget(PARAMETERS + parameter, known[parameter])
    if name in SECTION:
        return AxisTarget(name, quantities(Scenario)[name])
    match = _ENTRY.fullmatch(name)
    if not match or (match["list"] == "treatment") != bool(match["type"]):
        raise KeyError(name)
    kind = TREATMENTS[match["type"]] if match["type"] else Infection
    return AxisTarget(name, quantities(kind)[match["field"]], kind, int(match["number"] or 0))


def _known(arms: Sequence[Scenario]) -> dict[str, Quantity]:
    """The parameters that a scenario may have, and those that one of the arms has of its own."""
    every = [Parameters(second_virus=Virus()), *(arm.parameters for arm in arms)]
    return {item.name: item.quantity for parameters in every for item in declared(parameters)}


def _of_rule(name: str, arms: Sequence[Scenario]) -> str:
    """The name of a parameter from that of a rule, by its number or name, and of its key in a file."""
    match = _RULE.fullmatch(name)
    if not match:
        return name
    rules = next((arm.rules for arm in arms if arm.rules), ())
    number = int(match["rule"]) - 1 if match["rule"].isdigit() else -1
    own = rules[number].name if 0 <= number < len(rules) else match["rule"]
    return f"{PARAMETERS}rules.{own}.{FIELDS.get(match['field'], match['field'])}"


def target_names(arms: Sequence[Scenario] = ()) -> list[str]:
    """Every name there is (entries of lists without their number)."""
    names = [f"{PARAMETERS}{item}" for item in _known(arms) if arms or not item.startswith("second_virus.")]
    names += [f"infection.{field}" for field in quantities(Infection)]
    names += [f"treatment ({name}).{field}" for name, kind in TREATMENTS.items() for field in quantities(kind)]
    return [*names, *SECTION]
