"""Tables of a scenario file, read key by key: a wrong value becomes a fault, its default goes on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from abm.core.names import nearest
from abm.core.quantity import Quantity, declared, fields_of, quantities
from abm.rules.fixed import FIXED, why_fixed
from abm.rules.renamed import nearest_current_name, why_dropped
from abm.scenario.errors import Fault, label
from abm.scenario.toml.lines import Key
from abm.scenario.toml.source import ScenarioSource
from abm.scenario.toml.units import UnitError, allowed_range, to_number

LONGEST = 60  # characters of a value that a fault shows
MOST_OPTIONS = 20  # that a fault lists


def dotted(key: Key) -> str:
    """A key for people: ("treatment", 1, "dose") is "treatment 2: dose"."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f" {part + 1}"
        else:
            text += (": " if text[-1:].isdigit() and " " in text else "." if text else "") + part
    return text


def as_written(value: object) -> str:
    """A value as TOML writes it, shortened."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # a whole number of thousands of digits
        return "a very long number"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _first_leaf(name: str, value: object) -> Key:
    """Names of the first number in a value, which may be a table."""
    inner = next(iter(value.items()), None) if isinstance(value, dict) else None
    return (name, *_first_leaf(*inner)) if inner else (name,)


@dataclass
class TableReading:
    """The faults found so far, the keys they stand at, and the text of each value read.

    Attributes:
        in_python: what a fault names instead of a file, for values given in Python code; there a number may stand
            without a unit, for one in the declared unit.
    """

    source: ScenarioSource
    faults: list[Fault]
    in_python: str = ""
    faulty: set[Key] = field(default_factory=set)
    written: dict[Key, str] = field(default_factory=dict)

    def refuse(self, key: Key, value: str, problem: str, **known: str) -> None:
        """Note a fault; `known`: unit, allowed and hint of the `Fault`."""
        file, line = self.source.place(key)
        self.faulty.add(key)
        self.faults.append(Fault(self.in_python or label(file), line, dotted(key), value, problem, **known))


@dataclass
class Table:
    """One table: what is asked for is taken out, so what is left at the end is unknown."""

    reading: TableReading
    content: dict[str, Any]
    key: Key

    def take(self, name: str) -> Any:
        """The raw value, out of the table; None where it is absent (TOML has no null)."""
        value = self.content.pop(name, None)
        if value is not None:
            self.reading.written[(*self.key, name)] = as_written(value)
        return value

    def refuse(self, name: str, value: object, problem: str, allowed: str = "", hint: str = "") -> None:
        """Note a fault of one key of this table."""
        self.reading.refuse((*self.key, name), as_written(value), problem, allowed=allowed, hint=hint)

    def text(self, name: str, default: str = "") -> str:
        """A line of text."""
        value = self.take(name)
        if value is None or isinstance(value, str):
            return default if value is None else value
        self.refuse(name, value, "is not text", "text in quotes")
        return default

    def choice(
        self, name: str, options: Sequence[str], default: str | None = None, hints: Mapping[str, str] | None = None,
        many: str = "as `embers describe` lists them",
    ) -> str:  # fmt: skip
        """One of the options; required where there is no default.

        hints: what to say of some that are none; many: of the options, where there are too many to list.
        """
        value = self.take(name)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value in options:
            return value
        allowed = ", ".join(options) if len(options) <= MOST_OPTIONS else many
        if value is None:
            self.reading.refuse((*self.key, name), "", "is missing", allowed=allowed)
        else:
            near = nearest(value, options, 1) if isinstance(value, str) else []
            hint = f'did you mean "{near[0]}"?' if near else ""
            hint = (hints or {}).get(str(value), hint)
            problem = "is not known" if isinstance(value, str) else "is not text"
            self.refuse(name, value, problem, allowed, hint)
        return options[0] if default is None else default

    def number(self, name: str, quantity: Quantity, default: float) -> float:
        """A quantity, in its declared unit."""
        value = self.take(name)
        return default if value is None else self.checked((*self.key, name), value, quantity, default)

    def checked(self, key: Key, value: object, quantity: Quantity, default: float) -> float:
        """The value as a number; its default, and a fault, where it is none."""
        try:
            return to_number(value, quantity, bare=bool(self.reading.in_python))
        except UnitError as error:
            known = {"unit": quantity.unit, "allowed": allowed_range(quantity), "hint": error.hint}
            self.reading.refuse(key, as_written(value), error.problem, **known)
            return default

    def whole(self, name: str, default: int, least: int = 0, most: int = 2**63 - 1) -> int:
        """A whole number from `least` to `most`, with no unit."""
        value = self.take(name)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.refuse(name, value, "is not a whole number in the range", f"{least} to {most}")
        return default

    def times(self, name: str, quantity: Quantity) -> tuple[float, ...] | None:
        """A list of quantities; None where it is absent."""
        values = self.take(name)
        if values is None:
            return None
        if not isinstance(values, list):
            self.refuse(name, values, "is not a list", 'a list such as ["0 d", "5 d"]')
            return None
        key = (*self.key, name)
        numbers = [self.checked((*key, at), value, quantity, -1.0) for at, value in enumerate(values)]
        self.reading.written.update({(*key, at): as_written(value) for at, value in enumerate(values)})
        if any((*key, at) in self.reading.faulty for at in range(len(values))):
            return None
        return tuple(numbers)

    def table(self, name: str) -> Table:
        """The table of this name; empty where it is absent."""
        value = self.take(name)
        if value is not None and not isinstance(value, dict):
            self.refuse(name, value, "is not a table", f"a table [{dotted((*self.key, name))}] with keys")
        return Table(self.reading, value if isinstance(value, dict) else {}, (*self.key, name))

    def rows(self, name: str) -> list[Table]:
        """The entries of a list of tables."""
        value = self.take(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            self.refuse(name, value, "is not a list of tables", f"entries [[{name}]] with keys")
            return []
        return [Table(self.reading, row, (*self.key, name, at)) for at, row in enumerate(value)]

    def numbers(self, group: type, defaults: Any) -> dict[str, float]:
        """The declared quantities of a dataclass, by field."""
        own = quantities(group)
        return {name: self.number(name, item, getattr(defaults, name)) for name, item in own.items()}

    def group(self, parameters: Any, own: Mapping[str, Quantity] | None = None) -> Any:
        """A (nested) parameter group, with what this table changes; own: as in `fields_of`."""
        changes = {
            name: self.table(name).group(value, within) if quantity is None else self.number(name, quantity, value)
            for name, value, quantity, within in fields_of(parameters, own)
        }
        for name in [name for name in self.content if name in parameters._fields and name not in changes]:
            hint = why_fixed(".".join(str(part) for part in (*self.key[1:], name)))
            self.refuse(name, self.content.pop(name), FIXED, hint=hint)
        self.finish(changes, [item.name for item in declared(parameters, own=own)])
        return parameters._replace(**changes)

    def finish(self, known: Iterable[str], deeper: Iterable[str] = ()) -> None:
        """Refuse what is left, naming the nearest known keys, also in the tables below this one."""
        known = list(known)
        for name in list(self.content):
            elsewhere = [full for full in deeper if full.endswith(f".{name}")][:1]
            full = dotted((*self.key, *_first_leaf(name, self.content[name])))
            if instead := why_dropped(full):
                problem = f"belongs to a law that was dropped: {instead}"
                self.refuse(name, self.content.pop(name), problem, hint="remove it; see docs/model.md")
                continue
            older = nearest_current_name(full)
            near = ([older] if older else []) or elsewhere or nearest(name, known, 1) or nearest(name, deeper, 1)
            hint = f'did you mean "{near[0]}"? ' if near else ""
            hint += f"known here: {', '.join(known)}"
            self.refuse(name, self.content.pop(name), "is not a known key", hint=hint)
