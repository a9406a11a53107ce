"""Tables: enumerations whose members are declarations, and parameter groups with one row per member.

Members of a subclass of `Declarations` are assigned their declarations and numbered in order:

    class Fruit(Declarations):
        type: FruitType
        APPLE = FruitType("apple", color=(200, 30, 30))
        PEAR = FruitType("pear", color=(170, 190, 60))

`Fruit.PEAR == 1`, and `Fruit.PEAR.type.color` is its color. `group_by(Fruit, ...)` makes a parameter group with the
fields `apple` and `pear`, which compiled code indexes by number.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, TypeVar

from abm.core.quantity import declare_rows

Member = TypeVar("Member", bound="Declarations")


class Declarations(IntEnum):
    """An enumeration whose members are numbered in order and carry their declarations."""

    _value_: int
    type: Any

    def __new__(cls, declaration: Any) -> Declarations:
        """Make the next member."""
        number = len(cls.__members__)
        member = int.__new__(cls, number)
        member._value_, member.type = number, declaration
        return member

    @property
    def key(self) -> str:
        """Name in files, in lower case: "resident_macrophage" for `RESIDENT_MACROPHAGE`."""
        return self.name.lower()


def group_by(table: type[Member], name: str, module: str, rows: Mapping[Member, Any]) -> Any:
    """Make the class of a parameter group with one field per member of a table.

    Args:
        table: the enumeration.
        name: name of the class in its module, needed for pickling.
        module: name of that module.
        rows: the row of each member, all `NamedTuple`s of one class; their numbers may be declared by `param(...)`.

    Raises:
        TypeError: a member has no row, or the rows are of different classes.
    """
    kinds = {type(rows.get(member)) for member in table}
    if len(kinds) != 1 or type(None) in kinds:
        raise TypeError(f"{name}: needs one row of the same class for each of {', '.join(each.name for each in table)}")
    made = namedtuple(name, [member.key for member in table], module=module)  # type: ignore[misc]
    made.__doc__ = f"One row for each of {', '.join(each.name for each in table)}."
    return declare_rows(made, [rows[member] for member in table])
