"""Laws that a scenario declares of its own: its rules, and the numbers of its substances and cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from abm.core.quantity import declared
from abm.laws.law import LOWERS, RAISES, SETS, Law, LawCurve
from abm.laws.numbers import capital
from abm.laws.places import EPITHELIUM, TISSUE
from abm.rules.own.rule import response

if TYPE_CHECKING:
    from abm.scenario.hypothesis.declared import OwnCell, OwnSubstance, Rule
    from abm.scenario.scenario import Scenario

_PLACES = {"epithelium": EPITHELIUM, "infected epithelium": EPITHELIUM}
_SPAN = 100.0  # the curve of a rule goes from `half` over this to `half` times this
_DONE = ("secretion", "killing", "phagocytosis", "release")  # what is done by a cell
CONTACT = "contact with "  # before the name of a type of cell
_OWN = {"own phenotype": "an epithelial phenotype"}
_FORMS = {"linear": "in proportion, half way at {half}", "threshold": "from {half} on"}


def laws_of_own(scenario: Scenario, p: Any) -> Iterator[Law]:
    """Everything that a scenario declares of its own, as laws, under these parameters."""
    units = {item.name: item.quantity.unit for item in declared(p)}
    for substance in scenario.substances:
        yield _substance(substance, scenario)
    for cell in scenario.cells:
        yield _cell(cell)
    for number, rule in enumerate(scenario.rules):
        yield _rule(number, rule, units, scenario)


def _substance(one: OwnSubstance, scenario: Scenario) -> Law:
    name = f"substances.{one.key}"
    secreted = any(rule.on and rule.rate == f"secretion of {one.title}" for rule in scenario.rules)
    return Law(
        f"local_loss.{one.key}", TISSUE, (), SETS, f"loss of {one.title}", "1/h",
        f"{capital(one.title)} diffuses at {{{name}.diffusion}} and is lost at {{{name}.loss}}.",
        absent="" if secreted else f"no rule raises its secretion: there is never any {one.title}",
    )  # fmt: skip


def _cell(one: OwnCell) -> Law:
    name = f"cells.{one.key}"
    return Law(
        f"cells.{one.key}", one.title, (), SETS, "numbers of cells", "cell/mm^2",
        f"A {one.title} is like a {one.like}: {{{name}.resting_density}} in resting lung, an influx of up to "
        f"{{{name}.peak_influx}} in inflammation, a loss of {{{name}.loss}} and a speed of {{{name}.speed}}.",
    )  # fmt: skip


def _rule(number: int, rule: Rule, units: Mapping[str, str], scenario: Scenario) -> Law:
    name = f"rules.{rule.name}"
    heard = units[f"{name}.half"]

    def respond(signal: float, p: Any) -> float:
        own = p.rules[number]
        share = response(signal, int(own.form), own.half, own.power)
        return float(own.without + (own.to - own.without) * share)

    curve = LawCurve(
        rule.signal, heard, rule.half / _SPAN, rule.half * _SPAN if heard else 1.0, {"": respond}, logarithmic=True,
        half=f"{name}.half", power=f"{name}.power" if rule.form == "hill" else None,
    )  # fmt: skip
    return Law(
        name, _PLACES.get(rule.cell, rule.cell), (rule.signal, *([rule.second] if rule.second else [])),
        RAISES if rule.direction == RAISES else LOWERS, rule.rate, units[f"{name}.to"], sentence_of(rule),
        function=response, curve=curve, has_base=True, absent=_why_not(rule, scenario),
    )  # fmt: skip


def _why_not(rule: Rule, scenario: Scenario) -> str:
    """Why a rule never acts; empty where it may."""
    if not rule.on:
        return "it is switched off (on = false)"
    given = [f"drug {getattr(treatment, 'drug', '')}" for treatment in scenario.treatments]
    for signal in (rule.signal, rule.second):
        if signal.startswith("drug ") and signal not in given and rule.without in (0.0, 1.0):
            return f"no treatment gives the {signal}"
    return ""


def sentence_of(rule: Rule) -> str:
    """A rule as a sentence, in which names stand for its numbers."""
    name = f"rules.{rule.name}"
    way = f"from {{{name}.without{_style(rule, rule.without)}}} to {{{name}.to{_style(rule, rule.to)}}}"
    shape = (
        f"half way at {{{name}.half}}, Hill power {{{name}.power}}"
        if rule.form == "hill"
        else _FORMS[rule.form].format(half=f"{{{name}.half}}")
    )
    second = (
        f", where there is {_heard(rule.second, 'a')} "
        f"(half at {{{name}.second_half}}, Hill power {{{name}.second_power}})"
        if rule.second
        else ""
    )
    instead = f" It takes the place of the law {rule.replaces}." if rule.replaces else ""
    does = "raised" if rule.direction == RAISES else "lowered"
    return f"{capital(_what(rule))} is {does} by {_heard(rule.signal)} {way}, {shape}{second}.{instead}"


def _what(rule: Rule) -> str:
    """The rate that a rule changes, with the cell that has it."""
    if rule.cell == "tissue":
        return f"the {rule.rate}"
    joined = "by" if rule.rate.startswith(_DONE) else "of"
    cell = rule.cell if "epithelium" in rule.cell else f"{'an' if rule.cell[:2] == 'NK' else 'a'} {rule.cell}"
    return f"the {rule.rate} {joined} {cell}"


def _heard(signal: str, of_cells: str = "each") -> str:
    """A signal in a sentence; of_cells: before the name of a cell that is counted."""
    if signal.startswith(CONTACT):
        return f"{of_cells} {signal.removeprefix(CONTACT)} in contact"
    if signal.endswith("within 50 um"):
        return f"{of_cells} {signal}"
    return _OWN.get(signal, signal.removeprefix("own "))


def _style(rule: Rule, value: float) -> str:
    """How a number of a rule is written: a factor as a percentage, or as a multiple above 1."""
    return "" if not rule.is_factor else ":%" if value <= 1.0 else ":fold"
