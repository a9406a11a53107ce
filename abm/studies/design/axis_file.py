"""One entry [[axis]] of a study file, read and checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from abm.core.names import nearest
from abm.core.quantity import Quantity
from abm.rules.renamed import nearest_current_name, why_dropped
from abm.scenario.scenario import Scenario
from abm.scenario.toml.table import Table
from abm.studies.design.axis import Axis, spaced
from abm.studies.design.target import AxisTarget, target_names, target_of

MOST_STEPS = 1_000_000
FACTOR = Quantity("multiple of what the arm has", "", 0.0, 1e6, "study")


def read_axis(row: Table, arms: tuple[Scenario, ...]) -> Axis | None:
    """The axis in this entry; None where it is not clear what it moves, as nothing else can be checked then."""
    relative = yes_or_no(row, "relative", False)
    named = row.content.get("vary")
    targets = _targets(row, arms)
    if not targets:
        return None
    quantity = FACTOR if relative else targets[0].quantity
    if not relative and any(target.quantity.unit != quantity.unit for target in targets):
        row.refuse("vary", [target.name for target in targets], "do not have the same unit", hint="relative = true")
    values = row.take("values")
    scale = row.choice("scale", ("linear", "logarithmic"), "linear")
    low, high = (row.number(name, quantity, -1.0) for name in ("low", "high"))
    steps = row.whole("steps", 0)
    name = row.text("name", _last_part(named))
    row.finish(("vary", "name", "relative", "values", "low", "high", "steps", "scale"))
    axis = Axis(name, targets, relative, (), low, high, scale == "logarithmic")
    if values is not None:
        return replace(axis, levels=_levels(row, values, quantity))
    return _between(row, axis, steps)


def _last_part(named: Any) -> str:
    """The end of the first name as written, so that a study with an earlier name keeps its column."""
    return (named if isinstance(named, str) else named[0]).rpartition(".")[2]


def _between(row: Table, axis: Axis, steps: int) -> Axis:
    """The axis from `low` to `high`: in steps, or sampled."""
    key = (*row.key, "low")
    if min(axis.low, axis.high) < 0.0:
        if not row.reading.faulty.intersection({key, (*row.key, "high")}):
            row.reading.refuse(row.key, "", "has neither values nor both low and high")
        return axis
    if axis.low >= axis.high:
        row.refuse("high", row.reading.written[*row.key, "high"], "is not above low")
    elif axis.logarithmic and axis.low <= 0.0:
        row.refuse("low", axis.low, "has no logarithm", "more than 0")
    elif steps == 1:
        row.refuse("steps", steps, "does not reach from low to high", "2 or more")
    elif steps > MOST_STEPS:
        row.refuse("steps", steps, "are more than a study can have runs", f"up to {MOST_STEPS:,}")
        return replace(axis, levels=(axis.low, axis.high))
    elif steps:
        return replace(axis, levels=spaced(axis.low, axis.high, steps, axis.logarithmic))
    return axis


def _targets(row: Table, arms: tuple[Scenario, ...]) -> tuple[AxisTarget, ...]:
    raw = row.take("vary")
    names = [raw] if isinstance(raw, str) else raw
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        problem = "is missing" if raw is None else "is not the name of a number, or a list of names"
        row.reading.refuse((*row.key, "vary"), "", problem, hint="`embers describe` shows all names")
        return ()
    targets = []
    for name in names:
        try:
            target = target_of(name, arms)
        except KeyError:
            if instead := why_dropped(name):
                row.refuse("vary", name, f"belongs to a law that was dropped: {instead}", hint="see docs/model.md")
                continue
            older = nearest_current_name(name)
            near = [older] if older else nearest(name, target_names(arms))
            hint = f"nearest: {', '.join(near)}; " if near else ""
            row.refuse("vary", name, "is not a declared number", hint=f"{hint}`embers describe` shows all names")
            continue
        if arms and not any(target.is_in(arm) for arm in arms):
            row.refuse("vary", name, f"is in no arm ({', '.join(arm.name for arm in arms)})")
        targets.append(target)
    return tuple(targets) if len(targets) == len(names) else ()


def _levels(row: Table, values: object, quantity: Quantity) -> tuple[float, ...]:
    if not isinstance(values, list) or not values:
        row.refuse("values", values, "is not a list of values", 'a list such as ["1 d", "3 d"]')
        return (0.0,)
    key = (*row.key, "values")
    levels = [row.checked((*key, at), value, quantity, 0.0) for at, value in enumerate(values)]
    return tuple(dict.fromkeys(levels))


def yes_or_no(table: Table, name: str, default: bool) -> bool:
    """True or false."""
    value = table.take(name)
    if value is None or isinstance(value, bool):
        return default if value is None else value
    table.refuse(name, value, "is neither true nor false")
    return default
