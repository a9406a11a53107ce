"""The task at the end of a lesson, which students answer by runs of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abm.core.names import nearest
from abm.core.quantity import Quantity
from abm.dashboard.content.recipe import MOST_SEED
from abm.dashboard.lessons import entries
from abm.dashboard.lessons.lesson import ANY, TransferTask
from abm.dashboard.lessons.read_tasks import Known
from abm.scenario.scenario import Scenario
from abm.scenario.toml.table import Table
from abm.scenario.toml.units import written
from abm.studies.design.axis_file import yes_or_no
from abm.studies.design.target import PARAMETERS, SECTION, AxisTarget, target_names, target_of

MOST_VALUES = 40
FINDS = ("last", "first", ANY)
KEYS = (
    "ask",
    "number",
    "least",
    "most",
    "find",
    "title",
    "vary",
    "from",
    "to",
    "step",
    "lungs",
    "option",
    "tries",
    "log",
)
Edits = tuple[tuple[str, Mapping[str, Any]], ...]


def read_transfer(table: Table, known: Known, scenarios: Mapping[str, Scenario]) -> TransferTask | None:
    """The task in the table [transfer]; None where it is absent or what it varies is not clear."""
    if not table.content:
        return None
    ask = entries.paragraph(table, "ask")
    number = entries.one_of(table, "number", known.numbers, "a number")
    least, most = entries.bounds(table)
    title = entries.line(table, "title", required=False)
    tries, log = table.whole("tries", 12, least=2), yes_or_no(table, "log", False)
    find = table.choice("find", FINDS, ANY if "option" in table.content else "last")
    ways = [way for way in ("vary", "lungs", "option") if way in table.content]
    if len(ways) != 1:
        hint = "give one of: vary, lungs, [[transfer.option]]"
        table.refuse("vary", ways, "is not the one thing to change", hint=hint)
        return None
    if "vary" in ways:
        unit, values, edits = _varied(table, known, number, scenarios)
        seeds: tuple[int, ...] = ()
    elif "lungs" in ways:
        unit, edits, seeds = "", (), _seeds(table)
        values = tuple(f"lung {seed}" for seed in seeds)
    else:
        unit, seeds = "", ()
        values, edits = _options(table, known)
    table.finish(KEYS)
    return TransferTask(ask, number, least, most, find, title, unit, values, edits, seeds, tries, log)


def _varied(
    table: Table, known: Known, number: str, scenarios: Mapping[str, Scenario]
) -> tuple[str, tuple[str, ...], tuple[Edits, ...]]:
    """Unit and values from `from` to `to` in steps, and for each the edits that set it in the arm of the number."""
    name = table.text("vary")
    arm = known.numbers[number].arm if number else ""
    target = _target(table, name, scenarios, arm)
    if target is None:
        for key in ("from", "to", "step"):
            table.take(key)
        return "", (), ()
    quantity = target.quantity
    spacing = Quantity("distance of two values", quantity.unit, 0.0, quantity.high, "lesson")
    low, high = table.number("from", quantity, quantity.low), table.number("to", quantity, quantity.low)
    step = table.number("step", spacing, 0.0)
    if table.reading.faulty.intersection((*table.key, key) for key in ("from", "to", "step")):
        return "", (), ()
    count = int((high - low) / step + 1e-9) + 1 if step > 0 and high > low else 0
    if not 2 <= count <= MOST_VALUES:
        table.refuse("step", count, "is no number of values from `from` to `to`", f"2 to {MOST_VALUES} values")
        return "", (), ()
    values = [low + at * step for at in range(count)]
    unit = "d" if quantity.unit == "h" and step % 24 == 0 and low % 24 == 0 else quantity.unit
    shown = [f"{value / 24 if unit == 'd' else value:g}" for value in values]
    return unit, tuple(shown), tuple(((arm, _edit(target, scenarios[arm], value)),) for value in values)


def _target(table: Table, name: str, scenarios: Mapping[str, Scenario], arm: str) -> AxisTarget | None:
    """The number of the arm that is varied; None, and a fault, where there is none."""
    if arm not in scenarios:
        return None
    try:
        target = target_of(name, [scenarios[arm]])
    except KeyError:
        near = nearest(name, target_names([scenarios[arm]]))
        hint = f"nearest: {', '.join(near)}; " if near else ""
        table.refuse("vary", name, "is not a declared number", hint=f"{hint}`embers describe` shows all names")
        return None
    if name in SECTION or not target.is_in(scenarios[arm]):
        table.refuse("vary", name, f'is no number that can be changed in the arm "{arm}"')
        return None
    return target


def _edit(target: AxisTarget, scenario: Scenario, value: float) -> Mapping[str, Any]:
    """The edit of a view that sets a number."""
    text: Any = written(value, target.quantity.unit).strip('"') if target.quantity.unit else value
    if target.name.startswith(PARAMETERS):
        return {"op": "set", "key": target.name, "value": text}
    (name, at, field), *_ = target.keys_in(scenario)
    return {"op": "put", "list": name, "at": at, "key": field, "value": text}


def _seeds(table: Table) -> tuple[int, ...]:
    value = table.take("lungs")
    right = isinstance(value, list) and all(type(one) is int and 0 <= one <= MOST_SEED for one in value)
    if right and 2 <= len(set(value)) == len(value) <= MOST_VALUES:
        return tuple(value)
    table.refuse("lungs", value, "is not a list of different seeds", f"2 to {MOST_VALUES} whole numbers from 0")
    return ()


def _options(table: Table, known: Known) -> tuple[tuple[str, ...], tuple[Edits, ...]]:
    """Titles of the options, and the edits of each to its arms."""
    titles, found = [], []
    for row in table.rows("option"):
        titles.append(entries.line(row, "title"))
        arms = entries.some_of(row, "arms", known.names, "an arm", known.names)
        edits = entries.edits(row)
        row.finish(("title", "arms", *entries.LISTS, "parameters"))
        found.append(tuple((arm, edit) for arm in arms for edit in edits))
    if not 2 <= len(titles) <= MOST_VALUES:
        table.refuse("option", len(titles), "is no number of options", f"2 to {MOST_VALUES}")
    return tuple(titles), tuple(found)
