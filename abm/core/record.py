"""Parameters as records, which compiled code takes. Only they need numpy, so it is imported where they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def _is_table(group: Any) -> bool:
    """Whether all fields of a group are groups of one class, which compiled code indexes by number."""
    return len({type(value) for value in group}) == 1 and hasattr(group[0], "_asdict")


def _dtype(parameters: Any) -> np.dtype:
    """Record type of a (nested) group."""
    import numpy as np

    fields: list[tuple] = []
    for name, value in parameters._asdict().items():
        if hasattr(np.record, name):  # interpreted code would read that in place of the number
            raise TypeError(f"{type(parameters).__name__}: {name} is an attribute of every record: use another name")
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
    """The same group as one record, which compiled loops take as a single pointer and rules read by the same names.

    A group that may lack a part says by a method `completed` what stands in its place.
    """
    import numpy as np

    parameters = parameters.completed() if hasattr(parameters, "completed") else parameters
    return np.array([_as_tuple(parameters)], dtype=_dtype(parameters)).view(np.recarray)[0]
