"""Scenarios with rules made at random, of every cell, signal, rate and form, with numbers in their ranges."""

from __future__ import annotations

import random

from abm.rules.own.rates import Rate
from abm.rules.own.slots import OwnDrug
from abm.scenario.hypothesis.declared import FORMS, FRACTION, LIKE, half_of
from abm.scenario.hypothesis.words import Words, words_of
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Infection

MOST = 5  # rules of a scenario
TINY = Scenario(
    name="made", width=160.0, height=160.0, layout="sheet", duration=24.0, record_every=6.0, snapshots=(),
    infections=(Infection(dose=50.0),),
)  # fmt: skip


def made(seed: int, start: Scenario = TINY) -> Scenario:
    """A scenario with one or two substances, cells and drugs of its own and some rules; the same seed, the same one."""
    chance = random.Random(seed)
    scenario = start
    for number in range(chance.randint(0, 2)):
        scenario = scenario.with_substance(
            f"substance {number}", molar_mass=chance.uniform(1.0, 100.0), loss=chance.uniform(0.1, 2.0),
            diffusion=chance.uniform(1000.0, 40_000.0),
        )  # fmt: skip
    for number in range(chance.randint(0, 2)):
        scenario = scenario.with_cell(
            f"cell {number}", like=chance.choice(LIKE), density=chance.uniform(0.0, 200.0), influx=chance.uniform(0, 20)
        )
    for _ in range(chance.randint(1, MOST)):
        scenario = with_any_rule(scenario, chance)
    for name in words_of(scenario).drugs:
        if chance.random() < 0.8:
            scenario = scenario.with_treatment(
                "drug", drug=name, start=chance.choice([0.0, 0.25]) * scenario.duration, stop=0.75 * scenario.duration
            )
    return scenario


def with_any_rule(scenario: Scenario, chance: random.Random) -> Scenario:
    """The scenario with one more rule, unless it says what another says already."""
    words = _with_drugs(words_of(scenario))
    cell = chance.choice(list(words.cells))
    who = words.cells[cell]
    rate, target = chance.choice(list(words.rates_of(who).items()))
    signal, heard = chance.choice(list(words.signals_in(who).items()))
    said_before = any((rule.cell, rule.signal, rule.rate) == (cell, signal, rate) for rule in scenario.rules)
    if said_before or (heard.signal.type.is_of_cell and _is_shared(target.rate)):
        return scenario
    values = {"form": chance.choice(list(FORMS)), "half": _within(half_of(heard.signal), chance)}
    direction, change = _change(target.rate, chance)
    values |= {direction: rate, **change}
    if values["form"] == "hill":
        values["power"] = chance.choice([1, 2, 3, 2.5])
    if chance.random() < 0.2:
        second, also = chance.choice(list(words.signals_in(who).items()))
        if not (also.signal.type.is_of_cell and _is_shared(target.rate)):
            values |= {"and_": second, "and_half": _within(half_of(also.signal), chance)}
    if cell == "dormant cancer cell" and rate == "awakening" and chance.random() < 0.5:
        values["replaces"] = "il6_awakening_rate"
    return scenario.with_rule(cell, signal, **values)


def _is_shared(rate: Rate) -> bool:
    """Whether cells have this rate together, so that what single cells carry is no signal of it."""
    return rate.type.is_mean or rate.type.is_of_place or rate.type.words.startswith("killing")


def _with_drugs(words: Words) -> Words:
    drugs = tuple(sorted({*words.drugs, "one", "other"}))[: len(OwnDrug)]
    return Words(words.own_substances, words.own_cells, drugs)


def _within(quantity, chance: random.Random) -> float:
    """A number in the range of a quantity, each decade as likely as any other."""
    low, high = max(quantity.low, 1e-4), min(quantity.high, 1e4)
    return low * (high / low) ** chance.random()


def _change(rate: Rate, chance: random.Random) -> tuple[str, dict]:
    """In which direction, from where to where."""
    if rate.type.is_factor_only or chance.random() < 0.4:
        to = chance.choice([0.0, 0.1, 0.5, 2.0, 5.0])
        assert FRACTION.low <= to <= FRACTION.high
        return "raises" if to > 1.0 else "lowers", {"to": f"{to}-fold"}
    base, to = sorted(rate.type.high * chance.choice([0.0, 0.01, 0.1, 0.5]) for _ in range(2))
    to = to if to > base else rate.type.high
    if chance.random() < 0.3:
        return "lowers", {"from_": to, "to": base}
    return "raises", {"from_": base, "to": to}
