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
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import TREATMENTS, Infection

PARAMETERS = "parameters."
SECTION = ("width", "height", "step")  # numbers of the scenario itself that may be moved
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
        return not self.name.startswith(f"{PARAMETERS}second_virus.") or bool(scenario.second_virus)

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


def target_of(name: str) -> AxisTarget:
    """The number of this name.

    Raises:
        KeyError: there is none.
    """
    name = current_name(name)
    if name.startswith(PARAMETERS):
        known = {item.name: item.quantity for item in declared(Parameters(second_virus=Virus()))}
        return AxisTarget(name, known[name.removeprefix(PARAMETERS)])
    if name in SECTION:
        return AxisTarget(name, quantities(Scenario)[name])
    match = _ENTRY.fullmatch(name)
    if not match or (match["list"] == "treatment") != bool(match["type"]):
        raise KeyError(name)
    kind = TREATMENTS[match["type"]] if match["type"] else Infection
    return AxisTarget(name, quantities(kind)[match["field"]], kind, int(match["number"] or 0))


def target_names() -> list[str]:
    """Every name there is (entries of lists without their number)."""
    names = [f"{PARAMETERS}{item.name}" for item in declared(Parameters())]
    names += [f"infection.{field}" for field in quantities(Infection)]
    names += [f"treatment ({name}).{field}" for name, kind in TREATMENTS.items() for field in quantities(kind)]
    return [*names, *SECTION]
