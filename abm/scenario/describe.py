"""Every number that can be set: what it means, its unit, range, source and confidence, and its value in a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from abm.core.names import nearest
from abm.core.quantity import Quantity, declared, quantities
from abm.rules.renamed import RENAMED
from abm.rules.sources import references
from abm.scenario.scenario import Scenario
from abm.scenario.toml.units import allowed_range
from abm.treatments.drugs import Drug, RepeatedDoses
from abm.treatments.treatments import TREATMENTS, Infection


@dataclass(frozen=True)
class Entry:
    """A number that can be set.

    Attributes:
        name: as in a scenario file, dotted. quantity: what it means.
        default: in its unit; none where it must be given or depends on the drug. value: in the scenario asked for.
    """

    name: str
    quantity: Quantity
    default: float | None
    value: float | None

    @property
    def meaning(self) -> str:
        """What it means."""
        return self.quantity.meaning

    @property
    def sources(self) -> list[str]:
        """Where it comes from."""
        return [self.quantity.source]

    @property
    def changed(self) -> bool:
        """Whether the scenario sets it to something else."""
        return self.value != self.default

    def lines(self) -> list[str]:
        """The entry as text: what it is, and below it where it comes from."""
        unit = f" {self.quantity.unit}" if self.quantity.unit else ""
        value = "" if self.value is None else f" = {self.value:g}{unit}"
        was = f"  (default {self.default:g}{unit})" if self.changed and self.default is not None else ""
        mark = "* " if self.changed else "  "
        evidence = dict.fromkeys((self.quantity.confidence, self.quantity.source))  # once where both are "assumed"
        known = "; ".join((allowed_range(self.quantity), *evidence))
        return [f"{mark}{self.name}{value}{was}", f"      {self.quantity.meaning}", f"      {known}"]


@dataclass(frozen=True)
class Drugs:
    """The drugs of a type of treatment; name: as in a scenario file. known: by name."""

    name: str
    known: dict[str, Drug]

    @property
    def meaning(self) -> str:
        """Whom each is for, and its usual dose."""
        return "; ".join(f"{name}: {_usual(drug)}" for name, drug in self.known.items())

    @property
    def sources(self) -> list[str]:
        """Where the numbers of each come from."""
        return [drug.source for drug in self.known.values()]

    def lines(self) -> list[str]:
        """The drugs as text, one a line."""
        return [
            f"  {self.name}",
            *(f'      "{name}": {_usual(drug)}; {drug.source}' for name, drug in self.known.items()),
        ]


def _usual(drug: Drug) -> str:
    against = f", against {drug.acts_on}" if drug.acts_on else ""
    return f"{drug.binds}{against}; usually {drug.usual_dose:g} mg every {drug.usual_interval:g} h"


def entries(scenario: Scenario | None = None) -> list[Entry]:
    """All entries, with the values of a scenario or else the defaults.

    Defaults of the virus are those of influenza in the mouse, or of the virus and host of the scenario.
    """
    shown = scenario or Scenario()
    usual = shown.usual_parameters()
    defaults = {item.name: item.value for item in declared(usual)}
    found = [
        *_fields("", Scenario(), shown),
        *(
            Entry(f"parameters.{item.name}", item.quantity, defaults[item.name], item.value)
            for item in declared(shown.parameters if scenario else usual)
        ),
    ]
    return found + list(_of_scenario(shown) if scenario else _of_types())


def drugs() -> list[Drugs]:
    """The drugs of every type of treatment that has some."""
    kinds = {name: kind for name, kind in TREATMENTS.items() if issubclass(kind, RepeatedDoses)}
    return [Drugs(f"treatment ({name}).drug", kind.LIBRARY) for name, kind in kinds.items()]


def matching(found: Sequence[Entry | Drugs], text: str) -> list[Entry | Drugs]:
    """The entries with this text in their name or meaning or, failing that, in an earlier name.

    Case, spaces and hyphens do not count.
    """
    wanted = _plain(text)
    now = [entry for entry in found if wanted in _plain(entry.name) or wanted in _plain(entry.meaning)]
    renamed = {f"parameters.{new}" for old, new in RENAMED.items() if wanted in _plain(f"parameters.{old}")}
    return now or [entry for entry in found if entry.name in renamed]


def sources(found: Sequence[Entry | Drugs]) -> list[str]:
    """The references that these entries cite, one line each, with a heading; nothing where they cite none."""
    lines = references(text for entry in found for text in entry.sources)
    return ["", "Sources", *(f"  {line}" for line in lines)] if lines else []


def _plain(text: str) -> str:
    return text.lower().replace("-", "").replace(" ", "")


def near_names(found: list[Entry], text: str) -> list[str]:
    """Names most like this one, where none matches."""
    last = {entry.name.rpartition(".")[2]: entry.name for entry in found}
    return [last[name] for name in nearest(text.rpartition(".")[2], last)]


def _fields(prefix: str, defaults: Any, group: Any) -> Iterator[Entry]:
    for name, quantity in quantities(type(group)).items():
        yield Entry(prefix + name, quantity, _told(defaults, name), _told(group, name))


def _told(group: Any, name: str) -> float | None:
    """The value of a field; none where a negative number stands for "the usual of the drug"."""
    value = getattr(group, name, None)
    usual = value is not None and value < 0 <= quantities(group if isinstance(group, type) else type(group))[name].low
    return None if usual else value


def _of_types() -> Iterator[Entry]:
    """What an infection and each type of treatment can be told."""
    yield from _fields("infection.", Infection(), Infection())
    for name, kind in TREATMENTS.items():
        for field, quantity in quantities(kind).items():
            value = _told(kind, field)
            yield Entry(f"treatment ({name}).{field}", quantity, value, value)


def _of_scenario(scenario: Scenario) -> Iterator[Entry]:
    """What the infections and treatments of a scenario say."""
    for number, infection in enumerate(scenario.infections, start=1):
        yield from _fields(f"infection {number}.", Infection(), infection)
    for number, treatment in enumerate(scenario.treatments, start=1):
        yield from _fields(f"treatment {number} ({treatment.type}).", type(treatment), treatment)
