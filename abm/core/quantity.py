"""One declaration of a parameter: it serves kernel, scenario check, table, slider, sweep axis and prior.

A field is declared as `Annotated[float, Quantity(...)]`, or in short, in a class under `@parameter_group`:

    awakening: float = param(0.0367, "1/h", 0.005, 0.1).fitted("what it means", "where it comes from [Chia 2025]")

Both say the same: the decorator leaves the annotation and the plain float behind, so that a group (a `NamedTuple`)
enters compiled code as it is. Only a record needs numpy, so it is imported there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    import numpy as np

Confidence = Literal["measured", "fitted", "peer", "assumed"]


@dataclass(frozen=True)
class Quantity:
    """What a number means.

    Attributes:
        meaning: one line, in the field's words.
        unit: unit in which the number is kept inside ("" for a pure number).
        low, high: allowed range, in that unit.
        source: where the number comes from; keys of the bibliography (`abm.rules.sources`) stand in square brackets.
        confidence: measured; fitted by a model; a peer simulator's choice; or assumed.
    """

    meaning: str
    unit: str
    low: float
    high: float
    source: str
    confidence: Confidence = "assumed"


class _Declaration(NamedTuple):
    """The default of a field and what it means, until `parameter_group` parts them."""

    default: float | None
    quantity: Quantity


class _Range(NamedTuple):
    """Default, unit and range of a parameter; how well it is known, what it means and its source are still to come."""

    default: float | None
    unit: str
    low: float
    high: float

    def measured(self, meaning: str, source: str) -> Any:
        """A measured number."""
        return self._declaration(meaning, source, "measured")

    def fitted(self, meaning: str, source: str) -> Any:
        """A number that was fitted with a model, this one or another."""
        return self._declaration(meaning, source, "fitted")

    def peer(self, meaning: str, source: str) -> Any:
        """The choice of another simulator."""
        return self._declaration(meaning, source, "peer")

    def assumed(self, meaning: str, source: str = "assumed") -> Any:
        """An assumption; `source` says what supports it."""
        return self._declaration(meaning, source, "assumed")

    def _declaration(self, meaning: str, source: str, confidence: Confidence) -> _Declaration:
        quantity = Quantity(meaning, self.unit, self.low, self.high, source, confidence)
        return _Declaration(self.default, quantity)


def param(default: float | None, unit: str, low: float, high: float) -> _Range:
    """Declare a parameter: `param(0.5, "ng/mL", 0.2, 20.0).fitted(meaning, source)`.

    Args:
        default: value in this unit; None where it must always be given.
        unit: "" for a pure number.
        low: least allowed value, in this unit.
        high: largest allowed value, in this unit.
    """
    return _Range(default, unit, low, high)


Group = TypeVar("Group")


def parameter_group(group: type[Group]) -> type[Group]:
    """Turn each declared default of a `NamedTuple` into an annotation and a plain float.

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


_READ: dict[type, Mapping[str, Quantity]] = {}  # groups whose declarations were read already: that takes milliseconds


def declare_rows(group: Any, rows: Sequence[Any]) -> Any:
    """Give a group of equal groups, such as one for each type of cell, its defaults and quantities.

    A number in a row may be declared where it stands, `param(...)`; else it has the quantity that its class declares
    for it, if any. What has none is no parameter, and cannot be set.

    Args:
        group: class of a named tuple, changed in place.
        rows: one for each of its fields.
    """
    own: dict[str, Quantity] = {}
    defaults = tuple(_plain(row, f"{name}.", own) for name, row in zip(group._fields, rows, strict=True))
    group.__new__.__defaults__, group._field_defaults = defaults, dict(zip(group._fields, defaults, strict=True))
    _READ[group] = own
    return group


def _plain(row: Any, prefix: str, own: dict[str, Quantity]) -> Any:
    """A row with plain numbers; what they mean is noted in `own` by dotted name."""
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
    """The quantities of a parameter group, by field; those of a group of equal groups by dotted name."""
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
        name, value: of it.
        quantity: what it means; None where it is a group, or no parameter.
        within: quantities of the group that it is, by field or dotted name; None where it is a number.
    """

    name: str
    value: Any
    quantity: Quantity | None
    within: Mapping[str, Quantity] | None


def fields_of(group: Any, own: Mapping[str, Quantity] | None = None) -> Iterator[Field]:
    """The fields of a group in order, without the numbers that are no parameters and groups of only such.

    Args:
        group: it.
        own: its quantities, where the group around it declares them.
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
                yield Field(name, value, None, within or quantities(type(value)))


def declared(parameters: Any, prefix: str = "", own: Mapping[str, Quantity] | None = None) -> Iterator[Declared]:
    """Every declared parameter of a (nested) group, in order, as `group.field`."""
    for field in fields_of(parameters, own):
        if field.quantity is not None:
            yield Declared(prefix + field.name, field.value, field.quantity)
        else:
            yield from declared(field.value, f"{prefix}{field.name}.", field.within)


def replaced(parameters: Any, name: str, value: float) -> Any:
    """The same group with the parameter of this dotted name set to `value` (as a float, so nothing recompiles).

    Raises:
        KeyError: no such parameter.
    """
    if name not in {item.name for item in declared(parameters)}:
        raise KeyError(name)
    return _put(parameters, name.split("."), float(value))


def _put(parameters: Any, path: list[str], value: float) -> Any:
    """The same group with the field at the end of this path set."""
    head, *rest = path
    return parameters._replace(**{head: _put(getattr(parameters, head), rest, value) if rest else value})


def _is_table(group: Any) -> bool:
    """Whether all fields of a group are groups of one kind, which compiled code indexes by number."""
    return len({type(value) for value in group}) == 1 and hasattr(group[0], "_asdict")


def _dtype(parameters: Any) -> np.dtype:
    """Record type of a (nested) group."""
    import numpy as np

    fields: list[tuple] = []
    for name, value in parameters._asdict().items():
        if not hasattr(value, "_asdict"):
            fields.append((name, np.float64))
        elif _is_table(value):
            fields.append((name, _dtype(value[0]), (len(value),)))
        else:
            fields.append((name, _dtype(value)))
    return np.dtype((np.record, fields))


def _as_tuple(parameters: Any) -> tuple:
    """The numbers of a (nested) group, as numpy reads them into a record; those of a table as a list."""
    return tuple(
        ([_as_tuple(row) for row in value] if _is_table(value) else _as_tuple(value))
        if hasattr(value, "_asdict")
        else float(value)
        for value in parameters
    )


def as_record(parameters: Any) -> Any:
    """The same group as one record: the compiled loops take it as a single pointer, the rules read it alike."""
    import numpy as np

    return np.array([_as_tuple(parameters)], dtype=_dtype(parameters)).view(np.recarray)[0]
