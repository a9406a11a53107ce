"""The words of rules: names of cells, signals and rates in a scenario, and what each stands for in compiled code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from abm.core.quantity import Quantity
from abm.rules.cells import KINDS, CellKind
from abm.rules.own.rates import In, Rate, Where
from abm.rules.own.signals import Signal
from abm.rules.substances import SUBSTANCES, Substance
from abm.scenario.hypothesis.declared import FRACTION, POWER, OwnCell, OwnSubstance, Rule, half_of

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario

DRUG = "drug "  # before the name of a drug that a scenario brings


class Who(NamedTuple):
    """What a rule acts in: its number in compiled code, the groups it belongs to, and whether it is a mobile cell."""

    number: int
    groups: In


class Heard(NamedTuple):
    """A signal, and the number of the substance, type of cell or drug that it concerns."""

    signal: Signal
    of: int = 0


class Target(NamedTuple):
    """A rate, and the number of the substance that it concerns."""

    rate: Rate
    substance: int = 0


_PLACES = {
    "epithelium": Who(Where.EPITHELIUM, In.EPITHELIUM),
    "infected epithelium": Who(Where.INFECTED, In.INFECTED),
    "dormant cancer cell": Who(Where.DORMANT, In.DORMANT),
    "proliferating cancer cell": Who(Where.PROLIFERATING, In.PROLIFERATING),
    "tissue": Who(Where.TISSUE, In.TISSUE),
}


@dataclass(frozen=True)
class Words:
    """All words that rules of a scenario may use.

    Attributes:
        own_substances, own_cells: that it declares. drugs: names of its drugs, in the order of their numbers.
    """

    own_substances: tuple[OwnSubstance, ...] = ()
    own_cells: tuple[OwnCell, ...] = ()
    drugs: tuple[str, ...] = ()

    @cached_property
    def substances(self) -> dict[str, int]:
        """Number of each substance by its name."""
        built_in = {substance.type.title: int(substance) for substance in Substance}
        return built_in | {one.title: SUBSTANCES + number for number, one in enumerate(self.own_substances)}

    @cached_property
    def mobile(self) -> dict[str, int]:
        """Number of each type of mobile cell by its name."""
        built_in = {kind.type.title: int(kind) for kind in CellKind}
        return built_in | {one.title: KINDS + number for number, one in enumerate(self.own_cells)}

    @cached_property
    def cells(self) -> dict[str, Who]:
        """What a rule may act in."""
        return {title: Who(number, self._groups(number)) for title, number in self.mobile.items()} | _PLACES

    @cached_property
    def signals(self) -> dict[str, Heard]:
        """What a rule may respond to, whatever it acts in."""
        return {words: Heard(signal, of) for signal in Signal for words, of in self._named(signal.type.words)}

    def signals_in(self, who: Who) -> dict[str, Heard]:
        """What a rule may respond to that acts in this: what single cells carry is a signal of these cells alone."""
        types = {words: heard.signal.type for words, heard in self.signals.items()}
        return {
            words: heard
            for words, heard in self.signals.items()
            if not types[words].is_of_cell or types[words].carried_by & who.groups
        }

    @cached_property
    def rates(self) -> dict[str, Target]:
        """What a rule may change, in one cell or another."""
        return {words: Target(rate, of) for rate in Rate for words, of in self._named(rate.type.words)}

    def rates_of(self, who: Who) -> dict[str, Target]:
        """What a rule may change in this."""
        return {words: target for words, target in self.rates.items() if target.rate.type.who & who.groups}

    def _named(self, template: str) -> Iterator[tuple[str, int]]:
        """A template in all its words, each with the number of what stands in it."""
        for part, numbered in (("{substance}", self.substances), ("{cell}", self.mobile), ("{drug}", self._drugs())):
            if part in template:
                yield from ((template.replace(part, title), number) for title, number in numbered.items())
                return
        yield template, 0

    def _drugs(self) -> dict[str, int]:
        return {DRUG + name: number for number, name in enumerate(self.drugs)}

    def _groups(self, number: int) -> In:
        kind = CellKind(number) if number < KINDS else self.own_cells[number - KINDS].model
        return In.MOBILE | In.MACROPHAGE if kind.type.numbers.is_macrophage else In.MOBILE


def drugs_in(signals: Iterable[str]) -> tuple[str, ...]:
    """Names of the drugs among these signals, sorted."""
    return tuple(sorted({words.removeprefix(DRUG) for words in signals if words.startswith(DRUG)}))


def words_of(scenario: Scenario) -> Words:
    """The words that rules of a scenario may use."""
    heard = [words for rule in scenario.rules for words in (rule.signal, rule.second)]
    return Words(tuple(scenario.substances), tuple(scenario.cells), drugs_in(heard))


def rule_quantities(rule: Rule, words: Words) -> dict[str, Quantity]:
    """The quantity of each number of a rule, by field."""
    who, target = words.cells[rule.cell], words.rates[rule.rate]
    heard, rate = words.signals_in(who)[rule.signal], target.rate.type
    of_rate = FRACTION if rule.is_factor else Quantity("", rate.unit, 0.0, rate.high, "scenario")
    named = {
        "without": replace(of_rate, meaning=f"{rule.rate} without the signal (`from`)"),
        "to": replace(of_rate, meaning=f"{rule.rate} at full response"),
        "half": half_of(heard.signal),
    }
    if rule.form == "hill":
        named["power"] = POWER
    if rule.second:
        named["second_half"] = half_of(words.signals_in(who)[rule.second].signal)
        named["second_power"] = POWER
    what = f"{rule.rate}, {rule.cell}"  # so that numbers of another rule are told apart
    named["half"] = replace(named["half"], meaning=f"{rule.signal} at half of the response ({what})")
    if "power" in named:
        named["power"] = replace(POWER, meaning=f"power of the response to {rule.signal} ({what})")
    known = {"source": rule.source, "confidence": rule.confidence}
    return {name: replace(quantity, **known) for name, quantity in named.items()}  # type: ignore[arg-type]
