"""Tables: an enumeration whose members are declarations, and groups of numbers with one entry for each member.

A member of an enumeration under `Declarations` is written as its declaration; its number is its place:

    class Fruit(Declarations):
        APPLE = FruitType("apple", color=(200, 30, 30))
        PEAR = FruitType("pear", color=(170, 190, 60))

`Fruit.PEAR` is 1, `Fruit.PEAR.declared.color` a color. `group_by(Fruit, ...)` makes a parameter group with the fields
`apple` and `pear`, which compiled code indexes by number.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, TypeVar

from abm.core.quantity import declare_rows

Member = TypeVar("Member", bound="Declarations")


class Declarations(IntEnum):
    """An enumeration whose members are numbered in order and know what was declared of them."""

    _value_: int
    declared: Any

    def __new__(cls, declaration: Any) -> Declarations:
        """The next member; a plain number finds one that there is."""
        number = len(cls.__members__)
        member = int.__new__(cls, number)
        member._value_, member.declared = number, declaration
        return member

    @property
    def key(self) -> str:
        """Its name in files, in small letters: `RESIDENT_MACROPHAGE` is "resident_macrophage"."""
        return self.name.lower()


def group_by(table: type[Member], name: str, module: str, rows: Mapping[Member, Any]) -> Any:
    """The class of a group with one field for each member of a table, all of the same kind.

    Args:
        table: the enumeration.
        name: of the class, as it stands in its module, so that it can be pickled.
        module: where it stands.
        rows: by member, a `NamedTuple` of the same class; numbers in it may be declared by `param(...)`.

    Raises:
        TypeError: a member has no row, or its row is of another class than that of the first.
    """
    kinds = {type(rows.get(member)) for member in table}
    if len(kinds) != 1 or type(None) in kinds:
        raise TypeError(f"{name}: needs one row of the same kind for each of {', '.join(each.name for each in table)}")
    made = namedtuple(name, [member.key for member in table], module=module)  # type: ignore[misc]
    made.__doc__ = f"One row for each of {', '.join(each.name for each in table)}."
    return declare_rows(made, [rows[member] for member in table])
