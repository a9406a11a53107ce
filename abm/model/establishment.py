"""Whether the infection established in a section of lung, or was missed by it.

A small section may receive no virus that takes, by the chance of first hits alone; a whole lung never does. Such a
section says nothing about what an infection does. It is left out where a number is asked for "where established": a
section, told by its seed, counts if the infection established in it in at least one of the arms that are compared, so
that an arm in which a drug or a vaccine stopped the virus keeps its sections.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

INFECTED = "infected_share"
ESTABLISHED = 0.01  # share of the epithelium infected at one time from which an infection has established; assumed


def is_established(peak_infected: float) -> bool:
    """Whether an infection established in a section.

    Args:
        peak_infected: largest share of its epithelial cells infected at one time, in [0, 1]; not a number: unknown.
    """
    return bool(peak_infected >= ESTABLISHED)


def established_in_any(infected: Iterable[pd.DataFrame]) -> set[int]:
    """Columns (replicates or seeds) in which the infection established in at least one of some arms.

    Args:
        infected: by arm, share of epithelial cells infected: a row a time, a column a replicate.
    """
    return {int(one) for table in infected for one in table.columns if is_established(float(table[one].max()))}
