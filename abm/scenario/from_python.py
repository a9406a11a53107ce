"""Scenarios made in Python are checked as files are: the same ranges, the same messages, all faults at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

from abm.core.names import nearest
from abm.core.quantity import Quantity, declared, fields_of, quantities
from abm.core.seeds import ALLOWED, PROBLEM, is_seed
from abm.rules.fixed import FIXED, why_fixed
from abm.rules.infection import VIRUSES, Virus
from abm.rules.parameters import Parameters
from abm.scenario.change import READ_AT_START, Change
from abm.scenario.check import HOSTS, LAYOUTS, SNAPSHOT, VIRUS_NAMES, conflicts
from abm.scenario.conflict import Conflict
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.hypothesis.check import own_conflicts
from abm.scenario.hypothesis.numbers import with_own_numbers
from abm.scenario.toml.lines import Key
from abm.scenario.toml.source import name_problem
from abm.scenario.toml.table import MOST_OPTIONS, dotted
from abm.scenario.toml.units import UnitError, allowed_range, in_range, to_number
from abm.treatments.drugs import RepeatedDoses
from abm.treatments.treatments import DEPLETABLE, TREATMENTS, Depletion, Infection, Transfer, Vaccination

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario

SHOWN = 60  # characters of a value in a message


def check(scenario: Scenario, shortened: bool = False) -> None:
    """Refuse a scenario that could not be written as a file; shortened: see `conflicts`.

    Raises:
        ScenarioError: with all its faults.
    """
    where = f'scenario "{scenario.name}"'
    found = list(_faults(scenario)) or list(conflicts(scenario, shortened))
    faults = [Fault(where, 0, dotted(one.key), one.value, one.problem, "", one.allowed, one.hint) for one in found]
    if faults:
        raise ScenarioError(faults)


def _faults(scenario: Scenario) -> Iterator[Conflict]:
    """Values that are wrong by themselves."""
    yield from _kinds(scenario)
    yield from _choice(("host",), scenario.host, HOSTS)
    yield from _choice(("virus",), scenario.virus, VIRUS_NAMES)
    for name, quantity in quantities(type(scenario)).items():
        key = ("section", name) if name in ("width", "height") else (name,)
        yield from _number(key, getattr(scenario, name), quantity)
    if not is_seed(scenario.layout_seed):
        yield Conflict(("section", "layout_seed"), _shown(scenario.layout_seed), PROBLEM, ALLOWED)
    layout: object = scenario.layout
    if not (isinstance(layout, str) and (layout in LAYOUTS or layout.lower().endswith(".png"))):
        allowed = f"{', '.join(LAYOUTS)}, or the path of a .png file"
        yield Conflict(("section", "layout"), _shown(layout), "is not known", allowed)
    for number, time in enumerate(_listed(scenario.snapshots)):
        yield from _number(("snapshots", number), time, SNAPSHOT)
    for number, infection in enumerate(_listed(scenario.infections)):
        yield from _entry(("infection", number), infection, (Infection,))
    for number, treatment in enumerate(_listed(scenario.treatments)):
        yield from _treatment(("treatment", number), treatment)
    yield from _parameters(scenario)


def _kinds(scenario: Scenario) -> Iterator[Conflict]:
    """Fields that are no text, and no lists."""
    given: object = scenario.name
    if isinstance(given, str) and not given:
        yield Conflict(("name",), '""', "is empty", "text of at least one character")
    elif isinstance(given, str) and (problem := name_problem(given)):
        yield Conflict(("name",), "", problem, "", hint="results are named after it")
    for name in ("name", "title", "story", "expect"):
        if not isinstance(getattr(scenario, name), str):
            yield Conflict((name,), _shown(getattr(scenario, name)), "is not text", "text in quotes")
    for name in ("snapshots", "infections", "treatments", "changes"):
        if not isinstance(getattr(scenario, name), tuple | list):
            yield Conflict((name,), _shown(getattr(scenario, name)), "is not a tuple", "a tuple of entries")


def _parameters(scenario: Scenario) -> Iterator[Conflict]:
    """Parameters, and those that change."""
    own = list(own_conflicts(scenario))
    yield from own
    if own:  # else their numbers would be refused, too
        return
    second = getattr(scenario.parameters, "second_virus", None)
    usual = with_own_numbers(Parameters(second_virus=Virus() if second else None), scenario)
    yield from _group(("parameters",), scenario.parameters, usual)
    if not isinstance(scenario.parameters, Parameters):
        return
    hint = f'scenario.with_virus("{scenario.virus}", "{scenario.host}") brings them'
    yield from _virus(("parameters", "virus"), scenario.parameters.virus, scenario.virus, scenario.host, hint)
    second = scenario.parameters.second_virus
    if second is not None:
        hint = "parameters._replace(second_virus=None) brings them"
        yield from _virus(("parameters", "second_virus"), second, scenario.second_virus, scenario.host, hint)
    known = {item.name: item.quantity for item in declared(scenario.parameters) if item.name not in READ_AT_START}
    for number, change in enumerate(_listed(scenario.changes)):
        key = ("change", number)
        if not isinstance(change, Change):
            yield Conflict(key, _shown(change), "is not of a known kind", "Change")
            continue
        yield from _choice((*key, "parameter"), change.parameter, tuple(known))
        if change.parameter in known:
            yield from _number((*key, "value"), change.value, known[change.parameter])
        yield from _number((*key, "time"), change.time, quantities(Change)["time"])


def _virus(key: Key, given: Virus, virus: str, host: str, hint: str) -> Iterator[Conflict]:
    """Parameters of a virus that are those of another one."""
    whose = [pair for pair, known in VIRUSES.items() if known == given]
    if whose and (virus, host) in VIRUSES and (virus, host) not in whose:
        problem = f"are those of {' in the '.join(whose[0])}, not of {virus} in the {host}"
        yield Conflict(key, "", problem, "", hint=hint)


def _group(key: Key, group: Any, usual: Any, own: Mapping[str, Quantity] | None = None) -> Iterator[Conflict]:
    """A (nested) parameter group."""
    if type(group) is not type(usual):
        yield Conflict(key, _shown(group), "is not of a known kind", type(usual).__name__)
        return
    for name, fixed, quantity, within in fields_of(usual, own):
        value = getattr(group, name)
        if quantity is None:
            yield from _group((*key, name), value, fixed, within)
        else:
            yield from _number((*key, name), value, quantity)
    known = {field.name for field in fields_of(usual, own)}
    for name in usual._fields:
        if name not in known and not _is_same(getattr(group, name), getattr(usual, name)):
            hint = why_fixed(".".join(str(part) for part in (*key[1:], name)))
            yield Conflict((*key, name), _shown(getattr(group, name)), FIXED, "", hint=hint)


def _is_same(value: Any, usual: Any) -> bool:
    """Whether a number, or all in a group, is what it usually is; None: a group that is not there."""
    if value is None or usual is None:
        return value is usual
    if hasattr(usual, "_asdict"):
        return type(value) is type(usual) and all(map(_is_same, value, usual))
    return isinstance(value, Real) and bool(value == usual)


def _treatment(key: Key, treatment: Any) -> Iterator[Conflict]:
    yield from _entry(key, treatment, tuple(TREATMENTS.values()))
    if isinstance(treatment, RepeatedDoses):
        yield from _choice((*key, "drug"), treatment.drug, tuple(treatment.LIBRARY))
    if isinstance(treatment, Depletion | Transfer):
        yield from _choice((*key, "cells"), treatment.cells, tuple(DEPLETABLE))


def _entry(key: Key, entry: Any, kinds: tuple[type, ...]) -> Iterator[Conflict]:
    """An infection or a treatment with its numbers."""
    if not isinstance(entry, kinds):
        yield Conflict(key, _shown(entry), "is not of a known kind", ", ".join(kind.__name__ for kind in kinds))
        return
    for name, quantity in quantities(type(entry)).items():
        yield from _number((*key, name), getattr(entry, name), quantity)
    if isinstance(entry, Infection | Vaccination) and entry.virus != "":
        yield from _choice((*key, "virus"), entry.virus, VIRUS_NAMES)


def _number(key: Key, value: object, quantity: Quantity) -> Iterator[Conflict]:
    allowed = allowed_range(quantity)
    if type(value) is bool or not isinstance(value, Real):
        hint = _in_python(value, quantity) if isinstance(value, str) else ""
        yield Conflict(key, _shown(value), "is not a number", allowed, hint=hint)
        return
    try:
        in_range(float(value), quantity)
    except (UnitError, OverflowError) as error:
        unit = quantity.unit.removeprefix("1") if quantity.unit.startswith("1/") else quantity.unit
        problem = getattr(error, "problem", "is not a finite number")
        yield Conflict(key, f"{_shown(value)} {unit}".rstrip(), problem, allowed)


def _in_python(text: str, quantity: Quantity) -> str:
    """How a quantity that was written with its unit is given in Python."""
    takers = "text with a unit is for files and for the methods scenario.with_..."
    try:
        return f"a field holds a number in this unit, {to_number(text, quantity)!r}; {takers}"
    except UnitError:
        return f"a field holds a number in this unit; {takers}"


def _choice(key: Key, value: object, options: Sequence[str]) -> Iterator[Conflict]:
    if not (isinstance(value, str) and value in options):
        near = nearest(value, options, 1) if isinstance(value, str) else []
        hint = f'did you mean "{near[0]}"?' if near else ""
        allowed = ", ".join(options) if len(options) <= MOST_OPTIONS else "as `embers describe` lists them"
        yield Conflict(key, _shown(value), "is not known", allowed, hint=hint)


def _listed(value: Any) -> Sequence[Any]:
    """The entries of a tuple or list; of anything else none."""
    return value if isinstance(value, tuple | list) else ()


def _shown(value: object) -> str:
    """A value in one short line."""
    text = " ".join((f"{value:g}" if isinstance(value, float) else repr(value)).split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
