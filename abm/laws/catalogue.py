"""All laws of a scenario: declared one by one, or made from the tables of viruses, cells, substances, treatments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from abm.core.own_laws import OwnLaw, laws_of
from abm.core.quantity import Declared, declared, replaced
from abm.laws import cancer, epithelium, killing, lymph_node, mobile_cells, niche
from abm.laws.acting import Circumstances, why_not
from abm.laws.drugs import laws_of_treatments
from abm.laws.law import Law
from abm.laws.numbers import UnitNumber, filled
from abm.laws.own import laws_of_own
from abm.laws.own_functions import with_own_function
from abm.laws.places import place_in_list
from abm.laws.secretion import laws_of_substances
from abm.rules.cells import CellKind
from abm.rules.sources import cited

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario

CONFIDENCES = ("measured", "fitted", "peer", "assumed")  # from the strongest to the weakest


@dataclass(frozen=True, eq=False)
class LawInScenario:
    """A law with the numbers of a scenario.

    Attributes:
        law: its declaration.
        parameters: of the scenario.
        known: all of them by dotted name.
        why_not: why it does not act; empty where it acts.
        functions: of the user, in the place of laws.
        later: what changes of parameters during the run make of it, as hour and sentence.
        begins: hour from which on it acts, where a change of parameters begins it.
    """

    law: Law
    parameters: Any
    known: Mapping[str, Declared]
    why_not: str
    functions: tuple[OwnLaw, ...] = ()
    later: tuple[tuple[float, str], ...] = ()
    begins: float = 0.0

    @property
    def acts(self) -> bool:
        """Whether it acts at any time."""
        return not self.why_not

    @cached_property
    def own(self) -> tuple[Declared, ...]:
        """Its parameters."""
        return tuple(self.known[name] for name in self.law.parameters)

    @cached_property
    def sentence(self) -> str:
        """What it does, with its numbers."""
        numbers = {item.name: UnitNumber(item.value, item.quantity.unit) for item in self.own}
        return filled(self.law.sentence, numbers | dict(self.law.numbers))

    @property
    def confidence(self) -> str:
        """The weakest confidence of its numbers; *assumed* for a law without any."""
        known = [item.quantity.confidence for item in self.own]
        known += ["assumed" if "assumed" in text else "fitted" for text in self.law.evidence]
        return max(known, key=CONFIDENCES.index, default="assumed")

    @property
    def evidence(self) -> tuple[str, ...]:
        """Where its numbers come from, one text per number; without those that are just assumed."""
        texts = [*(item.quantity.source for item in self.own), *self.law.evidence]
        return tuple(dict.fromkeys(text for text in texts if text != "assumed"))

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the sources that these texts cite."""
        return tuple(cited(self.evidence))

    def curve(self) -> tuple[NDArray[Any], dict[str, NDArray[np.float64]]] | None:
        """Values of the signal, and the response by line; None for a law without a curve."""
        drawn = self.law.curve
        if drawn is None:
            return None
        with laws_of(self.functions):
            return drawn.signals(), drawn.responses(self.parameters.completed())

    def half(self) -> float | None:
        """The signal at which the response has gone half of its way."""
        half = self.law.curve.half if self.law.curve else None
        return self._value(half)

    def power(self) -> float | None:
        """The power of its Hill function."""
        return self._value(self.law.curve.power if self.law.curve else None)

    def _value(self, name: str | float | None) -> float | None:
        if isinstance(name, str):
            return next(item.value for item in self.own if item.name == name)
        return name


def declared_laws(scenario: Scenario, p: Any) -> list[Law]:
    """Every law under these parameters, in the order in which they are listed."""
    viruses = (("virus", scenario.virus), ("second_virus", scenario.second_virus))
    known = [pair for pair in viruses if pair[1] and getattr(p, pair[0]) is not None]
    laws = [*cancer.LAWS, *killing.LAWS, *epithelium.LAWS, *mobile_cells.LAWS]
    for group, title in known:
        laws += epithelium.of_virus(group, title, len(known) > 1)
    for kind in CellKind:
        laws += mobile_cells.of_kind(kind, p)
    laws += [*laws_of_substances(p), *lymph_node.LAWS, *niche.LAWS, *laws_of_treatments(scenario.treatments)]
    laws = [with_own_function(scenario.laws, _unless_replaced(scenario, law)) for law in laws]
    laws += laws_of_own(scenario, p)
    return sorted(laws, key=lambda law: (place_in_list(law.cell), law.cell))


def _unless_replaced(scenario: Scenario, law: Law) -> Law:
    """A built-in law, which does not act where a rule takes its place."""
    rule = next((rule for rule in scenario.rules if rule.on and rule.replaces == law.name), None)
    return replace(law, absent=f"the rule {rule.name} takes its place") if rule else law


def laws_in(scenario: Scenario) -> list[LawInScenario]:
    """Every law with the numbers of a scenario, and what changes of parameters make of it during the run."""
    times = sorted({change.time for change in scenario.changes if change.time < scenario.duration})
    before = [_at(scenario, time) for time in times]
    return [_with_changes(law, times, before) for law in _under(scenario, scenario.parameters)]


def _under(scenario: Scenario, p: Any) -> list[LawInScenario]:
    known = {item.name: item for item in declared(p)}
    here = Circumstances(scenario, p, {name: item.value for name, item in known.items()})
    return [LawInScenario(law, p, known, why_not(law, here), scenario.laws) for law in declared_laws(scenario, p)]


def _at(scenario: Scenario, time: float) -> dict[str, LawInScenario]:
    """The laws after the changes up to a time."""
    p = scenario.parameters
    for change in sorted(scenario.changes, key=lambda one: one.time):
        if change.time <= time:
            p = replaced(p, change.parameter, change.value)
    return {each.law.name: each for each in _under(scenario, p)}


def _with_changes(law: LawInScenario, times: list[float], after: list[dict[str, LawInScenario]]) -> LawInScenario:
    shown, later = law.why_not or law.sentence, []
    for time, laws in zip(times, after, strict=True):
        now = laws[law.law.name]
        text = f"does not act ({now.why_not})" if now.why_not else now.sentence
        if text != shown:
            later.append((time, text))
        shown = text
    if law.acts:
        return replace(law, later=tuple(later))
    for number, laws in enumerate(after):
        if (first := laws[law.law.name]).acts:
            rest = tuple(pair for pair in later if pair[0] > times[number])
            return replace(first, later=rest, begins=times[number])
    return law
