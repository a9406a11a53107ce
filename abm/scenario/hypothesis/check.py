"""What must hold for a user's own biology: names, numbers, and rules that do not repeat or contradict each other."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence
from dataclasses import fields
from numbers import Real
from typing import TYPE_CHECKING, Any

from abm.core.names import nearest
from abm.core.own_laws import OwnLaw
from abm.core.quantity import Quantity, quantities
from abm.rules.cells import CellKind
from abm.rules.own.rates import Rate
from abm.rules.own.replaceable import REPLACEABLE
from abm.rules.own.slots import MOST_RULES, OWN_CELLS, OWN_SUBSTANCES, OwnDrug
from abm.rules.substances import Substance
from abm.scenario.conflict import Conflict
from abm.scenario.hypothesis.declared import (
    CONFIDENCES,
    FORMS,
    LIKE,
    LOWERS,
    RAISES,
    OwnCell,
    OwnSubstance,
    Rule,
    key_of,
)
from abm.scenario.hypothesis.words import Words, rule_quantities, words_of
from abm.scenario.toml.units import UnitError, allowed_range, in_range
from abm.treatments.drugs import OwnDrugGiven

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario

LONGEST_NAME = 40  # characters
COLUMNS = ("hour", "arm", "seed", "replicate", "measure", "value", "set", "day", "point")  # of tables of curves
PREFIXES = ("drug ", "activated ", "own ", "contact with ")  # of signals
TYPES: dict[str, Any] = {"str": str, "bool": bool, "float": Real, "Confidence": str}
FIELDS = {
    "from": "without",
    "and": "second",
    "and_half": "second_half",
    "and_power": "second_power",
}  # by key of a file
KEYS = {field: key for key, field in FIELDS.items()}  # by field


def own_conflicts(scenario: Scenario) -> Iterator[Conflict]:
    """Everything that is wrong with what a scenario declares of its own."""
    found = list(_wrong_kinds(scenario)) or [*_names(scenario), *_own_numbers(scenario)]
    yield from found
    if found:
        return
    words = words_of(scenario)
    wrong = False
    for number, rule in enumerate(scenario.rules):
        for conflict in _rule(number, rule, words):
            wrong = True
            yield conflict
    if not wrong:
        yield from _between(scenario.rules)
        yield from _laws(scenario)
        yield from _drugs(scenario, words)


def _wrong_kinds(scenario: Scenario) -> Iterator[Conflict]:
    """Entries of another type, and more than there is room for."""
    laws: Any = scenario.laws
    if not isinstance(laws, tuple) or not all(isinstance(law, OwnLaw) for law in laws):
        yield Conflict(("laws",), repr(laws)[:60], "is no tuple of laws", "what scenario.with_law makes")
    given: Any = scenario.rules
    for number, rule in enumerate(given if isinstance(given, tuple) else ()):
        yield from _wrong_types(number, rule)
    for name, kind, most in (
        ("substance", OwnSubstance, OWN_SUBSTANCES), ("cell", OwnCell, OWN_CELLS), ("rule", Rule, MOST_RULES),
    ):  # fmt: skip
        given = getattr(scenario, f"{name}s")
        if not isinstance(given, tuple):
            yield Conflict((f"{name}s",), repr(given)[:60], "is not a tuple", "a tuple of entries")
            continue
        for number, one in enumerate(given):
            if not isinstance(one, kind):
                yield Conflict((name, number), repr(one)[:60], "is not of a known kind", kind.__name__)
        if len(given) > most:
            yield Conflict((name, most), "", f"is one more than there is room for: {len(given)}", f"up to {most}")


def _laws(scenario: Scenario) -> Iterator[Conflict]:
    """Laws in whose place both a rule and a function would act."""
    for number, rule in enumerate(scenario.rules):
        for law in scenario.laws:
            if rule.on and rule.replaces.partition(".")[0] == law.name:
                problem = f"has the function {law.function.name} in its place already"
                hint = "leave one of them: without_laws(), or a rule with on = false"
                yield Conflict(("rule", number, "replaces"), f'"{rule.replaces}"', problem, "", hint=hint)


def _wrong_types(number: int, rule: Any) -> Iterator[Conflict]:
    """Fields of a rule that are no text, number or flag."""
    for item in fields(rule) if isinstance(rule, Rule) else ():
        value, kind = getattr(rule, item.name), TYPES[str(item.type)]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            key = ("rule", number, KEYS.get(item.name, item.name))
            yield Conflict(key, repr(value)[:60], "is of another type", str(item.type))


def _names(scenario: Scenario) -> Iterator[Conflict]:
    """Names that cannot be used, or are used already."""
    titles = {each.key: each.type.title for table in (Substance, CellKind) for each in table}
    taken = titles | {key_of(title): title for title in titles.values()}
    for name in ("substance", "cell"):
        for one in getattr(scenario, f"{name}s"):
            own: Any = one.title
            if isinstance(own, str) and own and key_of(own) in taken:
                problem = f'is the name of another ("{taken[key_of(own)]}")'
                yield Conflict((name, own), f'"{own}"', problem, "a name of its own")
            elif problem := _name_problem(own):
                yield Conflict((name, str(one.title)), f'"{one.title}"', problem, "letters, digits, blanks and hyphens")
            else:
                taken[one.key] = own
    seen: dict[str, int] = {}
    for number, rule in enumerate(scenario.rules):
        if not _is_name(rule.name):
            allowed = "lower-case letters, digits and _, such as il17a_from_cd4"
            yield Conflict(("rule", number, "name"), f'"{rule.name}"', "is no name of a rule", allowed)
        elif rule.name in seen:
            problem = f"is the name of rule {seen[rule.name] + 1}, too"
            yield Conflict(("rule", number, "name"), f'"{rule.name}"', problem, "a name of its own")
        seen.setdefault(rule.name, number)


def _is_name(name: Any) -> bool:
    """Whether this can be a name in the dotted names of parameters."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        return False
    return name == name.lower() and not name.startswith("_") and len(name) <= LONGEST_NAME


