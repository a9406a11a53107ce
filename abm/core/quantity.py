"""Parameters: one declaration serves kernels, scenario checks, tables, sliders, sweep axes and priors.

A field is declared as `Annotated[float, Quantity(...)]` or, in a class decorated with `@parameter_group`, as

    awakening: float = param(0.0367, "1/h", 0.005, 0.1).fitted("meaning", "source [Chia 2025]")

The two forms are equivalent: the decorator turns the second into an annotation and a plain float, so compiled code
can take a group (a `NamedTuple`) directly. Its records are made in `abm.core.record`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

Confidence = Literal["measured", "fitted", "peer", "assumed"]


@dataclass(frozen=True)
class Quantity:
    """What a number means.

    Attributes:
        meaning: one line, in the terms of the field.
        unit: internal unit ("" for a pure number).
        low, high: allowed range, in that unit.
        source: source of the number, with keys of the bibliography (`abm.rules.sources`) in square brackets.
        confidence: measured; fitted by a model; a peer simulator's choice; or assumed.
    """

    meaning: str
    unit: str
    low: float
    high: float
    source: str
    confidence: Confidence = "assumed"


class _Declaration(NamedTuple):
    """Default and quantity of a field, until `parameter_group` separates them."""

    default: float | None
    quantity: Quantity


class _Range(NamedTuple):
    """Default, unit and range of a parameter; a method adds confidence, meaning and source."""

    default: float | None
    unit: str
    low: float
    high: float

    def measured(self, meaning: str, source: str) -> Any:
        """A measured number."""
        return self._declaration(meaning, source, "measured")

    def fitted(self, meaning: str, source: str) -> Any:
        """A number fitted with this or another model."""
        return self._declaration(meaning, source, "fitted")

    def peer(self, meaning: str, source: str) -> Any:
        """A number taken from another simulator."""
        return self._declaration(meaning, source, "peer")

    def assumed(self, meaning: str, source: str = "assumed") -> Any:
        """An assumed number; `source` states what supports it."""
        return self._declaration(meaning, source, "assumed")

    def _declaration(self, meaning: str, source: str, confidence: Confidence) -> _Declaration:
        quantity = Quantity(meaning, self.unit, self.low, self.high, source, confidence)
        return _Declaration(self.default, quantity)


def param(default: float | None, unit: str, low: float, high: float) -> _Range:
    """Declare a parameter: `param(0.5, "ng/mL", 0.2, 20.0).fitted(meaning, source)`.

    Args:
        default: value in this unit; None if it must always be given.
        unit: "" for a pure number.
        low: least allowed value, in this unit.
        high: largest allowed value, in this unit.
    """
    return _Range(default, unit, low, high)


Group = TypeVar("Group")


def parameter_group(group: type[Group]) -> type[Group]:
    """Turn each default of a `NamedTuple` that `param` declared into an annotation and a plain float.

    Raises:
        TypeError: a field without a default follows one with a default.
    """
    made: Any = group
    for name, item in list(made._field_defaults.items()):
        if isinstance(item, _Declaration):
            group.__annotations__[name] = Annotated[float, item.quantity]
            made._field_defaults[name] = item.default
    defaults = {name: value for name, value in made._field_defaults.items() if value is not None}
    if tuple(defaults) != made._fields[len(made._fields) - len(defaults) :]:
        raise TypeError(f"{group.__name__}: a field without a default follows one with a default")
    made._field_defaults, made.__new__.__defaults__ = defaults, tuple(defaults.values())
    return group


_READ: dict[type, Mapping[str, Quantity]] = {}  # quantities of groups read before; reading takes milliseconds


def declare_rows(group: Any, rows: Sequence[Any]) -> Any:
    """Set defaults and quantities of a group of rows of one class, such as one row per type of cell.

    A number in a row may have its own `param(...)`. Otherwise it has the quantity that its class declares for it. A
    number without a quantity is not a parameter and cannot be set.

    Args:
        group: class of a named tuple, changed in place.
        rows: one row per field.
    """
    own: dict[str, Quantity] = {}
    defaults = tuple(_plain(row, f"{name}.", own) for name, row in zip(group._fields, rows, strict=True))
    group.__new__.__defaults__, group._field_defaults = defaults, dict(zip(group._fields, defaults, strict=True))
    _READ[group] = own
    return group


def group_of_rows(name: str, rows: Mapping[str, Any]) -> Any:
    """A group of rows whose names are known only when a scenario is read, such as its rules.

    Groups of the same names and quantities are of one class. They can be pickled.

    Args:
        name: of the class.
        rows: rows of one class by name, as `declare_rows` takes them.
    """
    own: dict[str, Quantity] = {}
    values = [_plain(row, f"{field}.", own) for field, row in rows.items()]
    return _class_of_rows(name, tuple(rows), tuple(own.items()))(*values)


@cache  # without an end: a class that was made again would no longer be that of groups made before
def _class_of_rows(name: str, fields: tuple[str, ...], own: tuple[tuple[str, Quantity], ...]) -> Any:
    base = namedtuple(name, fields)  # type: ignore[misc]

    def to_pickle(self: Any) -> Any:
        return _remade, (name, fields, own, tuple(self))

    made = type(name, (base,), {"__slots__": (), "__reduce__": to_pickle, "__doc__": f"Rows {', '.join(fields)}."})
    _READ[made] = dict(own)
    return made


def _remade(name: str, fields: tuple[str, ...], own: tuple[tuple[str, Quantity], ...], values: tuple) -> Any:
    """A group of rows out of a pickle."""
    return _class_of_rows(name, fields, own)(*values)


def _plain(row: Any, prefix: str, own: dict[str, Quantity]) -> Any:
    """The row with plain numbers; adds their quantities to `own`, by dotted name."""
    general, values = quantities(type(row)), {}
    for name, value in row._asdict().items():
        if isinstance(value, _Declaration):
            own[prefix + name], values[name] = value.quantity, value.default
        elif hasattr(value, "_asdict"):
            values[name] = _plain(value, f"{prefix}{name}.", own)
        else:
            values[name] = float(value)
            if name in general:
                own[prefix + name] = general[name]
    return row._replace(**values)


@dataclass(frozen=True)
class Declared:
    """A declared parameter with its dotted name and its value."""

    name: str
    value: float
    quantity: Quantity


def quantities(group: type) -> Mapping[str, Quantity]:
    """The quantities of a parameter group by field, or by dotted name in a group of rows."""
    if group not in _READ:
        hints = get_type_hints(group, include_extras=True)
        _READ[group] = {
            name: next(item for item in get_args(hint)[1:] if isinstance(item, Quantity))
            for name, hint in hints.items()
            if get_origin(hint) is Annotated
        }
    return _READ[group]


class Field(NamedTuple):
    """A field of a parameter group.

    Attributes:
        name: its name.
        value: its value, a number or a group.
        quantity: its quantity; None for a group.
        within: quantities of the group by dotted name, if an enclosing group declares them; else None.
    """

    name: str
    value: Any
    quantity: Quantity | None
    within: Mapping[str, Quantity] | None


def fields_of(group: Any, own: Mapping[str, Quantity] | None = None) -> Iterator[Field]:
    """The parameters and groups among the fields of a group, in order, without groups that hold no parameter.

    Args:
        group: the group.
        own: its quantities, if an enclosing group declares them.
    """
    is_told = own is not None
    own = quantities(type(group)) if own is None else own
    for name, value in group._asdict().items():
        if name in own:
            yield Field(name, value, own[name], None)
        elif hasattr(value, "_asdict"):
            start = f"{name}."
            within = {key.removeprefix(start): item for key, item in own.items() if key.startswith(start)}
            if within or not is_told:
                yield Field(name, value, None, within or None)


def declared(parameters: Any, prefix: str = "", own: Mapping[str, Quantity] | None = None) -> Iterator[Declared]:
    """Every declared parameter of a (nested) group, in order, as `group.field`."""
    for field in fields_of(parameters, own):
        if field.quantity is not None:
            yield Declared(prefix + field.name, field.value, field.quantity)
        else:
            yield from declared(field.value, f"{prefix}{field.name}.", field.within)


def replaced(parameters: Any, name: str, value: float) -> Any:
    """The same group with the parameter of this dotted name set to `value` (as a float: nothing recompiles).

    Raises:
        KeyError: no such parameter.
    """
    if name not in {item.name for item in declared(parameters)}:
        raise KeyError(name)
    return _put(parameters, name.split("."), float(value))


def _put(parameters: Any, path: list[str], value: float) -> Any:
    """The same group with the field at this path set."""
    head, *rest = path
    return parameters._replace(**{head: _put(getattr(parameters, head), rest, value) if rest else value})
