"""How many substances, types of mobile cells, drugs and rules of its own a scenario may have."""

from __future__ import annotations

from enum import IntEnum

from abm.rules.cells import KINDS
from abm.rules.substances import SUBSTANCES

OWN_SUBSTANCES, OWN_CELLS, MOST_RULES = 4, 4, 24
ALL_SUBSTANCES = SUBSTANCES + OWN_SUBSTANCES  # numbers of substances: the built-in ones, then those of a scenario
ALL_KINDS = KINDS + OWN_CELLS  # numbers of types of mobile cells, likewise


class OwnDrug(IntEnum):
    """The drugs that a scenario may declare."""

    FIRST = 0
    SECOND = 1
    THIRD = 2
    FOURTH = 3