def _is_reserved(title: str) -> bool:
    """Whether a name is taken by a signal, a place or a column of tables."""
    words = Words()
    told = title.lower()
    taken = {*words.signals, *words.cells, *(place.lower() for place in words.signals)}
    return told in taken or title in taken or key_of(title) in COLUMNS or told.startswith(PREFIXES)


def _name_problem(title: Any) -> str:
    if not isinstance(title, str) or not title.strip() or len(title) > LONGEST_NAME or not title.isprintable():
        return f"is no name of 1 to {LONGEST_NAME} characters"
    if title != title.strip() or any(mark in title for mark in ".[]{}\"'\\"):
        return "has a character that a name cannot have"
    if _is_reserved(title):
        return "is taken by a signal, a place or a column of tables"
    key = key_of(title)
    return "" if key.isidentifier() and not keyword.iskeyword(key) else "does not begin with a letter"


def _own_numbers(scenario: Scenario) -> Iterator[Conflict]:
    """Numbers of substances and cells that are none or out of range, and what a cell is like."""
    for name in ("substance", "cell"):
        for one in getattr(scenario, f"{name}s"):
            for field, quantity in quantities(type(one)).items():
                yield from _number((name, one.title, field), getattr(one, field), quantity)
            yield from _choice((name, one.title, "confidence"), one.confidence, CONFIDENCES)
    for cell in scenario.cells:
        yield from _choice(("cell", cell.title, "like"), cell.like, LIKE)


def _rule(number: int, rule: Rule, words: Words) -> Iterator[Conflict]:
    """What is wrong with a rule by itself."""

    def key(field: str) -> tuple[str | int, ...]:
        return "rule", number, KEYS.get(field, field)

    unknown = [
        *_choice(key("cell"), rule.cell, list(words.cells)),
        *_choice(key("form"), rule.form, list(FORMS)),
        *_choice(key("confidence"), rule.confidence, CONFIDENCES),
        *_choice(("rule", number, "raises or lowers"), rule.direction, (RAISES, LOWERS)),
        *(_choice(key("replaces"), rule.replaces, list(REPLACEABLE)) if rule.replaces else []),
    ]
    yield from unknown
    if unknown:
        return
    who = words.cells[rule.cell]
    unknown = [
        *_choice(key(rule.direction), rule.rate, list(words.rates_of(who)), f"is no rate of this cell ({rule.cell})"),
        *_choice(key("signal"), rule.signal, list(words.signals_in(who)), "is no signal of this cell"),
        *(_choice(key("second"), rule.second, list(words.signals_in(who))) if rule.second else []),
    ]
    yield from unknown
    if unknown:
        return
    carried = [field for field in ("signal", "second") if _is_carried_in_vain(getattr(rule, field), rule, words)]
    for field in carried:
        problem = f"does nothing to {rule.rate} of a {rule.cell}, which cells do not have one by one"
        yield Conflict(key(field), f'"{getattr(rule, field)}"', problem, "a signal of the place, such as IL-6")
    if carried:
        return
    if words.rates[rule.rate].rate.type.is_factor_only and not rule.is_factor:
        yield Conflict(key("to"), f"{rule.to:g}", f"{rule.rate} can only be multiplied", 'such as "50 %" or "3-fold"')
        return
    found = [
        conflict
        for field, quantity in rule_quantities(rule, words).items()
        for conflict in _number(key(field), getattr(rule, field), quantity)
    ]
    yield from found
    if not found:
        yield from _towards(number, rule)


