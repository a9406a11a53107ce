"""Values that entries of a lesson file share: lines of text, names, days, ranges, changes to an arm."""

from __future__ import annotations

import string
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from abm.core.names import nearest
from abm.core.quantity import Quantity
from abm.dashboard.content.recipe import DAYS
from abm.dashboard.lessons.lesson import LARGEST_LINE, LARGEST_TEXT
from abm.dashboard.lessons.task import AXIS_FORMS, INFINITE, LessonAxis
from abm.model.measures import MEASURES
from abm.scenario.toml.table import Table
from abm.studies.design.axis_file import yes_or_no

HOURS = Quantity("time since day 0", "h", 0.0, DAYS[1] * 24.0, "lesson")
BOUND = Quantity("bound of a number", "", -1e9, 1e9, "lesson")
LISTS = ("infection", "treatment", "change")


def line(table: Table, name: str, required: bool = True, most: int = LARGEST_LINE) -> str:
    """A text of at most `most` characters; required where it must not be empty."""
    text = table.text(name).strip()
    if len(text) > most:
        table.refuse(name, text, f"has {len(text):,} characters", f"at most {most:,}")
    if required and not text and (*table.key, name) not in table.reading.faulty:
        table.reading.refuse((*table.key, name), "", "is missing", hint=f'{name} = "..."')
    return " ".join(text.split())


def paragraph(table: Table, name: str, required: bool = True) -> str:
    """A longer text."""
    return line(table, name, required, LARGEST_TEXT)


def lines(table: Table, name: str) -> tuple[str, ...]:
    """A list of texts; empty where it is absent."""
    value = table.take(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) and len(one) <= LARGEST_TEXT for one in value):
        table.refuse(name, value, "is not a list of texts", f'a list such as ["..."], {LARGEST_TEXT:,} characters each')
        return ()
    return tuple(" ".join(one.split()) for one in value)


def one_of(table: Table, name: str, known: Collection[str], what: str, required: bool = True) -> str:
    """A name that the file declares elsewhere; "" where it is absent and not required, or unknown."""
    value = table.take(name)
    if value is None and not required:
        return ""
    if isinstance(value, str) and value in known:
        return value
    allowed = ", ".join(known)
    if value is None:
        table.reading.refuse((*table.key, name), "", "is missing", allowed=allowed)
    else:
        table.refuse(name, value, f"is not {what} of this lesson", allowed, _near(value, known))
    return ""


def some_of(table: Table, name: str, known: Sequence[str], what: str, default: Sequence[str]) -> tuple[str, ...]:
    """Names that the file declares elsewhere, each once."""
    value = table.take(name)
    if value is None:
        return tuple(default)
    if not isinstance(value, list) or not value:
        table.refuse(name, value, "is not a list of names", f'a list such as ["{known[0] if known else "name"}"]')
        return ()
    for one in [one for one in value if one not in known]:
        table.refuse(name, one, f"is not {what} of this lesson", ", ".join(known), _near(one, known))
    return tuple(dict.fromkeys(one for one in value if one in known))


def _near(value: object, known: Collection[str]) -> str:
    near = nearest(value, known, 1) if isinstance(value, str) else []
    return f'did you mean "{near[0]}"?' if near else ""


def measure(table: Table, known: Collection[str] = MEASURES) -> str:
    """The name of a measure; "" where it is absent."""
    value = table.take("measure")
    if value is None or value in known:
        return str(value or "")
    near = nearest(value, known) if isinstance(value, str) else []
    hint = f"nearest: {', '.join(near)}" if near else "docs/lessons.md lists them"
    table.refuse("measure", value, "is not a measure", hint=hint)
    return ""


def hour(table: Table, days: int, name: str = "day", default: float | None = None) -> float:
    """A day of the run, in hours; a whole hour, since the curves have one point per hour."""
    given = name in table.content
    found = table.number(name, HOURS, days * 24.0 if default is None else default)
    if given and found > days * 24 and (*table.key, name) not in table.reading.faulty:
        table.refuse(name, f"{found / 24:g} d", "is after the end of the run", f"0 to {days} d")
    if found != round(found):
        table.refuse(name, f"{found:g} h", "is not a full hour", "full hours")
    return float(round(found))


def bounds(table: Table) -> tuple[float, float]:
    """`least` and `most`; infinite where they are absent."""
    least = table.number("least", BOUND, -INFINITE)
    most = table.number("most", BOUND, INFINITE)
    if least > most:
        table.refuse("most", most, "is below least", f"{least:g} or more")
    return least, most


def axis(table: Table, title: str) -> LessonAxis:
    """The axis of a sketch or of bars."""
    inner = table.table("axis")
    log = yes_or_no(inner, "log", False)
    name = line(inner, "title", required=False) or title
    for end in [end for end in ("low", "high") if end not in inner.content]:
        if end == "high" or log:
            inner.reading.refuse(
                (*inner.key, end), "", "is missing", hint="axis = { low = 0.1, high = 1000, log = true }"
            )
    low, high = inner.number("low", BOUND, 0.1 if log else 0.0), inner.number("high", BOUND, 1.0)
    form = inner.choice("form", AXIS_FORMS, AXIS_FORMS[0])
    inner.finish(("title", "low", "high", "log", "form"))
    if high <= low:
        inner.refuse("high", high, "is not above low", f"more than {low:g}")
    elif log and low <= 0:
        inner.refuse("low", low, "has no logarithm", "more than 0")
    else:
        return LessonAxis(name, low, high, log, form)
    return LessonAxis(name, 0.1, 1.0, False)


def edits(table: Table) -> list[Mapping[str, Any]]:
    """Changes to a scenario: the entries and parameters in this table, as edits of a view."""
    found: list[Mapping[str, Any]] = []
    for name in LISTS:
        found += [{"op": "add", "list": name, "entry": row.content} for row in table.rows(name)]
    found += [{"op": "set", "key": name, "value": value} for name, value in _leaves(table.table("parameters").content)]
    return found


def _leaves(content: Mapping[str, Any], path: str = "parameters") -> list[tuple[str, Any]]:
    found = []
    for name, value in content.items():
        inner = f"{path}.{name}"
        found += _leaves(value, inner) if isinstance(value, dict) else [(inner, value)]
    return found


def check_numbers(table: Table, name: str, text: str, known: Collection[str]) -> None:
    """Refuse a text that names, in braces, a number that the lesson does not declare."""
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(text) if field is not None]
    except ValueError:
        table.refuse(name, text, "has a brace without its other half", hint="a number in a text: {name}")
        return
    for field in [field for field in fields if field not in known]:
        table.refuse(name, f"{{{field}}}", "is not a number of this lesson", ", ".join(known), _near(field, known))
