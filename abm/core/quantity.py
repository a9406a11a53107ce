"""One declaration of a parameter: it serves kernel, scenario check, table, slider, sweep axis and prior.

A parameter group is a `NamedTuple` of floats whose fields are `Annotated[float, Quantity(...)]` with a default.
Only a record needs numpy, so it is imported there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin, get_type_hints

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
        source: where the number comes from.
        confidence: measured; fitted by a model; a peer simulator's choice; or assumed.
    """

    meaning: str
    unit: str
    low: float
    high: float
    source: str
    confidence: Confidence = "assumed"


_READ: dict[type, Mapping[str, Quantity]] = {}  # groups whose declarations were read already: that takes milliseconds


@dataclass(frozen=True)
class Declared:
    """A declared parameter with its dotted name and its value."""

    name: str
    value: float
    quantity: Quantity


def quantities(group: type) -> Mapping[str, Quantity]:
    """The quantities of a parameter group, by field name (only fields that are plain numbers)."""
    if group not in _READ:
        hints = get_type_hints(group, include_extras=True)
        _READ[group] = {
            name: next(item for item in get_args(hint)[1:] if isinstance(item, Quantity))
            for name, hint in hints.items()
            if get_origin(hint) is Annotated
        }
    return _READ[group]


def declared(parameters: Any, prefix: str = "") -> Iterator[Declared]:
    """Every declared parameter of a (nested) group, in order, as `group.field`."""
    own = quantities(type(parameters))
    for name, value in parameters._asdict().items():
        if name in own:
            yield Declared(prefix + name, value, own[name])
        elif hasattr(value, "_asdict"):
            yield from declared(value, f"{prefix}{name}.")


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


def _dtype(parameters: Any) -> np.dtype:
    """Record type of a (nested) group."""
    import numpy as np

    fields = [
        (name, _dtype(value) if hasattr(value, "_asdict") else np.float64)
        for name, value in parameters._asdict().items()
    ]
    return np.dtype((np.record, fields))


def _as_tuple(parameters: Any) -> tuple:
    return tuple(_as_tuple(value) if hasattr(value, "_asdict") else float(value) for value in parameters)


def as_record(parameters: Any) -> Any:
    """The same group as one record: the compiled loops take it as a single pointer, the rules read it alike."""
    import numpy as np

    return np.array([_as_tuple(parameters)], dtype=_dtype(parameters)).view(np.recarray)[0]