def _is_carried_in_vain(signal: str, rule: Rule, words: Words) -> bool:
    """Whether a rule would read from single cells what changes a rate that they share."""
    if not signal or not words.signals[signal].signal.type.is_of_cell:
        return False
    rate = words.rates[rule.rate].rate
    together = rate in (Rate.KILLING_OF_INFECTED, Rate.KILLING_OF_DORMANT, Rate.KILLING_OF_PROLIFERATING)
    return rate.type.is_mean or rate.type.is_of_place or (together and rule.cell == CellKind.CD8.type.title)


def _towards(number: int, rule: Rule) -> Iterator[Conflict]:
    """A rule that raises does not lead to less than without its signal; one of a sweep may lead to as much."""
    if rule.to < rule.without if rule.direction == RAISES else rule.to > rule.without:
        allowed = f"{'more' if rule.direction == RAISES else 'less'} than without the signal, {rule.without:g}"
        problem = f"the rule {rule.direction}, but leads from {rule.without:g} to {rule.to:g}"
        other = LOWERS if rule.direction == RAISES else RAISES
        usual = "1 (100 %)" if rule.is_factor else "0"
        hint = f'"from" is {usual} where it is not given; or write {other} = "{rule.rate}"'
        yield Conflict(("rule", number, "to"), f"{rule.to:g}", problem, allowed, (("rule", number, "from"),), hint)


def _between(rules: Sequence[Rule]) -> Iterator[Conflict]:
    """Rules that say the same twice, or the opposite of each other."""
    said: dict[tuple[str, ...], tuple[int, Rule]] = {}
    for number, rule in enumerate(rules):
        sentence = rule.cell, rule.signal, rule.second, rule.rate
        if rule.on and sentence in said:
            other, before = said[sentence]
            same = before.direction == rule.direction
            problem = (
                f"{'says the same as' if same else 'contradicts'} rule {other + 1}: {rule.signal} "
                f"{'also' if same else f'{before.direction}'} {'' if not same else rule.direction + ' '}{rule.rate}"
            ).replace("  ", " ")
            hint = "keep one of them, or switch one off: on = false"
            yield Conflict(("rule", number, rule.direction), f'"{rule.rate}"', problem, "", hint=hint)
        elif rule.on:
            said[sentence] = number, rule


def _drugs(scenario: Scenario, words: Words) -> Iterator[Conflict]:
    """More drugs than there is room for, and drugs that are given but act on nothing."""
    if len(words.drugs) > len(OwnDrug):
        yield Conflict(
            ("rule",), ", ".join(words.drugs), "are more drugs than there is room for", f"up to {len(OwnDrug)}"
        )
    for number, treatment in enumerate(scenario.treatments):
        if isinstance(treatment, OwnDrugGiven) and treatment.drug not in words.drugs:
            near = nearest(str(treatment.drug), words.drugs, 1)
            hint = (
                f'did you mean "{near[0]}"?'
                if near
                else f'a rule with signal = "drug {treatment.drug}" says what it does'
            )
            allowed = ", ".join(words.drugs) or "a drug that a rule responds to"
            key, value = ("treatment", number, "drug"), f'"{treatment.drug}"'
            yield Conflict(key, value, "no rule responds to it", allowed, (("rule",),), hint)


def _number(key: tuple[str | int, ...], value: Any, quantity: Quantity) -> Iterator[Conflict]:
    if isinstance(value, bool) or not isinstance(value, Real):
        yield Conflict(key, repr(value)[:60], "is not a number", allowed_range(quantity))
        return
    try:
        in_range(float(value), quantity)
    except (UnitError, OverflowError) as error:
        problem = getattr(error, "problem", "is not a finite number")
        yield Conflict(key, f"{str(value)[:20]} {quantity.unit}".rstrip(), problem, allowed_range(quantity))


def _choice(
    key: tuple[str | int, ...], value: Any, options: Sequence[str], problem: str = "is not known"
) -> Iterator[Conflict]:
    if not (isinstance(value, str) and value in options):
        near = nearest(value, options, 1) if isinstance(value, str) else []
        hint = f'did you mean "{near[0]}"?' if near else ""
        yield Conflict(key, f'"{value}"', problem, ", ".join(options), hint=hint)
