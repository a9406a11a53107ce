"""A user's own biology, read from its tables: `[substance.X]`, `[cell.X]` and `[[rule]]`."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from abm.core.names import nearest
from abm.core.quantity import Quantity, quantities
from abm.rules.cells import CellKind
from abm.rules.own.replaceable import REPLACEABLE
from abm.scenario.hypothesis.declared import (
    CONFIDENCES,
    FORMS,
    FRACTION,
    LIKE,
    LOWERS,
    POWER,
    RAISES,
    OwnCell,
    OwnSubstance,
    Rule,
    half_of,
)
from abm.scenario.hypothesis.hints import hints_of_cells, hints_of_laws, hints_of_rates, hints_of_signals
from abm.scenario.hypothesis.words import Words, drugs_in
from abm.scenario.toml.table import Table
from abm.scenario.toml.units import allowed_range

NEEDED = {"to": "the rate at full response"}  # what a number means, where its quantity is that of the rate
PAGE = "those of docs/hypotheses.md"  # where all signals and rates are listed
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_PLAIN = re.compile(r"\s*" + _NUMBER + r"\s*")
_FACTOR = re.compile(r"\s*(" + _NUMBER + r")\s*(%|-?\s*fold)\s*")
_NEUTRAL = {True: 1.0, False: 0.0}  # value of a factor, and of what is added, that changes nothing


class Own(NamedTuple):
    """What a file declares of its own; rows: of its rules in the file, those that could be read."""

    substances: tuple[OwnSubstance, ...]
    cells: tuple[OwnCell, ...]
    rules: tuple[Rule, ...]
    rows: tuple[int, ...]


def own_of(top: Table) -> Own:
    """What a file declares of its own."""
    substances = tuple(substance_of(row, name) for name, row in _named(top, "substance"))
    cells = tuple(cell_of(row, name) for name, row in _named(top, "cell"))
    rows = top.rows("rule")
    heard = [row.content.get(key) for row in rows for key in ("signal", "and")]
    words = Words(substances, cells, drugs_in(one for one in heard if isinstance(one, str)))
    rules = [rule_of(row, words, f"rule_{number + 1}") for number, row in enumerate(rows)]
    kept = tuple(number for number, rule in enumerate(rules) if rule)
    return Own(substances, cells, tuple(rule for rule in rules if rule), kept)


def _named(top: Table, name: str) -> list[tuple[str, Table]]:
    """The tables within a table, with their names: `[substance.X]`."""
    whole = top.table(name)
    for inner, value in list(whole.content.items()):
        if not isinstance(value, dict):
            whole.refuse(inner, whole.content.pop(inner), "is not a table", f'a table [{name}."NAME"] with keys')
    return [(inner, whole.table(inner)) for inner in list(whole.content)]


def substance_of(table: Table, title: str) -> OwnSubstance:
    """The substance in this table."""
    own = quantities(OwnSubstance)
    _needs(table, "molar_mass", own["molar_mass"])
    values: dict[str, Any] = {
        name: table.number(name, quantity, getattr(OwnSubstance, name, 1.0)) for name, quantity in own.items()
    }
    known = _known(table)
    table.finish([*values, *known])
    return OwnSubstance(title, **values, **known)


def cell_of(table: Table, title: str) -> OwnCell:
    """The type of cell in this table; where it is like nothing known, a stand-in, so that rules may name it."""
    like = table.choice("like", LIKE)
    numbers = next(kind for kind in CellKind if kind.type.title == like).type.numbers
    usual = {
        "density": numbers.resting_density, "influx": numbers.peak_influx, "loss": numbers.loss, "speed": numbers.speed,
    }  # fmt: skip
    values: dict[str, Any] = {
        name: table.number(name, quantity, _default(usual[name])) for name, quantity in quantities(OwnCell).items()
    }
    known = _known(table)
    table.finish(["like", *values, *known])
    return OwnCell(title, like, **values, **known)


def _default(declared: Any) -> float:
    """The value of a number that `param` may have declared."""
    return float(getattr(declared, "default", declared))


class _Sentence(NamedTuple):
    """The words of a rule: in whom, what raises or lowers which rate."""

    cell: str
    direction: str
    rate: str
    signal: str
    second: str


def rule_of(table: Table, words: Words, name: str) -> Rule | None:
    """The rule in this table; None, and a fault, if its words are not known: its numbers mean nothing then."""
    named = table.text("name", name)
    sentence = _sentence(table, words)
    if sentence is None:
        table.content.clear()  # without a fault for each of its other keys, and for what only this rule names
        table.reading.faulty.add(("rule",))
        return None
    form = table.choice("form", list(FORMS), "hill")
    factor = _is_factor(table, words.rates[sentence.rate].rate.type.is_factor_only)
    numbers = _numbers(table, words, sentence, form, factor)
    replaces = table.choice("replaces", list(REPLACEABLE), "", hints=hints_of_laws(table))
    on, known = _flag(table, "on"), _known(table)
    table.finish([
        *("name", "cell", "signal", RAISES, LOWERS, "from", "to", "half", "power", "form", "and", "and_half"),
        *("and_power", "replaces", "on", "source", "confidence"),
    ])  # fmt: skip
    return Rule(
        named, sentence.cell, sentence.signal, sentence.rate, sentence.direction, is_factor=factor, form=form,
        second=sentence.second, replaces=replaces, on=on, **numbers, **known,
    )  # fmt: skip


def _sentence(table: Table, words: Words) -> _Sentence | None:
    """The words of a rule; None, and a fault for each that is not known."""
    cell = table.choice("cell", list(words.cells), hints=hints_of_cells(table, words))
    direction, rate = _direction(table, words)
    if (*table.key, "cell") in table.reading.faulty or not rate:
        return None
    rates, signals = list(words.rates_of(words.cells[cell])), list(words.signals_in(words.cells[cell]))
    if rate not in rates:
        near = nearest(rate, rates, 1)
        hint = f'did you mean "{near[0]}"?' if near else ""
        table.refuse(direction, rate, f"is no rate of this cell ({cell})", ", ".join(rates), hint)
    signal = table.choice("signal", signals, hints=hints_of_signals(table, "signal", signals, words), many=PAGE)
    second = table.choice("and", signals, "", hints=hints_of_signals(table, "and", signals, words), many=PAGE)
    if any((*table.key, key) in table.reading.faulty for key in (direction, "signal", "and")):
        return None
    return _Sentence(cell, direction, rate, signal, second)


def _numbers(table: Table, words: Words, sentence: _Sentence, form: str, factor: bool) -> dict[str, Any]:
    """The numbers of a rule, by field."""
    rate = words.rates[sentence.rate].rate.type
    of_rate = FRACTION if factor else Quantity(sentence.rate, rate.unit, 0.0, rate.high, "scenario")
    half = half_of(words.signals[sentence.signal].signal)
    _needs(table, "to", of_rate)
    _needs(table, "half", half)
    values: dict[str, Any] = {
        "without": _change(table, "from", of_rate, factor, _NEUTRAL[factor]),
        "to": _change(table, "to", of_rate, factor, _NEUTRAL[factor]),
        "half": table.number("half", half, 1.0),
    }
    if form == "hill":
        values["power"] = table.number("power", POWER, 1.0)
    else:
        _needs_not(table, "power", f'a response of the form "{form}" has none: form = "hill"')
    if sentence.second:
        half = half_of(words.signals[sentence.second].signal)
        _needs(table, "and_half", half)
        values["second_half"] = table.number("and_half", half, 1.0)
        values["second_power"] = table.number("and_power", POWER, 1.0)
    for key in ("and_half", "and_power"):
        _needs_not(table, key, 'it belongs to a second signal: and = "..."')
    return values


def _needs_not(table: Table, name: str, why: str) -> None:
    """Refuse a number that this rule has no use for."""
    if name in table.content:
        table.refuse(name, table.take(name), "is of no use here", hint=why)


def _needs(table: Table, name: str, quantity: Quantity) -> None:
    """Refuse a table without a number that it must have."""
    if name not in table.content:
        meaning = NEEDED.get(name, quantity.meaning)
        known = {"unit": quantity.unit, "allowed": allowed_range(quantity), "hint": meaning}
        table.reading.refuse((*table.key, name), "", "is missing", **known)


def _known(table: Table) -> dict[str, Any]:
    """Source and confidence."""
    source = table.text("source", "assumed")
    return {"source": source, "confidence": table.choice("confidence", CONFIDENCES, "assumed")}


def _flag(table: Table, name: str) -> bool:
    value = table.take(name)
    if value is None or isinstance(value, bool):
        return value is not False
    table.refuse(name, value, "is neither true nor false", "true, false")
    return True


def _direction(table: Table, words: Words) -> tuple[str, str]:
    """Whether the rule raises or lowers, and which rate, in words; no words, and a fault, if it does not say."""
    told = [key for key in (RAISES, LOWERS) if key in table.content]
    if len(told) != 1:
        problem = "is given beside raises: a rule does one of both" if told else "is missing"
        value = table.content.get(LOWERS, "") if told else ""
        table.reading.refuse(
            (*table.key, LOWERS if told else RAISES), f'"{value}"' if value else "", problem,
            hint='the rate that the rule changes, as in raises = "awakening" or lowers = "awakening"',
        )  # fmt: skip
        return RAISES, ""
    rate = table.choice(told[0], list(words.rates), hints=hints_of_rates(table, told[0], words), many=PAGE)
    return told[0], "" if (*table.key, told[0]) in table.reading.faulty else rate


def _is_factor(table: Table, only: bool) -> bool:
    """Whether the numbers of a rule are factors: written with "%" or "fold", or of a rate that has no other."""
    texts = [str(table.content.get(key, "")) for key in ("from", "to")]
    return only or any(_FACTOR.fullmatch(text) for text in texts)


def _change(table: Table, key: str, quantity: Quantity, factor: bool, default: float) -> float:
    """What a rule makes of a rate: a quantity, or a factor such as "5 %" or "3-fold"."""
    if not factor:
        given = table.content.get(key)
        if isinstance(given, str) and _PLAIN.fullmatch(given) and quantity.unit:
            unit, amount = quantity.unit.removeprefix("1"), given.strip()
            hint = f'"{amount} {unit}" adds so much to the rate, "{amount}-fold" multiplies it'
            table.refuse(key, table.take(key), "has no unit", allowed_range(quantity), hint)
            return default
        return table.number(key, quantity, default)
    value = table.take(key)
    if value is None:
        return default
    if isinstance(value, int | float) and not isinstance(value, bool):
        return table.checked((*table.key, key), value, quantity, default)
    match = _FACTOR.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        table.refuse(key, value, "is no factor", 'such as "5 %" or "3-fold"', _unit_of_both(key))
        return default
    number = float(match[1]) / (100.0 if match[2] == "%" else 1.0)
    return table.checked((*table.key, key), number, quantity, default)


def _unit_of_both(key: str) -> str:
    other = "to" if key == "from" else "from"
    return f'"from" and "to" are both factors, or both in the unit of the rate; "{other}" decides with it'
