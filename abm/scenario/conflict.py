"""Values of a scenario that do not go together."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.toml.lines import Key


@dataclass(frozen=True)
class Conflict:
    """Values that do not go together.

    Attributes:
        key: the one to blame, as in a scenario file. value: in the unit kept inside.
        others: the keys it does not go with; if one of them is faulty itself, this conflict means nothing.
    """

    key: Key
    value: str
    problem: str
    allowed: str
    others: tuple[Key, ...] = ()
    hint: str = ""
