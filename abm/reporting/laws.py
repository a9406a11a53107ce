"""The laws of a scenario as text and as data, and how those of two scenarios differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from abm.laws.catalogue import LawInScenario
from abm.laws.law import Law
from abm.laws.numbers import UnitNumber, capital, unit_in_words, written
from abm.rules.sources import references
from abm.scenario.scenario import Scenario
from abm.scenario.shown import time_text

DIGITS = 6  # of the numbers of a curve in data


@dataclass(frozen=True, eq=False)
class LawDifference:
    """A law that two scenarios do not share.

    Attributes:
        one: the law in the first scenario; None where it is not declared there, such as that of a drug.
        other: in the second.
    """

    one: LawInScenario | None
    other: LawInScenario | None

    @property
    def law(self) -> Law:
        """Its declaration."""
        known = self.one or self.other
        assert known is not None
        return known.law


def listed(scenario: Scenario, laws: Sequence[LawInScenario]) -> Iterator[str]:
    """The laws of a scenario, line by line: those that act by cell type, those that do not, the sources."""
    acting, others = [law for law in laws if law.acts], [law for law in laws if not law.acts]
    yield f"{_title(scenario)}: {len(acting)} laws act, {len(others)} do not."
    for cell, own in groupby(acting, key=lambda each: each.law.cell):
        yield from ("", capital(cell))
        for law in own:
            yield f"  {law.law.name}"
            yield from (f"      {text}" for text in sentences_of(law))
            yield f"      {_evidence(law)}"
    if others:
        yield from ("", "Do not act here")
        yield from (f"  {law.law.name} ({law.law.cell}): {law.why_not}" for law in others)
    sources = references(text for law in acting for text in law.evidence)
    if sources:
        yield from ("", "Sources", *(f"  {line}" for line in sources))


def submodels(laws: Sequence[LawInScenario]) -> Iterator[str]:
    """Laws as Markdown, by cell type, each with the weakest confidence of its numbers and its sources."""
    for cell, own in groupby(laws, key=lambda each: each.law.cell):
        yield from (f"### {capital(cell)}", "")
        for law in own:
            yield f"- `{law.law.name}`: {law.sentence} *{_evidence(law)}*"
        yield ""


def differences(one: Sequence[LawInScenario], other: Sequence[LawInScenario]) -> list[LawDifference]:
    """The laws whose sentence or state differs, in the order of the list."""
    first, second = _by_name(one), _by_name(other)
    names = [*first, *(name for name in second if name not in first)]
    pairs = [LawDifference(first.get(name), second.get(name)) for name in names]
    return [pair for pair in pairs if state_of(pair.one) != state_of(pair.other)]


def listed_differences(
    scenarios: tuple[Scenario, Scenario], found: Sequence[LawDifference], total: int
) -> Iterator[str]:
    """How the laws of two scenarios differ, in words; total: number of laws."""
    one, other = labels(*scenarios)
    many = "law" if len(found) == 1 else "laws"
    yield f"{one} and {other} differ in {len(found)} {many} of {total}."
    width = max(len(one), len(other))
    for cell, own in groupby(found, key=lambda each: each.law.cell):
        yield from ("", capital(cell))
        for pair in own:
            yield f"  {pair.law.name}"
            for label, law in ((one, pair.one), (other, pair.other)):
                yield from (f"      {label:<{width}}  {text}" for text in state_of(law))


def labels(one: Scenario, other: Scenario) -> tuple[str, str]:
    """Names of two scenarios, which differ even where their files have the same name."""
    return (one.name, other.name) if one.name != other.name else (one.name, f"{other.name} (2)")


def as_data(scenario: Scenario, laws: Sequence[LawInScenario]) -> dict[str, Any]:
    """The laws of a scenario as plain data, with their parameters and curves."""
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "host": scenario.host,
        "viruses": list(scenario.viruses),
        "laws": [_as_data(law, with_curve=law.acts) for law in laws],
        "sources": dict(_references(laws)),
    }


def differences_as_data(scenarios: tuple[Scenario, Scenario], found: Sequence[LawDifference]) -> dict[str, Any]:
    """How the laws of two scenarios differ, as plain data."""

    def side(law: LawInScenario | None) -> dict[str, Any] | None:
        return None if law is None else _as_data(law, with_curve=law.acts)

    return {
        "scenarios": list(labels(*scenarios)),
        "laws": [
            {"name": pair.law.name, "cell": pair.law.cell, "first": side(pair.one), "second": side(pair.other)}
            for pair in found
        ],
    }


def _title(scenario: Scenario) -> str:
    return scenario.name + (f" ({scenario.title})" if scenario.title else "")


def sentences_of(law: LawInScenario) -> Iterator[str]:
    """What a law does, and from which time on changes of parameters make something else of it."""
    yield law.sentence if not law.begins else f"From {time_text(law.begins)} on: {law.sentence}"
    yield from (f"From {time_text(hour)} on: {text}" for hour, text in law.later)


def _evidence(law: LawInScenario) -> str:
    """Confidence and sources in one line."""
    sources = "".join(f", [{key}]" for key in law.sources)
    return f"{law.confidence}{sources}"


def state_of(law: LawInScenario | None) -> list[str]:
    """What a law does or why it does not act, in words."""
    if law is None:
        return ["does not act: it is not given"]
    return list(sentences_of(law)) if law.acts else [f"does not act: {law.why_not}"]


def _by_name(laws: Sequence[LawInScenario]) -> Mapping[str, LawInScenario]:
    return {law.law.name: law for law in laws}


def _references(laws: Sequence[LawInScenario]) -> Iterator[tuple[str, str]]:
    for line in references(text for law in laws if law.acts for text in law.evidence):
        key, _, rest = line.partition("] ")
        yield key.removeprefix("["), rest


def _as_data(law: LawInScenario, with_curve: bool) -> dict[str, Any]:
    declared = law.law
    numbers = {item.name: (item.value, item.quantity.unit, item.quantity.confidence) for item in law.own}
    return {
        "name": declared.name,
        "cell": declared.cell,
        "signals": list(declared.signals),
        "effect": declared.effect,
        "target": declared.target,
        "unit": declared.unit,
        "acts": law.acts,
        "why_not": law.why_not,
        "sentence": law.sentence if law.acts else "",
        "later": [{"hour": hour, "sentence": text} for hour, text in law.later],
        "confidence": law.confidence,
        "evidence": list(law.evidence),
        "sources": list(law.sources),
        "parameters": [
            {"name": name, "value": value, "unit": unit, "confidence": confidence}
            for name, (value, unit, confidence) in numbers.items()
        ],
        "curve": _curve_as_data(law) if with_curve else None,
    }


def _curve_as_data(law: LawInScenario) -> dict[str, Any] | None:
    drawn, curve = law.curve(), law.law.curve
    if drawn is None or curve is None:
        return None
    values, responses = drawn
    return {
        "signal": curve.signal,
        "unit": curve.unit,
        "values": [_rounded(value) for value in values],
        "responses": {label: [_rounded(value) for value in line] for label, line in responses.items()},
        "half": law.half(),
    }


def _rounded(value: float) -> float:
    return float(f"{float(value):.{DIGITS}g}")


def axis_label(name: str, unit: str) -> str:
    """The label of an axis: a name and its unit."""
    return f"{name} [{unit_in_words(unit)}]" if unit else name


def half_text(value: float, unit: str) -> str:
    """The half-point of a curve in words."""
    return written(UnitNumber(value, unit if unit != "h" else ""))
