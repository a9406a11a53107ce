"""Numbers that are declared in the code and are no parameters: why one cannot be set."""

from __future__ import annotations

from abm.rules.cells import CellKind

FIXED = "is no parameter and cannot be set"
_SHARED = ("phagocytosis", "secretion")


def why_fixed(name: str) -> str:
    """Why a number or group of this dotted name, such as "cells.nk.is_lymphocyte", cannot be set."""
    group, *parts = name.split(".")
    if group == "second_virus":
        return 'there is one virus: an infection that names another, virus = "...", brings its parameters'
    kinds = {kind.key: kind for kind in CellKind}
    if group == "cells" and parts[0] in kinds and parts[1:2] and parts[1] in _SHARED:
        kind = kinds[parts[0]]
        if kind.shares_with is not kind:
            return f'set it in "cells.{kind.shares_with.key}", which holds for both types'
    return "it is declared in the code"
